"""Which tasks an account made: what is asked with each credential, and how far pages are followed."""

from __future__ import annotations

import json
from dataclasses import replace

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.endpoints import all_endpoints
from kling_pipe.providers.provider import Listing
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.wire import Json, Request, Response

provider = KlingProvider()
key, pair = CredentialKind.API_KEY, CredentialKind.KEY_PAIR
since, until = 1_789_000_000.0, 1_790_000_000.0


def good(data: object) -> Response:
    return Response(200, {}, json.dumps({"code": 0, "message": "", "data": data}).encode())


def line(request: Request | None) -> str:
    if request is None:
        return ""
    asked = "&".join(f"{name}={value}" for name, value in request.query)
    return f"{request.method} {request.path}{'?' + asked if asked else ''}{request.body or ''}"


def tasks(count: int, first: float = until, step: float = -1.0) -> list[Json]:
    return [
        {"task_id": f"{place}", "task_status": "processing", "created_at": int((first + step * place) * 1000)}
        for place in range(count)
    ]


def listed(request: Request, data: object) -> Listing:
    found = provider.read_listing(request, good(data))
    assert isinstance(found, Listing)
    return found


def of(path: str, credential: CredentialKind = pair) -> Request:
    return next(request for request in provider.listings(since, until, credential) if request.path == path)


def test_a_key_pair_reads_the_list_of_every_endpoint_that_has_one() -> None:
    asked = [line(request) for request in provider.listings(since, until, pair)]
    with_lists = [path for path in all_endpoints if path not in ("/v1/audio/tts", "/v1/videos/image-recognize")]
    assert asked == [f"GET {path}?pageNum=1&pageSize=500" for path in with_lists]
    assert len(asked) == 20


def test_a_key_reads_the_cursor_list_and_the_lists_it_was_not_seen_to_cover() -> None:
    first, *others = provider.listings(since, until, key)
    assert line(first) == "POST /tasks{'start_time': 1789000000000, 'end_time': 1790000000000, 'limit': 500}"
    assert {request.path for request in provider.listings(since, until, pair)} - {one.path for one in others} == {
        "/v1/images/generations", "/v1/videos/avatar/image2video", "/v1/general/advanced-custom-elements",
        "/v1/general/custom-voices",
    }  # fmt: skip


def test_no_listing_creates_anything() -> None:
    assert not any(request.creates for request in provider.listings(since, until, key))


def test_the_cursor_list_is_followed_while_there_is_more() -> None:
    first = of("/tasks", key)
    task = {
        "id": "7", "status": "succeeded", "external_id": "kp-a", "create_time": 1789500000000,
        "billing": [{"charge_type": "unit", "amount": "8", "package_type": "image"}],
    }  # fmt: skip
    page = listed(first, {"result": [task, {"id": "8", "status": "failed"}, {}], "has_more": True, "next_cursor": "c"})
    assert [(one.state.task_id, one.product, one.endpoint) for one in page.tasks] == [("7", "image", ""), ("8", "", "")]
    assert line(page.more) == "POST /tasks{'cursor': 'c', 'limit': 500}"
    assert page.more is not None
    assert listed(page.more, {"result": [], "has_more": True, "next_cursor": "c"}).more is None
    assert listed(page.more, {"result": [], "has_more": False, "next_cursor": "d"}).more is None


def test_a_list_tells_of_its_endpoint_and_pack() -> None:
    page = listed(of("/v1/images/editing/expand"), tasks(1))
    assert [(one.endpoint, one.product) for one in page.tasks] == [("/v1/images/editing/expand", "image")]


def test_nothing_follows_a_short_page() -> None:
    request = of("/v1/videos/text2video")
    assert line(listed(request, tasks(500)).more) == "GET /v1/videos/text2video?pageNum=2&pageSize=500"
    assert listed(request, tasks(499)).more is None
    assert listed(request, []).more is None


def test_nothing_follows_a_page_that_goes_back_far_enough_and_what_is_older_is_left_out() -> None:
    request = of("/v1/videos/text2video")
    page = listed(request, tasks(500, first=since + 99.5))
    assert (len(page.tasks), page.more) == (100, None)


def test_a_list_that_begins_with_the_oldest_is_read_to_its_end() -> None:
    request = of("/v1/videos/text2video")
    page = listed(request, tasks(500, first=since - 1000, step=1.0))
    assert page.tasks == ()
    assert line(page.more) == "GET /v1/videos/text2video?pageNum=2&pageSize=500"
    assert page.more is not None
    assert len(listed(page.more, tasks(10, first=since)).tasks) == 1


def test_a_list_ends_with_the_last_page_there_can_be() -> None:
    request = of("/v1/videos/text2video")
    last = replace(request, query=(("pageNum", "1000"), ("pageSize", "500")))
    assert listed(last, tasks(500)).more is None


def test_an_endpoint_that_is_offered_no_more_has_no_tasks() -> None:
    request = of("/v1/videos/video-extend")
    for code in (1202, 1203):
        answer = Response(404, {}, json.dumps({"code": code, "message": "gone"}).encode())
        assert provider.read_listing(request, answer) == Listing(())


def test_refusals_and_nonsense() -> None:
    request = of("/v1/videos/text2video")
    refused = provider.read_listing(request, Response(401, {}, b'{"code": 1002, "message": "no"}'))
    assert refused == Refusal(AnswerClass.AUTH, "1002", "no")
    assert isinstance(provider.read_listing(request, good({"task_id": "1"})), Refusal)
    assert isinstance(provider.read_listing(of("/tasks", key), good([])), Refusal)
    plain = Request("GET", "/v1/videos/text2video", (("pageNum", "1"), ("pageSize", "500")))
    assert len(listed(plain, tasks(3, first=5.0)).tasks) == 3
