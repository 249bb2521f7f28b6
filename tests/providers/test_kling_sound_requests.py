"""The whole create request of sounds, elements and voices. Shapes: kling.md section 12."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.library import tag_ids
from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json, Request
from tests.providers.kling_paper_jobs import handed, media, paper_job

provider = KlingProvider()


def submitted(job: Job) -> Request:
    return provider.submit(job, handed(job))


def created(path: str, job: Job, body: Json) -> Request:
    return Request("POST", path, body={**body, "external_task_id": job.external_id}, creates=True)


@pytest.mark.parametrize(("asked", "sent"), [({}, 5.0), ({"duration": 3}, 3.0), ({"duration": 4.25}, 4.2)])
def test_text_to_audio_asks_for_seconds_with_one_decimal(asked: Json, sent: float) -> None:
    job = paper_job("text-to-audio", "kling-t2a", {"prompt": "rain", **asked})
    assert submitted(job) == created("/v1/audio/text-to-audio", job, {"prompt": "rain", "duration": sent})


def test_video_to_audio() -> None:
    parameters = {"sound_effect_prompt": "steps", "bgm_prompt": "piano", "asmr_mode": False}
    job = paper_job("video-to-audio", "kling-v2a", parameters, ["video"])
    assert submitted(job) == created("/v1/audio/video-to-audio", job, {
        "video_url": media + "video", "sound_effect_prompt": "steps", "bgm_prompt": "piano", "asmr_mode": False,
    })  # fmt: skip
    assert provider.submit(job, {"video": Handed(id="877")}).body == {
        "video_id": "877", "sound_effect_prompt": "steps", "bgm_prompt": "piano", "asmr_mode": False,
        "external_task_id": job.external_id,
    }  # fmt: skip


def test_speech_always_says_its_language_and_carries_no_id_of_ours() -> None:
    job = paper_job("speech", "kling-tts", {"text": "Good evening", "voice": "oversea_male1"})
    spoken = {"text": "Good evening", "voice_id": "oversea_male1", "voice_language": "zh", "voice_speed": 1.0}
    request = provider.submit(job, {}, (), "https://hooks.example.org")
    assert request == Request("POST", "/v1/audio/tts", body=spoken, creates=True)
    job = paper_job("speech", "kling-tts", {"text": "Hi", "voice": "uk_man2", "language": "en", "speed": 1.3})
    assert submitted(job).body == {"text": "Hi", "voice_id": "uk_man2", "voice_language": "en", "voice_speed": 1.3}


def test_an_element_of_pictures_begins_with_the_frontal_one() -> None:
    parameters = {"name": "Mira", "description": "a botanist", "tags": ["character", "costume"], "voice": "9308"}
    job = paper_job("element", "kling-element", parameters, ["images[1]", "images[0]", "images[2]"])
    assert submitted(job) == created("/v1/general/advanced-custom-elements", job, {
        "element_name": "Mira", "element_description": "a botanist", "reference_type": "image_refer",
        "element_image_list": {
            "frontal_image": media + "images[0]",
            "refer_images": [{"image_url": media + "images[1]"}, {"image_url": media + "images[2]"}],
        },
        "element_voice_id": "9308", "tag_list": [{"tag_id": "o_102"}, {"tag_id": "o_105"}],
    })  # fmt: skip


def test_an_element_of_a_clip_with_a_wired_voice() -> None:
    job = paper_job("element", "kling-element", {"name": "Mira", "description": "a botanist"}, ["video", "voice"])
    assert submitted(job) == created("/v1/general/advanced-custom-elements", job, {
        "element_name": "Mira", "element_description": "a botanist", "reference_type": "video_refer",
        "element_video_list": {"refer_videos": [{"video_url": media + "video"}]}, "element_voice_id": "id of voice",
    })  # fmt: skip


def test_the_tags_are_the_pages_eight() -> None:
    assert list(tag_ids) == ["hot", "character", "animal", "item", "costume", "scene", "effect", "others"]
    assert list(tag_ids.values()) == [f"o_{number}" for number in range(101, 109)]


@pytest.mark.parametrize(
    ("field", "handed_over", "sent"),
    [
        ("audio", Handed(url="https://m.example.org/a.wav"), {"voice_url": "https://m.example.org/a.wav"}),
        ("video", Handed(url="https://m.example.org/a.mp4"), {"voice_url": "https://m.example.org/a.mp4"}),
        ("video", Handed(id="877301"), {"video_id": "877301"}),
    ],
)
def test_a_voice_is_taken_from_a_sound_or_a_clip(field: str, handed_over: Handed, sent: Json) -> None:
    job = paper_job("voice", "kling-voice", {"name": "narrator"}, [field])
    assert provider.submit(job, {field: handed_over}) == created("/v1/general/custom-voices", job, {
        "voice_name": "narrator", **sent,
    })  # fmt: skip
