"""How the service says no: its error objects, and what the world, the account or a fault refuses in its words.

Code names are those of runware.md section 7; which of them meets which case is not published, so the families decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.simulator.faults import Fault
from kling_pipe.simulator.settings import Standing
from kling_pipe.simulator.tasks import Fate
from kling_pipe.simulator.world import Denial

Json = dict[str, Any]
documentation = "https://runware.ai/docs/en/platform/errors"


class Rebuff(Exception):
    """A task, or the whole request, is refused with an HTTP status, a code and words."""

    def __init__(self, status: int, code: str, text: str, parameter: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.status = status
        self.code = code
        self.text = text
        self.parameter = parameter


def missing(parameter: str) -> Rebuff:
    """A required parameter is absent."""
    return Rebuff(400, f"missing{_capital(parameter)}", f"'{parameter}' is required", parameter)


def invalid(parameter: str, text: str) -> Rebuff:
    """A value cannot stand."""
    return Rebuff(400, f"invalid{_capital(parameter)}", f"Invalid value for '{parameter}': {text}", parameter)


def unsupported(parameter: str, text: str) -> Rebuff:
    """A value or a parameter that exists, but not here."""
    return Rebuff(400, f"unsupported{_capital(parameter)}", text, parameter)


def incompatible(parameter: str, text: str) -> Rebuff:
    """Two parameters that exclude each other."""
    return Rebuff(400, "incompatibleParameters", text, parameter)


def unknown(parameter: str) -> Rebuff:
    """A parameter that the model does not have."""
    return Rebuff(400, "unknownParameter", f"Unknown parameter '{parameter}'", parameter)


def not_found(text: str) -> Rebuff:
    """A UUID that no task has."""
    return Rebuff(404, "taskFailedOrNotFound", text)


def error_of(rebuff: Rebuff, task: object = None, *, status: str = "") -> Json:
    """The error object of a refusal, with what is known of the task it is about."""
    error: Json = {"code": rebuff.code, "message": rebuff.text}
    if rebuff.parameter:
        error["parameter"] = rebuff.parameter
    for name in ("taskType", "taskUUID"):
        if isinstance(task, Mapping) and isinstance(task.get(name), str):
            error[name] = task[name]
    if status:
        error["status"] = status
    return {**error, "documentation": documentation}


def of_denial(denial: Denial, uuid: str) -> Rebuff:
    """Why the world made no task."""
    if denial is Denial.TAKEN:
        return Rebuff(400, "conflictTaskUUID", f"A task with the taskUUID '{uuid}' already exists", "taskUUID")
    if denial is Denial.USED_UP:
        return Rebuff(402, "insufficientCredits", "The balance does not cover this task")
    return Rebuff(429, "concurrencyRateLimitExceeded", "The queue of this model is full")


_denied = Rebuff(403, "permissionDenied", "The API key lacks the right to this model or task")
_standings: Mapping[Standing, Rebuff] = {
    Standing.ABNORMAL: Rebuff(403, "accountSuspended", "The account is suspended"),
    Standing.ARREARS: Rebuff(402, "insufficientBalance", "The account's balance is too low"),
    Standing.FORBIDDEN: _denied,
    Standing.BLOCKED: Rebuff(403, "forbidden", "Requests from this address are not allowed"),
}
_faults: Mapping[Fault, Rebuff] = {
    Fault.UNAUTHORIZED_ONCE: Rebuff(401, "tokenExpired", "The API key's token has expired"),
    Fault.THROTTLED: Rebuff(429, "rateLimitExceeded", "Too many requests"),
    Fault.THROTTLED_BARE: Rebuff(429, "rateLimitExceeded", "Too many requests"),
    Fault.OVER_QUOTA: Rebuff(429, "concurrencyRateLimitExceeded", "The queue of this model is full"),
    Fault.MODERATED: Rebuff(400, "contentPolicyViolation", "The request violates the content policy"),
    Fault.ERROR_BEFORE: Rebuff(503, "serviceUnavailable", "The service is temporarily unavailable"),
    Fault.ERROR_AFTER: Rebuff(500, "internalServerError", "An internal error occurred"),
}
of_tasks = frozenset({Fault.OVER_QUOTA, Fault.MODERATED})  # faults of what is asked for, not of the request
_endings: Mapping[Fate, Rebuff] = {
    Fate.MODERATED: Rebuff(400, "providerContentPolicyViolation", "The provider's moderation refused the result"),
    Fate.FAILS: Rebuff(500, "inferenceError", "The generation failed at the provider"),
}


def of_standing(standing: Standing) -> Rebuff:
    """What an account that is anything but good hears."""
    return _standings[standing]


def of_fault(fault: Fault) -> Rebuff:
    """A fault in the service's words."""
    return _faults[fault]


def of_ending(fate: Fate) -> Rebuff:
    """How a task failed after its whole time."""
    return _endings[fate]


def no_permission() -> Rebuff:
    """A model, a kind of task or the whole service that the account may not use."""
    return _denied


def _capital(parameter: str) -> str:
    word = parameter.rpartition(".")[2].partition("[")[0]
    return word[:1].upper() + word[1:]
