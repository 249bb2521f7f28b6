"""`verify`: stored files and deliverables, hashed again and held against the lock; nothing is changed by it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from kling_pipe.api.locking import LockFile
from kling_pipe.api.options import Options
from kling_pipe.api.workspace import open_workspace
from kling_pipe.edge.store import Store, file_digest
from kling_pipe.errors import UsageFailure
from kling_pipe.values.job import Realm
from kling_pipe.values.lock import Lock, LockedTake
from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class Checked:
    """One file. `kind` is `take`, `input`, `deliverable`, `piece` (what was cut out or converted for a deliverable, as
    stored) or `other` (a stored file that the lock does not name); `state` is `whole`, `missing`, `damaged` or
    `changed`; `cost` is what a take has cost."""

    kind: str
    name: str
    state: str
    path: str
    digest: str
    take: int = 0
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """Every file that was looked at, and the lock they were held against."""

    lock_path: str
    files: tuple[Checked, ...]

    @property
    def wrong(self) -> tuple[Checked, ...]:
        return tuple(file for file in self.files if file.state != "whole")


def verify(path: str, options: Options) -> Verified:
    """Reads every byte; raises UsageFailure when there is no lock, TextFailure when it is damaged."""
    workspace = open_workspace(path, options.environment)
    realm = Realm.SIMULATED if options.simulate else Realm.REAL
    file = LockFile.of(path, workspace.home, realm)
    if not os.path.exists(file.path):
        hint = "`kling-pipe run` writes it" + ("" if options.simulate else "; `--simulate` looks at the simulator's")
        raise UsageFailure("no-lock", f"there is no lock file at `{file.path}`", hint=hint)
    lock = file.read()
    return Verified(file.path, tuple(_files(lock, Store(workspace.home), os.path.dirname(os.path.abspath(path)))))


def _files(lock: Lock, store: Store, folder: str) -> Iterator[Checked]:
    states: dict[str, str] = {}

    def state(digest: str) -> str:
        if digest not in states:
            states[digest] = _state(store.path(digest), digest, otherwise="damaged")
        return states[digest]

    for address, member in sorted(lock.members.items()):
        for take, made in sorted(member.made.items()):
            for file in made.artifact.files:
                yield _take(address, take, made, file.digest, state(file.digest), store)
    for address, known in sorted(lock.inputs.items()):
        yield Checked("input", address, state(known.digest), store.path(known.digest), known.digest)
    for name, pinned in sorted(lock.deliverables.items()):
        path = os.path.join(folder, name)
        yield Checked("deliverable", name, _state(path, pinned.digest, otherwise="changed"), path, pinned.digest)
        if pinned.digest not in states and state(pinned.digest) != "missing":  # else it is made again from its take
            yield Checked("piece", name, state(pinned.digest), store.path(pinned.digest), pinned.digest)
    for digest in store.digests():
        if digest not in states:
            yield Checked("other", digest[:12], state(digest), store.path(digest), digest)


def _take(address: str, take: int, made: LockedTake, digest: str, state: str, store: Store) -> Checked:
    return Checked("take", address, state, store.path(digest), digest, take, made.cost)


def _state(path: str, digest: str, *, otherwise: str) -> str:
    try:
        return "whole" if file_digest(path) == digest else otherwise
    except FileNotFoundError:
        return "missing"
    except OSError:  # a folder stands there, or nobody may read it
        return otherwise
