"""What the machine does about results: starting, waiting, failing and stopping."""

from __future__ import annotations

from kling_pipe.run.states import State
from tests.run.stage import Stage


def test_a_picture_and_its_clip_are_made() -> None:
    stage = Stage("hero: image", "clip: video < hero")
    assert stage.play(
        "hero: free",
        "hero: intended",
        "hero: sent T1",
        "at 2",
        "looked hero=running",
        "at 4",
        "looked hero=succeeded",
        "hero: fetched",
        "clip: free",
        "clip: intended",
        "clip: sent T2",
        "at 8",
        "looked clip=succeeded",
        "clip: fetched",
    ) == [
        "hero ready",
        "→ claim hero",
        "→ intend hero",
        "hero intended #1",
        "→ send hero",
        "hero submitted T1",
        "→ look hero",
        "hero progress running",
        "→ look hero",
        "hero progress succeeded",
        "hero fetching 0.1 USD",
        "→ fetch hero",
        "hero stored take 1",
        "hero done 0.1 USD",
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T2",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.6 USD"


def test_pictures_are_taken_together_and_clips_one_by_one() -> None:
    stage = Stage("hero: image x3", "clip: video x2")
    assert stage.play() == [
        "hero ready",
        "clip ready",
        "→ claim hero/1,2,3",
        "→ claim clip/1",
        "→ claim clip/2",
    ]


def test_more_than_nine_pictures_are_asked_for_in_parts() -> None:
    stage = Stage("hero: image x11")
    assert stage.play() == [
        "hero ready",
        "→ claim hero/1,2,3,4,5,6,7,8,9",
        "→ claim hero/10,11",
    ]


def test_takes_that_are_made_are_not_made_again() -> None:
    stage = Stage("hero: image x3")
    assert stage.play(
        "hero/1,2,3: made 2",
        "hero/1,3: free",
        "hero/1,3: intended",
    ) == [
        "hero ready",
        "→ claim hero/1,2,3",
        "→ claim hero/1,3",
        "→ intend hero/1,3",
        "hero intended #1",
        "→ send hero/1,3",
    ]


def test_a_recorded_artifact_is_taken_and_nothing_is_sent() -> None:
    stage = Stage("hero: image", "clip: video < hero")
    assert stage.play(
        "hero: made",
        "clip: made",
    ) == [
        "hero ready",
        "→ claim hero",
        "hero current",
        "clip ready",
        "→ claim clip",
        "clip current",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_task_whose_files_were_on_their_way_is_looked_at_and_fetched() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume fetching",
        "looked clip=succeeded",
        "clip: fetched",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip submitted T-clip adopted",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_asking_goes_on_while_the_provider_cannot_be_reached() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused transient",
        "at 1",
        "clip: ask-refused transient",
        "at 2",
        "clip: ask-refused throttled 9",
        "at 5",
        "at 11",
        "clip: asked T1",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "→ ask clip",
        "notice",
        "→ ask clip",
        "cooling kling 9 s",
        "→ ask clip",
        "clip submitted T1 adopted",
        "→ look clip",
    ]


def test_a_job_is_left_to_the_next_run_after_a_long_time_of_trouble() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused transient",
        "at 1",
        "clip: ask-refused transient",
        "at 1000",
        "clip: ask-refused transient",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "→ ask clip",
        "notice",
        "→ ask clip",
        "clip still-running (the provider could not be reached: 1000: said no)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_provider_that_never_answered_is_given_up_sooner_than_one_that_did() -> None:
    refused = ("clip: free", "clip: intended", "clip: refused transient", "at 1", "clip: ask-refused transient")
    silent = Stage("clip: video")
    silent.play(*refused, "at 62", "clip: ask-refused transient")
    heard = Stage("hero: image", "clip: video")
    heard.play("hero: free", "hero: intended", "hero: sent H", *refused, "at 62", "clip: ask-refused transient")

    assert (silent.machine.members["clip"].state, heard.machine.members["clip"].state) == (
        State.RUNNING,
        State.INTENDED,
    )


def test_a_throttled_create_pauses_the_whole_account_as_long_as_asked() -> None:
    stage = Stage("a: video", "b: video")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "a: refused throttled 7",
        "b: intended",
        "at 1",
        "b: sent B",
        "at 6",
        "at 7.5",
        "a: sent A",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "cooling kling 7 s",
        "a deferred (1000: said no)",
        "b intended #1",
        "→ send b",
        "b submitted B",
        "→ send a",
        "→ look b",
        "a submitted A",
    ]


