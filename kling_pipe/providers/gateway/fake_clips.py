"""Requests for clips and the world's orders for them: the path of the seed's page, and OpenAI's own (sections 3, 8).

Figures of pictures and prices are the native service's (kling.md sections 7 and 10), copied by hand.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from email import policy
from email.parser import BytesParser
from typing import Any

from kling_pipe.providers.gateway.fake_words import (
    Json,
    invalid,
    object_of,
    one_of,
    only,
    openai_error,
    task_error,
    text,
    whole,
)
from kling_pipe.simulator.inputs import InputFile, Unusable
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.service import Call
from kling_pipe.simulator.tasks import TaskOrder
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaType


@dataclass(frozen=True, slots=True)
class Tier:
    """What an id says: pixels of a clip's 16:9, sound, dollars a second."""

    sides: tuple[int, int]
    has_sound: bool
    price: Decimal


tiers: Mapping[str, Tier] = {
    "kling-v3-std-silent": Tier((1280, 720), has_sound=False, price=Decimal("0.084")),
    "kling-v3-std-audio": Tier((1280, 720), has_sound=True, price=Decimal("0.126")),
    "kling-v3-pro-silent": Tier((1920, 1080), has_sound=False, price=Decimal("0.112")),
    "kling-v3-pro-audio": Tier((1920, 1080), has_sound=True, price=Decimal("0.168")),
}
# Section 10: what a plain new-api offers; its body has a `mode`.
older = ("kling-v1", "kling-v1-6", "kling-v2-master", "kling-v2-1-master", "kling-v2-5-turbo", "kling-v2-6")
_ratios: Mapping[str, float] = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}
_wide, _tall = ("1280x720", "1920x1080"), ("720x1280", "1080x1920")
_fields = frozenset({"model", "prompt", "image", "last_image", "aspect_ratio", "duration", "extra_body", "user"})
_inner = frozenset({"negative_prompt", "cfg_scale", "multi_prompt", "element_list", "shot_type"})
_openai_fields = frozenset({"model", "prompt", "seconds", "size", "input_reference", "user"})
_shot_types = ("customize", "intelligent", "intelligence")  # the last is other services' word, and taken too


@dataclass(frozen=True, slots=True)
class Wish:
    """A checked request for a clip."""

    model: str
    tier: Tier
    prompt: str
    ratio: str
    seconds: int
    start: InputFile | None = None
    end: InputFile | None = None
    shots: tuple[tuple[str, float], ...] = ()
    user: str = ""
    size: str = ""

    def order(self, account: str, endpoint: str, name: str) -> TaskOrder:
        """The order to the world; `name` is the job's id."""
        width, height = self._sides()
        clip = ClipOrder(
            prompt=self.prompt, width=width, height=height, seconds=self.seconds + 0.041, label=self.model,
            sound=self.tier.has_sound, start=self.start.path if self.start else "",
            end=self.end.path if self.end else "", shots=self.shots,
        )  # fmt: skip
        slowness = 1.5 if self.tier.sides[1] == 1080 else 1.0
        return TaskOrder(
            account=account, service="gateway", product="video", endpoint=endpoint, model=self.model,
            units=(self.tier.price * self.seconds).normalize(), currency="USD",
            seconds=(30.0 + 10.0 * self.seconds) * slowness, outputs=(clip,), topic=name, name=name,
            details={"user": self.user, "requested": str(self.seconds), "size": self.size or f"{width}x{height}"},
        )  # fmt: skip

    def _sides(self) -> tuple[int, int]:
        """With a picture the picture decides; a ratio is not guaranteed then (section 3)."""
        wide, high = self.tier.sides
        facts = self.start.facts if self.start else None
        shape = facts.width / facts.height if facts else _ratios[self.ratio or "16:9"]
        return _even(math.sqrt(wide * high * shape)), _even(math.sqrt(wide * high / shape))


async def generation(call: Call, world: World) -> Wish:
    """`POST /v1/video/generations`."""
    body = object_of(call)
    model = _model(body, world)
    only(body, _fields | {"mode"} if model in older else _fields)
    extra = body.get("extra_body", {})
    if not isinstance(extra, dict):
        raise invalid("extra_body must be an object")
    only(extra, _inner, "extra_body.")
    shots, has_picture = _shots(extra), bool(text(body, "image"))
    prompt = text(body, "prompt")
    if shots and prompt and has_picture:
        raise invalid("prompt and extra_body.multi_prompt must not be passed together in image mode")
    if shots and not has_picture:
        raise invalid("extra_body.multi_prompt is for image mode")
    if not prompt.strip() and not shots:
        raise invalid("prompt is required")
    if text(body, "last_image") and not has_picture:
        raise invalid("last_image needs image, which is the first frame")
    _check_inner(extra)
    seconds = whole(body, "duration", 3, 15, 5)
    if shots and sum(length for _, length in shots) != seconds:
        raise task_error(400, "task_failed", "the shots' durations must add up to duration")
    return Wish(
        model=model, tier=_tier(model, text(body, "mode")), prompt=prompt, seconds=seconds, shots=shots,
        ratio=one_of(body, "aspect_ratio", tuple(_ratios)), user=text(body, "user"),
        start=await _picture(body, "image", world), end=await _picture(body, "last_image", world),
    )  # fmt: skip


