"""The ledger: an SQLite file (WAL, synchronous=FULL) that remembers every intention, task, artifact and amount.

1. An *intended* row is committed before a create request leaves; its external id is the claim on the recipe.
2. The state is the fold of events: `record` appends each event and applies it in the same transaction.
3. One flight: a recipe's takes have at most one job that is not at its end; it belongs to a run, and a dead run's
   jobs are taken over by whoever asks next.
4. Reserved and spent together never pass a cap, because both are summed inside the transaction that intends.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from kling_pipe.edge import journal
from kling_pipe.edge.store import translated_disk_errors
from kling_pipe.errors import StateFailure
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
from kling_pipe.values.claim import Claim, ClaimAnswer, JobRow, JobState, open_states
from kling_pipe.values.job import Artifact, Job, Output, Realm
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cap, Cost

ledger_format = 2
lease_seconds = 30.0

_insert_job = (
    "insert or replace into jobs (external_id, recipe, takes, attempt, state, realm, provider, profile, storyboard,"
    " member, kind, model, product, standard, endpoint, run, estimate, intended, explanation)"
    " values (?, ?, ?, ?, 'intended', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_living_runs = "select run from runs where storyboard = ? and ended is null"

# A job that had ended before this run began was paid for then; only its files are fetched again.
_charged_jobs = (
    "select state, estimate, cost, count(*) as jobs from jobs where run = ?"
    " and (ended is null or ended >= (select started from runs where run = ?))"
    " group by state, estimate, cost"  # prices repeat, so a sum over thousands of jobs is a sum over a few rows
)

_tables = """
create table if not exists facts (name text primary key, value text not null) without rowid;
create table if not exists runs (
  run text primary key, storyboard text not null, realm text not null, started real not null, lease real not null,
  ended real, exit_code integer, spent text
) without rowid;
create table if not exists jobs (
  external_id text primary key, recipe text not null, takes text not null, attempt integer not null,
  state text not null, realm text not null, provider text not null, profile text not null, storyboard text not null,
  member text not null, kind text not null, model text not null, product text not null, standard text not null,
  endpoint text not null, task_id text not null default '', status text not null default '',
  run text not null, estimate text not null, cost text, exact integer not null default 0,
  intended real not null, submitted real, ended real, seconds real, code text not null default '',
  message text not null default '', explanation text not null default '', memo text not null default ''
) without rowid;
create index if not exists jobs_by_recipe on jobs (recipe);
create index if not exists jobs_by_run on jobs (run);
create index if not exists jobs_open on jobs (state) where state not in ('done', 'failed', 'dropped');
create table if not exists artifacts (
  key text not null, idx integer not null, digest text not null, take integer not null, facts text not null,
  external_id text not null, task_id text not null, created real not null, url text not null, url_expires real not null,
  output_id text not null default '', primary key (key, idx)
) without rowid;
create table if not exists events (
  number integer primary key, run text not null, at real not null, member text not null, name text not null,
  body text not null
);
"""


# What each format adds to the one before it.
_upgrades = {
    1: (
        "alter table jobs add column memo text not null default ''",
        "alter table artifacts add column output_id text not null default ''",
    ),
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the ledger remembers it; `ended` is 0 while it lives or when it was killed."""

    run: str
    storyboard: str
    realm: str
    started: float
    ended: float
    exit_code: int
    spent: Cost


