"""What Kling's fake refuses, endpoint by endpoint: one line a rule of kling.md sections 10 to 12."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.paper_studio import base64_text, picture
from tests.providers.kling_fake_stage import at, image, kling_at

pytestmark = pytest.mark.anyio

generations: dict[str, Any] = {"model_name": "kling-v3", "prompt": "p"}
omni: dict[str, Any] = {"model_name": "kling-v3-omni", "prompt": "p", "aspect_ratio": "16:9"}
multi: dict[str, Any] = {"model_name": "kling-v2-1", "subject_image_list": [{"subject_image": image}]}
text: dict[str, Any] = {"model_name": "kling-v3", "prompt": "p"}
start: dict[str, Any] = {"model_name": "kling-v3", "prompt": "p", "image": image}
motion: dict[str, Any] = {
    "model_name": "kling-v3", "image_url": image, "video_url": at("dance.mp4"), "character_orientation": "image",
    "mode": "std",
}  # fmt: skip
shots: dict[str, Any] = {
    "multi_shot": True,
    "shot_type": "customize",
    "multi_prompt": [{"index": 1, "prompt": "a", "duration": "2"}, {"index": 2, "prompt": "b", "duration": "3"}],
}
simple = {"type": "simple", "config": {"zoom": 5}}
mask = {"mask": image, "trajectories": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}
pairs = {"mask": image, "trajectories": [[1, 2], [3, 4]]}
paths = {
    "generations": "/v1/images/generations",
    "omni": "/v1/images/omni-image",
    "multi": "/v1/images/multi-image2image",
    "text": "/v1/videos/text2video",
    "start": "/v1/videos/image2video",
    "motion": "/v1/videos/motion-control",
}
bases = {"generations": generations, "omni": omni, "multi": multi, "text": text, "start": start, "motion": motion}
gone = "has been discontinued"


@pytest.mark.parametrize(
    ("endpoint", "changes", "expected"),
    [
        # pictures
        ("generations", {"prompt": None}, "400/1200 prompt is required"),
        ("generations", {"prompt": ""}, "400/1200 prompt is required"),
        ("generations", {"prompt": "p" * 2501}, "400/1201 prompt exceeds the maximum length of 2500 characters"),
        ("generations", {"prompt": ["p"]}, "400/1200 prompt must be a string"),
        ("generations", {"model_name": "kling-v1-5"}, f"400/1201 model kling-v1-5 {gone}"),
        ("generations", {"model_name": "kling-v9"}, "404/1203 model kling-v9 is not supported for this API"),
        ("generations", {"model_name": "kling-v3-omni"}, "400/1201 model is not supported: kling-v3-omni"),
        ("generations", {"n": 10}, "400/1201 n value '10' is invalid, the range is [1, 9]"),
        ("generations", {"n": "two"}, "400/1200 n must be an integer"),
        ("generations", {"resolution": "4k"}, "400/1201 resolution value '4k' is invalid"),
        ("generations", {"aspect_ratio": "5:4"}, "400/1201 aspect_ratio value '5:4' is invalid"),
        ("generations", {"seed": 1}, "400/1201 field 'seed' is not supported"),
        ("generations", {"image": image, "negative_prompt": "n"},
         "400/1201 negative_prompt is not supported when image is set"),
        ("generations", {"model_name": "kling-v2-1", "image_reference": "face"}, "400/1200 image is required"),
        ("generations", {"image": image, "image_reference": "face"},
         "400/1201 image_reference is not supported by model kling-v3"),
        ("generations", {"image": image, "image_fidelity": 0.5},
         "400/1201 image_fidelity is not supported by model kling-v3"),
        ("generations", {"image": image, "human_fidelity": 0.5},
         "400/1201 human_fidelity is not supported by model kling-v3"),
        ("generations", {"image": image, "element_list": [{"element_id": 1}] * 10},
         "400/1201 the total of element_list and image cannot exceed 10"),
        ("generations", {"image": "data:image/png;base64," + image},
         "400/1201 image must be Base64 without a data: prefix"),
        ("generations", {"image": "no base64 !"}, "400/1201 image is neither a URL nor Base64"),
        ("generations", {"image": base64_text(b"<html>")}, "400/1201 image cannot be read"),
        ("generations", {"image": at("nowhere.png")}, "400/1201 image cannot be downloaded"),
        ("generations", {"image": "https://media.example.org/a.png"}, "400/1201 image cannot be downloaded"),
        ("generations", {"image": at("small.png")},
         "400/1201 image pixel is invalid: 299x400, each side must be at least 300px"),
        ("generations", {"image": at("thin.png")}, "400/1201 image aspect ratio is invalid, expected 1:2.5 to 2.5:1"),
        ("generations", {"image": at("anime.gif")}, "400/1201 image format is invalid: gif, expected jpg, jpeg or png"),
        ("generations", {"image": at("heavy.png")}, "400/1201 image size exceeds 10MB"),
        ("generations", {"image": at("dance.mp4")},
         "400/1201 image format is invalid: mp4, expected jpg, jpeg or png"),
        ("generations", {"external_task_id": "a/b"}, "400/1201 external_task_id value is invalid"),
        ("omni", {"aspect_ratio": None}, "400/1201 aspect_ratio value 'auto' is invalid without images"),
        ("omni", {"model_name": "kling-image-o1", "resolution": "4k"}, "400/1201 resolution value '4k' is invalid"),
        ("omni", {"model_name": "kling-image-o1", "result_type": "series"},
         "400/1201 result_type value 'series' is invalid"),
        ("omni", {"model_name": "kling-v3"}, "400/1201 model is not supported: kling-v3"),
        ("omni", {"series_amount": 1, "result_type": "series"}, "400/1201 series_amount value '1' is invalid"),
        ("omni", {"image_list": [{"image": image}] * 6, "element_list": [{"element_id": 1}] * 5},
         "400/1201 the total of image_list and element_list cannot exceed 10"),
        ("omni", {"image_list": [{}]}, "400/1200 image_list[0].image is required"),
        ("multi", {"subject_image_list": []}, "400/1201 subject_image_list must have 1 to 4 items"),
        ("multi", {"subject_image_list": [{"subject_image": image}] * 5},
         "400/1201 subject_image_list must have 1 to 4 items"),
        ("multi", {"model_name": "kling-v3"}, "400/1201 model is not supported: kling-v3"),
        ("multi", {"resolution": "2k"}, "400/1201 field 'resolution' is not supported"),
        # clips from text
        ("text", {"model_name": None}, f"400/1201 model kling-v1 {gone}"),
        ("text", {"model_name": "kling-v3-turbo"}, "404/1203 model kling-v3-turbo is not supported for this API"),
        ("text", {"model_name": "kling-v3-omni"}, "400/1201 model is not supported: kling-v3-omni"),
        ("text", {"prompt": None}, "400/1200 prompt is required"),
        ("text", {"duration": "16"}, "400/1201 duration value '16' is invalid"),
        ("text", {"duration": "2"}, "400/1201 duration value '2' is invalid"),
        ("text", {"model_name": "kling-v2-6", "duration": "7"}, "400/1201 duration value '7' is invalid"),
        ("text", {"model_name": "kling-v2-6", "mode": "4k"}, "400/1201 mode value '4k' is invalid"),
        ("text", {"mode": "ultra"}, "400/1201 mode value 'ultra' is invalid"),
        ("text", {"aspect_ratio": "4:3"}, "400/1201 aspect_ratio value '4:3' is invalid"),
        ("text", {"sound": True}, "400/1200 sound must be a string"),
        ("text", {"model_name": "kling-v2-6", "sound": "on"},
         "400/1201 sound is not supported by model kling-v2-6 in mode std"),
        ("text", {"model_name": "kling-v2-5-turbo", "sound": "on", "mode": "pro"},
         "400/1201 sound is not supported by model kling-v2-5-turbo in mode pro"),
        ("text", {"model_name": "kling-v2-6", "cfg_scale": 0.5},
         "400/1201 cfg_scale is not supported by model kling-v2-6"),
        ("text", {"cfg_scale": 1.5}, "400/1201 cfg_scale value '1.5' is invalid, the range is [0, 1]"),
        ("text", {"camera_control": simple},
         "400/1201 camera_control is not supported by model kling-v3 with this mode and duration"),
        ("text", {"voice_list": [{"voice_id": "1"}]},
         "400/1201 voice_list is not supported by model kling-v3 on this API"),
        ("text", {"image": image}, "400/1201 field 'image' is not supported"),
        ("text", {**shots, "model_name": "kling-v2-6"}, "400/1201 multi_shot is not supported by model kling-v2-6"),
        ("text", {**shots, "shot_type": None}, "400/1200 shot_type is required"),
        ("text", {**shots, "multi_prompt": None}, "400/1200 multi_prompt is required"),
        ("text", {**shots, "duration": "6"}, "400/1201 the sum of multi_prompt durations must be equal to duration"),
        ("text", {**shots, "multi_prompt": shots["multi_prompt"][::-1]},
         "400/1201 multi_prompt index must count from 1"),
        ("text", {**shots, "multi_prompt": [{"index": 1, "prompt": "a" * 513, "duration": "5"}]},
         "400/1201 multi_prompt[0].prompt exceeds the maximum length of 512 characters"),
        ("text", {**shots, "multi_prompt": [{"index": 1, "prompt": "a", "duration": "2.5"}]},
         "400/1201 multi_prompt duration must be whole seconds, at least 1"),
        ("text", {**shots, "shot_type": "intelligence", "prompt": " "}, "400/1200 prompt is required"),
        # clips from a picture
        ("start", {"image": None}, "400/1200 image or image_tail is required"),
        ("start", {"prompt": None}, "400/1200 prompt is required"),
        ("start", {"image": None, "image_tail": image},
         "400/1201 image_tail without image is not supported by model kling-v3 with mode std and duration 5"),
        ("start", {"model_name": "kling-v2-6", "image_tail": image},
         "400/1201 image_tail is not supported by model kling-v2-6 with mode std and duration 5"),
        ("start", {"model_name": "kling-v2-6", "image_tail": image, "mode": "pro", "sound": "on"},
         "400/1201 image_tail is not supported when sound is on"),
        ("start", {"static_mask": image},
         "400/1201 static_mask and dynamic_masks are not supported by model kling-v3 with this mode and duration"),
        ("start", {"element_list": [{"element_id": 1}] * 4}, "400/1201 element_list must have 0 to 3 items"),
        ("start", {"model_name": "kling-v2-6", "element_list": [{"element_id": "8"}]},
         "400/1201 element_list is not supported by model kling-v2-6"),
        ("start", {"voice_list": [{"voice_id": "1"}], "sound": "on"},
         "400/1201 voice_list is not supported by model kling-v3"),
        ("start", {"model_name": "kling-v2-6", "voice_list": [{"voice_id": "1"}]},
         "400/1201 voice_list requires sound to be on"),
        ("start", {"voice_list": [{"voice_id": "1"}] * 3}, "400/1201 voice_list must have 0 to 2 items"),
        # motion control
        ("motion", {"image_url": None}, "400/1200 image_url is required"),
        ("motion", {"video_url": None}, "400/1200 video_url is required"),
        ("motion", {"character_orientation": None}, "400/1200 character_orientation is required"),
        ("motion", {"mode": None}, "400/1200 mode is required"),
        ("motion", {"mode": "4k"}, "400/1201 mode value '4k' is invalid"),
        ("motion", {"model_name": "kling-v2-5-turbo"}, "400/1201 model is not supported: kling-v2-5-turbo"),
        ("motion", {"model_name": "kling-v2-6", "element_list": [{"element_id": 1}]},
         "400/1201 element_list is not supported by model kling-v2-6"),
        ("motion", {"video_url": image}, "400/1201 video_url must be a URL"),
        ("motion", {"video_url": at("wide.png")}, "400/1201 video_url format is invalid: png, expected mp4 or mov"),
        ("motion", {"video_url": at("dance.webm")}, "400/1201 video_url format is invalid: webm, expected mp4 or mov"),
        ("motion", {"video_url": at("page.html")}, "400/1201 video_url cannot be read"),
        ("motion", {"video_url": at("tiny.mp4")},
         "400/1201 video_url resolution is invalid: 300x600, sides must be 340px to 3850px"),
        ("motion", {"video_url": at("short.mp4")}, "400/1201 video_url duration is invalid: 2.0s, expected 3s to 10s"),
        ("motion", {"video_url": at("long.mp4")}, "400/1201 video_url duration is invalid: 12.0s, expected 3s to 10s"),
        ("motion", {"video_url": at("endless.mp4"), "character_orientation": "video"},
         "400/1201 video_url duration is invalid: 31.0s, expected 3s to 30s"),
    ],
)  # fmt: skip
async def test_a_body_model_create_is_refused(
    tmp_path: Path, endpoint: str, changes: dict[str, Any], expected: str
) -> None:
    async with kling_at(tmp_path) as stage:
        assert await stage.refusal(paths[endpoint], {**bases[endpoint], **changes}) == expected


v1 = {"model_name": "kling-v1"}
v1_5 = {"model_name": "kling-v1-5", "mode": "pro"}
together = "image_tail, static_mask or dynamic_masks, and camera_control cannot be used together"


@pytest.mark.parametrize(
    ("endpoint", "changes", "expected"),
    [
        ("text", {**v1, "camera_control": {"type": "simple"}}, "400/1200 camera_control.config is required"),
        ("text", {**v1, "camera_control": {"type": "simple", "config": {"zoom": 1, "pan": 2}}},
         "400/1201 camera_control.config must have exactly one value that is not 0"),
        ("text", {**v1, "camera_control": {"type": "down_back", "config": {"zoom": 1}}},
         "400/1201 camera_control.config must be empty unless the type is simple"),
        ("text", {**v1, "camera_control": {"type": "simple", "config": {"zoom": 11}}},
         "400/1201 camera_control.config.zoom value '11' is invalid, the range is [-10, 10]"),
        ("text", {**v1, "camera_control": simple, "duration": "10"},
         "400/1201 camera_control is not supported by model kling-v1 with this mode and duration"),
        ("text", {"model_name": "kling-v2-master", "mode": "std"},
         "400/1201 mode is not supported by model kling-v2-master"),
        ("text", {"model_name": "kling-v2-1"}, "400/1201 model is not supported: kling-v2-1"),
        ("start", {**v1_5, "camera_control": {"type": "forward_up"}},
         "400/1201 camera_control.type value 'forward_up' is invalid"),
        ("start", {**v1_5, "camera_control": simple, "image_tail": image}, f"400/1201 {together}"),
        ("start", {**v1_5, "camera_control": simple, "static_mask": image}, f"400/1201 {together}"),
        ("start", {**v1_5, "dynamic_masks": [pairs]},
         "400/1200 dynamic_masks[0].trajectories[0] must be an object"),
        ("start", {**v1_5, "dynamic_masks": [{**mask, "trajectories": [{"x": 1, "y": 1}]}]},
         "400/1201 dynamic_masks[0].trajectories must have 2 to 77 items"),
        ("start", {**v1_5, "dynamic_masks": [mask] * 7}, "400/1201 dynamic_masks must have 0 to 6 items"),
        ("start", {**v1_5, "static_mask": at("square.png")},
         "400/1201 static_mask aspect ratio must be the same as that of image"),
        ("start", {**v1_5, "static_mask": at("wide.png"), "dynamic_masks": [mask]},
         "400/1201 dynamic_masks[0].mask must have the same size as the other masks"),
    ],
)  # fmt: skip
async def test_retired_models_keep_their_own_rules(
    tmp_path: Path, endpoint: str, changes: dict[str, Any], expected: str
) -> None:
    async with kling_at(tmp_path, ("retired", "allowed")) as stage:
        assert await stage.refusal(paths[endpoint], {**bases[endpoint], **changes}) == expected


def contents(*items: dict[str, str], **settings: object) -> dict[str, object]:
    return {"contents": [{"type": "prompt", "text": "p"}, *items], "settings": settings}


frame = {"type": "first_frame", "url": at("wide.png")}
last = {"type": "last_frame", "url": at("wide.png")}
voice = {"type": "voice", "voice_id": "9", "id": "n"}
element = {"type": "element", "element_id": "9", "id": "mira"}
dancer = {"type": "image", "url": at("tall.jpg")}
dance = {"type": "video", "url": at("dance.mp4")}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/text-to-video/kling-9", {"prompt": "p"}, "404/1203 model kling-9 is not supported for this API"),
        ("/motion-control/kling-2.5-turbo", {}, "404/1203 model kling-2.5-turbo is not supported for this API"),
        ("/text-to-video/kling-3.0", {}, "400/1201 prompt must not be blank"),
        ("/text-to-video/kling-3.0", {"prompt": " "}, "400/1201 prompt must not be blank"),
        ("/text-to-video/kling-3.0", {"prompt": "p" * 3073},
         "400/1201 prompt exceeds the maximum length of 3072 characters"),
        ("/text-to-video/kling-2.6", {"prompt": "p" * 2501},
         "400/1201 prompt exceeds the maximum length of 2500 characters"),
        ("/text-to-video/kling-3.0-turbo", {"prompt": "p", "settings": {"resolution": "4k"}},
         "400/1201 video resolution value '4k' is invalid"),
        ("/text-to-video/kling-3.0-turbo", {"prompt": "p", "settings": {"audio": "on"}},
         "400/1201 audio value 'on' is invalid"),
        ("/text-to-video/kling-3.0", {"prompt": "p", "settings": {"duration": "5"}},
         "400/1201 duration value '5' is invalid"),
        ("/text-to-video/kling-2.6", {"prompt": "p", "settings": {"duration": 7}},
         "400/1201 duration value '7' is invalid"),
        ("/text-to-video/kling-2.6", {"prompt": "p", "settings": {"audio": "native"}},
         "400/1201 audio value 'native' is invalid, it requires resolution 1080p"),
        ("/text-to-video/kling-3.0", {"prompt": "shot 1, 3, a; shot 2, 3, b", "settings": {"duration": 5}},
         "400/1201 the sum of shot durations must be equal to duration"),
        ("/text-to-video/kling-3.0", {"prompt": "shot 1, 3, a; shot 3, 2, b"},
         "400/1201 prompt shot syntax is invalid"),
        # one fault after the other, in the observed order
        ("/text-to-video/kling-3.0", {"prompt": "", "settings": {
            "aspect_ratio": "4:3", "resolution": "8k", "audio": "on", "duration": 99}},
         "400/1201 aspect_ratio value '4:3' is invalid"),
        ("/text-to-video/kling-3.0", {"prompt": "", "settings": {"resolution": "8k", "audio": "on", "duration": 99}},
         "400/1201 video resolution value '8k' is invalid"),
        ("/text-to-video/kling-3.0", {"prompt": "", "settings": {"audio": "on", "duration": 99}},
         "400/1201 audio value 'on' is invalid"),
        ("/text-to-video/kling-3.0", {"prompt": "", "settings": {"duration": 99}}, "400/1201 prompt must not be blank"),
        ("/image-to-video/kling-3.0", {"contents": [{"type": "prompt", "text": ""}], "settings": {"duration": 99}},
         "400/1201 duration value '99' is invalid"),
        ("/image-to-video/kling-3.0", {}, "400/1200 contents is required"),
        ("/image-to-video/kling-3.0", contents(), "400/1200 contents first_frame is required"),
        ("/image-to-video/kling-3.0", contents({"type": "first_frame"}),
         "400/1200 contents first_frame url is required"),
        ("/image-to-video/kling-3.0", contents(frame, frame),
         "400/1201 contents has more than 1 items of type first_frame"),
        ("/image-to-video/kling-3.0", contents({"type": "first_frame", "url": image}),
         "400/1201 contents first_frame url must be a URL"),
        ("/image-to-video/kling-3.0", contents(frame, {"type": "image", "url": at("wide.png")}),
         "400/1201 contents type value 'image' is invalid"),
        ("/image-to-video/kling-3.0", contents({**frame, "text": "p"}),
         "400/1201 contents text is only for type prompt, found with first_frame"),
        ("/image-to-video/kling-3.0", contents(frame, element, element),
         "400/1201 contents id value 'mira' is used twice"),
        ("/image-to-video/kling-3.0-turbo", contents(frame, last),
         "400/1201 contents type value 'last_frame' is invalid"),
        ("/image-to-video/kling-2.5-turbo", contents(frame, last),
         "400/1201 contents last_frame requires resolution 1080p"),
        ("/image-to-video/kling-2.6", contents(frame, last, resolution="1080p", audio="native"),
         "400/1201 contents last_frame requires audio to be off"),
        ("/image-to-video/kling-2.6", contents(frame, voice), "400/1201 contents voice requires audio to be native"),
        ("/motion-control/kling-3.0", contents(dancer, dance), "400/1200 settings is required"),
        ("/motion-control/kling-3.0", contents(dancer, dance, audio="off"),
         "400/1200 settings.character_orientation is required"),
        ("/motion-control/kling-3.0", contents(dancer, dance, character_orientation="image", resolution="4k"),
         "400/1201 video resolution value '4k' is invalid"),
        ("/motion-control/kling-3.0", contents(dancer, character_orientation="image"),
         "400/1200 contents video is required"),
        ("/motion-control/kling-2.6", contents(dancer, dance, element, character_orientation="image"),
         "400/1201 contents type value 'element' is invalid"),
        ("/motion-control/kling-2.6", contents(dancer, {**dance, "url": at("long.mp4")}, character_orientation="image"),
         "400/1201 contents video url duration is invalid: 12.0s, expected 3s to 10s"),
    ],
)  # fmt: skip
async def test_a_path_model_create_is_refused(tmp_path: Path, path: str, body: Any, expected: str) -> None:
    async with kling_at(tmp_path) as stage:
        assert await stage.refusal(path, body) == expected


@pytest.mark.parametrize(("body", "message"), [(b"{", "is not JSON"), (b"[1]", "must be a JSON object")])
async def test_a_body_that_is_no_object_is_1200(tmp_path: Path, body: bytes, message: str) -> None:
    async with kling_at(tmp_path) as stage:
        for path in (*paths.values(), "/text-to-video/kling-3.0", "/tasks"):
            answer = await stage.client.post(path, content=body)
            assert (answer.status_code, answer.json()["code"]) == (400, 1200)
            assert message in answer.json()["message"]


names = st.sampled_from(
    sorted({*(name for base in bases.values() for name in base), "contents", "settings", "options", "duration", "n"})
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.sampled_from(["type", "url"]), inner),
    max_leaves=8,
)
creates = [*paths.values(), *(f"/{family}/kling-3.0" for family in ("text-to-video", "image-to-video"))]


@pytest.mark.slow
@given(st.sampled_from(creates), st.dictionaries(names, values, max_size=5))
def test_no_body_is_answered_with_anything_but_an_envelope(
    tmp_path_factory: pytest.TempPathFactory, path: str, body: dict[str, Any]
) -> None:
    anyio.run(answered, tmp_path_factory.getbasetemp() / "any", path, body)


async def answered(folder: Path, path: str, body: dict[str, Any]) -> None:
    base = next((bases[name] for name, known in paths.items() if known == path), {"prompt": "p"})
    async with kling_at(folder) as stage:
        answer = await stage.client.post(path, json={**base, **body})
        made = [answer.json()["data"]] if answer.status_code == 200 else []
        assert (answer.status_code, answer.json()["code"]) in {(200, 0), (400, 1200), (400, 1201), (404, 1203)}
        assert len(made) == len(stage.world.bills())


async def test_urls_elsewhere_come_through_the_port(tmp_path: Path) -> None:
    async def fetch(url: str) -> bytes:
        if "missing" in url:
            raise OSError("refused")
        return picture()

    async with kling_at(tmp_path, fetch=fetch) as stage:
        good = await stage.post(paths["start"], {**start, "image": "https://media.example.org/a.png"})
        bad = await stage.post(paths["start"], {**start, "image": "https://media.example.org/missing.png"})
    assert (good["code"], bad["message"]) == (0, "image cannot be downloaded")
