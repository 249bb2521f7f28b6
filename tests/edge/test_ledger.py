"""The ledger: what a claim is answered, what events make of it, who holds what, and that a budget is one sum."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.ledger_uploads import Account
from kling_pipe.errors import StateFailure
from kling_pipe.events import (
    ArtifactStored,
    ErrandBegun,
    ErrandDone,
    FetchStarted,
    JobDeferred,
    JobDone,
    JobFailed,
    JobIntended,
    JobSubmitted,
    JobUncertain,
    RunEnded,
    StillRunning,
    TaskProgress,
)
from kling_pipe.values.claim import Claim, ClaimAnswer, JobState
from kling_pipe.values.job import Job, Output, Realm
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cap, Caps, Cost, Scope
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed, Uploaded
from tests.edge.jobs_on_paper import Office, job_of, life, picture
from tests.patience import awaiting, join, patience


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def claim(office: Office, job: Job, run: str = "run", *, intend: bool = True, cap: Cap | None = None) -> Claim:
    return office.ledger.claim(job, run, office.now, intend=intend, caps=Caps.of(run=[cap]))


def said(found: Claim) -> tuple[str, int]:
    return str(found.answer), found.attempt


def test_a_recipe_nobody_makes_is_free_and_can_be_intended(office: Office) -> None:
    asked = [claim(office, job_of(), intend=False), claim(office, job_of())]
    assert [said(found) for found in asked] == [("free", 1), ("intended", 1)]


def test_an_intention_is_on_disk_before_the_answer(office: Office) -> None:
    claim(office, job_of())
    with sqlite3.connect(office.path) as database:
        assert database.execute("select external_id, state from jobs").fetchall() == [
            (job_of().external_id, "intended")
        ]
    database.close()


def test_what_is_made_is_made(office: Office) -> None:
    office.made(job_of(takes=(1, 2)))
    found = claim(office, job_of(takes=(2, 3)))
    assert found.answer is ClaimAnswer.MADE
    assert [(artifact.take, artifact.digest, artifact.task_id) for artifact in found.artifacts] == [(2, "d" * 64, "T1")]


def test_our_own_open_job_is_resumed(office: Office) -> None:
    claim(office, job_of())
    found = claim(office, job_of())
    assert said(found) == ("resume", 1)
    assert found.row is not None
    assert found.row.state is JobState.INTENDED


def test_a_living_runs_job_is_held_and_a_dead_ones_is_taken_over(office: Office) -> None:
    claim(office, job_of(), "other")
    office.alive.add("other")
    held = claim(office, job_of())
    office.alive.discard("other")
    assert [said(held), said(claim(office, job_of()))] == [("held", 1), ("resume", 1)]
    assert office.ledger.all_jobs()[0].run == "run"


def test_an_ended_runs_job_is_taken_over_though_its_process_lives(office: Office) -> None:
    claim(office, job_of(), "other")
    office.alive.add("other")
    office.record(RunEnded(105.0, run="other"), run="other")
    assert said(claim(office, job_of())) == ("resume", 1)


def test_a_lease_decides_where_the_kernel_cannot(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path / "ledger.db"), lambda _run: None)
    for run in ("one", "two"):
        ledger.begin_run(run, "story", Realm.SIMULATED, 100.0)
    ledger.claim(job_of(), "one", 100.0, intend=True)
    held = ledger.claim(job_of(), "two", 100.0, intend=True)
    with sqlite3.connect(ledger.path) as database:
        database.execute("update runs set lease = 1 where run = 'one'")
    database.close()
    assert [str(held.answer), said(ledger.claim(job_of(), "two", 100.0, intend=True))] == [
        "held", ("resume", 1),
    ]  # fmt: skip
    ledger.close()


def test_an_uncertain_job_waits_for_its_settlement(office: Office) -> None:
    claim(office, job_of())
    office.record(JobUncertain(110.0, "hero", job_of().external_id, "nobody knows"))
    assert said(claim(office, job_of())) == ("uncertain", 1)


def test_after_a_definite_failure_comes_the_next_attempt_under_another_id(office: Office) -> None:
    claim(office, job_of())
    office.record(JobFailed(110.0, "hero", job_of().external_id, "moderated", "no"))
    assert said(claim(office, job_of())) == ("intended", 2)
    assert len({row.external_id for row in office.ledger.all_jobs()}) == 2


def test_a_request_refused_unread_goes_again_under_the_same_id(office: Office) -> None:
    """So that every machine, and one that lost its ledger, goes on deriving the same id."""
    job = job_of()
    office.ledger.claim(job, "run", 1.0, intend=True)
    office.record(JobFailed(2.0, "hero", job.external_id, "auth", "1002: refused"))

    claim = office.ledger.claim(job, "run", 3.0, intend=True)

    assert (claim.answer, claim.attempt) == (ClaimAnswer.INTENDED, 1)
    assert [(row.external_id, row.state) for row in office.ledger.all_jobs()] == [(job.external_id, JobState.INTENDED)]


def test_a_task_given_up_by_hand_has_used_up_its_id(office: Office) -> None:
    claim(office, job_of())
    office.record(JobUncertain(110.0, "hero", job_of().external_id, "nobody knows"))
    office.ledger.settle(job_of().external_id, JobState.FAILED, 120.0)
    assert said(claim(office, job_of())) == ("intended", 2)


def test_a_create_that_an_unanswered_errand_kept_back_goes_under_the_same_id(office: Office) -> None:
    job = job_of()
    claim(office, job)
    office.record(
        ErrandBegun(105.0, "hero", job.external_id, "faces"),
        JobUncertain(110.0, "hero", job.external_id, "not heard"),
    )
    office.ledger.settle(job.external_id, JobState.DROPPED, 120.0)
    assert said(claim(office, job)) == ("intended", 1)
    (row,) = office.ledger.all_jobs()
    assert (row.state, row.errand, row.told) == (JobState.INTENDED, "", ())


def test_an_errand_that_failed_its_job_is_in_doubt_no_more(office: Office) -> None:
    job = job_of()
    claim(office, job)
    office.record(
        ErrandBegun(105.0, "hero", job.external_id, "faces"),
        JobFailed(110.0, "hero", job.external_id, "invalid", "no face"),
    )
    (row,) = office.ledger.all_jobs()
    assert (row.errand, row.may_have_cost_more) == ("", False)


def test_what_errands_cost_stays_in_the_books_when_their_job_is_given_up(office: Office) -> None:
    job, paid = job_of(), Cost(Decimal("0.02"))
    claim(office, job)
    office.record(
        ErrandBegun(105.0, "hero", job.external_id, "words"),
        ErrandDone(106.0, "hero", job.external_id, "words", "{}", paid),
        ErrandBegun(107.0, "hero", job.external_id, "faces"),
        JobUncertain(110.0, "hero", job.external_id, "not heard"),
    )
    office.ledger.settle(job.external_id, JobState.DROPPED, 120.0)
    assert said(claim(office, job)) == ("intended", 2)
    assert office.ledger.spent(Realm.SIMULATED) == paid


def test_attempts_are_counted_for_the_same_takes_only(office: Office) -> None:
    claim(office, job_of(takes=(1,)))
    office.record(JobFailed(110.0, "hero", job_of().external_id, "moderated", "no"))
    assert said(claim(office, job_of(takes=(2,)))) == ("intended", 1)


def test_an_open_job_of_some_of_the_takes_is_resumed(office: Office) -> None:
    claim(office, job_of(takes=(1, 2)))
    found = claim(office, job_of(takes=(2, 3)))
    assert found.row is not None
    assert (str(found.answer), found.row.takes) == ("resume", (1, 2))


# money


def test_reserved_and_spent_together_never_pass_the_cap(office: Office) -> None:
    cap = Cap(Decimal("1.00"), "USD")
    answers = [claim(office, job_of(recipe), cap=cap) for recipe in ("a", "b", "c")]
    assert [str(found.answer) for found in answers] == ["intended", "intended", "over-budget"]
    assert answers[2].reason == "1.50 USD would be spent or reserved, the budget is 1 USD"


def test_money_of_a_failed_job_comes_back(office: Office) -> None:
    cap = Cap(Decimal("0.50"), "USD")
    claim(office, job_of("a"), cap=cap)
    office.record(JobFailed(110.0, "hero", job_of("a").external_id, "moderated", "no"))
    assert said(claim(office, job_of("b"), cap=cap)) == ("intended", 1)


def test_what_the_provider_took_counts_instead_of_the_estimate(office: Office) -> None:
    cap = Cap(Decimal("1.00"), "USD")
    claim(office, job_of("a"), cap=cap)
    dearer = Cost(Decimal("0.60"))
    office.record(FetchStarted(110.0, "hero", job_of("a").external_id, dearer, exact=True))
    assert said(claim(office, job_of("b"), cap=cap)) == ("over-budget", 1)


def test_runs_beside_each_other_share_one_budget_and_dead_ones_do_not_count(office: Office) -> None:
    cap = Cap(Decimal("0.50"), "USD")
    office.alive.add("other")
    claim(office, job_of("a"), "other", cap=cap)
    beside = claim(office, job_of("b"), cap=cap)
    office.alive.discard("other")
    assert [said(beside), said(claim(office, job_of("b"), cap=cap))] == [("over-budget", 1), ("intended", 1)]


def test_a_cap_in_units_counts_units(office: Office) -> None:
    """Dear as it may be by the list; what has no units at all it does not hold."""
    cap = Cap(Decimal(5), "units")
    in_units = replace(job_of("a"), estimate=Cost(Decimal(90), (("image", Decimal(5)),)))
    assert said(claim(office, in_units, cap=cap)) == ("intended", 1)
    refused = claim(office, job_of("b", usd="0.01"), cap=cap)
    assert (refused.answer, refused.reason) == (
        ClaimAnswer.OVER_BUDGET, "it is billed in money, 0.01 USD, which a budget of 5 units does not hold"
    )  # fmt: skip


def test_a_failure_does_not_take_back_what_a_task_has_cost(office: Office) -> None:
    office.made(job_of())
    office.ledger.reopen(job_of().keys)
    office.record(JobFailed(200.0, "hero", job_of().external_id, "expired", "its files are gone"))
    assert str(office.ledger.spent(Realm.SIMULATED)) == "0.5 USD"


def test_an_intention_of_an_earlier_run_that_never_left_has_to_fit_into_the_budget(office: Office) -> None:
    """It is still ours to ask for, since it may be paid for; but only what the cap has room for may be sent again."""
    claim(office, job_of("a"), "other")
    none, enough = Cap(Decimal("0.10"), "USD"), Cap(Decimal("0.50"), "USD")
    poor = claim(office, job_of("a"), intend=False, cap=none)
    assert (said(poor), poor.reason) == (
        ("resume", 1), "0.5 USD would be spent or reserved, the budget is 0.1 USD",
    )  # fmt: skip
    assert said(claim(office, job_of("b", usd="0.10"), cap=none)) == ("intended", 1)  # it reserves nothing meanwhile
    assert claim(office, job_of("a"), intend=False, cap=enough).reason != ""
    rich = claim(office, job_of("a"), intend=False, cap=Cap(Decimal("0.60"), "USD"))
    assert (said(rich), rich.reason) == (("resume", 1), "")
    assert said(claim(office, job_of("c", usd="0.01"), cap=Cap(Decimal("0.60"), "USD"))) == ("over-budget", 1)


def bounded(office: Office, job: Job, run: str = "run", **caps: str) -> Claim:
    given = Caps.of(step=_cap(caps.get("step")), take=_cap(caps.get("take")))
    return office.ledger.claim(job, run, office.now, intend=True, caps=given)


def _cap(text: str | None) -> Cap | None:
    return Cap.parse(text) if text else None


def test_a_cap_of_a_step_counts_all_jobs_of_one_member_in_a_run(office: Office) -> None:
    """Each of them costs 0.50 USD: takes of one recipe, and another recipe of the same member."""
    other = replace(job_of("c"), member="other")
    found = [bounded(office, job, step="1 USD") for job in (job_of("a"), job_of("a", (2,)), job_of("b"), other)]
    assert [str(claim.answer) for claim in found] == ["intended", "intended", "over-budget", "intended"]
    assert (found[2].scope, found[2].reason) == (
        Scope.STEP, "1.50 USD would be spent or reserved, the budget of a step is 1 USD",
    )  # fmt: skip


def test_a_cap_of_a_step_holds_for_new_attempts_and_begins_anew_with_the_next_run(office: Office) -> None:
    bounded(office, job_of("a"), step="0.5 USD")
    office.record(JobFailed(110.0, "hero", job_of("a").external_id, "failed", "no", cost=Cost(Decimal("0.50"))))
    again = bounded(office, job_of("a"), step="0.5 USD")
    office.record(RunEnded(140.0, run="run"))
    office.now = 500.0
    office.begin("third")
    assert [said(again), said(bounded(office, job_of("a"), "third", step="0.5 USD"))] == [
        ("over-budget", 1), ("intended", 2),
    ]  # fmt: skip


def test_a_cap_of_a_take_counts_its_part_of_a_task_and_what_it_cost_before(office: Office) -> None:
    pair, alone = job_of("a", (1, 2), usd="0.40"), job_of("a", (2,), usd="0.30")
    found = [bounded(office, pair, take="0.19 USD"), bounded(office, pair, take="0.20 USD")]
    office.record(JobFailed(110.0, "hero", pair.external_id, "failed", "no", cost=Cost(Decimal("0.40"))))
    found += [bounded(office, alone, take="0.49 USD"), bounded(office, alone, take="0.50 USD")]
    assert [str(claim.answer) for claim in found] == ["over-budget", "intended", "over-budget", "intended"]
    assert (found[0].scope, found[0].reason) == (
        Scope.TAKE, "2 takes for 0.4 USD, and what was spent on it before; a take's budget is 0.19 USD",
    )  # fmt: skip


def test_a_task_that_an_earlier_run_sent_does_not_weigh_on_this_one(office: Office) -> None:
    """It was paid for then; what waits for it is no new spending."""
    claim(office, job_of("a"), "other")
    office.record(JobSubmitted(110.0, "hero", job_of("a").external_id, "T1"), run="other")
    office.now = 500.0
    office.begin("third")
    cap = Cap(Decimal("0.50"), "USD")
    found = [claim(office, job_of("a"), "third", cap=cap), claim(office, job_of("b"), "third", cap=cap)]
    assert [said(one) for one in found] == [("resume", 1), ("intended", 1)]


def test_what_this_very_run_has_reserved_may_leave(office: Office) -> None:
    cap = Cap(Decimal("0.50"), "USD")
    claim(office, job_of("a"), cap=cap)
    found = claim(office, job_of("a"), cap=cap)
    assert (said(found), found.reason) == (("resume", 1), "")


def test_a_task_of_an_earlier_run_is_gone_on_with_whatever_the_budget(office: Office) -> None:
    claim(office, job_of("a"), "other")
    office.record(JobSubmitted(110.0, "hero", job_of("a").external_id, "T1"), run="other")
    found = claim(office, job_of("a"), cap=Cap(Decimal(0), "USD"))
    assert (said(found), found.reason) == (("resume", 1), "")


def test_files_that_are_fetched_again_do_not_weigh_on_the_budget(office: Office) -> None:
    office.made(job_of("a"), "other")
    office.record(RunEnded(140.0, run="other"), run="other")
    office.now = 500.0
    office.begin("third")
    office.ledger.reopen(job_of("a").keys)
    cap = Cap(Decimal("0.50"), "USD")
    assert said(claim(office, job_of("a"), "third", cap=cap)) == ("resume", 1)
    office.record(*life(job_of("a")), run="third")
    assert said(claim(office, job_of("b"), "third", cap=cap)) == ("intended", 1)


# the fold of events


def row_after(office: Office, *events: object) -> tuple[object, ...]:
    claim(office, job_of())
    office.record(*events)  # type: ignore[arg-type]
    row = office.ledger.all_jobs()[0]
    return str(row.state), row.task_id, row.status, str(row.cost), row.message


def test_a_life_leaves_a_row_an_artifact_and_a_duration(office: Office) -> None:
    assert row_after(office, *life(job_of())) == ("done", "T1", "", "0.5 USD", "")
    assert office.ledger.artifacts(job_of().keys)[job_of().keys[0]].facts == picture
    assert office.ledger.durations(Realm.SIMULATED) == {("kling", "text-to-image", "kling-v3"): [20.0]}
    assert str(office.ledger.spent(Realm.SIMULATED, "story")) == "0.5 USD"
    assert str(office.ledger.spent(Realm.REAL)) == "0.00 USD"


def test_a_status_is_kept_and_is_no_event_of_the_books(office: Office) -> None:
    external = job_of().external_id
    events = (JobSubmitted(110.0, "hero", external, "T1"), TaskProgress(111.0, "hero", external, "processing"))
    assert row_after(office, *events) == ("submitted", "T1", "processing", "None", "")
    assert [event["event"] for event in office.ledger.events("run")] == ["submitted"]


def test_a_task_this_run_left_stays_open(office: Office) -> None:
    external = job_of().external_id
    events = (JobSubmitted(110.0, "hero", external, "T1"), StillRunning(111.0, "hero", external, "T1", "too long"))
    assert row_after(office, *events) == ("submitted", "T1", "", "None", "too long")


def test_a_task_that_came_of_a_failed_request_is_open_again(office: Office) -> None:
    external = job_of().external_id
    events = (JobFailed(110.0, "hero", external, "auth", "no"), JobSubmitted(111.0, "hero", external, "T1"))
    assert row_after(office, *events)[:2] == ("submitted", "T1")


def test_events_are_recorded_all_or_none(office: Office) -> None:
    claim(office, job_of())
    broken = FetchStarted(110.0, "hero", job_of().external_id, cost=None)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        office.record(JobSubmitted(109.0, "hero", job_of().external_id, "T1"), broken)
    assert office.ledger.all_jobs()[0].state is JobState.INTENDED


def test_lost_files_reopen_their_job_and_only_theirs(office: Office) -> None:
    office.made(job_of("a", (1, 2)))
    office.made(job_of("b"))
    office.ledger.reopen(job_of("a", (2,)).keys)
    assert {row.recipe: str(row.state) for row in office.ledger.all_jobs()} == {"a": "submitted", "b": "done"}
    asked = [claim(office, job_of(recipe, (take,))) for recipe, take in (("a", 1), ("a", 2), ("b", 1))]
    assert [said(found) for found in asked] == [("made", 1), ("resume", 1), ("made", 1)]


def files_of(office: Office, job: Job) -> list[tuple[int, str, str]]:
    """Place, digest and job of every file on record for a job's first key."""
    found = office.ledger.artifacts(job.keys).get(job.keys[0])
    return [(file.index, file.digest[0], file.external_id) for file in found.files] if found else []


