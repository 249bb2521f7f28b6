"""Lip-sync: a face is found in the clip, a sound is placed under it; kling.md section 12, Lip-sync.

1. The service wants whole milliseconds; a step's times are seconds.
2. What is not asked for is chosen so that it fits: from the face's first moment, as much sound as the clip can hold.
3. A sound that cannot be placed is refused before the create is sent; finding the face has been paid for by then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.providers.kling.amounts import amount, id_in, items, mapping
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.sounds import sound_of
from kling_pipe.values.job import Job
from kling_pipe.values.wire import Json

least = 2000  # milliseconds of sound, and of sound under the face
most = 60_000  # milliseconds of the whole sound
_over = 50  # what a file may run over that, as it may in the catalogue


@dataclass(frozen=True, slots=True)
class Face:
    """A face found in a clip, and the milliseconds between which it is seen."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Which part of the sound is heard, and where in the clip it begins; milliseconds."""

    start: int
    end: int
    insert: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def last(self) -> int:
        """The moment of the clip at which it falls silent."""
        return self.insert + self.length

    def under(self, face: Face) -> int:
        """How long it sounds while the face is seen."""
        return max(0, min(self.last, face.end) - max(self.insert, face.start))


def faces_in(data: Mapping[str, object]) -> list[Face]:
    """The faces of an identify-face answer, in the order found."""
    found = [mapping(item) for item in items(data.get("face_data"))]
    return [
        Face(id_in(face.get("face_id")), _whole(face.get("start_time")), _whole(face.get("end_time")))
        for face in found
        if id_in(face.get("face_id"))
    ]


def place(job: Job, face: Face, sound: int) -> Placement:
    """Where the sound goes; `sound` is its length in milliseconds."""
    clip = max(length_of(job, "video"), face.end)
    start = _asked(job, "sound_start_time", 0)
    insert = _asked(job, "sound_insert_time", face.start)
    room = start + max(0, clip - insert)
    return Placement(start, _asked(job, "sound_end_time", min(sound, room)), insert)


def hindrance(job: Job, face: Face, sound: int) -> str:
    """Why the sound cannot go where it would; empty when it can."""
    placed, clip = place(job, face, sound), max(length_of(job, "video"), face.end)
    if not fits(sound):
        return f"the sound is {_text(sound)} long, and the service takes {_text(least)} to {_text(most)}"
    if placed.end > sound:
        return f"`sound_end_time` is {_text(placed.end)}, past the end of the sound at {_text(sound)}"
    if placed.length < least:
        part = f"from {_text(placed.start)} to {_text(max(placed.start, placed.end))}"
        where = f"put at {_text(placed.insert)} of a clip of {_text(clip)}"
        heard = f"only {_text(max(0, placed.length))} of the sound would be heard, {part}"
        return f"{heard}, {where}; the service needs {_text(least)}"
    if placed.last > clip:
        return f"the sound would go on until {_text(placed.last)}, past the end of the clip at {_text(clip)}"
    if placed.under(face) < least:
        seen = f"the face is seen from {_text(face.start)} to {_text(face.end)}"
        heard = f"the sound goes from {_text(placed.insert)} to {_text(placed.last)}"
        return f"{seen} and {heard}; the service needs {_text(least)} of both together"
    return ""


def body_of(brief: Brief) -> Json:
    """The create's own fields; what the errands told is needed for them."""
    spoken = brief.note("audio_id")
    face: Json = {
        "face_id": brief.note("face_id"),
        **({"audio_id": spoken} if spoken else sound_of(brief)),
        **{name: brief.note(name) for name in ("sound_start_time", "sound_end_time", "sound_insert_time")},
        **brief.taken("sound_volume", "original_audio_volume"),
    }
    return {"session_id": brief.note("session_id"), "face_choose": [face]}


def fits(sound: int) -> bool:
    """Whether a whole sound is neither too short nor too long."""
    return least <= sound <= most + _over


def length_of(job: Job, field: str) -> int:
    """Whole milliseconds of a wired file, never more than it has; 0 without one."""
    seconds = next((material.facts.seconds for material in job.materials if material.field == field), 0.0)
    return milliseconds(seconds)


def milliseconds(seconds: float) -> int:
    """Whole milliseconds that surely lie within a length."""
    return math.floor(seconds * 1000 + 1e-6)


def _asked(job: Job, name: str, usual: int) -> int:
    value = job.parameters.get(name)
    return round(value * 1000) if isinstance(value, int | float) else usual


def _whole(value: object) -> int:
    found = amount(value)
    return 0 if found is None else int(found)


def _text(moment: int) -> str:
    return f"{moment / 1000:g} s"
