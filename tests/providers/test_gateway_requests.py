"""What the gateway's adapter writes, and by which way; gateway.md sections 3 and 9."""

from __future__ import annotations

from typing import Any

import pytest

from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.provider import AdapterSettings
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Route
from kling_pipe.values.transfer import Form
from kling_pipe.values.wire import Json
from tests.providers.gateway_jobs import handed, job_of, key

url = "https://media.example.org/wide.png"
shots = [{"prompt": "a kettle", "duration": 2}, {"prompt": "steam", "duration": 3}]


def body(
    kind: str,
    parameters: dict[str, Any],
    wired: tuple[str, ...] = (),
    *,
    model: str = "",
    models: dict[str, str] | None = None,
    **more: Any,
) -> Json:
    provider = GatewayProvider(AdapterSettings(models=models or {}))
    job = job_of(kind, model, parameters, wired, provider=provider, **more)
    return provider.submit(job, handed(job)).fields


def test_a_clip_from_words_is_asked_for_as_in_the_first_example() -> None:
    said = {"prompt": "waves", "aspect_ratio": "9:16", "cfg_scale": 0.5, "negative_prompt": "blur", "duration": 5}
    assert body("text-to-video", said) == {
        "model": "kling-v3-std-silent",
        "prompt": "waves",
        "aspect_ratio": "9:16",
        "duration": 5,
        "extra_body": {"cfg_scale": 0.5, "negative_prompt": "blur"},
    }


@pytest.mark.parametrize(
    ("mode", "sound", "model"),
    [
        ("std", False, "kling-v3-std-silent"),
        ("std", True, "kling-v3-std-audio"),
        ("pro", False, "kling-v3-pro-silent"),
        ("pro", True, "kling-v3-pro-audio"),
    ],
)
def test_tier_and_sound_live_in_the_id(mode: str, sound: bool, model: str) -> None:
    sent = body("text-to-video", {"prompt": "waves", "mode": mode, "sound": sound})
    assert sent == {"model": model, "prompt": "waves", "aspect_ratio": "16:9", "duration": 5}


def test_a_tier_that_is_named_means_mode_and_sound() -> None:
    assert body("text-to-video", {"prompt": "waves"}, model="kling-v3-pro-audio")["model"] == "kling-v3-pro-audio"


def test_two_frames_are_image_and_last_image() -> None:
    assert body("image-to-video", {"prompt": "it turns", "duration": 8}, ("image", "image_tail")) == {
        "model": "kling-v3-std-silent", "prompt": "it turns", "image": url, "last_image": url, "duration": 8,
    }  # fmt: skip


def test_shots_of_a_picture_take_the_place_of_the_prompt() -> None:
    assert body("image-to-video", {"prompt": "unsaid", "shots": shots}, ("image",)) == {
        "model": "kling-v3-std-silent",
        "image": url,
        "duration": 5,
        "extra_body": {
            "shot_type": "customize",
            "multi_prompt": [
                {"index": 1, "prompt": "a kettle", "duration": "2"},
                {"index": 2, "prompt": "steam", "duration": "3"},
            ],
        },
    }


def test_cutting_by_itself_goes_by_the_gateways_own_word() -> None:
    sent = body("text-to-video", {"prompt": "waves", "shots": "auto"})
    assert (sent["prompt"], sent["extra_body"]) == ("waves", {"shot_type": "intelligent"})


def test_elements_written_and_wired_are_a_list_of_native_ids() -> None:
    sent = body("image-to-video", {"prompt": "p", "elements": ["12"]}, ("image", "elements[1]"))
    assert sent["extra_body"] == {"element_list": [{"element_id": 12}, {"element_id": 321922438904313}]}


def test_extra_fields_are_merged_also_inside() -> None:
    extra = {"seed": 7, "extra_body": {"camera": "low"}}
    sent = body("text-to-video", {"prompt": "p", "cfg_scale": 0.5}, extra=extra)
    assert (sent["seed"], sent["extra_body"]) == (7, {"cfg_scale": 0.5, "camera": "low"})


def test_an_account_may_have_its_own_ids_of_tiers_and_unknown_models() -> None:
    models = {"kling-v3-pro-silent": "k3p", "image-to-video/kling-v3-pro-silent": "k3p-i2v", "kling-v2-6": "k26"}
    pro = {"prompt": "p", "mode": "pro"}
    assert body("text-to-video", pro, models=models)["model"] == "k3p"
    assert body("image-to-video", pro, ("image",), models=models)["model"] == "k3p-i2v"
    assert body("text-to-video", pro, model="kling-v2-6", models=models) == {
        "model": "k26", "prompt": "p", "mode": "pro",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({}, "1360x768"),
        ({"aspect_ratio": "1:1"}, "1024x1024"),
        ({"aspect_ratio": "3:2"}, "1536x1024"),
        ({"aspect_ratio": "2:3"}, "1024x1536"),
        ({"aspect_ratio": "9:16", "resolution": "2k"}, "1536x2720"),
        ({"aspect_ratio": "auto"}, "auto"),
    ],
)
def test_a_picture_has_a_size_by_ratio_and_resolution(parameters: dict[str, Any], size: str) -> None:
    assert body("text-to-image", {"prompt": "a shoe", **parameters}) == {
        "model": "kling-v3", "prompt": "a shoe", "n": 1, "size": size, "response_format": "url",
    }  # fmt: skip


