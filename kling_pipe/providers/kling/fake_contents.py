"""Reads what path-model requests are made of: `settings`, `contents`, and the shots that a prompt writes out.

Field tables from kling.md section 12 ("Video, path-model"); unknown fields are ignored there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, missing, read, wrong

Values = Mapping[str, Any]
Items = Mapping[str, Sequence[Mapping[str, Any]]]  # the items of `contents` by their type

_contents = Field(
    "contents",
    "list",
    required=True,
    most=20,
    least=1,
    children=(
        Field("type", required=True),
        Field("text"),
        Field("url"),
        Field("element_id"),
        Field("voice_id"),
        Field("id"),
    ),
)


def settings_of(body: Values) -> Values:
    """The `settings` object, empty when absent."""
    settings = body.get("settings") or {}
    if not isinstance(settings, dict):
        raise Rebuff(400, 1200, "settings must be an object")
    return settings


def chosen(settings: Values, name: str, values: Sequence[str], default: str, word: str = "") -> str:
    """One of the values of a setting."""
    value = settings.get(name)
    if value is None or value == "":
        return default
    if value not in values:
        raise wrong(f"{word or name} value '{value}' is invalid")
    return str(value)


def common(settings: Values, model: tables.PathModel) -> tuple[str, bool]:
    """Resolution and whether there is sound, in the observed order of checks."""
    resolution = chosen(settings, "resolution", model.resolutions, "720p", "video resolution")
    audio = chosen(settings, "audio", model.audio, "off") if model.audio else "off"
    native = audio == "native"
    if native and model.voices and resolution != "1080p":  # 2.6, the only model with voices
        raise wrong("audio value 'native' is invalid, it requires resolution 1080p")
    return resolution, native or model.always_sound


def duration_of(settings: Values, model: tables.PathModel) -> int:
    """Whole seconds; text is refused here (D22)."""
    value = settings.get("duration")
    if value is None:
        return 5
    if isinstance(value, bool) or not isinstance(value, int) or value not in model.seconds:
        raise wrong(f"duration value '{value}' is invalid")
    return value


def prompt_of(text: Any, most: int, name: str) -> str:
    """A prompt that is not blank and not too long."""
    if text is None or (isinstance(text, str) and not text.strip()):
        raise wrong(f"{name} must not be blank")
    if not isinstance(text, str):
        raise Rebuff(400, 1200, f"{name} must be a string")
    if len(text) > most:
        raise wrong(f"{name} exceeds the maximum length of {most} characters")
    return text


def items_of(body: Values, kinds: Mapping[str, int]) -> dict[str, list[dict[str, Any]]]:
    """The items of `contents` by type; `kinds` says how many of each an endpoint takes."""
    items: dict[str, list[dict[str, Any]]] = {}
    names: set[str] = set()
    for item in read({"contents": body.get("contents")}, (_items(kinds),), others=Others.IGNORED)["contents"]:
        kind = item["type"]
        if kind not in kinds:
            raise wrong(f"contents type value '{kind}' is invalid")
        needed = _needed[kind]
        for field in needed:
            if field not in item:
                raise missing(f"contents {kind} {field}")
        if kind != "prompt" and "text" in item:
            raise wrong(f"contents text is only for type prompt, found with {kind}")
        name = item.get("id")
        if name in names:
            raise wrong(f"contents id value '{name}' is used twice")
        names |= {name} if name else set()
        items.setdefault(kind, []).append(item)
        if len(items[kind]) > kinds[kind]:
            raise wrong(f"contents has more than {kinds[kind]} items of type {kind}")
    return items


def _items(kinds: Mapping[str, int]) -> Field:
    """`contents` with the fields that items of these types have; others are ignored."""
    known = tuple(field for field in _contents.children if kinds.keys() & set(_only_with.get(field.name, kinds)))
    return replace(_contents, children=known)


_only_with: Mapping[str, tuple[str, ...]] = {
    "element_id": ("element",),
    "voice_id": ("voice",),
    "id": ("element", "voice", "refer_image"),
}
_needed: Mapping[str, tuple[str, ...]] = {
    "prompt": (),  # a blank text has its own refusal
    "first_frame": ("url",),
    "last_frame": ("url",),
    "image": ("url",),
    "video": ("url",),
    "refer_image": ("url",),
    "feature_video": ("url",),
    "base_video": ("url",),
    "element": ("element_id", "id"),
    "voice": ("voice_id", "id"),
}


def one(items: Items, kind: str, field: str) -> str | None:
    """A field of the only item of a type."""
    return items[kind][0].get(field) if items.get(kind) else None


_shot = re.compile(r"\s*shot\s+(\d+)\s*,\s*(\d+)\s*,\s*(.*)\s*", re.IGNORECASE | re.DOTALL)


def shots_of(prompt: str, settings: Values, model: tables.PathModel, seconds: int) -> tuple[tuple[str, float], ...]:
    """The shots that the prompt's syntax asks for: `shot 1, 3, words; shot 2, 2, words`."""
    switch = settings.get("multi_shot")
    if switch is not None and not isinstance(switch, bool) and model.shots == "setting":
        raise Rebuff(400, 1200, "settings.multi_shot must be a boolean")
    if not model.shots or (model.shots == "setting" and switch is False):
        return ()
    matches = [_shot.fullmatch(part) for part in prompt.split(";") if part.strip()]
    if not matches or matches[0] is None:
        return ()
    found = [match.groups() for match in matches if match]
    if len(found) != len(matches) or [int(n) for n, _, _ in found] != list(range(1, len(found) + 1)):
        raise wrong("prompt shot syntax is invalid")
    if len(found) > 6 or any(int(length) < 1 for _, length, _ in found):
        raise wrong("prompt shots must be 1 to 6 of at least 1 second")
    if any(len(words) > 512 for _, _, words in found):
        raise wrong("prompt shot text exceeds the maximum length of 512 characters")
    if sum(int(length) for _, length, _ in found) != seconds:
        raise wrong("the sum of shot durations must be equal to duration")
    return tuple((words.strip(), float(length)) for _, length, words in found)