def test_no_look_leaves_while_the_account_pauses() -> None:
    stage = Stage("a: video", "b: video")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "b: intended",
        "a: sent A",
        "b: refused throttled 30",
        "at 10",
        "at 29",
        "at 31",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "b intended #1",
        "→ send b",
        "a submitted A",
        "cooling kling 30 s",
        "b deferred (1000: said no)",
        "→ send b",
        "→ look a",
    ]


def test_over_quota_shrinks_that_pool_only() -> None:
    stage = Stage("a: video", "b: video", "c: image")
    assert stage.play(
        "a: free",
        "b: free",
        "c: free",
        "a: intended",
        "b: intended",
        "a: sent A",
        "b: refused over-quota",
        "c: intended",
        "c: sent C",
        "at 1",
        "at 5",
        "looked a=succeeded",
    ) == [
        "a ready",
        "b ready",
        "c ready",
        "→ claim a",
        "→ claim b",
        "→ claim c",
        "→ intend a",
        "→ intend b",
        "→ intend c",
        "a intended #1",
        "→ send a",
        "b intended #1",
        "→ send b",
        "a submitted A",
        "pool kling/video 1",
        "b deferred (1000: said no)",
        "c intended #1",
        "→ send c",
        "c submitted C",
        "→ look a c",
        "a progress succeeded",
        "a fetching 0.5 USD",
        "→ fetch a",
        "→ send b",
    ]


