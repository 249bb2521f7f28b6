"""Motion control: what moves in a reference clip is measured and bends a character picture the same way.

The measure is a silhouette's: what differs from the clip's still background, band by band from head to feet. It needs
no model and follows sway, bounce, lean and reach, which is enough to see that one picture follows the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops

import av
from kling_pipe.simulator.media_film import Film, Planes, frames_at, opened, picture_seconds
from kling_pipe.simulator.media_order import ClipOrder

__all__ = ["follow"]


def follow(order: ClipOrder, size: tuple[int, int], path: str) -> float:
    raise NotImplementedError
