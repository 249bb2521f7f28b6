"""What the service tells of a generating task: items of what is there, errors of what failed (runware.md section 4)."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.runware.fake_errors import Json, error_of, of_ending
from kling_pipe.providers.runware.fake_media import uuid_of
from kling_pipe.simulator.tasks import Fate, Task
from kling_pipe.simulator.world import World

_mimes = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
# Some answers use the general names in place of `videoUUID` and `videoURL` (section 5): here the models that are not
# about a prompt.
_general_names = frozenset({"klingai:7@1", "klingai:avatar@2.0-standard", "klingai:avatar@2.0-pro"})


@dataclass(frozen=True, slots=True)
class Told:
    """The items and the errors of one task."""

    data: tuple[Json, ...] = ()
    errors: tuple[Json, ...] = ()


def acknowledged(task: Task) -> Json:
    """What an asynchronous task is answered with at once."""
    request = request_of(task)
    return {"taskType": request["taskType"], "taskUUID": request["taskUUID"]}


def request_of(task: Task) -> Json:
    """The task object as it was sent."""
    request: Json = json.loads(task.order.details["request"])
    return request


async def told(task: Task, world: World, base_url: str, *, polled: bool = True) -> Told:
    """Where a task stands: one item or error for each of its results. Results come one after another."""
    now, count = world.clock.now(), int(task.order.details["count"])
    if task.fate in (Fate.MODERATED, Fate.FAILS) and now >= task.ends:
        rebuff = of_ending(task.fate)
        return Told(errors=(error_of(rebuff, request_of(task), status="error"),) * count)
    items = []
    for index in range(count):
        if task.fate is Fate.SUCCEEDS and now >= _ready(task, index, count):
            items.append(await _result(task, world, base_url, index, polled=polled))
        else:
            items.append(_processing(task, now, index))
    return Told(tuple(items))


def _ready(task: Task, index: int, count: int) -> float:
    return task.ends if index == count - 1 else task.starts + (task.ends - task.starts) * (index + 1) / count


def _processing(task: Task, now: float, index: int) -> Json:
    """With the UUID of what is being made, because a client in use waits long where there is none (section 4)."""
    length = task.ends - task.starts
    done = 0 if math.isinf(length) or length <= 0 else int(100 * max(0.0, now - task.starts) / length)
    item = {**acknowledged(task), "status": "processing", "progress": min(99, done)}
    return {**item, f"{_kind(task)}UUID": _media_uuid(task, index)}


async def _result(task: Task, world: World, base_url: str, index: int, *, polled: bool) -> Json:
    item = acknowledged(task)
    if polled:
        item["status"] = "success"
    kind = "media" if task.order.model in _general_names else _kind(task)
    item[f"{kind}UUID"] = _media_uuid(task, index)
    item |= await _file(task, world, base_url, index, kind)
    item["seed"] = (task.order.outputs[index].seed + index) % 2**31
    item["NSFWContent"] = False
    if task.order.details["cost"]:
        item["cost"] = float(task.order.details["each"])
    return item


async def _file(task: Task, world: World, base_url: str, index: int, kind: str) -> Mapping[str, Any]:
    form = task.order.details["type"]
    if form == "URL":
        return {f"{kind}URL": world.urls(task, base_url)[index]}
    path = await world.outputs.file(task.files[index])
    text = base64.b64encode(await asyncio.to_thread(_read, path or "")).decode()
    if form == "base64Data":
        return {f"{kind}Base64Data": text}
    return {f"{kind}DataURI": f"data:{_mimes[os.path.splitext(task.files[index])[1]]};base64,{text}"}


def _kind(task: Task) -> str:
    return "image" if task.order.product == "image" else "video"


def _media_uuid(task: Task, index: int) -> str:
    return uuid_of("result", task.order.external_id, str(index))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
