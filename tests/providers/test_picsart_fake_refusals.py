"""What Picsart's fake refuses, and where it says so: one line a rule of picsart.md sections 2, 3, 6 and 7."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.picsart_fake_stage import (
    at,
    avatar,
    effects,
    good,
    i2v,
    motion,
    multi_image,
    of_keys,
    of_the_tool,
    omni,
    omni_image,
    picsart_at,
    plain_image,
    t2a,
    t2v,
    text_of,
    v2a,
)

pytestmark = pytest.mark.anyio

v3, turbo = {"model_name": "kling-v3", "prompt": "p"}, {"model_name": "kling-v3-turbo", "prompt": "p"}
v26 = {"model_name": "kling-v2-6", "prompt": "p"}
o3, o1 = {"model_name": "kling-v3-omni", "prompt": "p"}, {"model_name": "kling-video-o1", "prompt": "p"}
picture = {"image": at("wide.png")}
shots = [{"index": 0, "prompt": "a", "duration": "2"}, {"index": 1, "prompt": "b", "duration": "3"}]
cut = {"model_name": "kling-v3", "multi_shot": True, "shot_type": "customize", "multi_prompt": shots}
first = {"image_url": at("wide.png"), "type": "first_frame"}
last = {"image_url": at("wide.png"), "type": "end_frame"}
feature = {"video_url": at("dance.mp4"), "refer_type": "feature"}
base = {"video_url": at("dance.mp4"), "refer_type": "base"}
moving = good["kling-motion-control-v3"][1]
drawn = {"model_name": "kling-v2", "prompt": "p"}
composed = {"model_name": "kling-v2", "subject_image_list": [{"subject_image": at("wide.png")}]}
without_start = "cannot be used without a start frame"
modes = "mode must be one of: std, pro"
ratios = "aspect_ratio must be one of: 16:9, 9:16, 1:1"
seconds = f"duration must be one of: {', '.join(str(number) for number in range(3, 16))}"

rules: list[tuple[str, Any, str]] = [
    (t2v, [], "params must be an object"),
    (t2v, {"prompt": "p"}, "model_name is required"),
    (t2v, {**v3, "model_name": "kling-v1"}, "model_name must be one of: kling-v3, kling-v2-6, kling-v3-turbo"),
    (t2v, {"model_name": "kling-v3"}, "prompt is required"),
    (t2v, {**v3, "prompt": "p" * 2501}, "prompt must not exceed 2500 characters"),
    (t2v, {**v3, "prompt": 7}, "prompt must be a string"),
    (t2v, {**v3, "seed": 7}, "unknown parameter: seed"),
    (t2v, {**v3, "external_task_id": "x"}, "unknown parameter: external_task_id"),
    (t2v, {**v3, "duration": 5}, "duration must be a string"),
    (t2v, {**v3, "duration": "2"}, seconds),
    (t2v, {**v3, "aspect_ratio": "4:3"}, ratios),
    (t2v, {**v3, "mode": "8k"}, f"{modes}, 4k"),
    (t2v, {**v3, "sound": "off"}, "sound must be one of: on"),
    (t2v, {**v3, "sound": True}, "sound must be a string"),
    (t2v, {**v3, "cfg_scale": 0.5}, "unknown parameter: cfg_scale"),
    (t2v, {**v3, **picture}, f"image {without_start}"),
    (t2v, {**v3, "image_tail": at("wide.png")}, f"image_tail {without_start}"),
    (t2v, {**v3, "element_list": [{"element_id": "1"}]}, f"element_list {without_start}"),
    (t2v, {**v3, "options": {"drive": {"place": 1}}}, "unknown parameter: options.drive.place"),
    (t2v, {**v3, "shot_type": "customize"}, "shot_type cannot be used without multi_shot"),
    (t2v, {**v3, "voice_list": [{"voice_id": "1"}]}, "voice_list needs sound"),
    (t2v, {**v3, "sound": "on", "voice_list": [{"voice_id": str(n)} for n in range(3)]},
     "voice_list must hold 1 to 2 items"),
    (t2v, {**cut, "prompt": "p"}, "prompt cannot be used with multi_prompt"),
    (t2v, {**cut, "duration": "6"}, "the durations of multi_prompt must add up to duration"),
    (t2v, {**cut, "multi_prompt": [*shots, {"index": 3, "prompt": "c", "duration": "1"}]},
     "multi_prompt index values must be consecutive, beginning with 0 or 1"),
    (t2v, {**cut, "multi_prompt": [{"prompt": "c", "duration": "5"}]}, "multi_prompt[0].index is required"),
    (t2v, {**cut, "multi_prompt": [{"index": 0, "prompt": "c", "duration": "5.0"}]},
     "multi_prompt[0].duration must be whole seconds"),
    (t2v, {**cut, "multi_prompt": shots * 4}, "multi_prompt must hold 1 to 6 items"),
    (t2v, {"model_name": "kling-v3", "multi_shot": True, "prompt": "p"}, "shot_type is required"),
    (t2v, {**v3, "multi_shot": True, "shot_type": "customize"}, "multi_prompt is required"),
    (t2v, {"model_name": "kling-v3", "multi_shot": True, "shot_type": "intelligence"},
     "prompt or multi_prompt is required"),
    (t2v, {**v26, "duration": "4"}, "duration must be one of: 5, 10"),
    (t2v, {**v26, "mode": "4k"}, modes),
    (t2v, {**v26, "cfg_scale": 0.55}, "cfg_scale must be a multiple of 0.1"),
    (t2v, {**v26, "multi_shot": True}, "unknown parameter: multi_shot"),
    (t2v, {**turbo, "sound": "on"}, "unknown parameter: sound"),
    (t2v, {**turbo, "mode": "std"}, "unknown parameter: mode"),
    (t2v, {**turbo, "resolution": "4k"}, "resolution must be one of: 720p, 1080p"),
    (i2v, v3, "image is required"),
    (i2v, {**v3, "image": "aGVsbG8="}, "image must be a URL"),
    (i2v, {**v3, "image": at("missing.png")}, "image cannot be downloaded"),
    (i2v, {**v3, "image": at("dance.mp4")}, "image must be of type image, not video"),
    (i2v, {**v3, **picture, "image_tail": at("tall.png")}, "image_tail cannot be used with mode std"),
    (i2v, {**cut, **picture}, "image cannot be used with multi_shot"),
    (i2v, {**v3, **picture, "sound": "on", "voice_list": [{"voice_id": "1"}], "element_list": [{"element_id": 1}]},
     "element_list cannot be used with voice_list"),
    (i2v, {**turbo, **picture, "image_tail": at("tall.png")}, "unknown parameter: image_tail"),
    (omni, {**o3, "image_list": [first], "aspect_ratio": "1:1"}, "aspect_ratio cannot be used with a first frame"),
    (omni, {**o3, "image_list": [first, first]}, "image_list must hold at most one first_frame and one end_frame"),
    (omni, {**o3, "image_list": [last]}, "end_frame needs first_frame"),
    (omni, {**o3, "image_list": [{"image_url": "u"}] * 11}, "image_list must hold 1 to 10 items"),
    (omni, {**o3, "image_list": ["u"]}, "image_list[0] must be an object"),
    (omni, {**o3, "video_list": [base], "duration": "5"}, "duration cannot be used with a base video"),
    (omni, {**o3, "video_list": [base], "aspect_ratio": "1:1"}, "aspect_ratio cannot be used with a base video"),
    (omni, {**o3, "video_list": [feature], "sound": "on"}, "sound cannot be used with a reference video"),
    (omni, {**o3, "video_list": [feature], "mode": "4k"}, "mode 4k cannot be used with a reference video"),
    (omni, {**o3, "video_list": [{"video_url": at("dance.mp4")}]}, "video_list[0].refer_type is required"),
    (omni, {**o3, "video_list": [feature, feature]}, "video_list must hold 1 to 1 items"),
    (omni, {**o3, "element_list": [{"element_id": 7}]}, "element_list[0].element_id must be a string"),
    (omni, {**o3, "multi_shot": True, "shot_type": "intelligence"}, "shot_type must be one of: customize"),
    (omni, {**o3, "resolution": "4k"}, "unknown parameter: resolution"),
    (omni, {**o1, "image_list": [first]}, "unknown parameter: image_list"),
    (omni, {**o1, "duration": "7"}, "duration must be one of: 5, 10"),
    (motion, {**moving, "model_name": "kling-v3-omni"}, "model_name must be one of: kling-v3, kling-v2-6"),
    (motion, {**moving, "resolution": "720p"}, "unknown parameter: resolution"),
    (motion, {**moving, "video_url": at("long.mp4")}, "video_url must not be longer than 10 seconds"),
    (motion, {**moving, "character_orientation": "video", "video_url": at("endless.mp4")},
     "video_url must not be longer than 30 seconds"),
    (motion, {"model_name": "kling-v3", "image_url": at("wide.png")}, "video_url is required"),
    (avatar, {"image": at("wide.png")}, "sound_file is required"),
    (avatar, {"image": at("wide.png"), "audio_id": "17"}, "audio_id is not known"),
    (avatar, {"image": at("wide.png"), "sound_file": at("dance.mp4")}, "sound_file must be of type audio, not video"),
    (effects, {"effect_scene": "no_such", **picture}, "effect_scene is not known: no_such"),
    (effects, {"effect_scene": "hug_pro", **picture}, "effect_scene hug_pro needs two images"),
    (effects, {"effect_scene": "emoji", "images": [at("wide.png")]}, "images must hold 2 to 2 items"),
    (effects, {"effect_scene": "emoji", **picture, "images": [at("wide.png")] * 2}, "image cannot be used with images"),
    (effects, {"effect_scene": "emoji"}, "image is required"),
    (omni_image, {"model_name": "kling-image-o1", "prompt": "p", "resolution": "4k"},
     "resolution must be one of: 1k, 2k"),
    (omni_image, {"model_name": "kling-v3-omni", "prompt": "p", "n": 10}, "n must be between 1 and 9"),
    (omni_image, {"model_name": "kling-v3-omni", "prompt": "p", "n": "2"}, "n must be an integer"),
    (plain_image, {**drawn, "model_name": "kling-v2-new"}, "image is required"),
    (plain_image, {**drawn, "model_name": "kling-v1-5"}, "image is required"),
    (plain_image, {**drawn, "image_reference": "face"}, "unknown parameter: image_reference"),
    (plain_image, {**drawn, "image_fidelity": 50}, "image_fidelity must be between 0 and 1"),
    (plain_image, {**drawn, "human_fidelity": 0.42}, "human_fidelity must be a multiple of 0.05"),
    (plain_image, {**drawn, "resolution": "1k"}, "unknown parameter: resolution"),
    (multi_image, {**composed, "subject_image_list": []}, "subject_image_list must hold 1 to 4 items"),
    (multi_image, {"model_name": "kling-v2"}, "subject_image_list is required"),
    (multi_image, {**composed, "prompt": "p" * 2501}, "prompt must not exceed 2500 characters"),
    (t2a, {"prompt": "rain", "duration": "5"}, "duration must be a number"),
    (t2a, {"prompt": "rain", "duration": 5.2}, "duration must be a multiple of 0.5"),
    (t2a, {"prompt": "rain", "duration": 10.5}, "duration must be between 3 and 10"),
    (t2a, {"prompt": ""}, "prompt is required"),
    (v2a, {}, "video_url is required"),
]  # fmt: skip


async def test_what_the_page_does_not_allow_is_refused_and_costs_nothing(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        found = [(params, await stage.refusal(workflow, params)) for workflow, params, _ in rules]
    assert found == [(params, f"400 {text}") for _, params, text in rules]


async def test_a_refusal_stands_in_all_its_places(tmp_path: Path) -> None:
    places: set[str] = set()
    async with picsart_at(tmp_path) as stage:
        for _ in range(30):
            places |= set((await stage.post(v2a, "submit", {})).json())
    assert places == {"error", "message", "reason", "response"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "401 Unauthorized: the Authorization header is missing"),
        ({**of_keys, "authorization": "Basic simulated-key"}, "401 Unauthorized: the token is not valid"),
        ({**of_keys, "authorization": "Bearer stranger"}, "401 Unauthorized: the token is not valid"),
        ({"authorization": "Bearer simulated-key"}, "400 the platform header must be api"),
        ({**of_keys, "X-Touchpoint": "cli"}, "400 the x-touchpoint header must be sdk"),
        ({**of_the_tool, "country-code": "FR"}, "400 the country-code header must be US"),
        ({**of_the_tool, "user-id": ""}, "401 Unauthorized: the user-id header is empty"),
        (of_keys, "400 video_url is required"),
        (of_the_tool, "400 video_url is required"),
    ],
)
async def test_a_caller_is_known_by_token_and_headers(tmp_path: Path, headers: dict[str, str], expected: str) -> None:
    async with picsart_at(tmp_path, headers=headers) as stage:
        assert await stage.refusal(v2a, {}) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (("units", "picsart.balance=29"), {"402 Payment required", "400 Insufficient credits",
                                 "402 You have insufficient credits"}),
        (("pool", "video=1"), {"429 Too many generations at once"}),
        (("account", "arrears"), {"402 Payment required"}),
        (("account", "blocked"), {"403 The address is not allowed"}),
        (("forbidden", "kling-v3"), {"403 This model is not available for the account"}),
        (("fault", "throttled=1"), {"429 Too many requests"}),
        (("fault", "moderated=1"), {"400 The request was refused by content moderation"}),
        (("fault", "error-before=1"), {"503 Service unavailable"}),
    ],
)  # fmt: skip
async def test_an_account_in_trouble_is_told_so(tmp_path: Path, setting: tuple[str, str], expected: set[str]) -> None:
    async with picsart_at(tmp_path, setting) as stage:
        if setting[0] == "pool":
            await stage.task(t2v, v3)
        assert {await stage.refusal(t2v, v3) for _ in range(20)} == expected


async def test_wrong_ways_and_bodies_are_named(tmp_path: Path) -> None:
    async with picsart_at(tmp_path) as stage:
        root = f"/workflows/{t2v}"
        answers = [
            await stage.client.get(f"{root}/submit"),
            await stage.client.post("/workflows/kling-dream/submit", json={}),
            await stage.client.post(f"{root}/submit", content=b"{"),
            await stage.client.post(f"{root}/submit", json={"params": v3, "count": 2}),
        ]
    assert [f"{answer.status_code} {text_of(answer.json())}" for answer in answers] == [
        "405 Method not allowed",
        "404 Not found",
        "400 the request body is not JSON",
        "400 unknown field: count",
    ]
