"""The tasks of a world on disk, one JSON line each, so that a world in process outlives the process.

Several processes may share a journal: whoever makes a task reads on to the end first, under a lock. Times are kept as
real Unix seconds, because each process has simulated seconds of its own.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from kling_pipe.simulator.clock import Clock
from kling_pipe.simulator.media_order import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.studio import MediaOrder
from kling_pipe.simulator.tasks import Fate, Task, TaskOrder

_has_locks = importlib.util.find_spec("fcntl") is not None  # not on Windows: there a journal has one process
if _has_locks:
    import fcntl

journal_format = 1


class Journal:
    """Appends and follows one file."""

    def __init__(self, path: str, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read = 0

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes from making tasks."""
        with open(f"{self._path}.lock", "ab") as lock:
            if _has_locks:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def news(self) -> list[Task]:
        """The tasks written since the last look, by whomever; a line that is not whole yet is left for later."""
        try:
            if os.stat(self._path).st_size == self._read:
                return []
        except FileNotFoundError:
            return []
        with open(self._path, "rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [self._task(json.loads(line)) for line in whole.splitlines()]

    def add(self, task: Task) -> None:
        """Writes a task; call it while the journal is held and read to its end. Half a line of a dead process goes."""
        line = json.dumps(self._line(task), ensure_ascii=False).encode() + b"\n"
        with open(self._path, "ab") as file:
            file.truncate(self._read)
            file.write(line)
        self._read += len(line)

    def _line(self, task: Task) -> dict[str, Any]:
        stamp = self._clock.stamp
        order = {**asdict(task.order), "units": str(task.order.units), "details": dict(task.order.details)}
        order["outputs"] = [{"type": type(item).__name__, **asdict(item)} for item in task.order.outputs]
        return {
            "format": journal_format,
            "id": task.id,
            "number": task.number,
            "created": stamp(task.created),
            "starts": stamp(task.starts),
            "ends": None if math.isinf(task.ends) else stamp(task.ends),
            "fate": str(task.fate),
            "files": list(task.files),
            "order": order,
        }

    def _task(self, line: dict[str, Any]) -> Task:
        if line["format"] != journal_format:
            raise ValueError(f"`{self._path}` is of format {line['format']}, expected {journal_format}")
        data = line["order"]
        outputs = tuple(_media_order(item) for item in data["outputs"])
        order = replace(TaskOrder(**{**data, "outputs": outputs}), units=Decimal(data["units"]))
        moment = self._clock.moment
        return Task(
            id=line["id"],
            number=line["number"],
            order=order,
            created=moment(line["created"]),
            starts=moment(line["starts"]),
            ends=math.inf if line["ends"] is None else moment(line["ends"]),
            fate=Fate(line["fate"]),
            files=tuple(line["files"]),
        )


_media_types: dict[str, Callable[..., MediaOrder]] = {
    "PictureOrder": PictureOrder,
    "ClipOrder": ClipOrder,
    "SoundOrder": SoundOrder,
}


def _media_order(data: dict[str, Any]) -> MediaOrder:
    fields = {name: _frozen(value) for name, value in data.items() if name != "type"}
    return _media_types[data["type"]](**fields)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
