"""A project whose storyboard is current: ledger and store are filled through the library, without making any media."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.store import Store
from kling_pipe.events import ArtifactStored, Event
from kling_pipe.plan.plan import Planned, Standing
from kling_pipe.values.job import Realm
from kling_pipe.values.media import MediaFacts, MediaType

_run = "bench"


def fill(path: str) -> list[str]:
    """Puts an object into the store for every member, level by level, and tells their paths in the plan's order."""
    options = Options(simulate=True)
    with opened(path, options) as (loaded, ledger, store):
        ledger.begin_run(_run, "bench", Realm.SIMULATED, 0.0)
        while True:
            plan = prepare(loaded, options, ledger, store).plan
            ready = [member for member in plan.members.values() if member.standing is Standing.MISSING]
            if not ready:
                return [store.path(member.artifacts[1].digest) for member in plan.members.values()]
            _keep(ready, ledger, store)


def _keep(members: list[Planned], ledger: Ledger, store: Store) -> None:
    events = [event for member in members for event in _made(member, store)]
    for begin in range(0, len(events), 1000):
        ledger.record(_run, events[begin : begin + 1000])


def _made(member: Planned, store: Store) -> Iterator[Event]:
    assert member.expects is not None
    data = f"{member.address}\n".encode()
    digest = hashlib.sha256(data).hexdigest()
    _put(store.path(digest), data)
    facts = _facts(member.expects, len(data))
    yield ArtifactStored(0.0, member.address, f"kp-{member.keys[0][:40]}", member.keys[0], digest, 1, 0, facts)


def _put(path: str, data: bytes) -> None:
    """Without the store's two fsyncs a file: the disk is not what is measured."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def _facts(expected: MediaFacts, size: int) -> MediaFacts:
    if expected.type is MediaType.VIDEO:
        return MediaFacts(expected.type, "mp4", size, expected.width, expected.height, expected.seconds, 24.0)
    return MediaFacts(expected.type, "png", size, expected.width, expected.height)
