"""The selection calls of multi-elements: a session on a clip, in whose frames places are marked, and its preview.

A session is nothing but its calls, so it outlives the process with them (kling.md section 12, "Multi-elements
editing").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kling_pipe.providers.kling import fake_limits
from kling_pipe.providers.kling.fake_fields import Field, Others, read, wrong
from kling_pipe.providers.kling.fake_masks import Point, masks
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_order import call_order
from kling_pipe.providers.kling.fake_sessions import opened
from kling_pipe.simulator.media_order import ClipOrder, PictureOrder
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import World

root = "/v1/videos/multi-elements"
_most_frames = 10
_most_points = 10
_init = (Field("video_id"), Field("video_url"))
_session = Field("session_id", required=True)
_mark = (
    _session,
    Field("frame_index", "whole", required=True, low=0, high=100_000),
    Field(
        "points",
        "list",
        required=True,
        most=_most_points,
        children=tuple(Field(axis, "number", required=True, low=0, high=1) for axis in "xy"),
    ),
)
Marks = dict[int, list[Point]]


async def init(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`init-selection`."""
    source = await desk.source_clip(read(body, _init, others=Others.REFUSED), fake_limits.selection)
    session, facts = desk.world.request_id(), source.file.facts
    clip = {
        "path": source.file.path,
        "url": source.url,
        "fps": facts.fps or 24.0,
        "seconds": source.seconds,
        "width": facts.width,
        "height": facts.height,
        "frames": round(source.seconds * (facts.fps or 24.0)),
    }
    return _call(desk, "init-selection", session, clip=json.dumps(clip))


def begun(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """The session, and the clip as the service sees it."""
    clip = clip_of(task)
    normal = ClipOrder(
        "", clip["width"], clip["height"], clip["seconds"], round(clip["fps"]), 0, "normalized", base=clip["path"],
        manner="edit",
    )  # fmt: skip
    return {
        **_head(task),
        "fps": clip["fps"],
        "original_duration": round(clip["seconds"] * 1000),
        "width": clip["width"],
        "height": clip["height"],
        "total_frame": clip["frames"],
        "normalized_video": clip["url"] or world.shown(normal, base_url),
    }


async def add(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`add-selection`: marks places in one frame."""
    values = read(body, _mark, others=Others.REFUSED)
    calls = opened(desk, "selection", values["session_id"])
    frame, points = values["frame_index"], _points(values)
    if frame >= clip_of(calls[0])["frames"]:
        raise wrong(f"frame_index value '{frame}' is invalid")
    found = marks(calls)
    if frame not in found and len(found) >= _most_frames:
        raise wrong(f"at most {_most_frames} frames can be marked")
    if len({*found.get(frame, ()), *points}) > _most_points:
        raise wrong(f"at most {_most_points} points can be marked in a frame")
    return _call(desk, "add-selection", values["session_id"], frame=str(frame), points=json.dumps(points))


async def delete(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`delete-selection`: takes back places by the very numbers they were marked with."""
    values = read(body, _mark, others=Others.REFUSED)
    found = marks(opened(desk, "selection", values["session_id"])).get(values["frame_index"], [])
    points = _points(values)
    for x, y in points:
        if (x, y) not in found:
            raise wrong(f"points value ({x:g}, {y:g}) is invalid, it is not marked in frame {values['frame_index']}")
    frame = str(values["frame_index"])
    return _call(desk, "delete-selection", values["session_id"], frame=frame, points=json.dumps(points))


async def clear(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`clear-selection`."""
    session = read(body, (_session,), others=Others.REFUSED)["session_id"]
    opened(desk, "selection", session)
    return _call(desk, "clear-selection", session)


async def preview(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`preview-selection`: the clip with what is marked in it."""
    session = read(body, (_session,), others=Others.REFUSED)["session_id"]
    calls = opened(desk, "selection", session)
    if not marks(calls):
        raise wrong("nothing is selected in this session")
    clip = clip_of(calls[0])
    sides = clip["width"], clip["height"]
    outputs = (
        ClipOrder("", *sides, clip["seconds"], 24, 0, "preview", base=clip["path"], manner="edit"),
        PictureOrder("selection", *sides, 0, "preview"),
        PictureOrder("tracking", *sides, 0, "preview", number=2),
    )
    return _call(desk, "preview-selection", session, outputs)


def marked(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """The masks of a frame after marking or taking back."""
    calls = world.about(task.order.account, f"selection/{task.order.details['session']}")
    calls = calls[: calls.index(task) + 1]
    frame, clip = int(task.order.details["frame"]), clip_of(calls[0])
    found = masks(marks(calls).get(frame, []), clip["width"], clip["height"])
    return {**_head(task), "res": {"frame_index": frame, "rle_mask_list": found}}


def cleared(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """Nothing is marked any more."""
    return _head(task)


def previewed(task: Task, world: World, base_url: str) -> dict[str, Any]:
    """Where the preview lies."""
    names = ("video", "video_cover", "tracking_output")
    return {**_head(task), "res": dict(zip(names, world.urls(task, base_url), strict=True))}


def clip_of(task: Task) -> dict[str, Any]:
    """The clip that a session was opened on."""
    clip: dict[str, Any] = json.loads(task.order.details["clip"])
    return clip


def marks(calls: Sequence[Task]) -> Marks:
    """What is marked after some calls of a session, by frame."""
    found: Marks = {}
    for call in calls:
        details = call.order.details
        if details["function"] == "clear-selection":
            found = {}
        points = [(float(x), float(y)) for x, y in json.loads(details.get("points", "[]"))]
        frame = int(details.get("frame", "0"))
        if details["function"] == "add-selection":
            found[frame] = list(dict.fromkeys([*found.get(frame, []), *points]))
        if details["function"] == "delete-selection":
            found[frame] = [point for point in found.get(frame, []) if point not in points]
    return {frame: points for frame, points in found.items() if points}


def _points(values: Mapping[str, Any]) -> list[Point]:
    return [(float(point["x"]), float(point["y"])) for point in values["points"]]


def _call(
    desk: Desk, name: str, session: str, outputs: tuple[ClipOrder | PictureOrder, ...] = (), **details: str
) -> TaskOrder:
    order = call_order(
        desk, endpoint=f"{root}/{name}", function=name, outputs=outputs, topic=f"selection/{session}", session=session
    )
    return replace(order, details={**order.details, **details})


def _head(task: Task) -> dict[str, Any]:
    return {"status": 0, "session_id": task.order.details["session"], "final_unit_deduction": "0"}
