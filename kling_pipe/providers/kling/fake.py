"""Kling's native service as the simulator plays it: both request standards, accounts, packs and refusals.

Written from kling.md alone; it shares nothing with the adapter, so that each checks the other. Callbacks are accepted
and not sent: their retries are not published (D15).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kling_pipe.providers.kling import fake_account, fake_clips, fake_path, fake_pictures, fake_tasks
from kling_pipe.providers.kling.fake_auth import account_of
from kling_pipe.providers.kling.fake_fields import Rebuff, wrong
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.service import Call, Endpoint, Reply
from kling_pipe.simulator.settings import Standing
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import Denial, World

Json = dict[str, Any]
BodyCreate = Callable[[Mapping[str, Any], Desk, str], Awaitable[TaskOrder]]
PathCreate = Callable[[str, Mapping[str, Any], Desk, str], Awaitable[TaskOrder]]

_body_endpoints: Mapping[str, BodyCreate] = {
    "/v1/images/generations": fake_pictures.generations,
    "/v1/images/omni-image": fake_pictures.omni_image,
    "/v1/images/multi-image2image": fake_pictures.multi_image,
    "/v1/videos/text2video": fake_clips.text2video,
    "/v1/videos/image2video": fake_clips.image2video,
    "/v1/videos/motion-control": fake_clips.motion_control,
}
_path_endpoints: Mapping[str, PathCreate] = {
    "text-to-video": fake_path.text_to_video,
    "image-to-video": fake_path.image_to_video,
    "motion-control": fake_path.motion_control,
}
# Section 8: HTTP status, code and text of what the world, the account or a fault refuses; the texts of 1102 and 1303
# were seen, the others are ours.
_denials: Mapping[Denial, tuple[int, int, str]] = {
    Denial.USED_UP: (429, 1102, "Account balance not enough"),
    Denial.OVER_QUOTA: (429, 1303, "parallel task over resource pack limit"),
}
_standings: Mapping[Standing, tuple[int, int, str]] = {
    Standing.ABNORMAL: (429, 1100, "the account is in an abnormal state"),
    Standing.ARREARS: (429, 1101, "the account is in arrears"),
    Standing.FORBIDDEN: (403, 1103, "no permission for this API or model"),
    Standing.BLOCKED: (429, 1304, "the IP is not on the allow list"),
}
_faults: Mapping[Fault, tuple[int, int, str]] = {
    Fault.UNAUTHORIZED_ONCE: (401, 1004, "token is expired"),
    Fault.THROTTLED: (429, 1302, "request too fast"),
    Fault.THROTTLED_BARE: (429, 1302, "request too fast"),
    Fault.OVER_QUOTA: (429, 1303, "parallel task over resource pack limit"),
    Fault.MODERATED: (400, 1301, "the request triggered the content security policy"),
    Fault.ERROR_BEFORE: (503, 5001, "service temporarily unavailable"),
    Fault.ERROR_AFTER: (500, 5000, "internal error"),
}


class KlingFake:
    """The native service. It keeps nothing: all state is the world's."""

    @property
    def name(self) -> str:
        return "kling"

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        """All paths of both standards and of the account."""
        made = [endpoint for path, create in _body_endpoints.items() for endpoint in _body(world, path, create)]
        made += [_path(world, family, create) for family, create in _path_endpoints.items()]
        return (
            *made,
            Endpoint("GET", "/tasks", Scope.QUERY, _guarded(world, _batch, path_model=True)),
            Endpoint("POST", "/tasks", Scope.QUERY, _guarded(world, _window, path_model=True)),
            Endpoint("GET", "/account/costs", Scope.QUERY, _guarded(world, _costs)),
            Endpoint("POST", "/account/billing/balance", Scope.QUERY, _guarded(world, _balance)),
            Endpoint("POST", "/account/billing/package", Scope.QUERY, _guarded(world, _package)),
        )

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        """A fault in the service's own words."""
        status, code, text = _faults[fault]
        wait = (("retry-after", f"{world.settings.retry_after:g}"),) if fault is Fault.THROTTLED else ()
        return _refused(world.request_id(), status, code, text, *wait)

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        """1202 for a wrong method, 1203 for a wrong path."""
        if known:
            return _refused("", 404, 1202, f"method {call.method} is not supported for {call.path}")
        return _refused("", 404, 1203, f"{call.path} does not exist, not supported for this API")


