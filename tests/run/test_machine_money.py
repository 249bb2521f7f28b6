"""How the machine never pays twice: intentions, lost answers, adoption, sharing and the budget."""

from __future__ import annotations

from kling_pipe.events import JobFailed
from kling_pipe.run.retry import first_patience
from tests.run.stage import Stage


def test_an_intention_of_an_earlier_run_is_asked_for_first() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume intended",
        "clip: asked T1",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "clip submitted T1 adopted",
        "→ look clip",
    ]


def test_an_intention_the_provider_does_not_know_goes_again_under_the_same_id() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume intended",
        "clip: absent",
        "clip: sent T1",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "→ send clip",
        "clip submitted T1",
    ]


def test_an_intention_the_budget_has_no_room_for_is_asked_for_and_not_sent_again() -> None:
    stage = Stage("clip: video", "d: video < clip")
    assert stage.play("clip: resume intended over-budget", "clip: absent") == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "clip refused (too much)",
        "d blocked by clip",
    ]
    assert (stage.machine.finished, stage.machine.over_budget) == (True, True)


def test_a_call_that_never_left_and_has_no_id_is_not_sent_over_the_budget() -> None:
    stage = Stage("clip: video", has_external_id=False)
    heard = stage.play("clip: resume intended deferred over-budget")
    assert heard[-1] == "clip refused (too much)"


def test_an_intention_the_budget_has_no_room_for_is_adopted_where_it_is_there() -> None:
    stage = Stage("clip: video")
    assert stage.play("clip: resume intended over-budget", "clip: asked T1")[-2:] == [
        "clip submitted T1 adopted",
        "→ look clip",
    ]


def test_what_waited_for_the_budget_is_intended_when_money_came_back() -> None:
    """What the ledger said before is no refusal of what it says now."""
    stage = Stage("a: video", "b: video")
    stage.play("a: free", "b: free", "a: intended", "b: over-budget", "a: refused invalid")
    assert stage.play("at 1.5", "b: intended", "b: refused throttled 1", "at 4")[-1] == "→ send b"


def test_a_step_over_its_own_budget_waits_for_its_own_jobs_only() -> None:
    """Money that other steps have reserved never comes back to it."""
    stage = Stage("a: video", "b: video x2")
    stage.play("a: free", "b/1: free", "b/2: free", "a: intended", "b/1: intended")
    assert stage.play("b/2: over-budget step") == ["b deferred (the budget is reserved by running jobs)"]
    stage.play("b/1: refused invalid", "at 2")
    assert stage.play("b/2: over-budget step") == ["b refused (too much)"]


def test_a_task_of_an_earlier_run_is_looked_at() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume submitted",
        "looked clip=running",
        "at 2",
        "looked clip=succeeded",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip submitted T-clip adopted",
        "→ look clip",
        "clip progress running",
        "→ look clip",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_job_that_covers_other_takes_too_is_resumed_and_the_rest_is_made() -> None:
    stage = Stage("hero: image x2")
    assert stage.play(
        "hero/1,2: made 1",
        "hero/2: resume submitted",
    ) == [
        "hero ready",
        "→ claim hero/1,2",
        "→ claim hero/2",
        "hero submitted T-hero/2 adopted",
        "→ look hero/2",
    ]


def test_exists_means_adopt() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused exists",
        "clip: asked T1",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "→ ask clip",
        "clip submitted T1 adopted",
        "→ look clip",
    ]


def test_an_id_that_exists_and_is_never_shown_is_uncertain() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused exists",
        "clip: absent",
        "at 1",
        "clip: absent",
        "at 2",
        "clip: absent",
        "at 4",
        "clip: absent",
        "at 9",
        "clip: absent",
        "at 20",
        "clip: absent",
        "at 60",
        "clip: absent",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "→ ask clip",
        "→ ask clip",
        "→ ask clip",
        "→ ask clip",
        "→ ask clip",
        "→ ask clip",
        "→ ask clip",
        "clip uncertain (the provider says the id exists and does not show the task)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_lost_answer_is_asked_about_and_the_same_id_goes_again() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused transient",
        "at 1",
        "clip: absent",
        "clip: sent T1",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "→ ask clip",
        "→ send clip",
        "clip submitted T1",
    ]


