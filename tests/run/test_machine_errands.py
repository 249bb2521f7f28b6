"""Calls a create needs first, calls without an id of ours, and tasks that are told of by callbacks."""

from __future__ import annotations

import pytest

from kling_pipe.run.flight import most_fetches
from tests.run.stage import Stage

begun = ["clip ready", "→ claim clip", "→ intend clip", "clip intended #1", "→ send clip"]
due_faces = ["clip: due faces", "clip: absent", "clip: due faces"]
looked_for = ["→ ask clip", "→ send clip"]  # before an errand is paid for


def test_an_errand_is_on_record_before_it_leaves_and_its_answer_before_the_create_does() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free", "clip: intended", "clip: due faces", "clip: absent", "clip: due faces", "clip: told faces",
        "clip: sent T1 succeeded", "clip: fetched",
    ) == [
        *begun,
        *looked_for,
        "clip errand-begun faces",
        "→ send faces for clip",
        'clip errand-done faces {"found": "it"} 0.01 USD',
        "→ send clip with 1 told",
        "clip submitted T1",
        "clip progress submitted",
        "clip fetching 0.51 USD",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.51 USD",
    ]  # fmt: skip
    assert str(stage.machine.spent) == "0.51 USD"


def test_an_errand_whose_answer_is_lost_leaves_the_job_uncertain() -> None:
    stage = Stage("clip: video", "d: video < clip")
    assert stage.play(
        "clip: free", "clip: intended", "clip: due faces", "clip: absent", "clip: due faces",
        "clip: errand-refused faces transient",
    ) == [
        *begun,
        *looked_for,
        "clip errand-begun faces",
        "→ send faces for clip",
        "clip uncertain (the answer to `faces` was not heard (1000: said no))",
        "d blocked by clip",
    ]  # fmt: skip
    assert stage.machine.finished


def test_an_errand_that_was_refused_with_all_else_is_in_doubt_no_more() -> None:
    """Without the word that nothing came of it the next run would take it for unheard."""
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", *due_faces, "clip: told faces", "clip: due choice")
    assert stage.play("clip: errand-refused choice auth") == [
        "clip deferred (1000: said no)",
        "clip still-running (1000: said no)",
    ]


def test_an_errand_that_is_refused_after_a_crash_is_in_doubt_no_more_while_its_task_is_asked_for() -> None:
    stage = Stage("clip: video")
    stage.play("clip: resume intended", "clip: absent", "clip: due faces")
    assert stage.play("clip: errand-refused faces invalid", "clip: absent") == [
        "clip deferred (1000: said no)",
        "→ ask clip",
    ]


def test_an_errand_that_was_refused_for_haste_goes_again_after_the_pause() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", *due_faces)
    assert stage.play("clip: errand-refused faces throttled 5", "at 5", "clip: due faces") == [
        "cooling kling 5 s",
        "clip deferred (1000: said no)",
        "→ send clip",
        "clip errand-begun faces",
        "→ send faces for clip",
    ]


def test_an_errand_that_is_refused_for_good_fails_the_job_at_the_cost_so_far() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", *due_faces, "clip: told faces", "clip: due choice")
    assert stage.play("clip: errand-refused choice invalid") == ["clip failed invalid 0.01 USD"]
    assert str(stage.machine.spent) == "0.01 USD"


def test_an_errand_that_was_charged_for_and_led_nowhere_costs_what_it_did() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", *due_faces)
    assert stage.play("clip: errand-refused faces invalid charged") == ["clip failed invalid 0.01 USD"]
    assert str(stage.machine.spent) == "0.01 USD"


def test_a_task_that_fails_costs_what_its_errands_did() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", *due_faces, "clip: told faces", "clip: sent T1", "at 2")
    assert stage.play("looked clip=failed") == ["clip progress failed", "clip failed failed-at-provider 0.01 USD"]


def test_an_answer_that_comes_after_the_end_is_kept_for_the_next_run() -> None:
    stage = Stage("clip: video", "other: video")
    stage.play("clip: free", "clip: intended", "other: free", "other: intended", *due_faces)
    assert stage.play("other: refused auth", "clip: told faces") == [
        "other failed auth",
        "clip still-running (1000: said no)",
        'clip errand-done faces {"found": "it"} 0.01 USD',
    ]


def test_a_crash_between_errand_and_answer_leaves_the_job_uncertain() -> None:
    stage = Stage("clip: video")
    assert stage.play("clip: resume intended errand faces") == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "clip uncertain (an earlier run did not hear the answer to `faces`)",
    ]


def test_a_crash_after_the_answer_pays_for_no_errand_again() -> None:
    stage = Stage("clip: video")
    assert stage.play("clip: resume intended told", "clip: absent", "clip: sent T1 succeeded", "clip: fetched") == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "→ send clip with 1 told",
        "clip submitted T1",
        "clip progress submitted",
        "clip fetching 0.51 USD",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.51 USD",
    ]


