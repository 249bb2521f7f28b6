"""What Kling's fake makes of a good request to each endpoint: product, units, slots, and the media it orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kling_pipe.simulator.media_order import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.studio import MediaOrder
from kling_pipe.simulator.tasks import TaskOrder
from tests.providers.kling_fake_stage import actor, at, filled, image, kling_at, mira, portrait, props

pytestmark = pytest.mark.anyio

expand = {"image": image, **{f"{side}_expansion_ratio": 0.25 for side in ("up", "down", "left", "right")}}
series = {"model_name": "kling-v3-omni", "prompt": "p", "result_type": "series", "aspect_ratio": "1:1"}
omni: dict[str, Any] = {"model_name": "kling-v3-omni", "prompt": "<<<image_1>>> walks", "mode": "std"}
reference, square = {"image_url": image}, {"image_url": at("square.png")}
edit = {"session_id": "$selection", "edit_mode": "removal", "prompt": "Delete it from <<<video_1>>>"}
line = {"sound_file": at("line.mp3"), "sound_start_time": 0, "sound_end_time": 3200, "sound_insert_time": 500}
shots = [{"index": 1, "prompt": "a", "duration": "2"}, {"index": 2, "prompt": "b", "duration": "3"}]


def contents(*items: dict[str, str], **settings: object) -> dict[str, object]:
    return {"contents": [{"type": "prompt", "text": "p"}, *items], "settings": settings}


wide = {"type": "refer_image", "url": at("wide.png")}
frame, last = {"type": "first_frame", "url": at("square.png")}, {"type": "last_frame", "url": at("wide.png")}
film = {"url": at("walk.mp4")}
piano = "effects of soft piano over a clip"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        # pictures
        ("/v1/images/editing/expand", {**expand, "n": 2, "prompt": "p"},
         "image 16 ×2: 2 pictures 2040x1152 expand 0.25 0.25 0.25 0.25 from 1"),
        ("/v1/images/editing/expand", {**expand, "up_expansion_ratio": 0, "down_expansion_ratio": 1},
         "image 8 ×1: 1 pictures 2040x1536 expand 0 1 0.25 0.25 from 1"),
        ("/v1/images/kolors-virtual-try-on", {"human_image": portrait, "cloth_image": image},
         "image 16 ×1: 1 pictures 768x1360 try-on from 2"),
        ("/v1/general/ai-multi-shot", {"element_frontal_image": at("square.png")},
         "image 20 ×1: 9 pictures 1024x1024 angle from 1"),
        ("/v1/videos/image-recognize", {"image": image}, "video 0.1 ×0: 3 pictures 1360x768 segment from 1"),
        ("/v1/videos/image-recognize", {"image": portrait}, "video 0.1 ×0: 4 pictures 768x1360 segment from 1"),
        ("/v1/images/omni-image", {**series, "series_amount": 3}, "image 24 ×3: 3 pictures 1024x1024"),
        ("/v1/images/omni-image", {**series, "resolution": "4k"}, "image 64 ×4: 4 pictures 4096x4096"),
        ("/v1/images/omni-image", {**series, "series_amount": "auto"}, "image 16 ×2: 2 pictures 1024x1024"),
        ("/v1/images/omni-image", {**series, "element_list": [{"element_id": "$mira"}], "n": 9},
         "image 32 ×4: 4 pictures 1024x1024"),
        # clips of pictures, elements and clips
        ("/v1/videos/multi-image2video", {"image_list": [{"image": image}] * 4, "prompt": "p", "mode": "pro"},
         "video 4 ×1: clip 1920x1080 5.041 omni from 4"),
        ("/v1/videos/omni-video", {**omni, "image_list": [reference], "aspect_ratio": "16:9", "duration": "6"},
         "video 3.6 ×1: clip 1280x720 6.041 omni from 1"),
        ("/v1/videos/omni-video", {**omni, "image_list": [reference, {**square, "type": "first_frame"},
                                                          {**reference, "type": "end_frame"}], "sound": "on",
                                   "element_list": [{"element_id": "$mira"}, {"element_id": "829"}]},
         "video 4 ×1: clip 960x960 5.041 omni sound start end from 1"),
        ("/v1/videos/omni-video", {"model_name": "kling-v3-omni", "multi_shot": True, "shot_type": "customize",
                                   "multi_prompt": shots, "mode": "4k", "aspect_ratio": "1:1"},
         "video 15 ×1: clip 2880x2880 5.041 omni a/2 b/3"),
        ("/v1/videos/omni-video", {**omni, "video_list": [{"video_url": at("walk.mp4"), "keep_original_sound": "yes"}]},
         "video 7.2 ×1: clip 720x1280 8.000 edit sound base"),
        ("/v1/videos/omni-video", {**omni, "aspect_ratio": "9:16", "multi_shot": True, "shot_type": "intelligence",
                                   "video_list": [{"video_url": at("walk.mp4"), "refer_type": "feature"}]},
         "video 4.5 ×1: clip 720x1280 5.041 extend base <<<image_1>>> walks/3 <<<image_1>>> walks/2"),
        ("/v1/videos/omni-video", {"prompt": "p", "image_list": [reference], "aspect_ratio": "16:9", "duration": "7"},
         "video 5.6 ×1: clip 1920x1080 7.041 omni from 1"),
        ("/v1/videos/omni-video", {"prompt": "p", "duration": "10", "image_list": [{**square, "type": "first_frame"}]},
         "video 8 ×1: clip 1440x1440 10.041 omni start"),
        ("/omni-video/kling-3.0-omni", contents(wide, {**wide, "id": "b"}, aspect_ratio="16:9", audio="native"),
         "video 4 ×1: clip 1280x720 5.041 omni sound from 2"),
        ("/omni-video/kling-3.0-omni",
         contents(frame, last, {"type": "element", "element_id": "$actor", "id": "a"}, resolution="4k"),
         "video 15 ×1: clip 2880x2880 5.041 omni start end"),
        ("/omni-video/kling-3.0-omni", contents({"type": "base_video", **film}, audio="original"),
         "video 7.2 ×1: clip 720x1280 8.000 edit sound base"),
        ("/omni-video/kling-3.0-omni", contents({"type": "feature_video", **film}, frame, duration=9),
         "video 8.1 ×1: clip 960x960 9.041 extend start base"),
        ("/omni-video/kling-o1", contents(wide, aspect_ratio="1:1", duration=4),
         "video 2.4 ×1: clip 960x960 4.041 omni from 1"),
        ("/omni-video/kling-o1", contents({"type": "feature_video", **film}, frame, resolution="1080p"),
         "video 6 ×1: clip 1440x1440 5.041 extend start base"),
        ("/v1/videos/video-extend", {"video_id": "$older", "prompt": "p", "cfg_scale": 0.5},
         "video 6 ×1: clip 1280x720 10.041 extend base"),
        ("/v1/videos/multi-elements", edit, "video 4.5 ×1: clip 1280x720 5.041 edit base"),
        ("/v1/videos/multi-elements", {**edit, "edit_mode": "addition", "session_id": "$empty", "mode": "pro",
                                       "image_list": [{"image": image}], "prompt": "<<<image_1>>> in <<<video_1>>>"},
         "video 6 ×1: clip 1920x1080 5.041 edit from 1 base"),
        # clips that speak, and effects
        ("/v1/videos/identify-face", {"video_id": "$clip"}, "video 0.05 ×0: 2 pictures 512x512"),
        ("/v1/videos/advanced-lip-sync", {"session_id": "$faces", "face_choose": [{"face_id": "1", **line}]},
         "video 1 ×1: clip 1280x720 5.040 lip-sync sound base over at 0.5"),
        ("/v1/videos/lip-sync", {"input": {"video_id": "$clip", "mode": "text2video", "text": "Good evening everybody",
                                           "voice_id": "oversea_male1", "voice_language": "en"}},
         "video 1.05 ×1: clip 1920x1080 5.041 lip-sync sound base over at 0"),
        ("/v1/videos/lip-sync", {"input": {"video_url": at("street.mp4"), "mode": "audio2video", "audio_type": "url",
                                           "audio_url": at("line.mp3")}},
         "video 1 ×1: clip 1280x720 5.040 lip-sync sound base over at 0"),
        ("/v1/videos/avatar/image2video", {"image": portrait, "audio_id": "$line", "prompt": "calm"},
         "video 1.2 ×1: clip 720x1280 2.933 avatar sound start over at 0"),
        ("/v1/videos/avatar/image2video", {"image": image, "sound_file": at("talk.m4a"), "mode": "pro"},
         "video 4.8 ×1: clip 1920x1080 6.000 avatar sound start over at 0"),
        ("/v1/videos/effects", {"effect_scene": "pet_diving", "input": {"image": portrait}},
         "video 6 ×1: clip 720x1280 5.041 effect pet_diving from 1"),
        ("/v1/videos/effects", {"effect_scene": "hug_pro", "input": {"images": [portrait, at("square.png")]}},
         "video 6 ×1: clip 1280x720 5.041 effect hug_pro from 2"),
        ("/v1/videos/effects", {"effect_scene": "of_next_month", "input": {"images": [portrait, portrait]}},
         "video 6 ×1: clip 1280x720 5.041 effect of_next_month from 2"),
        # sound
        ("/v1/audio/text-to-audio", {"prompt": "rain", "duration": 3.5},
         "audio 0.25 ×1: mp3 3.500 effects of rain, wav 3.500 effects of rain"),
        ("/v1/audio/video-to-audio", {"video_id": "$mute", "bgm_prompt": "soft piano", "asmr_mode": "false"},
         f"audio 0.25 ×1: clip 1280x720 5.041 dub sound base, mp3 5.041 {piano}, wav 5.041 {piano}"),
        ("/v1/audio/tts", {"text": "Good evening, and welcome.", "voice_id": "oversea_male1", "voice_language": "en",
                           "voice_speed": 3}, "video 0.05 ×0: mp3 2.000 speech of Good evening, and welcome."),
        # the library
        ("/v1/general/advanced-custom-elements", {**mira, "element_voice_id": "$voice"}, "video 0 ×1:"),
        ("/v1/general/advanced-custom-elements", actor, "video 0 ×1:"),
        ("/v1/general/custom-elements", {
            "element_name": "Mira", "element_description": "d", "element_frontal_image": image,
            "element_refer_list": [{"image_url": image}]}, "video 0 ×0:"),
        ("/v1/general/custom-voices", {"voice_name": "narrator", "voice_url": at("walk.mp4")}, "video 0.05 ×1:"),
        ("/v1/general/custom-voices", {"voice_name": "narrator", "video_id": "$clip"}, "video 0.05 ×1:"),
        ("/v1/general/delete-elements", {"element_id": "$mira"}, "video 0 ×0:"),
        ("/v1/general/delete-advanced-elements", {"element_id": "$mira"}, "video 0 ×0:"),
        ("/v1/general/delete-voices", {"voice_id": "$voice"}, "video 0 ×0:"),
    ],
)  # fmt: skip
async def test_a_good_request_makes(tmp_path: Path, path: str, body: Any, expected: str) -> None:
    async with kling_at(tmp_path, ("retired", "allowed")) as stage:
        names = await props(stage)
        answer = await stage.client.post(path, json=filled(body, names))
        assert answer.json()["code"] == 0, answer.text
        order = stage.world.tasks()[-1].order
    assert (order.endpoint, told(order)) == (path, expected)


def told(order: TaskOrder) -> str:
    pictures = [output for output in order.outputs if isinstance(output, PictureOrder)]
    parts = [f"{len(pictures)} pictures {of_picture(pictures[0])}"] if pictures else []
    parts += [of_output(output) for output in order.outputs if not isinstance(output, PictureOrder)]
    return f"{order.product} {order.units:f} ×{order.slots}: {', '.join(parts)}".rstrip()


def of_picture(order: PictureOrder) -> str:
    words = [
        f"{order.width}x{order.height}",
        order.manner,
        *(f"{margin:g}" for margin in order.margins if order.manner),
    ]
    words = words if order.manner == "expand" else words[:2]
    return " ".join(word for word in [*words, f"from {len(order.references)}" if order.references else ""] if word)


def of_output(order: MediaOrder) -> str:
    if isinstance(order, SoundOrder):
        over = " over a clip" if order.source else ""
        return f"{order.form} {order.seconds:.3f} {order.manner} of {order.words}{over}"
    assert isinstance(order, ClipOrder)
    words = [f"clip {order.width}x{order.height} {order.seconds:.3f}", order.manner, order.effect]
    words += ["sound" if order.sound else "", "start" if order.start else "", "end" if order.end else ""]
    words += [f"from {len(order.references)}" if order.references else "", "base" if order.base else ""]
    words += [f"over at {order.insert:g}" if order.sound_file else ""]
    words += [f"{prompt}/{seconds:g}" for prompt, seconds in order.shots]
    return " ".join(word for word in words if word)