class Ledger:
    """One open ledger file. Used from one thread at a time; `alive` tells whether a run's process lives."""

    def __init__(self, path: str, alive: Callable[[str], bool | None], *, only_reads: bool = False) -> None:
        """`only_reads` makes no file where there is none, and reads one that cannot be written."""
        self.path = path
        self._alive = alive
        self._journal = os.path.join(os.path.dirname(path), journal.journal_name)
        self._database = _open_for_reading(path) if only_reads else _open(path)
        try:
            self._begin()
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        self._database.close()

    def _begin(self) -> None:
        """A ledger made anew learns from the journal what was made before: with its tables in one transaction, so that
        none is ever taken for whole that was not told."""
        with _translated(self.path):
            if _format_of(self._database) == ledger_format:
                return
        with self._transaction(), translated_disk_errors(self._journal):
            if written := _format_of(self._database):
                self._upgrade(written)  # another process may have been faster
                return
            for statement in _tables.split(";"):
                self._database.execute(statement)
            self._database.execute(f"pragma user_version = {ledger_format}")
            for artifact in journal.read(self._journal):
                self._database.execute(
                    "insert or ignore into artifacts values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        artifact.key, artifact.index, artifact.digest, artifact.take,
                        json.dumps(artifact.facts.to_json()), artifact.external_id, artifact.task_id,
                        artifact.created, artifact.url, artifact.url_expires, artifact.output_id,
                    ),
                )  # fmt: skip

    def _upgrade(self, written: int) -> None:
        for version in range(written, ledger_format):
            for statement in _upgrades[version]:
                self._database.execute(statement)
        self._database.execute(f"pragma user_version = {ledger_format}")

    # reading

    def artifacts(self, keys: Sequence[str]) -> dict[str, Artifact]:
        """What is recorded for these keys: the first file of each, with the others of its take."""
        found: dict[str, Artifact] = {}
        with _translated(self.path):
            for part in _parts(keys):
                marks = ",".join("?" * len(part))
                query = f"select * from artifacts where key in ({marks}) order by key, idx"
                for row in self._database.execute(query, part):
                    artifact, first = _artifact(row), found.get(row["key"])
                    found[row["key"]] = artifact if first is None else replace(first, others=(*first.others, artifact))
        return found

    def jobs(self, recipes: Sequence[str]) -> dict[str, list[JobRow]]:
        """All jobs of these recipes, oldest attempt first."""
        found: dict[str, list[JobRow]] = {}
        with _translated(self.path):
            for part in _parts(recipes):
                marks = ",".join("?" * len(part))
                query = f"select * from jobs where recipe in ({marks}) order by intended, attempt"
                for row in self._database.execute(query, part):
                    found.setdefault(row["recipe"], []).append(_job_row(row))
        return found

    def all_jobs(self, realm: Realm | None = None) -> list[JobRow]:
        """Every job, oldest first."""
        with _translated(self.path):
            rows = self._database.execute("select * from jobs order by intended")
            return [_job_row(row) for row in rows if realm is None or row["realm"] == realm]

    def all_artifacts(self, realm: Realm) -> list[Artifact]:
        """Every file on record whose job is of the realm, or is on record no more; oldest first."""
        query = (
            "select artifacts.* from artifacts left join jobs using (external_id)"
            " where jobs.realm = ? or jobs.realm is null order by artifacts.created, key, idx"
        )
        with _translated(self.path):
            return [_artifact(row) for row in self._database.execute(query, (str(realm),))]

    def is_held(self, row: JobRow) -> bool:
        """Whether a living run has a job in its hands."""
        with _translated(self.path):
            return self._is_held(row.run)

    def explanations(self, storyboard: str, realm: Realm) -> dict[str, str]:
        """For each member of a storyboard that was made, the explanation of the recipe it was made by last."""
        query = (
            "select member, explanation from jobs where storyboard = ? and realm = ? and state = 'done'"
            " order by intended"
        )
        with _translated(self.path):
            rows = self._database.execute(query, (storyboard, str(realm)))
            return {row["member"]: row["explanation"] for row in rows}

    def durations(self, realm: Realm) -> dict[tuple[str, str], list[float]]:
        """Seconds from submission to the end of the latest finished tasks, by kind and model."""
        query = (
            "select kind, model, seconds from jobs where realm = ? and state = 'done' and seconds > 0"
            " order by ended desc limit 2000"
        )
        found: dict[tuple[str, str], list[float]] = {}
        with _translated(self.path):
            for row in self._database.execute(query, (str(realm),)):
                found.setdefault((row["kind"], row["model"]), []).append(row["seconds"])
        return found

    def runs(self, limit: int = 5) -> list[RunRow]:
        """The latest runs, newest first."""
        with _translated(self.path):
            rows = self._database.execute("select * from runs order by started desc limit ?", (limit,))
            return [
                RunRow(
                    row["run"],
                    row["storyboard"],
                    row["realm"],
                    row["started"],
                    row["ended"] or 0.0,
                    row["exit_code"] if row["exit_code"] is not None else -1,
                    _cost(row["spent"]),
                )
                for row in rows
            ]

    def spent(self, realm: Realm, storyboard: str = "") -> Cost:
        """What all ended jobs cost, by the provider's own figures where it gave them."""
        query = "select cost, estimate, state from jobs where realm = ? and (? = '' or storyboard = ?)"
        with _translated(self.path):
            rows = self._database.execute(query, (str(realm), storyboard, storyboard)).fetchall()
        return Cost.total(_cost(row["cost"]) for row in rows if row["cost"])

    def events(self, run: str) -> list[dict[str, object]]:
        """A run's events in order, as JSON."""
        with _translated(self.path):
            rows = self._database.execute("select body from events where run = ? order by number", (run,))
            return [json.loads(row["body"]) for row in rows]

    # claiming

    def claim(self, job: Job, run: str, now: float, *, intend: bool, cap: Cap | None, explanation: str = "") -> Claim:
        """Asks for a job's takes in one transaction; with `intend` a free recipe is intended at once."""
        with self._transaction():
            made = self.artifacts(job.keys)
            if made:
                return Claim(ClaimAnswer.MADE, artifacts=tuple(made.values()))
            rows = self.jobs([job.recipe]).get(job.recipe, [])
            for row in rows:
                if row.state in open_states and set(row.takes) & set(job.takes):
                    return self._claim_open(row, run)
            used = [row.attempt for row in rows if row.takes == job.takes and row.is_used_up]
            attempt = 1 + max(used, default=0)
            if not intend:
                return Claim(ClaimAnswer.FREE, attempt=attempt)
            over = self._passes_cap(job, run, now, cap)
            if over:
                return Claim(ClaimAnswer.OVER_BUDGET, reason=over)
            self._intend(replace(job, attempt=attempt), run, now, explanation)
            return Claim(ClaimAnswer.INTENDED, attempt=attempt)

    def reopen(self, keys: Sequence[str]) -> None:
        """Takes back what is recorded for keys whose stored files are gone, so that their tasks are fetched again."""
        with self._transaction():
            for key, artifact in self.artifacts(keys).items():
                self._database.execute("delete from artifacts where key = ?", (key,))
                self._database.execute(
                    "update jobs set state = 'submitted' where external_id = ? and state = 'done'",
                    (artifact.external_id,),
                )

    def settle(self, external_id: str, state: JobState, now: float, *, task_id: str = "", message: str = "") -> None:
        """Ends the uncertainty of a job by the user's word: SUBMITTED adopts `task_id`, FAILED and DROPPED give the
        task up, so that the next run may make a new attempt; what its errands cost stays."""
        with self._transaction():
            spent = Cost.from_json(_memo(self._database, external_id).get("cost") or {})
            if spent and state is not JobState.SUBMITTED:
                self._database.execute(
                    "update jobs set cost = coalesce(cost, ?) where external_id = ? and state = 'uncertain'",
                    (json.dumps(spent.to_json()), external_id),
                )
            self._database.execute(
                "update jobs set state = ?, message = ?, task_id = iif(? = '', task_id, ?),"
                " ended = iif(? = 'submitted', null, ?), code = iif(? = 'submitted', '', 'settled')"
                " where external_id = ? and state = 'uncertain'",
                (state, message, task_id, task_id, state, now, state, external_id),
            )

    def adopt(
        self, external_id: str, task_id: str, run: str, at: float, *, job: Job | None = None, explanation: str = ""
    ) -> bool:
        """Takes a task on record that the provider shows and nobody here waits for, because its record is lost or says
        that nobody knows; `job` is written where there is no record, `at` is when the task was made. False when a
        living run has it in its hands, or it is on record as submitted already."""
        with self._transaction():
            row = self._database.execute("select * from jobs where external_id = ?", (external_id,)).fetchone()
            if row is None and job is None:
                return False
            if row is not None and (not _job_row(row).may_be_adopted or self._is_held(row["run"])):
                return False
            if row is None and job is not None:
                self._intend(job, run, at, explanation)
            self._database.execute(
                "update jobs set run = ?, code = '', message = '', ended = null where external_id = ?",
                (run, external_id),
            )
            member = job.member if job is not None else row["member"]
            self._apply(run, JobSubmitted(at, member, external_id, task_id, adopted=True))
            return True

    def _claim_open(self, row: JobRow, run: str) -> Claim:
        if row.state is JobState.UNCERTAIN:
            return Claim(ClaimAnswer.UNCERTAIN, row=row, attempt=row.attempt)
        if row.run != run and self._is_held(row.run):
            return Claim(ClaimAnswer.HELD, row=row, attempt=row.attempt)
        self._database.execute("update jobs set run = ? where external_id = ?", (run, row.external_id))
        return Claim(ClaimAnswer.RESUME, row=row, attempt=row.attempt)

    def _is_held(self, run: str) -> bool:
        row = self._database.execute("select lease, ended from runs where run = ?", (run,)).fetchone()
        if row is None or row["ended"] is not None:
            return False
        alive = self._alive(run)
        return alive if alive is not None else row["lease"] > _wall_clock()

    def _passes_cap(self, job: Job, run: str, now: float, cap: Cap | None) -> str:
        if cap is None:
            return ""
        committed = self._committed(run, job.storyboard, job.realm) + job.estimate
        if cap.allows(committed):
            return ""
        return f"{committed} would be spent or reserved, the budget is {cap}"

    def _committed(self, run: str, storyboard: str, realm: Realm) -> Cost:
        """Reserved and spent by this run and by runs of the same storyboard and realm that live beside it."""
        beside = [
            row["run"]
            for row in self._database.execute(
                "select run from runs where storyboard = ? and realm = ? and ended is null", (storyboard, str(realm))
            )
            if row["run"] != run and self._is_held(row["run"])
        ]
        total = Cost()
        for owner in (run, *beside):
            for row in self._database.execute(_charged_jobs, (owner, owner)):
                total = total + _charge(row) * row["jobs"]
        return total

    def _intend(self, job: Job, run: str, now: float, explanation: str) -> None:
        self._database.execute(
            _insert_job,
            (
                job.external_id, job.recipe, json.dumps(job.takes), job.attempt, str(job.realm), job.provider,
                job.profile, job.storyboard, job.member, job.kind, job.model, job.product, job.route.standard,
                job.route.endpoint, run, json.dumps(job.estimate.to_json()), now, explanation,
            ),
        )  # fmt: skip

    # recording

    def begin_run(self, run: str, storyboard: str, realm: Realm, now: float) -> None:
        with self._transaction():
            self._database.execute(
                "insert into runs (run, storyboard, realm, started, lease) values (?, ?, ?, ?, ?)",
                (run, storyboard, str(realm), now, _wall_clock() + lease_seconds),
            )

    def renew(self, run: str) -> None:
        """Says that the run's process still lives, where the kernel cannot."""
        with self._transaction():
            self._database.execute("update runs set lease = ? where run = ?", (_wall_clock() + lease_seconds, run))

    def record(self, run: str, events: Sequence[Event]) -> None:
        """Appends events and applies them, all or none; raises StateFailure when the disk refuses."""
        stored = [event for event in events if isinstance(event, ArtifactStored)]
        with self._transaction():
            if stored:
                with translated_disk_errors(self._journal):
                    journal.append(self._journal, stored)
            for event in events:
                self._apply(run, event)

    def _apply(self, run: str, event: Event) -> None:
        if not isinstance(event, TaskProgress):
            body = json.dumps(event.to_json(), ensure_ascii=False)
            self._database.execute(
                "insert into events (run, at, member, name, body) values (?, ?, ?, ?, ?)",
                (run, event.at, event.member, event.name, body),
            )
        fold = _folds.get(type(event))
        if fold is not None:
            fold(self._database, run, event)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _translated(self.path):
            self._database.execute("begin immediate")
            try:
                yield
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("rollback")
                raise
            self._database.execute("commit")