async def video(call: Call, world: World) -> Wish:
    """`POST /v1/videos`, as JSON or as a form: seconds are a text, the size stands for a ratio."""
    is_form = call.headers.get("content-type", "").startswith("multipart/form-data")
    body, files = _form(call) if is_form else (object_of(call), {})
    model = _model(body, world)
    only(body, _openai_fields)
    if not text(body, "prompt").strip():
        raise invalid("prompt is required")
    digits, size = text(body, "seconds") or "5", text(body, "size")
    if not digits.isdecimal() or not 3 <= int(digits) <= 15:
        raise invalid(f"seconds must be between 3 and 15, not {digits}")
    start = await _picture(body, "input_reference", world)
    if "input_reference" in files:
        start = await _file(files["input_reference"], world)
    ratio = "16:9" if size in _wide or not size else "9:16" if size in _tall else "1:1"
    return Wish(
        model=model, tier=_tier(model, ""), prompt=text(body, "prompt"), ratio=ratio, seconds=int(digits), start=start,
        user=text(body, "user"), size=size,
    )  # fmt: skip


def job_name(world: World) -> str:
    """A new id: `task_` and 32 characters."""
    return f"task_{hashlib.sha256(world.request_id().encode()).hexdigest()[:32]}"


def _model(body: Mapping[str, Any], world: World) -> str:
    model = text(body, "model")
    if not model:
        raise task_error(400, "missing_model", "model is required")
    if (model not in tiers and model not in older) or model in world.settings.forbidden:
        message = f"This token has no access to model {model}"
        raise openai_error(403, "model_not_allowed", message, "new_api_error", "model")
    return model


def _tier(model: str, mode: str) -> Tier:
    if model in tiers:
        return tiers[model]
    if mode not in ("", "std", "pro"):
        raise invalid(f"mode must be one of std, pro, not {mode}")
    return replace(tiers[f"kling-v3-{mode or 'std'}-silent"])


def _shots(extra: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """The shape of an entry is not stated; the native one is asked for."""
    shots = extra.get("multi_prompt", [])
    if not isinstance(shots, list):
        raise invalid("extra_body.multi_prompt must be an array")
    found = []
    for place, shot in enumerate(shots):
        where = f"extra_body.multi_prompt[{place}]"
        if not isinstance(shot, dict) or set(shot) != {"index", "prompt", "duration"}:
            raise invalid(f"{where} must have index, prompt and duration")
        if shot["index"] != place + 1:
            raise invalid(f"{where}.index must be {place + 1}")
        if not text(shot, "prompt", f"{where}.").strip():
            raise invalid(f"{where}.prompt is required")
        if not (isinstance(shot["duration"], str) and shot["duration"].isdecimal() and int(shot["duration"]) > 0):
            raise invalid(f"{where}.duration must be whole seconds as a string")
        found.append((shot["prompt"], float(shot["duration"])))
    if len(found) > 6:
        raise invalid("extra_body.multi_prompt takes at most 6 entries")
    return tuple(found)


def _check_inner(extra: Json) -> None:
    text(extra, "negative_prompt", "extra_body.")
    scale = extra.get("cfg_scale", 0.5)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 <= scale <= 1:
        raise invalid("extra_body.cfg_scale must be a number from 0 to 1")
    one_of(extra, "shot_type", _shot_types, "extra_body.")
    elements = extra.get("element_list", [])
    if not isinstance(elements, list) or len(elements) > 3:
        raise invalid("extra_body.element_list must be an array of at most 3")
    for place, element in enumerate(elements):
        number = element.get("element_id") if isinstance(element, dict) and len(element) == 1 else None
        if isinstance(number, bool) or not isinstance(number, int):
            raise invalid(f"extra_body.element_list[{place}].element_id must be an integer")


async def _picture(body: Mapping[str, Any], name: str, world: World) -> InputFile | None:
    """A picture by a public address; Base64 is not mentioned, so it is refused."""
    url = text(body, name)
    if not url:
        return None
    if not url.startswith(("https://", "http://")):
        raise invalid(f"{name} must be a publicly reachable URL")
    try:
        found = await world.inputs.from_url(url, world.hosts)
    except Unusable as error:
        message = f"{name} {error}: media must be publicly reachable"
        raise task_error(400, "fail_to_fetch_task", f"upstream status 400: {message}") from error
    return _checked(found, name)


async def _file(data: bytes, world: World) -> InputFile:
    try:
        found = await world.inputs.from_base64(base64.b64encode(data).decode())
    except Unusable as error:
        raise invalid(f"input_reference {error}") from error
    return _checked(found, "input_reference")


def _checked(found: InputFile, name: str) -> InputFile:
    facts = found.facts
    if facts.type is not MediaType.IMAGE or facts.format not in ("jpeg", "png") or facts.bytes > 10_485_760:
        raise task_error(400, "task_failed", f"{name} must be a jpeg or png of at most 10MB")
    if min(facts.width, facts.height) < 300 or not 0.4 <= facts.width / facts.height <= 2.5:
        raise task_error(400, "task_failed", f"{name} is {facts.width}x{facts.height}: at least 300px, 1:2.5 to 2.5:1")
    return found


def _form(call: Call) -> tuple[Json, dict[str, bytes]]:
    """The texts and files of a multipart form."""
    head = f"content-type: {call.headers['content-type']}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + call.body)
    texts: Json = {}
    files: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = str(part.get_param("name", "", "content-disposition"))
        data = part.get_payload(decode=True)
        content = data if isinstance(data, bytes) else b""
        if part.get_filename() is None:
            texts[name] = content.decode("utf-8", "replace")
        else:
            files[name] = content
    return texts, files


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
