"""Create bodies of everything that makes clips; field tables: kling.md section 12, Video, Avatar, Effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.library import elements_of, voices_of
from kling_pipe.providers.kling.sounds import sound_of
from kling_pipe.values.wire import Json

_most_words = 2500  # characters of a prompt; section 10
# How the vendor's pages ask for what comes after a reference clip.
_go_on = "Based on <<<video_1>>>, generate the next shot"
_ratios: Mapping[str, float] = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}


def refer_type(brief: Brief) -> str:
    """What a wired clip is to an omni model: `base` to be edited, `feature` to be gone on from; empty without one."""
    if "video" not in brief.media:
        return ""
    return "feature" if brief.job.kind == "extend-video" else brief.words("refer_type") or "base"


def prompt_of(brief: Brief) -> str:
    """The prompt. An omni model goes on from a clip when it is told to in words, so those are put before it."""
    words = brief.words("prompt")
    if brief.job.kind != "extend-video" or "<<<video_1>>>" in words:
        return words
    longer = f"{_go_on}: {words}" if words else _go_on
    return longer if len(longer) <= _most_words else words


def omni_ratio(brief: Brief) -> object:
    """Required without a first frame and a base clip (D10); after a clip its own comes next."""
    if (asked := brief.parameter("aspect_ratio")) is not None:
        return asked
    if "image" in brief.media or refer_type(brief) == "base":
        return None
    return _nearest_ratio(brief) if "video" in brief.media else "16:9"


def _text2video(brief: Brief) -> Json:
    return {**_clip(brief), "voice_list": voices_of(brief), **brief.taken("aspect_ratio")}


def _image2video(brief: Brief) -> Json:
    return {
        "image": brief.one("image"),
        "image_tail": brief.one("image_tail"),
        **_clip(brief),
        "static_mask": brief.one("static_mask"),
        "dynamic_masks": _masks(brief),
        "element_list": elements_of(brief),
        "voice_list": voices_of(brief),
    }


def _multi_image_video(brief: Brief) -> Json:
    return {
        "image_list": [{"image": picture} for picture in brief.many("references")],
        **brief.taken("prompt", "negative_prompt", "mode"),
        "duration": brief.seconds,
        **brief.taken("aspect_ratio"),
    }


def _omni_video(brief: Brief) -> Json:
    """References come first, so that `<<<image_1>>>` is the first of them; then the frames."""
    clip = refer_type(brief)
    return {
        "prompt": None if brief.shots else prompt_of(brief) or None,
        **_shots(brief),
        "image_list": [
            *({"image_url": picture} for picture in brief.many("references")),
            *_frame(brief, "image", "first_frame"),
            *_frame(brief, "image_tail", "end_frame"),
        ],
        "element_list": elements_of(brief),
        "video_list": [_omni_clip(brief, clip)] if clip else [],
        "sound": brief.switch("sound", "on", "off"),
        **brief.taken("mode"),
        "aspect_ratio": omni_ratio(brief),
        "duration": None if clip == "base" else brief.seconds,  # an edited clip keeps its own length
    }


def _omni_clip(brief: Brief, clip: str) -> Json:
    kept = brief.switch("keep_original_sound", "yes", "no")
    found: Json = {"video_url": brief.one("video"), "refer_type": clip}
    return found if kept is None else {**found, "keep_original_sound": kept}


def _frame(brief: Brief, field: str, kind: str) -> list[Json]:
    picture = brief.one(field)
    return [{"image_url": picture, "type": kind}] if picture else []


def _motion_control(brief: Brief) -> Json:
    return {
        "image_url": brief.one("image"),
        "video_url": brief.one("video"),
        **brief.taken("prompt", "character_orientation", "mode"),
        "keep_original_sound": brief.switch("keep_original_sound", "yes", "no"),
        "element_list": elements_of(brief),
    }


def _video_extend(brief: Brief) -> Json:
    return {"video_id": brief.one("video"), **brief.taken("prompt", "negative_prompt", "cfg_scale")}


def _avatar(brief: Brief) -> Json:
    return {"image": brief.one("image"), **sound_of(brief), **brief.taken("prompt", "mode")}


def _effects(brief: Brief) -> Json:
    """One picture and two travel under different names; two are left and right."""
    pictures = brief.many("images")
    return {
        "effect_scene": brief.parameter("effect"),
        "input": {"image": pictures[0]} if len(pictures) == 1 else {"images": pictures},
    }


def _clip(brief: Brief) -> Json:
    return {
        **brief.taken("prompt", "negative_prompt"),
        **_shots(brief),
        "sound": brief.switch("sound", "on", "off"),
        **brief.taken("cfg_scale", "mode", "camera_control"),
        "duration": brief.seconds,
    }


def _shots(brief: Brief) -> Json:
    if brief.parameter("shots") == "auto":
        return {"multi_shot": True, "shot_type": "intelligence"}
    shots = [
        {"index": index, "prompt": shot.get("prompt"), "duration": str(shot.get("duration"))}
        for index, shot in enumerate(brief.shots, 1)
    ]
    return {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots} if shots else {}


def _masks(brief: Brief) -> list[Json]:
    written = brief.parameter("dynamic_masks")
    paths = [_trajectories(item) for item in written] if isinstance(written, list | tuple) else []
    masks = brief.many("dynamic_masks")
    return [{"mask": mask, "trajectories": path} for mask, path in zip(masks, paths, strict=True)]


def _trajectories(item: object) -> list[object]:
    path = item.get("trajectories") if isinstance(item, Mapping) else None
    return list(path) if isinstance(path, list | tuple) else []


def _nearest_ratio(brief: Brief) -> str:
    facts = next(material.facts for material in brief.job.materials if material.field == "video")
    ratio = facts.width / facts.height if facts.width and facts.height else _ratios["16:9"]
    return min(_ratios, key=lambda name: max(_ratios[name] / ratio, ratio / _ratios[name]))


bodies: Mapping[str, Callable[[Brief], Json]] = {
    endpoints.text2video: _text2video,
    endpoints.image2video: _image2video,
    endpoints.multi_image_video: _multi_image_video,
    endpoints.omni_video: _omni_video,
    endpoints.motion_control: _motion_control,
    endpoints.video_extend: _video_extend,
    endpoints.avatar: _avatar,
    endpoints.effects: _effects,
}
