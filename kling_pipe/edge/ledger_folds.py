"""How each event changes what the ledger's tables say: the state of a job is the fold of its events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from kling_pipe.events import (
    AnswerLost,
    ArtifactStored,
    ErrandBegun,
    ErrandDone,
    Event,
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
from kling_pipe.values.money import Cost


def _submitted(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, JobSubmitted)
    database.execute(
        "update jobs set state = 'submitted', task_id = ?, submitted = coalesce(submitted, ?) where external_id = ?",
        (event.task_id, event.at, event.external_id),
    )
    if event.outputs:
        note(database, event.external_id, outputs=json.loads(event.outputs))


def _errand_begun(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, ErrandBegun)
    note(database, event.external_id, errand=event.errand, deferred=False)


def _errand_done(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, ErrandDone)
    memo = memo_of(database, event.external_id)
    cost = Cost.from_json(memo.get("cost") or {}) + event.cost
    told = [*memo.get("told", []), json.loads(event.told)]
    note(database, event.external_id, errand="", told=told, cost=cost.to_json())


def _deferred(database: sqlite3.Connection, _run: str, event: Event) -> None:
    """Nothing was created: what was to leave, errand or create, is as if it had never begun."""
    assert isinstance(event, JobDeferred)
    if event.external_id:
        note(database, event.external_id, errand="", deferred=True)


def _intended(database: sqlite3.Connection, _run: str, event: Event) -> None:
    """The claim has written the row; a job that waited is on its way again."""
    assert isinstance(event, JobIntended)
    if memo_of(database, event.external_id).get("deferred"):
        note(database, event.external_id, deferred=False)


def memo_of(database: sqlite3.Connection, external_id: str) -> dict[str, Any]:
    row = database.execute("select memo from jobs where external_id = ?", (external_id,)).fetchone()
    memo: dict[str, Any] = json.loads(row["memo"]) if row and row["memo"] else {}
    return memo


def note(database: sqlite3.Connection, external_id: str, **values: object) -> None:
    """Writes what is to be remembered of a job besides its row."""
    before = memo_of(database, external_id)
    after = {**before, **values}
    if after != before:
        text = json.dumps(after, ensure_ascii=False)
        database.execute("update jobs set memo = ? where external_id = ?", (text, external_id))


def _progress(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, TaskProgress)
    database.execute("update jobs set status = ? where external_id = ?", (event.status, event.external_id))


def _lost(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, AnswerLost)
    database.execute("update jobs set message = ? where external_id = ?", (event.reason, event.external_id))


def _fetching(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, FetchStarted)
    database.execute(
        "update jobs set state = 'fetching', cost = ?, exact = ? where external_id = ?",
        (json.dumps(event.cost.to_json()), int(event.exact), event.external_id),
    )


def _stored(database: sqlite3.Connection, _run: str, event: Event) -> None:
    """The first file that came again takes the place of all that were on record for a take that was lost."""
    assert isinstance(event, ArtifactStored)
    database.execute("delete from artifacts where key = ? and lost = 1", (event.key,))
    facts = json.dumps(event.facts.to_json()) if event.facts else "{}"
    database.execute(
        "insert into artifacts"
        " (key, idx, digest, take, facts, external_id, task_id, created, url, url_expires, output_id)"
        " values (?, ?, ?, ?, ?, ?, coalesce((select task_id from jobs where external_id = ?), ''), ?, ?, ?, ?)"
        " on conflict (key, idx) do nothing",
        (
            event.key, event.index, event.digest, event.take, facts, event.external_id, event.external_id, event.at,
            event.url, event.url_expires, event.output_id,
        ),
    )  # fmt: skip


def _done(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, JobDone)
    database.execute(
        "update jobs set state = 'done', message = '', ended = coalesce(ended, ?), seconds = ?, cost = ?, exact = ?"
        " where external_id = ?",
        (event.at, event.seconds, json.dumps(event.cost.to_json()), int(event.exact), event.external_id),
    )


def _failed(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, JobFailed)
    # A failure that tells no cost of its own does not take back what the task has cost already.
    cost = "?" if event.cost else "coalesce(cost, ?)"
    database.execute(
        f"update jobs set state = 'failed', ended = ?, code = ?, message = ?, cost = {cost} where external_id = ?",
        (event.at, event.code, event.message, json.dumps(event.cost.to_json()), event.external_id),
    )
    if memo_of(database, event.external_id).get("errand"):
        note(database, event.external_id, errand="")  # it was answered: by that which failed the job


def _uncertain(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, JobUncertain)
    database.execute(
        "update jobs set state = 'uncertain', message = ? where external_id = ?", (event.reason, event.external_id)
    )


def _still_running(database: sqlite3.Connection, run: str, event: Event) -> None:
    assert isinstance(event, StillRunning)
    database.execute("update jobs set message = ? where external_id = ?", (event.reason, event.external_id))


def _run_ended(database: sqlite3.Connection, run: str, event: Event) -> None:
    assert isinstance(event, RunEnded)
    database.execute(
        "update runs set ended = ?, exit_code = ?, spent = ? where run = ?",
        (event.at, event.exit_code, json.dumps(event.spent.to_json()), run),
    )


folds: dict[type[Event], Callable[[sqlite3.Connection, str, Event], None]] = {
    ErrandBegun: _errand_begun,
    ErrandDone: _errand_done,
    JobDeferred: _deferred,
    JobIntended: _intended,
    JobSubmitted: _submitted,
    TaskProgress: _progress,
    AnswerLost: _lost,
    FetchStarted: _fetching,
    ArtifactStored: _stored,
    JobDone: _done,
    JobFailed: _failed,
    JobUncertain: _uncertain,
    StillRunning: _still_running,
    RunEnded: _run_ended,
}
