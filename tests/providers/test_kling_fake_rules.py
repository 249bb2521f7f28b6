"""What Kling's fake refuses beyond pictures and plain clips: one line a rule of kling.md sections 10 to 12."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.providers.kling_fake_stage import Refusal, actor, at, image, mira, refusing

pytestmark = pytest.mark.anyio

selection = "/v1/videos/multi-elements"
paths = {
    "expand": "/v1/images/editing/expand",
    "try-on": "/v1/images/kolors-virtual-try-on",
    "angles": "/v1/general/ai-multi-shot",
    "recognize": "/v1/videos/image-recognize",
    "omni": "/v1/videos/omni-video",
    "multi": "/v1/videos/multi-image2video",
    "extend": "/v1/videos/video-extend",
    "init": f"{selection}/init-selection",
    "add": f"{selection}/add-selection",
    "delete": f"{selection}/delete-selection",
    "clear": f"{selection}/clear-selection",
    "preview": f"{selection}/preview-selection",
    "edit": selection,
    "faces": "/v1/videos/identify-face",
    "lips": "/v1/videos/advanced-lip-sync",
    "old lips": "/v1/videos/lip-sync",
    "avatar": "/v1/videos/avatar/image2video",
    "effects": "/v1/videos/effects",
    "sound": "/v1/audio/text-to-audio",
    "dub": "/v1/audio/video-to-audio",
    "tts": "/v1/audio/tts",
    "element": "/v1/general/advanced-custom-elements",
    "old element": "/v1/general/custom-elements",
    "delete element": "/v1/general/delete-elements",
    "voice": "/v1/general/custom-voices",
    "delete voice": "/v1/general/delete-voices",
    "picture": "/v1/images/generations",
    "start": "/v1/videos/image2video",
}
first, last, plain = ({"image_url": image, **kind} for kind in ({"type": "first_frame"}, {"type": "end_frame"}, {}))
walk, street = [{"video_url": at("walk.mp4")}], at("street.mp4")
bases: dict[str, dict[str, Any]] = {
    "expand": {"image": image, **{f"{side}_expansion_ratio": 0.2 for side in ("up", "down", "left", "right")}},
    "try-on": {"human_image": image, "cloth_image": image},
    "angles": {"element_frontal_image": image},
    "recognize": {"image": image},
    "omni": {"model_name": "kling-v3-omni", "prompt": "p", "aspect_ratio": "16:9"},
    "multi": {"image_list": [{"image": image}], "prompt": "p"},
    "extend": {"video_id": "$older"},
    "init": {"video_url": street},
    "add": {"session_id": "$selection", "frame_index": 1, "points": [{"x": 0.1, "y": 0.2}]},
    "delete": {"session_id": "$selection", "frame_index": 0, "points": [{"x": 0.5, "y": 0.4}]},
    "clear": {"session_id": "$selection"},
    "preview": {"session_id": "$selection"},
    "edit": {"session_id": "$selection", "edit_mode": "removal", "prompt": "<<<video_1>>>"},
    "faces": {"video_url": street},
    "lips": {"session_id": "$faces"},
    "old lips": {},
    "avatar": {"image": image, "sound_file": at("line.mp3")},
    "effects": {"effect_scene": "pet_diving", "input": {"image": image}},
    "sound": {"prompt": "rain", "duration": 5},
    "dub": {"video_url": street},
    "tts": {"text": "Hello", "voice_id": "oversea_male1", "voice_language": "en"},
    "element": mira,
    "old element": {
        "element_name": "Mira", "element_description": "d", "element_frontal_image": image,
        "element_refer_list": [{"image_url": image}],
    },
    "delete element": {"element_id": "$mira"},
    "voice": {"voice_name": "narrator", "voice_url": at("talk.mp3")},
    "delete voice": {"voice_id": "$voice"},
    "picture": {"prompt": "p"},
    "start": {"model_name": "kling-v3", "prompt": "p", "image": image},
}  # fmt: skip
picture_rule = {
    "a data: prefix": ("data:image/png;base64,AAAA", "must be Base64 without a data: prefix"),
    "a gif": (at("anime.gif"), "format is invalid: gif, expected jpg, jpeg or png"),
    "too small": (at("small.png"), "pixel is invalid: 299x400, each side must be at least 300px"),
    "too thin": (at("thin.png"), "aspect ratio is invalid, expected 1:2.5 to 2.5:1"),
    "too heavy": (at("heavy.png"), "size exceeds 10MB"),
}
pictures: dict[str, tuple[str, Any]] = {  # endpoint: the name of its picture, and the body around it
    "expand": ("image", lambda text: {"image": text}),
    "try-on": ("cloth_image", lambda text: {"cloth_image": text}),
    "angles": ("element_frontal_image", lambda text: {"element_frontal_image": text}),
    "recognize": ("image", lambda text: {"image": text}),
    "omni": ("image_list[0].image_url", lambda text: {"image_list": [{"image_url": text}]}),
    "multi": ("image_list[0].image", lambda text: {"image_list": [{"image": text}]}),
    "edit": ("image_list[0].image", lambda text: {
        "image_list": [{"image": text}], "edit_mode": "swap", "prompt": "<<<video_1>>> <<<image_1>>>"}),
    "avatar": ("image", lambda text: {"image": text}),
    "effects": ("input.image", lambda text: {"input": {"image": text}}),
    "element": ("element_image_list.frontal_image", lambda text: {
        "element_image_list": {"frontal_image": text, "refer_images": [{"image_url": image}]}}),
    "old element": ("element_refer_list[0].image_url", lambda text: {"element_refer_list": [{"image_url": text}]}),
}  # fmt: skip


@pytest.fixture(scope="module")
async def refusal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Refusal]:
    async with refusing(tmp_path_factory.mktemp("rules")) as refused:
        yield lambda endpoint, changes: refused(paths[endpoint], {**bases[endpoint], **changes})


picture_cases = [  # no ratio is published for a try-on
    (endpoint, rule) for rule in picture_rule for endpoint in pictures if (endpoint, rule) != ("try-on", "too thin")
]


@pytest.mark.parametrize(("endpoint", "rule"), picture_cases)
async def test_every_picture_is_looked_at(refusal: Refusal, endpoint: str, rule: str) -> None:
    (name, body), (text, message) = pictures[endpoint], picture_rule[rule]
    assert await refusal(endpoint, body(text)) == f"400/1201 {name} {message}"


required = [
    (endpoint, name)
    for endpoint, names in {
        "expand": ("image", "up_expansion_ratio", "down_expansion_ratio", "left_expansion_ratio",
                   "right_expansion_ratio"),
        "try-on": ("human_image", "cloth_image"),
        "angles": ("element_frontal_image",),
        "recognize": ("image",),
        "omni": ("prompt", "aspect_ratio"),
        "multi": ("image_list", "prompt"),
        "extend": ("video_id",),
        "add": ("session_id", "frame_index", "points"),
        "delete": ("session_id", "frame_index", "points"),
        "clear": ("session_id",),
        "preview": ("session_id",),
        "edit": ("session_id", "edit_mode", "prompt"),
        "lips": ("session_id", "face_choose"),
        "old lips": ("input",),
        "avatar": ("image",),
        "effects": ("effect_scene", "input"),
        "sound": ("prompt", "duration"),
        "tts": ("text", "voice_id", "voice_language"),
        "element": ("element_name", "element_description", "reference_type", "element_image_list"),
        "old element": ("element_name", "element_description", "element_frontal_image", "element_refer_list"),
        "delete element": ("element_id",),
        "voice": ("voice_name",),
        "delete voice": ("voice_id",),
    }.items()
    for name in names
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "name"), required)
async def test_a_required_field_is_required(refusal: Refusal, endpoint: str, name: str) -> None:
    assert await refusal(endpoint, {name: None}) == f"400/1200 {name} is required"


@pytest.mark.parametrize("endpoint", bases)
async def test_a_field_that_the_page_does_not_list_is_refused(refusal: Refusal, endpoint: str) -> None:
    assert await refusal(endpoint, {"seed": 1}) == "400/1201 field 'seed' is not supported"


@pytest.mark.parametrize("endpoint", ["recognize", "faces", "init", "add", "clear", "preview", "tts", "delete voice"])
async def test_a_synchronous_call_takes_no_id_of_the_caller(refusal: Refusal, endpoint: str) -> None:
    expected = "400/1201 field 'external_task_id' is not supported"
    assert await refusal(endpoint, {"external_task_id": "job-1"}) == expected


clips: dict[str, tuple[str, Any]] = {
    "omni": ("video_list[0].video_url", lambda url: {"video_list": [{"video_url": url}]}),
    "init": ("video_url", lambda url: {"video_url": url}),
    "faces": ("video_url", lambda url: {"video_url": url}),
    "old lips": ("input.video_url", lambda url: {"input": {"video_url": url, "mode": "text2video"}}),
    "dub": ("video_url", lambda url: {"video_url": url}),
    "element": ("element_video_list.refer_videos[0].video_url", lambda url: {
        **actor, "element_video_list": {"refer_videos": [{"video_url": url}]}}),
    "voice": ("voice_url", lambda url: {"voice_url": url}),
}  # fmt: skip
full_hd = "expected 1080p of 16:9 or 9:16"


@pytest.mark.parametrize(
    ("endpoint", "file", "message"),
    [
        ("omni", "film.mp4", "duration is invalid: 16.5s, expected 3s to 15s"),
        ("omni", "short.mp4", "duration is invalid: 2.0s, expected 3s to 15s"),
        ("omni", "narrow.mp4", "resolution is invalid: 500x900, sides must be 720px to 2160px"),
        ("omni", "large.mp4", "resolution is invalid: 3840x2160, sides must be 720px to 2160px"),
        ("omni", "slow.mp4", "frame rate is invalid: 12.00, expected 24fps to 60fps"),
        ("omni", "dance.webm", "format is invalid: webm, expected mp4 or mov"),
        ("init", "pause.mp4", "duration is invalid: 6.0s, expected 2s to 5s or 7s to 10s"),
        ("init", "long.mp4", "duration is invalid: 12.0s, expected 2s to 5s or 7s to 10s"),
        ("init", "pal.mp4", "frame rate is invalid: 25.00, expected 24fps or 30fps or 60fps"),
        ("init", "narrow.mp4", "resolution is invalid: 500x900, sides must be 720px to 2160px"),
        ("faces", "narrow.mp4", "resolution is invalid: 500x900, sides must be 512px to 2160px"),
        ("faces", "page.html", "cannot be read"),
        ("old lips", "large.mp4", "resolution is invalid: 3840x2160, sides must be 720px to 1920px"),
        ("dub", "endless.mp4", "duration is invalid: 31.0s, expected 3s to 20s"),
        ("dub", "short.mp4", "duration is invalid: 2.0s, expected 3s to 20s"),
        ("element", "street.mp4", f"resolution is invalid: 1280x720, {full_hd}"),
        ("element", "square.mp4", f"resolution is invalid: 1080x1080, {full_hd}"),
        ("element", "film.mp4", "duration is invalid: 16.5s, expected 3s to 8s"),
        ("voice", "endless.mp4", "duration is invalid: 31.0s, expected 5s to 30s"),
        ("voice", "line.mp3", "duration is invalid: 4.0s, expected 5s to 30s"),
        ("voice", "talk.m4a", "format is invalid: m4a, expected mp4 or mov"),
        ("voice", "silent.mp4", "has no sound"),
    ],
)
async def test_every_clip_is_looked_at(refusal: Refusal, endpoint: str, file: str, message: str) -> None:
    name, body = clips[endpoint]
    assert await refusal(endpoint, body(at(file))) == f"400/1201 {name} {message}"


@pytest.mark.parametrize("endpoint", clips)
async def test_a_clip_comes_by_url_only(refusal: Refusal, endpoint: str) -> None:
    name, body = clips[endpoint]
    assert await refusal(endpoint, body(image)) == f"400/1201 {name} must be a URL"


@pytest.mark.parametrize("endpoint", ["init", "faces", "dub"])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"video_url": None}, "400/1200 video_id or video_url is required"),
        ({"video_id": "$clip"}, "400/1201 video_id and video_url cannot be used together"),
        ({"video_url": None, "video_id": "17"},
         "400/1201 video_id value '17' is invalid, video not found or expired"),
        ({"video_url": None, "video_id": "$line"},
         "400/1201 video_id value '$line' is invalid, video not found or expired"),
    ],
)  # fmt: skip
async def test_a_clip_is_named_once_and_by_an_id_of_this_account(
    refusal: Refusal, endpoint: str, changes: Any, expected: str
) -> None:
    assert await refusal(endpoint, changes) == expected


line = {"face_id": "0", "sound_file": at("line.mp3")} | {f"sound_{name}_time": 0 for name in ("start", "insert")}


def choosing(**changes: Any) -> dict[str, Any]:
    return {"face_choose": [{**line, "sound_end_time": 3000, **changes}]}


def speaking(**changes: Any) -> dict[str, Any]:
    return {"input": {"video_url": street, "mode": "audio2video", "audio_type": "url", "audio_url": at("line.mp3"),
                      **changes}}  # fmt: skip


eleven = [{"x": number / 100, "y": 0.5} for number in range(10)]


@pytest.mark.parametrize(
    ("endpoint", "changes", "expected"),
    [
        # pictures
        ("expand", {"up_expansion_ratio": 2, "down_expansion_ratio": 0.5},
         "400/1201 the expanded image must not exceed 3 times the area of the original image"),
        ("expand", {"left_expansion_ratio": 2.5},
         "400/1201 left_expansion_ratio value '2.5' is invalid, the range is [0, 2]"),
        ("expand", {"n": 10}, "400/1201 n value '10' is invalid, the range is [1, 9]"),
        ("try-on", {"model_name": "kolors-v3"}, "404/1203 model kolors-v3 is not supported for this API"),
        ("angles", {"watermark_info": {"enabled": True}}, "400/1201 field 'watermark_info' is not supported"),
        ("picture", {"model_name": "kling-v1", "aspect_ratio": "21:9"},
         "400/1201 aspect_ratio value '21:9' is invalid"),
        ("picture", {"model_name": "kling-v2-new"}, "400/1200 image is required"),
        ("picture", {"element_list": [{"element_id": "x"}]},
         "400/1200 element_list[0].element_id must be an integer"),
        # omni
        ("omni", {"model_name": "kling-v3"}, "400/1201 model is not supported: kling-v3"),
        ("omni", {"model_name": "kling-o1"}, "404/1203 model kling-o1 is not supported for this API"),
        ("omni", {"model_name": "kling-video-o1", "mode": "4k"}, "400/1201 mode value '4k' is invalid"),
        ("omni", {"model_name": "kling-video-o1", "sound": "on"},
         "400/1201 sound is not supported by model kling-video-o1"),
        ("omni", {"video_list": walk, "sound": "on"}, "400/1201 sound must be off when video_list is set"),
        ("omni", {"image_list": [plain] * 8}, "400/1201 image_list must have 0 to 7 items"),
        ("omni", {"image_list": [plain] * 5, "element_list": [{"element_id": 1}] * 3},
         "400/1201 the total of image_list and element_list cannot exceed 7"),
        ("omni", {"image_list": [plain] * 3, "element_list": [{"element_id": 1}] * 2, "video_list": walk},
         "400/1201 the total of image_list and element_list cannot exceed 4"),
        ("omni", {"image_list": [first, first]},
         "400/1201 image_list must have at most one first_frame and one end_frame"),
        ("omni", {"image_list": [last]}, "400/1201 end_frame requires first_frame"),
        ("omni", {"image_list": [first], "video_list": walk},
         "400/1201 first_frame and end_frame cannot be used with a base video"),
        ("omni", {"image_list": [first], "element_list": [{"element_id": 1}] * 4},
         "400/1201 element_list cannot exceed 3 when first_frame is set"),
        ("omni", {"model_name": "kling-video-o1", "image_list": [first, last], "element_list": [{"element_id": 1}]},
         "400/1201 element_list cannot be used with first_frame and end_frame"),
        ("omni", {"model_name": "kling-video-o1", "image_list": [first, plain, plain]},
         "400/1201 first_frame and end_frame are not supported with more than 2 images"),
        ("omni", {"image_list": [{"image_url": image, "type": "middle"}]},
         "400/1201 image_list[0].type value 'middle' is invalid"),
        ("omni", {"aspect_ratio": None, "video_list": [{**walk[0], "refer_type": "feature"}]},
         "400/1200 aspect_ratio is required"),
        ("omni", {"duration": "16"}, "400/1201 duration value '16' is invalid"),
        ("omni", {"model_name": "kling-video-o1", "duration": "12", "image_list": [plain]},
         "400/1201 duration value '12' is invalid"),
        ("omni", {"model_name": "kling-video-o1", "duration": "7"}, "400/1201 duration value '7' is invalid"),
        ("omni", {"model_name": "kling-video-o1", "duration": "7", "image_list": [first]},
         "400/1201 duration value '7' is invalid"),
        ("omni", {"multi_shot": True}, "400/1200 shot_type is required"),
        ("omni", {"model_name": "kling-video-o1", "multi_shot": True, "shot_type": "intelligence"},
         "400/1201 multi_shot is not supported by model kling-video-o1"),
        ("omni", {"multi_shot": True, "shot_type": "customize", "video_list": [{**walk[0], "refer_type": "feature"}],
                  "multi_prompt": [{"index": 1, "prompt": "a", "duration": "5"}]},
         "400/1201 shot_type must be intelligence when multi_shot is used with a feature video"),
        ("omni", {"model_name": "kling-video-o1", "element_list": [{"element_id": "$actor"}], "image_list": [plain]},
         "400/1201 model kling-video-o1 supports multi-image elements only"),
        ("omni", {"video_list": walk * 2}, "400/1201 video_list must have 0 to 1 items"),
        # older calls
        ("multi", {"model_name": "kling-v2-6"}, "400/1201 model is not supported: kling-v2-6"),
        ("multi", {"image_list": [{"image": image}] * 5}, "400/1201 image_list must have 1 to 4 items"),
        ("multi", {"duration": "7"}, "400/1201 duration value '7' is invalid"),
        ("extend", {"video_id": "$oldest", "cfg_scale": 0.5}, "400/1201 cfg_scale is not supported by model kling-v1"),
        ("extend", {"video_id": "$oldest", "negative_prompt": "n"},
         "400/1201 negative_prompt is not supported by model kling-v1"),
        ("old lips", speaking(mode="text2video"), "400/1200 input.text is required"),
        ("old lips", speaking(mode="text2video", text="Hello"), "400/1200 input.voice_id is required"),
        ("old lips", speaking(mode="text2video", text="a" * 121),
         "400/1201 input.text exceeds the maximum length of 120 characters"),
        ("old lips", speaking(audio_type=None), "400/1200 input.audio_type is required"),
        ("old lips", speaking(audio_type="file"), "400/1200 input.audio_file is required"),
        ("old lips", speaking(audio_url="AAAA"), "400/1201 input.audio_url must be a URL"),
        ("old lips", {**speaking(), "external_task_id": "a"}, "400/1201 field 'external_task_id' is not supported"),
        # multi-elements
        ("add", {"session_id": "S1"}, "400/1201 session_id value 'S1' is invalid or expired"),
        ("add", {"frame_index": 121}, "400/1201 frame_index value '121' is invalid"),
        ("add", {"points": [{"x": 1.5, "y": 0}]},
         "400/1201 points[0].x value '1.5' is invalid, the range is [0, 1]"),
        ("add", {"frame_index": 0, "points": eleven}, "400/1201 at most 10 points can be marked in a frame"),
        ("delete", {"points": [{"x": 0.5, "y": 0.41}]},
         "400/1201 points value (0.5, 0.41) is invalid, it is not marked in frame 0"),
        ("preview", {"session_id": "$empty"}, "400/1201 nothing is selected in this session"),
        ("edit", {"session_id": "$empty"}, "400/1201 nothing is selected in this session, removal needs a selection"),
        ("edit", {"image_list": [{"image": image}]},
         "400/1201 image_list must have 0 items when edit_mode is removal"),
        ("edit", {"edit_mode": "swap"}, "400/1201 image_list must have 1 items when edit_mode is swap"),
        ("edit", {"edit_mode": "addition"}, "400/1201 image_list must have 1 to 2 items when edit_mode is addition"),
        ("edit", {"prompt": "Delete it"}, "400/1201 prompt must mention <<<video_1>>>"),
        ("edit", {"edit_mode": "swap", "image_list": [{"image": image}]}, "400/1201 prompt must mention <<<image_1>>>"),
        ("edit", {"duration": "10"}, "400/1201 duration value '10' is invalid for a video of 5.0s"),
        ("edit", {"model_name": "kling-v3"}, "400/1201 model is not supported: kling-v3"),
        # lip-sync and avatar
        ("lips", {"session_id": "$selection", **choosing()},
         "400/1201 session_id value '$selection' is invalid or expired"),
        ("lips", {"face_choose": [line, line]}, "400/1201 face_choose must have 1 to 1 items"),
        ("lips", choosing(face_id="7"), "400/1201 face_choose[0].face_id value '7' is invalid"),
        ("lips", choosing(audio_id="1"),
         "400/1201 face_choose[0].audio_id and sound_file cannot be used together"),
        ("lips", choosing(sound_file=None), "400/1200 face_choose[0].audio_id or sound_file is required"),
        ("lips", choosing(sound_end_time=1999),
         "400/1201 the sound between sound_start_time and sound_end_time must be at least 2 seconds long"),
        ("lips", choosing(sound_end_time=4200),
         "400/1201 sound_end_time value '4200' is invalid, the sound ends at 4000"),
        ("lips", choosing(sound_insert_time=3100), "400/1201 the sound must overlap the face by at least 2 seconds"),
        ("lips", choosing(sound_insert_time=2400),
         "400/1201 the sound must not go on after the end of the video"),
        ("lips", choosing(sound_insert_time=-1), "400/1201 face_choose[0].sound_insert_time value '-1' is invalid"),
        ("lips", choosing(sound_volume=3),
         "400/1201 face_choose[0].sound_volume value '3' is invalid, the range is [0, 2]"),
        ("lips", choosing(sound_file=at("speech.wav")),
         "400/1201 face_choose[0].sound_file duration is invalid: 61.0s, expected 2s to 60s"),
        ("lips", choosing(sound_file=at("word.mp3")),
         "400/1201 face_choose[0].sound_file duration is invalid: 1.5s, expected 2s to 60s"),
        ("lips", choosing(sound_file=at("street.mp4")),
         "400/1201 face_choose[0].sound_file format is invalid: mp4, expected mp3, wav, m4a, aac"),
        ("avatar", {"audio_id": "$line"}, "400/1201 audio_id and sound_file cannot be used together"),
        ("avatar", {"sound_file": None, "audio_id": "$clip"},
         "400/1201 audio_id value '$clip' is invalid, audio not found or expired"),
        ("avatar", {"sound_file": at("heavy.mp3")}, "400/1201 sound_file size exceeds 5MB"),
        ("avatar", {"mode": "4k"}, "400/1201 mode value '4k' is invalid"),
        # effects and sound
        ("effects", {"input": {"images": [image, image]}}, "400/1200 input.image is required"),
        ("effects", {"effect_scene": "hug_pro"}, "400/1200 input.images is required"),
        ("effects", {"effect_scene": "hug_pro", "input": {"images": [image]}},
         "400/1201 input.images must have 2 to 2 items"),
        ("effects", {"input": {"image": image, "images": [image, image]}},
         "400/1201 input.image and input.images cannot be used together"),
        ("sound", {"duration": 2.9}, "400/1201 duration value '2.9' is invalid, the range is [3, 10]"),
        ("sound", {"duration": 3.25}, "400/1201 duration value '3.25' is invalid, expected one decimal"),
        ("sound", {"prompt": "a" * 201}, "400/1201 prompt exceeds the maximum length of 200 characters"),
        ("dub", {"bgm_prompt": "a" * 201}, "400/1201 bgm_prompt exceeds the maximum length of 200 characters"),
        ("dub", {"asmr_mode": "yes"}, "400/1200 asmr_mode must be a boolean"),
        ("tts", {"text": "a" * 1001}, "400/1201 text exceeds the maximum length of 1000 characters"),
        ("tts", {"text": " "}, "400/1200 text is required"),
        ("tts", {"voice_language": "fr"}, "400/1201 voice_language value 'fr' is invalid"),
        ("tts", {"voice_id": "$voice"}, "400/1201 Voice id not found"),
        ("tts", {"voice_id": "829000000000000101"}, "400/1201 Voice id not found"),
        # the library
        ("element", {"element_name": "a" * 21}, "400/1201 element_name exceeds the maximum length of 20 characters"),
        ("element", {"element_description": "a" * 101},
         "400/1201 element_description exceeds the maximum length of 100 characters"),
        ("element", {"reference_type": "video_refer"}, "400/1200 element_video_list is required"),
        ("element", {"element_image_list": {"frontal_image": image}},
         "400/1200 element_image_list.refer_images is required"),
        ("element", {"element_image_list": {"frontal_image": image, "refer_images": [{"image_url": image}] * 4}},
         "400/1201 element_image_list.refer_images must have 1 to 3 items"),
        ("element", {"element_voice_id": "oversea_male1"}, "400/1201 Voice id not found"),
        ("element", {"tag_list": [{"tag_id": "o_109"}]}, "400/1201 tag_id value 'o_109' is invalid"),
        ("delete element", {"element_id": "829000000000000001"},
         "400/1201 Element not found by id: 829000000000000001"),
        ("voice", {"video_id": "$clip"}, "400/1201 exactly one of voice_url and video_id is required"),
        ("voice", {"voice_url": None}, "400/1200 exactly one of voice_url and video_id is required"),
        ("voice", {"voice_url": None, "video_id": "$mute"},
         "400/1201 video_id value is invalid, expected a V2.6 clip with sound, an avatar or a lip-sync clip"),
        ("voice", {"voice_name": "a" * 21}, "400/1201 voice_name exceeds the maximum length of 20 characters"),
        ("delete voice", {"voice_id": "829000000000000101"}, "400/1201 Voice id not found"),
        ("start", {"callback_url": "ftp://example.org"}, "400/1201 callback_url value is invalid"),
        ("start", {"callback_url": "http://kling.com/hook"}, "400/1201 callback_url must be an HTTPS address"),
    ],
)  # fmt: skip
async def test_a_rule_is_kept(refusal: Refusal, endpoint: str, changes: Any, expected: str) -> None:
    assert await refusal(endpoint, changes) == expected