# how each event changes the state


def _submitted(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, JobSubmitted)
    database.execute(
        "update jobs set state = 'submitted', task_id = ?, submitted = coalesce(submitted, ?) where external_id = ?",
        (event.task_id, event.at, event.external_id),
    )
    if event.outputs:
        _note(database, event.external_id, outputs=json.loads(event.outputs))


def _errand_begun(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, ErrandBegun)
    _note(database, event.external_id, errand=event.errand, deferred=False)


def _errand_done(database: sqlite3.Connection, _run: str, event: Event) -> None:
    assert isinstance(event, ErrandDone)
    memo = _memo(database, event.external_id)
    cost = Cost.from_json(memo.get("cost") or {}) + event.cost
    told = [*memo.get("told", []), json.loads(event.told)]
    _note(database, event.external_id, errand="", told=told, cost=cost.to_json())


def _deferred(database: sqlite3.Connection, _run: str, event: Event) -> None:
    """Nothing was created: what was to leave, errand or create, is as if it had never begun."""
    assert isinstance(event, JobDeferred)
    if event.external_id:
        _note(database, event.external_id, errand="", deferred=True)


def _intended(database: sqlite3.Connection, _run: str, event: Event) -> None:
    """The claim has written the row; a job that waited is on its way again."""
    assert isinstance(event, JobIntended)
    if _memo(database, event.external_id).get("deferred"):
        _note(database, event.external_id, deferred=False)


