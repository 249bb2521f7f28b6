"""Whole answers of Kling's fake: creates, single, list, batch and cursor queries, results, bills, packs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.kling_fake_stage import at, image, kling_at

pytestmark = pytest.mark.anyio

generations, text2video, image2video = "/v1/images/generations", "/v1/videos/text2video", "/v1/videos/image2video"
began = 1_795_000_000_000
first = f"{began}00001"
lantern = {"model_name": "kling-v3", "prompt": "a lantern", "external_task_id": "job-1", "n": 2}
fox = {"prompt": "a fox", "settings": {"duration": 3}, "options": {"external_task_id": "job-2"}}


def without(data: Any, *names: str) -> Any:
    """The same without what a test does not fix: ids of requests, times of change, signatures."""
    if isinstance(data, dict):
        return {key: without(value, *names) for key, value in data.items() if key not in names}
    if isinstance(data, list):
        return [without(item, *names) for item in data]
    return data.partition("?")[0] if isinstance(data, str) and "/media/" in data else data


async def test_a_body_model_task_from_create_to_result(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        created = await stage.post(generations, lantern)
        stage.clock.advance(10)
        running = await stage.get(f"{generations}/job-1")
        stage.clock.advance(30)
        done = await stage.get(f"{generations}/{first}")
        files = stage.world.tasks()[0].files
        got = [await stage.client.get(item["url"]) for item in done["data"]["task_result"]["images"]]
    task = {"task_id": first, "task_info": {"external_task_id": "job-1"}, "created_at": began}
    assert without(created, "request_id") == {
        "code": 0,
        "message": "SUCCEED",
        "data": {**task, "task_status": "submitted", "updated_at": began},
    }
    assert without(running["data"], "updated_at") == {
        **task,
        "task_status": "processing",
        "task_status_msg": "",
        "watermark_info": {"enabled": False},
        "task_result": {},
    }
    assert without(done["data"], "updated_at") == {
        **task,
        "task_status": "succeed",
        "task_status_msg": "",
        "watermark_info": {"enabled": False},
        "task_result": {
            "images": [
                {"index": 0, "url": f"http://kling.test/media/{files[0]}"},
                {"index": 1, "url": f"http://kling.test/media/{files[1]}"},
            ]
        },
        "final_unit_deduction": "16",
    }
    assert done["data"]["updated_at"] > began
    facts = [answer.json()["facts"] for answer in got]
    assert [(fact["width"], fact["height"]) for fact in facts] == [(1360, 768)] * 2


async def test_a_path_model_task_from_create_to_result(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        created = await stage.post("/text-to-video/kling-3.0-turbo", fox)
        stage.clock.advance(60)
        done = await stage.get("/tasks", external_task_ids="job-2,unknown")
        files = stage.world.tasks()[0].files
    task = {"id": first, "create_time": began, "external_id": "job-2"}
    assert without(created["data"]) == {**task, "status": "submitted", "update_time": began}
    assert without(done["data"], "update_time") == [
        {
            **task,
            "status": "succeeded",
            "message": "",
            "outputs": [
                {
                    "type": "video",
                    "id": f"{int(first) + 50_000}",
                    "url": f"http://kling.test/media/{files[0]}",
                    "duration": "3.041",
                }
            ],
            "billing": [{"charge_type": "unit", "amount": "2.4", "package_type": "video"}],
        }
    ]


@pytest.mark.parametrize(
    ("fault", "word"), [("moderated-late", "content security policy"), ("failed-late", "Generation failed")]
)
async def test_a_failed_task_keeps_code_0_and_says_why(tmp_path: Path, fault: str, word: str) -> None:
    async with kling_at(tmp_path, ("fault", f"{fault}=#1")) as stage:
        await stage.post(generations, lantern)
        stage.clock.advance(60)
        body = await stage.get(f"{generations}/job-1")
        (path,) = (await stage.get("/tasks", external_task_ids="job-1"))["data"]
    assert (body["code"], body["data"]["task_status"], body["data"]["final_unit_deduction"]) == (0, "failed", "0")
    assert word in body["data"]["task_status_msg"]
    assert (path["status"], path["outputs"], path["billing"][0]["amount"]) == ("failed", [], "0")
    assert path["message"] == body["data"]["task_status_msg"]


async def test_a_repeated_external_id_is_refused_across_products_and_standards(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        await stage.post(generations, lantern)
        repeated = {**fox, "options": {"external_task_id": "job-1"}}
        answers = [
            await stage.client.post(generations, json=lantern),
            await stage.client.post("/text-to-video/kling-3.0", json=repeated),
        ]
        assert len(stage.world.bills()) == 1
    assert [(answer.status_code, without(answer.json(), "request_id")) for answer in answers] == [
        (400, {"code": 1201, "message": "External_task_id job-1 already exists"})
    ] * 2


async def test_an_empty_external_id_is_none(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        for _ in range(2):
            answer = await stage.post(generations, {**lantern, "external_task_id": "", "callback_url": ""})
            assert (answer["code"], answer["data"]["task_info"]) == (0, {})


async def test_over_the_limit_nothing_is_made(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("pool", "image=3"), ("units", "video=2")) as stage:
        answers = [await stage.client.post(generations, json={"prompt": "p", "n": n}) for n in (2, 2, 1)]
        answers.append(await stage.client.post("/text-to-video/kling-3.0", json={"prompt": "p"}))
        assert len(stage.world.bills()) == 2
    assert [(answer.status_code, answer.json()["code"], answer.json()["message"]) for answer in answers] == [
        (200, 0, "SUCCEED"),
        (429, 1303, "parallel task over resource pack limit"),
        (200, 0, "SUCCEED"),
        (429, 1102, "Account balance not enough"),
    ]


async def test_a_task_is_found_on_its_own_endpoint_only(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        await stage.post(generations, lantern)
        answer = await stage.client.get(f"{text2video}/job-1")
    assert (answer.status_code, without(answer.json(), "request_id")) == (
        400,
        {"code": 1201, "message": "Task not found by id/external id: job-1"},
    )


async def test_lists_are_pages_of_one_endpoint(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        ids = [await stage.task(generations, {"prompt": "p"}) for _ in range(5)]
        await stage.task(text2video, {"model_name": "kling-v3", "prompt": "p"})
        pages = [await stage.get(generations, pageNum=number, pageSize=2) for number in (1, 2, 3, 4)]
        bad = [await stage.get(generations, pageNum=0), await stage.get(generations, pageSize=501)]
    assert [[task["task_id"] for task in page["data"]] for page in pages] == [
        [ids[4], ids[3]],
        [ids[2], ids[1]],
        [ids[0]],
        [],
    ]
    assert [answer["code"] for answer in bad] == [1201, 1201]


async def test_a_batch_holds_twenty_ids_of_one_sort(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        image_task = await stage.task(generations, lantern)
        clip_task = await stage.task("/text-to-video/kling-3.0", fox)
        both = await stage.get("/tasks", task_ids=f"{clip_task},{image_task},77")
        crossed = await stage.get("/tasks", task_ids="job-1", external_task_ids="")
        many = await stage.get("/tasks", task_ids=",".join(map(str, range(21))))
        twice = await stage.get("/tasks", task_ids="1", external_task_ids="2")
        neither = await stage.get("/tasks")
    assert [task["id"] for task in both["data"]] == [clip_task, image_task]
    assert (crossed["code"], crossed["data"]) == (0, [])
    assert (many["code"], many["message"]) == (1201, "task_ids and external_task_ids cannot exceed 20 in total")
    assert [twice["code"], neither["code"]] == [1200, 1200]


async def test_the_cursor_walks_a_window(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        ids = []
        for _ in range(5):
            ids.append(await stage.task(generations, {"prompt": "p"}))
            stage.clock.advance(100)
        clip_task = await stage.task("/text-to-video/kling-3.0", fox)
        one = (await stage.post("/tasks", {"limit": 4}))["data"]
        two = (await stage.post("/tasks", {"limit": 4, "cursor": one["next_cursor"]}))["data"]
        early = (await stage.post("/tasks", {"start_time": f"{began}", "end_time": began + 100_000}))["data"]
        filters = [{"key": "status", "values": ["submitted", "failed"]}, {"key": "product_type", "values": ["video"]}]
        filtered = (await stage.post("/tasks", {"filters": filters}))["data"]
        bad = await stage.post("/tasks", {"limit": 501})
    walked = [task["id"] for page in (one, two) for task in page["result"]]
    assert walked == [clip_task, *reversed(ids)]
    assert [(page["count"], page["has_more"], bool(page["next_cursor"])) for page in (one, two)] == [
        (4, True, True),
        (2, False, False),
    ]
    assert [task["id"] for task in early["result"]] == [ids[1], ids[0]]
    assert [task["id"] for task in filtered["result"]] == [clip_task]
    assert bad["code"] == 1201


async def test_a_watermark_is_an_extra_address(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        await stage.task(generations, {**lantern, "n": 1, "watermark_info": {"enabled": True}})
        stage.clock.advance(60)
        body = (await stage.get(f"{generations}/job-1"))["data"]
        (path,) = (await stage.get("/tasks", external_task_ids="job-1"))["data"]
    (item,) = body["task_result"]["images"]
    assert (body["watermark_info"], item["watermark_url"]) == ({"enabled": True}, item["url"])
    assert path["outputs"] == [
        {"type": "image", "url": item["url"], "watermark_url": item["url"], "group_id": body["task_id"]}
    ]


async def test_a_series_has_its_own_name(tmp_path: Path) -> None:
    body = {
        "model_name": "kling-v3-omni",
        "prompt": "p",
        "image_list": [{"image": image}],
        "result_type": "series",
        "series_amount": 3,
    }
    async with kling_at(tmp_path) as stage:
        task = await stage.task("/v1/images/omni-image", body)
        stage.clock.advance(60)
        done = (await stage.get(f"/v1/images/omni-image/{task}"))["data"]
    assert done["task_result"]["result_type"] == "series"
    assert [item["index"] for item in done["task_result"]["series_images"]] == [0, 1, 2]
    assert done["final_unit_deduction"] == "24"


async def test_a_result_is_an_input_of_the_next_task(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("media", "small")) as stage:
        await stage.task(generations, {**lantern, "n": 1, "aspect_ratio": "9:16"})
        stage.clock.advance(60)
        url = (await stage.get(f"{generations}/job-1"))["data"]["task_result"]["images"][0]["url"]
        clip_body = {"model_name": "kling-v2-6", "prompt": "p", "image": url, "duration": "5"}
        task = await stage.task(image2video, clip_body)
        stage.clock.advance(200)
        done = (await stage.get(f"{image2video}/{task}"))["data"]
        made = (await stage.client.get(done["task_result"]["videos"][0]["url"])).json()
        expired = await stage.post(image2video, {**clip_body, "image": url.replace("sig=", "sig=0")})
    assert (made["order"]["width"], made["order"]["height"], made["facts"]["seconds"]) == (340, 604, 5.041)
    assert (expired["code"], expired["message"]) == (1201, "image cannot be downloaded")


async def test_packs_shrink_by_what_was_made(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("units", "image=100")) as stage:
        await stage.task(generations, lantern)
        costs = (await stage.get("/account/costs", start_time=1, end_time=2))["data"]
        named = (
            await stage.get("/account/costs", start_time=1, end_time=2, resource_pack_name="simulated image pack")
        )["data"]
        missing = await stage.get("/account/costs", start_time=1)
    assert (costs["code"], costs["msg"]) == (0, "success")
    packs = {
        pack["resource_pack_id"]: (pack["total_quantity"], pack["remaining_quantity"], pack["status"])
        for pack in costs["resource_pack_subscribe_infos"]
    }
    assert packs["simulated-image"] == (100, 84, "online")
    assert len(named["resource_pack_subscribe_infos"]) == 1
    assert (missing["code"], missing["message"]) == (1200, "end_time is required")


async def test_billing_rows_tell_every_deduction(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("units", "image=100")) as stage:
        ids = [await stage.task(generations, {"prompt": "p", "n": n}) for n in (1, 2, 3)]
        window = {"start_time": began - 1, "end_time": began + 1, "limit": 2}
        one = (await stage.post("/account/billing/package", window))["data"]
        two = (await stage.post("/account/billing/package", {"cursor": one["next_cursor"]}))["data"]
        money = (await stage.post("/account/billing/balance", window))["data"]
        none = (
            await stage.post(
                "/account/billing/package",
                {**window, "filters": [{"key": "product_type", "values": ["video"]}]},
            )
        )["data"]
    rows = one["result"]["detail"] + two["result"]["detail"]
    assert [(row["task_id"], row["before_deduction"], row["after_deduction"]) for row in rows] == [
        (ids[0], "100", "92"),
        (ids[1], "92", "76"),
        (ids[2], "76", "52"),
    ]
    assert [one["has_more"], two["has_more"]] == [True, False]
    assert money == {"result": {"detail": [], "count": 0}, "next_cursor": "", "has_more": False}
    assert none["result"] == {"detail": [], "count": 0}


async def test_a_motion_clip_is_billed_by_what_comes_out(tmp_path: Path) -> None:
    body = {
        "model_name": "kling-v3",
        "image_url": image,
        "video_url": at("dance.mp4"),
        "character_orientation": "image",
        "mode": "std",
        "somewhere": "unknown fields are ignored here",
    }
    async with kling_at(tmp_path) as stage:
        await stage.task("/v1/videos/motion-control", body)
        (bill,) = stage.world.bills()
        clip = stage.world.tasks()[0].order
    assert (bill["units"], clip.details["duration"], clip.details["sound"]) == ("4.5", "5.040", "true")
