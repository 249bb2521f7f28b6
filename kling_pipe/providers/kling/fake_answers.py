"""The envelope around every answer, and the words of every refusal that a request's own fields do not decide."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kling_pipe.providers.kling.fake_auth import account_of
from kling_pipe.providers.kling.fake_fields import Rebuff, wrong
from kling_pipe.simulator.faults import Fault
from kling_pipe.simulator.service import Call, Reply
from kling_pipe.simulator.settings import Standing
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import Denial, World

Json = dict[str, Any]
Handle = Callable[[World, str, Call], Awaitable[object]]

# Section 8: HTTP status, code and text of what the world, the account or a fault refuses; the texts of 1102 and 1303
# were seen, the others are ours.
_denials: Mapping[Denial, tuple[int, int, str]] = {
    Denial.USED_UP: (429, 1102, "Account balance not enough"),
    Denial.OVER_QUOTA: (429, 1303, "parallel task over resource pack limit"),
}
_no_permission = (403, 1103, "no permission for this API or model")
_standings: Mapping[Standing, tuple[int, int, str]] = {
    Standing.ABNORMAL: (429, 1100, "the account is in an abnormal state"),
    Standing.ARREARS: (429, 1101, "the account is in arrears"),
    Standing.FORBIDDEN: _no_permission,
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


def guarded(world: World, handle: Handle, *, path_model: bool = False) -> Callable[[Call], Awaitable[Reply]]:
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
            return refused(request_id, refusal.status, refusal.code, refusal.text)
        return Reply.json(200, {"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})

    return answer


def refused(request_id: str, status: int, code: int, text: str, *headers: tuple[str, str]) -> Reply:
    """A refusal; errors have no `data` (section 3)."""
    envelope: Json = {"code": code, "message": text}
    if request_id:
        envelope["request_id"] = request_id
    return Reply.json(status, envelope, *headers)


def faulty(fault: Fault, world: World) -> Reply:
    """A fault in the service's own words."""
    status, code, text = _faults[fault]
    wait = (("retry-after", f"{world.settings.retry_after:g}"),) if fault is Fault.THROTTLED else ()
    return refused(world.request_id(), status, code, text, *wait)


def made(world: World, order: TaskOrder) -> Task:
    """The task of an order; raises Rebuff when there is none to be had."""
    if {order.endpoint, order.model} & set(world.settings.forbidden):
        raise Rebuff(*_no_permission)
    task = world.create(order)
    if task is Denial.TAKEN:
        raise wrong(f"External_task_id {order.external_id} already exists")
    if isinstance(task, Denial):
        raise Rebuff(*_denials[task])
    return task


def body_of(call: Call) -> Json:
    """The JSON object of a request."""
    try:
        value = json.loads(call.body or b"{}")
        if b"\\u" in call.body:
            json.dumps(value, ensure_ascii=False).encode()  # half a character can be escaped but never answered
    except (ValueError, RecursionError) as error:
        raise Rebuff(400, 1200, "the request body is not JSON") from error
    if not isinstance(value, dict):
        raise Rebuff(400, 1200, "the request body must be a JSON object")
    return value
