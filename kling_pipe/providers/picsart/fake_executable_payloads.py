"""From the tool's parameters to a workflow and its payload (picsart.md sections 3 and 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kling_pipe.providers.picsart.fake_executable_models import Model
from kling_pipe.providers.picsart.fake_executable_stops import Exit, Stop

Params = Mapping[str, Any]
Payload = dict[str, Any]


def payload_of(model: Model, given: Params) -> tuple[str, Payload]:
    """The workflow and what `params` holds; raises Stop for what does not go together."""
    defaults = {param.name: param.default for param in model.params if param.default is not None}
    if "renderingSpeed" in defaults:
        defaults["renderingSpeed"] = "std"  # whatever the catalogue shows (section 7)
    params = {**defaults, **given}
    _check(model, params, given)
    payload = _writers[model.workflow](params)
    if model.backend:
        payload["model_name"] = model.backend
    from_image = bool(model.image_workflow and params.get("startFrame"))
    kept = {name: value for name, value in payload.items() if value is not None and value != []}
    return model.image_workflow if from_image else model.workflow, kept


def _check(model: Model, params: Params, given: Params) -> None:
    if params.get("multiShot"):
        if "shotType" not in given:
            raise Stop(Exit.VALIDATION, "multiShot needs an explicit shotType", "Pass --shot-type customize")
        if params.get("startFrame") or params.get("endFrame"):
            raise Stop(Exit.VALIDATION, "multiShot cannot be combined with startFrame or endFrame")
    if params.get("endFrame") and not params.get("startFrame"):
        raise Stop(Exit.VALIDATION, "endFrame needs startFrame")
    if model.id == "kling-v3" and params.get("endFrame") and params["renderingSpeed"] == "std":
        raise Stop(Exit.VALIDATION, "endFrame is not available with renderingSpeed std")


def _filmed(params: Params) -> Payload:
    """Text and image to video, of all three models: a parameter that a model lacks is absent."""
    voices = params.get("voiceList") if params.get("generateAudio") else None  # dropped without sound (section 7)
    begins = params.get("startFrame")
    return {
        **_shots(params),
        "negative_prompt": params.get("negativePrompt"),
        "aspect_ratio": params.get("aspectRatio"),
        "duration": str(params["duration"]),
        "sound": "on" if params.get("generateAudio") else None,
        "cfg_scale": params.get("cfgScale"),
        "mode": params.get("renderingSpeed"),
        "resolution": params.get("resolution"),
        "image": begins,
        "image_tail": params.get("endFrame"),
        "static_mask": params.get("staticMask") if begins else None,
        "voice_list": voices,
        "element_list": params.get("elementList") if begins and not voices else None,
    }


def _omni(params: Params) -> Payload:
    pictures, clips = params.get("omniImageList", []), params.get("omniVideoList", [])
    edits = bool(clips) and clips[0].get("refer_type") == "base"
    begins = any(item.get("type") == "first_frame" for item in pictures)
    is_large = params.get("resolution") == "4k" and not clips
    return {
        **_shots(params),
        "aspect_ratio": None if begins or edits else params["aspectRatio"],
        "duration": None if edits else str(params["duration"]),
        "mode": "4k" if is_large else params["renderingSpeed"],
        "image_list": pictures,
        "video_list": clips,
        "element_list": params.get("elementList"),
        "sound": "on" if params.get("generateAudio") and not clips else None,
    }


def _shots(params: Params) -> Payload:
    """The prompt, or the shots in its place; what is cut by the service still needs to be told what (section 3 is
    silent there)."""
    if not params.get("multiShot"):
        return {"prompt": params.get("prompt")}
    parts = [_shot(number, part) for number, part in enumerate(params.get("multiPrompt", []))]
    shots: Payload = {"multi_shot": True, "shot_type": params["shotType"], "multi_prompt": parts}
    return shots if parts else {**shots, "prompt": params.get("prompt")}


def _shot(number: int, part: Mapping[str, Any]) -> Payload:
    if "prompt" not in part or "duration" not in part:
        raise Stop(Exit.VALIDATION, "Every shot of multiPrompt needs a prompt and a duration")
    index = str(part.get("index", number))
    if not index.isdecimal():
        raise Stop(Exit.VALIDATION, f"Invalid index {index!r} in multiPrompt")
    return {"index": int(index), "prompt": part["prompt"], "duration": str(part["duration"])}


def _moved(params: Params) -> Payload:
    return {
        "prompt": params.get("prompt"),
        "image_url": _first(params),
        "video_url": params.get("videoUrl"),
        "character_orientation": params["characterOrientation"],
        "mode": params["renderingSpeed"],
        "keep_original_sound": params["keepOriginalSound"],
    }


def _speaking(params: Params) -> Payload:
    return {
        "image": _first(params),
        "sound_file": params.get("audioUrl"),
        "audio_id": params.get("audioId"),
        "prompt": params.get("prompt"),
        "mode": params["renderingSpeed"],
    }


def _effect(params: Params) -> Payload:
    images = params.get("imageUrls", [])
    pictures: Payload = {"images": images} if len(images) > 1 else {"image": _first(params)}
    return {"effect_scene": params["templateId"], **pictures}


def _drawn_omni(params: Params) -> Payload:
    return {
        **_pictures(params),
        "resolution": params["resolution"],
        "image_list": [{"image_url": url} for url in params.get("imageUrls", [])],
    }


def _drawn(params: Params) -> Payload:
    image = _first(params)
    return {
        **_pictures(params),
        "negative_prompt": params.get("negativePrompt"),
        "image": image,
        "image_reference": params.get("imageReference") if image else None,
        "image_fidelity": params["imageWeight"] / 100 if image else None,
        "human_fidelity": params["humanFidelity"] if image else None,
    }


def _composed(params: Params) -> Payload:
    return {
        **_pictures(params),
        "subject_image_list": [{"subject_image": url} for url in params.get("imageUrls", [])],
        "scene_image": params.get("sceneImage"),
        "style_image": params.get("styleImage"),
    }


def _pictures(params: Params) -> Payload:
    return {"prompt": params.get("prompt"), "n": params["count"], "aspect_ratio": params["aspectRatio"]}


def _first(params: Params) -> str | None:
    images = params.get("imageUrls") or [None]
    first: str | None = images[0]
    return first


_writers: Mapping[str, Callable[[Params], Payload]] = {
    "kling-text-to-video": _filmed,
    "kling-omni-video": _omni,
    "kling-motion-control": _moved,
    "kling-avatar": _speaking,
    "kling/v1/video-effects": _effect,
    "kling/v1/images/omni-image": _drawn_omni,
    "kling/v1/images/generations": _drawn,
    "kling/v1/images/multi-image-to-image": _composed,
    "kling-text-to-audio": lambda params: {"prompt": params.get("prompt"), "duration": params["duration"]},
    "kling-video-to-audio": lambda params: {"video_url": params.get("videoUrl")},
}
