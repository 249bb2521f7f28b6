"""How large the results are. Picsart gives resolutions (`std` 720p, `pro` 1080p, `4k`) and ratios but no pixels: the
sides are those that Kling's own page tells of the same models (kling.md section 10, likely)."""

from __future__ import annotations

import math
from collections.abc import Mapping

resolution_of: Mapping[str, str] = {"std": "720p", "pro": "1080p", "4k": "4k"}
video_ratios = ("16:9", "9:16", "1:1")
picture_ratios = ("16:9", "9:16", "1:1", "21:9", "4:3", "3:2", "2:3", "3:4")
# 16:9 and 1:1; a tall clip is a wide one on its side, and one of another shape has as many pixels.
_clips: Mapping[str, tuple[tuple[int, int], int]] = {
    "720p": ((1280, 720), 960), "1080p": ((1920, 1080), 1440), "4k": ((3840, 2160), 2880),
}  # fmt: skip
_picture_areas: Mapping[str, int] = {"1k": 1024 * 1024, "2k": 2048 * 2048, "4k": 4096 * 4096}


def clip_size(resolution: str, ratio: str) -> tuple[int, int]:
    """The sides of a clip of a ratio."""
    wide, square = _clips[resolution]
    return {"16:9": wide, "9:16": (wide[1], wide[0]), "1:1": (square, square)}[ratio]


def clip_size_like(resolution: str, width: int, height: int) -> tuple[int, int]:
    """The sides of a clip that follows a picture or a clip."""
    ratio = width / height if width and height else 1.0
    wide, high = _clips[resolution][0]
    return _even(math.sqrt(wide * high * ratio)), _even(math.sqrt(wide * high / ratio))


def picture_size(resolution: str, ratio: str) -> tuple[int, int]:
    """The sides of a picture of a ratio, whatever the ratio of much the same area."""
    width, height = (int(side) for side in ratio.split(":"))
    scale = math.sqrt(_picture_areas[resolution] / (width * height))
    return round(width * scale / 16) * 16, round(height * scale / 16) * 16


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
