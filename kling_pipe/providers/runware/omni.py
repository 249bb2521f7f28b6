"""Tasks of the omni models, whose inputs say which work it is: from words, from frames, after pictures or a clip, or an
edit; runware.md sections 9 and 10."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.runware.brief import Brief
from kling_pipe.providers.runware.clips import (
    frames_of,
    resolution,
    seconds,
    settings,
    sound_settings,
    told_sides,
    words,
)
from kling_pipe.values.wire import Json

_o1 = "kling-video-o1"


def _omni_video(brief: Brief) -> Json:
    edits = bool(brief.one("video")) and brief.words("refer_type") != "feature"
    inputs = _inputs(brief, edits=edits)
    said = {} if brief.one("video") else sound_settings(brief)
    said |= brief.taken(keepOriginalSound="keep_original_sound", fast="fast")
    return {
        **words(brief),
        **({} if edits else {**_sides(brief, inputs), **seconds(brief)}),
        **({"inputs": inputs} if inputs else {}),
        **settings(said),
    }


def _inputs(brief: Brief, *, edits: bool) -> Json:
    clip = brief.one("video")
    # Of a clip to follow the page shows this form for one of the two models; the other's is the plain one.
    followed = clip if brief.job.model == _o1 else {"video": clip, "referType": "feature"}
    inputs: Json = {
        "frameImages": frames_of(brief),
        "referenceImages": brief.many("references"),
        "referenceVideos": [followed] if clip and not edits else [],
        "video": clip if edits else "",
    }
    return {name: value for name, value in inputs.items() if value}


def _sides(brief: Brief, inputs: Json) -> Json:
    """Frames decide the sides. O1 is told them for words alone: its page says so, though examples differ (disputed)."""
    if "frameImages" in inputs or (brief.job.model == _o1 and inputs):
        return resolution(brief)
    return told_sides(brief)


bodies: Mapping[str, Callable[[Brief], Json]] = {"omni-video": _omni_video}
