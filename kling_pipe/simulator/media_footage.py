"""Footage: a clip that was handed in, frame by frame in a film's planes, without what the simulator wrote over it."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterator

import av
from PIL import Image

from kling_pipe.simulator.media_film import Planes, comment_of, frames_at, opened, picture_seconds
from kling_pipe.simulator.media_load import fill_from_beside, written_over
from kling_pipe.simulator.media_text import Box

_turns = {
    90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270,
}  # fmt: skip


def footage(path: str, fps: int, count: int, size: tuple[int, int]) -> Iterator[Planes]:
    """So many frames at a rate, covering the size; the last one stays when the clip is shorter."""
    with opened(path) as container:
        note = comment_of(container)
        for frame in frames_at(container, fps, count):
            yield _fitted(frame, size, note)


def last_picture(path: str) -> Image.Image:
    """The frame a clip ends on."""
    with opened(path) as container:
        seconds = picture_seconds(container)
        container.seek(max(0, int((seconds - 1.0) * 1_000_000)))
        kept = deque(container.decode(video=0), maxlen=1)
        if not kept:
            raise ValueError(f"`{os.path.basename(path)}` holds no pictures")
        return _upright(kept[0], _sides(kept[0]), comment_of(container)).picture()


def seconds_of(path: str) -> float:
    """How long a clip or a sound is."""
    with opened(path, pictures=False) as container:
        return picture_seconds(container) if container.streams.video else (container.duration or 0) / 1_000_000


def planes_of(frame: av.VideoFrame, size: tuple[int, int]) -> Planes:
    """A frame in planes of a size; FFmpeg's scaler reads the film's own planes, so nothing becomes RGB on the way."""
    small = frame.reformat(width=size[0], height=size[1], format="yuv420p", dst_color_range=1)
    half = (size[0] // 2, size[1] // 2)
    planes = [_plane(plane, side) for plane, side in zip(small.planes, (size, half, half), strict=True)]
    return Planes(*planes)


def _plane(plane: av.video.plane.VideoPlane, size: tuple[int, int]) -> Image.Image:
    return Image.frombuffer("L", size, bytes(plane), "raw", "L", plane.line_size, 1)


def _fitted(frame: av.VideoFrame, size: tuple[int, int], note: str) -> Planes:
    """The frame as large as it must be to cover the size, cut to it rather at the foot than at the head."""
    wide, tall = _sides(frame)
    scale = max(size[0] / wide, size[1] / tall)
    whole = max(size[0], _even(wide * scale)), max(size[1], _even(tall * scale))
    planes = _upright(frame, whole, note)
    if whole == size:
        return planes
    return planes.crop((whole[0] - size[0]) // 4 * 2, round((whole[1] - size[1]) * 0.18) * 2, size)


def _sides(frame: av.VideoFrame) -> tuple[int, int]:
    """The frame's sides as it is shown."""
    return (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)


def _upright(frame: av.VideoFrame, size: tuple[int, int], note: str) -> Planes:
    """The frame of that size turned as its note asks, which is how phones store upright clips."""
    turn = frame.rotation % 360
    wide, tall = max(2, size[0] & ~1), max(2, size[1] & ~1)
    planes = planes_of(frame, (tall, wide) if turn % 180 else (wide, tall))
    if turn in _turns:
        planes = Planes(*(plane.transpose(_turns[turn]) for plane in planes.three))
    for box in written_over(note, planes.size):
        _paint_out(planes, box)
    return planes


def _paint_out(planes: Planes, box: Box) -> None:
    left, top, right, bottom = box
    fill_from_beside(planes.luma, box)
    for plane in (planes.blue, planes.red):
        fill_from_beside(plane, (left // 2, top // 2, (right + 1) // 2, (bottom + 1) // 2))


def _even(side: float) -> int:
    return math.ceil(side / 2 - 0.01) * 2
