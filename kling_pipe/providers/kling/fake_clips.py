"""Clip endpoints of the body-model standard: text2video, image2video and motion-control.

Field tables and rules from kling.md section 12 ("Video, body-model") and the capability map of section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_limits
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_clip import Clip
from kling_pipe.providers.kling.fake_clip_rules import check_companions, check_frames, check_masks, check_shared
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.providers.kling.fake_library import check_elements, check_voices
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_models import video_model
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.simulator.inputs import InputFile
from kling_pipe.simulator.tasks import TaskOrder

_axes = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
shot_fields = (
    Field("multi_shot", "switch"),
    Field("shot_type", values=("customize", "intelligence")),
    Field(
        "multi_prompt",
        "list",
        least=1,
        most=6,
        children=(
            Field("index", "whole", required=True, low=1, high=6),
            Field("prompt", required=True, most=512),
            Field("duration", required=True),
        ),
    ),
)
durations = Field("duration", values=tuple(str(seconds) for seconds in range(3, 16)), word="duration")
_shared = (
    Field("model_name"),
    Field("prompt", most=2500),
    *shot_fields,
    Field("negative_prompt", most=2500),
    Field("sound", values=("on", "off")),
    Field("cfg_scale", "number", low=0, high=1),
    Field("mode", values=("std", "pro", "4k")),
    Field(
        "camera_control",
        "object",
        children=(
            Field("type", required=True, values=tables.camera_types),
            Field("config", "object", children=tuple(Field(axis, "number", low=-10, high=10) for axis in _axes)),
        ),
    ),
    Field("aspect_ratio", values=tables.video_ratios),
    durations,
    Field("voice_list", "list", most=2, children=(Field("voice_id", required=True),)),
    *tail,
)
_elements = Field("element_list", "list", most=3, children=(Field("element_id", "whole", required=True),))
_point = (Field("x", "number", required=True), Field("y", "number", required=True))
_masks = (
    Field("static_mask"),
    Field(
        "dynamic_masks",
        "list",
        most=6,
        children=(
            Field("mask", required=True),
            Field("trajectories", "list", required=True, least=2, most=77, children=_point),
        ),
    ),
)
_text2video = _shared
_image2video = (*_shared, Field("image"), Field("image_tail"), _elements, *_masks)
_motion = (
    Field("model_name"),
    Field("image_url", required=True),
    Field("video_url", required=True),
    Field("character_orientation", required=True, values=("image", "video")),
    Field("mode", required=True, values=("std", "pro")),
    Field("prompt", most=2500),
    Field("keep_original_sound", values=("yes", "no")),
    Field("element_list", "list", most=1, children=(Field("element_id", "whole", required=True),)),
    *tail,
)


async def text2video(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/text2video`."""
    values = read(body, _text2video, others=Others.REFUSED)
    name = values.get("model_name", "kling-v1")
    model = video_model(name, "text2video", desk.world.settings.retired)
    mode, seconds = check_shared(values, name, model, "text2video")
    if "voice_list" in values:
        raise wrong(f"voice_list is not supported by model {name} on this API")
    resolution = dict(model.resolutions)[mode]
    sides = tables.clip_size(resolution, values.get("aspect_ratio", "16:9"), older=model.retired)
    clip = _clip(values, "text-to-video", "/v1/videos/text2video", name, model, resolution, seconds, sides)
    return clip.order(desk.account)


