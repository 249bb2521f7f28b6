"""Runware's fake as a service: envelopes, sign-in, UUIDs, delivery, polling, details and storage."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.paper_studio import base64_text, picture
from tests.providers.runware_fake_stage import at, runware_at, uploads

pytestmark = pytest.mark.anyio

boat = {"model": "klingai:kling-video@3-pro", "positivePrompt": "a boat", "width": 1920, "height": 1080}
still = {"model": "klingai:kling-image@3", "positivePrompt": "a boat", "width": 1024, "height": 1024}
ping = {"taskType": "ping", "ping": True}


def line(answer: Mapping[str, Any]) -> str:
    """What an envelope holds, shortly: items by their kind and state, errors by their code."""
    items = [f"{one['taskType']}:{one.get('status', '')}" for one in answer.get("data", [])]
    errors = [f"{one['code']}@{one.get('taskType', '')}" for one in answer.get("errors", [])]
    return " ".join([*items, *(["|", *errors] if "errors" in answer else [])])


@pytest.mark.parametrize(
    ("header", "tasks", "expected"),
    [
        ("Bearer simulated-key", [ping], "200 ping:"),
        ("bearer simulated-key", [ping], "200 ping:"),
        ("", [{"taskType": "authentication", "apiKey": "simulated-key"}, ping], "200 ping:"),
        ("", [{"taskType": "authentication", "apiKey": "simulated-key"}], "200 "),
        ("", [ping], "401 | missingApiKey@"),
        ("Basic simulated-key", [ping], "401 | missingApiKey@"),
        ("Bearer other", [ping], "401 | invalidApiKey@"),
        ("", [{"taskType": "authentication", "apiKey": ["x"]}], "401 | invalidApiKey@"),
        ("", [ping, {"taskType": "authentication", "apiKey": "simulated-key"}], "401 | missingApiKey@"),
        ("Bearer simulated-key", [], "400 | missingTasks@"),
        ("Bearer simulated-key", ping, "400 | invalidRequestBody@"),
        ("Bearer simulated-key", [3], "400 | invalidTask@"),
        ("Bearer simulated-key", [{}], "400 | missingTaskType@"),
        ("Bearer simulated-key", [{"taskType": "textInference"}], "400 | invalidTaskType@textInference"),
        ("Bearer simulated-key", [{"taskType": ["ping"]}], "400 | invalidTaskType@"),
        ("Bearer simulated-key", [{**ping, "ping": False}], "400 | invalidPing@ping"),
        ("Bearer simulated-key", [{"taskType": "getResponse"}], "400 | missingTaskUUID@getResponse"),
        ("Bearer simulated-key", [{"taskType": "getResponse", "taskUUID": "6ba7b829-9dad-11d1-80b4-00c04fd430c8"}],
         "400 | invalidTaskUUID@getResponse"),
    ],
)  # fmt: skip
async def test_who_may_ask_and_what_is_a_request(tmp_path: Path, header: str, tasks: Any, expected: str) -> None:
    async with runware_at(tmp_path, key="") as stage:
        answer = await stage.client.post("/v1", json=tasks, headers={"authorization": header} if header else {})
    assert f"{answer.status_code} {line(answer.json())}" == expected


@pytest.mark.parametrize("body", ["", "[", "null", "{}", "[NaN]", '["\\ud83e"]', "[" * 5000])
async def test_what_is_no_array_of_tasks_is_refused_whole(tmp_path: Path, body: str) -> None:
    async with runware_at(tmp_path) as stage:
        answer = await stage.client.post("/v1", content=body)
    assert (answer.status_code, line(answer.json())) == (400, "| invalidRequestBody@")


async def test_only_one_path_is_answered(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        answers = [await stage.client.get("/v1"), await stage.client.post("/v2", json=[ping])]
        upgrade = await stage.client.get("/v1", headers={"upgrade": "websocket", "connection": "upgrade"})
    assert [(one.status_code, line(one.json())) for one in (*answers, upgrade)] == [
        (404, "| endpointNotFound@"), (404, "| endpointNotFound@"), (426, "| webSocketUnavailable@"),
    ]  # fmt: skip


async def test_a_clip_is_acknowledged_polled_and_told_with_its_price(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        task = stage.task("videoInference", **boat, duration=5, includeCost=True)
        states = [line(await stage.post(task))]
        for seconds in (20, 2000):
            stage.clock.advance(seconds)
            states.append(line(await stage.poll(task["taskUUID"])))
        (item,) = (await stage.poll(task["taskUUID"]))["data"]
        file = await stage.client.get(item.pop("videoURL"))
        (bill,) = stage.world.bills()
    assert states == ["videoInference:", "videoInference:processing", "videoInference:success"]
    made = json.loads(file.content)
    assert (made["facts"]["width"], made["facts"]["height"], made["order"]["prompt"]) == (1920, 1080, "a boat")
    assert item == {
        "taskType": "videoInference", "taskUUID": task["taskUUID"], "status": "success", "videoUUID": item["videoUUID"],
        "seed": made["order"]["seed"], "NSFWContent": False, "cost": 0.56,
    }  # fmt: skip
    told = {name: bill[name] for name in ("service", "external_id", "endpoint", "model", "units", "currency")}
    assert told == {
        "service": "runware", "external_id": task["taskUUID"], "endpoint": "videoInference",
        "model": "klingai:kling-video@3-pro", "units": "0.56", "currency": "USD",
    }  # fmt: skip


async def test_pictures_are_held_by_default_and_acknowledged_when_asked(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        held = stage.task("imageInference", **still, numberResults=3)
        answer = await stage.post(held)
        waiting = stage.task("imageInference", **still, numberResults=3, deliveryMethod="async")
        acknowledged = await stage.post(waiting)
        partly = []
        for _ in range(12):
            stage.clock.advance(2)
            partly.append(line(await stage.poll(waiting["taskUUID"])).count("success"))
    assert line(answer) == " ".join(["imageInference:"] * 3)
    assert (
        len({item["imageUUID"] for item in answer["data"]}) == len({item["imageURL"] for item in answer["data"]}) == 3
    )
    assert [item["seed"] - answer["data"][0]["seed"] for item in answer["data"]] == [0, 1, 2]
    assert all(item["imageURL"].partition("?")[0].endswith(".jpg") and "cost" not in item for item in answer["data"])
    assert line(acknowledged) == "imageInference:"
    assert sorted(set(partly)) == [0, 1, 2, 3]
    assert partly == sorted(partly)


async def test_tasks_of_an_array_succeed_or_fail_by_themselves(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        good, bad = stage.task("videoInference", **boat), stage.task("videoInference", **boat, duration=2)
        answer = await stage.post(bad, ping, good, {"taskType": "getResponse", "taskUUID": good["taskUUID"]})
    assert line(answer) == ("ping: videoInference: videoInference:processing | invalidDuration@videoInference")
    assert answer["errors"] == [{
        "code": "invalidDuration", "message": answer["errors"][0]["message"], "parameter": "duration",
        "taskType": "videoInference", "taskUUID": bad["taskUUID"],
        "documentation": "https://runware.ai/docs/en/platform/errors",
    }]  # fmt: skip


async def test_a_mixed_answer_has_one_status_or_the_other(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        found = set()
        for _ in range(20):
            made = stage.task("imageInference", **still, deliveryMethod="async")
            answer = await stage.client.post("/v1", json=[made, {"taskType": "getResponse", "taskUUID": stage.uuid()}])
            found.add(answer.status_code)
            stage.clock.advance(500)
    assert found == {200, 404}


async def test_a_known_uuid_is_refused_and_nothing_is_charged_again(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        task = stage.task("videoInference", **boat)
        upper = {**task, "taskUUID": task["taskUUID"].upper(), "model": "another"}
        answers = [line(await stage.post(task, task)), line(await stage.post(upper))]
        stage.clock.advance(2000)
        answers.append(line(await stage.post(task)))
        assert len(stage.world.bills()) == 1
    conflict = "conflictTaskUUID@videoInference"
    assert answers == [f"videoInference: | {conflict}", f"| {conflict}", f"| {conflict}"]


async def test_what_was_refused_leaves_its_uuid_free(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        task = stage.task("videoInference", **boat)
        answers = [line(await stage.post({**task, "duration": 99})), line(await stage.post(task))]
    assert answers == ["| invalidDuration@videoInference", "videoInference:"]


async def test_details_give_back_the_request_and_the_response(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        task = stage.task("imageInference", **still, deliveryMethod="async")
        await stage.post(task)
        ask = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
        early = (await stage.post(ask))["data"][0]
        stage.clock.advance(2000)
        late = (await stage.post(ask))["data"][0]
        unknown = line(await stage.post({**ask, "taskUUID": stage.uuid()}))
    assert early["request"] == late["request"] == [task]
    assert early["response"] == {"data": [{"taskType": "imageInference", "taskUUID": task["taskUUID"]}]}
    assert list(late["response"]["data"][0]) == [
        "taskType", "taskUUID", "imageUUID", "imageURL", "seed", "NSFWContent",
    ]  # fmt: skip
    assert unknown == "| taskFailedOrNotFound@getTaskDetails"


@pytest.mark.parametrize(
    ("form", "asked", "field", "start"),
    [
        ("base64Data", "PNG", "imageBase64Data", ""),
        ("dataURI", "JPG", "imageDataURI", "data:image/jpeg;base64,"),
        ("dataURI", "WEBP", "imageDataURI", "data:image/webp;base64,"),
    ],
)
async def test_pictures_come_in_the_answer_itself(
    tmp_path: Path, form: str, asked: str, field: str, start: str
) -> None:
    async with runware_at(tmp_path) as stage:
        task = stage.task("imageInference", **still, outputType=form, outputFormat=asked)
        (item,) = (await stage.post(task))["data"]
    text = item[field]
    assert text.startswith(start)
    made = json.loads(base64.b64decode(text.removeprefix(start)))
    assert (made["facts"]["format"], made["facts"]["width"]) == ({"JPG": "jpeg"}.get(asked, asked.lower()), 1024)


async def test_a_url_lives_as_long_as_it_was_asked_to(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        (item,) = (await stage.post(stage.task("imageInference", **still, ttl=60)))["data"]
        statuses = []
        for seconds in (50, 20):
            stage.clock.advance(seconds)
            statuses.append((await stage.client.get(item["imageURL"])).status_code)
    assert statuses == [200, 403]


async def test_a_stored_file_is_named_by_its_uuid_until_it_is_deleted_or_forgotten(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        put = stage.task("imageUpload", image=base64_text(picture(1600, 900)))
        stored = (await stage.post(put))["data"][0]
        uuid = stored["imageUUID"]
        assert stored == {**{n: put[n] for n in ("taskType", "taskUUID")}, "imageUUID": uuid,
                          "imageURL": stored["imageURL"]}  # fmt: skip
        assert (await stage.client.get(stored["imageURL"])).content == picture(1600, 900)
        details = (await stage.post({"taskType": "getTaskDetails", "taskUUID": put["taskUUID"]}))["data"][0]
        assert details["response"] == {"data": [stored]}
        again = line(await stage.post(put))

        async def use() -> str:
            begin = {"frameImages": [{"inputImage": uuid, "frame": "first"}], "duration": 5}
            return line(await stage.post(stage.task("videoInference", model="klingai:1@1", **begin)))

        said = []
        for days in (0, 29, 29, 31):
            stage.clock.advance(days * 86_400)
            said.append(await use())
        second = await stage.store(uploads["wide.png"])
        gone = stage.task("mediaStorage", operation="delete", media=second)
        deleted = await stage.post(gone)
        twice = line(await stage.post({**gone, "taskUUID": stage.uuid()}))
        assert len(stage.world.bills()) == 3
    assert again == "| conflictTaskUUID@imageUpload"
    assert said == ["videoInference:"] * 3 + ["| mediaNotFound@videoInference"]
    assert deleted == {"data": [{**{n: gone[n] for n in ("taskType", "taskUUID", "operation")}, "mediaUUID": second}]}
    assert twice == "| mediaNotFound@mediaStorage"


async def test_a_large_picture_is_stored_smaller(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        frame = {"model": "klingai:1@1", "duration": 5}
        uuid = await stage.store(uploads["large.png"])
        stored = stage.task("videoInference", **frame, frameImages=[{"inputImage": uuid, "frame": "first"}])
        assert line(await stage.post(stored)) == "videoInference:"
        direct = [{"inputImage": at("large.png"), "frame": "first"}]
        refused = await stage.refusal(stage.task("videoInference", **frame, frameImages=direct))
    assert "2049x1200 pixels, each side must be at most 2048" in refused


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"taskType": "imageUpload"}, "400/missingImage image: 'image' is required"),
        ({"taskType": "imageUpload", "image": at("dance.mp4")},
         "400/invalidImage image: Invalid value for 'image': expected a file of type image, got mp4"),
        ({"taskType": "imageUpload", "image": at("page.html")},
         "400/invalidImage image: Invalid value for 'image': cannot be read"),
        ({"taskType": "imageUpload", "image": at("nowhere.png")},
         "400/downloadFailed image: 'image' cannot be downloaded"),
        ({"taskType": "imageUpload", "image": "§"},
         "400/invalidImage image: Invalid value for 'image': is neither a URL nor Base64"),
        ({"taskType": "imageUpload", "image": "AAAA", "x": 1}, "400/unknownParameter x: Unknown parameter 'x'"),
        ({"taskType": "mediaStorage", "media": "AAAA"}, "400/missingOperation operation: 'operation' is required"),
        ({"taskType": "mediaStorage", "operation": "list", "media": "AAAA"},
         "400/invalidOperation operation: Invalid value for 'operation': expected one of upload, delete"),
        ({"taskType": "mediaStorage", "operation": "delete", "media": "AAAA"},
         "404/mediaNotFound media: No media with the UUID 'AAAA'"),
    ],
)  # fmt: skip
async def test_what_cannot_be_stored_is_refused(tmp_path: Path, task: dict[str, Any], expected: str) -> None:
    async with runware_at(tmp_path) as stage:
        assert await stage.refusal({**task, "taskUUID": stage.uuid()}) == expected


async def test_a_data_uri_and_bare_base64_are_both_taken(tmp_path: Path) -> None:
    async with runware_at(tmp_path) as stage:
        text = base64_text(uploads["line.mp3"])
        for media in (text, f"data:audio/mpeg;base64,{text}", at("line.mp3")):
            stored = await stage.post(stage.task("mediaStorage", operation="upload", media=media))
            assert (await stage.client.get(stored["data"][0]["mediaURL"])).content == uploads["line.mp3"]


async def test_what_is_stored_and_made_outlives_the_process(tmp_path: Path) -> None:
    journal = str(tmp_path / "tasks.jsonl")
    async with runware_at(tmp_path, journal=journal) as stage:
        uuid = await stage.store(uploads["wide.png"])
        task = stage.task("videoInference", model="klingai:6@0", duration=5,
                          inputs={"frameImages": [{"image": uuid, "frame": "first"}]})  # fmt: skip
        await stage.post(task)
    async with runware_at(tmp_path, journal=journal) as later:
        later.clock.advance(900)
        said = line(await later.poll(task["taskUUID"]))
        later.count = 9
        answer = line(await later.post({**task, "taskUUID": later.uuid()}, task))
    assert said == "videoInference:success"
    assert answer == "videoInference: | conflictTaskUUID@videoInference"
