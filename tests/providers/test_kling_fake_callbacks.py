"""Callbacks of Kling's fake: the bare task in the shape of its standard, at every change (kling.md section 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.providers.kling_fake_stage import at, image, kling_at
from tests.providers.test_kling_fake_tasks import without

pytestmark = pytest.mark.anyio

hook = "https://hook.test/kling"
generations, dub = "/v1/images/generations", "/v1/audio/video-to-audio"


async def heard(path: Path, endpoint: str, body: Any, *settings: tuple[str, str]) -> tuple[list[Any], Any]:
    """What was called back about one task, and what a query says at its end."""
    bodies: list[Any] = []

    async def post(url: str, headers: Mapping[str, str], data: bytes) -> None:
        assert (url, headers["content-type"]) == (hook, "application/json")
        bodies.append(json.loads(data))

    async with kling_at(path, *settings, post=post) as stage:
        task = await stage.task(endpoint, body)
        await stage.world.callbacks.settled()
        single = endpoint.startswith("/v1/")
        asked = await stage.get(f"{endpoint}/{task}") if single else await stage.get("/tasks", task_ids=task)
    return bodies, asked["data"]


async def test_a_body_model_task_is_called_back_in_its_own_shape(tmp_path: Path) -> None:
    body = {"prompt": "p", "callback_url": hook, "external_task_id": "job-1"}
    bodies, asked = await heard(tmp_path, generations, body)
    assert [one["task_status"] for one in bodies] == ["submitted", "processing", "succeed"]
    assert without(bodies[-1]) == without(asked)
    assert [(one["task_info"], "final_unit_deduction" in one) for one in bodies] == [
        ({"external_task_id": "job-1"}, last) for last in (False, False, True)
    ]
    assert [one["updated_at"] >= one["created_at"] for one in bodies] == [True] * 3


async def test_a_path_model_task_is_called_back_in_its_own_shape(tmp_path: Path) -> None:
    options = {"callback_url": hook, "external_task_id": "job-1"}
    bodies, asked = await heard(tmp_path, "/text-to-video/kling-3.0", {"prompt": "p", "options": options})
    assert [one["status"] for one in bodies] == ["submitted", "processing", "succeeded"]
    assert without(bodies[-1]) == without(asked[0])
    assert bodies[0]["external_id"] == "job-1"


async def test_other_products_are_called_back_too(tmp_path: Path) -> None:
    bodies, _ = await heard(tmp_path, dub, {"video_url": at("street.mp4"), "callback_url": hook})
    assert set(bodies[-1]["task_result"]) == {"videos", "audios"}
    assert bodies[-1]["task_info"]["parent_video"]["duration"] == "5.040"


async def test_a_failure_is_called_back_with_its_reason(tmp_path: Path) -> None:
    body = {"model_name": "kling-v3", "prompt": "p", "image": image, "callback_url": hook}
    bodies, _ = await heard(tmp_path, "/v1/videos/image2video", body, ("fault", "moderated-late=#1"))
    assert (bodies[-1]["task_status"], bodies[-1]["final_unit_deduction"]) == ("failed", "0")
    assert "content security policy" in bodies[-1]["task_status_msg"]


async def test_a_refused_create_calls_nobody_back(tmp_path: Path) -> None:
    async def post(url: str, headers: Mapping[str, str], data: bytes) -> None:
        raise AssertionError(url)

    async with kling_at(tmp_path, post=post) as stage:
        await stage.refusal(generations, {"callback_url": hook})
        await stage.world.callbacks.settled()


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/hook", "http://[::1]/hook", "http://localhost/a", hook])
async def test_a_listener_beside_us_needs_no_certificate(tmp_path: Path, address: str) -> None:
    async with kling_at(tmp_path) as stage:
        assert (await stage.post(generations, {"prompt": "p", "callback_url": address}))["code"] == 0
