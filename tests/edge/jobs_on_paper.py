"""Jobs, artifacts and a ledger for tests about money."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from kling_pipe.edge.ledger import Ledger
from kling_pipe.events import ArtifactStored, Event, FetchStarted, JobDone, JobSubmitted
from kling_pipe.plan.recipe import key_of
from kling_pipe.values.job import Job, Realm, Route
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost

picture = MediaFacts(MediaType.IMAGE, "png", 1000, 1360, 768)


def job_of(recipe: str = "r1", takes: tuple[int, ...] = (1,), usd: str = "0.50", member: str = "hero") -> Job:
    return Job(
        member=member, storyboard="story", kind="text-to-image", model="kling-v3", realm=Realm.SIMULATED,
        provider="kling", profile="kling", product="image", makes=MediaType.IMAGE, parameters={}, materials=(),
        extra={}, recipe=recipe, takes=takes, keys=tuple(key_of(recipe, take) for take in takes),
        estimate=Cost(Decimal(usd)), expected_seconds=20.0, route=Route("path-model", "/x"),
    )  # fmt: skip


class Office:
    """A ledger whose runs live as long as they are named in `alive`."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "ledger.db")
        self.alive: set[str] = {"run"}
        self.now = 100.0
        self.ledger = self.open()
        for run in ("run", "other"):
            self.begin(run)

    def open(self) -> Ledger:
        return Ledger(self.path, lambda run: run in self.alive)

    def begin(self, run: str) -> None:
        self.ledger.begin_run(run, "story", Realm.SIMULATED, self.now)

    def record(self, *events: Event, run: str = "run") -> None:
        self.ledger.record(run, events)

    def made(self, job: Job, run: str = "run", digest: str = "d" * 64) -> None:
        """A whole life: intended, submitted, fetched, done."""
        self.ledger.claim(job, run, self.now, intend=True)
        self.record(*life(job, digest), run=run)


def life(job: Job, digest: str = "d" * 64) -> Sequence[Event]:
    """The events of a job that goes well."""
    external = job.external_id
    stored = [
        ArtifactStored(130.0, job.member, external, key, digest, take, 0, picture, "https://media/x", 9e9)
        for take, key in zip(job.takes, job.keys, strict=True)
    ]
    return [
        JobSubmitted(110.0, job.member, external, "T1"),
        FetchStarted(120.0, job.member, external, job.estimate, exact=True),
        *stored,
        JobDone(130.0, job.member, external, 20.0, job.estimate, exact=True),
    ]
