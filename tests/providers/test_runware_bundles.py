"""Several requests as one and each one's part of the answer, uploads, questions and callbacks of Runware's adapter."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import UUID

import pytest

from kling_pipe.providers.runware.bundles import most_bundled
from kling_pipe.providers.runware.questions import most_asked
from kling_pipe.providers.runware.uuids import task_uuid
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Phase, Route, TaskRef, TaskState
from kling_pipe.values.wire import Json, Request, Response
from tests.providers.runware_jobs import job_of, provider

key = CredentialKind.API_KEY
route = Route("videoInference", "klingai:6@1")
said = {"prompt": "a small boat on a calm sea"}


def create(recipe: str) -> Request:
    return provider.submit(job_of("text-to-video", "kling-v3", said, recipe=recipe), {})


def poll(*names: str) -> Request:
    return provider.queries([ref(name) for name in names], key)[0].request


def ref(name: str) -> TaskRef:
    return TaskRef(name, task_uuid(name), route, 1)


def tasks_of(request: Request | None) -> list[Json]:
    assert request is not None
    assert isinstance(request.body, list)
    return request.body


def uuid(request: Request) -> str:
    return str(tasks_of(request)[0]["taskUUID"])


def answer(status: int, body: Json) -> Response:
    return Response(status, {"retry-after": "7"}, json.dumps(body).encode())


def accepted(request: Request) -> Json:
    return {"taskType": "videoInference", "taskUUID": uuid(request)}


def refused(request: Request | None, code: str) -> Json:
    return {"code": code, "message": "m", **({"taskUUID": uuid(request)} if request else {})}


def test_creates_and_polls_go_as_one_array() -> None:
    requests = [create("a"), poll("kp-1", "kp-2"), create("b")]
    bundle = provider.bundle(requests)
    assert tasks_of(bundle) == [task for request in requests for task in tasks_of(request)]
    assert bundle is not None
    assert (bundle.method, bundle.path, bundle.creates) == ("POST", "/v1", True)
    free = provider.bundle([poll("kp-1"), poll("kp-2")])
    assert free is not None
    assert not free.creates


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [poll("kp-1"), provider.upload("a.png", "image/png", b"x")],  # long, and nothing is to wait for it
        [poll("kp-1"), provider.probe(0.0)],  # a ping has no id to tell its answer by
        [create("a"), create("a")],  # one id twice
        [poll(f"kp-{number}") for number in range(most_bundled + 1)],
        [poll("kp-1"), Request("GET", "/v1")],
        [poll("kp-1"), Request("POST", "/v2", body=[{"taskType": "getResponse", "taskUUID": "u"}])],
        [poll("kp-0"), poll(*(f"kp-{number}" for number in range(1, most_asked + 1)))],
    ],
)
def test_what_has_to_go_alone_makes_no_bundle(requests: list[Request]) -> None:
    assert provider.bundle(requests) is None


def test_each_request_gets_what_names_its_tasks() -> None:
    first, second, third = create("a"), create("b"), poll("kp-1")
    whole = answer(400, {
        "data": [{"taskType": "videoInference", "taskUUID": uuid(third), "status": "processing"}, accepted(first)],
        "errors": [refused(second, "invalidDuration")],
    })  # fmt: skip
    one, two, three = provider.unbundle([first, second, third], whole)
    state = provider.read_submit(one, route)
    assert isinstance(state, TaskState)
    assert (state.task_id, state.phase) == (uuid(first), Phase.QUEUED)
    assert class_of(provider.read_submit(two, route)) is AnswerClass.INVALID
    told = provider.read_query(provider.queries([ref("kp-1")], key)[0], three)
    assert [(one.external_id, one.phase) for one in told.states] == [("kp-1", Phase.RUNNING)]


def test_what_an_answer_says_nothing_of_is_in_doubt_whatever_its_status() -> None:
    """Its task may have been made: the error of another one is no word about it."""
    first, second = create("a"), create("b")
    _, part = provider.unbundle([first, second], answer(400, {"errors": [refused(first, "invalidDuration")]}))
    assert class_of(provider.read_submit(part, route)) is AnswerClass.TRANSIENT


def test_an_error_that_names_no_task_is_everybodys() -> None:
    requests = [create("a"), poll("kp-1")]
    one, two = provider.unbundle(requests, answer(429, {"errors": [refused(None, "rateLimitExceeded")]}))
    assert class_of(provider.read_submit(one, route)) is AnswerClass.THROTTLED
    assert one.retry_after == two.retry_after == 7
    told = provider.read_query(provider.queries([ref("kp-1")], key)[0], two)
    assert told.refusal is not None
    assert told.refusal.answer is AnswerClass.THROTTLED


def test_an_answer_of_another_form_is_everybodys() -> None:
    page = Response(502, {}, b"<html>Bad Gateway</html>")
    assert provider.unbundle([create("a"), poll("kp-1")], page) == (page, page)


def class_of(read: TaskState | Refusal) -> AnswerClass:
    assert isinstance(read, Refusal), read
    return read.answer


def test_one_request_asks_about_many_tasks() -> None:
    tasks = [ref(f"kp-{number}") for number in range(most_asked + 1)]
    queries = provider.queries(tasks, key)
    assert [len(query.tasks) for query in queries] == [most_asked, 1]
    asked = [task["taskUUID"] for query in queries for task in tasks_of(query.request)]
    assert asked == [task_uuid(task.external_id) for task in tasks]
    assert not any(query.request.creates for query in queries)


def test_a_job_is_looked_for_by_the_id_that_follows_from_its_own() -> None:
    first, second = provider.find(["kp-1"], route, key)
    assert tasks_of(first) == [{"taskType": "getResponse", "taskUUID": task_uuid("kp-1")}]
    assert tasks_of(second) == [{"taskType": "getTaskDetails", "taskUUID": task_uuid("kp-1")}]
    signed = provider.single(TaskRef("kp-1", "", route), key).request
    assert tasks_of(signed) == tasks_of(second)


def test_each_upload_is_a_task_of_its_own() -> None:
    one, again = (provider.upload("a.png", "image/png", b"png") for _ in range(2))
    (task,) = tasks_of(one)
    assert task["taskType"] == "imageUpload"
    assert task["image"] == f"data:image/png;base64,{b64encode(b'png').decode()}"
    assert UUID(task["taskUUID"]).version == 4
    assert task["taskUUID"] != tasks_of(again)[0]["taskUUID"]
    assert (one.creates, one.patience > 60) == (False, True)


def test_sounds_and_clips_go_into_the_storage_for_all_media() -> None:
    (task,) = tasks_of(provider.upload("a.mp4", "video/mp4", b"mp4"))
    media = f"data:video/mp4;base64,{b64encode(b'mp4').decode()}"
    assert {name: value for name, value in task.items() if name != "taskUUID"} == {
        "taskType": "mediaStorage", "operation": "upload", "media": media,
    }  # fmt: skip


def test_a_result_that_the_service_brings_is_a_hint_that_nobody_signed() -> None:
    result = {"taskType": "imageInference", "taskUUID": task_uuid("kp-1"), "imageURL": "https://im.runware.ai/a.png"}
    state = provider.read_callback(json.dumps(result).encode())
    assert state is not None
    assert (state.task_id, state.phase, state.outputs) == (task_uuid("kp-1"), Phase.SUCCEEDED, ())
    failed = provider.read_callback(json.dumps({"code": "inferenceError", "taskUUID": task_uuid("kp-1")}).encode())
    assert failed is not None
    assert failed.phase is Phase.FAILED
    assert provider.read_callback(b"[]") is None
    assert provider.read_callback(b'{"taskUUID": 5}') is None


def test_results_are_fetched_at_once_and_never_handed_on() -> None:
    assert provider.output_lifetime() == 3600  # no address is handed over that dies within the hour
    assert provider.status_requests_a_task < 1