Handle = Callable[[World, str, Call], Awaitable[object]]


def _guarded(world: World, handle: Handle, *, path_model: bool = False) -> Callable[[Call], Awaitable[Reply]]:
    """Signs the caller in, counts the request, and puts answer or refusal into the envelope."""

    async def answer(call: Call) -> Reply:
        request_id = world.request_id()
        try:
            now = world.stamp(world.clock.now())
            account = account_of(call.headers.get("authorization"), path_model=path_model, world=world, now=now)
            if world.settings.account is not Standing.GOOD:
                raise Rebuff(*_standings[world.settings.account])
            if not world.admits(account):
                raise Rebuff(429, 1302, "request too fast")
            data = await handle(world, account, call)
        except Rebuff as refusal:
            return _refused(request_id, refusal.status, refusal.code, refusal.text)
        return Reply.json(200, {"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})

    return answer


def _refused(request_id: str, status: int, code: int, text: str, *headers: tuple[str, str]) -> Reply:
    envelope: Json = {"code": code, "message": text}
    if request_id:
        envelope["request_id"] = request_id
    return Reply.json(status, envelope, *headers)


def _body(world: World, path: str, create: BodyCreate) -> tuple[Endpoint, ...]:
    async def created(world: World, account: str, call: Call) -> object:
        order = await create(_json(call), Desk(world, base64=True, megabytes=10), account)
        return fake_tasks.body_task(_made(world, order), world, call.base_url, created=True)

    async def single(world: World, account: str, call: Call) -> object:
        return fake_tasks.single(world, account, path, call.parameters["id"], call.base_url)

    async def page(world: World, account: str, call: Call) -> object:
        return fake_tasks.page(world, account, path, call.query, call.base_url)

    return (
        Endpoint("POST", path, Scope.CREATE, _guarded(world, created)),
        Endpoint("GET", path, Scope.QUERY, _guarded(world, page)),
        Endpoint("GET", path + "/{id}", Scope.QUERY, _guarded(world, single)),
    )


def _path(world: World, family: str, create: PathCreate) -> Endpoint:
    async def created(world: World, account: str, call: Call) -> object:
        # Base64 in `contents[].url` is documented and doubted (D7): the stricter reading.
        desk = Desk(world, base64=False, megabytes=50)
        order = await create(call.parameters["model"], _json(call), desk, account)
        return fake_tasks.path_task(_made(world, order), world, call.base_url, created=True)

    return Endpoint("POST", f"/{family}/{{model}}", Scope.CREATE, _guarded(world, created, path_model=True))


def _made(world: World, order: TaskOrder) -> Task:
    task = world.create(order)
    if task is Denial.TAKEN:
        raise wrong(f"External_task_id {order.external_id} already exists")
    if isinstance(task, Denial):
        raise Rebuff(*_denials[task])
    return task


def _json(call: Call) -> Json:
    try:
        value = json.loads(call.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Rebuff(400, 1200, "the request body is not JSON") from error
    if not isinstance(value, dict):
        raise Rebuff(400, 1200, "the request body must be a JSON object")
    return value


async def _batch(world: World, account: str, call: Call) -> object:
    return fake_tasks.batch(world, account, call.query, call.base_url)


async def _window(world: World, account: str, call: Call) -> object:
    return fake_tasks.window(world, account, _json(call), call.base_url)


async def _costs(world: World, account: str, call: Call) -> object:
    return fake_account.costs(world, call.query)


async def _balance(world: World, account: str, call: Call) -> object:
    return fake_account.balance(world, account, _json(call))


async def _package(world: World, account: str, call: Call) -> object:
    return fake_account.package(world, account, _json(call))
