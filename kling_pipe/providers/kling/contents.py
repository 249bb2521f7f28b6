"""Create bodies of the path-model standard: prompt or `contents`, `settings`, `options`; kling.md section 12."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.clips import omni_ratio, prompt_of, refer_type
from kling_pipe.values.wire import Json

# Resolution replaces mode; section 11.
_resolutions: Mapping[str, str] = {"std": "720p", "pro": "1080p", "4k": "4k"}
# Which models have these settings at all; section 12. The turbo model's `audio` is left out: it always sounds (D8).
_has_multi_shot = frozenset({"kling-v3", "kling-v3-omni"})
_has_audio = frozenset({"kling-v3", "kling-v3-omni", "kling-video-o1", "kling-v2-6"})
# `<<<element_1>>>` of the body-model standard is `@element_1` here.
_mention = re.compile(r"<<<((?:element|voice|image|video)_\d+)>>>")


def contents_of(brief: Brief, callback_url: str) -> Json:
    """The body for a job's kind."""
    job = brief.job
    options: Json = {"external_task_id": job.external_id}
    if callback_url:
        options["callback_url"] = callback_url
    if brief.parameter("watermark"):
        options["watermark_info"] = {"enabled": True}
    return {**_kinds[job.kind](brief), "options": options, **job.extra}


def words_of(brief: Brief) -> str:
    """The prompt, or the shots in the prompt syntax: `shot 1, 3, words; shot 2, 2, words;`."""
    shots = brief.shots
    if not shots:
        return _mentions(prompt_of(brief))
    return " ".join(
        f"shot {index}, {shot.get('duration')}, {_mentions(shot.get('prompt'))};" for index, shot in enumerate(shots, 1)
    )


def _text_to_video(brief: Brief) -> Json:
    return {"prompt": words_of(brief), "settings": {**_settings(brief), **brief.taken("aspect_ratio")}}


def _image_to_video(brief: Brief) -> Json:
    contents = [
        *_prompt(brief),
        *_url("first_frame", brief.one("image")),
        *_url("last_frame", brief.one("image_tail")),
        *_named("element", "element_id", brief.ids("elements")),
        *_named("voice", "voice_id", brief.ids("voices")),
    ]
    return {"contents": contents, "settings": _settings(brief)}


def _omni_video(brief: Brief) -> Json:
    """Pictures are numbered as on the body-model standard: references, first frame, last frame."""
    clip = refer_type(brief)
    pictures = [
        *(("refer_image", picture) for picture in brief.many("references")),
        ("first_frame", brief.one("image")),
        ("last_frame", brief.one("image_tail")),
    ]
    contents = [
        *_prompt(brief),
        *({"type": kind, "url": url, "id": f"image_{place}"} for place, (kind, url) in _numbered(pictures)),
        *({**item, "id": "video_1"} for item in _url(f"{clip}_video", brief.one("video"))),
        *_named("element", "element_id", brief.ids("elements")),
    ]
    settings = _settings(brief)
    if clip:
        settings.update(_beside_clip(brief, clip))
    if clip == "base":
        settings.pop("duration", None)  # an edited clip keeps its own length
    ratio = omni_ratio(brief)
    return {"contents": contents, "settings": settings if ratio is None else {**settings, "aspect_ratio": ratio}}


def _beside_clip(brief: Brief, clip: str) -> Json:
    """Rules of section 12: an edited clip is not cut anew, one that is gone on from is silent and may be cut."""
    keeps = clip == "base" and brief.parameter("keep_original_sound")
    audio: Json = {"audio": "original" if keeps else "off"}
    return {**audio, "multi_shot": clip == "feature"} if brief.job.model in _has_multi_shot else audio


def _motion_control(brief: Brief) -> Json:
    contents = [
        *_prompt(brief),
        *_url("image", brief.one("image")),
        *_url("video", brief.one("video")),
        *_named("element", "element_id", brief.ids("elements")),
    ]
    sound = brief.switch("keep_original_sound", "original", "off")
    settings: Json = {
        **brief.taken("character_orientation"),
        **({} if sound is None else {"audio": sound}),
        **_resolution(brief),
    }
    return {"contents": contents, "settings": settings}


def _settings(brief: Brief) -> Json:
    settings: Json = {}
    if brief.job.model in _has_multi_shot:
        settings["multi_shot"] = bool(brief.parameter("shots"))  # on by default, so it is said either way
    if brief.job.model in _has_audio and (sound := brief.switch("sound", "native", "off")) is not None:
        settings["audio"] = sound
    settings.update(_resolution(brief))
    return {**settings, **brief.taken("duration")}


def _resolution(brief: Brief) -> Json:
    mode = brief.parameter("mode")
    return {} if mode is None else {"resolution": _resolutions.get(str(mode), str(mode))}


def _mentions(words: object) -> str:
    return _mention.sub(r"@\1", str(words))


def _prompt(brief: Brief) -> list[Json]:
    words = words_of(brief)
    return [{"type": "prompt", "text": words}] if words else []


def _url(kind: str, url: str | None) -> list[Json]:
    return [{"type": kind, "url": url}] if url else []


def _numbered(pictures: list[tuple[str, str | None]]) -> list[tuple[int, tuple[str, str | None]]]:
    return list(enumerate([picture for picture in pictures if picture[1]], 1))


def _named(kind: str, key: str, values: list[str]) -> list[Json]:
    """Items that the prompt calls by name: `@element_1`, `@voice_2`."""
    return [{"type": kind, key: value, "id": f"{kind}_{index}"} for index, value in enumerate(values, 1)]


_kinds: Mapping[str, Callable[[Brief], Json]] = {
    "text-to-video": _text_to_video,
    "image-to-video": _image_to_video,
    "multi-image-to-video": _omni_video,
    "omni-video": _omni_video,
    "extend-video": _omni_video,
    "motion-control": _motion_control,
}