async def image2video(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/image2video`."""
    values = read(body, _image2video, others=Others.REFUSED)
    name = values.get("model_name", "kling-v1")
    model = video_model(name, "image2video", desk.world.settings.retired)
    if "image" not in values and "image_tail" not in values:
        raise missing("image or image_tail")
    mode, seconds = check_shared(values, name, model, "image2video")
    check_frames(values, name, model, mode, seconds)
    check_companions(values, name, model, mode, seconds)
    check_elements(desk.world, desk.account, values.get("element_list", []))
    check_voices(desk.world, desk.account, [item["voice_id"] for item in values.get("voice_list", [])])
    files = {field: await desk.picture(field, values[field]) for field in ("image", "image_tail") if field in values}
    await check_masks(values, desk, files.get("image"))
    facts = (files.get("image") or files["image_tail"]).facts
    resolution = dict(model.resolutions)[mode]
    sides = tables.clip_size_like(resolution, facts.width, facts.height)
    start, end = (files[field].path if field in files else "" for field in ("image", "image_tail"))
    clip = _clip(
        values, "image-to-video", "/v1/videos/image2video", name, model, resolution, seconds, sides, start, end
    )
    return clip.order(desk.account)


async def motion_control(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/motion-control`; unknown fields are ignored there."""
    values = read(body, _motion, others=Others.IGNORED)
    name = values.get("model_name", "kling-v2-6")
    if name not in tables.motion_models:
        video_model(name, "", desk.world.settings.retired)
    price, elements = tables.motion_models[name]
    if len(values.get("element_list", [])) > elements:
        raise wrong(f"element_list is not supported by model {name}")
    check_elements(desk.world, desk.account, values.get("element_list", []))
    picture = await desk.picture("image_url", values["image_url"])
    clip = await desk.clip("video_url", values["video_url"], motion_rule(values["character_orientation"]))
    resolution = {"std": "720p", "pro": "1080p"}[values["mode"]]
    return moving(
        endpoint="/v1/videos/motion-control", model=name, price=price, resolution=resolution,
        prompt=values.get("prompt", ""), sound=values.get("keep_original_sound", "yes") == "yes",
        picture=picture, clip=clip, slip=Slip.of(values),
    ).order(desk.account)  # fmt: skip


def motion_rule(orientation: str) -> fake_limits.ClipRule:
    """How long a reference clip may be depends on what decides the figure's orientation (section 10)."""
    return fake_limits.motion_by_image if orientation == "image" else fake_limits.motion_by_video


def moving(
    *,
    endpoint: str,
    model: str,
    price: str,
    resolution: str,
    prompt: str,
    sound: bool,
    picture: InputFile,
    clip: InputFile,
    slip: Slip,
) -> Clip:
    """A motion-control clip of either standard: as long as the reference, in the picture's shape."""
    return Clip(
        endpoint=endpoint,
        function="motion-control",
        model=model,
        price=price,
        case="motion",
        resolution=resolution,
        seconds=max(3, round(clip.facts.seconds)),
        sides=tables.clip_size_like(resolution, picture.facts.width, picture.facts.height),
        prompt=prompt,
        slip=slip,
        sound=sound and clip.facts.has_sound,
        keep_sound=sound and clip.facts.has_sound,
        motion=clip.path,
        character=picture.path,
        length=clip.facts.seconds,
    )


def _clip(
    values: Mapping[str, Any],
    function: str,
    endpoint: str,
    name: str,
    model: tables.VideoModel,
    resolution: str,
    seconds: int,
    sides: tuple[int, int],
    start: str = "",
    end: str = "",
) -> Clip:
    sound = values.get("sound") == "on"
    voices = bool(values.get("voice_list"))
    return Clip(
        endpoint=endpoint,
        function=function,
        model=name,
        price=model.price,
        case="voice" if voices else "sound" if sound else "silent",
        resolution=resolution,
        seconds=seconds,
        sides=sides,
        prompt=values.get("prompt", ""),
        slip=Slip.of(values),
        sound=sound,
        start=start,
        end=end,
        shots=shots_of(values, seconds),
        camera=_camera(values.get("camera_control")),
    )


def shots_of(values: Mapping[str, Any], seconds: int) -> tuple[tuple[str, float], ...]:
    """The shots that a body-model request asks for, with their seconds."""
    if not values.get("multi_shot"):
        return ()
    if values["shot_type"] == "intelligence":  # the service cuts as it likes: here in two
        prompt = values["prompt"]
        return ((prompt, float(seconds - seconds // 2)), (prompt, float(seconds // 2)))
    return tuple((shot["prompt"], float(shot["duration"])) for shot in values["multi_prompt"])


def _camera(control: Mapping[str, Any] | None) -> tuple[tuple[str, float], ...]:
    if not control:
        return ()
    if control["type"] == "simple":
        return tuple((axis, float(number)) for axis, number in control["config"].items() if number)
    return ((control["type"], 1.0),)
