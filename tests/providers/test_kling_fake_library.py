"""The library of Kling's fake: elements and voices from their making to their end, and the presets of everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.kling_fake_stage import Stage, actor, at, image, kling_at, mira
from tests.providers.test_kling_fake_tasks import without

pytestmark = pytest.mark.anyio

create, voices = "/v1/general/advanced-custom-elements", "/v1/general/custom-voices"
presets, preset_voices = "/v1/general/advanced-presets-elements", "/v1/general/presets-voices"
narrator = {"voice_name": "narrator", "voice_url": at("talk.mp3")}


async def made_element(stage: Stage, body: Any = mira) -> Any:
    return (await stage.done(create, body))["task_result"]["elements"][0]


async def made_voice(stage: Stage) -> Any:
    return (await stage.done(voices, narrator))["task_result"]["voices"][0]


async def test_an_element_tells_what_it_was_made_of(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        voice = await made_voice(stage)
        element = await made_element(stage, {**mira, "element_voice_id": voice["voice_id"]})
        pictures = element["element_image_list"]
        urls = [pictures["frontal_image"], *(one["image_url"] for one in pictures["refer_images"]), voice["trial_url"]]
        facts = [(await stage.client.get(url)).json()["facts"] for url in urls]
        (listed,) = (await stage.get(create))["data"]
        (path,) = (await stage.get("/tasks", task_ids=listed["task_id"]))["data"]
    assert without(element, "element_id", "element_image_list", "element_voice_info") == {
        "element_name": "Mira",
        "element_description": "young botanist, green coat",
        "reference_type": "image_refer",
        "tag_list": [{"tag_id": "o_102", "name": "character"}],
        "owned_by": "simulated",
        "status": "succeed",
    }
    assert without(element["element_voice_info"]) == without(voice)
    assert [(fact["type"], fact["width"]) for fact in facts] == [("image", 1024), ("image", 1024), ("audio", 0)]
    assert isinstance(element["element_id"], int)
    assert listed["final_unit_deduction"] == "0"
    (output,) = path["outputs"]
    assert without(output, "references") == {
        "type": "element",
        "id": str(element["element_id"]),
        "name": "Mira",
        "description": "young botanist, green coat",
        "element_type": "image_refer",
        "owned_by": "simulated",
        "status": "succeed",
        "tags": [{"tag_id": "o_102", "name": "character"}],
    }


async def test_an_element_of_a_clip(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        element = await made_element(stage, actor)
        url = element["element_video_list"]["refer_videos"][0]["video_url"]
        facts = (await stage.client.get(url)).json()["facts"]
    assert (element["reference_type"], facts["type"], "element_image_list" in element) == (
        "video_refer",
        "video",
        False,
    )


async def test_a_voice_tells_its_sample(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        voice = await made_voice(stage)
        ((path,),) = [(await stage.get("/tasks", task_ids=task.id))["data"] for task in stage.world.tasks()]
    assert without(voice, "voice_id", "trial_url") == {"voice_name": "narrator", "owned_by": "simulated"}
    assert without(path["outputs"], "url") == [
        {"type": "voice", "id": voice["voice_id"], "name": "narrator", "owned_by": "simulated", "status": "succeed"}
    ]
    assert path["billing"] == [{"charge_type": "unit", "amount": "0.05", "package_type": "video"}]


@pytest.mark.parametrize("path", ["/v1/general/delete-elements", "/v1/general/delete-advanced-elements"])
async def test_a_deleted_element_is_used_no_more(tmp_path: Path, path: str) -> None:
    async with kling_at(tmp_path) as stage:
        element = (await made_element(stage))["element_id"]
        clip = {"model_name": "kling-v3", "prompt": "p", "image": image, "element_list": [{"element_id": element}]}
        before = await stage.post("/v1/videos/image2video", clip)
        gone = await stage.post(path, {"element_id": str(element)})
        again = await stage.client.post("/v1/general/delete-elements", json={"element_id": str(element)})
        after = [
            await stage.refusal("/v1/videos/image2video", clip),
            await stage.refusal(
                "/image-to-video/kling-3.0",
                {"contents": [{"type": "prompt", "text": "p"}, {"type": "first_frame", "url": at("wide.png")},
                              {"type": "element", "element_id": str(element), "id": "m"}]},
            ),
        ]  # fmt: skip
        (listed,) = (await stage.get(create))["data"]
    assert (before["code"], gone["data"]["task_status"]) == (0, "succeed")
    assert (again.status_code, again.json()["code"]) == (400, 1201)
    assert "already be deleted" in again.json()["message"]
    assert after == [f"400/1201 Element {element} may already be deleted"] * 2
    assert listed["task_result"]["elements"][0]["status"] == "deleted"


async def test_a_deleted_voice_is_unknown(tmp_path: Path) -> None:
    clip = {"model_name": "kling-v2-6", "prompt": "p", "image": image, "mode": "pro", "sound": "on"}
    async with kling_at(tmp_path) as stage:
        voice = {"voice_id": (await made_voice(stage))["voice_id"]}
        before = await stage.post("/v1/videos/image2video", {**clip, "voice_list": [voice]})
        await stage.post("/v1/general/delete-voices", voice)
        again = await stage.post("/v1/general/delete-voices", voice)
        after = await stage.refusal("/v1/videos/image2video", {**clip, "voice_list": [voice]})
    assert (before["code"], again["code"], again["message"]) == (0, 1201, "Voice id not found")
    assert after == "400/1201 Voice id not found"


@pytest.mark.parametrize(
    ("path", "most", "kind", "names"),
    [
        (presets, 500, "elements", ["Lantern keeper", "Harbour cat", "Paper boat"]),
        (preset_voices, 1000, "voices", ["Calm narrator", "Young guide", "Old captain", "Evening host"]),
    ],
)
async def test_presets_are_listed_as_tasks(tmp_path: Path, path: str, most: int, kind: str, names: list[str]) -> None:
    async with kling_at(tmp_path) as stage:
        listed = (await stage.get(path, pageSize=most))["data"]
        page = (await stage.get(path, pageNum=2, pageSize=2))["data"]
        much = await stage.get(path, pageSize=most + 1)
        sample = await stage.client.get(listed[0]["task_result"][kind][0].get("trial_url", "/uploads/wide.png"))
    items = [task["task_result"][kind][0] for task in listed]
    assert [item.get("element_name", item.get("voice_name")) for item in items] == names
    assert {item["owned_by"] for item in items} == {"kling"}
    assert [("task_info" in task, "final_unit_deduction" in task) for task in listed] == [
        (kind == "elements", False)
    ] * len(names)
    assert (page[0], much["code"], sample.status_code) == (listed[2], 1201, 200)
    assert stage.world.bills() == ()


async def test_the_older_library_answers_at_once(tmp_path: Path) -> None:
    body = {"element_name": "Mira", "element_description": "d", "element_frontal_image": image,
            "element_refer_list": [{"image_url": at("square.png")}], "tag_list": [{"tag_id": "o_101"}]}  # fmt: skip
    async with kling_at(tmp_path) as stage:
        made = (await stage.post("/v1/general/custom-elements", body))["data"]
        listed = (await stage.get("/v1/general/custom-elements"))["data"]
        (preset,) = (await stage.get("/v1/general/presets-elements"))["data"]
        deleted = await stage.post("/v1/general/delete-elements", {"element_id": made["element_id"]})
        tasks = (await stage.post("/tasks", {}))["data"]["result"]
    assert without(made, "element_id", "element_frontal_image", "element_refer_list") == {
        "element_name": "Mira",
        "element_description": "d",
        "tag_list": [{"tag_id": "o_101", "name": "hot"}],
        "owned_by": "simulated",
    }
    assert [without(one) for one in listed] == [without(made)]
    assert (preset["element_name"], preset["owned_by"]) == ("Gardener", "kling")
    assert (deleted["code"], tasks) == (1201, [])


async def test_the_list_of_voices_has_longer_pages(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        codes = [(await stage.get(path, pageSize=1000))["code"] for path in (voices, create)]
    assert codes == [0, 1201]
