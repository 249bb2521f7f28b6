"""Arrays of tasks: who sends them, what each of them begins, and the one envelope around all answers.

Tasks of an array succeed or fail one by one (runware.md section 2).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.runware import fake_clips, fake_pictures, fake_queries, fake_storage
from kling_pipe.providers.runware.fake_errors import (
    Json,
    Rebuff,
    error_of,
    invalid,
    missing,
    no_permission,
    of_denial,
    of_standing,
    unsupported,
)
from kling_pipe.providers.runware.fake_fields import Parameter, read
from kling_pipe.providers.runware.fake_media import Desk, service
from kling_pipe.providers.runware.fake_models import clip_models, picture_models
from kling_pipe.providers.runware.fake_results import Told, acknowledged, told
from kling_pipe.simulator.faults import draw
from kling_pipe.simulator.service import Call, Reply
from kling_pipe.simulator.settings import Standing
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World
from kling_pipe.values.job import Phase

creating = frozenset({"imageInference", "videoInference", "imageUpload", "mediaStorage"})
_version_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_patience = 600.0  # simulated seconds that a synchronous request is held
# After these seconds a webhook that nobody answered is tried again (section 4).
_webhook_waits = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_ping = (Parameter("taskType"), Parameter("taskUUID"), Parameter("ping", "switch", required=True))


@dataclass(frozen=True, slots=True)
class Begun:
    """What a task is answered with at once, and the generating task behind it if its results are still to come."""

    told: Told = Told()
    task: Task | None = None
    statuses: tuple[int, ...] = ()  # of the errors

    @property
    def is_held(self) -> bool:
        """Whether the answer waits for the results."""
        return self.task is not None and not self.told.data


def tasks_of(body: bytes) -> list[Any]:
    """The array of a request; raises Rebuff."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()  # half a character can be escaped but never answered
    except (ValueError, RecursionError) as error:
        raise Rebuff(400, "invalidRequestBody", "The request body is not JSON") from error
    if not isinstance(value, list):
        raise Rebuff(400, "invalidRequestBody", "The request body must be an array of tasks")
    if not value:
        raise Rebuff(400, "missingTasks", "The request body holds no task")
    return value


def is_authentication(task: object) -> bool:
    """Whether an element signs in."""
    return isinstance(task, dict) and task.get("taskType") == "authentication"


def account_of(key: object, world: World) -> str:
    """The account of an API key; raises Rebuff."""
    if not key:
        raise Rebuff(401, "missingApiKey", "No API key was given")
    account = world.account_of_key(key, service) if isinstance(key, str) else None
    if account is None:
        raise Rebuff(401, "invalidApiKey", "The API key is not valid")
    return account


def check_standing(account: str, world: World) -> None:
    """Stops everything for an account that is in trouble or too quick; raises Rebuff."""
    if world.settings.account is not Standing.GOOD:
        raise of_standing(world.settings.account)
    if service in world.settings.forbidden:
        raise no_permission()
    if not world.admits(account):
        raise Rebuff(429, "rateLimitExceeded", "Too many requests")


async def answer(call: Call, world: World) -> Reply:
    """`POST /v1`: signs the caller in by the header or the first element, and carries out every task."""
    try:
        tasks = tasks_of(call.body)
        scheme, _, key = call.headers.get("authorization", "").strip().partition(" ")
        header = key.strip() if scheme.lower() == "bearer" else ""
        account = account_of(header or (is_authentication(tasks[0]) and tasks[0].get("apiKey")), world)
        check_standing(account, world)
    except Rebuff as rebuff:
        return refused(rebuff)
    desk = Desk(world, account, call.base_url)
    rest = tasks[1:] if is_authentication(tasks[0]) else tasks
    begun = [await begin(task, desk) for task in rest]
    return envelope(await asyncio.gather(*(held(one, desk) for one in begun)), world)


async def begin(task: Any, desk: Desk) -> Begun:
    """Carries out what a task asks for, up to where it waits for results."""
    try:
        return await _begin(task, desk)
    except Rebuff as rebuff:
        return _failed(rebuff, task)
    except RecursionError:
        return _failed(Rebuff(400, "invalidRequestBody", "The task is nested too deeply"), task)


async def held(begun: Begun, desk: Desk) -> Begun:
    """What is answered when the results are there."""
    task = begun.task
    if task is None or not begun.is_held:
        return begun
    await desk.world.clock.sleep(max(0.0, min(task.ends - desk.world.clock.now(), _patience)))
    return await results(task, desk)


async def results(task: Task, desk: Desk) -> Begun:
    """The results of a task that somebody waited for."""
    if desk.world.phase(task) in (Phase.QUEUED, Phase.RUNNING):
        return _failed(Rebuff(504, "timeoutProvider", "The provider did not answer in time"), acknowledged(task))
    said = await told(task, desk.world, desk.base_url, polled=False)
    return Begun(said, statuses=(500,) * len(said.errors))


