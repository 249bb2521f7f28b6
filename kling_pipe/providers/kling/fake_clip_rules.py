"""What a body-model clip may combine: modes, lengths, shots, camera, frames, masks, elements, voices and sound.

Rules from kling.md section 12 (text2video, image2video) and the capability map of section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Rebuff, missing, wrong
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.simulator.inputs import InputFile


def check_shared(values: Mapping[str, Any], name: str, model: tables.VideoModel, endpoint: str) -> tuple[str, int]:
    """Rules of both endpoints; the mode and the seconds."""
    mode = _mode(values, name, model)
    duration = values.get("duration", "5")
    if duration not in model.seconds:
        raise wrong(f"duration value '{duration}' is invalid")
    check_shots(values, name, supported=model.shots, seconds=int(duration))
    check_prompt(values)
    if "cfg_scale" in values and not model.cfg_scale:
        raise wrong(f"cfg_scale is not supported by model {name}")
    if values.get("sound") == "on" and mode not in model.sound:
        raise wrong(f"sound is not supported by model {name} in mode {mode or 'std'}")
    _check_camera(values, name, model, endpoint, mode, duration)
    return mode, int(duration)


def _mode(values: Mapping[str, Any], name: str, model: tables.VideoModel) -> str:
    if not model.modes:
        if "mode" in values:
            raise wrong(f"mode is not supported by model {name}")
        return ""
    mode: str = values.get("mode", "std")
    if mode not in model.modes:
        raise wrong(f"mode value '{mode}' is invalid")
    return mode


def check_prompt(values: Mapping[str, Any]) -> None:
    """A prompt is required unless the shots bring their own."""
    customized = values.get("multi_shot") and values.get("shot_type") == "customize"
    if not customized and not str(values.get("prompt", "")).strip():
        raise missing("prompt")


def check_shots(values: Mapping[str, Any], name: str, *, supported: bool, seconds: int) -> None:
    """What `multi_shot` asks for: a type, and with `customize` shots that add up to the clip."""
    if not values.get("multi_shot"):
        return
    if not supported:
        raise wrong(f"multi_shot is not supported by model {name}")
    if "shot_type" not in values:
        raise missing("shot_type")
    if values["shot_type"] == "intelligence":
        return
    if "multi_prompt" not in values:
        raise missing("multi_prompt")
    shots = values["multi_prompt"]
    if [shot["index"] for shot in shots] != list(range(1, len(shots) + 1)):
        raise wrong("multi_prompt index must count from 1")
    lengths = [shot["duration"] for shot in shots]
    if not all(length.isdecimal() and int(length) >= 1 for length in lengths):
        raise wrong("multi_prompt duration must be whole seconds, at least 1")
    if sum(map(int, lengths)) != seconds:
        raise wrong("the sum of multi_prompt durations must be equal to duration")


def _check_camera(
    values: Mapping[str, Any], name: str, model: tables.VideoModel, endpoint: str, mode: str, duration: str
) -> None:
    control = values.get("camera_control")
    if control is None:
        return
    if (endpoint, mode, duration) not in model.camera:
        raise wrong(f"camera_control is not supported by model {name} with this mode and duration")
    kind, config = control["type"], control.get("config")
    if kind not in model.camera_types:
        raise wrong(f"camera_control.type value '{kind}' is invalid")
    if kind != "simple":
        if config is not None:
            raise wrong("camera_control.config must be empty unless the type is simple")
    elif config is None:
        raise missing("camera_control.config")
    elif sum(1 for number in config.values() if number) != 1:
        raise wrong("camera_control.config must have exactly one value that is not 0")


def check_frames(values: Mapping[str, Any], name: str, model: tables.VideoModel, mode: str, seconds: int) -> None:
    if "image_tail" not in values:
        return
    allowed = model.tail if "image" in values else model.tail_only
    if ("*", "*") not in allowed and (mode, str(seconds)) not in allowed:
        alone = "" if "image" in values else " without image"
        raise wrong(f"image_tail{alone} is not supported by model {name} with mode {mode} and duration {seconds}")
    if name == "kling-v2-6" and values.get("sound") == "on":
        raise wrong("image_tail is not supported when sound is on")


def check_companions(values: Mapping[str, Any], name: str, model: tables.VideoModel, mode: str, seconds: int) -> None:
    masked = "static_mask" in values or bool(values.get("dynamic_masks"))
    if masked and (mode, str(seconds)) not in model.masks:
        raise wrong(f"static_mask and dynamic_masks are not supported by model {name} with this mode and duration")
    if ("image_tail" in values) + masked + ("camera_control" in values) > 1:
        raise wrong("image_tail, static_mask or dynamic_masks, and camera_control cannot be used together")
    elements, voices = values.get("element_list", []), values.get("voice_list", [])
    if len(elements) > model.elements:
        raise wrong(f"element_list is not supported by model {name}")
    if voices and not model.voices:
        raise wrong(f"voice_list is not supported by model {name}")
    if elements and voices:
        raise wrong("element_list and voice_list cannot be used together")
    if voices and values.get("sound") != "on":
        raise wrong("voice_list requires sound to be on")


async def check_masks(values: Mapping[str, Any], desk: Desk, image: InputFile | None) -> None:
    named = [("static_mask", values["static_mask"])] if "static_mask" in values else []
    named += [(f"dynamic_masks[{i}].mask", item["mask"]) for i, item in enumerate(values.get("dynamic_masks", []))]
    if named and image is None:
        raise Rebuff(400, 1200, "image is required")
    like = None
    for field, text in named:
        assert image is not None
        like = (await desk.mask(field, text, image.facts, like)).facts
