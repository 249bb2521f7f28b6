"""`POST /omni-video/<model>` of the path-model standard: kling-3.0-omni and kling-o1 (kling.md section 12).

The order of checks is the observed one: ratio, resolution, audio, duration, prompt; unknown fields are ignored.
"""

from __future__ import annotations

from kling_pipe.providers.kling import fake_limits
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_contents import (
    Items,
    Values,
    chosen,
    common,
    duration_of,
    items_of,
    one,
    prompt_of,
    settings_of,
    shots_of,
)
from kling_pipe.providers.kling.fake_fields import missing, wrong
from kling_pipe.providers.kling.fake_library import check_elements
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_models import path_model
from kling_pipe.providers.kling.fake_omni import Scene, clip_of
from kling_pipe.providers.kling.fake_slip import Slip
from kling_pipe.simulator.tasks import TaskOrder

_kinds = {
    "prompt": 1, "first_frame": 1, "last_frame": 1, "refer_image": 7, "feature_video": 1, "base_video": 1, "element": 7,
}  # fmt: skip


async def omni_video(name: str, body: Values, desk: Desk) -> TaskOrder:
    """One clip from pictures, elements, frames and at most one clip."""
    model, omni = path_model(name, "omni-video"), tables.omni_video_models[tables.omni_path_names.get(name, name)]
    settings = settings_of(body)
    ratio = chosen(settings, "aspect_ratio", tables.video_ratios, "")
    resolution, sound = common(settings, model)
    audio = str(settings.get("audio") or "off")
    seconds = duration_of(settings, model)
    items = items_of(body, _kinds)
    prompt = prompt_of(one(items, "prompt", "text"), model.text_prompt, "contents prompt text")
    _check_clips(items, audio, settings.get("multi_shot"))
    _check_frames(items, omni)
    types = check_elements(desk.world, desk.account, items.get("element", []))
    if "video_refer" in types and not omni.video_elements:
        raise wrong(f"model {name} supports multi-image elements only")
    _check_amounts(items, types)
    if not ratio and not (_has(items, "first_frame") or _has_clip(items)):
        raise missing("settings.aspect_ratio")  # D10: required in prose
    if omni.short and not _is_rich(items) and seconds not in (5, 10):
        raise wrong(f"duration value '{seconds}' is invalid")
    scene = await _scene(desk, name, items, keep_sound=audio == "original")
    return clip_of(
        scene, endpoint=f"/omni-video/{name}", name=name, price=name, resolution=resolution, seconds=seconds,
        ratio=ratio or "16:9", prompt=prompt, sound=sound,
        shots=() if scene.is_base else shots_of(prompt, settings, model, seconds), slip=Slip.of_options(body),
    ).order(desk.account)  # fmt: skip


def _has(items: Items, kind: str) -> bool:
    return bool(items.get(kind))


def _has_clip(items: Items) -> bool:
    return _has(items, "feature_video") or _has(items, "base_video")


def _is_rich(items: Items) -> bool:
    """Whether there is more than a prompt and a first frame."""
    return any(_has(items, kind) for kind in _kinds if kind not in ("prompt", "first_frame"))


def _check_clips(items: Items, audio: str, multi_shot: object) -> None:
    if _has(items, "feature_video") and _has(items, "base_video"):
        raise wrong("contents must have at most one of feature_video and base_video")
    if _has(items, "base_video"):
        if _has(items, "first_frame") or _has(items, "last_frame"):
            raise wrong("contents first_frame and last_frame cannot be used with base_video")
        if multi_shot is True:
            raise wrong("multi_shot must not be true with base_video")
        if audio == "native":
            raise wrong("audio value 'native' is invalid with base_video")
    if _has(items, "feature_video"):
        if audio != "off":
            raise wrong(f"audio value '{audio}' is invalid with feature_video")
        if multi_shot is False:
            raise wrong("multi_shot must not be false with feature_video")


def _check_frames(items: Items, omni: tables.OmniModel) -> None:
    last = _has(items, "last_frame")
    if last and not _has(items, "first_frame"):
        raise wrong("contents last_frame requires first_frame")
    if omni.frames_with_elements:
        return
    if last and (_has(items, "refer_image") or _has(items, "element")):
        raise wrong("contents first_frame and last_frame exclude refer_image and element")
    if last and _has(items, "feature_video"):
        raise wrong("contents last_frame cannot be used with feature_video")


def _check_amounts(items: Items, types: list[str]) -> None:
    """How many pictures and elements there may be; an element that nobody here knows counts as one of pictures."""
    filmed = types.count("video_refer")
    clip = _has_clip(items)
    if _has(items, "first_frame") and len(types) > 3:
        raise wrong("contents must have at most 3 elements with first_frame")
    most = 4 if filmed or clip else 7
    if len(items.get("refer_image", ())) + len(types) - filmed > most:
        raise wrong(f"the total of refer_image and multi-image elements cannot exceed {most}")
    if filmed > (1 if clip else 3):
        raise wrong(f"video character elements cannot exceed {1 if clip else 3}")
    if filmed and clip and _has(items, "refer_image"):
        raise wrong("video character elements and refer_image cannot be used together with a video")


async def _scene(desk: Desk, name: str, items: Items, *, keep_sound: bool) -> Scene:
    references = [
        await desk.picture(f"contents refer_image[{index}] url", item["url"])
        for index, item in enumerate(items.get("refer_image", ()))
    ]
    frames = {
        kind: await desk.picture(f"contents {kind} url", str(one(items, kind, "url")))
        for kind in ("first_frame", "last_frame")
        if _has(items, kind)
    }
    kind = "base_video" if _has(items, "base_video") else "feature_video"
    url = one(items, kind, "url")
    return Scene(
        references=tuple(references),
        first=frames.get("first_frame"),
        last=frames.get("last_frame"),
        clip=await desk.clip(f"contents {kind} url", url, fake_limits.omni[name]) if url else None,
        is_base=_has(items, "base_video"),
        keep_sound=keep_sound,
    )