def stored(job: Job, index: int, digest: str) -> ArtifactStored:
    return ArtifactStored(130.0, "hero", job.external_id, job.keys[0], digest * 64, 1, index, picture, "u", 9e9)


def made_of(office: Office, job: Job, *digests: str) -> None:
    """A task with several files, at their places."""
    claim(office, job)
    files = [stored(job, index, digest) for index, digest in enumerate(digests)]
    office.record(JobSubmitted(110.0, "hero", job.external_id, "T1"), *files, JobDone(131.0, "hero", job.external_id))


def test_one_lost_file_of_a_take_forgets_none_of_the_others(office: Office) -> None:
    """Else eight good files of nine were nobody's, once their task has expired."""
    job = job_of()
    made_of(office, job, "a", "b", "c")
    before = files_of(office, job)
    office.ledger.reopen(job.keys)
    assert said(claim(office, job)) == ("resume", 1)
    office.record(JobFailed(200.0, "hero", job.external_id, "expired", "its files are gone"))
    assert (files_of(office, job), said(claim(office, job, intend=False))) == (before, ("free", 2))


def test_what_is_fetched_anew_takes_the_place_of_what_was_lost(office: Office) -> None:
    """Also where the new attempt has fewer files: what is left of the old one would be lost for ever."""
    job = job_of()
    made_of(office, job, "a", "b", "c")
    office.ledger.reopen(job.keys)
    office.record(JobFailed(200.0, "hero", job.external_id, "expired", "its files are gone"))
    again = replace(job, attempt=2)
    assert said(claim(office, job)) == ("intended", 2)
    office.record(
        JobSubmitted(210.0, "hero", again.external_id, "T2"),
        stored(again, 0, "e"), stored(again, 1, "f"), JobDone(231.0, "hero", again.external_id),
    )  # fmt: skip
    new = [(0, "e", again.external_id), (1, "f", again.external_id)]
    assert (files_of(office, job), said(claim(office, job))) == (new, ("made", 1))
    office.ledger.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        Path(office.path).with_name(name).unlink(missing_ok=True)
    office.ledger = office.open()
    assert files_of(office, job) == new  # the journal tells the same


