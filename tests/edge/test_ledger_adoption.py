"""Tasks that the provider shows and the ledger does not know: who may take them on record, and what follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kling_pipe.edge.ledger import Ledger
from kling_pipe.events import Event, FetchStarted, JobFailed, JobSubmitted, JobUncertain
from kling_pipe.values.claim import ClaimAnswer, JobRow, JobState
from kling_pipe.values.job import Job, Realm
from tests.edge.jobs_on_paper import Office, job_of

job = job_of()
name = job.external_id


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    office.alive.clear()
    return office


def row(ledger: Ledger) -> JobRow:
    (found,) = ledger.all_jobs()
    return found


def adopt(office: Office, task_id: str = "T9", job: Job | None = job) -> bool:
    return office.ledger.adopt(name, task_id, "reconciling", 50.0, job=job, explanation="because")


def test_a_task_without_a_record_is_written_down_as_of_its_own_day(office: Office) -> None:
    assert adopt(office)
    found = row(office.ledger)
    assert (found.state, found.task_id, found.submitted, found.takes, found.run) == (
        JobState.SUBMITTED, "T9", 50.0, (1,), "reconciling",
    )  # fmt: skip
    assert [event["event"] for event in office.ledger.events("reconciling")] == ["submitted"]


def test_an_adopted_task_is_resumed_by_the_next_claim_and_not_bought(office: Office) -> None:
    adopt(office)
    claim = office.ledger.claim(job, "run", office.now, intend=True)
    assert (claim.answer, claim.row and claim.row.task_id) == (ClaimAnswer.RESUME, "T9")


def test_without_a_job_only_a_record_can_be_mended(office: Office) -> None:
    assert not adopt(office, job=None)
    office.ledger.claim(job, "run", office.now, intend=True)
    assert adopt(office, job=None)
    assert row(office.ledger).task_id == "T9"


def uncertain(office: Office) -> None:
    office.record(JobUncertain(120.0, "hero", name, "nobody heard"))


def failed_unheard(office: Office) -> None:
    office.record(JobFailed(120.0, "hero", name, "account", "in arrears"))


def dropped(office: Office) -> None:
    uncertain(office)
    office.ledger.settle(name, JobState.DROPPED, 130.0, message="settled by hand")


def nothing(_office: Office) -> None:
    """The intention stays as it is."""


@pytest.mark.parametrize("became", [nothing, uncertain, failed_unheard, dropped])
def test_a_record_that_knows_no_task_is_mended(became: Callable[[Office], None], office: Office) -> None:
    office.ledger.claim(job, "run", office.now, intend=True)
    became(office)
    assert adopt(office)
    found = row(office.ledger)
    assert (found.state, found.task_id, found.code, found.message, found.ended) == (
        JobState.SUBMITTED, "T9", "", "", 0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    "events",
    [
        (JobSubmitted(110.0, "hero", name, "T1"),),
        (JobSubmitted(110.0, "hero", name, "T1"), FetchStarted(120.0, "hero", name)),
        (JobSubmitted(110.0, "hero", name, "T1"), JobFailed(120.0, "hero", name, "moderated", "no")),
    ],
    ids=["submitted", "fetching", "failed-there"],
)
def test_a_record_with_its_task_is_left_alone(events: tuple[Event, ...], office: Office) -> None:
    office.ledger.claim(job, "run", office.now, intend=True)
    office.record(*events)
    before = row(office.ledger)
    assert not adopt(office)
    assert row(office.ledger) == before


def test_a_job_in_the_hands_of_a_living_run_is_left_to_it(office: Office) -> None:
    office.alive.add("run")
    office.ledger.claim(job, "run", office.now, intend=True)
    assert office.ledger.is_held(row(office.ledger))
    assert not adopt(office)
    assert row(office.ledger).state is JobState.INTENDED


def test_every_file_of_a_realm_is_told_also_where_its_job_is_forgotten(office: Office) -> None:
    office.made(job_of("r1", takes=(1, 2)))
    assert [artifact.take for artifact in office.ledger.all_artifacts(Realm.SIMULATED)] == [1, 2]
    assert office.ledger.all_artifacts(Realm.REAL) == []
    with closing(sqlite3.connect(office.path)) as database, database:
        database.execute("delete from jobs")
    assert [artifact.take for artifact in office.ledger.all_artifacts(Realm.REAL)] == [1, 2]
