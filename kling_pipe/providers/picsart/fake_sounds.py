"""`kling-text-to-audio` and `kling-video-to-audio`: a sound each (picsart.md section 3)."""

from __future__ import annotations

from decimal import Decimal

from kling_pipe.providers.picsart import fake_charges
from kling_pipe.providers.picsart.fake_fields import Asked, Field, read
from kling_pipe.providers.picsart.fake_making import Making, Params, options
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.media_order import SoundOrder

_from_text = (
    Field("prompt", required=True, most=2500),
    Field("duration", "number", low=3, high=10, step=0.5),
    options,
)
_from_clip = (Field("video_url", required=True), options)


def price_from_text(params: Params) -> Decimal:
    """What a sound from words costs."""
    return fake_charges.sound(read(params, _from_text, Asked.PRICE).get("duration", 5.0))


async def from_text(params: Params, desk: Desk) -> Making:
    """A sound from words."""
    values = read(params, _from_text, Asked.MAKING)
    seconds = values.get("duration", 5.0)
    sound = SoundOrder(values["prompt"], seconds, 0, "text-to-audio")
    return Making(
        "kling-t2a", "audio", fake_charges.sound(seconds), 14.0 + 3.0 * seconds, (sound,), {"duration": f"{seconds:g}"}
    )  # fmt: skip


def price_from_clip(params: Params) -> Decimal:
    """What the sound of a clip costs."""
    read(params, _from_clip, Asked.PRICE)
    return fake_charges.dub


async def from_clip(params: Params, desk: Desk) -> Making:
    """The sound that a clip wants. The page calls the result a sound; whether the clip comes with it is not said."""
    source = await desk.clip("video_url", read(params, _from_clip, Asked.MAKING)["video_url"])
    seconds = source.facts.seconds
    sound = SoundOrder("", seconds, 0, "video-to-audio", source=source.path)
    return Making(
        "kling-v2a", "audio", fake_charges.dub, 30.0 + 3.0 * seconds, (sound,), {"duration": f"{seconds:.3f}"}
    )  # fmt: skip
