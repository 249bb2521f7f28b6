"""Editing what is in a clip: it is opened for editing, things are pointed at, then the edit is created; kling.md
section 12, Multi-elements editing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.providers.kling.brief import Brief
from kling_pipe.values.job import Job
from kling_pipe.values.wire import Json


def selections_of(job: Job) -> Sequence[Mapping[str, object]]:
    """What is pointed at, a frame each."""
    value = job.parameters.get("selections")
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def selection_body(brief: Brief, selection: Mapping[str, object]) -> Json:
    """One frame's points, in the session that the first errand opened."""
    points = selection.get("points")
    return {
        "session_id": brief.note("session_id"),
        "frame_index": selection.get("frame_index"),
        "points": [dict(point) for point in points if isinstance(point, Mapping)]
        if isinstance(points, list | tuple)
        else [],
    }


def body_of(brief: Brief) -> Json:
    """The create's own fields. Pictures are what is put in; the clip is the session's."""
    return {
        "session_id": brief.note("session_id"),
        **brief.taken("edit_mode"),
        "image_list": [{"image": picture} for picture in brief.many("references")],
        **brief.taken("prompt", "negative_prompt", "mode"),
        "duration": brief.seconds,
    }
