"""The shapes in which Kling's fake tells what was made (kling.md section 3), and what each call costs in the bills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.kling_fake_stage import at, filled, image, kling_at, mira, portrait, props
from tests.providers.test_kling_fake_tasks import without

pytestmark = pytest.mark.anyio

expand, try_on = "/v1/images/editing/expand", "/v1/images/kolors-virtual-try-on"
angles, effects = "/v1/general/ai-multi-shot", "/v1/videos/effects"
sound, dub, tts = "/v1/audio/text-to-audio", "/v1/audio/video-to-audio", "/v1/audio/tts"
sides = {f"{side}_expansion_ratio": 0.1 for side in ("up", "down", "left", "right")}
hello = {"text": "Good evening to all of you.", "voice_id": "oversea_male1", "voice_language": "en"}


def shape(data: Any) -> Any:
    """The same with every address, id and time by its sort, so that a shape can be compared whole."""
    if isinstance(data, dict):
        return {key: shape(value) for key, value in data.items()}
    if isinstance(data, list):
        return [shape(item) for item in data]
    if isinstance(data, str) and data.startswith("http://kling.test/media/"):
        return data.partition("?")[0].rpartition(".")[2]
    return "…" if isinstance(data, str) and data.isdecimal() and len(data) == 18 else data


def body_audio(seconds: str) -> dict[str, str]:
    return {"url_mp3": "mp3", "url_wav": "wav", "duration_mp3": seconds, "duration_wav": seconds}


def path_audio(seconds: str) -> dict[str, str]:
    return {"mp3_url": "mp3", "wav_url": "wav", "mp3_duration": seconds, "wav_duration": seconds}


@pytest.mark.parametrize(
    ("path", "body", "body_shape", "path_shape"),
    [
        (expand, {"image": image, **sides, "n": 2, "watermark_info": {"enabled": True}},
         {"images": [{"index": number, "url": "png", "watermark_url": "png"} for number in (0, 1)]},
         [{"type": "image", "url": "png", "watermark_url": "png", "group_id": "…"}] * 2),
        (try_on, {"human_image": portrait, "cloth_image": image},
         {"images": [{"index": 0, "url": "png"}]}, [{"type": "image", "url": "png", "group_id": "…"}]),
        (angles, {"element_frontal_image": image},
         {"images": [{"index": number, "url_1": "png", "url_2": "png", "url_3": "png"} for number in range(3)]},
         [{"type": "image", "url": "png", "group_id": "…"}] * 9),
        (effects, {"effect_scene": "pet_diving", "input": {"image": image}},
         {"videos": [{"id": "…", "url": "mp4"}]}, [{"type": "video", "id": "…", "url": "mp4"}]),
        (sound, {"prompt": "rain", "duration": 5},
         {"audios": [{"id": "…", **body_audio("5.000")}]}, [{"type": "audio", "id": "…", **path_audio("5.000")}]),
        (dub, {"video_url": at("street.mp4")},
         {"videos": [{"id": "…", "url": "mp4", "duration": "5.040"}], "audios": [{"id": "…", **body_audio("5.040")}]},
         [{"type": "video", "id": "…", "url": "mp4", "duration": "5.040"},
          {"type": "audio", "id": "…", **path_audio("5.040")}]),
    ],
)  # fmt: skip
async def test_a_result_has_its_two_shapes(
    tmp_path: Path, path: str, body: Any, body_shape: Any, path_shape: Any
) -> None:
    async with kling_at(tmp_path) as stage:
        done = await stage.done(path, body)
        (told,) = (await stage.get("/tasks", task_ids=done["task_id"]))["data"]
    assert (shape(done["task_result"]), shape(told["outputs"])) == (body_shape, path_shape)


async def test_speech_is_answered_with_the_finished_task(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        told = (await stage.post(tts, hello))["data"]
        made = (await stage.client.get(told["task_result"]["audios"][0]["url"])).json()["order"]
        again = (await stage.get(f"{tts}/{told['task_id']}"))["data"]
        (path,) = (await stage.get("/tasks", task_ids=told["task_id"]))["data"]
    began = told["created_at"]
    assert shape(told) == {
        "task_id": "…",
        "task_status": "succeed",
        "created_at": began,
        "updated_at": began,
        "task_status_msg": "",
        "watermark_info": {"enabled": False},
        "task_result": {"audios": [{"id": "…", "url": "mp3", "duration": "2.200"}]},
        "final_unit_deduction": "0.05",
    }
    assert (made["words"], made["voice"], made["manner"]) == (hello["text"], "oversea_male1", "speech")
    assert without(again) == without(told)
    assert shape(path["outputs"]) == [{"type": "audio", "id": "…", "mp3_url": "mp3", "mp3_duration": "2.200"}]


@pytest.mark.parametrize(("picture", "clothes"), [(image, False), (portrait, True)])
async def test_recognize_tells_what_a_picture_holds(tmp_path: Path, picture: str, clothes: bool) -> None:
    async with kling_at(tmp_path) as stage:
        told = (await stage.post("/v1/videos/image-recognize", {"image": picture}))["data"]
        listed = (await stage.post("/tasks", {}))["data"]["result"]
    found = {"object_seg": True, "head_seg": True, "face_seg": True, "cloth_seg": clothes}
    assert shape(told) == {
        "task_result": {
            "images": [
                {"type": name, "is_contain": there, "url": "png" if there else ""} for name, there in found.items()
            ]
        },
        "final_unit_deduction": "0.1",
    }
    assert listed == []


async def test_the_answer_to_an_older_create_has_no_task_info(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        created = (await stage.post(try_on, {"human_image": portrait, "cloth_image": image}))["data"]
        queried = (await stage.get(f"{try_on}/{created['task_id']}"))["data"]
        other = (await stage.post(expand, {"image": image, **sides}))["data"]
    assert ("task_info" in created, queried["task_info"], other["task_info"]) == (False, {}, {})


async def test_every_paid_call_has_its_bill(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("retired", "allowed")) as stage:
        await props(stage)
        window = {"start_time": 1, "end_time": 2_000_000_000_000}
        rows = (await stage.post("/account/billing/package", window))["data"]["result"]["detail"]
        bills = stage.world.bills()
    assert [f"{bill['endpoint']} {bill['units']}" for bill in bills] == [
        "/v1/videos/text2video 5",
        "/v1/videos/text2video 3",
        "/v1/videos/text2video 1.5",
        "/v1/videos/text2video 1.5",
        "/v1/audio/tts 0.05",
        "/v1/videos/identify-face 0.05",
        "/v1/videos/multi-elements/init-selection 0",
        "/v1/videos/multi-elements/init-selection 0",
        "/v1/videos/multi-elements/add-selection 0",
        "/v1/general/advanced-custom-elements 0",
        "/v1/general/advanced-custom-elements 0",
        "/v1/general/custom-voices 0.05",
    ]
    assert [(row["product_function"], row["deduction_amount"]) for row in rows][4:] == [
        ("tts", "0.05"),
        ("identify-face", "0.05"),
        ("voice", "0.05"),
    ]
    assert [row["before_deduction"] for row in rows][:3] == ["10000", "9995", "9992"]


faulty = [
    ("lost-before=#1", None, 0), ("lost-after=#1", None, 1), ("error-before=#1", 5001, 0), ("error-after=#1", 5000, 1),
    ("throttled=#1", 1302, 0), ("moderated=#1", 1301, 0), ("over-quota=#1", 1303, 0),
    ("stuck=#1", 0, 1), ("failed-late=#1", 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code", "bills"), faulty)
async def test_faults_meet_synchronous_calls_but_never_late(
    tmp_path: Path, fault: str, code: int | None, bills: int
) -> None:
    async with kling_at(tmp_path, ("fault", fault)) as stage:
        try:
            found = (await stage.post(tts, hello))["code"]
        except ConnectionError:
            found = None
        assert (found, len(stage.world.bills())) == (code, bills)


async def test_a_synchronous_call_takes_no_place_but_its_units(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("pool", "video=1"), ("units", "video=3.08")) as stage:
        await stage.task("/v1/videos/text2video", {"model_name": "kling-v3", "prompt": "p"})
        codes = [(await stage.post(tts, hello))["code"] for _ in range(2)]
        assert (codes, stage.world.slots("video"), stage.world.most_slots("video")) == ([0, 1102], 1, 1)


@pytest.mark.parametrize(
    ("forbidden", "refused"),
    [("/v1/audio/tts", ["/v1/audio/tts"]), ("kling-v3", ["/v1/images/generations"]), ("kling-v2-6", [])],
)
async def test_what_is_not_permitted_stops_alone(tmp_path: Path, forbidden: str, refused: list[str]) -> None:
    calls: dict[str, Any] = {
        tts: hello,
        "/v1/images/generations": {"prompt": "p"},
        sound: {"prompt": "p", "duration": 3},
    }
    async with kling_at(tmp_path, ("forbidden", forbidden)) as stage:
        answers = {path: await stage.client.post(path, json=body) for path, body in calls.items()}
    found = {path: (answer.status_code, answer.json()["code"]) for path, answer in answers.items()}
    assert found == {path: (403, 1103) if path in refused else (200, 0) for path in calls}


async def test_every_endpoint_of_the_page_is_there(tmp_path: Path) -> None:
    """A wrong body is refused in the service's words; 1202 and 1203 of the path would mean that nobody answers."""
    async with kling_at(tmp_path) as stage:
        names = await props(stage)
        bad = {}
        for path in endpoints:
            answer = (await stage.client.post(path, json=filled({}, names))).json()
            if answer["code"] not in (0, 1200, 1201):
                bad[path] = answer
    assert bad == {}