def test_refused_credentials_stop_everything() -> None:
    stage = Stage("a: video", "b: video", "c: image", "d: video < c")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "a: sent A",
        "b: intended",
        "b: refused auth",
    ) == [
        "a ready",
        "b ready",
        "c ready",
        "→ claim a",
        "→ claim b",
        "→ claim c",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "a submitted A",
        "b intended #1",
        "→ send b",
        "b failed auth",
        "a still-running (1000: said no)",
        "c failed auth",
        "d blocked by c",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_stopped_account_takes_nothing_new_and_fetches_what_it_has() -> None:
    stage = Stage("a: video", "b: video", "c: image")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "a: sent A",
        "b: intended",
        "b: refused account",
        "c: free",
        "at 6",
        "looked a=succeeded",
        "a: fetched",
    ) == [
        "a ready",
        "b ready",
        "c ready",
        "→ claim a",
        "→ claim b",
        "→ claim c",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "a submitted A",
        "b intended #1",
        "→ send b",
        "b failed account",
        "c failed account",
        "→ look a",
        "a progress succeeded",
        "a fetching 0.5 USD",
        "→ fetch a",
        "a stored take 1",
        "a done 0.5 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_a_used_up_pack_stops_its_product_only() -> None:
    stage = Stage("a: video", "b: video", "c: image")
    assert stage.play(
        "a: free",
        "b: free",
        "c: free",
        "a: intended",
        "a: refused product",
        "b: intended",
        "b: refused product",
        "c: intended",
        "c: sent C",
        "at 6",
        "looked c=succeeded",
        "c: fetched",
    ) == [
        "a ready",
        "b ready",
        "c ready",
        "→ claim a",
        "→ claim b",
        "→ claim c",
        "→ intend a",
        "→ intend b",
        "→ intend c",
        "a intended #1",
        "→ send a",
        "a failed product",
        "b intended #1",
        "→ send b",
        "b failed product",
        "c intended #1",
        "→ send c",
        "c submitted C",
        "→ look c",
        "c progress succeeded",
        "c fetching 0.1 USD",
        "→ fetch c",
        "c stored take 1",
        "c done 0.1 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.1 USD"


def test_queued_jobs_of_a_used_up_pack_are_not_sent() -> None:
    stage = Stage("a: video", "b: video", places={"video": 1})
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "a: refused product",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "a intended #1",
        "→ send a",
        "a failed product",
        "b failed product",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_refused_request_blocks_only_what_is_below() -> None:
    stage = Stage("a: image", "b: video < a", "c: video < b", "d: image")
    assert stage.play(
        "a: free",
        "d: free",
        "a: intended",
        "a: refused invalid",
        "d: intended",
        "d: sent D",
        "at 6",
        "looked d=succeeded",
        "d: fetched",
    ) == [
        "a ready",
        "d ready",
        "→ claim a",
        "→ claim d",
        "→ intend a",
        "→ intend d",
        "a intended #1",
        "→ send a",
        "a failed invalid",
        "b blocked by a",
        "c blocked by a",
        "d intended #1",
        "→ send d",
        "d submitted D",
        "→ look d",
        "d progress succeeded",
        "d fetching 0.1 USD",
        "→ fetch d",
        "d stored take 1",
        "d done 0.1 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.1 USD"


def test_a_moderated_task_fails_in_the_providers_words() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=?",
        "clip: failed moderated",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "→ look at clip alone",
        "clip progress failed",
        "clip failed moderated",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_retries_raise_the_attempt() -> None:
    stage = Stage("clip: video !1")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=failed",
        "clip: free",
        "clip: intended 2",
        "clip: sent T2",
        "at 12",
        "looked clip=failed",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip progress failed",
        "clip failed failed-at-provider",
        "→ claim clip",
        "→ intend clip",
        "clip intended #2",
        "→ send clip",
        "clip submitted T2",
        "→ look clip",
        "clip progress failed",
        "clip failed failed-at-provider",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_refused_request_is_not_tried_again() -> None:
    stage = Stage("clip: video !3")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused invalid",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip failed invalid",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_step_that_takes_too_long_goes_on_at_the_provider() -> None:
    stage = Stage("clip: video ~30", "d: video < clip")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=running",
        "at 30",
        "looked clip=running",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip progress running",
        "clip still-running (this run waited long enough)",
        "d blocked by clip",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_an_unmentioned_task_that_shows_up_alone_is_watched_again() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=?",
        "clip: looked running",
        "at 8",
        "looked clip=succeeded",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "→ look at clip alone",
        "clip progress running",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_short_delivery_keeps_what_came_and_fails_the_member() -> None:
    stage = Stage("hero: image x3", "clip: video < hero")
    assert stage.play(
        "hero/1,2,3: free",
        "hero/1,2,3: intended",
        "hero/1,2,3: sent T1 succeeded",
        "hero/1,2,3: fetched 2",
    ) == [
        "hero ready",
        "→ claim hero/1,2,3",
        "→ intend hero/1,2,3",
        "hero intended #1",
        "→ send hero/1,2,3",
        "hero submitted T1",
        "hero progress submitted",
        "hero fetching 0.3 USD",
        "→ fetch hero/1,2,3",
        "hero stored take 1",
        "hero stored take 2",
        "hero done 0.3 USD",
        "clip blocked by hero",
        "hero failed short-delivery",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.3 USD"


def test_success_without_files_is_asked_for_again_and_never_bought_anew() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=succeeded",
        "clip: fetched 0",
        "at 20",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "→ look at clip alone",
    ]
    assert not stage.machine.finished


def test_files_that_never_arrive_are_left_to_the_next_run() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=succeeded",
        "clip: trouble",
        "at 100",
        "clip: looked succeeded",
        "clip: trouble",
        "at 200",
        "clip: looked succeeded",
        "clip: trouble",
        "at 300",
        "clip: looked succeeded",
        "clip: trouble",
        "at 400",
        "clip: looked succeeded",
        "clip: trouble",
        "at 500",
        "clip: looked succeeded",
        "clip: trouble",
        "at 600",
        "clip: looked succeeded",
        "clip: trouble",
        "at 700",
        "clip: looked succeeded",
        "clip: trouble",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "→ look at clip alone",
        "→ fetch clip",
        "clip still-running (its files could not be fetched: the download broke)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_a_task_that_runs_again_after_it_succeeded_is_asked_about_until_its_files_come() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=succeeded",
        "clip: trouble gone",
        "at 7",
        "clip: looked running",
        "at 9",
        "looked clip=succeeded",
        "clip: fetched",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "→ look at clip alone",
        "→ look clip",
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_a_task_that_runs_for_ever_after_it_succeeded_is_left_to_the_next_run() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=succeeded",
        "clip: trouble gone",
        "at 7",
        "clip: looked running",
        "at 9",
        "looked clip=running",
        "at 3700",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
        "→ look at clip alone",
        "→ look clip",
        "clip still-running (this run waited long enough)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_throttled_questions_end_some_time() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume intended",
        "clip: ask-refused throttled 5",
        "at 5",
        "clip: ask-refused throttled 5",
        "at 1000",
        "clip: ask-refused throttled 5",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "cooling kling 5 s",
        "→ ask clip",
        "cooling kling 5 s",
        "notice",
        "→ ask clip",
        "cooling kling 5 s",
        "clip still-running (the provider could not be reached: 1000: said no)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_fail_fast_sends_nothing_more() -> None:
    stage = Stage("a: video", "b: video", "c: video", places={"video": 1}, fail_fast=True)
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "a: refused invalid",
        "c: free",
    ) == [
        "a ready",
        "b ready",
        "c ready",
        "→ claim a",
        "→ claim b",
        "→ claim c",
        "→ intend a",
        "a intended #1",
        "→ send a",
        "a failed invalid",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_the_longest_chain_starts_first() -> None:
    stage = Stage("z: video", "a: image", "b: video < a", "c: video < b", jobs=1)
    assert stage.play(
        "z: free",
        "a: free",
        "a: intended",
    ) == [
        "z ready",
        "a ready",
        "→ claim z",
        "→ claim a",
        "→ intend z",
        "a intended #1",
        "→ send a",
    ]


def test_jobs_limits_what_is_under_way_over_all_pools() -> None:
    stage = Stage("a: video", "b: image", "c: video", jobs=2)
    assert stage.play(
        "a: free",
        "b: free",
        "c: free",
        "a: intended",
        "b: intended",
        "a: sent A",
        "b: sent B",
        "at 6",
        "looked a=succeeded",
    ) == [
        "a ready",
        "b ready",
        "c ready",
        "→ claim a",
        "→ claim b",
        "→ claim c",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "b intended #1",
        "→ send b",
        "a submitted A",
        "b submitted B",
        "→ look a b",
        "a progress succeeded",
        "a fetching 0.5 USD",
        "→ fetch a",
        "→ intend c",
    ]


def test_media_that_cannot_be_handed_over_fail_the_step_and_nothing_is_sent() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: not-handed",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip failed needs-url",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_look_that_fails_is_repeated_later_and_later() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked refused transient",
        "at 7",
        "looked refused transient",
        "at 9",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "→ look clip",
        "→ look clip",
    ]


def test_a_look_refused_for_its_credentials_leaves_tasks_to_the_next_run() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked refused auth",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "clip still-running (1000: said no)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_an_account_that_others_fill_is_asked_less_and_less_often() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: refused over-quota")
    assert stage.play("at 1", "clip: refused over-quota", "at 2.9") == ["→ send clip", "clip deferred (1000: said no)"]
    assert stage.play("at 3", "clip: refused over-quota", "at 6.9") == ["→ send clip", "clip deferred (1000: said no)"]
    assert stage.play("at 7", "clip: sent T1") == ["→ send clip", "clip submitted T1"]


def test_a_task_that_goes_back_to_running_after_its_time_is_not_waited_for_without_end() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: sent T1", "at 3599", "looked clip=succeeded")
    stage.play("at 3600", "clip: trouble", "at 3601", "clip: looked running")
    assert stage.play("at 7300", "looked clip=running")[-1] == "clip still-running (this run waited long enough)"
