"""Picsart's HTTP answers: statuses, tasks, results, uploads and prices. picsart.md section 2."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kling_pipe.providers.picsart.adapter import PicsartProvider
from kling_pipe.providers.provider import AdapterSettings, Uploaded
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Output, Phase, Route, TaskRef, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import FormPart, Request, Response
from tests.providers.picsart_jobs import executable, http

clip = Route("workflow", "kling-text-to-video", has_external_id=False)
pictures = Route("workflow", "kling/v1/images/omni-image", has_external_id=False)
dub = Route("workflow", "kling-video-to-audio", has_external_id=False)
cdn = "https://cdn.example.org/"


def answer(status: int, body: object, **headers: str) -> Response:
    return Response(status, headers, body.encode() if isinstance(body, str) else json.dumps(body).encode())


def created(response: Response) -> str:
    found = http.read_submit(response, clip)
    if isinstance(found, Refusal):
        return f"{found.answer} {found}"
    return f"{found.task_id} {found.phase} {found.status}"


def asked(body: object, route: Route = clip, status: int = 200) -> TaskState:
    query = http.single(TaskRef("kp-1", "t/1", route), CredentialKind.API_KEY)
    told = http.read_query(query, answer(status, body))
    assert told.refusal is None
    (state,) = told.states
    assert (state.task_id, state.external_id) == ("t/1", "kp-1")
    return state


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"response": {"id": "t-1", "status": "ACCEPTED"}}, "t-1 queued ACCEPTED"),
        (200, {"id": 17}, "17 queued UNKNOWN"),
        (201, {"status": "success", "response": {"id": "t-1"}}, "t-1 running success"),
        (200, {"response": {"id": "t-1", "status": "FAILED", "error": "no"}}, "t-1 running FAILED"),
        # Without an id nobody knows whether there is a task.
        (200, {"response": {}}, "transient unreadable: the answer names no task"),
        (200, {"error": "strange"}, "transient unreadable: strange"),
        (200, {"message": "Insufficient credits"}, "product http-200: Insufficient credits"),
        (200, "<html>", "transient unreadable: the answer is no JSON object"),
        (302, "", "transient http-302: HTTP 302"),
        (400, {"response": {"error": "bad ratio"}}, "invalid http-400: bad ratio"),
        (400, {"message": "refused by content moderation"}, "moderated http-400: refused by content moderation"),
        (400, {"error": {"message": "insufficient credits"}}, "product http-400: insufficient credits"),
        (401, {"reason": "no token"}, "auth http-401: no token"),
        (401, {"reason": "token has expired"}, "auth-stale http-401: token has expired"),
        (402, {}, "product http-402: HTTP 402"),
        (403, {"message": "suspended"}, "forbidden http-403: suspended"),
        (404, {"message": "Not found"}, "forbidden http-404: Not found"),
        (408, "", "transient http-408: HTTP 408"),
        (409, {"message": "conflict"}, "transient http-409: conflict"),
        (413, "", "invalid http-413: HTTP 413"),
        (429, {"message": "Too many requests"}, "throttled http-429: Too many requests"),
        (429, {"message": "Too many generations at once"}, "over-quota http-429: Too many generations at once"),
        (500, {"message": "insufficient memory"}, "transient http-500: insufficient memory"),
        (504, "gateway", "transient http-504: HTTP 504"),
    ],
)  # fmt: skip
def test_the_answer_to_a_submit(status: int, body: object, expected: str) -> None:
    assert created(answer(status, body)) == expected


def test_short_credits_stop_their_product_and_say_where_to_buy() -> None:
    found = http.read_submit(answer(402, {"error": "Payment required"}), clip)
    assert isinstance(found, Refusal)
    assert (found.pack, "picsart.com" in found.remedy) == ("credits", True)


def test_a_throttled_answer_says_when_to_come_back() -> None:
    found = http.read_submit(Response(429, {"retry-after": "7"}, b"{}"), clip)
    assert isinstance(found, Refusal)
    assert found.retry_after == 7


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("ACCEPTED", Phase.QUEUED), ("IN_PROGRESS", Phase.RUNNING), ("PENDING", Phase.RUNNING),
        ("RUNNING", Phase.RUNNING), ("completed", Phase.SUCCEEDED), ("SUCCESS", Phase.SUCCEEDED),
        ("FAILED", Phase.FAILED), ("ERROR", Phase.FAILED), ("CANCELED", Phase.FAILED), ("CANCELLED", Phase.FAILED),
        ("THINKING", Phase.RUNNING), (None, Phase.RUNNING), (7, Phase.RUNNING),
    ],
)  # fmt: skip
def test_words_of_a_status(word: object, phase: Phase) -> None:
    assert asked({"response": {"status": word}}).phase is phase
    assert asked({"status": word, "progress": {"percent": 3}}).phase is phase


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"response": {"status": "FAILED", "error": "no faces"}}, "no faces"),
        ({"status": "FAILED", "error": "no faces"}, "no faces"),
        ({"status": "FAILED", "message": "no faces"}, "no faces"),
        ({"status": "FAILED", "reason": "no faces"}, "no faces"),
        ({"status": "FAILED", "error": {"message": "no faces"}}, "no faces"),
        ({"status": "CANCELED"}, "the task ended with `CANCELED`"),
        ({"status": "COMPLETED", "result": {"status": 422, "message": "no faces"}}, "no faces"),
        ({"status": "COMPLETED", "result": {"status": "error", "reason": "no faces"}}, "no faces"),
    ],
)
def test_a_failure_says_why(body: object, message: str) -> None:
    state = asked(body)
    assert (state.phase, state.message, state.outputs, state.failure) == (Phase.FAILED, message, (), "")


def test_a_failure_may_be_one_of_policy() -> None:
    assert asked({"status": "FAILED", "error": "refused by content moderation"}).failure == "moderated"


def shown(*outputs: Output) -> list[str]:
    return [f"{output.index} {output.type} {output.url}" for output in outputs]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"url": cdn + "a.mp4"}, ["0 video a.mp4"]),
        ({"items": [{"url": cdn + "a.mp4"}]}, ["0 video a.mp4"]),
        ({"url": cdn + "a.mp4", "items": [{"url": cdn + "a.mp4"}]}, ["0 video a.mp4"]),
        ({"url": {"url": cdn + "a"}}, ["0 video a"]),
        ({"video": {"url": cdn + "a"}, "image": {"url": cdn + "cover"}}, ["0 video a"]),
        ({"result": {"video_url": cdn + "a"}}, ["0 video a"]),
        ({"assets": {"video": cdn + "a"}}, ["0 video a"]),
        ([{"url": cdn + "a.mp4"}], ["0 video a.mp4"]),
        (cdn + "a.mp4", ["0 video a.mp4"]),
        ({"output": {"files": [{"url": cdn + "a.mp4"}]}}, ["0 video a.mp4"]),
        ({"made": [{"at": cdn + "a.mp4"}], "input": {"url": cdn + "b.png"}, "cover": cdn + "c.png"}, ["0 video a.mp4"]),
        # What only repeats the request is no result.
        ({"params": {"image_url": cdn + "mine.png"}, "video": cdn + "a.mp4"}, ["0 video a.mp4"]),
        ({"url": "ftp://x/a.mp4"}, []),
        ({}, []),
        (None, []),
    ],
)
def test_where_a_result_stands(result: object, expected: list[str]) -> None:
    for body in ({"response": {"status": "COMPLETED", "result": result}}, {"status": "SUCCESS", "result": result}):
        state = asked(body)
        assert [one.replace(cdn, "") for one in shown(*state.outputs)] == expected
        assert state.phase is Phase.SUCCEEDED


def test_several_pictures_keep_their_order() -> None:
    items = [{"url": f"{cdn}{name}", "image_id": name} for name in "cab"]
    state = asked({"response": {"status": "COMPLETED", "result": {"items": items}}}, pictures)
    assert shown(*state.outputs) == [f"{place} image {cdn}{name}" for place, name in enumerate("cab")]


def test_sound_for_a_clip_may_bring_the_clip_along() -> None:
    result = {"video": {"url": cdn + "v"}, "url_mp3": cdn + "s.mp3", "url_wav": cdn + "s.wav"}
    state = asked({"status": "COMPLETED", "result": result}, dub)
    assert shown(*state.outputs) == [f"0 audio {cdn}s.mp3", f"1 audio {cdn}s.wav", f"2 video {cdn}v"]
    named = asked({"status": "COMPLETED", "result": {"items": [{"url": cdn + "s", "mimeType": "audio/wav"}]}}, dub)
    assert shown(*named.outputs) == [f"0 audio {cdn}s"]


def test_a_task_is_asked_for_by_its_workflow_and_id_alone() -> None:
    tasks = [TaskRef("kp-1", "a b/c", pictures), TaskRef("kp-2", "t-2", Route("executable", clip.endpoint))]
    queries = http.queries(tasks, CredentialKind.API_KEY)
    assert [query.request.path for query in queries] == [
        "/workflows/kling/v1/images/omni-image/a%20b%2Fc/result",
        "/workflows/kling-text-to-video/t-2/result",
    ]
    assert all(query.request.method == "GET" and not query.request.creates for query in queries)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, "not-found"), (410, "not-found"), (400, "transient"), (401, "auth"), (403, "forbidden"),
        (429, "throttled"), (500, "transient"),
    ],
)  # fmt: skip
def test_a_refused_query_proves_nothing_of_the_task_but_by_404(status: int, expected: str) -> None:
    query = http.single(TaskRef("kp-1", "t-1", clip), CredentialKind.API_KEY)
    told = http.read_query(query, answer(status, {"message": "m"}))
    assert told.refusal is not None
    assert (told.states, str(told.refusal.answer)) == ((), expected)


def test_nothing_finds_a_task_by_an_id_of_ours() -> None:
    assert http.find(["kp-1"], clip, CredentialKind.API_KEY) == ()


def test_a_key_goes_with_two_headers_and_a_users_token_with_the_tools() -> None:
    request = Request("GET", "/workflows/x/1/result")
    key = Credential(CredentialKind.API_KEY, Secret("k"))
    assert dict(http.sign(request, key, 0.0).headers) == {
        "Authorization": "Bearer k", "platform": "api", "X-Touchpoint": "sdk",
    }  # fmt: skip
    user = Credential(CredentialKind.API_KEY, Secret("k"), Secret("17"))
    assert dict(http.sign(request, user, 0.0).headers) == {
        "Authorization": "Bearer k", "user-id": "17", "country-code": "US", "platform": "web", "touchpoint": "editor",
        "x-pa-platform": "web", "x-pa-touchpoint": "ai-studio", "X-Platform": "web", "X-Touchpoint": "ai-sdk.cli",
    }  # fmt: skip


def test_an_executable_is_handed_the_token_with_the_users_id_or_neither() -> None:
    request = executable.probe(0.0)
    quiet = {"PULSE_OPT_OUT": "1", "NO_COLOR": "1"}
    key = Credential(CredentialKind.API_KEY, Secret("k"))
    assert dict(executable.sign(request, key, 0.0).headers) == quiet
    user = Credential(CredentialKind.API_KEY, Secret("k"), Secret("17"))
    assert dict(executable.sign(request, user, 0.0).headers) == {
        **quiet, "PICSART_ACCESS_TOKEN": "k", "PICSART_USER_ID": "17",
    }  # fmt: skip


def test_an_upload_and_its_answer() -> None:
    request = http.upload("a.png", "image/png", b"bytes")
    assert (request.method, request.path, request.host, request.creates) == ("POST", "/v2/files", "upload", False)
    assert request.form == (FormPart("file", filename="a.png", mime="image/png", data=b"bytes"),
                            FormPart("type", "editing-temp"))  # fmt: skip
    url = f"{cdn}tmp/a.png"
    for body in ({"response": {"url": url}}, {"url": url}, {"status": "success", "response": {"url": url}}):
        assert http.read_upload(answer(200, body)) == Uploaded(Handed(url=url), 3600.0)
    for body in ({"response": {}}, {"url": "a.png"}, "x"):
        found = http.read_upload(answer(200, body))
        assert isinstance(found, Refusal)
        assert found.answer is AnswerClass.TRANSIENT
    too_large = http.read_upload(answer(413, {}))
    assert isinstance(too_large, Refusal)
    assert too_large.answer is AnswerClass.INVALID


def test_a_price_in_credits_is_money_where_the_project_says_what_one_costs() -> None:
    told = answer(200, {"response": {"credits": 45}})
    assert http.read_price(told) == Cost(units=(("credits", Decimal(45)),))
    own = PicsartProvider(AdapterSettings(units_usd={"credits": Decimal("0.01")}))
    assert own.read_price(told) == Cost(Decimal("0.45"), (("credits", Decimal(45)),))
    for body in ({"response": {"credits": None}}, {"response": {"credits": -1}}, {"response": {"credits": True}}, {}):
        found = http.read_price(answer(200, body))
        assert isinstance(found, Refusal)
        assert found.code == "unreadable"


def test_the_probe_asks_for_a_price_and_makes_nothing() -> None:
    request = http.probe(0.0)
    assert (request.method, request.path, request.creates) == ("POST", "/workflows/kling-text-to-audio/options", False)
    run = executable.probe(0.0)
    assert (run.method, run.arguments[0], run.creates) == ("RUN", "pricing", False)
