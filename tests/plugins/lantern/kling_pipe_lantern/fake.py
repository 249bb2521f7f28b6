"""Lantern as the simulator plays it, written from Lantern's page alone: it imports nothing of the adapter."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.inputs import InputFile, Unusable
from kling_pipe.simulator.media import PictureOrder
from kling_pipe.simulator.service import Answer, Call, Endpoint, Reply
from kling_pipe.simulator.tasks import Fate, Task, TaskOrder
from kling_pipe.simulator.world import Denial, World
from kling_pipe.values.job import Phase

sides = {"1:1": (1024, 1024), "16:9": (1280, 720), "9:16": (720, 1280)}
words = {Phase.QUEUED: "waiting", Phase.RUNNING: "painting", Phase.SUCCEEDED: "ready", Phase.FAILED: "failed"}


class Refused(Exception):
    """An answer with another status than 200."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.reply = Reply.json(status, {"message": message})


class LanternFake:
    """It keeps nothing: all state is the world's."""

    @property
    def name(self) -> str:
        return "lantern"

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        async def create(call: Call, account: str) -> Any:
            return told(await ordered(call, account, world), world, call)

        async def found(call: Call, account: str) -> Any:
            task = world.task(account, call.parameters.get("id") or call.query.get("mark", ""))
            if task is None:
                raise Refused(404, "there is no such picture")
            return told(task, world, call)

        async def left(call: Call, account: str) -> Any:
            return {"usd": str(world.remaining("lantern", "balance"))}

        return (
            Endpoint("POST", "/pictures", Scope.CREATE, opened(world, create)),
            Endpoint("GET", "/pictures", Scope.QUERY, opened(world, found)),
            Endpoint("GET", "/pictures/{id}", Scope.QUERY, opened(world, found)),
            Endpoint("GET", "/account", Scope.QUERY, opened(world, left)),
        )

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        statuses = {
            Fault.UNAUTHORIZED_ONCE: 401,
            Fault.THROTTLED: 429,
            Fault.THROTTLED_BARE: 429,
            Fault.OVER_QUOTA: 429,
            Fault.MODERATED: 451,
        }
        return Reply.json(statuses.get(fault, 503), {"message": f"{fault}, as the simulator was told"})

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        return Reply.json(405 if known else 404, {"message": "there is no such call"})


def opened(world: World, handle: Any) -> Answer:
    """The call of somebody whose key is good."""

    async def answer(call: Call) -> Reply:
        account = world.account_of_key(call.headers.get("authorization", "").removeprefix("Bearer "), "lantern")
        if account is None:
            return Refused(401, "the key is not known").reply
        if not world.admits(account):
            return Refused(429, "too many calls").reply
        try:
            return Reply.json(200, await handle(call, account))
        except Refused as refused:
            return refused.reply

    return answer


async def ordered(call: Call, account: str, world: World) -> Task:
    body = json.loads(call.body)
    if not isinstance(body, dict) or set(body) - {"mark", "model", "prompt", "ratio", "start"}:
        raise Refused(422, "mark, model, prompt, ratio and start are what a picture is ordered by")
    if body.get("model") != "lantern-1" or not body.get("prompt") or body.get("ratio") not in sides:
        raise Refused(422, "a picture needs the model lantern-1, a prompt and a ratio of 1:1, 16:9 or 9:16")
    if world.task(account, str(body["mark"])) is not None:
        raise Refused(409, "there is a picture of this mark")
    references = (await start(body["start"], world),) if "start" in body else ()
    width, height = sides[body["ratio"]]
    task = world.create(
        TaskOrder(
            account=account,
            service="lantern",
            product="image",
            endpoint="/pictures",
            model="lantern-1",
            units=Decimal("0.04"),
            currency="USD",
            seconds=8,
            outputs=(PictureOrder(str(body["prompt"]), width, height, 0, "lantern-1", references),),
            external_id=str(body["mark"]),
        )
    )
    if isinstance(task, Denial):
        raise Refused(402 if task is Denial.USED_UP else 429, "not now")
    return task


async def start(text: str, world: World) -> str:
    """The path of the picture that is begun with."""
    try:
        file: InputFile = await (
            world.inputs.from_url(text, world.hosts) if "://" in text else world.inputs.from_base64(text)
        )
    except Unusable as error:
        raise Refused(422, f"the start {error}") from error
    return file.path


def told(task: Task, world: World, call: Call) -> dict[str, Any]:
    phase = world.phase(task)
    answer: dict[str, Any] = {"id": task.id, "mark": task.order.external_id, "state": words[phase]}
    if phase is Phase.SUCCEEDED:
        answer |= {"urls": world.urls(task, call.base_url), "usd": str(task.order.units)}
    if phase is Phase.FAILED:
        answer |= {"message": "nothing came of it", "reason": "policy" if task.fate is Fate.MODERATED else "trouble"}
    return answer
