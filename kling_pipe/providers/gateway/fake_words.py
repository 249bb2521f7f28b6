"""How the gateway says no: all shapes of gateway.md section 6, and strict readers of the fields of a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kling_pipe.simulator.faults import Fault
from kling_pipe.simulator.service import Call, Reply
from kling_pipe.simulator.settings import Standing
from kling_pipe.simulator.world import Denial, World

Json = dict[str, Any]


class Rebuff(Exception):
    """A request is refused; `body` is in one of the shapes."""

    def __init__(self, status: int, body: Json, *headers: tuple[str, str]) -> None:
        super().__init__(f"{status} {json.dumps(body)}")
        self.status, self.body, self.headers = status, body, headers

    def reply(self) -> Reply:
        return Reply.json(self.status, self.body, *self.headers)


def openai_error(status: int, code: str, message: str, kind: str = "invalid_request_error", param: str = "") -> Rebuff:
    """The OpenAI form: keys, distribution and pictures."""
    return Rebuff(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def task_error(status: int, code: str, message: str) -> Rebuff:
    """The form of task submits and fetches; its code is a word."""
    return Rebuff(status, {"code": code, "message": message, "data": None})


def proxy_error(status: int, message: str) -> Rebuff:
    """The form of the content proxy."""
    return Rebuff(status, {"error": {"message": message, "type": "invalid_request_error"}})


def invalid(message: str) -> Rebuff:
    """A field of a task's request that cannot stand."""
    return task_error(400, "invalid_request", message)


def account_of(call: Call, world: World) -> str:
    """The account that a request's key opens, if the gateway has nothing against it."""
    scheme, _, key = call.headers.get("authorization", "").strip().partition(" ")
    account = world.account_of_key(key.strip(), "gateway") if scheme.lower() == "bearer" else None
    if account is None:
        raise openai_error(401, "invalid_api_key", "Invalid token", "new_api_error")
    standing = world.settings.account
    if standing is Standing.ARREARS:
        raise openai_error(403, "insufficient_user_quota", "the user quota is not enough", "new_api_error")
    if standing is not Standing.GOOD:
        raise openai_error(403, "access_denied", "this token may not be used here", "new_api_error")
    if not world.admits(account):
        raise openai_error(429, "rate_limit_exceeded", "Too many requests", "rate_limit_error")
    return account


def denied(denial: Denial) -> Rebuff:
    """Why the world made nothing."""
    if denial is Denial.USED_UP:
        return task_error(403, "insufficient_user_quota", "user quota is not enough for this request")
    upstream = '{"code":1303,"message":"parallel task over resource pack limit"}'
    return task_error(429, "fail_to_fetch_task", f"upstream status 429: {upstream}")


def faulty(fault: Fault, world: World) -> Reply:
    """A fault in the gateway's own words."""
    wait = (("retry-after", f"{world.settings.retry_after:g}"),) if fault is Fault.THROTTLED else ()
    match fault:
        case Fault.UNAUTHORIZED_ONCE:
            refusal = openai_error(401, "invalid_api_key", "Invalid token", "new_api_error")
        case Fault.THROTTLED | Fault.THROTTLED_BARE:
            refusal = openai_error(429, "rate_limit_exceeded", "Too many requests", "rate_limit_error")
        case Fault.OVER_QUOTA:
            refusal = denied(Denial.OVER_QUOTA)
        case Fault.MODERATED:
            refusal = task_error(400, "task_failed", "the request triggered the content security policy")
        case Fault.ERROR_BEFORE:
            refusal = openai_error(503, "", "no channel answers at the moment", "upstream_error")
        case _:
            refusal = task_error(500, "do_request_failed", "the upstream broke the connection")
    return Reply.json(refusal.status, refusal.body, *wait)


def object_of(call: Call) -> Json:
    """The JSON object of a request."""
    try:
        value = json.loads(call.body or b"{}")
        json.dumps(value, ensure_ascii=False).encode()  # half a character can be escaped but never answered
    except (ValueError, RecursionError) as error:
        raise task_error(400, "invalid_json", "the request body is not JSON") from error
    if not isinstance(value, dict):
        raise task_error(400, "invalid_json", "the request body must be a JSON object")
    return value


def only(body: Mapping[str, Any], known: frozenset[str], where: str = "") -> None:
    """Refuses what the page does not list: the real gateway drops it, which would hide a client's mistake."""
    strange = sorted(set(body) - known)
    if strange:
        raise invalid(f"unknown field: {where}{strange[0]}")


def text(body: Mapping[str, Any], name: str, where: str = "") -> str:
    """A text; empty where it is left out."""
    value = body.get(name, "")
    if not isinstance(value, str):
        raise invalid(f"{where}{name} must be a string")
    return value


def whole(body: Mapping[str, Any], name: str, low: int, high: int, default: int) -> int:
    """An integer within bounds."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"{name} must be an integer")
    if not low <= value <= high:
        raise invalid(f"{name} must be between {low} and {high}, not {value}")
    return value


def one_of(body: Mapping[str, Any], name: str, values: tuple[str, ...], where: str = "") -> str:
    """A word of a list; empty where it is left out."""
    value = text(body, name, where)
    if value and value not in values:
        raise invalid(f"{where}{name} must be one of {', '.join(values)}, not {value}")
    return value
