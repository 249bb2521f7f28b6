"""Which tasks an account made in a time: the cursor list, and the list of every endpoint; kling.md sections 5, 12.

With an API key POST /tasks tells of most; whether it covers every body-model product is not sure (D27), so the lists of
those it was not seen to cover are read too, and the same task may be told of twice. A key pair has only the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.amounts import Prices, items, mapping
from kling_pipe.providers.kling.queries import list_page, most_listed
from kling_pipe.providers.kling.refusals import for_query, refusal_of, text_in, unreadable
from kling_pipe.providers.kling.tasks import read_task
from kling_pipe.providers.provider import Listed, Listing
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import TaskState
from kling_pipe.values.wire import Request, Response

# Endpoints whose tasks the cursor list was seen to tell of (section 5, likely).
_covered = frozenset({endpoints.generations, endpoints.avatar, endpoints.elements, endpoints.voices})
_no_such_list = frozenset({"1202", "1203"})  # an endpoint that is offered no more has no tasks to tell of
_last_page = 1000  # pageNum at most


@dataclass(frozen=True, slots=True)
class Page(Request):
    """A page that is read for tasks made since a time; Unix seconds. The service's lists know no times."""

    since: float = 0.0


def first_pages(since: float, until: float, credential: CredentialKind) -> tuple[Request, ...]:
    """The first page of every list."""
    lists = [endpoint.path for endpoint in endpoints.all_endpoints.values() if not endpoint.at_once]
    if credential is CredentialKind.KEY_PAIR:
        return tuple(_of_endpoint(path, 1, since) for path in lists)
    window = {"start_time": int(since * 1000), "end_time": int(until * 1000), "limit": most_listed}
    cursor = Page("POST", "/tasks", body=window, since=since)
    return (cursor, *(_of_endpoint(path, 1, since) for path in lists if path not in _covered))


def read_page(request: Request, response: Response, prices: Prices) -> Listing | Refusal:
    """The tasks of a page, and the request for the next one."""
    refusal = refusal_of(response)
    if refusal is not None:
        return Listing(()) if refusal.code in _no_such_list else for_query(refusal)
    data = (response.json() or {}).get("data")
    if request.path == "/tasks":
        return _cursor_page(request, response, prices)
    if not isinstance(data, list):
        return unreadable(response, "tasks")
    endpoint = endpoints.endpoint_of(request.path)
    pack = endpoints.pack_of(request.path)
    states = [state for item in data if (state := read_task(item, pack, prices))]
    tasks = tuple(
        Listed(state, endpoint.path if endpoint else "", pack) for state in states if _is_since(state, _since(request))
    )
    return Listing(tasks, _next(request, len(data), states))


def _cursor_page(request: Request, response: Response, prices: Prices) -> Listing | Refusal:
    data = (response.json() or {}).get("data")
    if not isinstance(data, dict) or not isinstance(data.get("result"), list):
        return unreadable(response, "tasks")
    cursor = text_in(data.get("next_cursor"))
    more = (
        Page("POST", "/tasks", body={"cursor": cursor, "limit": most_listed}, since=_since(request))
        if data.get("has_more") is True and cursor and cursor != request.fields.get("cursor")
        else None
    )
    found = [(item, read_task(item, "video", prices)) for item in data["result"]]
    return Listing(tuple(Listed(state, product=_pack_in(item)) for item, state in found if state), more)


def _next(request: Request, told: int, states: Sequence[TaskState]) -> Request | None:
    """Nothing follows a short page. Where the newest come first, nothing follows a page that goes back far enough."""
    asked = dict(request.query)
    number, size = int(asked.get("pageNum", "1")), int(asked.get("pageSize", "30"))
    times = [state.created for state in states if state.created]
    goes_back = bool(times) and times[-1] <= times[0] and min(times) < _since(request)
    if told < size or goes_back or number >= _last_page:
        return None
    return _of_endpoint(request.path, number + 1, _since(request))


def _of_endpoint(path: str, number: int, since: float) -> Page:
    page = list_page(path, most_listed, number)
    return Page(page.method, page.path, page.query, since=since)


def _since(request: Request) -> float:
    return request.since if isinstance(request, Page) else 0.0


def _is_since(state: TaskState, since: float) -> bool:
    return not state.created or state.created >= since


def _pack_in(task: object) -> str:
    """The pack that a path-model task was charged to, as far as it tells."""
    lines = [mapping(line) for line in items(mapping(task).get("billing"))]
    return next((pack for line in lines if (pack := text_in(line.get("package_type")))), "")
