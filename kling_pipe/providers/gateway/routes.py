"""Which of its two create paths a job takes, what it has no words for there, and how its pictures travel.

gateway.md sections 3, 7 and 9.

1. No create carries an id of ours, and none is known to be refused when it is repeated.
2. Media travel by public address only; Base64 is mentioned nowhere.
3. What a request has no field for is refused here, because the service would do without it and charge all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kling_pipe.providers.gateway import names
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Route
from kling_pipe.values.media import MediaType
from kling_pipe.values.transfer import Form

standard = "openai"
clips, pictures = "/v1/video/generations", "/v1/images/generations"
_paths: Mapping[str, str] = {
    "text-to-image": pictures,
    "image-to-image": pictures,
    "text-to-video": clips,
    "image-to-video": clips,
}
# What the two requests can say; the catalogue knows it of its models, here it is for those that nobody knows.
_words: Mapping[str, frozenset[str]] = {
    pictures: frozenset({"prompt", "aspect_ratio", "resolution", "image", "references"}),
    clips: frozenset({
        "prompt", "negative_prompt", "cfg_scale", "duration", "aspect_ratio", "mode", "sound", "shots", "image",
        "image_tail", "elements",
    }),
}  # fmt: skip
_named_by_id = "elements"


def makes(route: Route) -> MediaType:
    """What comes out of a route."""
    return MediaType.IMAGE if route.endpoint == pictures else MediaType.VIDEO


def choose_route(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    local: Sequence[str],
    wired: Sequence[str],
    own: Mapping[str, str],
) -> Route | Refusal:
    """The route, or why there is none."""
    path = _paths.get(kind)
    if path is None:
        return _refusal("kind-not-served", f"a gateway has no call for `{kind}`")
    refusal = _unsaid(path, model, parameters, wired) or _untold_tier(kind, path, model, own) or _stuck(local)
    if refusal is not None:
        return refusal
    if path == clips:
        return Route(standard, path, has_external_id=False)
    model_id = names.picture_id(kind, model, own)
    return Route(
        standard,
        path,
        has_external_id=False,
        has_urls=not names.answers_bytes_only(model_id),
        remark="" if names.own_id(kind, model, own) else _assumed(model),
    )


def form_of(field: str) -> Form:
    """How a wired field may travel."""
    return Form.ID if _name(field) == _named_by_id else Form.URL


def _unsaid(path: str, model: str, parameters: Mapping[str, object], wired: Sequence[str]) -> Refusal | None:
    """The first thing that the request has no field for."""
    said = {name for name, value in parameters.items() if value not in (None, False)}
    strange = sorted({*said, *map(_name, wired)} - _words[path])
    if path == clips and model != names.clip_model and "sound" in said:
        strange.append("sound")  # it lives in the id, and this one says nothing of it that is known here
    if not strange:
        return None
    message = (
        f"a gateway's request has no field for `{strange[0]}` of `{model}`: leave it out, or write it into `extra`"
    )
    return _refusal("not-supported", message, strange[0])


def _untold_tier(kind: str, path: str, model: str, own: Mapping[str, str]) -> Refusal | None:
    """An id for all clips of the model would be sent whatever mode and sound a step asks for."""
    if path != clips or model != names.clip_model or f"{kind}/{model}" not in own:
        return None
    told = ", ".join(f"`{name}`" for name in names.clip_ids.values())
    message = (
        f"`models` of the profile names one id for `{kind}/{model}`, and ids of clips say tier and sound: name {told}"
    )
    return _refusal("tier-untold", message)


def _stuck(local: Iterable[str]) -> Refusal | None:
    """The refusal of the first picture that has no address."""
    for field in local:
        if _name(field) != _named_by_id:
            message = (
                f"a gateway takes media by public URL only, and `{field}` has none: name an uploader in the profile or"
                " give a URL"
            )
            return _refusal("needs-url", message, field)
    return None


def _assumed(model: str) -> str:
    return f"the gateway is asked for a picture by the name `{model}`, because its own id for it is not known"


def _name(field: str) -> str:
    return field.partition("[")[0]


def _refusal(code: str, message: str, field: str = "") -> Refusal:
    return Refusal(AnswerClass.INVALID, code, message, field=field)