def test_a_lost_answer_whose_task_exists_is_adopted() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused transient",
        "at 1",
        "clip: asked T1 succeeded",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "→ ask clip",
        "clip submitted T1 adopted",
        "clip progress succeeded",
        "clip fetching 0.5 USD",
        "→ fetch clip",
    ]


def test_a_task_nobody_mentions_is_looked_at_alone_then_uncertain() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=?",
        "clip: unknown",
        "at 7",
        "clip: unknown not-found",
        "at 9",
        "clip: unknown",
        "at 20",
        "clip: unknown",
        "at 40",
        "clip: unknown",
        "at 80",
        "clip: unknown",
        "at 160",
        "clip: unknown",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip submitted T1",
        "→ look clip",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "clip uncertain (the provider no longer shows the task it accepted)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_task_that_was_made_once_and_is_gone_has_expired() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume submitted 1 made",
        "looked clip=?",
        "clip: unknown",
        "at 1",
        "clip: unknown",
        "at 5",
        "clip: unknown",
        "at 20",
        "clip: unknown",
        "at 40",
        "clip: unknown",
        "at 80",
        "clip: unknown",
        "at 160",
        "clip: unknown",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip submitted T-clip adopted",
        "→ look clip",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "→ look at clip alone",
        "clip failed expired",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_task_that_expired_is_not_bought_again_by_retries() -> None:
    """The plan said that its files are fetched without paying."""
    stage = Stage("clip: video !2")
    stage.play("clip: resume submitted 1 made", "looked clip=?", "clip: unknown")
    heard = [stage.play(f"at {moment}", "clip: unknown") for moment in (1, 5, 20, 40, 80, 160)]
    assert heard[-1] == ["→ look at clip alone", "clip failed expired"]
    assert stage.machine.finished


def test_a_broken_download_is_looked_up_anew_and_fetched_again() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: sent T1",
        "at 6",
        "looked clip=succeeded",
        "clip: trouble gone",
        "at 7",
        "clip: looked succeeded",
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
        "→ fetch clip",
        "clip stored take 1",
        "clip done 0.5 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_files_gone_for_longer_than_they_are_kept_have_expired() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume fetching",
        "looked clip=succeeded/1",
        "clip: trouble gone",
        "at 3000100.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
        "at 3000200.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
        "at 3000300.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
        "at 3000400.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
        "at 3000500.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
        "at 3000600.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
        "at 3000700.0",
        "clip: looked succeeded/1",
        "clip: trouble gone",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip submitted T-clip adopted",
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
        "clip failed expired 0.5 USD",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_a_step_that_shares_a_task_takes_what_was_made_and_makes_the_rest() -> None:
    stage = Stage('a: image "same"', 'b: image x2 "same"')
    assert stage.play(
        "a: free",
        "b/1,2: free",
        "a: intended",
        "b/1,2: resume intended as a",
        "a: sent A succeeded",
        "a: fetched",
        "b/1,2: made 1",
        "b/2: free",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b/1,2",
        "→ intend a",
        "→ intend b/1,2",
        "a intended #1",
        "→ send a",
        "b deferred (`a` makes it)",
        "a submitted A",
        "a progress submitted",
        "a fetching 0.1 USD",
        "→ fetch a",
        "a stored take 1",
        "a done 0.1 USD",
        "→ claim b/1,2",
        "→ claim b/2",
        "→ intend b/2",
    ]


