"""Task objects of both request standards, told apart by their fields and read into one value; kling.md section 3.

Nothing here raises: what cannot be read is left out, and a task without an id or a status is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from kling_pipe.providers.kling.amounts import Prices, billing, deduction, id_in, mapping, moment
from kling_pipe.providers.kling.outputs import body_outputs, path_outputs
from kling_pipe.providers.kling.refusals import sounds_moderated, text_in
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.job import Output, Phase, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Response

# Both spellings of success; section 4. A word nobody has listed is taken for work in progress.
_phases: Mapping[str, Phase] = {
    "submitted": Phase.QUEUED,
    "processing": Phase.RUNNING,
    "succeed": Phase.SUCCEEDED,
    "succeeded": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
_ended = frozenset({Phase.SUCCEEDED, Phase.FAILED})
_nothing = "the service found none of the parts it can cut out: no object, head, face or clothes"


def read_task(data: object, pack: str, prices: Prices) -> TaskState | None:
    """A task of either standard; `pack` is that of a body-model task, which does not name it."""
    if not isinstance(data, Mapping):
        return None
    if "task_id" in data or "task_status" in data:
        return _body_task(data, pack, prices)
    return _path_task(data, prices)


def read_made(response: Response, pack: str, prices: Prices) -> TaskState | None:
    """The answer of a call that makes at once. One of them tells of no task, so the answer's own id stands for it."""
    envelope = response.json() or {}
    data = mapping(envelope.get("data"))
    if id_in(data.get("task_id")):
        return _body_task(data, pack, prices)
    result = data.get("task_result")
    if not isinstance(result, Mapping):
        return None
    answer = text_in(envelope.get("request_id")) or sha256(response.body).hexdigest()[:32]
    status = "succeed" if body_outputs(result) else "failed"
    state = _body_task({**data, "task_id": answer, "task_status": status}, pack, prices)
    if state is None or state.outputs:
        return state
    return TaskState(
        state.task_id, "", Phase.FAILED, _nothing, str(AnswerClass.INVALID), cost=state.cost, status=status
    )


def _body_task(data: Mapping[str, object], pack: str, prices: Prices) -> TaskState | None:
    info = mapping(data.get("task_info"))
    return _task(
        task_id=id_in(data.get("task_id")),
        external_id=text_in(info.get("external_task_id")) or text_in(data.get("external_task_id")),
        status=text_in(data.get("task_status")),
        message=text_in(data.get("task_status_msg")),
        outputs=body_outputs(mapping(data.get("task_result"))),
        cost=deduction(data, pack, prices),
        created=moment(data.get("created_at")),
        updated=moment(data.get("updated_at")),
    )


def _path_task(data: Mapping[str, object], prices: Prices) -> TaskState | None:
    return _task(
        task_id=id_in(data.get("id")),
        external_id=text_in(data.get("external_id")),
        status=text_in(data.get("status")),
        message=text_in(data.get("message")),
        outputs=path_outputs(data.get("outputs")),
        cost=billing(data.get("billing"), prices),
        created=moment(data.get("create_time")),
        updated=moment(data.get("update_time")),
    )


def _task(
    *,
    task_id: str,
    external_id: str,
    status: str,
    message: str,
    outputs: tuple[Output, ...],
    cost: Cost | None,
    created: float,
    updated: float,
) -> TaskState | None:
    if not task_id or not status:
        return None
    phase = _phases.get(status, Phase.RUNNING)
    moderated = phase is Phase.FAILED and sounds_moderated(message)
    return TaskState(
        task_id=task_id,
        external_id=external_id,
        phase=phase,
        message=message,
        failure=str(AnswerClass.MODERATED) if moderated else "",
        outputs=outputs if phase is Phase.SUCCEEDED else (),
        cost=cost if phase in _ended else None,
        created=created,
        updated=updated,
        status=status,
    )
