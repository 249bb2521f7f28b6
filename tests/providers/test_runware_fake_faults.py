"""What Runware's fake says when something goes wrong: the account, the world's limits, faults and late failures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kling_pipe.simulator.service import AnswerDropped
from tests.providers.runware_fake_stage import runware_at
from tests.providers.test_runware_fake_tasks import boat, line, still

pytestmark = pytest.mark.anyio

create, query = "videoInference", "getResponse"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([("account", "abnormal")], "403 | accountSuspended@"),
        ([("account", "arrears")], "402 | insufficientBalance@"),
        ([("account", "forbidden")], "403 | permissionDenied@"),
        ([("account", "blocked")], "403 | forbidden@"),
        ([("forbidden", "runware")], "403 | permissionDenied@"),
        ([("forbidden", "videoInference")], "403 | permissionDenied@videoInference"),
        ([("forbidden", "klingai:kling-video@3-pro")], "403 | permissionDenied@videoInference"),
        ([("forbidden", "klingai:1@1")], "200 videoInference:"),
        ([("units", "runware.balance=0.5")], "402 | insufficientCredits@videoInference"),
        ([("units", "runware.balance=0.56")], "200 videoInference:"),
        ([("units", "video=0")], "200 videoInference:"),  # packs of units are no money
        ([("rate", "0.001")], "200 videoInference:"),
    ],
)
async def test_the_account_and_its_limits(tmp_path: Path, settings: list[tuple[str, str]], expected: str) -> None:
    async with runware_at(tmp_path, *settings) as stage:
        answer = await stage.client.post("/v1", json=[stage.task("videoInference", **boat)])
        assert f"{answer.status_code} {line(answer.json())}" == expected
        assert len(stage.world.bills()) == (answer.status_code == 200)


async def test_a_rate_and_a_full_queue_ask_to_come_back(tmp_path: Path) -> None:
    async with runware_at(tmp_path, ("rate", "1")) as stage:
        answers = [await stage.client.post("/v1", json=[{"taskType": "ping", "ping": True}]) for _ in range(2)]
    async with runware_at(tmp_path, ("pool", "runware.video=1")) as stage:
        tasks = [stage.task("videoInference", **boat) for _ in range(2)]
        answers.append(await stage.client.post("/v1", json=tasks[:1]))
        answers.append(await stage.client.post("/v1", json=tasks[1:]))
        stage.clock.advance(2000)
        answers.append(await stage.client.post("/v1", json=tasks[1:]))
    assert [f"{one.status_code} {line(one.json())}" for one in answers] == [
        "200 ping:", "429 | rateLimitExceeded@", "200 videoInference:",
        "429 | concurrencyRateLimitExceeded@videoInference", "200 videoInference:",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "expected", "bills"),
    [
        ("error-before=create:#1", "503 | serviceUnavailable@", 0),
        ("error-after=#1", "500 | internalServerError@", 1),
        ("throttled=create:#1", "429 | rateLimitExceeded@", 0),
        ("throttled-bare=create:#1", "429 | rateLimitExceeded@", 0),
        ("over-quota=#1", "429 | concurrencyRateLimitExceeded@videoInference", 0),
        ("moderated=#1", "400 | contentPolicyViolation@videoInference", 0),
        ("unauthorized-once=create:#1", "401 | tokenExpired@", 0),
        ("runware/moderated=#1", "400 | contentPolicyViolation@videoInference", 0),
        ("kling/moderated=#1", "200 videoInference:", 1),
    ],
)
async def test_a_fault_in_the_services_words(tmp_path: Path, fault: str, expected: str, bills: int) -> None:
    async with runware_at(tmp_path, ("fault", fault)) as stage:
        answer = await stage.client.post("/v1", json=[stage.task("videoInference", **boat)])
        assert f"{answer.status_code} {line(answer.json())}" == expected
        assert ("retry-after" in answer.headers) is fault.startswith("throttled=")
        assert len(stage.world.bills()) == bills


async def test_a_fault_of_content_names_every_task_that_would_be_made(tmp_path: Path) -> None:
    async with runware_at(tmp_path, ("fault", "moderated=#1")) as stage:
        one, other = stage.task("videoInference", **boat), stage.task("imageInference", **still)
        answer = await stage.post(one, {"taskType": "ping", "ping": True}, other)
    assert [error["taskUUID"] for error in answer["errors"]] == [one["taskUUID"], other["taskUUID"]]


@pytest.mark.parametrize(("fault", "bills"), [("lost-before=create:#1", 0), ("lost-after=create:#1", 1)])
async def test_after_a_lost_answer_the_same_uuid_is_safe(tmp_path: Path, fault: str, bills: int) -> None:
    async with runware_at(tmp_path, ("fault", fault)) as stage:
        task = stage.task("videoInference", **boat)
        with pytest.raises(AnswerDropped):
            await stage.post(task)
        again = line(await stage.post(task))
        assert len(stage.world.bills()) == 1
    assert again == ("| conflictTaskUUID@videoInference" if bills else "videoInference:")


async def test_an_array_is_a_create_when_anything_in_it_is(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        ping = {"taskType": "ping", "ping": True}
        await stage.post(ping)
        await stage.post(ping, stage.task("videoInference", **boat))
        await stage.post(stage.task("getResponse"))
        await stage.client.post("/v1", content="{")
        assert stage.world.faults.to_json()["requests"] == {"create": 1, "query": 3, "download": 0}


@pytest.mark.parametrize(
    ("fault", "code"), [("failed-late=#1", "inferenceError"), ("moderated-late=#1", "providerContentPolicyViolation")]
)
async def test_a_late_failure_costs_nothing_and_is_told_as_an_error(tmp_path: Path, fault: str, code: str) -> None:
    async with runware_at(tmp_path, ("fault", fault)) as stage:
        task = stage.task("imageInference", **still, deliveryMethod="async", numberResults=2)
        await stage.post(task)
        early = line(await stage.poll(task["taskUUID"]))
        stage.clock.advance(500)
        answer = await stage.client.post("/v1", json=[{"taskType": "getResponse", "taskUUID": task["taskUUID"]}])
        details = (await stage.post({"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}))["data"][0]
        (bill,) = stage.world.bills()
    errors = answer.json()["errors"]
    assert early == "imageInference:processing imageInference:processing"
    assert (answer.status_code, bill["charged"], bill["units"]) == (200, "0", "0.056")
    assert [(e["code"], e["status"], e["taskUUID"]) for e in errors] == [(code, "error", task["taskUUID"])] * 2
    assert details["response"] == {"errors": errors}


async def test_a_held_picture_that_fails_or_never_ends(tmp_path: Path) -> None:
    async with runware_at(tmp_path, ("fault", "failed-late=#1"), ("fault", "stuck=#2")) as stage:
        answers = [await stage.client.post("/v1", json=[stage.task("imageInference", **still)]) for _ in range(2)]
    assert [f"{one.status_code} {line(one.json())}" for one in answers] == [
        "500 | inferenceError@imageInference", "504 | timeoutProvider@imageInference",
    ]  # fmt: skip


async def test_a_stuck_clip_goes_on_processing(tmp_path: Path) -> None:
    async with runware_at(tmp_path, ("fault", "stuck=#1")) as stage:
        task = stage.task("videoInference", **boat)
        await stage.post(task)
        stage.clock.advance(1e6)
        (item,) = (await stage.poll(task["taskUUID"]))["data"]
    assert (item["status"], item["progress"]) == ("processing", 0)


async def test_an_answer_that_is_cut_short_is_no_json(tmp_path: Path) -> None:
    async with runware_at(tmp_path, ("fault", "malformed=create:#1")) as stage:
        answer = await stage.client.post("/v1", json=[stage.task("videoInference", **boat)])
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert len(stage.world.bills()) == 1
