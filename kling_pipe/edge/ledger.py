"""The ledger: an SQLite file (WAL, synchronous=FULL) that remembers every intention, task, artifact and amount.

1. An *intended* row is committed before a create request leaves; its external id is the claim on the recipe.
2. The state is the fold of events: `record` appends each event and applies it in the same transaction.
3. One flight: a recipe's takes have at most one job that is not at its end; it belongs to a run, and a dead run's
   jobs are taken over by whoever asks next.
4. Reserved and spent together never pass a cap of the run, of a member or of a take, because they are summed inside
   the transaction that intends.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from kling_pipe.edge import journal
from kling_pipe.edge.ledger_caps import Excess, excess
from kling_pipe.edge.ledger_file import (
    format_of,
    ledger_format,
    open_for_reading,
    open_ledger,
    tables,
    translated,
    upgrades,
)
from kling_pipe.edge.ledger_folds import folds, memo_of, note
from kling_pipe.edge.ledger_records import Records
from kling_pipe.edge.ledger_rows import job_of
from kling_pipe.edge.ledger_uploads import Account, forget, recall, remember
from kling_pipe.edge.store import translated_disk_errors
from kling_pipe.events import ArtifactStored, Event, JobSubmitted, TaskProgress
from kling_pipe.values.claim import Claim, ClaimAnswer, JobRow, JobState, open_states
from kling_pipe.values.job import Artifact, Job, Realm
from kling_pipe.values.money import Caps, Cost, no_caps
from kling_pipe.values.transfer import Handed, Uploaded

lease_seconds = 30.0

_insert_job = (
    "insert or replace into jobs (external_id, recipe, takes, attempt, state, realm, provider, profile, storyboard,"
    " member, kind, model, product, standard, endpoint, run, estimate, intended, explanation)"
    " values (?, ?, ?, ?, 'intended', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_forget_other_jobs = "delete from artifacts where key = ? and external_id <> ?"  # the latest that made a take counts


class Ledger(Records):
    """One open ledger file. Used from one thread at a time; `alive` tells whether a run's process lives."""

    def __init__(self, path: str, alive: Callable[[str], bool | None], *, only_reads: bool = False) -> None:
        """`only_reads` makes no file where there is none, and reads one that cannot be written."""
        super().__init__(path, open_for_reading(path) if only_reads else open_ledger(path))
        self._alive = alive
        self._journal = os.path.join(os.path.dirname(path), journal.journal_name)
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
        with translated(self.path):
            if format_of(self._database) == ledger_format:
                return
        with self._transaction(), translated_disk_errors(self._journal):
            if written := format_of(self._database):
                self._upgrade(written)  # another process may have been faster
                return
            for statement in tables.split(";"):
                self._database.execute(statement)
            self._database.execute(f"pragma user_version = {ledger_format}")
            for artifact in journal.read(self._journal):
                self._database.execute(_forget_other_jobs, (artifact.key, artifact.external_id))
                self._write(artifact)

    def _write(self, artifact: Artifact) -> None:
        self._database.execute(
            "insert or replace into artifacts values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                artifact.key, artifact.index, artifact.digest, artifact.take,
                json.dumps(artifact.facts.to_json()), artifact.external_id, artifact.task_id,
                artifact.created, artifact.url, artifact.url_expires, artifact.output_id,
            ),
        )  # fmt: skip

    def _upgrade(self, written: int) -> None:
        for version in range(written, ledger_format):
            for statement in upgrades[version]:
                self._database.execute(statement)
        self._database.execute(f"pragma user_version = {ledger_format}")

    def is_held(self, row: JobRow) -> bool:
        """Whether a living run has a job in its hands."""
        with translated(self.path):
            return self._is_held(row.run)

    # claiming

    def claim(
        self, job: Job, run: str, now: float, *, intend: bool, caps: Caps = no_caps, explanation: str = ""
    ) -> Claim:
        """Asks for a job's takes in one transaction; with `intend` a free recipe is intended at once."""
        with self._transaction():
            made = self._made(job.keys)
            if made:
                return Claim(ClaimAnswer.MADE, artifacts=tuple(made.values()))
            rows = self.jobs([job.recipe]).get(job.recipe, [])
            for row in rows:
                if row.state in open_states and set(row.takes) & set(job.takes):
                    return self._claim_open(row, job, run, caps)
            there = self._elsewhere(job)
            if there is not None:
                return there
            used = [row.attempt for row in rows if row.takes == job.takes and row.is_used_up]
            attempt = 1 + max(used, default=0)
            if not intend:
                return Claim(ClaimAnswer.FREE, attempt=attempt)
            over = self._excess(job, job.estimate, run, caps)
            if over is not None:
                return Claim(ClaimAnswer.OVER_BUDGET, reason=over.reason, scope=over.scope)
            self._intend(replace(job, attempt=attempt), run, now, explanation)
            return Claim(ClaimAnswer.INTENDED, attempt=attempt)

    def learn(self, artifacts: Sequence[Artifact]) -> None:
        """Takes on record what was made and is on record no more, as the lock file tells it."""
        files = [file for artifact in artifacts for file in artifact.files]
        if not files:
            return
        with self._transaction():
            with translated_disk_errors(self._journal):
                journal.append(self._journal, [_stored(file) for file in files])
            for file in files:
                self._write(file)

    def reopen(self, keys: Sequence[str]) -> None:
        """Calls takes lost of which a stored file is gone, so that their tasks are fetched again. What is on record for
        them stays until then: a task may have expired, and the other files of its takes are good."""
        with self._transaction():
            for key, artifact in self.artifacts(keys).items():
                self._database.execute("update artifacts set lost = 1 where key = ?", (key,))
                self._database.execute(
                    "update jobs set state = 'submitted' where external_id = ? and state = 'done'",
                    (artifact.external_id,),
                )

    def settle(self, external_id: str, state: JobState, now: float, *, task_id: str = "", message: str = "") -> None:
        """Ends the uncertainty of a job by the user's word: SUBMITTED adopts `task_id`, FAILED and DROPPED give the
        task up, so that the next run may make a new attempt; what its errands cost stays."""
        with self._transaction():
            spent = Cost.from_json(memo_of(self._database, external_id).get("cost") or {})
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

    def resend_errand(self, external_id: str, message: str) -> None:
        """Ends the doubt about an errand by the user's word: it is sent again, and may be paid for again; what errands
        before it answered stays."""
        with self._transaction():
            note(self._database, external_id, errand="", deferred=True, doubted=True)
            self._database.execute(
                "update jobs set state = 'intended', message = ? where external_id = ? and state = 'uncertain'",
                (message, external_id),
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
            if row is not None and (not job_of(row).may_be_adopted or self._is_held(row["run"])):
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

    def _made(self, keys: Sequence[str]) -> dict[str, Artifact]:
        """What is recorded for these keys, without takes that were called lost."""
        found = self.artifacts(keys)
        return {key: artifact for key, artifact in found.items() if not self._is_lost(key)}

    def _elsewhere(self, job: Job) -> Claim | None:
        """What another run began, or made, of the same takes on another road meanwhile: nobody pays for both."""
        for recipe, rows in self.jobs(list(job.elsewhere)).items():
            made = self._made(job.elsewhere[recipe])
            for row in rows:
                is_there = row.state in open_states and set(row.takes) & set(job.takes)
                if is_there or any(artifact.external_id == row.external_id for artifact in made.values()):
                    return Claim(ClaimAnswer.ELSEWHERE, row=row)
        return None

    def _is_lost(self, key: str) -> bool:
        return bool(self._database.execute("select 1 from artifacts where key = ? and lost = 1", (key,)).fetchone())

    def _claim_open(self, row: JobRow, job: Job, run: str, caps: Caps) -> Claim:
        """An intention that never left, as far as is known here, may be asked for; to send it again has to fit under
        the cap like any other. Where it does not, `reason` says so, and it stays with the run that is gone."""
        if row.state is JobState.UNCERTAIN:
            return Claim(ClaimAnswer.UNCERTAIN, row=row, attempt=row.attempt)
        if row.run != run and self._is_held(row.run):
            return Claim(ClaimAnswer.HELD, row=row, attempt=row.attempt)
        is_to_pay = row.state is JobState.INTENDED and row.run != run
        over = self._excess(replace(job, takes=row.takes), row.estimate, run, caps) if is_to_pay else None
        if over is not None:
            return Claim(ClaimAnswer.RESUME, row=row, attempt=row.attempt, reason=over.reason, scope=over.scope)
        self._database.execute("update jobs set run = ? where external_id = ?", (run, row.external_id))
        return Claim(ClaimAnswer.RESUME, row=row, attempt=row.attempt)

    def _is_held(self, run: str) -> bool:
        row = self._database.execute("select lease, ended from runs where run = ?", (run,)).fetchone()
        if row is None or row["ended"] is not None:
            return False
        alive = self._alive(run)
        return alive if alive is not None else row["lease"] > _wall_clock()

    def _excess(self, job: Job, estimate: Cost, run: str, caps: Caps) -> Excess | None:
        """The first cap that a job would pass, beside what is reserved and spent by this run and those beside it."""
        if not caps:
            return None
        return excess(self._database, job, estimate, caps, (run, *self._beside(run, job.storyboard, job.realm)))

    def _beside(self, run: str, storyboard: str, realm: Realm) -> list[str]:
        """Other runs of a storyboard and realm that live."""
        rows = self._database.execute(
            "select run from runs where storyboard = ? and realm = ? and ended is null", (storyboard, str(realm))
        ).fetchall()
        return [row["run"] for row in rows if row["run"] != run and self._is_held(row["run"])]

    def _intend(self, job: Job, run: str, now: float, explanation: str) -> None:
        self._database.execute(
            _insert_job,
            (
                job.external_id, job.recipe, json.dumps(job.takes), job.attempt, str(job.realm), job.provider,
                job.profile, job.storyboard, job.member, job.kind, job.model, job.product, job.route.standard,
                job.route.endpoint, run, json.dumps(job.estimate.to_json()), now, explanation,
            ),
        )  # fmt: skip

    # services' own storages

    def uploaded(self, account: Account, digest: str, now: float) -> Handed | None:
        """How a content is named in an account's storage, while it lives there; to ask is to use it."""
        with self._transaction():
            return recall(self._database, account, digest, now)

    def remember_upload(self, account: Account, digest: str, uploaded: Uploaded, now: float) -> None:
        with self._transaction():
            remember(self._database, account, digest, uploaded, now)

    def forget_upload(self, account: Account, digest: str) -> None:
        """The service does not know it any more."""
        with self._transaction():
            forget(self._database, account, digest)

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
        fold = folds.get(type(event))
        if fold is not None:
            fold(self._database, run, event)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with translated(self.path):
            self._database.execute("begin immediate")
            try:
                yield
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("rollback")
                raise
            self._database.execute("commit")


def _stored(file: Artifact) -> ArtifactStored:
    return ArtifactStored(
        file.created, "", file.external_id, file.key, file.digest, file.take, file.index, file.facts, file.url,
        file.url_expires, file.output_id,
    )  # fmt: skip


def _wall_clock() -> float:
    """Leases are about processes of this machine, so they go by its own clock, never a scaled one."""
    return time.time()
