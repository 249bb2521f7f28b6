"""`POST /v1/videos/omni-video`, and the clip that both standards' omni-video makes (kling.md sections 11 and 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.kling import fake_charges, fake_limits
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_clip import Clip
from kling_pipe.providers.kling.fake_clip_rules import check_prompt, check_shots
from kling_pipe.providers.kling.fake_clips import durations, shot_fields, shots_of
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.providers.kling.fake_library import check_elements
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_models import omni_model
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.simulator.inputs import InputFile
from kling_pipe.simulator.tasks import TaskOrder

_fields = (
    Field("model_name"),
    Field("prompt", most=2500),
    *shot_fields,
    Field(
        "image_list",
        "list",
        most=7,
        children=(Field("image_url", required=True), Field("type", values=("first_frame", "end_frame"))),
    ),
    Field("element_list", "list", most=7, children=(Field("element_id", "whole", required=True),)),
    Field(
        "video_list",
        "list",
        most=1,
        children=(
            Field("video_url", required=True),
            Field("refer_type", values=("feature", "base")),
            Field("keep_original_sound", values=("yes", "no")),
        ),
    ),
    Field("sound", values=("on", "off")),
    Field("mode", values=("std", "pro", "4k")),
    Field("aspect_ratio", values=tables.video_ratios),
    durations,
    *tail,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a checked omni request shows: the pictures and the clip it is made of."""

    references: tuple[InputFile, ...] = ()
    first: InputFile | None = None
    last: InputFile | None = None
    clip: InputFile | None = None
    is_base: bool = False  # the clip is edited; otherwise it is gone on from
    keep_sound: bool = False  # that of the clip


def clip_of(
    scene: Scene,
    *,
    endpoint: str,
    name: str,
    price: str,
    resolution: str,
    seconds: int,
    ratio: str,
    prompt: str,
    sound: bool,
    shots: tuple[tuple[str, float], ...],
    slip: Slip,
) -> Clip:
    """The clip of a scene: as long and as wide as a base clip, shaped by a first frame, else of the ratio asked for."""
    base = scene.clip if scene.is_base else None
    like = base or scene.first
    if like:
        sides = tables.clip_size_like(resolution, like.facts.width, like.facts.height)
    else:
        sides = tables.clip_size(resolution, ratio)
    kept = scene.keep_sound and bool(scene.clip and scene.clip.facts.has_sound)
    return Clip(
        endpoint=endpoint,
        function="omni-video",
        model=name,
        price=price,
        case="clip" if scene.clip else "sound" if sound else "silent",
        resolution=resolution,
        seconds=fake_charges.whole_seconds(base.facts.seconds) if base else seconds,
        sides=sides,
        prompt=prompt,
        slip=slip,
        sound=sound or kept,
        keep_sound=kept,
        start=scene.first.path if scene.first else "",
        end=scene.last.path if scene.last else "",
        references=tuple(picture.path for picture in scene.references),
        base=scene.clip.path if scene.clip else "",
        shots=shots,
        manner=("edit" if base else "extend") if scene.clip else "omni",
        length=base.facts.seconds if base else 0.0,
    )


