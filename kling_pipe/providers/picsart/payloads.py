"""What `params` of a submit holds, by workflow; field tables: picsart.md section 3.

1. What is not set is left out; `mode` is always said, because its default is told in two ways (section 7).
2. `resolution` of motion control and O1 is a price knob of the clients and in no payload.
3. `extra` is merged unchecked over everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.picsart import workflows
from kling_pipe.providers.picsart.brief import Brief
from kling_pipe.values.wire import Json

# Of kling-v3-turbo alone: the page has a resolution where the others have a mode.
resolutions: Mapping[str, str] = {"std": "720p", "pro": "1080p", "4k": "4k"}
_no_lists = frozenset({"kling-video-o1"})  # neither pictures, clips, elements nor shots


def payload_of(brief: Brief, model_name: str) -> Json:
    """The payload of a job; `model_name` is what the service behind is asked for."""
    payload = _payloads[brief.job.route.endpoint](brief, model_name)
    return {**{key: value for key, value in payload.items() if value not in (None, "", [])}, **brief.job.extra}


def _clip(brief: Brief, model_name: str) -> Json:
    write = _clips.get(brief.job.model, _clip_v3)
    return write(brief, model_name)


def _clip_v3(brief: Brief, model_name: str) -> Json:
    """Section 3: elements go with a start frame only, and are dropped beside voices."""
    return {
        "prompt": _prompt(brief),
        "negative_prompt": brief.words("negative_prompt"),
        "aspect_ratio": brief.parameter("aspect_ratio"),
        "duration": _seconds(brief),
        "model_name": model_name,
        "sound": _sound(brief),
        "mode": brief.parameter("mode"),
        "image": brief.one("image"),
        "image_tail": brief.one("image_tail"),
        "static_mask": brief.one("static_mask"),
        **_shots(brief),
        "voice_list": [{"voice_id": voice} for voice in brief.ids("voices")],
        "element_list": _elements(brief),
    }


def _clip_v2_6(brief: Brief, model_name: str) -> Json:
    return {
        "prompt": brief.words("prompt"),
        "negative_prompt": brief.words("negative_prompt"),
        "aspect_ratio": brief.parameter("aspect_ratio"),
        "duration": _seconds(brief),
        "model_name": model_name,
        "sound": _sound(brief),
        "cfg_scale": brief.parameter("cfg_scale"),
        "mode": brief.parameter("mode"),
        "image": brief.one("image"),
        "image_tail": brief.one("image_tail"),
    }


def _clip_turbo(brief: Brief, model_name: str) -> Json:
    """The backend refuses everything else of kling-v3."""
    return {
        "prompt": brief.words("prompt"),
        "negative_prompt": brief.words("negative_prompt"),
        "aspect_ratio": brief.parameter("aspect_ratio"),
        "duration": _seconds(brief),
        "model_name": model_name,
        "resolution": resolutions.get(brief.words("mode")),
        "image": brief.one("image"),
        "static_mask": brief.one("static_mask"),
    }


_clips: Mapping[str, Callable[[Brief, str], Json]] = {"kling-v2-6": _clip_v2_6, "kling-v3-turbo": _clip_turbo}


def _omni_video(brief: Brief, model_name: str) -> Json:
    plain: Json = {
        "prompt": _prompt(brief),
        "model_name": model_name,
        "aspect_ratio": brief.parameter("aspect_ratio"),
        "duration": _seconds(brief),
        "mode": brief.parameter("mode"),
        "sound": _sound(brief),
    }
    if brief.job.model in _no_lists:
        return plain
    # References come first, so that `<<<image_1>>>` is the first of them; then the frames.
    return {
        **plain,
        **_shots(brief),
        "image_list": [
            *({"image_url": picture} for picture in brief.many("references")),
            *_frame(brief, "image", "first_frame"),
            *_frame(brief, "image_tail", "end_frame"),
        ],
        "video_list": _reference_clip(brief),
        "element_list": _elements(brief),
    }


def _reference_clip(brief: Brief) -> list[Json]:
    clip = brief.one("video")
    if not clip:
        return []
    refer_type = brief.words("refer_type") or "base"
    kept = brief.switch("keep_original_sound", "yes", "no")
    found: Json = {"video_url": clip, "refer_type": refer_type}
    return [found if kept is None else {**found, "keep_original_sound": kept}]


def _frame(brief: Brief, field: str, kind: str) -> list[Json]:
    picture = brief.one(field)
    return [{"image_url": picture, "type": kind}] if picture else []


def _motion_control(brief: Brief, model_name: str) -> Json:
    return {
        "prompt": brief.words("prompt"),
        "image_url": brief.one("image"),
        "video_url": brief.one("video"),
        "character_orientation": brief.parameter("character_orientation"),
        "mode": brief.parameter("mode"),
        "keep_original_sound": brief.switch("keep_original_sound", "yes", "no"),
        "model_name": model_name,
    }


def _avatar(brief: Brief, model_name: str) -> Json:
    return {
        "image": brief.one("image"),
        "sound_file": brief.one("audio"),
        "prompt": brief.words("prompt"),
        "mode": brief.parameter("mode"),
    }


def _omni_image(brief: Brief, model_name: str) -> Json:
    return {
        "prompt": brief.words("prompt"),
        "model_name": model_name,
        "n": brief.count,
        "aspect_ratio": brief.parameter("aspect_ratio"),
        "resolution": brief.parameter("resolution"),
        "image_list": [{"image_url": picture} for picture in brief.pictures],
    }


def _generations(brief: Brief, model_name: str) -> Json:
    return {
        "prompt": brief.words("prompt"),
        "model_name": model_name,
        "n": brief.count,
        "aspect_ratio": brief.parameter("aspect_ratio"),
        "negative_prompt": brief.words("negative_prompt"),
        "image": brief.one("image"),
        "image_reference": brief.parameter("image_reference"),
        "image_fidelity": brief.parameter("image_fidelity"),
        "human_fidelity": brief.parameter("human_fidelity"),
    }


def _multi_image(brief: Brief, model_name: str) -> Json:
    return {
        "model_name": model_name,
        "n": brief.count,
        "prompt": brief.words("prompt"),
        "subject_image_list": [{"subject_image": picture} for picture in brief.pictures],
        "scene_image": brief.one("scene_image"),
        "style_image": brief.one("style_image"),
        "aspect_ratio": brief.parameter("aspect_ratio"),
    }


def _effects(brief: Brief, model_name: str) -> Json:
    """One picture and two travel under different names, whatever the effect takes (section 8)."""
    pictures = brief.many("images")
    given: Json = {"image": pictures[0]} if len(pictures) == 1 else {"images": pictures}
    return {"effect_scene": brief.parameter("effect"), **given}


def _text_to_audio(brief: Brief, model_name: str) -> Json:
    return {"prompt": brief.words("prompt"), "duration": brief.parameter("duration")}


def _video_to_audio(brief: Brief, model_name: str) -> Json:
    return {"video_url": brief.one("video")}


def _prompt(brief: Brief) -> str:
    """Left out beside a list of shots. Section 3 leaves it out with every multi-shot, but a model that cuts by itself
    would have nothing to go by then, and would be paid for that."""
    return "" if brief.shots else brief.words("prompt")


def _shots(brief: Brief) -> Json:
    """Numbered from 0: what the service's own tool sends was seen so (section 7)."""
    if brief.is_cut_freely:
        return {"multi_shot": True, "shot_type": "intelligence"}
    shots = [
        {"index": index, "prompt": shot.get("prompt"), "duration": str(shot.get("duration"))}
        for index, shot in enumerate(brief.shots)
    ]
    return {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots} if shots else {}


def _elements(brief: Brief) -> list[Json]:
    return [{"element_id": element} for element in brief.ids("elements")]


def _seconds(brief: Brief) -> str | None:
    """A text, except for a sound."""
    value = brief.parameter("duration")
    return None if value is None else str(value)


def _sound(brief: Brief) -> str | None:
    """Said only when there is to be one."""
    return "on" if brief.parameter("sound") else None


_payloads: Mapping[str, Callable[[Brief, str], Json]] = {
    workflows.text_to_video: _clip,
    workflows.image_to_video: _clip,
    workflows.omni_video: _omni_video,
    workflows.motion_control: _motion_control,
    workflows.avatar: _avatar,
    workflows.omni_image: _omni_image,
    workflows.generations: _generations,
    workflows.multi_image: _multi_image,
    workflows.effects: _effects,
    workflows.text_to_audio: _text_to_audio,
    workflows.video_to_audio: _video_to_audio,
}
