"""Clip endpoints of the path-model standard: text-to-video, image-to-video and motion-control of each model.

Field tables from kling.md section 12 ("Video, path-model"). The order of checks is the observed one: ratio, resolution,
audio, then prompt and duration for a flat prompt, duration and prompt for `contents`; unknown fields are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_clips import Clip, moving
from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, missing, read, wrong
from kling_pipe.providers.kling.fake_media import Desk, external_id_of
from kling_pipe.providers.kling.fake_models import path_model
from kling_pipe.simulator.tasks import TaskOrder

_options = Field(
    "options",
    "object",
    children=(
        Field("callback_url"),
        Field("external_task_id"),
        Field("watermark_info", "object", children=(Field("enabled", "switch"),)),
    ),
)
_shape = (Field("settings", "object"), _options)
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
Values = Mapping[str, Any]


async def text_to_video(name: str, body: Values, desk: Desk, account: str) -> TaskOrder:
    """`POST /text-to-video/<model>`."""
    model = path_model(name, "text-to-video")
    settings = _settings(body)
    ratio = _chosen(settings, "aspect_ratio", tables.video_ratios, "16:9")
    resolution, sound = _common(settings, model)
    prompt = _prompt(body.get("prompt"), model.text_prompt, "prompt")
    seconds = _duration(settings, model)
    shots = _shots(prompt, settings, model, seconds)
    return Clip(
        endpoint=f"/text-to-video/{name}", function="text-to-video", model=name, price=name,
        case="sound" if sound else "silent", resolution=resolution, seconds=seconds,
        sides=tables.clip_size(resolution, ratio), prompt=prompt, sound=sound, shots=shots, **_taken(body),
    ).order(account)  # fmt: skip


async def image_to_video(name: str, body: Values, desk: Desk, account: str) -> TaskOrder:
    """`POST /image-to-video/<model>`."""
    model = path_model(name, "image-to-video")
    settings = _settings(body)
    resolution, sound = _common(settings, model)
    seconds = _duration(settings, model)
    kinds = {"prompt": 1, "first_frame": 1}
    kinds |= {"last_frame": 1} if model.last_frame else {}
    kinds |= {"element": model.elements} if model.elements else {}
    kinds |= {"voice": model.voices} if model.voices else {}
    items = _items(body, kinds)
    prompt = _prompt(_one(items, "prompt", "text"), model.image_prompt, "contents prompt text")
    if not items.get("first_frame"):
        raise missing("contents first_frame")
    _check_last_frame(items, model, resolution, sound=sound)
    voices = bool(items.get("voice"))
    if voices and not sound:
        raise wrong("contents voice requires audio to be native")
    first = await desk.picture("contents first_frame url", _one(items, "first_frame", "url") or "")
    last = _one(items, "last_frame", "url")
    return Clip(
        endpoint=f"/image-to-video/{name}", function="image-to-video", model=name, price=name,
        case="voice" if voices else "sound" if sound else "silent", resolution=resolution, seconds=seconds,
        sides=tables.clip_size_like(resolution, first.facts.width, first.facts.height), prompt=prompt, sound=sound,
        start=first.path, end=(await desk.picture("contents last_frame url", last)).path if last else "",
        shots=_shots(prompt, settings, model, seconds), **_taken(body),
    ).order(account)  # fmt: skip


async def motion_control(name: str, body: Values, desk: Desk, account: str) -> TaskOrder:
    """`POST /motion-control/<model>`."""
    model = path_model(name, "motion-control")
    if not body.get("settings"):
        raise missing("settings")
    settings = _settings(body)
    resolution = _chosen(settings, "resolution", ("720p", "1080p"), "720p", "video resolution")
    audio = _chosen(settings, "audio", ("original", "off"), "original")
    orientation = _chosen(settings, "character_orientation", ("image", "video"), "")
    if not orientation:
        raise missing("settings.character_orientation")
    kinds = {"prompt": 1, "image": 1, "video": 1} | ({"element": 1} if model.elements else {})
    items = _items(body, kinds)
    for kind in ("image", "video"):
        if not items.get(kind):
            raise missing(f"contents {kind}")
    text = _one(items, "prompt", "text")
    prompt = _prompt(text, 2500, "contents prompt text") if items.get("prompt") else ""
    return moving(
        endpoint=f"/motion-control/{name}", model=name, price=name, resolution=resolution, prompt=prompt,
        sound=audio == "original",
        picture=await desk.picture("contents image url", _one(items, "image", "url") or ""),
        clip=await desk.reference_clip("contents video url", _one(items, "video", "url") or "", orientation),
        **_taken(body),
    ).order(account)  # fmt: skip


def _settings(body: Values) -> Values:
    settings = body.get("settings") or {}
    if not isinstance(settings, dict):
        raise Rebuff(400, 1200, "settings must be an object")
    return settings


def _taken(body: Values) -> dict[str, Any]:
    options = read({"options": body.get("options")}, (_options,), others=Others.IGNORED).get("options", {})
    return {
        "external_id": external_id_of(options.get("external_task_id")),
        "watermark": bool(options.get("watermark_info", {}).get("enabled")),
    }


def _chosen(settings: Values, name: str, values: Sequence[str], default: str, word: str = "") -> str:
    value = settings.get(name)
    if value is None or value == "":
        return default
    if value not in values:
        raise wrong(f"{word or name} value '{value}' is invalid")
    return str(value)


def _common(settings: Values, model: tables.PathModel) -> tuple[str, bool]:
    """Resolution and whether there is sound, in the observed order of checks."""
    resolution = _chosen(settings, "resolution", model.resolutions, "720p", "video resolution")
    audio = _chosen(settings, "audio", model.audio, "off") if model.audio else "off"
    native = audio == "native"
    if native and model.voices and resolution != "1080p":  # 2.6, the only model with voices
        raise wrong("audio value 'native' is invalid, it requires resolution 1080p")
    return resolution, native or model.always_sound


def _duration(settings: Values, model: tables.PathModel) -> int:
    value = settings.get("duration")
    if value is None:
        return 5
    if isinstance(value, bool) or not isinstance(value, int) or value not in model.seconds:
        raise wrong(f"duration value '{value}' is invalid")
    return value


def _prompt(text: Any, most: int, name: str) -> str:
    if text is None or (isinstance(text, str) and not text.strip()):
        raise wrong(f"{name} must not be blank")
    if not isinstance(text, str):
        raise Rebuff(400, 1200, f"{name} must be a string")
    if len(text) > most:
        raise wrong(f"{name} exceeds the maximum length of {most} characters")
    return text


def _items(body: Values, kinds: Mapping[str, int]) -> dict[str, list[dict[str, Any]]]:
    items: dict[str, list[dict[str, Any]]] = {}
    names: set[str] = set()
    for item in read({"contents": body.get("contents")}, (_contents,), others=Others.IGNORED)["contents"]:
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


_needed: Mapping[str, tuple[str, ...]] = {
    "prompt": (),  # a blank text has its own refusal
    "first_frame": ("url",),
    "last_frame": ("url",),
    "image": ("url",),
    "video": ("url",),
    "element": ("element_id", "id"),
    "voice": ("voice_id", "id"),
}


def _one(items: Mapping[str, list[dict[str, Any]]], kind: str, field: str) -> str | None:
    return items[kind][0].get(field) if items.get(kind) else None


def _check_last_frame(items: Mapping[str, Any], model: tables.PathModel, resolution: str, *, sound: bool) -> None:
    if not items.get("last_frame") or model.last_frame == "any":
        return
    if resolution != "1080p":
        raise wrong("contents last_frame requires resolution 1080p")
    if sound:
        raise wrong("contents last_frame requires audio to be off")


_shot = re.compile(r"\s*shot\s+(\d+)\s*,\s*(\d+)\s*,\s*(.*)\s*", re.IGNORECASE | re.DOTALL)


def _shots(prompt: str, settings: Values, model: tables.PathModel, seconds: int) -> tuple[tuple[str, float], ...]:
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
