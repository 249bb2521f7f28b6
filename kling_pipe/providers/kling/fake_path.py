"""Clip endpoints of the path-model standard: text-to-video, image-to-video and motion-control of each model.

Field tables from kling.md section 12 ("Video, path-model"). The order of checks is the observed one: ratio, resolution,
audio, then prompt and duration for a flat prompt, duration and prompt for `contents`; unknown fields are ignored.
"""

from __future__ import annotations

from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_clip import Clip
from kling_pipe.providers.kling.fake_clips import motion_rule, moving
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
from kling_pipe.providers.kling.fake_library import check_elements, check_voices
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_models import path_model
from kling_pipe.providers.kling.fake_slip import Slip
from kling_pipe.simulator.tasks import TaskOrder


async def text_to_video(name: str, body: Values, desk: Desk) -> TaskOrder:
    """`POST /text-to-video/<model>`."""
    model = path_model(name, "text-to-video")
    settings = settings_of(body)
    ratio = chosen(settings, "aspect_ratio", tables.video_ratios, "16:9")
    resolution, sound = common(settings, model)
    prompt = prompt_of(body.get("prompt"), model.text_prompt, "prompt")
    seconds = duration_of(settings, model)
    shots = shots_of(prompt, settings, model, seconds)
    return Clip(
        endpoint=f"/text-to-video/{name}", function="text-to-video", model=name, price=name,
        case="sound" if sound else "silent", resolution=resolution, seconds=seconds,
        sides=tables.clip_size(resolution, ratio), prompt=prompt, sound=sound, shots=shots, slip=Slip.of_options(body),
    ).order(desk.account)  # fmt: skip


async def image_to_video(name: str, body: Values, desk: Desk) -> TaskOrder:
    """`POST /image-to-video/<model>`."""
    model = path_model(name, "image-to-video")
    settings = settings_of(body)
    resolution, sound = common(settings, model)
    seconds = duration_of(settings, model)
    kinds = {"prompt": 1, "first_frame": 1}
    kinds |= {"last_frame": 1} if model.last_frame else {}
    kinds |= {"element": model.elements} if model.elements else {}
    kinds |= {"voice": model.voices} if model.voices else {}
    items = items_of(body, kinds)
    prompt = prompt_of(one(items, "prompt", "text"), model.image_prompt, "contents prompt text")
    if not items.get("first_frame"):
        raise missing("contents first_frame")
    _check_last_frame(items, model, resolution, sound=sound)
    voices = bool(items.get("voice"))
    if voices and not sound:
        raise wrong("contents voice requires audio to be native")
    check_elements(desk.world, desk.account, items.get("element", []))
    check_voices(desk.world, desk.account, [item["voice_id"] for item in items.get("voice", [])])
    first = await desk.picture("contents first_frame url", one(items, "first_frame", "url") or "")
    last = one(items, "last_frame", "url")
    return Clip(
        endpoint=f"/image-to-video/{name}", function="image-to-video", model=name, price=name,
        case="voice" if voices else "sound" if sound else "silent", resolution=resolution, seconds=seconds,
        sides=tables.clip_size_like(resolution, first.facts.width, first.facts.height), prompt=prompt, sound=sound,
        start=first.path, end=(await desk.picture("contents last_frame url", last)).path if last else "",
        shots=shots_of(prompt, settings, model, seconds), slip=Slip.of_options(body),
    ).order(desk.account)  # fmt: skip


async def motion_control(name: str, body: Values, desk: Desk) -> TaskOrder:
    """`POST /motion-control/<model>`."""
    model = path_model(name, "motion-control")
    if not body.get("settings"):
        raise missing("settings")
    settings = settings_of(body)
    resolution = chosen(settings, "resolution", ("720p", "1080p"), "720p", "video resolution")
    audio = chosen(settings, "audio", ("original", "off"), "original")
    orientation = chosen(settings, "character_orientation", ("image", "video"), "")
    if not orientation:
        raise missing("settings.character_orientation")
    kinds = {"prompt": 1, "image": 1, "video": 1} | ({"element": 1} if model.elements else {})
    items = items_of(body, kinds)
    for kind in ("image", "video"):
        if not items.get(kind):
            raise missing(f"contents {kind}")
    check_elements(desk.world, desk.account, items.get("element", []))
    text = one(items, "prompt", "text")
    prompt = prompt_of(text, 2500, "contents prompt text") if items.get("prompt") else ""
    return moving(
        endpoint=f"/motion-control/{name}", model=name, price=name, resolution=resolution, prompt=prompt,
        sound=audio == "original",
        picture=await desk.picture("contents image url", one(items, "image", "url") or ""),
        clip=await desk.clip(
            "contents video url", one(items, "video", "url") or "", motion_rule(orientation)
        ),
        slip=Slip.of_options(body),
    ).order(desk.account)  # fmt: skip


def _check_last_frame(items: Items, model: tables.PathModel, resolution: str, *, sound: bool) -> None:
    if not items.get("last_frame") or model.last_frame == "any":
        return
    if resolution != "1080p":
        raise wrong("contents last_frame requires resolution 1080p")
    if sound:
        raise wrong("contents last_frame requires audio to be off")
