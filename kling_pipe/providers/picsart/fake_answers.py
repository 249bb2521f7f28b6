"""How the service says no: the status that the page gives, and the text in each of the places where it may stand.

Written from picsart.md sections 2 and 4; where the page gives no status, ours stands in.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kling_pipe.providers.picsart.fake_auth import account_of
from kling_pipe.providers.picsart.fake_fields import Rebuff
from kling_pipe.simulator.faults import Fault
from kling_pipe.simulator.service import Call, Reply
from kling_pipe.simulator.settings import Standing
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import Denial, World

Json = dict[str, Any]
Handle = Callable[[World, str, Call], Awaitable[object]]

# Section 2: 402 or a message holding "insufficient" means credits, so both are met.
_without_credits = ((402, "Payment required"), (400, "Insufficient credits"), (402, "You have insufficient credits"))
_busy = (429, "Too many generations at once")
_no_permission = (403, "This model is not available for the account")
_standings: Mapping[Standing, tuple[int, str]] = {
    Standing.ABNORMAL: (403, "The account is suspended"),
    Standing.ARREARS: (402, "Payment required"),
    Standing.FORBIDDEN: _no_permission,
    Standing.BLOCKED: (403, "The address is not allowed"),
}
_faults: Mapping[Fault, tuple[int, str]] = {
    Fault.UNAUTHORIZED_ONCE: (401, "Unauthorized: the token has expired"),
    Fault.THROTTLED: (429, "Too many requests"),
    Fault.THROTTLED_BARE: (429, "Too many requests"),
    Fault.OVER_QUOTA: _busy,
    Fault.MODERATED: (400, "The request was refused by content moderation"),
    Fault.ERROR_BEFORE: (503, "Service unavailable"),
    Fault.ERROR_AFTER: (500, "Internal server error"),
}
# Section 2: the error stands at `response.error`, `error`, `message` or `reason`.
_places: tuple[Callable[[str], Json], ...] = (
    lambda text: {"error": text},
    lambda text: {"message": text},
    lambda text: {"response": {"error": text}},
    lambda text: {"reason": text},
)


def guarded(world: World, handle: Handle) -> Callable[[Call], Awaitable[Reply]]:
    """Signs the caller in, counts the request, and words what is refused."""

    async def answer(call: Call) -> Reply:
        try:
            account = account_of(call.headers, world)
            if world.settings.account is not Standing.GOOD:
                raise Rebuff(*_standings[world.settings.account])
            if not world.admits(account):
                raise Rebuff(429, "Too many requests")
            return Reply.json(200, await handle(world, account, call))
        except Rebuff as refusal:
            return refused(world, refusal.status, refusal.text)

    return answer


def refused(world: World, status: int, text: str, *headers: tuple[str, str]) -> Reply:
    """A refusal, its text in one of the four places."""
    return Reply.json(status, error_in(_turn(world), text), *headers)


def error_in(turn: int, text: str) -> Json:
    """The text in the place whose turn it is."""
    return _places[turn % len(_places)](text)


def faulty(fault: Fault, world: World) -> Reply:
    """A fault in the service's own words."""
    wait = (("retry-after", f"{world.settings.retry_after:g}"),) if fault is Fault.THROTTLED else ()
    return refused(world, *_faults[fault], *wait)


def made(world: World, order: TaskOrder) -> Task:
    """The task of an order; raises Rebuff when there is none to be had."""
    if {order.endpoint, order.model} & set(world.settings.forbidden):
        raise Rebuff(*_no_permission)
    task = world.create(order)
    if task is Denial.OVER_QUOTA:
        raise Rebuff(*_busy)
    if isinstance(task, Denial):
        raise Rebuff(*_without_credits[_turn(world) % len(_without_credits)])
    return task


def params_of(call: Call) -> Json:
    """What `params` of a request's body holds."""
    try:
        value = json.loads(call.body or b"{}")
        if b"\\u" in call.body:
            json.dumps(value, ensure_ascii=False).encode()  # half a character can be escaped but never answered
    except (ValueError, RecursionError) as error:
        raise Rebuff(400, "the request body is not JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("params"), dict):
        raise Rebuff(400, "params must be an object")
    for name in value:
        if name != "params":
            raise Rebuff(400, f"unknown field: {name}")
    params: Json = value["params"]
    return params


def _turn(world: World) -> int:
    """A number that changes from answer to answer, the same in every run of a world."""
    return int(world.request_id()[:8], 16)
