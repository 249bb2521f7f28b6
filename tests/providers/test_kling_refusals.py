"""The error table of kling.md section 8, row by row, and answers without the service's envelope."""

from __future__ import annotations

import json

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.refusals import answer_classes
from kling_pipe.providers.provider import Query
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Route, TaskRef
from kling_pipe.values.wire import Request, Response

provider = KlingProvider()
route = Route("body-model", "/v1/videos/text2video")
query = Query(Request("GET", "/v1/videos/text2video/1"), (TaskRef("kp-one", "1", route),))

rows = [
    (401, 1000, "auth"), (401, 1001, "auth"), (401, 1002, "auth"), (401, 1003, "auth-stale"), (401, 1004, "auth-stale"),
    (429, 1100, "account"), (429, 1101, "account"), (429, 1102, "product"), (403, 1103, "forbidden"),
    (400, 1200, "invalid"), (400, 1201, "invalid"), (404, 1202, "invalid"), (404, 1203, "invalid"),
    (400, 1300, "moderated"), (400, 1301, "moderated"), (429, 1302, "throttled"), (429, 1303, "over-quota"),
    (429, 1304, "account"), (500, 5000, "transient"), (503, 5001, "transient"), (504, 5002, "transient"),
]  # fmt: skip


def answer(status: int, body: object, **headers: str) -> Response:
    return Response(status, headers, body.encode() if isinstance(body, str) else json.dumps(body).encode())


def create_class(response: Response) -> str:
    told = provider.read_submit(response, route)
    assert isinstance(told, Refusal)
    return f"{told.answer} {told.code}"


def test_the_table_has_every_row() -> None:
    assert sorted(answer_classes) == [code for _, code, _ in sorted(rows, key=lambda row: row[1])]


@pytest.mark.parametrize(("status", "code", "meaning"), rows)
def test_a_code_means_the_same_whatever_the_status(status: int, code: int, meaning: str) -> None:
    for seen in (status, 200, 500):
        assert create_class(answer(seen, {"code": code, "message": "m"})) == f"{meaning} {code}"


@pytest.mark.parametrize(
    ("text", "on_create", "on_query"),
    [
        ("External_task_id kp-1 already exists", AnswerClass.EXISTS, AnswerClass.EXISTS),
        ("Task not found by id/external id: kp-1", AnswerClass.INVALID, AnswerClass.NOT_FOUND),
        ("Voice id not found", AnswerClass.INVALID, AnswerClass.INVALID),
        ("model is not supported", AnswerClass.INVALID, AnswerClass.INVALID),
        ("video resolution value '4k' is invalid", AnswerClass.INVALID, AnswerClass.INVALID),
        ("this model has been discontinued", AnswerClass.INVALID, AnswerClass.INVALID),
    ],
)
def test_the_texts_of_1201_are_told_apart(text: str, on_create: AnswerClass, on_query: AnswerClass) -> None:
    response = answer(400, {"code": 1201, "message": text})
    submitted, asked = provider.read_submit(response, route), provider.read_query(query, response).refusal
    assert isinstance(submitted, Refusal)
    assert asked is not None
    assert (submitted.answer, asked.answer) == (on_create, on_query)


def test_a_missing_resource_is_a_missing_task_on_a_query_only() -> None:
    response = answer(404, {"code": 1203, "message": "not supported for this API"})
    told = provider.read_query(query, response).refusal
    assert create_class(response) == "invalid 1203"
    assert told is not None
    assert told.answer is AnswerClass.NOT_FOUND


def test_two_texts_of_one_authentication_code_are_one() -> None:
    texts = ["the current API does not support AK/SK", "The token was expected to have 3 parts, but got 0"]
    assert {create_class(answer(401, {"code": 1002, "message": text})) for text in texts} == {"auth 1002"}


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, "", "transient unreadable"),
        (200, "[]", "transient unreadable"),
        (200, '{"message": "no code"}', "transient unreadable"),
        (200, '{"code": true, "data": {}}', "transient unreadable"),
        (200, '{"code": 0}', "transient unreadable"),
        (200, '{"code": 0, "data": [1]}', "transient unreadable"),
        (302, "", "transient unreadable"),
        (401, "denied", "auth http-401"),
        (403, "<html>", "transient http-403"),
        (413, "too large", "invalid http-413"),
        (429, "slow down", "throttled http-429"),
        (500, "oops", "transient http-500"),
        (502, "<html>", "transient http-502"),
        (503, "", "transient http-503"),
        (504, "", "transient http-504"),
        (200, '{"code": "1303", "message": "as text"}', "over-quota 1303"),
        (400, '{"code": 1250, "message": "new"}', "invalid 1250"),
        (429, '{"code": 1110, "message": "new"}', "account 1110"),
        (400, '{"code": 7, "message": "new"}', "transient 7"),
    ],
)
def test_answers_without_a_listed_code(status: int, body: str, meaning: str) -> None:
    assert create_class(answer(status, body)) == meaning


def test_words_request_id_and_wait_are_kept() -> None:
    response = answer(429, {"code": 1302, "message": "too fast", "request_id": "r-1"}, **{"retry-after": "2.5"})
    assert provider.read_refusal(response) == Refusal(AnswerClass.THROTTLED, "1302", "too fast", "r-1", 2.5)


def test_a_good_code_is_good_whatever_the_status() -> None:
    response = answer(500, {"code": 0, "data": {"task_id": "1", "task_status": "submitted"}})
    assert not isinstance(provider.read_submit(response, route), Refusal)
    assert provider.read_refusal(response) is None


def test_a_second_code_inside_the_data_counts() -> None:
    response = answer(200, {"code": 0, "data": {"code": 9, "msg": "busy"}})
    assert provider.read_refusal(response) == Refusal(AnswerClass.TRANSIENT, "9", "busy")
    assert provider.read_refusal(answer(200, {"code": 0, "data": {"code": 0, "msg": "success"}})) is None


@pytest.mark.parametrize(
    ("path", "pack"),
    [("/v1/images/generations", "image"), ("/v1/audio/text-to-audio", "audio"), ("/v1/audio/tts", "video"),
     ("/v1/general/ai-multi-shot", "image"), ("/omni-video/kling-3.0-omni", "video")],
)  # fmt: skip
def test_a_used_up_pack_is_named_by_the_endpoint(path: str, pack: str) -> None:
    response = answer(429, {"code": 1102, "message": "Account balance not enough"})
    told = provider.read_submit(response, Route("body-model", path))
    assert told == Refusal(AnswerClass.PRODUCT, "1102", "Account balance not enough", pack=pack)


def test_no_other_refusal_names_a_pack() -> None:
    for _, code, _ in rows:
        told = provider.read_submit(answer(400, {"code": code, "message": "m"}), route)
        assert isinstance(told, Refusal)
        assert bool(told.pack) == (code == 1102)
