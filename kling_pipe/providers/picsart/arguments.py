"""The argument list by which the executable makes a job; picsart.md sections 4, 6 and 7.

1. Long flags in their canonical spelling, each value behind `=` in the same argument: none can be read as a flag.
2. What the executable has a default for is said all the same: its defaults and the page's differ (section 7).
3. Lists of things are split into flags that are paired by position; no position may be skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from kling_pipe.providers.picsart import workflows
from kling_pipe.providers.picsart.brief import Brief
from kling_pipe.providers.picsart.payloads import resolutions
from kling_pipe.values.media import MediaType
from kling_pipe.values.wire import scratch

patience: Mapping[MediaType, int] = {
    MediaType.IMAGE: 10,
    MediaType.VIDEO: 30,
    MediaType.AUDIO: 30,
}  # minutes; section 2
# Nothing is asked, everything is told as JSON, and the result is put into a folder that is thrown away: the file is
# fetched from its address, as with every other transport. Section 4.
_manner = ("--no-input", "--quiet", "--json", "--no-save-to-drive", "--download", scratch)
_word = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")

Flags = Iterator[tuple[str, object]]


def arguments_of(brief: Brief, own_id: str) -> tuple[str, ...]:
    """All arguments behind the executable's name."""
    endpoint = brief.job.route.endpoint
    minutes = patience[workflows.all_workflows[endpoint].makes]
    written = [argument for name, value in _flags[endpoint](brief) for argument in _written(name, value)]
    extra = [argument for name, value in brief.job.extra.items() for argument in _written(_kebab(name), value)]
    return ("generate", f"--model={own_id}", *written, *extra, *_manner, f"--poll-timeout={minutes}m")


def price_arguments(brief: Brief, own_id: str) -> tuple[str, ...]:
    """The question what a job costs: its length, its resolution and whether there is sound, and nothing else can be
    said (section 4). Empty where more decides, so that no answer is taken for less than the job costs."""
    mode, resolution = brief.words("mode"), brief.parameter("resolution")
    if brief.job.route.endpoint in _by_resolution or brief.job.model == "kling-v3-turbo":
        resolution = resolutions.get(mode)
    elif mode not in ("", "std"):
        return ()
    if brief.count > 1 or len(brief.many("images")) > 1:
        return ()
    seconds, sound = _written("duration", brief.parameter("duration")), ["--audio"] if brief.parameter("sound") else []
    return ("pricing", own_id, *seconds, *_written("resolution", resolution), *sound, "--json")


_by_resolution = (workflows.omni_video, workflows.motion_control)


def _clip(brief: Brief) -> Flags:
    yield "prompt", _prompt(brief)
    yield "negative-prompt", brief.words("negative_prompt")
    yield "aspect-ratio", brief.parameter("aspect_ratio")
    yield "duration", brief.parameter("duration")
    yield "start-frame", brief.one("image")
    yield "end-frame", brief.one("image_tail")
    yield "static-mask", brief.one("static_mask")
    if brief.job.model == "kling-v3-turbo":
        yield "resolution", resolutions.get(brief.words("mode"))
        return
    yield "generate-audio", bool(brief.parameter("sound"))
    yield "cfg-scale", brief.parameter("cfg_scale")
    yield "rendering-speed", brief.parameter("mode")
    yield from _shots(brief)
    yield "voice-list", brief.ids("voices")
    yield "element-list", brief.ids("elements")


def _omni_video(brief: Brief) -> Flags:
    """`4k` is a resolution here, with whatever speed; the resolution else says again what the speed does."""
    mode = brief.words("mode")
    yield "prompt", _prompt(brief)
    yield "aspect-ratio", brief.parameter("aspect_ratio")
    yield "duration", brief.parameter("duration")
    yield "resolution", resolutions.get(mode)
    yield "rendering-speed", "pro" if mode == "4k" else mode
    yield "generate-audio", bool(brief.parameter("sound"))
    yield from _shots(brief)
    frames = [(brief.one("image"), "first_frame"), (brief.one("image_tail"), "end_frame")]
    for picture, kind in frames:
        if picture:
            yield "omni-image-list-image-url", picture
            yield "omni-image-list-type", kind
    if clip := brief.one("video"):
        yield "omni-video-list-video-url", clip
        yield "omni-video-list-refer-type", brief.words("refer_type") or "base"
        yield "omni-video-list-keep-original-sound", brief.switch("keep_original_sound", "yes", "no") or "yes"
    yield "element-list", brief.ids("elements")


