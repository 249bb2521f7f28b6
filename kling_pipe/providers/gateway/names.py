"""The gateway's own ids of models: those of clips say tier and sound, those of pictures nobody has published.

gateway.md sections 3 and 9. `own` are the ids that a profile states, by `MODEL` or `KIND/MODEL`.
"""

from __future__ import annotations

from collections.abc import Mapping

clip_model = "kling-v3"
clip_ids: Mapping[tuple[str, bool], str] = {
    ("std", False): "kling-v3-std-silent",
    ("std", True): "kling-v3-std-audio",
    ("pro", False): "kling-v3-pro-silent",
    ("pro", True): "kling-v3-pro-audio",
}
# Section 9: GPT image models always give Base64, and know no `response_format`.
_bytes_only = ("gpt-image", "chatgpt-image")


def tier_of(parameters: Mapping[str, object]) -> str:
    """The page's id of a clip of its one model."""
    mode, sound = parameters.get("mode"), parameters.get("sound")
    return clip_ids["pro" if mode == "pro" else "std", sound is True]


def clip_id(kind: str, model: str, parameters: Mapping[str, object], own: Mapping[str, str]) -> str:
    """The id that a clip is asked for by."""
    name = tier_of(parameters) if model == clip_model else model
    return own_id(kind, name, own) or name


def picture_id(kind: str, model: str, own: Mapping[str, str]) -> str:
    """The id that a picture is asked for by: the profile's, or the canonical name as it is."""
    return own_id(kind, model, own) or model


def own_id(kind: str, name: str, own: Mapping[str, str]) -> str:
    """What a profile states for a name; what it says of one kind goes before what it says of all."""
    return own.get(f"{kind}/{name}") or own.get(name, "")


def answers_bytes_only(model_id: str) -> bool:
    """Whether what a model makes comes as bytes without an address."""
    return model_id.startswith(_bytes_only)
