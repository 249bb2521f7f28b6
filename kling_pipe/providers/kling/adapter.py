"""Kling's native API as a `Provider`: requests of both standards are built and answers of both are read; no IO."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar
from urllib.parse import quote, unquote

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.bodies import body_of
from kling_pipe.providers.kling.contents import contents_of
from kling_pipe.providers.kling.refusals import code_in, for_create, for_query, refusal_of, text_in, unreadable
from kling_pipe.providers.kling.tasks import read_task
from kling_pipe.providers.kling.tokens import Tokens
from kling_pipe.providers.provider import Query, Told
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, Material, Phase, Route, TaskRef, TaskState
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Request, Response

# Section 7: list price of one unit in USD. models.yaml says the same, and a test holds the two together.
list_prices: Mapping[str, Decimal] = {"video": Decimal("0.14"), "image": Decimal("0.0035")}

Item = TypeVar("Item")

_batch = 20  # ids that GET /tasks takes at once; section 5, likely
_page = 500  # tasks of a list page or cursor page; section 5
_most_pictures = 9  # `n` of one create; section 12
_month = 30 * 86400  # section 5: files and ids are cleared 30 days after generation


class KlingProvider:
    """The adapter. `units_usd` are the prices of one unit per pack when the project has its own."""

    def __init__(self, units_usd: Mapping[str, Decimal] | None = None) -> None:
        self._prices = {**list_prices, **(units_usd or {})}
        self._tokens = Tokens()

    @property
    def type(self) -> str:
        return "kling"

    @property
    def has_external_ids(self) -> bool:
        return True

    def route(
        self,
        kind: str,
        model: str,
        parameters: Mapping[str, object],
        local: Sequence[str],
        credential: CredentialKind | None,
        wired: Sequence[str] = (),
    ) -> Route | Refusal:
        """`wired` are all wired fields; what is in `local` is known to be among them."""
        return endpoints.choose_route(kind, model, parameters, {*wired, *local}, local, credential)

    def forms(self, kind: str, field: str, route: Route) -> Form:
        return endpoints.forms_of(field, route)

    def submit(self, job: Job, media: Mapping[str, Handed]) -> Request:
        """One create for all takes of the job; only pictures come several at once."""
        most = _most_pictures if job.product == "image" else 1
        if not 1 <= len(job.takes) <= most:
            raise ValueError(f"one create makes 1 to {most} takes, not {len(job.takes)}")
        if job.route.standard == endpoints.path_model:
            return Request("POST", job.route.endpoint, body=contents_of(job, media), creates=True)
        endpoint = endpoints.body_endpoint(job.kind, job.model, [material.field for material in job.materials])
        return Request("POST", endpoint, body=body_of(endpoint, job, media), creates=True)

    def read_submit(self, response: Response) -> TaskState | Refusal:
        refusal = refusal_of(response)
        if refusal is not None:
            return for_create(refusal)
        state = read_task((response.json() or {}).get("data"), "video", self._prices)
        if state is None:
            return unreadable(response, "task")
        # The short answer of a create names no files, so a task that has ended already is asked for once more.
        early = state.phase in (Phase.SUCCEEDED, Phase.FAILED) and not state.outputs
        return replace(state, phase=Phase.RUNNING) if early else state

    def find(self, external_ids: Sequence[str], route: Route, credential: CredentialKind) -> tuple[Request, ...]:
        batches = [_tasks_request("external_task_ids", ids) for ids in _batches(external_ids)]
        if route.standard == endpoints.path_model:
            return tuple(batches)
        own = [Request("GET", _task_path(route, external_id)) for external_id in external_ids]
        # D27: whether /tasks covers every body-model product is not sure, so the own path follows.
        return tuple(own if credential is CredentialKind.KEY_PAIR else [*batches, *own])

    def read_find(self, request: Request, response: Response) -> Told:
        refusal = refusal_of(response)
        if refusal is not None:
            refusal = for_query(refusal)
            return Told() if refusal.answer is AnswerClass.NOT_FOUND else Told(refusal=refusal)
        wanted = _wanted_ids(request)
        states = self._states(response, endpoints.product_of(request.path))
        if states is None:
            return Told(refusal=unreadable(response, "tasks"))
        if len(wanted) == len(states) == 1:
            states = [replace(state, external_id=state.external_id or wanted[0]) for state in states]
        return Told(tuple(state for state in states if state.external_id in wanted))

    def queries(self, tasks: Sequence[TaskRef], credential: CredentialKind) -> tuple[Query, ...]:
        """With an API key one request for up to 20 tasks, or one cursor page where that is fewer requests and the page
        has room for the account's other tasks; with a key pair one list page an endpoint."""
        listed = [task for task in tasks if _is_listed(task, credential)]
        batched = [task for task in tasks if not _is_listed(task, credential)]
        if 2 * _batch < len(batched) <= _page // 2:
            batched_queries = [Query(Request("POST", "/tasks", body={"limit": _page}), tuple(batched))]
        else:
            batched_queries = [
                Query(_tasks_request(key, [pick(task) for task in some]), tuple(some))
                for key, pick, group in (
                    ("task_ids", _task_id, [task for task in batched if task.task_id]),
                    ("external_task_ids", _external_id, [task for task in batched if not task.task_id]),
                )
                for some in _batches(group)
            ]
        groups: dict[str, list[TaskRef]] = {}
        for task in listed:
            groups.setdefault(task.route.endpoint, []).append(task)
        lists = [
            self.single(group[0], credential) if len(group) == 1 else Query(_list_request(path, group), tuple(group))
            for path, group in groups.items()
        ]
        return (*batched_queries, *lists)

    def single(self, task: TaskRef, credential: CredentialKind) -> Query:
        if task.route.standard == endpoints.path_model:
            key, value = ("task_ids", task.task_id) if task.task_id else ("external_task_ids", task.external_id)
            return Query(_tasks_request(key, [value]), (task,))
        return Query(Request("GET", _task_path(task.route, task.task_id or task.external_id)), (task,))

    def read_query(self, query: Query, response: Response) -> Told:
        refusal = refusal_of(response)
        if refusal is not None:
            return Told(refusal=for_query(refusal))
        product = endpoints.product_of(query.tasks[0].route.endpoint if query.tasks else query.request.path)
        states = self._states(response, product)
        if states is None:
            return Told(refusal=unreadable(response, "tasks"))
        by_task = {task.task_id: task for task in query.tasks if task.task_id}
        by_external = {task.external_id: task for task in query.tasks}
        told: dict[str, TaskState] = {}  # by external id: a list page may name a task twice (D26)
        for state in states:
            task = by_task.get(state.task_id) or by_external.get(state.external_id)
            if task is not None:
                told.setdefault(task.external_id, replace(state, external_id=task.external_id))
        return Told(tuple(told.values()))

    def read_refusal(self, response: Response) -> Refusal | None:
        """`/account/costs` nests a second code (section 3), which counts too."""
        refusal = refusal_of(response)
        if refusal is not None:
            return refusal
        data = (response.json() or {}).get("data")
        inner = code_in(data.get("code")) if isinstance(data, dict) else None
        if not inner or not isinstance(data, dict):
            return None
        return Refusal(AnswerClass.TRANSIENT, str(inner), text_in(data.get("msg")))

    def sign(self, request: Request, credential: Credential, now: float) -> Request:
        if credential.kind is CredentialKind.KEY_PAIR:
            if credential.secondary is None:
                raise ValueError("a key pair needs its secret key")
            token = self._tokens.token(credential.primary, credential.secondary, now)
        else:
            token = credential.primary.reveal()
        return request.with_header("Authorization", f"Bearer {token}")

    def forget_tokens(self) -> None:
        self._tokens.forget()

    def probe(self, now: float) -> Request:
        """The packs of the last 30 days: free, and good with both credentials; at most once a second (section 9)."""
        start, end = math.floor((now - _month) * 1000), math.floor(now * 1000)
        return Request("GET", "/account/costs", (("start_time", str(start)), ("end_time", str(end))))

    def output_lifetime(self) -> float:
        return float(_month)

    def describe_material(self, material: Material) -> str:
        return material.field if not material.select else f"{material.field} ({material.select})"

    def _states(self, response: Response, product: str) -> list[TaskState] | None:
        """All readable tasks of an answer: one task, a list, or a cursor page; None when it is none of these."""
        data = (response.json() or {}).get("data")
        if isinstance(data, dict) and isinstance(data.get("result"), list):
            data = data["result"]
        if isinstance(data, list):
            return [state for item in data if (state := read_task(item, product, self._prices))]
        state = read_task(data, product, self._prices)
        return [state] if state else None


def _is_listed(task: TaskRef, credential: CredentialKind) -> bool:
    return credential is CredentialKind.KEY_PAIR and task.route.standard != endpoints.path_model


def _task_id(task: TaskRef) -> str:
    return task.task_id


def _external_id(task: TaskRef) -> str:
    return task.external_id


def _batches(items: Sequence[Item]) -> list[Sequence[Item]]:
    return [items[start : start + _batch] for start in range(0, len(items), _batch)]


def _tasks_request(key: str, ids: Sequence[str]) -> Request:
    return Request("GET", "/tasks", ((key, ",".join(ids)),))


def _list_request(path: str, group: Sequence[TaskRef]) -> Request:
    """A page with room for the account's other tasks; what it leaves out is asked for one by one (D26)."""
    size = min(_page, max(30, 3 * len(group)))
    return Request("GET", path, (("pageNum", "1"), ("pageSize", str(size))))


def _task_path(route: Route, task: str) -> str:
    return f"{route.endpoint}/{quote(task, safe='')}"


def _wanted_ids(request: Request) -> list[str]:
    asked = dict(request.query).get("external_task_ids")
    return asked.split(",") if asked is not None else [unquote(request.path.rpartition("/")[2])]