def test_a_call_without_an_id_that_surely_did_not_leave_goes_again() -> None:
    stage = Stage("clip: video", has_external_id=False)
    assert stage.play("clip: free", "clip: intended", "clip: unsent", "at 1", "clip: sent T1 succeeded") == [
        *begun,
        "clip deferred (1000: said no)",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "clip progress submitted",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_call_without_an_id_that_never_leaves_fails_and_costs_nothing() -> None:
    stage = Stage("clip: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "clip: unsent", "at 1")
    assert stage.play("at 70", "clip: unsent") == ["clip deferred (1000: said no)", "clip failed unreachable"]
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_call_that_waited_when_its_run_died_is_sent_by_the_next() -> None:
    stage = Stage("clip: video", has_external_id=False)
    assert stage.play("clip: resume intended deferred") == [
        "clip ready",
        "→ claim clip",
        "clip deferred (it was not sent yet)",
        "clip intended #1",
        "→ send clip",
    ]


def test_a_call_that_waits_for_a_place_is_on_record_as_not_sent() -> None:
    stage = Stage("clip: video", "other: video", has_external_id=False, places={"video": 1})
    stage.play("other: free", "other: intended")
    assert stage.play("clip: resume intended deferred", "stop") == ["clip deferred (it was not sent yet)"]


def test_a_call_that_a_stop_kept_back_is_on_record_as_not_sent() -> None:
    stage = Stage("clip: video", has_external_id=False)
    stage.play("clip: free")
    assert stage.play("stop", "clip: intended") == [
        "clip intended #1",
        "clip deferred (the run was stopped before it left)",
    ]


def test_a_call_that_was_refused_after_the_end_of_its_job_is_on_record_as_not_sent() -> None:
    stage = Stage("clip: video", "other: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "other: free", "other: intended")
    assert stage.play("other: refused auth", "clip: refused auth") == [
        "other failed auth",
        "clip still-running (1000: said no)",
        "clip deferred (1000: said no)",
    ]


def test_a_call_whose_answer_was_lost_after_the_end_of_its_job_stays_in_doubt() -> None:
    stage = Stage("clip: video", "other: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "other: free", "other: intended")
    assert stage.play("other: refused auth", "clip: refused transient") == [
        "other failed auth",
        "clip still-running (1000: said no)",
    ]


resumed = ["clip ready", "→ claim clip", "clip intended #1", "→ ask clip"]


def test_a_call_whose_answer_is_kept_here_is_asked_for_here() -> None:
    stage = Stage("clip: video", has_external_id=False, recalls=True)
    assert stage.play("clip: resume intended", "clip: sent T1 succeeded") == [
        *resumed,
        "clip submitted T1",
        "clip progress submitted",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_call_that_left_by_another_transport_is_kept_nowhere() -> None:
    stage = Stage("clip: video", has_external_id=False, recalls=True)
    assert stage.play("clip: resume intended by http")[-1] == "clip uncertain (an earlier run did not hear the answer)"


def test_a_call_that_was_never_begun_is_sent_though_its_intention_is_old() -> None:
    stage = Stage("clip: video", has_external_id=False, recalls=True)
    assert stage.play("clip: resume intended", "clip: absent") == [*resumed, "→ send clip"]


def test_a_call_that_goes_on_is_left_to_the_next_run() -> None:
    stage = Stage("clip: video", has_external_id=False, recalls=True)
    assert stage.play("clip: free", "clip: intended", "clip: late") == [
        *begun,
        "clip answer-lost (timeout: it goes on)",
        "clip still-running (it goes on)",
    ]


def test_a_call_whose_kept_answer_says_nothing_is_uncertain() -> None:
    stage = Stage("clip: video", has_external_id=False, recalls=True)
    assert stage.play("clip: resume intended", "clip: refused transient") == [
        *resumed,
        "clip answer-lost (1000: said no)",
        "clip uncertain (1000: said no)",
    ]


def test_a_call_whose_answer_nobody_keeps_is_uncertain_when_it_is_late() -> None:
    stage = Stage("clip: video", has_external_id=False)
    assert stage.play("clip: free", "clip: intended", "clip: late")[-1] == "clip uncertain (timeout: it goes on)"


def test_a_call_without_an_id_is_on_record_as_not_sent_while_its_media_are_uploaded() -> None:
    stage = Stage("clip: video", has_external_id=False)
    stage.play("clip: free")
    assert stage.play("clip: intended", "clip: puts", "clip: put", "clip: sent T1 succeeded") == [
        "clip intended #1",
        "→ send clip",
        "clip deferred (its media are put where the service finds them)",
        "→ hand over for clip",
        "clip intended #1",
        "→ send clip handed over",
        "clip submitted T1",
        "clip progress submitted",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_stop_while_media_are_uploaded_leaves_no_doubt() -> None:
    stage = Stage("clip: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "clip: puts")
    assert stage.play("stop", "clip: put") == []
    assert stage.machine.finished


def test_a_job_that_ended_before_its_media_were_uploaded_is_on_record_as_not_sent() -> None:
    stage = Stage("clip: video", "other: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "other: free", "other: intended")
    assert stage.play("other: refused auth", "clip: puts") == [
        "other failed auth",
        "clip still-running (1000: said no)",
        "clip deferred (unsendable: its media were not handed over yet)",
    ]


def test_no_errand_is_paid_for_while_the_task_is_there() -> None:
    """A machine that lost its ledger, or another one, made it."""
    stage = Stage("clip: video")
    assert stage.play("clip: free", "clip: intended", "clip: due faces", "clip: asked T1 succeeded") == [
        *begun,
        "→ ask clip",
        "clip submitted T1 adopted",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_the_files_of_a_call_that_was_answered_with_them_are_fetched_after_a_crash() -> None:
    stage = Stage("clip: video", has_external_id=False)
    assert stage.play("clip: resume submitted with-files", "clip: fetched") == [
        "clip ready",
        "→ claim clip",
        "clip submitted T-clip adopted",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]


def test_a_broken_download_of_a_call_that_no_query_tells_of_is_fetched_again() -> None:
    stage = Stage("clip: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "clip: sent T1 succeeded")
    assert stage.play("clip: trouble", "at 1", "clip: unknown not-found", "clip: fetched") == [
        "→ look at clip alone",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]


@pytest.mark.parametrize(("came", "said"), [("trouble gone", "the download broke"), ("short 1", "a file is gone")])
def test_a_file_of_a_call_that_is_gone_for_good_leaves_it_uncertain(came: str, said: str) -> None:
    """It was paid for; whether to pay again is the user's word, also where some of its files came."""
    stage = Stage("clip: video", has_external_id=False)
    stage.play("clip: free", "clip: intended", "clip: sent T1 succeeded")
    for tries in range(1, most_fetches):
        stage.play(f"clip: {came}", f"at {30 * tries}", "clip: unknown not-found")
    assert stage.play(f"clip: {came}") == [
        f"clip uncertain (a file of it is gone, and no query tells where it is: {said})"
    ]


def test_one_endpoint_that_is_not_permitted_stops_no_other() -> None:
    stage = Stage("clip: video", "again: video", "hero: image", places={"video": 1})
    stage.play("clip: free", "again: free", "hero: free", "clip: intended", "hero: intended")
    assert stage.play("clip: refused forbidden", "hero: sent T2 succeeded") == [
        "clip failed forbidden",
        "again failed forbidden",
        "hero submitted T2",
        "hero progress submitted",
        "hero fetching 0.1 USD",
        "→ fetch hero",
    ]


def test_a_signed_callback_is_taken_at_its_word_and_repeats_change_nothing() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: sent T1")
    assert stage.play("clip: called-back succeeded signed", "clip: called-back running signed",
                      "clip: called-back succeeded signed", "clip: fetched",
                      "clip: called-back failed signed") == [
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]  # fmt: skip


def test_a_callback_nobody_signed_is_a_hint_to_look() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: sent T1")
    assert stage.play("clip: called-back succeeded", "clip: called-back succeeded", "clip: looked succeeded") == [
        "→ look at clip alone",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_job_whose_errands_were_paid_for_keeps_them_for_the_next_run_where_it_is_not_at_fault() -> None:
    for last in ("clip: refused product", "clip: refused account", "clip: refused forbidden", "clip: not-handed"):
        stage = Stage("clip: video")
        stage.play("clip: free", "clip: intended", "clip: due faces", "clip: told faces")
        assert stage.play(last)[0].startswith("clip still-running ("), last
        assert str(stage.machine.spent) == "0.01 USD"


def test_media_that_cannot_be_handed_over_while_there_is_doubt_end_nothing() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: refused transient", "at 1", "clip: absent")
    assert stage.play("clip: not-handed") == ["clip still-running (needs-url: has no URL)"]


def test_what_errands_cost_is_in_the_books_of_a_task_that_is_picked_up_again() -> None:
    stage = Stage("clip: video")
    assert (
        stage.play("clip: resume submitted told", "looked clip=succeeded", "clip: fetched")[-1] == "clip done 0.51 USD"
    )
    assert str(stage.machine.spent) == "0.5 USD"  # the errand was the earlier run's


def test_a_task_that_is_told_of_twice_is_fetched_once() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: sent T1", "clip: called-back succeeded")
    assert stage.play("clip: called-back succeeded signed", "clip: looked succeeded") == [
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_files_that_came_are_kept_where_one_of_them_is_gone() -> None:
    stage = Stage("hero: image x3")
    stage.play("hero/1,2,3: free", "hero/1,2,3: intended", "hero/1,2,3: sent T1 succeeded")
    for _ in range(7):
        stage.play("hero/1,2,3: trouble gone", f"at {stage.now + 60:g}", "hero/1,2,3: looked succeeded")
    heard = stage.play("hero/1,2,3: short 1 3")
    assert [line for line in heard if "notice" not in line] == [
        "hero stored take 1",
        "hero stored take 3",
        "hero done 0.3 USD",
        "hero failed short-delivery",
    ]


def test_a_task_that_names_no_file_is_uncertain_in_the_end() -> None:
    stage = Stage("hero: image")
    stage.play("hero: free", "hero: intended", "hero: sent T1 succeeded")
    for _ in range(7):
        stage.play("hero: fetched 0", f"at {stage.now + 60:g}", "hero: looked succeeded")
    assert stage.play("hero: fetched 0") == ["hero uncertain (the task succeeded and names no file)"]