def _memo(database: sqlite3.Connection, external_id: str) -> dict[str, Any]:
    row = database.execute("select memo from jobs where external_id = ?", (external_id,)).fetchone()
    memo: dict[str, Any] = json.loads(row["memo"]) if row and row["memo"] else {}
    return memo


def _note(database: sqlite3.Connection, external_id: str, **values: object) -> None:
    before = _memo(database, external_id)
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
    assert isinstance(event, ArtifactStored)
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


_folds: dict[type[Event], Callable[[sqlite3.Connection, str, Event], None]] = {
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


# rows and files


def _open(path: str) -> sqlite3.Connection:
    with _translated(path), translated_disk_errors(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        try:
            database.row_factory = sqlite3.Row
            _turn_to_wal(database)
            database.execute("pragma synchronous = full")
            version = _format_of(database)
            if version not in (0, *_upgrades, ledger_format):
                raise StateFailure(
                    "ledger-format",
                    f"`{path}` has format {version}, this version reads {ledger_format}",
                    hint="use the version of kling-pipe that wrote it",
                )
        except BaseException:
            database.close()
            raise
    return database


def _turn_to_wal(database: sqlite3.Connection) -> None:
    """SQLite does not wait its turn here, as it does elsewhere, when several processes begin a ledger at once."""
    for tries in range(_wal_tries):
        try:
            database.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or tries == _wal_tries - 1:
                raise
            time.sleep(_wal_pause)


_wal_tries, _wal_pause = 400, 0.05  # twenty seconds


def _open_for_reading(path: str) -> sqlite3.Connection:
    """The ledger itself where it may be written, else what it holds, in memory."""
    exists = os.path.exists(path)
    if exists and os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK):
        return _open(path)
    with _translated(path):
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        memory.row_factory = sqlite3.Row
        if exists:
            with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)) as written:
                written.backup(memory)
    return memory


