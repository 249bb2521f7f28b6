"""What is on record, read: artifacts, jobs, runs and events of one ledger file, and what follows from them together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kling_pipe.edge.ledger_file import translated
from kling_pipe.edge.ledger_rows import artifact_of, cost_of, job_of, making_of
from kling_pipe.values.claim import JobRow, JobState, open_states
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.making import Giver, Making
from kling_pipe.values.money import Cost


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


class Records:
    """Those of one open file; nothing here writes."""

    def __init__(self, path: str, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database

    def artifacts(self, keys: Sequence[str]) -> dict[str, Artifact]:
        """What is recorded for these keys: the first file of each, with the others of its take."""
        found: dict[str, Artifact] = {}
        with translated(self.path):
            for part in _parts(keys):
                marks = ",".join("?" * len(part))
                query = f"select * from artifacts where key in ({marks}) order by key, idx"
                for row in self._database.execute(query, part):
                    artifact, first = artifact_of(row), found.get(row["key"])
                    found[row["key"]] = artifact if first is None else replace(first, others=(*first.others, artifact))
        return found

    def jobs(self, recipes: Sequence[str]) -> dict[str, list[JobRow]]:
        """All jobs of these recipes, oldest attempt first."""
        found: dict[str, list[JobRow]] = {}
        with translated(self.path):
            for part in _parts(recipes):
                marks = ",".join("?" * len(part))
                query = f"select * from jobs where recipe in ({marks}) order by intended, attempt"
                for row in self._database.execute(query, part):
                    found.setdefault(row["recipe"], []).append(job_of(row))
        return found

    def all_jobs(self, realm: Realm | None = None) -> list[JobRow]:
        """Every job, oldest first."""
        with translated(self.path):
            rows = self._database.execute("select * from jobs order by intended")
            return [job_of(row) for row in rows if realm is None or row["realm"] == realm]

    def jobs_by_id(self, external_ids: Sequence[str]) -> dict[str, JobRow]:
        """The jobs of these external ids, as far as they are on record."""
        found: dict[str, JobRow] = {}
        with translated(self.path):
            for part in _parts(external_ids):
                marks = ",".join("?" * len(part))
                rows = self._database.execute(f"select * from jobs where external_id in ({marks})", part)
                found.update({row["external_id"]: job_of(row) for row in rows})
        return found

    def all_artifacts(self, realm: Realm) -> list[Artifact]:
        """Every file on record whose job is of the realm, or is on record no more; oldest first."""
        query = (
            "select artifacts.* from artifacts left join jobs using (external_id)"
            " where jobs.realm = ? or jobs.realm is null order by artifacts.created, key, idx"
        )
        with translated(self.path):
            return [artifact_of(row) for row in self._database.execute(query, (str(realm),))]

    def explanations(self, storyboard: str, realm: Realm) -> dict[str, str]:
        """For each member of a storyboard that was made, the explanation of the recipe it was made by last."""
        query = (
            "select member, explanation from jobs where storyboard = ? and realm = ? and state = 'done'"
            " order by intended"
        )
        with translated(self.path):
            rows = self._database.execute(query, (storyboard, str(realm)))
            return {row["member"]: row["explanation"] for row in rows}

    def makings(self, realm: Realm) -> list[Making]:
        """Every job of the realm that came to its end with files, oldest first."""
        with translated(self.path):
            rows = self._database.execute(
                "select * from jobs where realm = ? and state = 'done' order by intended", (str(realm),)
            )
            return [making_of(row) for row in rows]

    def givers(self, digests: Sequence[str]) -> dict[str, Giver]:
        """Which member a stored file came from, the latest that made it; without what nobody recorded."""
        found: dict[str, Giver] = {}
        with translated(self.path):
            for part in _parts(digests):
                query = (
                    "select digest, member, take, idx from artifacts join jobs using (external_id)"
                    f" where digest in ({','.join('?' * len(part))}) order by created"
                )
                for row in self._database.execute(query, part):
                    found[row["digest"]] = Giver(row["member"], row["take"], row["idx"] + 1 if row["idx"] else 0)
        return found

    def recipes(self, storyboard: str, realm: Realm) -> dict[str, tuple[str, str]]:
        """For each member of a storyboard that was made, the recipe it was made by last, and the provider's type."""
        query = (
            "select member, recipe, provider from jobs where storyboard = ? and realm = ? and state = 'done'"
            " order by intended"
        )
        with translated(self.path):
            rows = self._database.execute(query, (storyboard, str(realm)))
            return {row["member"]: (row["recipe"], row["provider"]) for row in rows}

    def begun(self, storyboard: str, realm: Realm) -> dict[str, list[tuple[str, JobState]]]:
        """For each member of a storyboard, the providers that have a job of it which is not at its end, and how each
        stands; oldest first."""
        states = ", ".join(f"'{state}'" for state in open_states)
        query = (
            f"select member, provider, state from jobs where storyboard = ? and realm = ? and state in ({states})"
            " order by intended"
        )
        found: dict[str, list[tuple[str, JobState]]] = {}
        with translated(self.path):
            for row in self._database.execute(query, (storyboard, str(realm))):
                found.setdefault(row["member"], []).append((row["provider"], JobState(row["state"])))
        return found

    def durations(self, realm: Realm) -> dict[tuple[str, str, str], list[float]]:
        """Seconds from submission to the end of the latest finished tasks, by the provider's type, kind and model."""
        query = (
            "select provider, kind, model, seconds from jobs where realm = ? and state = 'done' and seconds > 0"
            " order by ended desc limit 2000"
        )
        found: dict[tuple[str, str, str], list[float]] = {}
        with translated(self.path):
            for row in self._database.execute(query, (str(realm),)):
                found.setdefault((row["provider"], row["kind"], row["model"]), []).append(row["seconds"])
        return found

    def runs(self, limit: int = 5) -> list[RunRow]:
        """The latest runs, newest first."""
        with translated(self.path):
            rows = self._database.execute("select * from runs order by started desc limit ?", (limit,))
            return [
                RunRow(
                    row["run"],
                    row["storyboard"],
                    row["realm"],
                    row["started"],
                    row["ended"] or 0.0,
                    row["exit_code"] if row["exit_code"] is not None else -1,
                    cost_of(row["spent"]),
                )
                for row in rows
            ]

    def spent(self, realm: Realm, storyboard: str = "") -> Cost:
        """What all ended jobs cost, by the provider's own figures where it gave them."""
        query = "select * from jobs where realm = ? and (? = '' or storyboard = ?) and (cost is not null or memo <> '')"
        with translated(self.path):
            rows = self._database.execute(query, (str(realm), storyboard, storyboard)).fetchall()
        return Cost.total(cost for row in rows if (cost := job_of(row).on_record) is not None)

    def events(self, run: str) -> list[dict[str, object]]:
        """A run's events in order, as JSON."""
        with translated(self.path):
            rows = self._database.execute("select body from events where run = ? order by number", (run,))
            return [json.loads(row["body"]) for row in rows]


def _parts(items: Sequence[str], size: int = 900) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
