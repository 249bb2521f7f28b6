"""Status requests and lookups: how few there are, what they look like, whom they are believed about."""

from __future__ import annotations

import json

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import Query, Told
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route, TaskRef
from kling_pipe.values.wire import Request, Response

provider = KlingProvider()
key, pair = CredentialKind.API_KEY, CredentialKind.KEY_PAIR
text2video = Route("body-model", "/v1/videos/text2video")
pictures = Route("body-model", "/v1/images/generations")
turbo = Route("path-model", "/text-to-video/kling-3.0-turbo")
lip_sync = Route("body-model", "/v1/videos/advanced-lip-sync")
angles = Route("body-model", "/v1/general/ai-multi-shot")
speech = Route("body-model", "/v1/audio/tts", has_external_id=False)


def tasks(count: int, route: Route = text2video, *, start: int = 0) -> list[TaskRef]:
    return [TaskRef(f"kp-{index}", f"{index}", route) for index in range(start, start + count)]


def lines(queries: tuple[Query, ...]) -> list[str]:
    return [f"{line(query.request)} tells of {len(query.tasks)}" for query in queries]


def line(request: Request) -> str:
    asked = "&".join(f"{name}={value}" for name, value in request.query)
    return f"{request.method} {request.path}{'?' + asked if asked else ''}{request.body or ''}"


def good(data: object) -> Response:
    return Response(200, {}, json.dumps({"code": 0, "message": "", "data": data}).encode())


def test_with_a_key_twenty_tasks_go_in_one_request_whatever_their_standard() -> None:
    mixed = [*tasks(1), *tasks(1, pictures, start=1), *tasks(1, turbo, start=2)]
    assert lines(provider.queries(mixed, key)) == ["GET /tasks?task_ids=0,1,2 tells of 3"]
    assert [len(query.tasks) for query in provider.queries(tasks(40), key)] == [20, 20]


def test_tasks_known_by_our_own_id_only_are_asked_for_by_it() -> None:
    unknown = [TaskRef("kp-a", "", text2video), TaskRef("kp-b", "", turbo)]
    assert lines(provider.queries([*tasks(1), *unknown], key)) == [
        "GET /tasks?task_ids=0 tells of 1",
        "GET /tasks?external_task_ids=kp-a,kp-b tells of 2",
    ]


def test_more_than_forty_tasks_go_in_one_page_while_it_has_room() -> None:
    assert lines(provider.queries(tasks(41), key)) == ["POST /tasks{'limit': 500} tells of 41"]
    assert lines(provider.queries(tasks(250), key)) == ["POST /tasks{'limit': 500} tells of 250"]
    assert len(provider.queries(tasks(251), key)) == 13


def test_with_a_key_pair_each_endpoint_has_its_list() -> None:
    mixed = [*tasks(12), *tasks(2, pictures, start=12)]
    assert lines(provider.queries(mixed, pair)) == [
        "GET /v1/videos/text2video?pageNum=1&pageSize=36 tells of 12",
        "GET /v1/images/generations?pageNum=1&pageSize=30 tells of 2",
    ]
    assert lines(provider.queries(tasks(300), pair)) == [
        "GET /v1/videos/text2video?pageNum=1&pageSize=500 tells of 300"
    ]


def test_with_a_key_pair_a_lone_task_is_asked_for_itself() -> None:
    assert lines(provider.queries(tasks(1), pair)) == ["GET /v1/videos/text2video/0 tells of 1"]


def test_with_a_key_pair_sounds_that_were_spoken_are_asked_for_one_by_one() -> None:
    assert lines(provider.queries(tasks(2, speech), pair)) == [
        "GET /v1/audio/tts/0 tells of 1",
        "GET /v1/audio/tts/1 tells of 1",
    ]


def test_no_task_is_no_request() -> None:
    assert provider.queries([], key) == provider.queries([], pair) == ()


def test_single_queries() -> None:
    assert [line(provider.single(task, key).request) for task in [*tasks(1), *tasks(1, turbo)]] == [
        "GET /v1/videos/text2video/0",
        "GET /tasks?task_ids=0",
    ]
    assert (
        line(provider.single(TaskRef("kp/a b", "", text2video), pair).request) == "GET /v1/videos/text2video/kp%2Fa%20b"
    )


def test_lookups_by_our_own_id_in_the_order_to_try() -> None:
    assert [line(request) for request in provider.find(["kp-a", "kp-b"], text2video, key)] == [
        "GET /tasks?external_task_ids=kp-a,kp-b",
        "GET /v1/videos/text2video/kp-a",
        "GET /v1/videos/text2video/kp-b",
    ]
    assert [line(request) for request in provider.find(["kp-a"], text2video, pair)] == [
        "GET /v1/videos/text2video/kp-a"
    ]
    assert [line(request) for request in provider.find(["kp-a"], turbo, key)] == ["GET /tasks?external_task_ids=kp-a"]


def test_no_query_creates_anything() -> None:
    requests = [query.request for query in provider.queries(tasks(50), key)]
    assert not any(
        request.creates for request in [*requests, *provider.find(["a"], text2video, key), provider.probe(0)]
    )