def _motion_control(brief: Brief) -> Flags:
    """The resolution is a price knob, so it says what the speed does."""
    yield "prompt", brief.words("prompt")
    yield "resolution", resolutions.get(brief.words("mode"))
    yield "rendering-speed", brief.parameter("mode")
    yield "character-orientation", brief.parameter("character_orientation")
    yield "keep-original-sound", brief.switch("keep_original_sound", "yes", "no")
    yield "image", brief.one("image")
    yield "video", brief.one("video")


def _avatar(brief: Brief) -> Flags:
    yield "prompt", brief.words("prompt")
    yield "rendering-speed", brief.parameter("mode")
    yield "image", brief.one("image")
    yield "audio", brief.one("audio")


def _picture(brief: Brief) -> Flags:
    yield "prompt", brief.words("prompt")
    yield "aspect-ratio", brief.parameter("aspect_ratio")
    yield "resolution", brief.parameter("resolution")
    yield "count", brief.count
    yield "negative-prompt", brief.words("negative_prompt")
    yield "image", brief.pictures
    yield "image-reference", brief.parameter("image_reference")
    yield "image-weight", _weight(brief.parameter("image_fidelity"))
    yield "human-fidelity", brief.parameter("human_fidelity")
    yield "scene-image", brief.one("scene_image")
    yield "style-image", brief.one("style_image")


def _effects(brief: Brief) -> Flags:
    """`--style` is refused for effects (section 7)."""
    yield "template-id", brief.parameter("effect")
    yield "image", brief.many("images")


def _text_to_audio(brief: Brief) -> Flags:
    yield "prompt", brief.words("prompt")
    yield "duration", brief.parameter("duration")


def _video_to_audio(brief: Brief) -> Flags:
    yield "video", brief.one("video")


def _prompt(brief: Brief) -> object:
    """A prompt is demanded even beside shots, where it is not passed on: the first shot's stands in."""
    return brief.shots[0].get("prompt") if brief.shots else brief.words("prompt")


def _shots(brief: Brief) -> Flags:
    """`--multi-shot` wants its type said; the index is left to the executable (section 7)."""
    if brief.shots:
        yield "multi-shot", True
        yield "shot-type", "customize"
        for shot in brief.shots:
            yield "multi-prompt-prompt", shot.get("prompt")
            yield "multi-prompt-duration", shot.get("duration")


def _weight(fidelity: object) -> int | None:
    """0 to 100 in whole numbers, where the payload has 0 to 1."""
    return round(fidelity * 100) if isinstance(fidelity, int | float) else None


def _written(name: str, value: object) -> list[str]:
    """One flag; nothing where it says nothing, once for each item of a list."""
    if not name or value is None:
        return []
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, list | tuple):
        return [argument for item in value for argument in _written(name, item)]
    text = _text(value)
    return [f"--{name}={text}"] if text else []


def _text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\0", "")  # the one character that no argument can hold


def _kebab(name: str) -> str:
    """`imageWeight` and `image_weight` as `image-weight`."""
    return "-".join(part.lower() for part in _word.split(name) if part)


_flags: Mapping[str, Callable[[Brief], Flags]] = {
    workflows.text_to_video: _clip,
    workflows.image_to_video: _clip,
    workflows.omni_video: _omni_video,
    workflows.motion_control: _motion_control,
    workflows.avatar: _avatar,
    workflows.omni_image: _picture,
    workflows.generations: _picture,
    workflows.multi_image: _picture,
    workflows.effects: _effects,
    workflows.text_to_audio: _text_to_audio,
    workflows.video_to_audio: _video_to_audio,
}
