"""The whole create request of every kind that makes clips, on both standards. Shapes: kling.md section 12."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json, Request
from tests.providers.kling_paper_jobs import clip, handed, media, paper_job

provider = KlingProvider()


def submitted(job: Job) -> Request:
    return provider.submit(job, handed(job))


def created(path: str, job: Job, body: Json) -> Request:
    return Request("POST", path, body={**body, "external_task_id": job.external_id}, creates=True)


def on_path(path: str, job: Job, body: Json) -> Request:
    return Request("POST", path, body={**body, "options": {"external_task_id": job.external_id}}, creates=True)


def test_text_to_video() -> None:
    parameters = {"prompt": "a fox", "duration": 7, "mode": "4k", "sound": True, "aspect_ratio": "16:9"}
    job = paper_job("text-to-video", "kling-v3", parameters)
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v3", "prompt": "a fox", "sound": "on", "mode": "4k", "duration": "7",
        "aspect_ratio": "16:9",
    })  # fmt: skip


def test_text_to_video_in_shots() -> None:
    shots = [{"prompt": "a kettle", "duration": 3}, {"prompt": "steam", "duration": 2}]
    job = paper_job("text-to-video", "kling-v3", {"shots": shots, "duration": 5, "sound": False})
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v3", "multi_shot": True, "shot_type": "customize",
        "multi_prompt": [{"index": 1, "prompt": "a kettle", "duration": "3"},
                         {"index": 2, "prompt": "steam", "duration": "2"}],
        "sound": "off", "duration": "5",
    })  # fmt: skip


def test_text_to_video_cut_by_the_model() -> None:
    job = paper_job("text-to-video", "kling-v3", {"prompt": "a day", "shots": "auto"})
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v3", "prompt": "a day", "multi_shot": True, "shot_type": "intelligence",
    })  # fmt: skip


def test_text_to_video_with_a_camera_movement_on_a_retired_model() -> None:
    camera = {"type": "simple", "config": {"zoom": 5}}
    parameters = {"prompt": "a hall", "camera_control": camera, "cfg_scale": 0.7, "negative_prompt": "people"}
    job = paper_job("text-to-video", "kling-v1", parameters)
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v1", "prompt": "a hall", "negative_prompt": "people", "cfg_scale": 0.7,
        "camera_control": camera,
    })  # fmt: skip


def test_image_to_video_with_both_frames_and_elements() -> None:
    parameters = {"prompt": "<<<element_1>>> turns", "elements": [321922438904313987], "watermark": True}
    job = paper_job("image-to-video", "kling-v3", parameters, ["image", "image_tail"])
    assert submitted(job) == created("/v1/videos/image2video", job, {
        "model_name": "kling-v3", "image": media + "image", "image_tail": media + "image_tail",
        "prompt": "<<<element_1>>> turns", "element_list": [{"element_id": 321922438904313987}],
        "watermark_info": {"enabled": True},
    })  # fmt: skip


def test_image_to_video_with_a_wired_and_a_written_voice() -> None:
    parameters = {"prompt": "<<<voice_1>>> speaks", "mode": "pro", "sound": True, "voices": ["", "930801338081615883"]}
    job = paper_job("image-to-video", "kling-v2-6", parameters, ["image", "voices[0]"])
    assert submitted(job) == created("/v1/videos/image2video", job, {
        "model_name": "kling-v2-6", "image": media + "image", "prompt": "<<<voice_1>>> speaks", "sound": "on",
        "mode": "pro", "voice_list": [{"voice_id": "id of voices[0]"}, {"voice_id": "930801338081615883"}],
    })  # fmt: skip


def test_image_to_video_with_masks_on_a_retired_model() -> None:
    path = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
    wired = ["image", "static_mask", "dynamic_masks[0].mask"]
    job = paper_job("image-to-video", "kling-v1", {"prompt": "sway", "dynamic_masks": [{"trajectories": path}]}, wired)
    assert submitted(job) == created("/v1/videos/image2video", job, {
        "model_name": "kling-v1", "image": media + "image", "prompt": "sway", "static_mask": media + "static_mask",
        "dynamic_masks": [{"mask": media + "dynamic_masks[0].mask", "trajectories": path}],
    })  # fmt: skip


def test_motion_control() -> None:
    parameters = {"character_orientation": "image", "keep_original_sound": False, "mode": "std", "elements": ["12"]}
    job = paper_job("motion-control", "kling-v3", parameters, ["image", "video"])
    assert submitted(job) == created("/v1/videos/motion-control", job, {
        "model_name": "kling-v3", "image_url": media + "image", "video_url": media + "video",
        "character_orientation": "image", "mode": "std", "keep_original_sound": "no",
        "element_list": [{"element_id": 12}],
    })  # fmt: skip


def test_several_references_go_to_omni_video_on_omni_models() -> None:
    parameters = {"prompt": "they meet", "mode": "pro", "duration": 6, "sound": True, "negative_prompt": "is unknown"}
    job = paper_job("multi-image-to-video", "kling-v3-omni", parameters, ["references[0]", "references[1]"])
    assert submitted(job) == created("/v1/videos/omni-video", job, {
        "model_name": "kling-v3-omni", "prompt": "they meet",
        "image_list": [{"image_url": media + "references[0]"}, {"image_url": media + "references[1]"}],
        "sound": "on", "mode": "pro", "aspect_ratio": "16:9", "duration": "6",
    })  # fmt: skip


def test_several_references_on_the_retired_model_have_an_endpoint_of_their_own() -> None:
    parameters = {"prompt": "they meet", "negative_prompt": "rain", "mode": "std", "duration": 5, "aspect_ratio": "1:1"}
    job = paper_job("multi-image-to-video", "kling-v1-6", parameters, ["references[0]", "references[1]"])
    assert submitted(job) == created("/v1/videos/multi-image2video", job, {
        "model_name": "kling-v1-6", "image_list": [{"image": media + f"references[{place}]"} for place in (0, 1)],
        "prompt": "they meet", "negative_prompt": "rain", "mode": "std", "duration": "5", "aspect_ratio": "1:1",
    })  # fmt: skip


def test_omni_video_puts_references_before_the_frames() -> None:
    parameters = {"prompt": "<<<image_1>>> leaves", "elements": ["", "7"], "mode": "4k", "duration": 8, "sound": False}
    wired = ["image_tail", "image", "references[1]", "references[0]", "elements[0]"]
    job = paper_job("omni-video", "kling-v3-omni", parameters, wired)
    assert submitted(job) == created("/v1/videos/omni-video", job, {
        "model_name": "kling-v3-omni", "prompt": "<<<image_1>>> leaves",
        "image_list": [
            {"image_url": media + "references[0]"},
            {"image_url": media + "references[1]"},
            {"image_url": media + "image", "type": "first_frame"},
            {"image_url": media + "image_tail", "type": "end_frame"},
        ],
        "element_list": [{"element_id": "id of elements[0]"}, {"element_id": 7}],
        "sound": "off", "mode": "4k", "duration": "8",
    })  # fmt: skip


def test_omni_video_edits_its_clip_unless_told_otherwise() -> None:
    parameters = {"prompt": "make it snow", "keep_original_sound": True, "mode": "pro", "duration": 5}
    job = paper_job("omni-video", "kling-video-o1", parameters, ["video"])
    assert submitted(job) == created("/v1/videos/omni-video", job, {
        "model_name": "kling-video-o1", "prompt": "make it snow", "mode": "pro",
        "video_list": [{"video_url": media + "video", "refer_type": "base", "keep_original_sound": "yes"}],
    })  # fmt: skip


def test_omni_video_takes_a_clip_for_its_style() -> None:
    parameters = {"prompt": "a dog, as in <<<video_1>>>", "refer_type": "feature", "duration": 4, "shots": "auto",
                  "aspect_ratio": "9:16", "keep_original_sound": False}  # fmt: skip
    job = paper_job("omni-video", "kling-v3-omni", parameters, ["video", "references[0]"])
    assert submitted(job) == created("/v1/videos/omni-video", job, {
        "model_name": "kling-v3-omni", "prompt": "a dog, as in <<<video_1>>>", "multi_shot": True,
        "shot_type": "intelligence", "image_list": [{"image_url": media + "references[0]"}],
        "video_list": [{"video_url": media + "video", "refer_type": "feature", "keep_original_sound": "no"}],
        "aspect_ratio": "9:16", "duration": "4",
    })  # fmt: skip


def test_omni_video_in_shots_needs_no_prompt() -> None:
    shots = [{"prompt": "a kettle", "duration": 3}, {"prompt": "steam", "duration": 2}]
    job = paper_job("omni-video", "kling-v3-omni", {"shots": shots, "duration": 5, "prompt": "is ignored"})
    assert submitted(job) == created("/v1/videos/omni-video", job, {
        "model_name": "kling-v3-omni", "multi_shot": True, "shot_type": "customize",
        "multi_prompt": [{"index": 1, "prompt": "a kettle", "duration": "3"},
                         {"index": 2, "prompt": "steam", "duration": "2"}],
        "aspect_ratio": "16:9", "duration": "5",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("", "Based on <<<video_1>>>, generate the next shot"),
        ("she waves", "Based on <<<video_1>>>, generate the next shot: she waves"),
        ("after <<<video_1>>> she waves", "after <<<video_1>>> she waves"),
        ("x" * 2480, "x" * 2480),
    ],
)
def test_going_on_from_a_clip_is_asked_for_in_words_where_they_fit(written: str, sent: str) -> None:
    job = paper_job("extend-video", "kling-v3-omni", {"prompt": written, "mode": "std", "duration": 5}, ["video"])
    assert submitted(job) == created("/v1/videos/omni-video", job, {
        "model_name": "kling-v3-omni", "prompt": sent, "mode": "std", "aspect_ratio": "16:9", "duration": "5",
        "video_list": [{"video_url": media + "video", "refer_type": "feature"}],
    })  # fmt: skip


@pytest.mark.parametrize(("sides", "ratio"), [((720, 1280), "9:16"), ((960, 960), "1:1"), ((0, 0), "16:9")])
def test_a_clip_goes_on_in_its_own_shape(sides: tuple[int, int], ratio: str) -> None:
    facts = {"video": replace(clip, width=sides[0], height=sides[1])}
    body = submitted(paper_job("extend-video", "kling-v3-omni", {}, ["video"], facts=facts)).body
    assert body is not None
    assert body["aspect_ratio"] == ratio


def test_extending_on_the_retired_endpoint_names_the_clip_by_its_id() -> None:
    parameters = {"prompt": "the boat lands", "negative_prompt": "rain", "cfg_scale": 0.4}
    job = paper_job("extend-video", "kling-video-extend", parameters, ["video"])
    request = provider.submit(job, {"video": Handed(id="812345678901234567")})
    assert request == created("/v1/videos/video-extend", job, {
        "video_id": "812345678901234567", "prompt": "the boat lands", "negative_prompt": "rain", "cfg_scale": 0.4,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("handed_over", "sent"),
    [
        (Handed(url="https://m.example.org/a.mp3"), {"sound_file": "https://m.example.org/a.mp3"}),
        (Handed(base64="SUQz"), {"sound_file": "SUQz"}),
        (Handed(id="930000000000000001"), {"audio_id": "930000000000000001"}),
    ],
)
def test_an_avatar_speaks_a_file_or_speech_made_here(handed_over: Handed, sent: Json) -> None:
    job = paper_job("avatar", "kling-avatar", {"prompt": "small nods", "mode": "pro"}, ["image", "audio"])
    request = provider.submit(job, {"image": Handed(url=media + "image"), "audio": handed_over})
    assert request == created("/v1/videos/avatar/image2video", job, {
        "image": media + "image", **sent, "prompt": "small nods", "mode": "pro",
    })  # fmt: skip


def test_effects_on_one_picture_and_on_two() -> None:
    one = paper_job("effects", "kling-video-effects", {"effect": "pet_diving"}, ["images[0]"])
    two = paper_job("effects", "kling-video-effects", {"effect": "hug_pro"}, ["images[1]", "images[0]"])
    assert submitted(one) == created("/v1/videos/effects", one, {
        "effect_scene": "pet_diving", "input": {"image": media + "images[0]"},
    })  # fmt: skip
    assert submitted(two) == created("/v1/videos/effects", two, {
        "effect_scene": "hug_pro", "input": {"images": [media + "images[0]", media + "images[1]"]},
    })  # fmt: skip


def test_path_text_to_video_on_the_turbo_model_says_nothing_of_sound() -> None:
    parameters = {"prompt": "a fox", "duration": 3, "aspect_ratio": "1:1", "mode": "std"}
    job = paper_job("text-to-video", "kling-v3-turbo", parameters)
    assert submitted(job) == on_path("/text-to-video/kling-3.0-turbo", job, {
        "prompt": "a fox", "settings": {"resolution": "720p", "duration": 3, "aspect_ratio": "1:1"},
    })  # fmt: skip


def test_path_shots_become_prompt_syntax() -> None:
    shots = [{"prompt": "a kettle boils", "duration": 3}, {"prompt": "steam", "duration": 2}]
    job = paper_job("text-to-video", "kling-v3-turbo", {"shots": shots, "mode": "pro", "duration": 5})
    assert submitted(job) == on_path("/text-to-video/kling-3.0-turbo", job, {
        "prompt": "shot 1, 3, a kettle boils; shot 2, 2, steam;",
        "settings": {"resolution": "1080p", "duration": 5},
    })  # fmt: skip


def test_path_image_to_video_on_the_turbo_model() -> None:
    job = paper_job("image-to-video", "kling-v3-turbo", {"prompt": "she smiles", "watermark": True}, ["image"])
    assert submitted(job) == Request("POST", "/image-to-video/kling-3.0-turbo", creates=True, body={
        "contents": [{"type": "prompt", "text": "she smiles"}, {"type": "first_frame", "url": media + "image"}],
        "settings": {},
        "options": {"external_task_id": job.external_id, "watermark_info": {"enabled": True}},
    })  # fmt: skip


def test_a_long_prompt_goes_through_the_path_model_with_mentions_rewritten() -> None:
    words = "<<<element_1>>> opens the gate " + "x" * 2500
    parameters = {"prompt": words, "sound": True, "elements": ["321922438904313"], "mode": "4k", "duration": 5}
    job = paper_job("image-to-video", "kling-v3", parameters, ["image", "image_tail"])
    assert submitted(job) == on_path("/image-to-video/kling-3.0", job, {
        "contents": [
            {"type": "prompt", "text": "@element_1 opens the gate " + "x" * 2500},
            {"type": "first_frame", "url": media + "image"},
            {"type": "last_frame", "url": media + "image_tail"},
            {"type": "element", "element_id": "321922438904313", "id": "element_1"},
        ],
        "settings": {"multi_shot": False, "audio": "native", "resolution": "4k", "duration": 5},
    })  # fmt: skip


def test_a_long_prompt_of_an_omni_video_numbers_its_pictures_as_before() -> None:
    words = "<<<image_1>>> meets <<<element_1>>> " + "x" * 2500
    parameters = {"prompt": words, "sound": True, "elements": [""], "mode": "pro", "duration": 9}
    wired = ["references[0]", "image", "image_tail", "elements[0]"]
    job = paper_job("omni-video", "kling-v3-omni", parameters, wired)
    assert submitted(job) == on_path("/omni-video/kling-3.0-omni", job, {
        "contents": [
            {"type": "prompt", "text": "@image_1 meets @element_1 " + "x" * 2500},
            {"type": "refer_image", "url": media + "references[0]", "id": "image_1"},
            {"type": "first_frame", "url": media + "image", "id": "image_2"},
            {"type": "last_frame", "url": media + "image_tail", "id": "image_3"},
            {"type": "element", "element_id": "id of elements[0]", "id": "element_1"},
        ],
        "settings": {"multi_shot": False, "audio": "native", "resolution": "1080p", "duration": 9},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "parameters", "item", "settings"),
    [
        ("omni-video", {"keep_original_sound": True, "duration": 5}, "base_video",
         {"multi_shot": False, "audio": "original"}),
        ("omni-video", {"keep_original_sound": False}, "base_video", {"multi_shot": False, "audio": "off"}),
        ("omni-video", {"refer_type": "feature", "duration": 5, "aspect_ratio": "1:1"}, "feature_video",
         {"multi_shot": True, "audio": "off", "duration": 5, "aspect_ratio": "1:1"}),
        ("extend-video", {"duration": 5}, "feature_video",
         {"multi_shot": True, "audio": "off", "duration": 5, "aspect_ratio": "16:9"}),
    ],
)  # fmt: skip
def test_a_long_prompt_beside_a_clip(kind: str, parameters: Json, item: str, settings: Json) -> None:
    job = paper_job(kind, "kling-v3-omni", {**parameters, "prompt": "x" * 2501}, ["video"])
    assert submitted(job) == on_path("/omni-video/kling-3.0-omni", job, {
        "contents": [
            {"type": "prompt", "text": "x" * 2501}, {"type": item, "url": media + "video", "id": "video_1"},
        ],
        "settings": settings,
    })  # fmt: skip


def test_path_motion_control_keeps_or_drops_the_sound() -> None:
    job = replace(
        paper_job("motion-control", "kling-v3", {"character_orientation": "image", "keep_original_sound": True,
                                                 "mode": "pro", "elements": ["9"]}, ["image", "video"]),
        route=replace(paper_job("text-to-video", "kling-v3-turbo", {}).route, endpoint="/motion-control/kling-3.0"),
    )  # fmt: skip
    assert submitted(job) == on_path("/motion-control/kling-3.0", job, {
        "contents": [
            {"type": "image", "url": media + "image"}, {"type": "video", "url": media + "video"},
            {"type": "element", "element_id": "9", "id": "element_1"},
        ],
        "settings": {"character_orientation": "image", "audio": "original", "resolution": "1080p"},
    })  # fmt: skip
