"""Calls of Kling's fake that go on with others: selections, faces, ids of what was made, and how long they live."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.providers.kling_fake_stage import Stage, at, image, kling_at
from tests.providers.test_kling_fake_tasks import without

pytestmark = pytest.mark.anyio

selection = "/v1/videos/multi-elements"
street = {"video_url": at("street.mp4")}


async def opened(stage: Stage, body: Any = None) -> Any:
    return (await stage.post(f"{selection}/init-selection", body or street))["data"]


async def test_init_tells_what_the_service_sees(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        told = await opened(stage)
    assert without(told, "session_id") == {
        "status": 0,
        "fps": 24.0,
        "original_duration": 5040,
        "width": 1280,
        "height": 720,
        "total_frame": 121,
        "normalized_video": at("street.mp4"),
        "final_unit_deduction": "0",
    }


async def test_a_selection_grows_and_shrinks(tmp_path: Path) -> None:
    steps = [
        ("add-selection", 0, [(0.5, 0.4)]), ("add-selection", 0, [(0.1, 0.2)]), ("add-selection", 0, [(0.1, 0.2)]),
        ("add-selection", 7, [(0.3, 0.3), (0.6, 0.6)]), ("delete-selection", 7, [(0.6, 0.6)]),
        ("delete-selection", 0, [(0.5, 0.4), (0.1, 0.2)]),
    ]  # fmt: skip
    async with kling_at(tmp_path) as stage:
        session = (await opened(stage))["session_id"]
        told = []
        for name, frame, points in steps:
            body = {"session_id": session, "frame_index": frame, "points": [{"x": x, "y": y} for x, y in points]}
            data = (await stage.post(f"{selection}/{name}", body))["data"]
            told.append((data["res"]["frame_index"], len(data["res"]["rle_mask_list"])))
        preview = (await stage.post(f"{selection}/preview-selection", {"session_id": session}))["data"]
        kinds = [(await stage.client.get(url)).json()["facts"]["type"] for url in preview["res"].values()]
        cleared = (await stage.post(f"{selection}/clear-selection", {"session_id": session}))["data"]
        nothing = await stage.refusal(f"{selection}/preview-selection", {"session_id": session})
        bills = stage.world.bills()
    assert told == [(0, 1), (0, 2), (0, 2), (7, 2), (7, 1), (0, 0)]
    assert (list(preview["res"]), kinds) == (["video", "video_cover", "tracking_output"], ["video", "image", "image"])
    assert cleared == {"status": 0, "session_id": session, "final_unit_deduction": "0"}
    assert nothing == "400/1201 nothing is selected in this session"
    assert [(bill["units"], bill["charged"]) for bill in bills] == [("0", "0")] * 9


async def test_at_most_ten_frames_are_marked(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        body = {"session_id": (await opened(stage))["session_id"], "points": [{"x": 0.5, "y": 0.5}]}
        for frame in range(10):
            await stage.post(f"{selection}/add-selection", {**body, "frame_index": frame})
        refused = await stage.refusal(f"{selection}/add-selection", {**body, "frame_index": 10})
    assert refused == "400/1201 at most 10 frames can be marked"


async def test_a_mask_covers_the_place_in_both_forms(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        body = {"session_id": (await opened(stage))["session_id"], "frame_index": 0, "points": [{"x": 0.5, "y": 0.4}]}
        (mask,) = (await stage.post(f"{selection}/add-selection", body))["data"]["res"]["rle_mask_list"]
    assert (mask["object_id"], mask["rle_mask"]["size"], mask["png_mask"]["size"]) == (0, [720, 1280], [720, 1280])
    runs = lengths(mask["rle_mask"]["counts"])
    assert (sum(runs), sum(runs[1::2])) == (1280 * 720, 256 * 144)
    rows = zlib.decompress(base64.b64decode(mask["png_mask"]["base64"]).partition(b"IDAT")[2][:-16])
    assert rows.count(b"\xff") == sum(runs[1::2])
    column = b"".join(rows[row * 1281 + 1 + 640 : row * 1281 + 2 + 640] for row in range(720))
    assert (column.index(b"\xff"), column.rindex(b"\xff")) == (216, 359)
    assert (runs[0], runs[1]) == (512 * 720 + 216, 144)


def lengths(text: str) -> list[int]:
    """COCO's run lengths from their text, as pycocotools reads them."""
    counts: list[int] = []
    place = 0
    while place < len(text):
        value, shift, more = 0, 0, True
        while more:
            sign = ord(text[place]) - 48
            value |= (sign & 0x1F) << shift
            more, place, shift = bool(sign & 0x20), place + 1, shift + 5
            if not more and sign & 0x10:
                value |= -1 << shift
        counts.append(value + counts[len(counts) - 2] if len(counts) > 2 else value)
    return counts


