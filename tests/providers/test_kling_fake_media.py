"""What Kling's fake hands out is real: the files of one task of each endpoint, filmed, painted and recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from kling_pipe.simulator import media
from kling_pipe.simulator.media_order import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.settings import MediaSize
from kling_pipe.simulator.studio import MediaOrder, Studio, make, sized
from kling_pipe.simulator.tasks import Task
from kling_pipe.values.media import MediaFacts
from tests.providers.kling_fake_stage import Stage, filled, kling_at

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

studio: Studio = media


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A world with real inputs and two sessions; every test takes what it needs."""
    folder = tmp_path_factory.mktemp("real")
    inputs: dict[str, MediaOrder] = {
        "host.png": PictureOrder("portrait of a woman, studio", 720, 1280, 1, "input"),
        "coat.png": PictureOrder("a green coat on white", 768, 768, 2, "input"),
        "street.mp4": ClipOrder("a street at dusk", 1280, 720, 3.0, 24, 3, "input", sound=True),
        "actor.mp4": ClipOrder("an actor", 1080, 1920, 3.0, 24, 4, "input"),
        "line.mp3": SoundOrder("good evening everybody", 2.5, 5, manner="speech"),
        "sample.mp3": SoundOrder("a long sentence for a voice", 5.5, 6, manner="speech"),
    }
    for name, order in inputs.items():
        make(studio, sized(order, MediaSize.SMALL), str(folder / name))
    async with kling_at(folder / "world", ("media", "small"), ("retired", "allowed"), studio=studio) as stage:
        for path in sorted(folder.glob("*.*")):
            await stage.upload(path.name, path.read_bytes())
        yield stage


def at(name: str) -> str:
    return f"http://kling.test/uploads/{name}"


host, street, line = at("host.png"), at("street.mp4"), at("line.mp3")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/images/editing/expand", {"image": host, "up_expansion_ratio": 0, "down_expansion_ratio": 0,
                                       "left_expansion_ratio": 0.5, "right_expansion_ratio": 0.5}, "png 1440x1280"),
        ("/v1/images/kolors-virtual-try-on", {"human_image": host, "cloth_image": at("coat.png")}, "png 768x1360"),
        ("/v1/general/ai-multi-shot", {"element_frontal_image": host}, " ".join(["png 768x1360"] * 9)),
        ("/v1/videos/image-recognize", {"image": host}, " ".join(["png 720x1280"] * 4)),
        ("/v1/images/omni-image", {"model_name": "kling-v3-omni", "prompt": "a fox", "result_type": "series",
                                   "series_amount": 2, "aspect_ratio": "1:1"}, "png 1024x1024 png 1024x1024"),
        ("/v1/videos/multi-image2video", {"image_list": [{"image": host}], "prompt": "a fox", "mode": "std"},
         "mp4 1280x720 5.1"),
        ("/v1/videos/omni-video", {"model_name": "kling-v3-omni", "prompt": "<<<image_1>>> walks", "mode": "std",
                                   "aspect_ratio": "16:9", "duration": "3", "image_list": [{"image_url": host}]},
         "mp4 1280x720 3.1"),
        ("/v1/videos/omni-video", {"model_name": "kling-v3-omni", "prompt": "snow", "mode": "std", "video_list": [
            {"video_url": street, "keep_original_sound": "yes"}]}, "mp4 1280x720 3.0 sound"),
        ("/omni-video/kling-3.0-omni", {"contents": [{"type": "prompt", "text": "on"},
                                                     {"type": "feature_video", "url": street}],
                                        "settings": {"duration": 3}}, "mp4 1280x720 3.1"),
        ("/v1/videos/multi-elements", {"session_id": "$selection", "edit_mode": "removal", "prompt": "<<<video_1>>>"},
         "mp4 1280x720 5.1"),
        ("/v1/videos/advanced-lip-sync", {"session_id": "$faces", "face_choose": [
            {"face_id": "0", "sound_file": line, "sound_start_time": 0, "sound_end_time": 2400,
             "sound_insert_time": 200}]}, "mp4 1280x720 3.0 sound"),
        ("/v1/videos/lip-sync", {"input": {"video_url": street, "mode": "text2video", "text": "Good evening",
                                           "voice_id": "oversea_male1"}}, "mp4 1280x720 3.0 sound"),
        ("/v1/videos/avatar/image2video", {"image": host, "sound_file": line}, "mp4 720x1280 2.5 sound"),
        ("/v1/videos/effects", {"effect_scene": "hug_pro", "input": {"images": [host, host]}}, "mp4 1280x720 5.1"),
        ("/v1/audio/text-to-audio", {"prompt": "rain on a roof", "duration": 3}, "mp3 3.0 wav 3.0"),
        ("/v1/audio/video-to-audio", {"video_url": street, "sound_effect_prompt": "steps"},
         "mp4 1280x720 3.0 sound mp3 3.0 wav 3.0"),
        ("/v1/audio/tts", {"text": "Good evening", "voice_id": "oversea_male1", "voice_language": "en"}, "mp3 2.0"),
        ("/v1/videos/identify-face", {"video_url": street}, "png 512x512 png 512x512"),
        ("/v1/videos/multi-elements/preview-selection", {"session_id": "$selection"},
         "mp4 1280x720 3.0 png 1280x720 png 1280x720"),
    ],
)  # fmt: skip
async def test_files_are_what_they_claim(stage: Stage, path: str, body: Any, expected: str) -> None:
    opened = await stage.post("/v1/videos/multi-elements/init-selection", {"video_url": street})
    session = opened["data"]["session_id"]
    marked = {"session_id": session, "frame_index": 0, "points": [{"x": 0.5, "y": 0.5}]}
    await stage.post("/v1/videos/multi-elements/add-selection", marked)
    faces = (await stage.post("/v1/videos/identify-face", {"video_url": street}))["data"]["session_id"]
    answer = await stage.post(path, filled(body, {"$selection": session, "$faces": faces}))
    assert answer["code"] == 0, answer
    assert await told(stage, stage.world.tasks()[-1]) == expected
    stage.clock.advance(1000)


async def test_library_files_are_real(stage: Stage) -> None:
    element = {"element_name": "Actor", "element_description": "d", "reference_type": "video_refer",
               "element_video_list": {"refer_videos": [{"video_url": at("actor.mp4")}]}}  # fmt: skip
    done = await stage.done("/v1/general/advanced-custom-elements", element)
    clip = done["task_result"]["elements"][0]["element_video_list"]["refer_videos"][0]["video_url"]
    done = await stage.done("/v1/general/custom-voices", {"voice_name": "v", "voice_url": at("sample.mp3")})
    sample = done["task_result"]["voices"][0]["trial_url"]
    presets = (await stage.get("/v1/general/advanced-presets-elements"))["data"]
    picture = presets[0]["task_result"]["elements"][0]["element_image_list"]["frontal_image"]
    forms = [(await stage.client.get(url)).headers["content-type"] for url in (clip, sample, picture)]
    assert forms == ["video/mp4", "audio/mpeg", "image/png"]


async def told(stage: Stage, task: Task) -> str:
    """The facts of a task's files, as one line."""
    lines = []
    for name in task.files:
        path = await stage.world.outputs.file(name)
        assert path is not None
        lines.append(line_of(media.look(path)))
    return " ".join(lines)


def line_of(facts: MediaFacts) -> str:
    words = [facts.format, f"{facts.width}x{facts.height}" if facts.width else ""]
    words += [f"{facts.seconds:.1f}" if facts.seconds else "", "sound" if facts.has_sound and facts.width else ""]
    return " ".join(word for word in words if word)
