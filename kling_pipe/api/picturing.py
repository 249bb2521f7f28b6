"""`graph`: a plan to be drawn, with small pictures of what is made; nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.media import Unreadable, thumbnail
from kling_pipe.edge.store import Store
from kling_pipe.plan.plan import Plan, Planned
from kling_pipe.values.lock import Lock
from kling_pipe.values.media import MediaType

_at_once = 4
_seen = frozenset({MediaType.IMAGE, MediaType.VIDEO})


@dataclass(frozen=True, slots=True)
class Pictured:
    """A plan, and JPEGs of its members by address where they were asked for and something is made."""

    plan: Plan
    thumbnails: Mapping[str, bytes]


def picture(path: str, options: Options, *, with_thumbnails: bool) -> Pictured:
    """Reads how everything stands; raises TextFailure when the storyboard is wrong."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        plan = prepare(loaded, replace(options, only_fetches=True), ledger, store).plan
        return Pictured(plan, _thumbnails(plan, store, loaded.lock) if with_thumbnails else {})


def _thumbnails(plan: Plan, store: Store, lock: Lock) -> Mapping[str, bytes]:
    digests = {member.address: digest for member in plan.members.values() if (digest := _picked(member, lock))}
    with ThreadPoolExecutor(_at_once) as workers:
        distinct = list(dict.fromkeys(digests.values()))
        made = dict(zip(distinct, workers.map(lambda digest: _thumbnail(store.path(digest)), distinct), strict=True))
    return {address: made[digest] for address, digest in digests.items() if made[digest]}


def _picked(member: Planned, lock: Lock) -> str:
    """The digest of the picture or clip that stands for a member, the one made before where it is stale, or nothing."""
    pick = member.step.pick
    artifact = member.artifacts.get(pick) or lock.member(member.address).artifacts.get(pick)
    shown = next((file for file in artifact.files if file.facts.type in _seen), None) if artifact else None
    return shown.digest if shown else ""


def _thumbnail(path: str) -> bytes:
    try:
        return thumbnail(path)
    except (Unreadable, OSError):  # a file that is gone or damaged is told by `plan`
        return b""