endpoints = [
    *(f"/v1/images/{name}" for name in ("generations", "omni-image", "multi-image2image", "editing/expand",
                                        "kolors-virtual-try-on")),
    *(f"/v1/videos/{name}" for name in (
        "image-recognize", "text2video", "image2video", "multi-image2video", "omni-video", "motion-control",
        "multi-elements/init-selection", "multi-elements/add-selection", "multi-elements/delete-selection",
        "multi-elements/clear-selection", "multi-elements/preview-selection", "multi-elements", "video-extend",
        "identify-face", "advanced-lip-sync", "lip-sync", "avatar/image2video", "effects")),
    *(f"/v1/audio/{name}" for name in ("text-to-audio", "video-to-audio", "tts")),
    *(f"/v1/general/{name}" for name in (
        "ai-multi-shot", "advanced-custom-elements", "delete-elements", "delete-advanced-elements", "custom-elements",
        "custom-voices", "delete-voices")),
    *(f"/{family}/{model}" for family, models in {
        "text-to-video": ("kling-3.0-turbo", "kling-3.0", "kling-2.6", "kling-2.5-turbo"),
        "image-to-video": ("kling-3.0-turbo", "kling-3.0", "kling-2.6", "kling-2.5-turbo"),
        "omni-video": ("kling-3.0-omni", "kling-o1"),
        "motion-control": ("kling-3.0", "kling-2.6"),
    }.items() for model in models),
    "/tasks", "/account/billing/balance", "/account/billing/package",
]  # fmt: skip


async def test_element_tasks_are_told_like_any_other(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        task = await stage.task("/v1/general/advanced-custom-elements", {**mira, "external_task_id": "job-1"})
        running = (await stage.get("/v1/general/advanced-custom-elements/job-1"))["data"]
        stage.clock.advance(10)
        (path,) = (await stage.get("/tasks", external_task_ids="job-1"))["data"]
    assert (running["task_id"], running["task_status"], running["task_result"]) == (task, "submitted", {})
    assert (path["status"], path["billing"][0]["amount"]) == ("succeeded", "0")
