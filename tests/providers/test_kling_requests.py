"""The whole create request of every kind on both standards. Shapes: kling.md section 12."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request
from tests.providers.kling_jobs import job_of, urls

provider = KlingProvider()
media = "https://media.example.org/"


def submitted(job: Job) -> Request:
    return provider.submit(job, urls(job))


def created(path: str, job: Job, body: dict[str, object]) -> Request:
    return Request("POST", path, body={**body, "external_task_id": job.external_id}, creates=True)


def on_path(path: str, job: Job, body: dict[str, object]) -> Request:
    return Request("POST", path, body={**body, "options": {"external_task_id": job.external_id}}, creates=True)


def test_text_to_image_asks_for_all_takes_at_once() -> None:
    job = job_of("text-to-image", "", {"prompt": "a lantern", "aspect_ratio": "3:2"}, takes=(2, 3, 4))
    assert submitted(job) == created("/v1/images/generations", job, {
        "model_name": "kling-v3", "prompt": "a lantern", "resolution": "1k", "n": 3, "aspect_ratio": "3:2",
    })  # fmt: skip


def test_text_to_image_on_an_omni_model() -> None:
    job = job_of("text-to-image", "kling-v3-omni", {"prompt": "a lantern", "resolution": "4k"})
    assert submitted(job) == created("/v1/images/omni-image", job, {
        "model_name": "kling-v3-omni", "prompt": "a lantern", "resolution": "4k", "result_type": "single", "n": 1,
        "aspect_ratio": "16:9",
    })  # fmt: skip


def test_image_to_image_with_a_subject() -> None:
    parameters = {"prompt": "as a statue", "image_reference": "subject", "human_fidelity": 0.8, "image_fidelity": 0.5}
    job = job_of("image-to-image", "kling-v2-1", parameters, ["image"])
    assert submitted(job) == created("/v1/images/generations", job, {
        "model_name": "kling-v2-1", "prompt": "as a statue", "image": media + "image", "image_reference": "subject",
        "human_fidelity": 0.8, "resolution": "1k", "n": 1, "aspect_ratio": "16:9",
    })  # fmt: skip


def test_image_to_image_with_references_on_an_omni_model_puts_the_image_first() -> None:
    job = job_of("image-to-image", "", {"prompt": "<<<image_1>>> there"}, ["references[1]", "references[0]", "image"])
    assert submitted(job) == created("/v1/images/omni-image", job, {
        "model_name": "kling-v3-omni", "prompt": "<<<image_1>>> there",
        "image_list": [{"image": media + name} for name in ("image", "references[0]", "references[1]")],
        "resolution": "1k", "result_type": "single", "n": 1, "aspect_ratio": "auto",
    })  # fmt: skip


def test_image_to_image_with_references_on_kling_v2_1_is_multi_image() -> None:
    wired = ["references[0]", "references[1]", "scene_image"]
    job = job_of("image-to-image", "kling-v2-1", {"prompt": "a picnic"}, wired)
    assert submitted(job) == created("/v1/images/multi-image2image", job, {
        "model_name": "kling-v2-1", "prompt": "a picnic",
        "subject_image_list": [{"subject_image": media + "references[0]"}, {"subject_image": media + "references[1]"}],
        "scene_image": media + "scene_image", "n": 1, "aspect_ratio": "16:9",
    })  # fmt: skip


def test_more_than_ten_references_keep_their_order() -> None:
    wired = [f"references[{index}]" for index in range(10)]
    body = submitted(job_of("image-to-image", "kling-image-o1", {"prompt": "all"}, sorted(wired, reverse=True))).body
    assert body is not None
    assert body["image_list"] == [{"image": media + field} for field in wired]


def test_text_to_video() -> None:
    job = job_of("text-to-video", "kling-v3", {"prompt": "a fox", "duration": 7, "mode": "4k", "sound": True})
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v3", "prompt": "a fox", "sound": "on", "mode": "4k", "duration": "7",
        "aspect_ratio": "16:9",
    })  # fmt: skip


def test_text_to_video_in_shots() -> None:
    shots = [{"prompt": "a kettle", "duration": 3}, {"prompt": "steam", "duration": 2}]
    job = job_of("text-to-video", "kling-v3", {"shots": shots, "prompt": "is ignored"})
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v3", "multi_shot": True, "shot_type": "customize",
        "multi_prompt": [{"index": 1, "prompt": "a kettle", "duration": "3"},
                         {"index": 2, "prompt": "steam", "duration": "2"}],
        "sound": "off", "mode": "std", "duration": "5", "aspect_ratio": "16:9",
    })  # fmt: skip


def test_text_to_video_cut_by_the_model() -> None:
    job = job_of("text-to-video", "kling-v3", {"prompt": "a day", "shots": "auto"})
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v3", "prompt": "a day", "multi_shot": True, "shot_type": "intelligence",
        "sound": "off", "mode": "std", "duration": "5", "aspect_ratio": "16:9",
    })  # fmt: skip


def test_text_to_video_with_a_camera_movement_on_a_retired_model() -> None:
    camera = {"type": "simple", "config": {"zoom": 5}}
    job = job_of("text-to-video", "kling-v1", {"prompt": "a hall", "camera_control": camera, "cfg_scale": 0.7})
    assert submitted(job) == created("/v1/videos/text2video", job, {
        "model_name": "kling-v1", "prompt": "a hall", "cfg_scale": 0.7, "mode": "std", "camera_control": camera,
        "duration": "5", "aspect_ratio": "16:9",
    })  # fmt: skip


def test_image_to_video_with_both_frames_and_elements() -> None:
    parameters = {"prompt": "<<<element_1>>> turns", "elements": [321922438904313987], "watermark": True}
    job = job_of("image-to-video", "kling-v3", parameters, ["image", "image_tail"])
    assert submitted(job) == created("/v1/videos/image2video", job, {
        "model_name": "kling-v3", "image": media + "image", "image_tail": media + "image_tail",
        "prompt": "<<<element_1>>> turns", "sound": "off", "mode": "std", "duration": "5",
        "element_list": [{"element_id": 321922438904313987}], "watermark_info": {"enabled": True},
    })  # fmt: skip


def test_image_to_video_with_voices() -> None:
    parameters = {"prompt": "<<<voice_1>>> speaks", "mode": "pro", "sound": True, "voices": ["930801338081615883"]}
    job = job_of("image-to-video", "kling-v2-6", parameters, ["image"])
    assert submitted(job) == created("/v1/videos/image2video", job, {
        "model_name": "kling-v2-6", "image": media + "image", "prompt": "<<<voice_1>>> speaks", "sound": "on",
        "mode": "pro", "duration": "5", "voice_list": [{"voice_id": "930801338081615883"}],
    })  # fmt: skip


def test_image_to_video_with_masks_on_a_retired_model() -> None:
    path = [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
    wired = ["image", "static_mask", "dynamic_masks[0].mask"]
    job = job_of("image-to-video", "kling-v1", {"prompt": "sway", "dynamic_masks": [{"trajectories": path}]}, wired)
    assert submitted(job) == created("/v1/videos/image2video", job, {
        "model_name": "kling-v1", "image": media + "image", "prompt": "sway", "mode": "std", "duration": "5",
        "static_mask": media + "static_mask",
        "dynamic_masks": [{"mask": media + "dynamic_masks[0].mask", "trajectories": path}],
    })  # fmt: skip


def test_base64_travels_bare() -> None:
    job = job_of("image-to-video", "kling-v3", {"prompt": "go"}, ["image"])
    body = provider.submit(job, {"image": Handed(base64="iVBORw0KGgo=")}).body
    assert body is not None
    assert body["image"] == "iVBORw0KGgo="


def test_motion_control() -> None:
    parameters = {"character_orientation": "image", "keep_original_sound": False, "elements": ["12"]}
    job = job_of("motion-control", "kling-v3", parameters, ["image", "video"])
    assert submitted(job) == created("/v1/videos/motion-control", job, {
        "model_name": "kling-v3", "image_url": media + "image", "video_url": media + "video",
        "character_orientation": "image", "mode": "std", "keep_original_sound": "no",
        "element_list": [{"element_id": 12}],
    })  # fmt: skip


def test_path_text_to_video_on_the_turbo_model_says_nothing_of_sound() -> None:
    job = job_of("text-to-video", "kling-v3-turbo", {"prompt": "a fox", "duration": 3, "aspect_ratio": "1:1"})
    assert submitted(job) == on_path("/text-to-video/kling-3.0-turbo", job, {
        "prompt": "a fox", "settings": {"resolution": "720p", "duration": 3, "aspect_ratio": "1:1"},
    })  # fmt: skip


def test_path_shots_become_prompt_syntax() -> None:
    shots = [{"prompt": "a kettle boils", "duration": 3}, {"prompt": "steam", "duration": 2}]
    job = job_of("text-to-video", "kling-v3-turbo", {"shots": shots, "mode": "pro"})
    assert submitted(job) == on_path("/text-to-video/kling-3.0-turbo", job, {
        "prompt": "shot 1, 3, a kettle boils; shot 2, 2, steam;",
        "settings": {"resolution": "1080p", "duration": 5, "aspect_ratio": "16:9"},
    })  # fmt: skip


def test_path_image_to_video_on_the_turbo_model() -> None:
    job = job_of("image-to-video", "kling-v3-turbo", {"prompt": "she smiles"}, ["image"])
    assert submitted(job) == on_path("/image-to-video/kling-3.0-turbo", job, {
        "contents": [{"type": "prompt", "text": "she smiles"}, {"type": "first_frame", "url": media + "image"}],
        "settings": {"resolution": "720p", "duration": 5},
    })  # fmt: skip


def test_a_long_prompt_goes_through_the_path_model_with_mentions_rewritten() -> None:
    words = "<<<element_1>>> opens the gate " + "x" * 2500
    parameters = {"prompt": words, "sound": True, "elements": ["321922438904313"], "mode": "4k"}
    job = job_of("image-to-video", "kling-v3", parameters, ["image", "image_tail"])
    assert submitted(job) == on_path("/image-to-video/kling-3.0", job, {
        "contents": [
            {"type": "prompt", "text": "@element_1 opens the gate " + "x" * 2500},
            {"type": "first_frame", "url": media + "image"},
            {"type": "last_frame", "url": media + "image_tail"},
            {"type": "element", "element_id": "321922438904313", "id": "element_1"},
        ],
        "settings": {"multi_shot": False, "audio": "native", "resolution": "4k", "duration": 5},
    })  # fmt: skip


def test_extra_is_merged_last_at_the_top_level() -> None:
    body = submitted(job_of("text-to-video", "kling-v3", {"prompt": "a"}, extra={"mode": "hd", "seed": 7})).body
    assert body is not None
    assert (body["mode"], body["seed"]) == ("hd", 7)


@pytest.mark.parametrize(("kind", "takes"), [("text-to-image", 10), ("text-to-video", 2)])
def test_a_create_makes_no_more_takes_than_the_service_does(kind: str, takes: int) -> None:
    with pytest.raises(ValueError, match="one create makes"):
        submitted(job_of(kind, "", {"prompt": "a"}, takes=tuple(range(1, takes + 1))))
