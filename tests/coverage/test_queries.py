"""Questions about tasks, the account and the library: the adapter asks exactly what the data says is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kling_pipe.providers.provider import AccountPart, Listing, Shelf
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route, TaskRef
from kling_pipe.values.wire import Request, Response
from tests.coverage.reading import calls
from tests.coverage.sent import call_of, values_of
from tests.coverage.variants import provider, variants

now = 1_790_000_000.0


def test_exactly_the_questions_that_are_named_are_asked_with_exactly_their_fields() -> None:
    asked: dict[str, set[str]] = {}
    for request in every_question():
        asked.setdefault(call_of(request).id, set()).update(values_of(request))
    said = {
        call.id: {field.name for field in call.fields_reached()} for call in calls().values() if call.use == "query"
    }
    assert asked == said


def every_question() -> Iterator[Request]:
    """With either credential, of tasks with and without an id of the service's, one, few and many."""
    routes = {variant.job.route.endpoint: variant.job.route for variant in variants()}
    for credential in CredentialKind:
        for route in routes.values():
            if route.has_external_id:
                yield from _about_tasks(route, credential)
        for first in provider.listings(now - 86400, now, credential):
            yield from _pages(first)
    for first in provider.account(now):
        yield from _account_pages(first)
    yield provider.probe(now)
    for first in provider.library():
        yield from _shelves(first)


def _about_tasks(route: Route, credential: CredentialKind) -> Iterator[Request]:
    known = [TaskRef(f"kp-{number}", str(1000 + number), route) for number in range(41)]
    lost = [TaskRef(f"kp-{number}", "", route) for number in range(2)]
    for tasks in (known[:1], known[:2], known, lost):
        yield from (query.request for query in provider.queries(tasks, credential))
    yield from (provider.single(task, credential).request for task in (known[0], lost[0]))
    yield from provider.find(["kp-1", "kp-2"], route, credential)


def _pages(first: Request) -> Iterator[Request]:
    yield first
    page = {"result": [], "count": 0, "next_cursor": "100.200.3", "has_more": True}
    told = provider.read_listing(first, _answer(page if first.path == "/tasks" else []))
    assert isinstance(told, Listing)
    if told.more is not None:
        yield told.more


def _account_pages(first: Request) -> Iterator[Request]:
    yield first
    page = {"result": {"detail": [], "count": 0}, "next_cursor": "100.200.3", "has_more": True}
    packs = {"code": 0, "resource_pack_subscribe_infos": []}
    told = provider.read_account(first, _answer(packs if first.method == "GET" else page))
    assert isinstance(told, AccountPart)
    if told.more is not None:
        yield told.more


def _shelves(first: Request) -> Iterator[Request]:
    yield first
    assert isinstance(provider.read_library(first, _answer([])), Shelf)


def _answer(data: object) -> Response:
    return Response(200, {}, json.dumps({"code": 0, "message": "SUCCEED", "data": data}).encode())