def test_takes_that_are_here_stay_as_they_are_when_their_task_is_fetched_again(office: Office) -> None:
    """Steps below were made from those very bytes."""
    job = job_of("a", (1, 2))
    office.made(job, digest="d" * 64)
    office.ledger.reopen(job_of("a", (2,)).keys)
    office.record(*life(job, "e" * 64))
    found = office.ledger.artifacts(job.keys)
    assert [found[key].digest[0] for key in job.keys] == ["d", "e"]


def test_many_keys_are_looked_up_in_one_call(office: Office) -> None:
    office.made(job_of())
    assert list(office.ledger.artifacts([*map(str, range(5000)), *job_of().keys])) == list(job_of().keys)


def test_runs_are_told_newest_first(office: Office) -> None:
    office.record(RunEnded(140.0, run="run", exit_code=1, spent=Cost(Decimal(2))))
    found = [(run.run, run.exit_code, str(run.spent)) for run in office.ledger.runs()]
    assert sorted(found) == [("other", -1, "0.00 USD"), ("run", 1, "2.00 USD")]


# beside each other


def test_readers_read_while_somebody_writes(office: Office) -> None:
    with office.ledger._transaction():
        office.ledger._database.execute("update runs set lease = 0")
        reader = office.open()
        assert reader.all_jobs() == []
        reader.close()


