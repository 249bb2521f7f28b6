"""Which standard and endpoint a job takes, and what no route can serve."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.endpoints import all_endpoints, pack_of, served_kinds
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route
from kling_pipe.values.transfer import Form

provider = KlingProvider()
key, pair = CredentialKind.API_KEY, CredentialKind.KEY_PAIR
long_prompt: dict[str, object] = {"prompt": "x" * 2501}


def told(kind: str, model: str, *, parameters: dict[str, object] | None = None, local: tuple[str, ...] = (),
         credential: CredentialKind | None = key, wired: tuple[str, ...] = ()) -> str:  # fmt: skip
    found = provider.route(kind, model, parameters or {}, local, credential, wired)
    return f"{found.code}: {found.message}" if isinstance(found, Refusal) else str(found)


@pytest.mark.parametrize(
    ("kind", "model", "path"),
    [
        ("text-to-image", "kling-v3", "/v1/images/generations"),
        ("text-to-image", "kling-image-o1", "/v1/images/omni-image"),
        ("image-series", "kling-v3-omni", "/v1/images/omni-image"),
        ("expand-image", "kling-image-expand", "/v1/images/editing/expand"),
        ("virtual-try-on", "kolors-virtual-try-on-v1", "/v1/images/kolors-virtual-try-on"),
        ("multi-angle", "kling-multi-angle", "/v1/general/ai-multi-shot"),
        ("segment", "kling-image-recognize", "/v1/videos/image-recognize"),
        ("text-to-video", "kling-v1", "/v1/videos/text2video"),
        ("image-to-video", "kling-v3", "/v1/videos/image2video"),
        ("motion-control", "kling-v3", "/v1/videos/motion-control"),
        ("multi-image-to-video", "kling-v1-6", "/v1/videos/multi-image2video"),
        ("multi-image-to-video", "kling-v3-omni", "/v1/videos/omni-video"),
        ("multi-image-to-video", "kling-video-o1", "/v1/videos/omni-video"),
        ("omni-video", "kling-v3-omni", "/v1/videos/omni-video"),
        ("omni-video", "kling-video-o1", "/v1/videos/omni-video"),
        ("extend-video", "kling-v3-omni", "/v1/videos/omni-video"),
        ("extend-video", "kling-video-extend", "/v1/videos/video-extend"),
        ("edit-elements", "kling-multi-elements", "/v1/videos/multi-elements"),
        ("lip-sync", "kling-lip-sync", "/v1/videos/advanced-lip-sync"),
        ("avatar", "kling-avatar", "/v1/videos/avatar/image2video"),
        ("effects", "kling-video-effects", "/v1/videos/effects"),
        ("text-to-audio", "kling-t2a", "/v1/audio/text-to-audio"),
        ("video-to-audio", "kling-v2a", "/v1/audio/video-to-audio"),
        ("speech", "kling-tts", "/v1/audio/tts"),
        ("element", "kling-element", "/v1/general/advanced-custom-elements"),
        ("voice", "kling-voice", "/v1/general/custom-voices"),
    ],
)
def test_body_model_is_taken_where_it_exists_whatever_the_credential(kind: str, model: str, path: str) -> None:
    for credential in (key, pair, None):
        assert told(kind, model, credential=credential) == f"body-model {path}"


def test_every_kind_and_every_endpoint_has_its_route() -> None:
    models = ["kling-v3", "kling-v3-omni", "kling-v1-6"]
    routes = {
        (kind, provider.route(kind, model, {}, (), key, ("references[0]",)))
        for kind in served_kinds
        for model in models
    }
    assert {route.endpoint for _, route in routes if isinstance(route, Route)} == {*all_endpoints}
    assert not any(isinstance(route, Refusal) for _, route in routes)


def test_pictures_from_pictures_go_by_what_is_wired() -> None:
    assert told("image-to-image", "kling-v2-1", wired=("image",)) == "body-model /v1/images/generations"
    assert told("image-to-image", "kling-v2-1", wired=("references[0]",)) == "body-model /v1/images/multi-image2image"
    assert told("image-to-image", "kling-v2-1", local=("references[0]",)) == "body-model /v1/images/multi-image2image"
    assert told("image-to-image", "kling-v3-omni", wired=("references[0]",)) == "body-model /v1/images/omni-image"


def test_only_calls_that_answer_at_once_carry_no_id_of_ours() -> None:
    without = {kind for kind in served_kinds if not _routed(kind).has_external_id}
    assert without == {"speech", "segment"}


def test_path_model_is_taken_where_only_it_can_and_says_why() -> None:
    assert provider.route("text-to-video", "kling-v3", long_prompt, (), None) == Route(
        "path-model", "/text-to-video/kling-3.0",
        "a prompt of 2501 characters goes through the path-model standard only",
    )  # fmt: skip
    assert told("image-to-video", "kling-v3-turbo") == "path-model /image-to-video/kling-3.0-turbo"


@pytest.mark.parametrize("kind", ["omni-video", "multi-image-to-video", "extend-video"])
def test_long_prompts_of_the_omni_model_go_to_its_path(kind: str) -> None:
    assert told(kind, "kling-v3-omni", parameters=long_prompt) == "path-model /omni-video/kling-3.0-omni"
    assert told(kind, "kling-video-o1", parameters=long_prompt) == "body-model /v1/videos/omni-video"


def test_written_shots_are_the_prompt_however_long_another_one_is() -> None:
    parameters = {**long_prompt, "shots": [{"prompt": "a", "duration": 5}]}
    assert told("text-to-video", "kling-v3", parameters=parameters) == "body-model /v1/videos/text2video"
    assert told("text-to-video", "kling-v3", parameters={**long_prompt, "shots": "auto"}).startswith("path-model")


def test_a_key_pair_cannot_take_the_path_model() -> None:
    assert told("text-to-video", "kling-v3-turbo", credential=pair) == (
        "needs-api-key: `kling-v3-turbo` exists on the path-model standard only, "
        "which refuses an access and secret key: it needs an API key"
    )


def test_a_local_picture_cannot_take_the_path_model() -> None:
    assert told("image-to-video", "kling-v3", parameters=long_prompt, local=("image",)) == (
        "needs-url: a prompt of 2501 characters goes through the path-model standard only, "
        "which takes media by URL only, and `image` has none: name an uploader in the profile or give a URL"
    )


@pytest.mark.parametrize("kind", ["motion-control", "lip-sync", "edit-elements", "video-to-audio", "voice", "element"])
def test_a_local_clip_can_take_no_route(kind: str) -> None:
    assert told(kind, "kling-v2-6", local=("image", "video")) == (
        "needs-url: clips travel by URL only, and `video` has none: name an uploader in the profile or give a URL"
    )


def test_a_local_sound_can_become_no_voice_but_can_be_spoken_by_a_face() -> None:
    assert told("voice", "kling-voice", local=("audio",)) == (
        "needs-url: the sound of a voice travels by URL only, and `audio` has none: "
        "name an uploader in the profile or give a URL"
    )
    assert told("avatar", "kling-avatar", local=("audio", "image")) == "body-model /v1/videos/avatar/image2video"
    assert told("lip-sync", "kling-lip-sync", local=("audio",)) == "body-model /v1/videos/advanced-lip-sync"


def test_only_a_clip_of_the_services_own_can_be_extended_by_its_id() -> None:
    refused = provider.route("extend-video", "kling-video-extend", {}, ("video",), key)
    assert refused == Refusal(
        AnswerClass.INVALID, "needs-own-clip",
        "`extend-video` goes on from clips that Kling made within 30 days, and `video` is none of them", field="video",
    )  # fmt: skip


def test_a_long_prompt_cannot_keep_the_sound_of_a_clip_it_goes_on_from() -> None:
    parameters = {**long_prompt, "refer_type": "feature", "keep_original_sound": True}
    refused = told("omni-video", "kling-v3-omni", parameters=parameters)
    assert refused == (
        "sound-not-kept: a prompt of 2501 characters goes through the path-model standard only, "
        "which drops the sound of a clip that is gone on from"
    )
    assert told("omni-video", "kling-v3-omni", parameters={**parameters, "refer_type": "base"}).startswith("path-model")


def test_elements_and_voices_are_never_stuck_here() -> None:
    local = ("elements[0]", "voices[1]", "voice")
    assert told("image-to-video", "kling-v3", local=local) == "body-model /v1/videos/image2video"


def test_refused_routes_are_invalid_requests() -> None:
    found = provider.route("assemble", "kling-v3", {}, (), key)
    assert isinstance(found, Refusal)
    assert (found.answer, found.code) == (AnswerClass.INVALID, "kind-not-served")


@pytest.mark.parametrize(
    ("kind", "field", "form"),
    [
        ("motion-control", "image", Form.URL | Form.BASE64),
        ("motion-control", "video", Form.URL),
        ("omni-video", "references[3]", Form.URL | Form.BASE64),
        ("omni-video", "video", Form.URL),
        ("lip-sync", "video", Form.URL | Form.ID),
        ("lip-sync", "audio", Form.URL | Form.BASE64 | Form.ID),
        ("avatar", "image", Form.URL | Form.BASE64),
        ("avatar", "audio", Form.URL | Form.BASE64 | Form.ID),
        ("edit-elements", "video", Form.URL | Form.ID),
        ("edit-elements", "references[0]", Form.URL | Form.BASE64),
        ("video-to-audio", "video", Form.URL | Form.ID),
        ("voice", "audio", Form.URL),
        ("voice", "video", Form.URL | Form.ID),
        ("element", "images[0]", Form.URL | Form.BASE64),
        ("element", "video", Form.URL),
        ("element", "voice", Form.ID),
        ("image-to-video", "elements[0]", Form.ID),
        ("image-to-video", "voices[1]", Form.ID),
    ],
)
def test_forms(kind: str, field: str, form: Form) -> None:
    assert provider.forms(kind, field, _routed(kind)) == form


def test_forms_that_only_one_route_has() -> None:
    assert provider.forms("extend-video", "video", Route("body-model", "/v1/videos/video-extend")) == Form.ID
    turbo = Route("path-model", "/image-to-video/kling-3.0-turbo")
    assert provider.forms("image-to-video", "image", turbo) == Form.URL
    assert provider.forms("image-to-video", "elements[0]", turbo) == Form.ID


def test_packs_as_section_7_deals_them_out() -> None:
    packs = {path: endpoint.pack for path, endpoint in all_endpoints.items()}
    assert {path for path, pack in packs.items() if pack == "image"} == {
        "/v1/images/generations", "/v1/images/omni-image", "/v1/images/multi-image2image", "/v1/images/editing/expand",
        "/v1/images/kolors-virtual-try-on", "/v1/general/ai-multi-shot",
    }  # fmt: skip
    assert {path for path, pack in packs.items() if pack == "audio"} == {
        "/v1/audio/text-to-audio", "/v1/audio/video-to-audio",
    }  # fmt: skip
    assert [pack_of(path) for path in ("/v1/images/editing/expand/7", "/v1/audio/tts/7", "/tasks")] == [
        "image", "video", "video",
    ]  # fmt: skip


def _routed(kind: str) -> Route:
    found = provider.route(kind, "kling-v3-omni", {}, (), key)
    assert isinstance(found, Route)
    return found
