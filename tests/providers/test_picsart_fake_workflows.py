"""What Picsart's fake makes of good payloads: every model, every word, every form (picsart.md sections 2 and 3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.providers.picsart_fake_stage import (
    at,
    effects,
    good,
    i2v,
    inner,
    of_the_tool,
    omni,
    picsart_at,
    t2a,
    t2v,
    text_of,
    urls_of,
)

pytestmark = pytest.mark.anyio

plain = {"model_name": "kling-v3", "prompt": "p"}
pixels = {
    "kling-v3": (1920, 1080, 7.041), "kling-v3-turbo": (1080, 1920, 5.041), "kling-v3-omni": (1280, 720, 5.041),
    "kling-v2-6": (1080, 1920, 10.041), "kling-video-o1": (1440, 1440, 10.041),
    "kling-motion-control-v3": (720, 1280, 5.0), "kling-motion-control": (1080, 1920, 12.0),
    "kling-avatar": (720, 1280, 4.0), "kling-video-effects": (1280, 720, 5.041),
    "kling-3.0-image": (6256, 2688, 0), "kling-o1-image": (2736, 1536, 0), "kling-v2-new-image": (1360, 768, 0),
    "kling-v2-image": (1360, 768, 0), "kling-v2-1-image": (1360, 768, 0), "kling-v1-5-image": (1360, 768, 0),
    "kling-multi-image": (1360, 768, 0), "kling-multi-image-v2-1": (1248, 832, 0),
    "kling-t2a": (0, 0, 4.5), "kling-v2a": (0, 0, 5.0),
}  # fmt: skip


async def test_every_model_makes_what_was_ordered_for_the_price_that_was_quoted(tmp_path: Path) -> None:
    made, bills = {}, {}
    async with picsart_at(tmp_path) as stage:
        for model, (workflow, params) in good.items():
            quoted = await stage.price(workflow, params)
            urls = await stage.done(workflow, params)
            facts = json.loads((await stage.client.get(urls[0])).content)["facts"]
            made[model] = (facts["width"], facts["height"], facts["seconds"])
            bill = stage.world.bills()[-1]
            bills[model] = (bill["service"], bill["model"], float(str(bill["units"])), len(urls))
            assert bills[model] == ("picsart", model, quoted, params.get("n", 1))
    assert made == pixels


async def test_a_few_tasks_meet_every_word_and_every_form(tmp_path: Path) -> None:
    words, results, ids = set(), set(), set()
    async with picsart_at(tmp_path) as stage:
        for _ in range(8):
            answer = (await stage.post(t2v, "submit", plain)).json()
            ids.add(tuple(sorted(answer)))
            task = inner(answer)["id"]
            for _ in range(30):
                told = await stage.told(t2v, task)
                words.add(told["status"])
                stage.clock.advance(5)
            results.add(json.dumps(told["result"]).split('"http')[0])
    assert ids == {("response", "status"), ("id",)}
    assert words == {"ACCEPTED", "IN_PROGRESS", "PENDING", "RUNNING", "FINALIZING", "COMPLETED", "SUCCESS"}
    assert results == {'{"url": ', '{"items": [{"url": ', '{"data": {"url": ', '{"output": {"files": [{"url": '}


async def test_a_failure_is_told_in_every_word_and_place(tmp_path: Path) -> None:
    found = set()
    async with picsart_at(tmp_path, ("fault", "failed-late=1")) as stage:
        for _ in range(8):
            task = await stage.task(t2v, plain)
            stage.clock.advance(1000)
            data = (await stage.client.get(f"/workflows/{t2v}/{task}/result")).json()
            place = next((name for name in ("error", "message", "reason") if name in data), "response.error")
            found.add((inner(data)["status"], place, text_of(data)))
            assert "result" not in inner(data)
    assert found == {
        ("FAILED", "error", "Generation failed"),
        ("ERROR", "message", "Generation failed"),
        ("CANCELED", "response.error", "The task was cancelled"),
        ("CANCELLED", "reason", "The task was cancelled"),
    }


async def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    seen = []
    async with picsart_at(tmp_path) as stage:
        task = await stage.task(t2v, plain)
        for _ in range(4):
            seen.append((await stage.told(t2v, task))["progress"])
            stage.clock.advance(30)
    assert [item["percent"] for item in seen] == sorted(item["percent"] for item in seen)
    assert (seen[0]["percent"], seen[-1]) == (0, {"percent": 100, "estimatedSecondsLeft": 0})


async def test_a_synchronous_call_answers_with_what_it_made(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        answer = inner((await stage.post(t2a, "execute", {"prompt": "rain"})).json())
        assert answer["status"] in {"COMPLETED", "SUCCESS"}
        assert (await stage.client.get(urls_of(answer["result"])[0])).status_code == 200
        assert len(stage.world.bills()) == 1


async def test_a_synchronous_call_of_a_stuck_task_ends_in_a_timeout(tmp_path: Path) -> None:
    async with picsart_at(tmp_path, ("fault", "stuck=1")) as stage:
        answer = await stage.post(t2a, "execute", {"prompt": "rain"})
    assert (answer.status_code, text_of(answer.json())) == (504, "Gateway timeout")


async def test_whoever_sends_twice_pays_twice(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        first, second = await stage.task(t2v, plain), await stage.task(t2v, plain)
        assert first != second
        assert [bill["external_id"] for bill in stage.world.bills()] == ["", ""]


async def test_a_task_is_found_under_its_own_workflow_only(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        task = await stage.task(t2v, plain)
        for workflow, sought in ((i2v, task), (t2v, "17")):
            answer = await stage.client.get(f"/workflows/{workflow}/{sought}/result")
            assert (answer.status_code, text_of(answer.json())) == (404, "Task not found")


async def test_the_tool_is_known_by_its_headers_and_its_copies_in_drive(tmp_path: Path) -> None:
    drive = {"drive": {"name": "clip", "attributes": {"model": "kling-v3"}, "folder": {"path": "Gen AI"}}}
    async with picsart_at(tmp_path, headers=of_the_tool) as stage:
        await stage.done(t2v, {**plain, "options": drive})
        assert stage.world.tasks()[0].order.details["drive"] == "Gen AI/clip"


@pytest.mark.parametrize(
    ("workflow", "params", "expected"),
    [
        (t2v, {"model_name": "kling-v3"}, 30),
        (t2v, {"model_name": "kling-v3", "duration": "10"}, 60),
        (t2v, {"model_name": "kling-v3", "mode": "pro"}, 40),
        (t2v, {"model_name": "kling-v3", "mode": "4k"}, 100),
        (t2v, {"model_name": "kling-v3", "sound": "on"}, 45),
        (t2v, {"model_name": "kling-v2-6", "duration": 10, "mode": "pro", "sound": "on"}, 90),
        (i2v, {"model_name": "kling-v3-turbo", "resolution": "1080p"}, 35),
        (omni, {"model_name": "kling-v3-omni", "mode": "pro", "duration": "8"}, 64),
        (effects, {"images": ["a", "b"]}, 45),
        (t2a, {"duration": 4.5}, 4.5),
    ],
)
async def test_a_price_grows_with_what_is_asked_and_makes_nothing(
    tmp_path: Path, workflow: str, params: dict[str, Any], expected: float
) -> None:
    async with picsart_at(tmp_path) as stage:
        assert await stage.price(workflow, params) == expected
        assert stage.world.tasks() == ()


async def test_shots_are_cut_as_asked(tmp_path: Path) -> None:
    parts = [{"index": 0, "prompt": "a", "duration": "2"}, {"index": 1, "prompt": "b", "duration": "3"}]
    shots = {"model_name": "kling-v3", "multi_shot": True, "shot_type": "customize", "multi_prompt": parts}
    cut = {"model_name": "kling-v3", "multi_shot": True, "shot_type": "intelligence", "prompt": "c"}
    async with picsart_at(tmp_path) as stage:
        for params in (shots, cut, {**shots, "model_name": "kling-v3-omni"}):
            workflow = omni if params["model_name"] == "kling-v3-omni" else t2v
            await stage.done(workflow, params)
        asked = [task.order.outputs[0].shots for task in stage.world.tasks()]  # type: ignore[union-attr]  # all clips
    assert asked == [(("a", 2.0), ("b", 3.0)), (("c", 3.0), ("c", 2.0)), (("a", 2.0), ("b", 3.0))]


async def test_the_catalogue_of_effects_is_free(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        answer = (await stage.post("kling/v1/catalog/templates", "execute", {})).json()
        items = answer["response"]["result"]["items"]
        assert (len(items), items[1], stage.world.bills()) == (266, {"id": "pet_skateboard", "images": 2}, ())


async def test_frames_and_base_clips_shape_what_is_made(tmp_path: Path) -> None:
    frames = [{"image_url": at("tall.png"), "type": "first_frame"}, {"image_url": at("tall.png"), "type": "end_frame"}]
    base = [{"video_url": at("long.mp4"), "refer_type": "base"}]
    async with picsart_at(tmp_path) as stage:
        await stage.done(omni, {"model_name": "kling-v3-omni", "prompt": "p", "image_list": frames})
        await stage.done(omni, {"model_name": "kling-v3-omni", "prompt": "p", "video_list": base})
        orders = [task.order.outputs[0] for task in stage.world.tasks()]
    found = [(one.width, one.height, one.seconds, one.manner) for one in orders]  # type: ignore[union-attr]
    assert found == [(720, 1280, 5.041, "omni"), (720, 1280, 12.0, "edit")]
