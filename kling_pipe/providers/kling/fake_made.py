"""What an account's tasks made, by the ids that their results tell: clips, sounds, elements and voices.

The id of a file is its task's own and an offset, so that no table of ids has to be kept. Elements and voices are named
after the caller's own id where there is one: what is made from them is then the same in every world of one seed.
"""

from __future__ import annotations

import hashlib

from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World
from kling_pipe.values.job import Phase

_offsets = {"video": 50_000, "audio": 60_000, "element": 70_000, "voice": 80_000}
# Shapes of results, as `fake_results` knows them, in which each kind of thing is told.
_shapes = {
    "video": frozenset({"videos", "dub"}),
    "audio": frozenset({"audios", "speech", "dub"}),
    "element": frozenset({"elements", "old-element"}),
    "voice": frozenset({"voices"}),
}
_lasting = frozenset({"element", "voice"})  # the library keeps what files lose after 30 days


def id_of(task: Task, kind: str) -> str:
    """The id of what a task made of a kind."""
    if kind in _lasting and task.order.external_id:
        digits = int(hashlib.sha256(f"{kind}/{task.order.external_id}".encode()).hexdigest(), 16)
        return f"7{digits % 10**17:017}"  # 18 digits, as seen of the service
    return str(int(task.id) + _offsets[kind])


def maker(world: World, account: str, kind: str, sought: str) -> Task | None:
    """The task that made what has this id; None once files and ids are cleared, 30 days after they were made."""
    if not (sought.isascii() and sought.isdecimal() and len(sought) < 25):
        return None
    number = str(int(sought) - _offsets[kind])
    task = world.task(account, number)
    if task is None and kind in _lasting:
        task = next((one for one in world.tasks(account) if _makes(one, kind) and id_of(one, kind) == sought), None)
    if task is None or not _makes(task, kind) or id_of(task, kind) != sought:
        return None
    if world.phase(task) is not Phase.SUCCEEDED:
        return None
    lives = kind in _lasting or world.clock.now() < task.ends + world.settings.url_lifetime
    return task if lives else None


def _makes(task: Task, kind: str) -> bool:
    return task.order.details.get("shape") in _shapes[kind]


def file_of(task: Task, kind: str) -> str:
    """The name of the file that an id of this kind means; a dubbed clip comes before its two sounds."""
    return task.files[1 if kind == "audio" and task.order.details["shape"] == "dub" else 0]
