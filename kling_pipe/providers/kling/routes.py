"""Which standard and endpoint a job takes, and how its media may travel there; kling.md sections 0, 10, 11, 12.

1. Body-model wherever it can serve, because it works with both credentials and takes Base64.
2. Path-model for models that exist there only, and for prompts the body-model standard finds too long.
3. What no route can serve is refused here, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.endpoints import body_model, path_model
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route
from kling_pipe.values.transfer import Form

# The path-model name of each model that has one; section 11.
path_names: Mapping[str, str] = {
    "kling-v3": "kling-3.0",
    "kling-v3-omni": "kling-3.0-omni",
    "kling-v3-turbo": "kling-3.0-turbo",
    "kling-video-o1": "kling-o1",
    "kling-v2-6": "kling-2.6",
    "kling-v2-5-turbo": "kling-2.5-turbo",
}
path_only_models = frozenset({"kling-v3-turbo"})
# Kinds that the path standard makes by another of its own.
_path_kinds: Mapping[str, str] = {"multi-image-to-video": "omni-video", "extend-video": "omni-video"}
_body_prompt = 2500  # characters; section 10
# Where the path standard takes more of them (3072); section 10.
_longer_prompts = frozenset({
    ("kling-v3", "text-to-video"), ("kling-v3", "image-to-video"), ("kling-v3-omni", "omni-video"),
    ("kling-v3-omni", "multi-image-to-video"), ("kling-v3-omni", "extend-video"),
})  # fmt: skip
_named_by_id = frozenset({"elements", "voices", "voice"})
_url_or_id = Form.URL | Form.ID
_bytes_too = Form.URL | Form.BASE64
# Section 12, by endpoint and field. Everything else: clips by URL, pictures by URL or bare Base64 (section 10).
_forms: Mapping[tuple[str, str], Form] = {
    (endpoints.video_extend, "video"): Form.ID,
    (endpoints.lip_sync, "video"): _url_or_id,  # of identify-face
    (endpoints.multi_elements, "video"): _url_or_id,  # of init-selection
    (endpoints.video_to_audio, "video"): _url_or_id,
    (endpoints.voices, "video"): _url_or_id,
    (endpoints.voices, "audio"): Form.URL,
    (endpoints.lip_sync, "audio"): _bytes_too | Form.ID,
    (endpoints.avatar, "audio"): _bytes_too | Form.ID,
}


def choose_route(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    wired: Collection[str],
    local: Sequence[str],
    credential: CredentialKind | None,
) -> Route | Refusal:
    """The route, or why there is none."""
    if kind not in endpoints.served_kinds:
        return _refusal("kind-not-served", f"Kling's native API has no endpoint for `{kind}`")
    reason = _why_path(kind, model, parameters)
    route = _on_path(kind, model, reason) if reason else _on_body(kind, model, wired)
    if reason and credential is CredentialKind.KEY_PAIR:
        return _refusal("needs-api-key", f"{reason}, which refuses an access and secret key: it needs an API key")
    if reason and parameters.get("keep_original_sound") and _is_feature(kind, parameters):
        return _refusal("sound-not-kept", f"{reason}, which drops the sound of a clip that is gone on from")
    return _stuck(kind, local, route, reason) or route


def forms_of(field: str, route: Route) -> Form:
    """How a wired field may travel. URL only on path-model (D7)."""
    name = field.partition("[")[0]
    if name in _named_by_id:
        return Form.ID
    if route.standard == path_model:
        return Form.URL
    return _forms.get((route.endpoint, name), Form.URL if name == "video" else _bytes_too)


def _on_path(kind: str, model: str, reason: str) -> Route:
    return Route(path_model, f"/{_path_kinds.get(kind, kind)}/{path_names[model]}", reason)


def _on_body(kind: str, model: str, wired: Collection[str]) -> Route:
    path = endpoints.body_path(kind, model, wired)
    return Route(body_model, path, has_external_id=not endpoints.all_endpoints[path].at_once)


def _why_path(kind: str, model: str, parameters: Mapping[str, object]) -> str:
    prompt = parameters.get("prompt")
    if model in path_only_models:
        return f"`{model}` exists on the path-model standard only"
    if isinstance(parameters.get("shots"), list | tuple):
        return ""  # the shots are the prompt
    if (model, kind) in _longer_prompts and isinstance(prompt, str) and len(prompt) > _body_prompt:
        return f"a prompt of {len(prompt)} characters goes through the path-model standard only"
    return ""


def _is_feature(kind: str, parameters: Mapping[str, object]) -> bool:
    return kind == "extend-video" or parameters.get("refer_type") == "feature"


def _stuck(kind: str, local: Sequence[str], route: Route, reason: str) -> Refusal | None:
    """The refusal of the first field whose bytes are here only and cannot travel as such."""
    for field in local:
        forms = forms_of(field, route)
        if Form.BASE64 in forms or field.partition("[")[0] in _named_by_id:
            continue
        if forms is Form.ID:
            message = f"`{kind}` goes on from clips that Kling made within 30 days, and `{field}` is none of them"
            return Refusal(AnswerClass.INVALID, "needs-own-clip", message, field=field)
        what = "clips travel by URL only" if field == "video" else "the sound of a voice travels by URL only"
        where = f"{reason}, which takes media by URL only" if reason else what
        message = f"{where}, and `{field}` has none: name an uploader in the profile or give a URL"
        return Refusal(AnswerClass.INVALID, "needs-url", message, field=field)
    return None


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(AnswerClass.INVALID, code, message)