async def test_an_edited_clip_tells_its_session(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        session = (await opened(stage))["session_id"]
        body = {"session_id": session, "edit_mode": "addition", "prompt": "<<<image_1>>> on <<<video_1>>>",
                "image_list": [{"image": image}]}  # fmt: skip
        done = await stage.done(selection, body)
    (video,) = done["task_result"]["videos"]
    assert (video["session_id"], video["duration"], done["final_unit_deduction"]) == (session, "5.041", "4.5")


async def test_a_session_lives_for_a_day(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        session = {"session_id": (await opened(stage))["session_id"]}
        stage.clock.advance(24 * 3600 - 1)
        fresh = await stage.post(f"{selection}/clear-selection", session)
        stage.clock.advance(1)
        stale = await stage.refusal(f"{selection}/clear-selection", session)
    assert (fresh["code"], stale) == (0, f"400/1201 session_id value '{session['session_id']}' is invalid or expired")


async def test_faces_are_told_and_one_of_them_speaks(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        found = (await stage.post("/v1/videos/identify-face", street))["data"]
        faces = [(await stage.client.get(face["face_image"])).status_code for face in found["face_data"]]
        speech = {"text": "Good evening to all of you.", "voice_id": "oversea_male1", "voice_language": "en"}
        audio = (await stage.post("/v1/audio/tts", speech))["data"]["task_result"]["audios"][0]
        choice = {"face_id": "1", "audio_id": audio["id"], "sound_start_time": 0, "sound_end_time": 2000,
                  "sound_insert_time": 1000}  # fmt: skip
        body = {"session_id": found["session_id"], "face_choose": [choice], "external_task_id": "job-1"}
        task = await stage.task("/v1/videos/advanced-lip-sync", body)
        stage.clock.advance(1000)
        by_id = (await stage.get(f"/v1/videos/advanced-lip-sync/{task}"))["data"]
        by_external = await stage.get("/v1/videos/advanced-lip-sync/job-1")
        (listed,) = (await stage.get("/v1/videos/advanced-lip-sync"))["data"]
        (path,) = (await stage.get("/tasks", external_task_ids="job-1"))["data"]
        made = (await stage.client.get(by_id["task_result"]["videos"][0]["url"])).json()["order"]
    assert without(found, "session_id", "face_image") == {
        "face_data": [{"face_id": name, "start_time": 0, "end_time": 5040} for name in ("0", "1")],
        "final_unit_deduction": "0.05",
    }
    assert faces == [200, 200]
    assert by_id["task_info"] == {
        "external_task_id": "job-1",
        "parent_video": {"id": "", "url": at("street.mp4"), "duration": "5.040"},
    }
    assert (by_external["code"], by_external["message"]) == (1201, "Task not found by id/external id: job-1")
    assert (listed["task_id"], path["id"], listed["task_info"]["external_task_id"]) == (task, task, "job-1")
    assert (made["manner"], made["insert"], bool(made["sound_file"])) == ("lip-sync", 1.0, True)


async def test_a_video_id_lives_for_thirty_days(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        done = await stage.done("/v1/videos/text2video", {"model_name": "kling-v3", "prompt": "p"})
        video = {"video_id": done["task_result"]["videos"][0]["id"]}
        fresh = await opened(stage, video)
        dubbed = await stage.done("/v1/audio/video-to-audio", video)
        stage.clock.advance(30 * 86_400)
        stale = await stage.refusal("/v1/videos/identify-face", video)
    assert fresh["normalized_video"].startswith("http://kling.test/media/")
    parent = dubbed["task_info"]["parent_video"]
    assert (parent["id"], parent["duration"]) == (video["video_id"], "5.041")
    assert parent["url"].startswith("http://kling.test/media/")
    assert stale.endswith("is invalid, video not found or expired")


async def test_an_id_means_nothing_before_its_task_has_ended(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        task = await stage.task("/v1/videos/text2video", {"model_name": "kling-v3", "prompt": "p"})
        refused = await stage.refusal("/v1/videos/identify-face", {"video_id": str(int(task) + 50_000)})
    assert "video not found" in refused


async def test_only_older_clips_go_on(tmp_path: Path) -> None:
    async with kling_at(tmp_path, ("retired", "allowed")) as stage:
        ids = {}
        for model in ("kling-v1-6", "kling-v3"):
            done = await stage.done("/v1/videos/text2video", {"model_name": model, "prompt": "p"})
            ids[model] = done["task_result"]["videos"][0]["id"]
        lengths = []
        video = ids["kling-v1-6"]
        for _ in range(2):
            done = await stage.done("/v1/videos/video-extend", {"video_id": video})
            lengths.append(done["task_result"]["videos"][0]["duration"])
            video = done["task_result"]["videos"][0]["id"]
        refused = await stage.refusal("/v1/videos/video-extend", {"video_id": ids["kling-v3"]})
    assert lengths == ["10.041", "15.041"]
    assert refused == f"400/1201 video_id value '{ids['kling-v3']}' is invalid, clips of kling-v3 cannot be extended"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/videos/multi-image2video", {"image_list": [{"image": image}], "prompt": "p"}),
        (selection, {"model_name": "kling-v1-6", "session_id": "$", "edit_mode": "removal", "prompt": "<<<video_1>>>"}),
    ],
)
async def test_a_retired_model_is_refused(tmp_path: Path, path: str, body: Any) -> None:
    async with kling_at(tmp_path) as stage:
        assert await stage.refusal(path, body) == "400/1201 model kling-v1-6 has been discontinued"
