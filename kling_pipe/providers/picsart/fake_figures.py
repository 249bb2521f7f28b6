"""Somebody who moves or speaks: `kling-motion-control` and `kling-avatar` (picsart.md sections 3 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.picsart import fake_charges
from kling_pipe.providers.picsart import fake_sizes as sizes
from kling_pipe.providers.picsart.fake_fields import Asked, Field, missing, read, wrong
from kling_pipe.providers.picsart.fake_making import Making, Params, model_of, options
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.media_order import ClipOrder

_motion_models = {"kling-v3": "kling-motion-control-v3", "kling-v2-6": "kling-motion-control"}
_most_seconds = {"image": 10.0, "video": 30.0}  # section 6, beside the choices of characterOrientation
_prompt, _mode = Field("prompt", most=2500), Field("mode", values=("std", "pro"))
# `resolution` is a price knob of the client's and never in the payload (section 3): `mode` decides.
_motion = (
    Field("model_name", required=True),
    _prompt,
    Field("image_url", required=True),
    Field("video_url", required=True),
    Field("character_orientation", values=("image", "video")),
    _mode,
    Field("keep_original_sound", values=("yes", "no")),
    options,
)
_avatar = (Field("image", required=True), Field("sound_file"), Field("audio_id"), _prompt, _mode, options)


def price_motion(params: Params) -> Decimal:
    """What a motion-control clip costs."""
    model = model_of(params, _motion_models)
    return fake_charges.motion(model, _resolution(read(params, _motion, Asked.PRICE)))


async def motion(params: Params, desk: Desk) -> Making:
    """A figure that moves as a clip does: as long as the clip, in the picture's shape."""
    model = model_of(params, _motion_models)
    values = read(params, _motion, Asked.MAKING)
    picture = await desk.picture("image_url", values["image_url"])
    longest = _most_seconds[values.get("character_orientation", "video")]
    source = await desk.clip("video_url", values["video_url"], longest)
    resolution = _resolution(values)
    width, height = sizes.clip_size_like(resolution, picture.facts.width, picture.facts.height)
    keeps = values.get("keep_original_sound", "yes") == "yes" and source.facts.has_sound
    clip = ClipOrder(
        values.get("prompt", ""), width, height, source.facts.seconds, label=f"motion-control · {model}", sound=keeps,
        motion=source.path, character=picture.path, keep_sound=keeps,
    )  # fmt: skip
    wait = fake_charges.clip_wait(resolution, source.facts.seconds)
    return Making(
        model, "video", fake_charges.motion(model, resolution), wait, (clip,), {"resolution": resolution}
    )  # fmt: skip


def price_avatar(params: Params) -> Decimal:
    """What a speaking picture costs."""
    return fake_charges.avatar(_resolution(read(params, _avatar, Asked.PRICE)))


async def avatar(params: Params, desk: Desk) -> Making:
    """A picture that speaks a sound."""
    values = read(params, _avatar, Asked.MAKING)
    picture = await desk.picture("image", values["image"])
    if "sound_file" not in values:
        # `audio_id` is free text whose origin the page does not tell, so none can be found by it here.
        raise wrong("audio_id is not known") if "audio_id" in values else missing("sound_file")
    sound = await desk.sound("sound_file", values["sound_file"])
    resolution = _resolution(values)
    width, height = sizes.clip_size_like(resolution, picture.facts.width, picture.facts.height)
    clip = ClipOrder(
        values.get("prompt", ""), width, height, sound.facts.seconds, label="avatar", sound=True, start=picture.path,
        sound_file=sound.path, manner="avatar",
    )  # fmt: skip
    wait = fake_charges.clip_wait(resolution, sound.facts.seconds)
    return Making(
        "kling-avatar", "video", fake_charges.avatar(resolution), wait, (clip,), {"resolution": resolution}
    )  # fmt: skip


def _resolution(values: Mapping[str, Any]) -> str:
    return sizes.resolution_of[values.get("mode", "std")]
