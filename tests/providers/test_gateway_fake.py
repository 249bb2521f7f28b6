"""The gateway's fake by itself: what it refuses, and what other clients find; gateway.md sections 2 to 9."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.paper_studio import picture
from tests.providers.gateway_stage import Stage, at, gateway_at

pytestmark = pytest.mark.anyio

words: dict[str, Any] = {"model": "kling-v3-std-silent", "prompt": "waves"}
start: dict[str, Any] = {**words, "image": at("wide.png")}
cut = [{"index": 1, "prompt": "a", "duration": "2"}, {"index": 2, "prompt": "b", "duration": "3"}]
still: dict[str, Any] = {"model": "kling-v3", "prompt": "a shoe"}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with gateway_at(tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"prompt": "a"}, "400 missing_model model is required"),
        ({**words, "model": "kling-v9"}, "403 model_not_allowed This token has no access to model kling-v9"),
        ({"model": "kling-v3-std-silent"}, "400 invalid_request prompt is required"),
        ({**words, "prompt": ["a"]}, "400 invalid_request prompt must be a string"),
        ({**words, "duration": 2}, "400 invalid_request duration must be between 3 and 15, not 2"),
        ({**words, "duration": 16}, "400 invalid_request duration must be between 3 and 15, not 16"),
        ({**words, "duration": "5"}, "400 invalid_request duration must be an integer"),
        ({**words, "aspect_ratio": "4:3"}, "400 invalid_request aspect_ratio must be one of 16:9, 9:16, 1:1, not 4:3"),
        ({**words, "mode": "pro"}, "400 invalid_request unknown field: mode"),
        ({**words, "negative_prompt": "b"}, "400 invalid_request unknown field: negative_prompt"),
        ({**words, "extra_body": []}, "400 invalid_request extra_body must be an object"),
        ({**words, "extra_body": {"sound": "on"}}, "400 invalid_request unknown field: extra_body.sound"),
        ({**words, "extra_body": {"cfg_scale": 2}},
         "400 invalid_request extra_body.cfg_scale must be a number from 0 to 1"),
        ({**words, "extra_body": {"shot_type": "auto"}},
         "400 invalid_request extra_body.shot_type must be one of customize, intelligent, intelligence, not auto"),
        ({**words, "extra_body": {"multi_prompt": cut}},
         "400 invalid_request extra_body.multi_prompt is for image mode"),
        ({**start, "extra_body": {"multi_prompt": cut}},
         "400 invalid_request prompt and extra_body.multi_prompt must not be passed together in image mode"),
        ({**start, "prompt": "", "duration": 6, "extra_body": {"multi_prompt": cut}},
         "400 task_failed the shots' durations must add up to duration"),
        ({**start, "prompt": "", "extra_body": {"multi_prompt": [{"prompt": "a"}]}},
         "400 invalid_request extra_body.multi_prompt[0] must have index, prompt and duration"),
        ({**start, "extra_body": {"element_list": [{"element_id": "mira"}]}},
         "400 invalid_request extra_body.element_list[0].element_id must be an integer"),
        ({**words, "last_image": at("wide.png")},
         "400 invalid_request last_image needs image, which is the first frame"),
        ({**start, "image": at("anime.gif")}, "400 task_failed image must be a jpeg or png of at most 10MB"),
        ({**start, "image": at("dance.mp4")}, "400 task_failed image must be a jpeg or png of at most 10MB"),
        ({**start, "image": "data:image/png;base64,AAAA"},
         "400 invalid_request image must be a publicly reachable URL"),
    ],
)  # fmt: skip
async def test_a_clip_is_refused(stage: Stage, body: dict[str, Any], told: str) -> None:
    assert await stage.refusal("/v1/video/generations", body) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": ""}, "400 invalid_parameter Missing required parameter: 'model'"),
        ({"model": "flux"}, "403 model_not_allowed The model 'flux' does not exist or this token has no access to it"),
        ({"prompt": " "}, "400 invalid_parameter Missing required parameter: 'prompt'"),
        ({"n": 0}, "400 invalid_parameter n must be an integer from 1 to 10"),
        ({"n": 11}, "400 invalid_parameter n must be an integer from 1 to 10"),
        ({"size": "16:9"}, "400 invalid_parameter Invalid size '16:9'"),
        ({"model": "gpt-image-1", "size": "1360x768"}, "400 invalid_parameter Invalid size '1360x768'"),
        (
            {"model": "gpt-image-1", "response_format": "url"},
            "400 invalid_parameter Unknown parameter: 'response_format'",
        ),
        ({"response_format": "png"}, "400 invalid_parameter response_format must be url or b64_json"),
        ({"negative_prompt": "b"}, "400 invalid_parameter Unknown parameter: 'negative_prompt'"),
        ({"image": "AAAA"}, "400 invalid_parameter pictures must be publicly reachable URLs"),
        ({"images": [at("nowhere.png")]}, "400 invalid_parameter a picture cannot be downloaded"),
    ],
)
async def test_a_picture_is_refused(stage: Stage, changes: dict[str, Any], told: str) -> None:
    assert await stage.refusal("/v1/images/generations", {**still, **changes}) == told


async def test_a_body_that_is_no_object_and_a_key_that_is_none_are_refused(stage: Stage) -> None:
    odd = [await stage.client.post("/v1/video/generations", content=body) for body in (b"{", b"[]", b'"\\ud83d"')]
    assert [(one.status_code, one.json()["code"]) for one in odd] == [(400, "invalid_json")] * 3
    for header in ({"authorization": ""}, {"authorization": "Bearer sk-wrong"}, {"authorization": "simulated-key"}):
        answer = await stage.client.get("/v1/models", headers=header)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


async def test_a_job_is_as_in_the_first_page(stage: Stage) -> None:
    created = (await stage.client.post("/v1/video/generations", json=words)).json()
    stage.clock.advance(1000)
    done = (await stage.client.get(f"/v1/videos/{created['task_id']}")).json()
    assert created["id"] == created["task_id"]
    assert done.pop("video_url").startswith("http://gateway.test/media/")
    assert {**done, "created_at": 0} == {
        "id": created["id"], "task_id": created["id"], "object": "video.generation.job", "created_at": 0,
        "model": "kling-v3-std-silent", "status": "completed", "progress": 100,
    }  # fmt: skip


async def test_a_client_of_openais_own_form_sends_a_form_and_downloads_the_content(stage: Stage) -> None:
    fields = {"model": "kling-v3-pro-audio", "prompt": "waves", "seconds": "4", "size": "720x1280"}
    files = {"input_reference": ("start.png", picture(900, 1600), "image/png")}
    created = (await stage.client.post("/v1/videos", data=fields, files=files)).json()
    stage.clock.advance(1000)
    done = (await stage.client.get(f"/v1/videos/{created['id']}")).json()
    part = await stage.client.get(f"/v1/videos/{created['id']}/content", headers={"range": "bytes=0-9"})
    (bill,) = stage.world.bills()
    assert (created["object"], created["status"], created["seconds"], created["size"]) == (
        "video", "queued", "4", "720x1280",
    )  # fmt: skip
    assert (done["status"], done["progress"], done["metadata"]["url"][:26]) == (
        "completed", 100, "http://gateway.test/media/",
    )  # fmt: skip
    assert (part.status_code, len(part.content)) == (206, 10)
    assert (bill["task_id"], bill["charged"], bill["currency"]) == (created["id"], "0.672", "USD")


async def test_the_same_call_takes_json_and_refuses_what_is_wrong(stage: Stage) -> None:
    good = await stage.client.post("/v1/videos", json={**words, "seconds": "12"})
    assert good.status_code == 200
    assert await stage.refusal("/v1/videos", {**words, "seconds": "30"}) == (
        "400 invalid_request seconds must be between 3 and 15, not 30"
    )
    assert await stage.refusal("/v1/videos", {**words, "duration": 5}) == "400 invalid_request unknown field: duration"


async def test_new_apis_older_models_take_its_mode_and_its_wrapped_query(stage: Stage) -> None:
    body = {"model": "kling-v2-6", "prompt": "waves", "mode": "pro"}
    created = (await stage.client.post("/v1/video/generations", json=body)).json()
    stage.clock.advance(1000)
    told = (await stage.client.get(f"/v1/video/generations/{created['task_id']}")).json()
    assert (told["code"], told["data"]["status"], told["data"]["progress"]) == ("success", "SUCCESS", "100%")
    assert told["data"]["task_id"] == created["task_id"]


async def test_what_is_not_there_is_said_in_the_form_of_its_call(stage: Stage) -> None:
    job = await stage.client.get("/v1/videos/task_none")
    content = await stage.client.get("/v1/videos/task_none/content")
    path, method = await stage.client.get("/v1/nothing"), await stage.client.put("/v1/models")
    assert (job.status_code, job.json()) == (400, {"code": "task_not_exist", "message": "task_not_exist", "data": None})
    assert (content.status_code, content.json()["error"]["message"]) == (404, "Task not found")
    assert [(one.status_code, one.json()["error"]["type"]) for one in (path, method)] == [
        (404, "invalid_request_error"), (405, "invalid_request_error"),
    ]  # fmt: skip


async def test_models_are_listed(stage: Stage) -> None:
    names = [row["id"] for row in (await stage.client.get("/v1/models")).json()["data"]]
    assert {"kling-v3-std-silent", "kling-v3-pro-audio", "kling-v2-6", "gpt-image-1"} <= set(names)
    assert len(names) == len(set(names))