def test_a_lookup_believes_only_what_was_asked_for() -> None:
    request = Request("GET", "/tasks", (("external_task_ids", "kp-a,kp-b"),))
    answer = good([{"id": "1", "status": "submitted", "external_id": "kp-a"}, {"id": "2", "status": "submitted"}])
    assert [(state.task_id, state.external_id) for state in provider.read_find(request, answer).states] == [
        ("1", "kp-a")
    ]
    stranger = good({"task_id": "9", "task_status": "submitted", "task_info": {"external_task_id": "else"}})
    assert provider.read_find(Request("GET", "/v1/videos/text2video/kp-a"), stranger) == Told()


def test_an_older_answer_without_our_id_is_known_by_the_question() -> None:
    answer = good({"task_id": "9", "task_status": "submitted"})
    told = provider.read_find(Request("GET", "/v1/videos/text2video/kp%2Fa"), answer)
    assert [state.external_id for state in told.states] == ["kp/a"]


def test_a_task_named_twice_on_a_page_is_told_once() -> None:
    query = provider.queries(tasks(2), pair)[0]
    page = [{"task_id": "1", "task_status": "processing"}, {"task_id": "1", "task_status": "processing"}]
    assert [state.external_id for state in provider.read_query(query, good(page)).states] == ["kp-1"]


def test_the_probe_asks_for_the_packs_of_thirty_days() -> None:
    assert provider.probe(1_790_000_000.5) == Request(
        "GET", "/account/costs", (("start_time", "1787408000500"), ("end_time", "1790000000500"))
    )


def test_outputs_live_thirty_days() -> None:
    assert provider.output_lifetime() == 30 * 24 * 3600


def test_a_lookup_that_is_answered_with_many_tasks_adopts_none_without_our_id() -> None:
    """A service that passes over the filter tells of everybody's tasks."""
    request = Request("GET", "/tasks", (("external_task_ids", "kp-a"),))
    everybody = [{"id": "1", "status": "succeeded"}, {"id": "2", "status": "submitted", "external_id": "else"}]
    assert provider.read_find(request, good(everybody)) == Told()


def test_pictures_that_share_an_index_are_told_in_their_order() -> None:
    """Left out, they would be called missing and bought again. One that is named twice is one."""
    images = [{"index": 0, "url": f"https://m.example.org/{name}.png"} for name in "aabc"]
    task = {"task_id": "1", "task_status": "succeed", "task_result": {"images": images}}
    (state,) = provider.read_query(provider.single(tasks(1, pictures, start=1)[0], key), good(task)).states
    assert [(output.index, output.url[-5:]) for output in state.outputs] == [(0, "a.png"), (1, "b.png"), (2, "c.png")]


def test_a_lip_sync_is_found_by_its_list_for_its_own_path_knows_only_the_services_ids() -> None:
    asked = provider.find(["kp-a", "kp-b"], lip_sync, key)
    assert [line(request) for request in asked] == [
        "GET /tasks?external_task_ids=kp-a,kp-b",
        "GET /v1/videos/advanced-lip-sync?pageNum=1&pageSize=500",
    ]
    assert provider.find(["kp-a", "kp-b"], lip_sync, pair) == asked[1:]
    page = [
        {"task_id": "1", "task_status": "succeed", "task_info": {"parent_video": {"id": "9"}}},
        {"task_id": "2", "task_status": "succeed", "task_info": {"external_task_id": "kp-b"}},
        {"task_id": "3", "task_status": "succeed", "task_info": {"external_task_id": "else"}},
    ]
    found = provider.read_find(asked[1], good(page))
    assert [(state.task_id, state.external_id) for state in found.states] == [("2", "kp-b")]


def test_a_lip_sync_alone_on_its_list_is_not_taken_for_ours() -> None:
    (asked,) = provider.find(["kp-a"], lip_sync, pair)
    assert provider.read_find(asked, good([{"task_id": "1", "task_status": "succeed"}])) == Told()


def test_a_lip_sync_whose_task_is_not_known_is_asked_for_by_its_list() -> None:
    query = provider.single(TaskRef("kp-a", "", lip_sync), pair)
    assert line(query.request) == "GET /v1/videos/advanced-lip-sync?pageNum=1&pageSize=500"
    page = [{"task_id": "2", "task_status": "succeed", "task_info": {"external_task_id": "kp-a"}}]
    assert [state.task_id for state in provider.read_query(query, good(page)).states] == ["2"]
    known = provider.single(TaskRef("kp-a", "2", lip_sync), pair)
    assert line(known.request) == "GET /v1/videos/advanced-lip-sync/2"


def test_what_carries_no_id_of_ours_is_not_looked_for() -> None:
    assert provider.find(["kp-a"], speech, key) == provider.find(["kp-a"], speech, pair) == ()


def test_speech_is_asked_for_among_all_tasks_and_on_its_undocumented_path_last() -> None:
    task = TaskRef("", "7", speech)
    assert lines(provider.queries([task], key)) == ["GET /tasks?task_ids=7 tells of 1"]
    assert line(provider.single(task, key).request) == "GET /v1/audio/tts/7"


def test_views_of_a_multi_angle_picture_are_told_by_its_own_path_only() -> None:
    assert lines(provider.queries([*tasks(1), *tasks(1, angles, start=1)], key)) == [
        "GET /tasks?task_ids=0 tells of 1",
        "GET /v1/general/ai-multi-shot/1 tells of 1",
    ]
    assert lines(provider.queries(tasks(3, angles), key)) == [
        "GET /v1/general/ai-multi-shot?pageNum=1&pageSize=30 tells of 3"
    ]
