"""Which standard and endpoint a job takes, and what no route can serve."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Material, Route
from kling_pipe.values.transfer import Form
from tests.providers.kling_jobs import picture

provider = KlingProvider()
key, pair = CredentialKind.API_KEY, CredentialKind.KEY_PAIR
long_prompt = {"prompt": "x" * 2501}


def told(kind: str, model: str, *, parameters: dict[str, object] | None = None, local: tuple[str, ...] = (),
         credential: CredentialKind | None = key, wired: tuple[str, ...] = ()) -> str:  # fmt: skip
    found = provider.route(kind, model, parameters or {}, local, credential, wired)
    return f"{found.code}: {found.message}" if isinstance(found, Refusal) else str(found)


def test_body_model_is_taken_where_it_exists_whatever_the_credential() -> None:
    for credential in (key, pair, None):
        assert told("text-to-image", "kling-v3", credential=credential) == "body-model /v1/images/generations"
        assert told("text-to-image", "kling-image-o1", credential=credential) == "body-model /v1/images/omni-image"
        assert told("image-to-video", "kling-v2-6", credential=credential) == "body-model /v1/videos/image2video"
        assert told("text-to-video", "kling-v1", credential=credential) == "body-model /v1/videos/text2video"
        assert told("motion-control", "kling-v3", credential=credential) == "body-model /v1/videos/motion-control"


def test_pictures_from_pictures_go_by_what_is_wired() -> None:
    assert told("image-to-image", "kling-v2-1", wired=("image",)) == "body-model /v1/images/generations"
    assert told("image-to-image", "kling-v2-1", wired=("references[0]",)) == "body-model /v1/images/multi-image2image"
    assert told("image-to-image", "kling-v2-1", local=("references[0]",)) == "body-model /v1/images/multi-image2image"
    assert told("image-to-image", "kling-v3-omni", wired=("references[0]",)) == "body-model /v1/images/omni-image"


def test_path_model_is_taken_where_only_it_can_and_says_why() -> None:
    assert provider.route("text-to-video", "kling-v3", long_prompt, (), None) == Route(
        "path-model", "/text-to-video/kling-3.0",
        "a prompt of 2501 characters goes through the path-model standard only",
    )  # fmt: skip
    assert told("image-to-video", "kling-v3-turbo") == "path-model /image-to-video/kling-3.0-turbo"


def test_a_key_pair_cannot_take_the_path_model() -> None:
    assert told("text-to-video", "kling-v3-turbo", credential=pair) == (
        "needs-api-key: `kling-v3-turbo` exists on the path-model standard only, "
        "which refuses an access and secret key: it needs an API key"
    )


def test_a_local_picture_cannot_take_the_path_model() -> None:
    assert told("image-to-video", "kling-v3", parameters=dict(long_prompt), local=("image",)) == (
        "needs-url: a prompt of 2501 characters goes through the path-model standard only, "
        "which takes media by URL only, and `image` has none: name an uploader in the profile or give a URL"
    )


def test_a_local_clip_can_take_no_route() -> None:
    assert told("motion-control", "kling-v2-6", local=("image", "video")) == (
        "needs-url: clips travel by URL only, and `video` has none: name an uploader in the profile or give a URL"
    )


def test_refused_routes_are_invalid_requests() -> None:
    found = provider.route("lip-sync", "kling-v3", {}, (), key)
    assert isinstance(found, Refusal)
    assert (found.answer, found.code) == (AnswerClass.INVALID, "kind-not-served")


@pytest.mark.parametrize(
    ("field", "standard", "form"),
    [
        ("image", "body-model", Form.URL | Form.BASE64),
        ("references[3]", "body-model", Form.URL | Form.BASE64),
        ("video", "body-model", Form.URL),
        ("image", "path-model", Form.URL),
    ],
)
def test_forms(field: str, standard: str, form: Form) -> None:
    assert provider.forms("motion-control", field, Route(standard, "/x")) == form


def test_a_material_is_described_by_its_field_and_cut() -> None:
    assert provider.describe_material(Material("image", "d", picture)) == "image"
    assert provider.describe_material(Material("image", "d", picture, "last_frame")) == "image (last_frame)"