@pytest.mark.parametrize("round_", range(3))
def test_many_that_open_and_claim_at_once_bring_one_intention(tmp_path: Path, round_: int) -> None:
    path, starts, answers = str(tmp_path / "new" / "ledger.db"), threading.Barrier(8), []

    def compete(number: int) -> None:
        starts.wait(patience)
        ledger = Ledger(path, lambda _run: True)
        ledger.begin_run(f"run-{number}", "story", Realm.SIMULATED, 1.0)
        answers.append(str(ledger.claim(job_of(), f"run-{number}", 1.0, intend=True).answer))
        ledger.close()

    threads = [threading.Thread(target=compete, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        join(thread)
    assert sorted(answers) == ["held"] * 7 + ["intended"]


# the file


def test_every_commit_is_durable(office: Office) -> None:
    pragmas = {
        name: office.ledger._database.execute(f"pragma {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_strangers_format_is_refused_aloud(office: Office) -> None:
    with sqlite3.connect(office.path) as database:
        database.execute("pragma user_version = 99")
    database.close()
    with pytest.raises(StateFailure, match=r"ledger-format: .* has format 99, this version reads 4"):
        office.open()


@pytest.mark.parametrize("spot", ["a-file/ledger.db", "a-file/deeper/ledger.db", "a-folder"])
def test_a_place_that_cannot_hold_a_ledger_is_named(tmp_path: Path, spot: str) -> None:
    (tmp_path / "a-file").write_text("")
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(StateFailure) as raised:
        Ledger(str(tmp_path / spot), lambda _run: None)
    assert spot.partition("/")[0] in raised.value.message
    assert raised.value.hint


def test_a_simulated_run_beside_weighs_nothing_on_a_real_budget(office: Office) -> None:
    office.alive.add("other")
    office.ledger.begin_run("real", "story", Realm.REAL, office.now)
    claim(office, job_of("r1"), "other")
    real = replace(job_of("r2"), realm=Realm.REAL)
    assert said(claim(office, real, "real", cap=Cap(Decimal("0.50"), "USD"))) == ("intended", 1)


def test_a_ledger_that_cannot_be_written_is_read_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.made(job_of())
    office.ledger.close()
    monkeypatch.setattr(os, "access", lambda *_: False)

    read = Ledger(office.path, lambda _run: False, only_reads=True)

    assert list(read.artifacts(job_of().keys)) == list(job_of().keys)
    read.close()


_beginner = """
import sys
from kling_pipe.edge.ledger_uploads import Account
from kling_pipe.edge.ledger import Ledger
from kling_pipe.values.job import Realm
print("ready", flush=True)
sys.stdin.read()
ledger = Ledger(sys.argv[1], lambda run: True)
ledger.begin_run(sys.argv[2], "story", Realm.REAL, 1.0)
ledger.close()
"""


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(4))
def test_processes_that_begin_a_ledger_at_once_all_begin_it(tmp_path: Path, round_: int) -> None:
    path = str(tmp_path / "home" / "ledger.db")
    gate, start = os.pipe()  # all read its end, which comes to all at once
    beginners = [
        subprocess.Popen(
            [sys.executable, "-c", _beginner, path, f"run-{number}"],
            stdin=gate, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for number in range(4)
    ]  # fmt: skip
    os.close(gate)
    said = [_first_line(beginner) for beginner in beginners]
    os.close(start)
    said += [_rest(beginner) for beginner in beginners]

    assert [beginner.returncode for beginner in beginners] == [0] * 4, said


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    with awaiting(process, "a process that is ready"):
        return process.stdout.readline()


def _rest(process: subprocess.Popen[bytes]) -> bytes:
    with awaiting(process, "the end of a process"):
        return process.communicate()[0]


def test_a_ledger_of_the_first_format_is_brought_up_to_this_one_and_forgets_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.made(job_of())
    office.ledger.close()
    with sqlite3.connect(office.path) as database:
        database.execute("alter table jobs drop column memo")
        database.execute("alter table artifacts drop column output_id")
        database.execute("alter table artifacts drop column lost")
        database.execute("drop table uploads")
        database.execute("pragma user_version = 1")
    database.close()
    ledger = office.open()
    assert said(ledger.claim(job_of(), "run", 200.0, intend=True)) == ("made", 1)
    assert [row.told for row in ledger.all_jobs()] == [()]
    ledger.close()
    with sqlite3.connect(office.path) as database:
        assert database.execute("pragma user_version").fetchone() == (4,)
    database.close()


def errands(office: Office) -> tuple[str, tuple[object, ...], str, bool]:
    row = office.ledger.all_jobs()[0]
    return row.errand, row.told, str(row.errands_cost), row.deferred


def test_what_errands_answered_is_kept_and_the_one_that_is_out_is_named(office: Office) -> None:
    claim(office, job_of())
    id_ = job_of().external_id
    seen = [errands(office)]
    for event in (
        ErrandBegun(101.0, "hero", id_, "faces"),
        JobDeferred(102.0, "hero", id_, "too fast"),
        ErrandBegun(103.0, "hero", id_, "faces"),
        ErrandDone(104.0, "hero", id_, "faces", '{"face": "0"}', Cost(Decimal("0.01"))),
        ErrandBegun(105.0, "hero", id_, "choice"),
        ErrandDone(106.0, "hero", id_, "choice", '{"good": true}', Cost(Decimal("0.02"))),
    ):
        office.record(event)
        seen.append(errands(office))
    face, good = {"face": "0"}, {"good": True}
    assert seen == [
        ("", (), "0.00 USD", False),
        ("faces", (), "0.00 USD", False),
        ("", (), "0.00 USD", True),
        ("faces", (), "0.00 USD", False),
        ("", (face,), "0.01 USD", False),
        ("choice", (face,), "0.01 USD", False),
        ("", (face, good), "0.03 USD", False),
    ]


def test_a_job_that_waited_is_no_longer_deferred_when_it_leaves(office: Office) -> None:
    claim(office, job_of())
    id_ = job_of().external_id
    office.record(JobDeferred(102.0, "hero", id_, "no way there"))
    before = office.ledger.all_jobs()[0].deferred
    office.record(JobIntended(103.0, "hero", id_))
    assert (before, office.ledger.all_jobs()[0].deferred) == (True, False)


def test_the_files_of_a_call_that_was_answered_with_them_are_on_record(office: Office) -> None:
    claim(office, job_of())
    made = Output("https://media/1.mp3", MediaType.AUDIO, 0, "A1", 2.5)
    files = json.dumps([made.to_json()])
    office.record(JobSubmitted(101.0, "hero", job_of().external_id, "T1", outputs=files))
    assert office.ledger.all_jobs()[0].outputs == (made,)


def test_several_files_of_one_take_are_one_artifact_and_outlive_the_ledger(office: Office) -> None:
    job = job_of()
    office.ledger.claim(job, "run", office.now, intend=True)
    id_, key = job.external_id, job.keys[0]
    stored = [
        ArtifactStored(130.0, "hero", id_, key, digest * 64, 1, index, picture, "u", 9e9, f"O{index}")
        for index, digest in ((0, "a"), (1, "b"), (3, "c"))
    ]
    office.record(JobSubmitted(110.0, "hero", job.external_id, "T1"), *stored, JobDone(131.0, "hero", job.external_id))

    def told() -> list[tuple[int, str, str]]:
        found = office.ledger.artifacts(job.keys)[job.keys[0]]
        return [(file.index, file.digest[:1], file.output_id) for file in found.files]

    first = told()
    office.ledger.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        Path(office.path).with_name(name).unlink(missing_ok=True)
    office.ledger = office.open()
    assert first == told() == [(0, "a", "O0"), (1, "b", "O1"), (3, "c", "O3")]


# services' own storages


def test_what_lies_in_a_services_storage_is_known_while_it_lives_and_to_that_account_only(office: Office) -> None:
    mine = Account.of("paper", "https://paper.example/v1", Secret("key-1"))
    others = [
        Account.of("paper", "https://paper.example/v1", Secret("key-2")),
        Account.of("paper", "https://other.example/v1", Secret("key-1")),
        Account.of("card", "https://paper.example/v1", Secret("key-1")),
    ]
    office.ledger.remember_upload(mine, "d1", Uploaded(Handed(id="U1"), 100.0), 1000.0)
    assert [office.ledger.uploaded(other, "d1", 1000.0) for other in others] == [None] * 3
    assert office.ledger.uploaded(mine, "d1", 1090.0) == Handed(id="U1")
    assert office.ledger.uploaded(mine, "d1", 1180.0) == Handed(id="U1"), "each use makes it live longer"
    assert office.ledger.uploaded(mine, "d1", 1280.0) is None


def test_what_a_services_storage_does_not_know_any_more_is_forgotten(office: Office) -> None:
    account = Account.of("paper", "https://paper.example", Secret("key"))
    office.ledger.remember_upload(account, "d1", Uploaded(Handed(url="https://a.example/1"), 100.0), 1000.0)
    office.ledger.forget_upload(account, "d1")
    assert office.ledger.uploaded(account, "d1", 1000.0) is None


def test_no_credential_is_in_the_ledger(office: Office) -> None:
    account = Account.of("paper", "https://paper.example", Secret("sk-very-secret"))
    office.ledger.remember_upload(account, "d1", Uploaded(Handed(id="U1"), 100.0), 1000.0)
    office.ledger.close()
    assert b"secret" not in Path(office.path).read_bytes()


def test_a_ledger_of_the_format_before_remembers_storages_from_now_on(office: Office) -> None:
    office.made(job_of())
    office.ledger.close()
    with closing(sqlite3.connect(office.path)) as database:
        database.executescript("drop table uploads; pragma user_version = 3")
    ledger = office.open()
    account = Account.of("paper", "https://paper.example", Secret("key"))
    ledger.remember_upload(account, "d1", Uploaded(Handed(id="U1"), 100.0), 1000.0)
    assert said(ledger.claim(job_of(), "run", 200.0, intend=True)) == ("made", 1)
    assert ledger.uploaded(account, "d1", 1001.0) == Handed(id="U1")
    ledger.close()


def test_what_is_begun_or_made_on_another_road_is_not_begun_here(office: Office) -> None:
    there = job_of("there")
    here = replace(job_of("here"), elsewhere={there.recipe: there.keys})
    claim(office, there, "other")
    asked = [claim(office, here, intend=False), claim(office, here)]
    office.record(*life(there), run="other")
    asked.append(claim(office, here))
    assert [str(one.answer) for one in asked] == ["elsewhere"] * 3


def test_what_was_refused_or_known_to_be_made_on_another_road_hinders_nobody(office: Office) -> None:
    there = job_of("there")
    claim(office, there, "other")
    office.record(JobFailed(120.0, "hero", there.external_id, "product", "used up"), run="other")
    here = replace(job_of("here"), elsewhere={there.recipe: there.keys})
    assert claim(office, here).answer is ClaimAnswer.INTENDED
    office.made(job_of("made"))
    beside = replace(job_of("beside"), elsewhere={"made": ()})
    assert claim(office, beside).answer is ClaimAnswer.INTENDED
