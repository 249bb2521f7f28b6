"""What a step asks Runware for, in the forms of runware.md sections 5, 6, 9, 10 and 11."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from kling_pipe.providers.provider import AdapterSettings
from kling_pipe.providers.runware.adapter import RunwareProvider
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Route
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Json
from tests.providers.runware_jobs import asked, catalogue, job_of, provider, task_of

said = {"prompt": "a small boat on a calm sea"}
words = {"positivePrompt": said["prompt"]}
first = [{"inputImage": "image", "frame": "first"}]
both = [{"image": "image", "frame": "first"}, {"image": "image_tail", "frame": "last"}]


def wide(width: int, height: int) -> Json:
    return {"width": width, "height": height}


def klingai(**settings: object) -> Json:
    return {"providerSettings": {"klingai": settings}}


def test_a_task_is_sent_in_an_array_and_delivered_later() -> None:
    job = job_of("text-to-image", "kling-v3", said, takes=(1, 2, 3))
    request = provider.submit(job, {}, callback_url="https://hooks.example.org/kling?token=t")
    assert (request.method, request.path, request.creates) == ("POST", "/v1", True)
    assert request.body == [{
        "taskType": "imageInference", "model": "klingai:kling-image@3", "deliveryMethod": "async",
        "includeCost": True, "numberResults": 3, "outputType": "URL", "outputFormat": "PNG",
        "webhookURL": "https://hooks.example.org/kling?token=t", **words, **wide(1360, 768),
        "taskUUID": task_of(job)["taskUUID"],
    }]  # fmt: skip


def test_clips_are_asked_for_as_mp4_and_without_a_callback_none_is_named() -> None:
    task = task_of(job_of("text-to-video", "kling-v3", said))
    assert (task["taskType"], task["outputFormat"], task["numberResults"]) == ("videoInference", "MP4", 1)
    assert "webhookURL" not in task


def test_a_task_has_a_uuid_of_version_4_that_follows_from_the_job() -> None:
    one, again, other = (task_of(job_of("text-to-image", "kling-v3", said, recipe=name)) for name in ("a", "a", "b"))
    uuid = UUID(one["taskUUID"])
    assert (uuid.version, uuid.variant) == (4, "specified in RFC 4122")
    assert one["taskUUID"] == again["taskUUID"] != other["taskUUID"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one["taskUUID"])


def test_fields_of_ones_own_join_ours_and_never_take_the_id() -> None:
    extra = {
        "ttl": 3600, "outputFormat": "MOV", "taskUUID": "mine",
        "providerSettings": {"klingai": {"newThing": 1}, "x": {}},
    }  # fmt: skip
    job = job_of("text-to-video", "kling-v3", said, extra=extra)
    task = task_of(job)
    assert (task["ttl"], task["outputFormat"]) == (3600, "MOV")
    assert task["providerSettings"] == {"klingai": {"sound": False, "newThing": 1}, "x": {}}
    assert task["taskUUID"] == task_of(job_of("text-to-video", "kling-v3", said))["taskUUID"]


pictures = [
    ("text-to-image", "kling-v3-omni", {**said, "resolution": "4k", "aspect_ratio": "1:1"}, [], wide(4096, 4096)),
    ("text-to-image", "kling-image-o1", {**said, "resolution": "2k", "aspect_ratio": "21:9"}, [], wide(3104, 1312)),
    ("image-to-image", "kling-v3", {**said, "resolution": "2k", "aspect_ratio": "16:9"}, ["image"], wide(2720, 1536)),
    ("image-to-image", "kling-v3", {**said, "aspect_ratio": "auto"}, ["image"], wide(1360, 768)),
    ("image-to-image", "kling-v3-omni", said, ["references[0]", "references[1]"], wide(1360, 768)),
    ("image-to-image", "kling-image-o1", {**said, "resolution": "2k"}, ["references[0]"], {"resolution": "2k"}),
    ("image-to-image", "kling-image-o1", {**said, "aspect_ratio": "9:16"}, ["references[0]"], wide(768, 1360)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "model", "parameters", "wired", "sides"), pictures)
def test_pictures(kind: str, model: str, parameters: Json, wired: list[str], sides: Json) -> None:
    task = asked(kind, model, parameters, wired)
    airs = {"kling-v3": "@3", "kling-v3-omni": "@o3", "kling-image-o1": "@o1"}
    inputs = {"inputs": {"referenceImages": wired}} if wired else {}
    assert task == {"model": f"klingai:kling-image{airs[model]}", **words, **sides, **inputs}


def test_the_picture_to_begin_with_stands_before_the_references() -> None:
    task = asked("image-to-image", "kling-v3-omni", said, ["references[1]", "references[0]", "image"])
    assert task["inputs"] == {"referenceImages": ["image", "references[0]", "references[1]"]}


from_words = [
    ("klingai:1@1", {}, {**wide(1280, 720), "duration": 5}),
    ("klingai:1@2", {"aspect_ratio": "9:16", "duration": 10}, {**wide(720, 1280), "duration": 10}),
    ("klingai:3@1", {"aspect_ratio": "1:1"}, {**wide(720, 720), "duration": 5}),
    ("klingai:3@2", {"cfg_scale": 0.7, "negative_prompt": "blurry"},
     {**wide(1920, 1080), "duration": 5, "CFGScale": 0.7, "negativePrompt": "blurry"}),
    ("klingai:4@3", {"aspect_ratio": "1:1"}, {**wide(720, 720), "duration": 5}),
    ("klingai:5@3", {"aspect_ratio": "1:1"}, {**wide(1080, 1080), "duration": 5}),
    ("klingai:6@1", {}, {**wide(1920, 1080), "duration": 5}),
    ("klingai:6@1", {"resolution": "720p", "aspect_ratio": "1:1"}, {**wide(720, 720), "duration": 5}),
    ("klingai:kling-video@2.6-pro", {"sound": True, "duration": 10},
     {**wide(1920, 1080), "duration": 10, **klingai(sound=True)}),
    ("klingai:kling-video@2.6-pro", {"voices": ["a1", "b2"], "prompt": said["prompt"]},
     {**wide(1920, 1080), "duration": 5, "inputs": {"referenceVoices": ["a1", "b2"]}, **klingai(sound=True)}),
    ("klingai:kling-video@3-standard", {"aspect_ratio": "1:1"},
     {**wide(960, 960), "duration": 5, **klingai(sound=False)}),
    ("klingai:kling-video@3-pro", {"aspect_ratio": "1:1", "sound": True},
     {**wide(1440, 1440), "duration": 5, **klingai(sound=True)}),
    ("klingai:kling-video@3-4k", {}, {**wide(3840, 2160), "duration": 5, **klingai(sound=False)}),
    ("klingai:kling-video@3.0-turbo", {"mode": "pro"}, {**wide(1920, 1080), "duration": 5}),
    ("klingai:kling-video@o3-standard", {"duration": 8}, {**wide(1280, 720), "duration": 8, **klingai(sound=False)}),
    ("klingai:kling@o1-standard", {}, {**wide(1280, 720), "duration": 5}),
    ("klingai:kling@o1", {"aspect_ratio": "9:16"}, {**wide(1080, 1920), "duration": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("air", "parameters", "expected"), from_words)
def test_clips_from_words(air: str, parameters: Json, expected: Json) -> None:
    assert asked("text-to-video", air, {**said, **parameters}) == {"model": air, **words, **expected}


shots = [{"prompt": "a quiet library", "duration": 3}, {"prompt": "a person reads", "duration": 4}]
segments = [{"prompt": "a quiet library", "duration": "3"}, {"prompt": "a person reads", "duration": "4"}]


def test_shots_go_as_segments_without_prompt_and_duration() -> None:
    of_v3 = asked("text-to-video", "klingai:kling-video@3-pro", {"shots": shots, "sound": True, "prompt": "not sent"})
    assert of_v3 == {
        "model": "klingai:kling-video@3-pro", **wide(1920, 1080),
        **klingai(sound=True, shotType="customize", multiPrompt=segments),
    }  # fmt: skip
    of_o3 = asked("omni-video", "klingai:kling-video@o3-standard", {"shots": shots, "aspect_ratio": "9:16"})
    assert of_o3 == {
        "model": "klingai:kling-video@o3-standard", **wide(720, 1280), **klingai(sound=False, multiPrompt=segments),
    }  # fmt: skip


def test_shots_of_the_turbo_model_stand_in_the_prompt() -> None:
    assert asked("text-to-video", "kling-v3-turbo", {"shots": shots}) == {
        "model": "klingai:kling-video@3.0-turbo", **wide(1280, 720), "duration": 7,
        "positivePrompt": "shot 1, 3, a quiet library; shot 2, 4, a person reads;",
    }  # fmt: skip


of_older_models = [
    ("klingai:1@1", {}, wide(1280, 720)), ("klingai:1@2", {}, wide(1280, 720)),
    ("klingai:2@1", {}, wide(1280, 720)), ("klingai:2@2", {"aspect_ratio": "9:16"}, wide(1080, 1920)),
    ("klingai:3@1", {"aspect_ratio": "1:1"}, wide(720, 720)), ("klingai:3@2", {}, wide(1920, 1080)),
    ("klingai:4@3", {"aspect_ratio": "9:16"}, wide(720, 1280)), ("klingai:5@1", {}, wide(1280, 720)),
    ("klingai:5@2", {}, wide(1920, 1080)), ("klingai:5@3", {"aspect_ratio": "1:1"}, wide(1080, 1080)),
    ("klingai:6@0", {}, {}), ("klingai:6@0", {"aspect_ratio": "9:16"}, {}), ("klingai:6@1", {}, {}),
    ("klingai:6@1", {"aspect_ratio": "9:16"}, wide(1080, 1920)),
    ("klingai:6@1", {"resolution": "720p"}, wide(1280, 720)),
]  # fmt: skip


@pytest.mark.parametrize(("air", "parameters", "sides"), of_older_models)
def test_older_models_take_frames_by_a_key_of_their_own(air: str, parameters: Json, sides: Json) -> None:
    task = asked("image-to-video", air, parameters, ["image"])
    assert task == {"model": air, "duration": 5, **sides, "frameImages": first}


@pytest.mark.parametrize("air", ["klingai:5@2", "klingai:6@1"])
def test_some_older_models_take_an_end_frame(air: str) -> None:
    task = asked("image-to-video", air, {}, ["image", "image_tail"])
    assert task["frameImages"] == [*first, {"inputImage": "image_tail", "frame": "last"}]


of_current_models = [
    ("klingai:kling-video@2.6-pro", {"sound": True}, klingai(sound=True)),
    ("klingai:kling-video@3-standard", {}, klingai(sound=False)),
    ("klingai:kling-video@3-pro", {"sound": True}, klingai(sound=True)),
    ("klingai:kling-video@3-4k", {}, klingai(sound=False)),
    ("klingai:kling-video@o3-pro", {}, klingai(sound=False)),
    ("klingai:kling-video@o3-4k", {}, {"resolution": "4k", **klingai(sound=False)}),
    ("klingai:kling@o1-standard", {}, {}),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["image-to-video", "omni-video"])
@pytest.mark.parametrize(("air", "parameters", "expected"), of_current_models)
def test_current_models_follow_the_sides_of_their_frames(kind: str, air: str, parameters: Json, expected: Json) -> None:
    if kind == "omni-video" and "o3" not in air and "o1" not in air:
        kind = "image-to-video"
    task = asked(kind, air, {**said, **parameters}, ["image", "image_tail"])
    assert task == {"model": air, **words, "duration": 5, **expected, "inputs": {"frameImages": both}}


def test_the_turbo_model_is_told_its_resolution_beside_a_frame() -> None:
    task = asked("image-to-video", "kling-v3-turbo", {**said, "mode": "pro", "negative_prompt": "text"}, ["image"])
    assert task == {
        "model": "klingai:kling-video@3.0-turbo", **words, "negativePrompt": "text", "duration": 5,
        "resolution": "1080p", "inputs": {"frameImages": both[:1]},
    }  # fmt: skip


o1, o3 = "klingai:kling@o1", "klingai:kling-video@o3-pro"
two = ["references[0]", "references[1]"]
follows = {"refer_type": "feature"}
omni = [
    (o1, said, [], {**wide(1920, 1080), "duration": 5}),
    (o1, {**said, "duration": 7}, two, {"duration": 7, "inputs": {"referenceImages": two}}),
    (o1, {**said, **follows}, ["references[0]", "video"],
     {"duration": 5, "inputs": {"referenceImages": two[:1], "referenceVideos": ["video"]}}),
    (o1, {**said, "keep_original_sound": True, "duration": 8}, ["video"],
     {"inputs": {"video": "video"}, **klingai(keepOriginalSound=True)}),
    (o1, {**said, "keep_original_sound": True, "fast": True}, ["video", "references[0]"],
     {"inputs": {"referenceImages": two[:1], "video": "video"}, **klingai(keepOriginalSound=True, fast=True)}),
    (o3, {**said, "sound": True}, [], {**wide(1920, 1080), "duration": 5, **klingai(sound=True)}),
    (o3, {**said, "aspect_ratio": "1:1"}, two,
     {**wide(1440, 1440), "duration": 5, "inputs": {"referenceImages": two}, **klingai(sound=False)}),
    (o3, {**said, **follows, "duration": 12, "keep_original_sound": False}, ["video"],
     {**wide(1920, 1080), "duration": 12, "inputs": {"referenceVideos": [{"video": "video", "referType": "feature"}]},
      **klingai(keepOriginalSound=False)}),
    (o3, {**said, "keep_original_sound": True, "aspect_ratio": "1:1"}, ["video"],
     {"inputs": {"video": "video"}, **klingai(keepOriginalSound=True)}),
    (o3, said, ["video"], {"inputs": {"video": "video"}}),
]  # fmt: skip


@pytest.mark.parametrize(("air", "parameters", "wired", "expected"), omni)
def test_omni_models_work_by_what_is_given(air: str, parameters: Json, wired: list[str], expected: Json) -> None:
    assert asked("omni-video", air, parameters, wired) == {"model": air, **words, **expected}


def test_a_picture_moves_as_a_clip_does() -> None:
    parameters = {
        **said, "character_orientation": "image", "duration": 10, "sound": True, "keep_original_sound": False,
    }  # fmt: skip
    frames = {"frameImages": both[:1], "referenceVideos": ["video"]}
    assert asked("motion-control", "klingai:kling-video@2.6-pro", parameters, ["image", "video"]) == {
        "model": "klingai:kling-video@2.6-pro", **words, "duration": 10, "inputs": frames,
        **klingai(characterOrientation="image", keepOriginalSound=False, sound=True),
    }  # fmt: skip
    assert asked("motion-control", "kling-v2-6", {"character_orientation": "video"}, ["image", "video"]) == {
        "model": "klingai:kling-video@2.6-standard", "inputs": frames,
        **klingai(characterOrientation="video", keepOriginalSound=True),
    }  # fmt: skip


def test_clips_and_pictures_speak() -> None:
    volumes = {"sound_volume": 0.8, "original_audio_volume": 0.3}
    assert asked("lip-sync", "kling-lip-sync", volumes, ["video", "audio"]) == {
        "model": "klingai:7@1", "inputs": {"video": "video", "audio": "audio"},
        **klingai(soundVolume=0.8, originalAudioVolume=0.3),
    }  # fmt: skip
    assert asked("lip-sync", "kling-lip-sync", {}, ["video", "audio"]) == {
        "model": "klingai:7@1", "inputs": {"video": "video", "audio": "audio"},
    }  # fmt: skip
    assert asked("avatar", "klingai:avatar@2.0-pro", {"prompt": "calm"}, ["image", "audio"]) == {
        "model": "klingai:avatar@2.0-pro", "positivePrompt": "calm", "inputs": {"image": "image", "audio": "audio"},
    }  # fmt: skip


def test_every_offer_has_a_route_to_the_model_its_name_means() -> None:
    for offer in catalogue.offers():
        for name, means in offer.naming.tiers.items():
            if all(value in offer.fields[key].get("values", ()) for key, value in means.items() if key in offer.fields):
                route = provider.route(offer.kind, offer.model, means, (), None)
                assert route == Route(f"{offer.product}Inference", name)


def test_an_accounts_own_id_goes_before_the_pages() -> None:
    own = RunwareProvider(AdapterSettings(models={"kling-v3": "me:1@1", "text-to-image/kling-v3": "me:2@1"}))
    routes = [own.route(kind, "kling-v3", {"mode": "pro"}, (), None) for kind in ("text-to-video", "text-to-image")]
    assert routes == [Route("videoInference", "me:1@1"), Route("imageInference", "me:2@1")]


def test_a_model_nobody_knows_goes_by_its_name() -> None:
    assert provider.route("text-to-video", "klingai:9@9", {}, (), None) == Route("videoInference", "klingai:9@9")


def test_what_has_no_task_is_refused_before_anything_is_sent() -> None:
    refusal = provider.route("speech", "kling-tts", {}, (), None)
    assert isinstance(refusal, Refusal)
    assert (str(refusal.answer), refusal.code) == ("invalid", "kind-not-served")


def test_media_travel_through_the_services_own_storage_or_by_their_address() -> None:
    route = Route("videoInference", "klingai:6@0")
    assert provider.forms("image-to-video", "image", route) == Form.URL | Form.UPLOAD
    assert provider.uploads
    request = provider.submit(
        job_of("image-to-video", "klingai:6@0", {}, ["image"]), {"image": Handed(url="https://media.example.org/a.png")}
    )
    assert isinstance(request.body, list)
    assert request.body[0]["frameImages"] == [{"inputImage": "https://media.example.org/a.png", "frame": "first"}]


def test_a_request_bears_the_key_and_the_probe_is_a_ping() -> None:
    probe = provider.probe(0.0)
    assert probe.body == [{"taskType": "ping", "ping": True}]
    signed = provider.sign(probe, Credential(CredentialKind.API_KEY, Secret("k")), 0.0)
    assert signed.headers == (("Authorization", "Bearer k"),)
