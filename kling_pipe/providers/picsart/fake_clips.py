"""`kling-text-to-video` and `kling-image-to-video`: three models, told apart by `model_name` (picsart.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.picsart import fake_charges, fake_shots
from kling_pipe.providers.picsart import fake_sizes as sizes
from kling_pipe.providers.picsart.fake_fields import Asked, Field, read, wrong
from kling_pipe.providers.picsart.fake_making import Making, Params, barred, model_of, options
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.media_order import ClipOrder

_models = {name: name for name in ("kling-v3", "kling-v2-6", "kling-v3-turbo")}
_shared = (
    Field("model_name", required=True),
    Field("negative_prompt"),
    Field("aspect_ratio", values=sizes.video_ratios),
    options,
)
_prompt = Field("prompt", most=2500)
_sound = Field("sound", values=("on",))  # section 3: there when audio is asked for, and only then
_image, _tail, _mask = Field("image"), Field("image_tail"), Field("static_mask")
_fields: Mapping[str, tuple[Field, ...]] = {
    "kling-v3": (
        *_shared, _prompt, Field("duration", values=fake_shots.seconds_values), _sound,
        Field("mode", values=("std", "pro", "4k")), _image, _tail, _mask,
        *fake_shots.fields(("customize", "intelligence")),
        Field("voice_list", "list", least=1, most=2, children=(Field("voice_id", "id", required=True),)),
        Field("element_list", "list", least=1, most=3, children=(Field("element_id", "id", required=True),)),
    ),
    "kling-v2-6": (
        *_shared, _prompt, Field("duration", "seconds", values=("5", "10")), _sound,
        Field("cfg_scale", "number", low=0, high=1, step=0.1), Field("mode", values=("std", "pro")), _image, _tail,
    ),
    # The backend refuses what only V3 has: sound, image_tail, shots, voices and elements (section 3).
    "kling-v3-turbo": (
        *_shared, _prompt, Field("duration", "seconds", values=fake_shots.seconds_values),
        Field("resolution", values=("720p", "1080p")), _image, _mask,
    ),
}  # fmt: skip


def price_from_text(params: Params) -> Decimal:
    """What a clip from words costs."""
    return _price(_checked(params, Asked.PRICE, is_from_image=False))


def price_from_image(params: Params) -> Decimal:
    """What a clip that begins with a picture costs."""
    return _price(_checked(params, Asked.PRICE, is_from_image=True))


async def from_text(params: Params, desk: Desk) -> Making:
    """A clip from words."""
    return await _made(_checked(params, Asked.MAKING, is_from_image=False), desk)


async def from_image(params: Params, desk: Desk) -> Making:
    """A clip that begins with a picture."""
    return await _made(_checked(params, Asked.MAKING, is_from_image=True), desk)


def _checked(params: Params, asked: Asked, *, is_from_image: bool) -> dict[str, Any]:
    model = model_of(params, _models)
    values = read(params, _fields[model], asked)
    if is_from_image:
        if "image" not in values and asked is Asked.MAKING:
            raise wrong("image is required")
    else:
        barred(("image", "image_tail", "static_mask", "element_list"), values, "without a start frame")
    if model == "kling-v3":
        _check_v3(values)
    fake_shots.check(values, asked)
    return values


def _check_v3(values: Mapping[str, Any]) -> None:
    if values.get("multi_shot"):
        barred(("image", "image_tail"), values, "with multi_shot")  # section 6, notes of the seed
    if "image_tail" in values and values.get("mode", "std") == "std":
        raise wrong("image_tail cannot be used with mode std")
    if "voice_list" in values:
        if values.get("sound") != "on":
            raise wrong("voice_list needs sound")
        barred(("element_list",), values, "with voice_list")


def _shape(values: Mapping[str, Any]) -> tuple[str, str, int, bool]:
    """Model, resolution, seconds and whether there is sound."""
    resolution = values.get("resolution") or sizes.resolution_of[values.get("mode", "std")]
    return values["model_name"], resolution, int(values.get("duration", "5")), values.get("sound") == "on"


def _price(values: Mapping[str, Any]) -> Decimal:
    model, resolution, seconds, sound = _shape(values)
    return fake_charges.clip(model, resolution, seconds, sound=sound)


async def _made(values: Mapping[str, Any], desk: Desk) -> Making:
    model, resolution, seconds, sound = _shape(values)
    files = {name: await desk.picture(name, values[name]) for name in ("image", "image_tail") if name in values}
    if "static_mask" in values:
        await desk.picture("static_mask", values["static_mask"])
    if "image" in files:
        facts = files["image"].facts
        width, height = sizes.clip_size_like(resolution, facts.width, facts.height)
    else:
        width, height = sizes.clip_size(resolution, values.get("aspect_ratio", "16:9"))
    clip = ClipOrder(
        prompt=values.get("prompt", ""),
        width=width,
        height=height,
        seconds=seconds + 0.041,
        label=f"{'image' if files else 'text'}-to-video · {model}",
        sound=sound,
        start=files["image"].path if files else "",
        end=files["image_tail"].path if "image_tail" in files else "",
        shots=fake_shots.of(values, seconds),
    )
    return Making(
        model, "video", _price(values), fake_charges.clip_wait(resolution, seconds), (clip,),
        {"resolution": resolution, "duration": str(seconds), "sound": "true" if sound else "false"},
    )  # fmt: skip