def test_takes_of_one_call_are_counted_and_pictures_go_by_address() -> None:
    sent = body("image-to-image", {"prompt": "p"}, ("image", "references[0]", "references[1]"), takes=(1, 2, 3),
                model="kling-v3-omni")  # fmt: skip
    assert (sent["n"], sent["image"], sent["images"]) == (3, url, [url, url])


def test_a_model_that_answers_in_bytes_only_is_asked_for_no_form() -> None:
    sent = body("text-to-image", {"prompt": "p"}, models={"text-to-image/kling-v3": "gpt-image-1"})
    assert sent == {"model": "gpt-image-1", "prompt": "p", "n": 1, "size": "1360x768"}


def test_every_create_may_cost_and_a_picture_is_waited_for_by_minutes() -> None:
    provider = GatewayProvider()
    clip, still = job_of("text-to-video", "", {"prompt": "p"}), job_of("text-to-image", "", {"prompt": "p"})
    sent = [provider.submit(job, {}) for job in (clip, still)]
    assert [(one.method, one.path, one.creates, one.patience) for one in sent] == [
        ("POST", "/v1/video/generations", True, 0.0),
        ("POST", "/v1/images/generations", True, 600.0),
    ]
    with pytest.raises(ValueError, match="1 to 1 takes, not 2"):
        provider.submit(job_of("text-to-video", "", {"prompt": "p"}, takes=(1, 2)), {})


# routes


def route(kind: str, model: str, *, models: dict[str, str] | None = None, local: tuple[str, ...] = (),
          wired: tuple[str, ...] = (), **parameters: object) -> Route | Refusal:  # fmt: skip
    return GatewayProvider(AdapterSettings(models=models or {})).route(kind, model, parameters, local, key, wired)


def code(found: Route | Refusal) -> str:
    return found.code if isinstance(found, Refusal) else ""


def test_no_create_can_be_found_again_by_an_id_of_ours() -> None:
    for kind in ("text-to-image", "image-to-image", "text-to-video", "image-to-video"):
        found = route(kind, "kling-v3")
        assert isinstance(found, Route)
        assert not found.has_external_id
        assert GatewayProvider().find(["kp-1"], found, key) == ()


def test_what_cannot_travel_is_refused_before_anything_is_sent() -> None:
    assert code(route("motion-control", "kling-v3")) == "kind-not-served"
    assert code(route("image-to-video", "kling-v3", local=("image",), wired=("image",))) == "needs-url"
    assert code(route("image-to-image", "kling-v3", local=("image",), wired=("image",))) == "needs-url"
    assert code(route("image-to-video", "kling-v3", local=("elements[0]",), wired=("elements[0]",))) == ""


def test_what_a_request_has_no_field_for_is_refused_also_of_models_that_nobody_knows() -> None:
    assert code(route("text-to-video", "veo", sound=True)) == "not-supported"
    assert code(route("text-to-video", "veo", camera_control={"type": "simple"})) == "not-supported"
    assert code(route("image-to-video", "veo", wired=("image", "static_mask"))) == "not-supported"
    assert code(route("text-to-image", "flux", negative_prompt="blur")) == "not-supported"
    assert code(route("text-to-video", "veo", sound=False, mode="pro", prompt="p")) == ""


def test_one_id_for_all_tiers_is_refused() -> None:
    models = {"text-to-video/kling-v3": "our-kling"}
    assert code(route("text-to-video", "kling-v3", models=models)) == "tier-untold"
    assert code(route("image-to-video", "kling-v3", models=models)) == ""


def test_a_picture_by_a_name_that_is_assumed_is_remarked_upon() -> None:
    assumed, named = route("text-to-image", "kling-v3"), route("text-to-image", "kling-v3", models={"kling-v3": "k"})
    assert isinstance(assumed, Route)
    assert assumed.remark.startswith("the gateway is asked for a picture by the name `kling-v3`")
    assert isinstance(named, Route)
    assert named.remark == ""


def test_pictures_in_bytes_only_have_no_address() -> None:
    found = [route("text-to-image", "kling-v3", models={"kling-v3": name}) for name in ("gpt-image-1", "k3")]
    assert [one.has_urls for one in found if isinstance(one, Route)] == [False, True]


def test_pictures_travel_by_address_and_elements_by_id() -> None:
    found = route("image-to-video", "kling-v3")
    assert isinstance(found, Route)
    forms = GatewayProvider().forms
    assert forms("image-to-video", "image", found) is Form.URL
    assert forms("image-to-video", "elements[0]", found) is Form.ID
