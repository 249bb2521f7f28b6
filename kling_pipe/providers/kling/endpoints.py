"""Where a request goes: the endpoints of both standards and which one a job needs; kling.md sections 0, 11, 12."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route
from kling_pipe.values.transfer import Form

body_model = "body-model"  # the vendor's word is legacy: model in `model_name`, flat body, paths under /v1/
path_model = "path-model"  # model in the path; contents, settings, options

generations = "/v1/images/generations"
omni_image = "/v1/images/omni-image"
multi_image = "/v1/images/multi-image2image"
text2video = "/v1/videos/text2video"
image2video = "/v1/videos/image2video"
motion_control = "/v1/videos/motion-control"

_endpoints: Mapping[str, str] = {
    "text-to-image": generations,
    "image-to-image": generations,
    "text-to-video": text2video,
    "image-to-video": image2video,
    "motion-control": motion_control,
}
# Models whose pictures are made by omni-image, section 11.
omni_image_models = frozenset({"kling-image-o1", "kling-v3-omni"})
# The path-model name of each model that has one; section 11.
path_names: Mapping[str, str] = {
    "kling-v3": "kling-3.0",
    "kling-v3-turbo": "kling-3.0-turbo",
    "kling-v2-6": "kling-2.6",
    "kling-v2-5-turbo": "kling-2.5-turbo",
}
path_only_models = frozenset({"kling-v3-turbo"})
path_kinds = frozenset({"text-to-video", "image-to-video", "motion-control"})
# Prompts longer than the body-model standard takes; section 10.
_body_prompt = 2500
_longer_prompts = frozenset({("kling-v3", "text-to-video"), ("kling-v3", "image-to-video")})
_multi_image_fields = frozenset({"references", "scene_image", "style_image"})
_url_only_fields = frozenset({"video"})  # clips travel as URLs on both standards, section 10


def choose_route(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    wired: Collection[str],
    local: Sequence[str],
    credential: CredentialKind | None,
) -> Route | Refusal:
    """Body-model where it can serve, because it works with both credentials and takes Base64; else path-model."""
    if kind not in _endpoints:
        return _refusal("kind-not-served", f"Kling's native API has no endpoint for `{kind}` here")
    reason = _why_path(kind, model, parameters)
    route = (
        Route(path_model, f"/{kind}/{path_names[model]}", reason)
        if reason
        else Route(body_model, body_endpoint(kind, model, wired))
    )
    if reason and credential is CredentialKind.KEY_PAIR:
        return _refusal("needs-api-key", f"{reason}, which refuses an access and secret key: it needs an API key")
    stuck = [field for field in local if Form.BASE64 not in forms_of(field, route)]
    if stuck:
        where = f"{reason}, which takes media by URL only" if reason else "clips travel by URL only"
        message = f"{where}, and `{stuck[0]}` has none: name an uploader in the profile or give a URL"
        return Refusal(AnswerClass.INVALID, "needs-url", message, field=stuck[0])
    return route


def body_endpoint(kind: str, model: str, wired: Collection[str]) -> str:
    """The body-model endpoint of a kind; pictures from pictures have three, by model and by what is wired."""
    if kind in ("text-to-image", "image-to-image") and model in omni_image_models:
        return omni_image
    if kind == "image-to-image" and _multi_image_fields & {field.partition("[")[0] for field in wired}:
        return multi_image
    return _endpoints[kind]


def forms_of(field: str, route: Route) -> Form:
    """URL only on path-model (D7) and for clips; body-model takes pictures as bare Base64 too."""
    return Form.URL if route.standard == path_model or field in _url_only_fields else Form.URL | Form.BASE64


def product_of(path: str) -> str:
    """The pack that a body-model path draws on, as far as its name tells."""
    return "image" if path.startswith("/v1/images/") else "video"


def _why_path(kind: str, model: str, parameters: Mapping[str, object]) -> str:
    prompt = parameters.get("prompt")
    if model in path_only_models:
        return f"`{model}` exists on the path-model standard only"
    if (model, kind) in _longer_prompts and isinstance(prompt, str) and len(prompt) > _body_prompt:
        return f"a prompt of {len(prompt)} characters goes through the path-model standard only"
    return ""


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(AnswerClass.INVALID, code, message)
