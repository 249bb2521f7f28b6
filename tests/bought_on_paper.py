"""Buys what a storyboard's plan would buy without any service: ledger and store are written as a run would write them.

A file's bytes tell its key, so the same recipe always gives the same bytes, and another recipe others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.store import Store
from kling_pipe.events import ArtifactStored, FetchStarted, JobDone, JobSubmitted
from kling_pipe.plan.jobs import job_of, materials_of, recipe_of
from kling_pipe.plan.plan import Planned
from kling_pipe.values.media import MediaFacts, MediaType

usual: Mapping[MediaType, MediaFacts] = {
    MediaType.IMAGE: MediaFacts(MediaType.IMAGE, "png", 0, 1360, 768),
    MediaType.VIDEO: MediaFacts(MediaType.VIDEO, "mp4", 0, 1280, 720, 5.0, 24.0),
    MediaType.AUDIO: MediaFacts(MediaType.AUDIO, "mp3", 0, seconds=5.0, has_sound=True),
}
Maker = Callable[[Planned, str], bytes]


def paper_bytes(_member: Planned, key: str) -> bytes:
    return f"paper of {key}\n".encode()


def buy(
    path: Path, *, simulate: bool = True, at: float = 1_790_000_000.0, only: tuple[str, ...] = (),
    make: Maker = paper_bytes,
) -> list[str]:  # fmt: skip
    """Everything the plan misses, level by level; the addresses that were bought, in order."""
    options = Options(simulate=simulate, only=only)
    bought: list[str] = []
    while True:
        with opened(str(path), options) as (loaded, ledger, store):
            plan = prepare(loaded, options, ledger, store).plan
            ready = [member for member in plan.members.values() if member.recipe and member.missing_takes]
            if not ready:
                return bought
            run = f"paper-{len(ledger.runs(10_000))}"
            ledger.begin_run(run, plan.storyboard.name, plan.realm, at)
            for member in ready:
                materials = materials_of(member)
                recipe = recipe_of(member, materials)
                job = job_of(member, plan.storyboard.name, recipe.digest, materials, member.missing_takes)
                ledger.claim(job, run, at, intend=True, explanation=recipe.explanation())
                task = f"T-{member.address}"
                stored = [
                    _stored(store, member, take, key, job.external_id, at, make)
                    for take, key in zip(job.takes, job.keys, strict=True)
                ]
                ledger.record(
                    run,
                    [
                        JobSubmitted(at, member.address, job.external_id, task),
                        FetchStarted(at, member.address, job.external_id, job.estimate, exact=True),
                        *stored,
                        JobDone(at, member.address, job.external_id, 20.0, job.estimate, exact=True),
                    ],
                )
                bought.append(member.address)


def _stored(
    store: Store, member: Planned, take: int, key: str, external_id: str, at: float, make: Maker
) -> ArtifactStored:
    data = make(member, key)
    incoming = store.begin()
    incoming.write(data)
    digest = store.keep(incoming)
    expected = member.expects or usual[member.makes]
    facts = MediaFacts(
        expected.type, expected.format, len(data), expected.width, expected.height, expected.seconds, expected.fps
    )
    return ArtifactStored(at, member.address, external_id, key, digest, take, 0, facts, "https://media/x", 9e9)
