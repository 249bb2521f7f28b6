"""Tasks as HTTP answers tell of them; picsart.md section 2. Nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.picsart.refusals import message_in, sounds_moderated
from kling_pipe.providers.picsart.results import outputs_of
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.job import Phase, TaskRef, TaskState
from kling_pipe.values.wire import Json

# All spellings; a word nobody has listed is taken for work in progress.
_phases: Mapping[str, Phase] = {
    "ACCEPTED": Phase.QUEUED,
    "IN_PROGRESS": Phase.RUNNING,
    "PENDING": Phase.RUNNING,
    "RUNNING": Phase.RUNNING,
    "COMPLETED": Phase.SUCCEEDED,
    "SUCCESS": Phase.SUCCEEDED,
    "FAILED": Phase.FAILED,
    "ERROR": Phase.FAILED,
    "CANCELED": Phase.FAILED,
    "CANCELLED": Phase.FAILED,
}
_unknown = "UNKNOWN"


def submitted(envelope: Json) -> TaskState | None:
    """The task of a submit's answer; None when it names none. Whatever else it says, the task is asked for."""
    inner = envelope.get("response")
    task_id = _id(inner.get("id")) if isinstance(inner, Mapping) else ""
    task_id = task_id or _id(envelope.get("id"))
    status = _status(envelope)
    phase = Phase.QUEUED if _phases.get(status.upper(), Phase.QUEUED) is Phase.QUEUED else Phase.RUNNING
    return TaskState(task_id, "", phase, status=status) if task_id else None


def told(envelope: Json, task: TaskRef) -> TaskState:
    """How a task stands."""
    status = _status(envelope)
    phase = _phases.get(status.upper(), Phase.RUNNING)
    result = _result(envelope)
    outputs = outputs_of(result, task.route.endpoint) if phase is Phase.SUCCEEDED else ()
    message = ""
    if phase is Phase.SUCCEEDED and not outputs and _is_error(result):
        phase, message = Phase.FAILED, message_in(result)
    if phase is Phase.FAILED:
        message = message or message_in(envelope) or f"the task ended with `{status}`"
    return TaskState(
        task_id=task.task_id,
        external_id=task.external_id,
        phase=phase,
        message=message,
        failure=failure_of(message) if phase is Phase.FAILED else "",
        outputs=outputs,
        status=status,
    )


def failure_of(message: str) -> str:
    """The class of a failed task's reason, where it has one."""
    return str(AnswerClass.MODERATED) if sounds_moderated(message) else ""


def _status(envelope: Json) -> str:
    inner = envelope.get("response")
    found = [holder.get("status") for holder in (inner, envelope) if isinstance(holder, Mapping)]
    return next((word[:60] for word in found if isinstance(word, str) and word), _unknown)


def _result(envelope: Json) -> object:
    inner = envelope.get("response")
    if isinstance(inner, Mapping) and inner.get("result") is not None:
        return inner["result"]
    return envelope.get("result")


def _is_error(result: object) -> bool:
    """A result may itself say that there is none: by an HTTP status, or by a word."""
    if not isinstance(result, Mapping):
        return False
    status = result.get("status", result.get("statusCode"))
    by_number = isinstance(status, int) and not isinstance(status, bool) and status >= 400
    return by_number or (isinstance(status, str) and status.upper() in ("ERROR", "FAILED"))


def _id(value: object) -> str:
    """An id as text, whichever way it was written."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**30:
        return str(value)
    return value if isinstance(value, str) and 0 < len(value) <= 300 else ""
