"""What Kling's fake makes of a good request: sides, seconds, sound, shots, camera, units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kling_pipe.simulator.media import ClipOrder, PictureOrder
from tests.providers.kling_fake_stage import at, image, kling_at, portrait

pytestmark = pytest.mark.anyio

generations, omni, multi = "/v1/images/generations", "/v1/images/omni-image", "/v1/images/multi-image2image"
text, start, motion = "/v1/videos/text2video", "/v1/videos/image2video", "/v1/videos/motion-control"
v3 = {"model_name": "kling-v3", "prompt": "p"}
v26 = {"model_name": "kling-v2-6", "prompt": "p", "mode": "pro"}
o1 = {"model_name": "kling-image-o1", "prompt": "p"}
frame = [{"type": "prompt", "text": "p"}, {"type": "first_frame", "url": at("square.png")}]
moved = {"image_url": portrait, "video_url": at("dance.mp4"), "character_orientation": "image"}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (generations, v3, "1× 1360x768 8"),
        (generations, {**v3, "n": "3", "resolution": "2k", "aspect_ratio": "21:9"}, "3× 3104x1312 24"),
        (generations, {**v3, "model_name": "kling-v2-1"}, "1× 1360x768 4"),
        (generations, {**v3, "model_name": "kling-v2-1", "image": image, "image_reference": "subject",
                       "human_fidelity": 0.5}, "1× 1360x768 8 from 1"),
        (omni, {**o1, "image_list": [{"image": portrait}, {"image": image}]}, "1× 768x1360 8 from 2"),
        (omni, {**o1, "model_name": "kling-v3-omni", "aspect_ratio": "1:1", "resolution": "4k"}, "1× 4096x4096 16"),
        (multi, {"subject_image_list": [{"subject_image": image}] * 2, "scene_image": portrait, "n": 2},
         "2× 1360x768 32 from 3"),
    ],
)  # fmt: skip
async def test_pictures(tmp_path: Path, path: str, body: Any, expected: str) -> None:
    async with kling_at(tmp_path) as stage:
        await stage.task(path, body)
        order = stage.world.tasks()[0].order
    first = order.outputs[0]
    assert isinstance(first, PictureOrder)
    references = f" from {len(first.references)}" if first.references else ""
    assert f"{order.slots}× {first.width}x{first.height} {order.units}{references}" == expected


def told(order: ClipOrder) -> str:
    words = [f"{order.width}x{order.height}", f"{order.seconds:.3f}"]
    words += ["sound"] if order.sound else []
    words += ["start"] if order.start else []
    words += ["end"] if order.end else []
    words += ["character", "motion"] if order.character and order.motion else []
    words += [f"{prompt}/{seconds:g}" for prompt, seconds in order.shots]
    words += [f"{axis}={number:g}" for axis, number in order.camera]
    return " ".join(words)


shots = [{"index": 1, "prompt": "a", "duration": "2"}, {"index": "2", "prompt": "b", "duration": "3"}]
mask = {"mask": image, "trajectories": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}


@pytest.mark.parametrize(
    ("path", "body", "units", "expected"),
    [
        (text, v3, "3", "1280x720 5.041"),
        (text, {**v3, "mode": "4k", "duration": "3", "aspect_ratio": "9:16"}, "9", "2160x3840 3.041"),
        (text, {**v3, "sound": "on", "duration": 10}, "9", "1280x720 10.041 sound"),
        (text, {**v26, "sound": "on", "aspect_ratio": "1:1"}, "5", "1440x1440 5.041 sound"),
        (text, {"model_name": "kling-v2-5-turbo", "prompt": "p"}, "1.5", "1280x720 5.041"),
        (text, {"model_name": "kling-v3", "multi_shot": "true", "shot_type": "customize", "multi_prompt": shots}, "3",
         "1280x720 5.041 a/2 b/3"),
        (text, {**v3, "multi_shot": True, "shot_type": "intelligence"}, "3", "1280x720 5.041 p/3 p/2"),
        (text, {"model_name": "kling-v1", "prompt": "p", "camera_control": {"type": "simple", "config": {"zoom": 5}}},
         "1.5", "1280x720 5.041 zoom=5"),
        (text, {"model_name": "kling-v1", "prompt": "p", "camera_control": {"type": "down_back"},
                "aspect_ratio": "1:1"}, "1.5", "720x720 5.041 down_back=1"),
        (start, {**v3, "image": image, "image_tail": image}, "3", "1280x720 5.041 start end"),
        (start, {**v3, "image": at("tall.jpg")}, "3", "720x1280 5.041 start"),
        (start, {**v26, "image": at("square.png"), "sound": "on", "voice_list": [{"voice_id": "7"}]}, "6",
         "1440x1440 5.041 sound start"),
        (start, {"model_name": "kling-v1-6", "mode": "pro", "prompt": "p", "image_tail": image}, "2.5",
         "1920x1080 5.041 end"),
        (start, {"model_name": "kling-v1-5", "mode": "pro", "prompt": "p", "image": image, "static_mask": image,
                 "dynamic_masks": [mask]}, "2.5", "1920x1080 5.041 start"),
        (motion, {**moved, "mode": "std"}, "2.5", "720x1280 5.040 sound character motion"),
        (motion, {**moved, "mode": "pro", "model_name": "kling-v3", "keep_original_sound": "no",
                  "element_list": [{"element_id": 829836802793406551}]}, "6", "1080x1920 5.040 character motion"),
        ("/text-to-video/kling-3.0-turbo", {"prompt": "shot 1, 2, a; shot 2, 3, b;"}, "4",
         "1280x720 5.041 sound a/2 b/3"),
        ("/text-to-video/kling-3.0", {"prompt": "shot 1, 2, a; shot 2, 3, b;", "settings": {"multi_shot": False}}, "3",
         "1280x720 5.041"),
        ("/text-to-video/kling-2.5-turbo", {"prompt": "p", "unknown": 1, "settings": {"resolution": "1080p"}}, "2.5",
         "1920x1080 5.041"),
        ("/image-to-video/kling-3.0", {"contents": [*frame, {"type": "last_frame", "url": at("wide.png")}],
                                       "settings": {"audio": "native", "duration": 6}}, "5.4",
         "960x960 6.041 sound start end"),
        ("/image-to-video/kling-2.6", {"contents": [*frame, {"type": "voice", "voice_id": "7", "id": "n"}],
                                       "settings": {"audio": "native", "resolution": "1080p"}}, "6",
         "1440x1440 5.041 sound start"),
        ("/motion-control/kling-2.6", {"contents": [{"type": "image", "url": at("tall.jpg")},
                                                    {"type": "video", "url": at("long.mp4")}],
                                       "settings": {"character_orientation": "video", "audio": "off"}}, "6",
         "720x1280 12.000 character motion"),
    ],
)  # fmt: skip
async def test_clips(tmp_path: Path, path: str, body: Any, units: str, expected: str) -> None:
    async with kling_at(tmp_path, ("retired", "allowed")) as stage:
        await stage.task(path, body)
        order = stage.world.tasks()[0].order
    (clip,) = order.outputs
    assert isinstance(clip, ClipOrder)
    assert (told(clip), f"{order.units:f}") == (expected, units)
