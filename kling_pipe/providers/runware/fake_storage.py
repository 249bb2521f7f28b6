"""`imageUpload` and `mediaStorage`: files that later tasks name by their UUID (runware.md section 5)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.runware import fake_limits
from kling_pipe.providers.runware.fake_errors import Json, Rebuff, of_denial
from kling_pipe.providers.runware.fake_fields import Parameter, read
from kling_pipe.providers.runware.fake_media import Desk, kept, service, topic_of, uuid_of
from kling_pipe.simulator.inputs import InputFile
from kling_pipe.simulator.tasks import Task, TaskOrder

_common = (Parameter("taskType"), Parameter("taskUUID"))
_image = (*_common, Parameter("image", required=True))
_operation = Parameter("operation", required=True, values=("upload", "delete"))
_media = (*_common, _operation, Parameter("media", required=True))


async def image_upload(task: Mapping[str, Any], desk: Desk) -> Json:
    """Stores a picture."""
    values = read(task, _image)
    found = await desk.file("image", values["image"], fake_limits.pictures["any"])
    uuid, url = await _store(task, desk, found)
    return _remembered(task, desk, {"imageUUID": uuid, "imageURL": url}, uuid)


async def media_storage(task: Mapping[str, Any], desk: Desk) -> Json:
    """Stores a file of any kind, or takes one away."""
    values = read(task, _media)
    if values["operation"] == "upload":
        found = await desk.any_file("media", values["media"])
        uuid, url = await _store(task, desk, found)
        return _remembered(task, desk, {"operation": "upload", "mediaUUID": uuid, "mediaURL": url}, uuid)
    uuid = values["media"].lower()
    if kept(desk.world, desk.account, uuid) is None:
        raise Rebuff(404, "mediaNotFound", f"No media with the UUID '{values['media']}'", "media")
    _keep(task, desk, {"operation": "delete", "mediaUUID": uuid}, uuid, gone="1")
    return {"taskType": task["taskType"], "taskUUID": task["taskUUID"], "operation": "delete", "mediaUUID": uuid}


async def _store(task: Mapping[str, Any], desk: Desk, found: InputFile) -> tuple[str, str]:
    uuid = uuid_of("media", desk.account, str(task["taskUUID"]))
    name = f"{service}/{uuid}{found.facts.extension}"
    data = await asyncio.to_thread(_read, found.path)
    await desk.world.take_upload(name, data)
    return uuid, f"{desk.base_url}/uploads/{name}"


def _remembered(task: Mapping[str, Any], desk: Desk, result: Json, uuid: str) -> Json:
    name = str(result.get("imageURL") or result["mediaURL"]).partition("/uploads/")[2]
    path = desk.world.upload_path(name)
    assert path is not None
    _keep(task, desk, result, uuid, path=path)
    return {"taskType": task["taskType"], "taskUUID": task["taskUUID"], **result}


def _keep(task: Mapping[str, Any], desk: Desk, result: Json, uuid: str, **details: str) -> Task:
    order = TaskOrder(
        account=desk.account,
        service=service,
        product="",
        endpoint=str(task["taskType"]),
        model="",
        units=Decimal(0),
        seconds=0.0,
        outputs=(),
        external_id=str(task["taskUUID"]).lower(),
        at_once=True,
        topic=topic_of(uuid),
        currency="USD",
        unbilled=True,
        details={"request": json.dumps(task), "result": json.dumps(result), **details},
    )
    made = desk.world.create(order)
    if not isinstance(made, Task):
        raise of_denial(made, str(task["taskUUID"]))
    return made


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