async def omni_video(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/omni-video`."""
    values = read(body, _fields, others=Others.REFUSED)
    name = values.get("model_name", "kling-video-o1")
    model = omni_model(name, desk.world.settings.retired)
    mode = values.get("mode", "pro")
    if mode not in model.modes:
        raise wrong(f"mode value '{mode}' is invalid")
    pictures, clips = values.get("image_list", []), values.get("video_list", [])
    clip = clips[0] if clips else None
    seconds = int(values.get("duration", "5"))
    _check_sound(values, name, model)
    _check_scene(values, model, pictures, clip)
    _check_seconds(values, model, pictures, clip, seconds)
    check_shots(values, name, supported=model.shots, seconds=seconds)
    if _refer_type(clip) == "feature" and values.get("multi_shot") and values["shot_type"] != "intelligence":
        raise wrong("shot_type must be intelligence when multi_shot is used with a feature video")
    check_prompt(values)
    _check_element_types(check_elements(desk.world, desk.account, values.get("element_list", [])), name, model)
    scene = await _scene(desk, name, pictures, clip)
    return clip_of(
        scene, endpoint="/v1/videos/omni-video", name=name, price=model.price, resolution=model.modes[mode],
        seconds=seconds, ratio=values.get("aspect_ratio", ""), prompt=values.get("prompt", ""),
        sound=values.get("sound") == "on", shots=shots_of(values, seconds), slip=Slip.of(values),
    ).order(desk.account)  # fmt: skip


def _check_sound(values: Mapping[str, Any], name: str, model: tables.OmniModel) -> None:
    if values.get("sound") != "on":
        return
    if not model.sound:
        raise wrong(f"sound is not supported by model {name}")
    if values.get("video_list"):
        raise wrong("sound must be off when video_list is set")


def _check_scene(
    values: Mapping[str, Any],
    model: tables.OmniModel,
    pictures: Sequence[Mapping[str, Any]],
    clip: Mapping[str, Any] | None,
) -> None:
    """What may stand beside what."""
    elements = values.get("element_list", [])
    most = 4 if clip else 7
    if len(pictures) + len(elements) > most:
        raise wrong(f"the total of image_list and element_list cannot exceed {most}")
    kinds = [picture.get("type", "") for picture in pictures]
    first, last = kinds.count("first_frame"), kinds.count("end_frame")
    if first > 1 or last > 1:
        raise wrong("image_list must have at most one first_frame and one end_frame")
    if last and not first:
        raise wrong("end_frame requires first_frame")
    is_base = bool(clip) and _refer_type(clip) == "base"
    if is_base and first:
        raise wrong("first_frame and end_frame cannot be used with a base video")
    if first and len(elements) > 3:
        raise wrong("element_list cannot exceed 3 when first_frame is set")
    if last and elements and not model.frames_with_elements:
        raise wrong("element_list cannot be used with first_frame and end_frame")
    if first and len(pictures) > model.frame_pictures:
        raise wrong(f"first_frame and end_frame are not supported with more than {model.frame_pictures} images")
    if not first and not is_base and "aspect_ratio" not in values:
        raise missing("aspect_ratio")  # D10: required in prose


def _check_seconds(
    values: Mapping[str, Any],
    model: tables.OmniModel,
    pictures: Sequence[Mapping[str, Any]],
    clip: Mapping[str, Any] | None,
    seconds: int,
) -> None:
    if clip and _refer_type(clip) == "base":
        return  # ignored there
    bare = not clip and not values.get("element_list") and all(item.get("type") == "first_frame" for item in pictures)
    allowed = (5, 10) if model.short and bare else model.seconds
    if seconds not in allowed:
        raise wrong(f"duration value '{seconds}' is invalid")


def _check_element_types(types: Sequence[str], name: str, model: tables.OmniModel) -> None:
    if "video_refer" in types and not model.video_elements:
        raise wrong(f"model {name} supports multi-image elements only")


def _refer_type(clip: Mapping[str, Any] | None) -> str:
    return str(clip.get("refer_type", "base")) if clip else ""


async def _scene(desk: Desk, name: str, pictures: Sequence[Mapping[str, Any]], clip: Mapping[str, Any] | None) -> Scene:
    files = [
        (item.get("type", ""), await desk.picture(f"image_list[{index}].image_url", item["image_url"]))
        for index, item in enumerate(pictures)
    ]
    by_type = dict(files)
    found = await desk.clip("video_list[0].video_url", clip["video_url"], fake_limits.omni[name]) if clip else None
    return Scene(
        references=tuple(file for kind, file in files if not kind),
        first=by_type.get("first_frame"),
        last=by_type.get("end_frame"),
        clip=found,
        is_base=_refer_type(clip) == "base",
        keep_sound=bool(clip) and (clip or {}).get("keep_original_sound") == "yes",
    )
