"""`kling-omni-video`: V3 Omni with pictures, a clip and elements, and the plain O1 (picsart.md sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.picsart import fake_charges, fake_shots
from kling_pipe.providers.picsart import fake_sizes as sizes
from kling_pipe.providers.picsart.fake_fields import Asked, Field, missing, read, wrong
from kling_pipe.providers.picsart.fake_making import Making, Params, barred, model_of, options
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.media_order import ClipOrder

_models = {name: name for name in ("kling-v3-omni", "kling-video-o1")}
_shared = (
    Field("model_name", required=True),
    Field("prompt", most=2500),
    Field("aspect_ratio", values=sizes.video_ratios),
    Field("sound", values=("on",)),
    options,
)
_fields: Mapping[str, tuple[Field, ...]] = {
    "kling-v3-omni": (
        *_shared, Field("duration", values=fake_shots.seconds_values), Field("mode", values=("std", "pro", "4k")),
        *fake_shots.fields(("customize",)),
        Field("image_list", "list", least=1, most=10, children=(
            Field("image_url", required=True), Field("type", values=("first_frame", "end_frame")),
        )),
        Field("video_list", "list", least=1, most=1, children=(
            Field("video_url", required=True), Field("refer_type", values=("feature", "base")),
            Field("keep_original_sound", values=("yes", "no")),
        )),
        Field("element_list", "list", least=1, most=3, children=(Field("element_id", required=True),)),
    ),
    "kling-video-o1": (
        *_shared, Field("duration", "seconds", values=("5", "10")), Field("mode", values=("std", "pro")),
    ),
}  # fmt: skip


def price(params: Params) -> Decimal:
    """What a clip costs; one that edits another is charged as if it ran five seconds, because its length is not in the
    payload."""
    return _price(_checked(params, Asked.PRICE))


async def make(params: Params, desk: Desk) -> Making:
    """A clip."""
    values = _checked(params, Asked.MAKING)
    model, resolution, seconds, sound = _shape(values)
    pictures = [
        (item.get("type", ""), await desk.picture(f"image_list[{index}].image_url", item["image_url"]))
        for index, item in enumerate(values.get("image_list", []))
    ]
    frames = {kind: file for kind, file in pictures if kind}
    source = _source(values)
    base = await desk.clip("video_list[0].video_url", source["video_url"]) if source else None
    edits = bool(source) and _is_base(source)
    like = base if base and edits else frames.get("first_frame")
    if like:
        width, height = sizes.clip_size_like(resolution, like.facts.width, like.facts.height)
    else:
        width, height = sizes.clip_size(resolution, values.get("aspect_ratio", "16:9"))
    keeps = bool(base and base.facts.has_sound and source.get("keep_original_sound") == "yes")
    clip = ClipOrder(
        prompt=values.get("prompt", ""),
        width=width,
        height=height,
        seconds=base.facts.seconds if base and edits else seconds + 0.041,
        label=f"omni-video · {model}",
        sound=sound or keeps,
        start=frames["first_frame"].path if "first_frame" in frames else "",
        end=frames["end_frame"].path if "end_frame" in frames else "",
        shots=fake_shots.of(values, seconds),
        references=tuple(file.path for kind, file in pictures if not kind),
        base=base.path if base else "",
        keep_sound=keeps,
        manner=("edit" if edits else "extend") if base else "omni",
    )
    return Making(
        model, "video", _price(values), fake_charges.clip_wait(resolution, clip.seconds), (clip,),
        {"resolution": resolution, "duration": str(seconds), "sound": "true" if sound else "false"},
    )  # fmt: skip


def _checked(params: Params, asked: Asked) -> dict[str, Any]:
    values = read(params, _fields[model_of(params, _models)], asked)
    kinds = [item.get("type") for item in values.get("image_list", [])]
    source = _source(values)
    if kinds.count("first_frame") > 1 or kinds.count("end_frame") > 1:
        raise wrong("image_list must hold at most one first_frame and one end_frame")
    if "end_frame" in kinds and "first_frame" not in kinds:
        raise wrong("end_frame needs first_frame")
    if "first_frame" in kinds:
        barred(("aspect_ratio",), values, "with a first frame")
        barred(("multi_shot",), values, "with frames")  # section 6, notes of the seed
    if source:
        barred(("sound",), values, "with a reference video")
        if values.get("mode") == "4k":
            raise wrong("mode 4k cannot be used with a reference video")
        if "refer_type" not in source and asked is Asked.MAKING:
            raise missing("video_list[0].refer_type")
        if _is_base(source):
            barred(("aspect_ratio", "duration", "multi_shot"), values, "with a base video")
    fake_shots.check(values, asked)
    return values


def _source(values: Mapping[str, Any]) -> dict[str, Any]:
    clips: list[dict[str, Any]] = values.get("video_list", [])
    return clips[0] if clips else {}


def _is_base(source: Mapping[str, Any]) -> bool:
    return source.get("refer_type") == "base"


def _shape(values: Mapping[str, Any]) -> tuple[str, str, int, bool]:
    resolution = sizes.resolution_of[values.get("mode", "std")]
    return values["model_name"], resolution, int(values.get("duration", "5")), values.get("sound") == "on"


def _price(values: Mapping[str, Any]) -> Decimal:
    model, resolution, seconds, sound = _shape(values)
    return fake_charges.clip(model, resolution, seconds, sound=sound)
