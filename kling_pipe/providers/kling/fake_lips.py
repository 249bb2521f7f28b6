"""Lip-sync: identify-face opens a session on a clip, advanced-lip-sync lets one of its faces speak.

Field tables from kling.md section 12 ("Lip-sync").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.kling import fake_charges, fake_limits
from kling_pipe.providers.kling.fake_fields import Field, Others, read, wrong
from kling_pipe.providers.kling.fake_media import Desk, Source
from kling_pipe.providers.kling.fake_order import call_order, task_order
from kling_pipe.providers.kling.fake_sessions import opened
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.simulator.media_order import ClipOrder, PictureOrder
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World

_endpoint = "/v1/videos/advanced-lip-sync"
_identify = (Field("video_id"), Field("video_url"))
_lips = (
    Field("session_id", required=True),
    Field(
        "face_choose",
        "list",
        required=True,
        least=1,
        most=1,
        children=(
            Field("face_id", required=True),
            Field("audio_id"),
            Field("sound_file"),
            Field("sound_start_time", "whole", required=True),
            Field("sound_end_time", "whole", required=True),
            Field("sound_insert_time", "whole", required=True),
            Field("sound_volume", "number", low=0, high=2),
            Field("original_audio_volume", "number", low=0, high=2),
        ),
    ),
    *tail,
)
_faces = 2  # whatever the clip shows: a client must be able to choose
_shortest = 2000  # milliseconds
_slack = round(fake_limits.slack * 1000)


async def identify(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/identify-face`."""
    values = read(body, _identify, others=Others.REFUSED)
    source = await desk.source_clip(values, fake_limits.faces)
    session = desk.world.request_id()
    faces = tuple(
        PictureOrder(f"face {number}", 512, 512, 0, "identify-face", number=number) for number in range(_faces)
    )
    return call_order(
        desk, endpoint="/v1/videos/identify-face", function="identify-face", units=fake_charges.faces, outputs=faces,
        topic=f"faces/{session}", session=session, clip_path=source.file.path, parent=source.parent,
    )  # fmt: skip


def identified(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """The session and its faces, each seen all through the clip."""
    end = _milliseconds(task)
    faces = [
        {"face_id": str(number), "face_image": url, "start_time": 0, "end_time": end}
        for number, url in enumerate(world.urls(task, base_url))
    ]
    session = task.order.details["session"]
    return {"session_id": session, "face_data": faces, "final_unit_deduction": f"{task.order.units:f}"}


async def lip_sync(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/videos/advanced-lip-sync`."""
    values = read(body, _lips, others=Others.REFUSED)
    task = opened(desk, "faces", values["session_id"])[0]
    (face,) = values["face_choose"]
    if face["face_id"] not in map(str, range(_faces)):
        raise wrong(f"face_choose[0].face_id value '{face['face_id']}' is invalid")
    sound = await desk.source_sound(face, fake_limits.lips_sound, "face_choose[0].")
    _check_times(face, round(sound.seconds * 1000), _milliseconds(task))
    seconds = _milliseconds(task) / 1000
    file = await desk.world.inputs.from_file(task.order.details["clip_path"])
    source = Source(file, seconds)
    return lips_clip(
        desk, Slip.of(values), _endpoint, source, sound, face["sound_insert_time"] / 1000, fake_charges.lips(seconds),
        parent=task.order.details["parent"],
    )  # fmt: skip


def lips_clip(
    desk: Desk,
    slip: Slip,
    endpoint: str,
    source: Source,
    sound: Source,
    insert: float,
    units: Decimal,
    parent: str = "",
) -> TaskOrder:
    """The clip again, with a mouth that moves to a sound."""
    facts = source.file.facts
    clip = ClipOrder(
        "", facts.width, facts.height, source.seconds, 24, 0, "lip-sync", sound=True, base=source.file.path,
        sound_file=sound.file.path, insert=insert, manner="lip-sync",
    )  # fmt: skip
    return task_order(
        desk, slip, endpoint=endpoint, function="lip-sync", product="video", units=units,
        seconds=30.0 + 8.0 * source.seconds, shape="videos", outputs=(clip,), parent=parent or source.parent,
        duration=f"{source.seconds:.3f}", sound="true", clip="true",
    )  # fmt: skip


def _milliseconds(task: Task) -> int:
    return round(float(json.loads(task.order.details["parent"])["duration"]) * 1000)


def _check_times(face: Mapping[str, Any], sound: int, clip: int) -> None:
    start, end, insert = (face[f"sound_{name}_time"] for name in ("start", "end", "insert"))
    for name in ("start", "insert"):
        if face[f"sound_{name}_time"] < 0:
            raise wrong(f"face_choose[0].sound_{name}_time value '{face[f'sound_{name}_time']}' is invalid")
    if end - start < _shortest:
        raise wrong("the sound between sound_start_time and sound_end_time must be at least 2 seconds long")
    if end > sound + _slack:
        raise wrong(f"sound_end_time value '{end}' is invalid, the sound ends at {sound}")
    if min(insert + end - start, clip) - insert < _shortest:
        raise wrong("the sound must overlap the face by at least 2 seconds")
    if insert + end - start > clip + _slack:
        raise wrong("the sound must not go on after the end of the video")