def _format_of(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """The door for SQLite's errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StateFailure(
                "disk-full",
                f"no room left while writing `{path}`",
                hint="free some space and run again; recorded tasks are picked up and nothing is bought twice",
            ) from error
        raise StateFailure(
            "ledger-unusable",
            f"the ledger `{path}` cannot be used: {error}",
            hint="look at the disk and at the owner of that folder; `KLING_PIPE_HOME` names another",
        ) from error
    except sqlite3.DatabaseError as error:
        raise StateFailure(
            "ledger-damaged",
            f"the ledger `{path}` is damaged: {error}",
            hint=_damage_hint,
        ) from error
    except (ValueError, KeyError, ArithmeticError) as error:  # pages are whole, what is written on them is not
        raise StateFailure(
            "ledger-damaged", f"the ledger `{path}` is damaged: {type(error).__name__}", hint=_damage_hint
        ) from error


_damage_hint = "move it away and run again: tasks are found again by their external ids and are not bought twice"


def _parts(items: Sequence[str], size: int = 900) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _charge(row: sqlite3.Row) -> Cost:
    """What a job weighs on a budget: its own figure once known, its estimate until then, nothing once dropped."""
    if row["cost"]:
        return _cost(row["cost"])
    return Cost() if row["state"] in ("failed", "dropped") else _cost(row["estimate"])


def _cost(text: str | None) -> Cost:
    return Cost.from_json(json.loads(text)) if text else Cost()


def _artifact(row: sqlite3.Row) -> Artifact:
    return Artifact(
        key=row["key"],
        digest=row["digest"],
        facts=MediaFacts.from_json(json.loads(row["facts"])),
        take=row["take"],
        index=row["idx"],
        external_id=row["external_id"],
        task_id=row["task_id"],
        created=row["created"],
        url=row["url"],
        url_expires=row["url_expires"],
        output_id=row["output_id"],
    )


def _job_row(row: sqlite3.Row) -> JobRow:
    memo: dict[str, Any] = json.loads(row["memo"]) if row["memo"] else {}
    return JobRow(
        external_id=row["external_id"],
        recipe=row["recipe"],
        takes=tuple(json.loads(row["takes"])),
        attempt=row["attempt"],
        state=JobState(row["state"]),
        task_id=row["task_id"],
        run=row["run"],
        member=row["member"],
        storyboard=row["storyboard"],
        kind=row["kind"],
        model=row["model"],
        standard=row["standard"],
        endpoint=row["endpoint"],
        status=row["status"],
        estimate=_cost(row["estimate"]),
        cost=_cost(row["cost"]) if row["cost"] else None,
        exact=bool(row["exact"]),
        intended=row["intended"],
        submitted=row["submitted"] or 0.0,
        ended=row["ended"] or 0.0,
        code=row["code"],
        message=row["message"],
        profile=row["profile"],
        deferred=memo.get("deferred", False),
        errand=memo.get("errand", ""),
        told=tuple(memo.get("told", ())),
        errands_cost=Cost.from_json(memo.get("cost") or {}),
        outputs=tuple(Output.from_json(output) for output in memo.get("outputs", ())),
    )


def _wall_clock() -> float:
    """Leases are about processes of this machine, so they go by its own clock, never a scaled one."""
    return time.time()
