"""Free questions about tasks: how they stand, and what the service keeps of them; runware.md sections 3 and 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kling_pipe.providers.provider import Query, Told
from kling_pipe.providers.runware.envelopes import Envelope, text_in
from kling_pipe.providers.runware.refusals import first_of, is_failure, refusal_of, unreadable
from kling_pipe.providers.runware.tasks import details, made_by, read_details, read_task
from kling_pipe.providers.runware.uuids import task_uuid
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, Route, TaskRef, TaskState
from kling_pipe.values.wire import Json, Request, Response

path = "/v1"
get_response = "getResponse"
Part = TypeVar("Part")

most_asked = 100  # tasks in one request; no cap is published (section 2)


@dataclass(frozen=True, slots=True)
class Lookup(Request):
    """A question by jobs' own ids; it remembers them, and what they make, for reading the answer."""

    wanted: tuple[str, ...] = ()
    route: Route = Route("", "")


def find(external_ids: Sequence[str], route: Route) -> tuple[Request, ...]:
    """How the tasks stand, and where that is not known any more what is kept of them."""
    parts = _parts(external_ids)
    return tuple(
        Lookup("POST", path, body=_tasks(kind, [task_uuid(one) for one in part]), wanted=tuple(part), route=route)
        for kind in (get_response, details)
        for part in parts
    )


def read_find(request: Request, response: Response) -> Told:
    """Which of the jobs have a task. One that has ended is told to be running where only its first results may be
    told: the next look, which knows how many were asked for, tells the rest."""
    wanted = request.wanted if isinstance(request, Lookup) else ()
    standard = request.route.standard if isinstance(request, Lookup) else ""
    kind = _kind_of(request)
    told = _told(response, kind, [TaskRef(one, task_uuid(one), Route(standard, "")) for one in wanted], guesses=False)
    if kind == details:
        return told
    return Told(tuple(_perhaps_partial(state) for state in told.states), told.refusal)


def queries(tasks: Sequence[TaskRef]) -> tuple[Query, ...]:
    """One request for many tasks."""
    return tuple(
        Query(Request("POST", path, body=_tasks(get_response, [uuid_of(task) for task in part])), tuple(part))
        for part in _parts(tasks)
    )


def single(task: TaskRef) -> Query:
    """What is kept of a task that the ordinary question does not tell of."""
    return Query(Request("POST", path, body=_tasks(details, [uuid_of(task)])), (task,))


def read_query(query: Query, response: Response) -> Told:
    """How the tasks of a query stand."""
    return _told(response, _kind_of(query.request), query.tasks, guesses=True)


def uuid_of(task: TaskRef) -> str:
    """Its own id, which can always be derived."""
    return (task.task_id or task_uuid(task.external_id)).lower()


def _told(response: Response, kind: str, tasks: Sequence[TaskRef], *, guesses: bool) -> Told:
    """States of what was told. A question that failed for some tasks leaves these as they are, where others were
    answered and it is known that there are such tasks (`guesses`); else it is a refusal."""
    envelope = Envelope.of(response)
    if envelope is None:
        return Told(refusal=refusal_of(response) or unreadable(response, "tasks"))
    states: list[TaskState] = []
    troubled: list[tuple[TaskRef, Refusal]] = []
    answered = False
    for task in tasks:
        found = envelope.about(uuid_of(task), alone=len(tasks) == 1)
        name, makes = (uuid_of(task), task.external_id), made_by(task.route.standard)
        state = read_details(found, *name, makes) if kind == details else read_task(found, *name, makes, task.results)
        if state is not None:
            states.append(state)
        elif found.items or any(map(is_failure, found.errors)):
            answered = True  # it is there, and more is to be asked about it
        elif errors := (*found.errors, *(envelope.unnamed if len(tasks) > 1 else ())):
            refusal = first_of(errors, response)
            if refusal.answer is AnswerClass.NOT_FOUND:
                answered = True
            else:
                troubled.append((task, refusal))
    if not troubled:
        return Told(tuple(states)) if states or response.status < 400 or answered else Told(refusal=_failed(response))
    if guesses and (states or answered):
        states += [
            TaskState(uuid_of(task), task.external_id, Phase.RUNNING, status="processing") for task, _ in troubled
        ]
        return Told(tuple(states))
    return Told(tuple(states), troubled[0][1])


def _failed(response: Response) -> Refusal:
    return refusal_of(response) or Refusal(
        AnswerClass.TRANSIENT, f"http-{response.status}", f"HTTP {response.status} that tells of no task",
        retry_after=response.retry_after,
    )  # fmt: skip


def _perhaps_partial(state: TaskState) -> TaskState:
    if state.phase not in (Phase.SUCCEEDED, Phase.FAILED):
        return state
    return TaskState(state.task_id, state.external_id, Phase.RUNNING, status="processing")


def _kind_of(request: Request) -> str:
    first = request.body[0] if isinstance(request.body, list) and request.body else {}
    return text_in(first.get("taskType")) if isinstance(first, Mapping) else ""


def _tasks(kind: str, uuids: Sequence[str]) -> list[Json]:
    return [{"taskType": kind, "taskUUID": uuid} for uuid in dict.fromkeys(uuids)]


def _parts(items: Sequence[Part]) -> list[Sequence[Part]]:
    return [items[start : start + most_asked] for start in range(0, len(items), most_asked)]
