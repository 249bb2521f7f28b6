"""`POST /v1/images/generations`: pictures in one blocking call (gateway.md section 9)."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kling_pipe.providers.gateway.fake_jobs import answers_of
from kling_pipe.providers.gateway.fake_words import Json, Rebuff, denied, object_of, openai_error
from kling_pipe.simulator.inputs import Unusable
from kling_pipe.simulator.media_order import PictureOrder
from kling_pipe.simulator.service import Call
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import Denial, World
from kling_pipe.values.media import MediaType

# The ids are this gateway's own choice, for none is published: dollars a picture.
prices: Mapping[str, Decimal] = {
    "kling-v3": Decimal("0.028"), "kling-v3-omni": Decimal("0.028"), "kling-image-o1": Decimal("0.028"),
    "kling-v2-1": Decimal("0.014"), "gpt-image-1": Decimal("0.042"), "dall-e-3": Decimal("0.04"),
}  # fmt: skip
_path = "/v1/images/generations"
_plain = frozenset({"model", "prompt", "n", "size", "response_format", "image", "images", "user"})
_more = frozenset({"quality", "background", "output_format", "output_compression", "style", "moderation"})
_gpt_sizes = ("1024x1024", "1536x1024", "1024x1536", "auto")
_form = re.compile(r"([1-9][0-9]{2,3})x([1-9][0-9]{2,3})")
_seconds = 24.0
_large = 8_000_000  # pixels, beyond which a picture costs double: 4k; kling-v2-1 does so with a picture to begin with


async def generated(call: Call, world: World, account: str) -> Json:
    """The whole call: what was made is charged for, whether or not anybody waits for the answer."""
    try:
        body = object_of(call)
    except Rebuff as error:
        raise openai_error(400, "invalid_json", "the request body is not a JSON object") from error
    model = _model(body, world)
    gives_bytes = model.startswith("gpt-image")
    for name in sorted(set(body) - _plain - _more):
        raise _wrong(f"Unknown parameter: '{name}'", name)
    if gives_bytes and "response_format" in body:
        raise _wrong("Unknown parameter: 'response_format'", "response_format")
    wanted = body.get("response_format", "url")
    if wanted not in ("url", "b64_json"):
        raise _wrong("response_format must be url or b64_json", "response_format")
    task = world.create(await _order(body, model, account, world))
    if isinstance(task, Denial):
        raise _denied(task)
    await world.clock.sleep(_seconds * world.settings.durations)
    as_bytes = gives_bytes or wanted == "b64_json" or "b64" in (body.get("user"), *answers_of(world))
    return {
        "created": int(world.stamp(world.clock.now())),
        "data": await _pictures(task, world, call.base_url, as_bytes=as_bytes),
        **({"usage": {"total_tokens": 1000, "output_tokens": 900}} if gives_bytes else {}),
    }


async def _order(body: Json, model: str, account: str, world: World) -> TaskOrder:
    prompt, count, size = body.get("prompt"), body.get("n", 1), body.get("size", "auto")
    if not isinstance(prompt, str) or not prompt.strip():
        raise _wrong("Missing required parameter: 'prompt'", "prompt")
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 10:
        raise _wrong("n must be an integer from 1 to 10", "n")
    width, height = _sides(size, model)
    references = tuple([await _reference(url, world) for url in _references(body)])
    order = PictureOrder(prompt, width, height, 0, model, references)
    is_dear = width * height > _large or (model == "kling-v2-1" and references)
    price = prices[model] * count * (2 if is_dear else 1)
    return TaskOrder(
        account=account, service="gateway", product="image", endpoint=_path, model=model,
        units=price.normalize(), currency="USD", seconds=_seconds, at_once=True,
        outputs=tuple(replace(order, number=number) for number in range(1, count + 1)),
    )  # fmt: skip


def _model(body: Mapping[str, Any], world: World) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise _wrong("Missing required parameter: 'model'", "model")
    if model not in prices or model in world.settings.forbidden:
        message = f"The model '{model}' does not exist or this token has no access to it"
        raise openai_error(403, "model_not_allowed", message, "new_api_error", "model")
    return model


def _sides(size: object, model: str) -> tuple[int, int]:
    if size == "auto":
        return 1024, 1024
    found = _form.fullmatch(size) if isinstance(size, str) else None
    if found is None or (model.startswith("gpt-image") and size not in _gpt_sizes):
        raise _wrong(f"Invalid size '{size}'", "size")
    return int(found[1]), int(found[2])


def _references(body: Json) -> list[str]:
    several = body.get("images", [])
    if not isinstance(several, list) or len(several) > 10:
        raise _wrong("images must be an array of at most 10", "images")
    found = [*([body["image"]] if "image" in body else []), *several]
    for url in found:
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise _wrong("pictures must be publicly reachable URLs", "image")
    return found


async def _reference(url: str, world: World) -> str:
    try:
        found = await world.inputs.from_url(url, world.hosts)
    except Unusable as error:
        raise _wrong(f"a picture {error}", "image") from error
    if found.facts.type is not MediaType.IMAGE:
        raise _wrong("image must be a picture", "image")
    return found.path


async def _pictures(task: Task, world: World, base_url: str, *, as_bytes: bool) -> list[Json]:
    if not as_bytes:
        return [{"url": url} for url in world.urls(task, base_url)]
    paths = [await world.outputs.file(name) for name in task.files]
    return [{"b64_json": await asyncio.to_thread(_base64, path)} for path in paths if path]


def _base64(path: str) -> str:
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()


def _denied(denial: Denial) -> Rebuff:
    if denial is Denial.USED_UP:
        message = "You exceeded your current quota, check your plan and billing details"
        return openai_error(429, "insufficient_quota", message, "insufficient_quota")
    return denied(denial)


def _wrong(message: str, param: str) -> Rebuff:
    return openai_error(400, "invalid_parameter", message, param=param)
