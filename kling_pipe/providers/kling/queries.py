"""Free questions about tasks: by ids of the service's and of ours, as few as may be; kling.md section 5.

1. With an API key GET /tasks tells of 20 tasks at once, whatever endpoint made them.
2. A task it does not know is asked for on the path that made it (D27); with a key pair that is the only way.
3. The order of a list is not published and a page may shift (D26), so a list is never proof that a task is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, unquote

from kling_pipe.providers.kling.endpoints import endpoint_of, path_model
from kling_pipe.providers.provider import Query
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route, TaskRef
from kling_pipe.values.wire import Request

Item = TypeVar("Item")

most_listed = 500  # tasks of a list page or cursor page
_batch = 20  # ids that GET /tasks takes at once; likely


@dataclass(frozen=True, slots=True)
class Lookup(Request):
    """A list page that is read for tasks of ours; the service is not told which."""

    wanted: tuple[str, ...] = ()


def find(external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
    """Questions by our own ids, in the order to try; none where a task carries no id of ours."""
    if not route.has_external_id:
        return ()
    batches = [_tasks("external_task_ids", ids) for ids in _batches(external_ids)]
    if route.standard == path_model:
        return tuple(batches)
    own = _own_path(external_ids, route)
    return tuple(own if credential is CredentialKind.KEY_PAIR else [*batches, *own])


def wanted_of(request: Request) -> Sequence[str]:
    """The ids of ours that such a question asks for."""
    if isinstance(request, Lookup):
        return request.wanted
    asked = dict(request.query).get("external_task_ids")
    return asked.split(",") if asked is not None else [unquote(request.path.rpartition("/")[2])]


def queries(tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
    """With an API key one request for up to 20 tasks, or one cursor page where that is fewer requests and the page
    has room for the account's other tasks; else one list page an endpoint."""
    listed = [task for task in tasks if _is_listed(task, credential)]
    batched = [task for task in tasks if not _is_listed(task, credential)]
    return (*_batched(batched), *_listed(listed))


def single(task: TaskRef) -> Query:
    """One task on the path that made it."""
    if task.route.standard == path_model:
        key, value = ("task_ids", task.task_id) if task.task_id else ("external_task_ids", task.external_id)
        return Query(_tasks(key, [value]), (task,))
    endpoint = endpoint_of(task.route.endpoint)
    if not task.task_id and endpoint is not None and not endpoint.finds_ours:
        return Query(list_page(task.route.endpoint, most_listed), (task,))
    return Query(Request("GET", _task_path(task.route, task.task_id or task.external_id)), (task,))


def list_page(path: str, size: int, number: int = 1) -> Request:
    """A page of the tasks that one endpoint made."""
    return Request("GET", path, _page(size, number))


def _batched(tasks: Sequence[TaskRef]) -> list[Query]:
    if 2 * _batch < len(tasks) <= most_listed // 2:
        return [Query(Request("POST", "/tasks", body={"limit": most_listed}), tuple(tasks))]
    known = [task for task in tasks if task.task_id]
    unknown = [task for task in tasks if not task.task_id]
    return [
        *(Query(_tasks("task_ids", [task.task_id for task in some]), tuple(some)) for some in _batches(known)),
        *(
            Query(_tasks("external_task_ids", [task.external_id for task in some]), tuple(some))
            for some in _batches(unknown)
        ),
    ]


def _listed(tasks: Sequence[TaskRef]) -> list[Query]:
    """A page with room for the account's other tasks; what it leaves out is asked for one by one (D26). Calls that are
    answered with what they made have no list (section 12): each is asked for by itself."""
    groups: dict[str, list[TaskRef]] = {}
    for task in tasks:
        groups.setdefault(task.route.endpoint, []).append(task)
    queries: list[Query] = []
    for path, group in groups.items():
        endpoint = endpoint_of(path)
        if len(group) == 1 or (endpoint is not None and endpoint.at_once):
            queries += [single(task) for task in group]
        else:
            queries.append(Query(list_page(path, min(most_listed, max(30, 3 * len(group)))), tuple(group)))
    return queries


def _is_listed(task: TaskRef, credential: CredentialKind) -> bool:
    if task.route.standard == path_model:
        return False
    endpoint = endpoint_of(task.route.endpoint)
    return credential is CredentialKind.KEY_PAIR or (endpoint is not None and not endpoint.in_tasks)


def _own_path(external_ids: Sequence[str], route: Route) -> list[Request]:
    endpoint = endpoint_of(route.endpoint)
    if endpoint is None or endpoint.finds_ours:
        return [Request("GET", _task_path(route, external_id)) for external_id in external_ids]
    return [Lookup("GET", route.endpoint, _page(most_listed, 1), wanted=tuple(external_ids))]


def _batches(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + _batch] for start in range(0, len(items), _batch)]


def _tasks(key: str, ids: Sequence[str]) -> Request:
    return Request("GET", "/tasks", ((key, ",".join(ids)),))


def _page(size: int, number: int) -> tuple[tuple[str, str], ...]:
    return (("pageNum", str(number)), ("pageSize", str(size)))


def _task_path(route: Route, task: str) -> str:
    return f"{route.endpoint}/{quote(task, safe='')}"