def envelope(parts: Sequence[Begun], world: World) -> Reply:
    """All answers in one. What status a mixed answer has is not told (section 2), so it is drawn."""
    data = [item for part in parts for item in part.told.data]
    errors = [error for part in parts for error in part.told.errors]
    body: Json = {}
    if data or not errors:
        body["data"] = data
    if errors:
        body["errors"] = errors
    statuses = [status for part in parts for status in part.statuses]
    status = 200
    if statuses and not data:
        status = statuses[0] if len(set(statuses)) == 1 else 400
    elif statuses and statuses[0] < 429 and draw(world.settings.seed, "runware/mixed", len(world.tasks())) < 0.5:
        status = statuses[0]
    return Reply.json(status, body)


def refused(rebuff: Rebuff, *headers: tuple[str, str]) -> Reply:
    """A refusal of the whole request."""
    return Reply.json(rebuff.status, {"errors": [error_of(rebuff)]}, *headers)


async def _begin(task: Any, desk: Desk) -> Begun:
    if not isinstance(task, dict):
        raise Rebuff(400, "invalidTask", "Every element must be an object")
    kind = task.get("taskType")
    if kind is None:
        raise missing("taskType")
    if kind == "ping":
        if not read(task, _ping)["ping"]:
            raise invalid("ping", "expected true")
        return Begun(Told(({"taskType": "ping", "pong": True},)))
    if not isinstance(kind, str) or kind not in (*creating, "getResponse", "getTaskDetails"):
        raise invalid("taskType", "expected a known type of task")
    _check_uuid(task)
    if kind == "getResponse":
        said = await fake_queries.get_response(task, desk)
        return Begun(said, statuses=(200,) * len(said.errors))  # the question itself was a good one
    if kind == "getTaskDetails":
        return Begun(Told((await fake_queries.get_task_details(task, desk),)))
    _check_new(task, desk)
    if kind in desk.world.settings.forbidden:
        raise no_permission()
    if kind == "imageUpload":
        return Begun(Told((await fake_storage.image_upload(task, desk),)))
    if kind == "mediaStorage":
        return Begun(Told((await fake_storage.media_storage(task, desk),)))
    return _made(await _order(task, desk), desk)


def _failed(rebuff: Rebuff, task: object) -> Begun:
    return Begun(Told(errors=(error_of(rebuff, task),)), statuses=(rebuff.status,))


def _check_uuid(task: Mapping[str, Any]) -> None:
    uuid = task.get("taskUUID")
    if uuid is None:
        raise missing("taskUUID")
    if not isinstance(uuid, str) or not _version_4.fullmatch(uuid):
        raise invalid("taskUUID", "expected a UUID v4")


def _check_new(task: Mapping[str, Any], desk: Desk) -> None:
    """A known UUID is refused before anything else of the task is looked at."""
    uuid = str(task["taskUUID"]).lower()
    known = desk.world.task(desk.account, uuid)
    if known is not None and known.order.external_id == uuid:
        text = f"A task with the taskUUID '{task['taskUUID']}' already exists"
        raise Rebuff(400, "conflictTaskUUID", text, "taskUUID")


async def _order(task: Mapping[str, Any], desk: Desk) -> TaskOrder:
    air = task.get("model")
    if air is None:
        raise missing("model")
    if not isinstance(air, str):
        raise invalid("model", "expected a string")
    if air not in picture_models and air not in clip_models:
        raise Rebuff(404, "unknownModel", f"The model '{air}' does not exist", "model")
    if air in desk.world.settings.forbidden:
        raise no_permission()
    is_picture = task["taskType"] == "imageInference"
    if (air in picture_models) is not is_picture:
        raise unsupported("model", f"The model '{air}' does not support '{task['taskType']}'")
    if is_picture:
        return await fake_pictures.create(task, air, picture_models[air], desk)
    return await fake_clips.create(task, air, clip_models[air], desk)


def _made(order: TaskOrder, desk: Desk) -> Begun:
    made = desk.world.create(order)
    if not isinstance(made, Task):
        raise of_denial(made, order.external_id)
    _tell(made, desk)
    said = Told() if order.details["sync"] else Told((acknowledged(made),))
    return Begun(said, made)


def _tell(task: Task, desk: Desk) -> None:
    """A webhook gets the flat item of each result, and an error where there is none (section 4)."""

    async def ending() -> list[bytes]:
        said = await told(task, desk.world, desk.base_url)
        return [json.dumps(one, ensure_ascii=False).encode() for one in (*said.data, *said.errors)]

    desk.world.callbacks.deliver(task, ending, _webhook_waits)


def _no_constant(name: str) -> float:
    raise ValueError(f"`{name}` is no JSON")
