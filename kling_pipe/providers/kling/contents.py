"""Create bodies of the path-model standard: prompt or `contents`, `settings`, `options`; kling.md section 12."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kling_pipe.providers.kling.bodies import Media, ids, one, shots_of
from kling_pipe.values.job import Job
from kling_pipe.values.wire import Json

# Resolution replaces mode; section 11.
_resolutions: Mapping[str, str] = {"std": "720p", "pro": "1080p", "4k": "4k"}
# Which models have these settings at all; section 12. The turbo model's `audio` is left out: it always sounds (D8).
_has_multi_shot = frozenset({"kling-v3"})
_has_audio = frozenset({"kling-v3", "kling-v2-6"})
# `<<<element_1>>>` of the body-model standard is `@element_1` here.
_mention = re.compile(r"<<<((?:element|voice|image|video)_\d+)>>>")


def contents_of(job: Job, media: Media) -> Json:
    """The body for a job's kind."""
    options: Json = {"external_task_id": job.external_id}
    if job.parameters.get("watermark"):
        options["watermark_info"] = {"enabled": True}
    return {**_kinds[job.kind](job, media), "options": options, **job.extra}


def prompt_of(job: Job) -> str:
    """The prompt, or the shots in the prompt syntax: `shot 1, 3, words; shot 2, 2, words;`."""
    shots = shots_of(job)
    if not shots:
        return _mentions(job.parameters.get("prompt") or "")
    return " ".join(
        f"shot {index}, {shot.get('duration')}, {_mentions(shot.get('prompt'))};" for index, shot in enumerate(shots, 1)
    )


def _text_to_video(job: Job, media: Media) -> Json:
    settings = _settings(job)
    if "aspect_ratio" in job.parameters:
        settings["aspect_ratio"] = job.parameters["aspect_ratio"]
    return {"prompt": prompt_of(job), "settings": settings}


def _image_to_video(job: Job, media: Media) -> Json:
    items = [
        *_prompt(job),
        *_url("first_frame", one(media, "image")),
        *_url("last_frame", one(media, "image_tail")),
        *_named("element", "element_id", ids(job, "elements")),
        *_named("voice", "voice_id", ids(job, "voices")),
    ]
    return {"contents": items, "settings": _settings(job)}


def _motion_control(job: Job, media: Media) -> Json:
    items = [
        *_prompt(job),
        *_url("image", one(media, "image")),
        *_url("video", one(media, "video")),
        *_named("element", "element_id", ids(job, "elements")),
    ]
    settings: Json = {"character_orientation": job.parameters.get("character_orientation")}
    if (keep := job.parameters.get("keep_original_sound")) is not None:
        settings["audio"] = "original" if keep else "off"
    return {"contents": items, "settings": {**settings, **_resolution(job)}}


def _settings(job: Job) -> Json:
    settings: Json = {}
    if job.model in _has_multi_shot:
        settings["multi_shot"] = bool(job.parameters.get("shots"))  # on by default, so it is said either way
    if job.model in _has_audio and (sound := job.parameters.get("sound")) is not None:
        settings["audio"] = "native" if sound else "off"
    settings.update(_resolution(job))
    if (seconds := job.parameters.get("duration")) is not None:
        settings["duration"] = seconds
    return settings


def _resolution(job: Job) -> Json:
    mode = job.parameters.get("mode")
    return {} if mode is None else {"resolution": _resolutions.get(str(mode), str(mode))}


def _mentions(words: object) -> str:
    return _mention.sub(r"@\1", str(words))


def _prompt(job: Job) -> list[Json]:
    words = prompt_of(job)
    return [{"type": "prompt", "text": words}] if words else []


def _url(kind: str, url: str | None) -> list[Json]:
    return [{"type": kind, "url": url}] if url else []


def _named(kind: str, key: str, values: list[str]) -> list[Json]:
    """Items that the prompt calls by name: `@element_1`, `@voice_2`."""
    return [{"type": kind, key: value, "id": f"{kind}_{index}"} for index, value in enumerate(values, 1)]


_kinds: Mapping[str, Callable[[Job, Media], Json]] = {
    "text-to-video": _text_to_video,
    "image-to-video": _image_to_video,
    "motion-control": _motion_control,
}