def test_files_made_before_cost_nothing_when_fetched_again() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: resume submitted 1 made",
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
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_stop_sends_nothing_more_and_records_answers_under_way() -> None:
    stage = Stage("a: video", "b: video", "c: video")
    assert stage.play(
        "a: free",
        "b: free",
        "c: free",
        "a: intended",
        "a: sent A",
        "b: intended",
        "stop",
        "c: intended",
        "b: sent B",
        "at 50",
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
        "a submitted A",
        "b intended #1",
        "→ send b",
        "c intended #1",
        "b submitted B",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_an_answer_that_comes_after_the_end_is_recorded() -> None:
    stage = Stage("a: video", "b: video", "c: video")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "b: intended",
        "c: free",
        "a: refused auth",
        "b: sent B",
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
        "→ intend c",
        "a failed auth",
        "b still-running (1000: said no)",
        "c failed auth",
        "b submitted B",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_job_another_run_holds_is_waited_for() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: held",
        "at 1.5",
        "clip: held",
        "at 3",
        "clip: made",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip deferred (another run makes it)",
        "→ claim clip",
        "→ claim clip",
        "clip current",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_job_of_a_run_that_died_meanwhile_is_taken_over() -> None:
    stage = Stage("clip: video")
    assert stage.play(
        "clip: held",
        "at 1.5",
        "clip: resume intended",
        "clip: absent",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip deferred (another run makes it)",
        "→ claim clip",
        "clip answer-lost (an earlier run did not hear the answer)",
        "→ ask clip",
        "→ send clip",
    ]


def test_an_uncertain_job_is_never_sent_again_by_itself() -> None:
    stage = Stage("clip: video", "d: video < clip")
    assert stage.play(
        "clip: uncertain",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip uncertain (a job for it is uncertain since an earlier run)",
        "d blocked by clip",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_an_uncertain_job_is_told_of_in_the_words_of_the_run_that_left_it_so() -> None:
    """They say which call is in doubt, and stay on record."""
    stage = Stage("clip: video")
    stage.play()
    assert stage.play("clip: uncertain the answer was not heard") == ["clip uncertain (the answer was not heard)"]


def test_a_job_over_budget_waits_while_money_is_reserved_then_is_refused() -> None:
    stage = Stage("a: video", "b: video", "c: video < b")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "b: over-budget",
        "a: sent A",
        "at 1.5",
        "b: over-budget",
        "at 6",
        "looked a=succeeded",
        "a: fetched",
        "at 8",
        "b: over-budget",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "b deferred (the budget is reserved by running jobs)",
        "a submitted A",
        "→ intend b",
        "→ intend b",
        "→ look a",
        "a progress succeeded",
        "a fetching 0.5 USD",
        "→ fetch a",
        "a stored take 1",
        "a done 0.5 USD",
        "b refused (too much)",
        "c blocked by b",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_a_job_over_budget_starts_when_reserved_money_comes_back() -> None:
    stage = Stage("a: video", "b: video")
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "b: over-budget",
        "a: refused invalid",
        "at 1.5",
        "b: intended",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "b deferred (the budget is reserved by running jobs)",
        "a failed invalid",
        "→ intend b",
        "b intended #1",
        "→ send b",
    ]


def test_without_external_ids_a_lost_answer_is_uncertain() -> None:
    stage = Stage("clip: video", "d: video < clip", has_external_id=False)
    assert stage.play(
        "clip: free",
        "clip: intended",
        "clip: refused transient",
    ) == [
        "clip ready",
        "→ claim clip",
        "→ intend clip",
        "clip intended #1",
        "→ send clip",
        "clip answer-lost (1000: said no)",
        "clip uncertain (1000: said no)",
        "d blocked by clip",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_without_external_ids_an_intention_left_by_a_crash_is_uncertain() -> None:
    stage = Stage("clip: video", has_external_id=False)
    assert stage.play(
        "clip: resume intended",
    ) == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "clip uncertain (an earlier run did not hear the answer)",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_two_steps_with_one_recipe_share_one_task() -> None:
    stage = Stage('a: video "same"', 'b: video "same"')
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "b: resume intended as a",
        "a: sent A",
        "at 6",
        "looked a=succeeded",
        "a: fetched",
        "b: made",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "b deferred (`a` makes it)",
        "a submitted A",
        "→ look a",
        "a progress succeeded",
        "a fetching 0.5 USD",
        "→ fetch a",
        "a stored take 1",
        "a done 0.5 USD",
        "→ claim b",
        "b current",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.5 USD"


def test_two_steps_with_one_recipe_fail_together() -> None:
    stage = Stage('a: video "same"', 'b: video "same"')
    assert stage.play(
        "a: free",
        "b: free",
        "a: intended",
        "b: resume intended as a",
        "a: refused invalid",
    ) == [
        "a ready",
        "b ready",
        "→ claim a",
        "→ claim b",
        "→ intend a",
        "→ intend b",
        "a intended #1",
        "→ send a",
        "b deferred (`a` makes it)",
        "a failed invalid",
        "b failed invalid",
    ]
    assert stage.machine.finished
    assert str(stage.machine.spent) == "0.00 USD"


def test_a_job_in_doubt_is_not_called_failed_when_credentials_are_refused() -> None:
    """Called failed, its next attempt would pay again for a task that may exist."""
    stage = Stage("clip: video")
    assert stage.play("clip: resume intended", "clip: ask-refused auth") == [
        "clip ready",
        "→ claim clip",
        "clip intended #1",
        "→ ask clip",
        "clip still-running (1000: said no)",
    ]


def test_a_refusal_after_a_lost_answer_is_believed_only_when_the_id_is_unknown() -> None:
    stage = Stage("clip: video")
    lost = ("clip: free", "clip: intended", "clip: refused transient", "at 1", "clip: absent")
    assert stage.play(*lost, "clip: refused invalid", "clip: asked T1")[-3:] == [
        "→ ask clip",
        "clip submitted T1 adopted",
        "→ look clip",
    ]
    stage = Stage("clip: video")
    assert stage.play(*lost, "clip: refused invalid", "clip: absent")[-1:] == ["→ ask clip"]
    assert stage.play("at 10", "clip: absent", "at 20", "clip: absent") == [
        "→ ask clip",
        "→ ask clip",
        "clip failed invalid",
    ]


def test_a_job_without_a_claim_speaks_for_no_row_of_the_ledger() -> None:
    """Its recipe's job may be another run's, and paid."""
    stage = Stage("a: video", "b: video")
    stage.play("a: held", "b: free", "b: intended", "b: refused auth")
    failed = {event.member: event.external_id for event in stage.events if isinstance(event, JobFailed)}
    assert failed == {"a": "", "b": stage.job("b").external_id}


def test_a_service_that_says_it_is_busy_has_the_long_patience_of_one_that_answers() -> None:
    stage = Stage("clip: video")
    stage.play("clip: free", "clip: intended", "clip: refused throttled 1")
    for moment in range(10, 3 * round(first_patience), 10):
        assert "clip deferred (1000: said no)" in stage.play(f"at {moment}", "clip: refused throttled 1")
    assert not stage.machine.finished


def test_looks_for_an_id_do_not_use_up_the_patience_with_troubles() -> None:
    stage = Stage("clip: video", at=1e6)
    stage.play("clip: free", "clip: intended", "clip: refused exists", "clip: absent")
    assert stage.play("at 1000001", "clip: ask-refused transient", "at 1000003") == ["→ ask clip", "→ ask clip"]


def test_a_task_of_another_account_is_not_looked_for_in_this_one() -> None:
    """There it is unknown, and what is unknown is sent, so it would be paid for in both accounts."""
    elsewhere = "it was begun on the account of profile `other`, which this run does not use: name that profile"
    stage = Stage("clip: video")
    assert stage.play("clip: resume intended of other") == [
        "clip ready",
        "→ claim clip",
        f"clip still-running ({elsewhere})",
    ]
    assert stage.machine.finished


def test_a_job_another_run_holds_for_ever_is_left_to_it() -> None:
    stage = Stage("clip: video")
    stage.play("clip: held", "at 1", "clip: held")
    assert stage.play("at 3599", "clip: held") == ["→ claim clip"]
    assert stage.play("at 3600", "clip: held") == ["→ claim clip", "clip still-running (another run still makes it)"]
    assert stage.machine.finished


def test_what_the_ledger_said_of_a_job_before_it_ended_here_is_asked_again() -> None:
    """The answer was under way while the job ended: going on with it would send an id that has failed already."""
    stage = Stage("a: video", "b: video")
    stage.play("a: free", "b: free", "a: intended", "a: refused moderated")
    assert stage.play("b: resume intended as a") == ["→ claim b"]


def test_an_id_that_serves_again_after_a_failure_is_gone_on_with() -> None:
    """A job that never left keeps its id, so that it ended once says nothing of the job that has the id by then."""
    stage = Stage("a: video !1", "b: video")
    stage.play("b: free", "a: free", "a: intended", "a: not-handed", "a: free", "a: intended", "a: sent A")
    assert stage.play("at 3600")[-1] == "a still-running (this run waited long enough)"
    assert stage.play("b: resume submitted as a") == ["b submitted T-a adopted", "→ look b"]


def test_a_take_that_is_there_already_is_not_missing_from_a_delivery() -> None:
    stage = Stage("hero: image x3")
    stage.play("hero/1,2,3: made 3", "hero/1,2: resume submitted as hero/1,2,3")
    stage.play("looked hero/1,2,3=succeeded")
    assert stage.play("hero/1,2: fetched 2")[-1] == "hero done 0.3 USD"
