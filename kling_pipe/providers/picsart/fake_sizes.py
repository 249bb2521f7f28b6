"""How large the results are. Picsart gives resolutions (`std` 720p, `pro` 1080p, `4k`) and ratios but no pixels: the
sides are the simulator's own."""

from __future__ import annotations

import math
from collections.abc import Mapping

resolution_of: Mapping[str, str] = {"std": "720p", "pro": "1080p", "4k": "4k"}
video_ratios = ("16:9", "9:16", "1:1")
picture_ratios = ("16:9", "9:16", "1:1", "21:9", "4:3", "3:2", "2:3", "3:4")
_short_sides: Mapping[str, int] = {"720p": 720, "1080p": 1080, "4k": 2160}
_picture_areas: Mapping[str, int] = {"1k": 1024 * 1024, "2k": 2048 * 2048, "4k": 4096 * 4096}


def clip_size(resolution: str, ratio: str) -> tuple[int, int]:
    """The sides of a clip of a ratio."""
    width, height = (int(side) for side in ratio.split(":"))
    short = _short_sides[resolution]
    return _even(short * width / min(width, height)), _even(short * height / min(width, height))


def clip_size_like(resolution: str, width: int, height: int) -> tuple[int, int]:
    """The sides of a clip that follows a picture or a clip."""
    ratio = min(2.5, max(0.4, width / height if width and height else 1.0))
    short = _short_sides[resolution]
    return (_even(short * ratio), short) if ratio >= 1 else (short, _even(short / ratio))


def picture_size(resolution: str, ratio: str) -> tuple[int, int]:
    """The sides of a picture of a ratio, whatever the ratio of much the same area."""
    width, height = (int(side) for side in ratio.split(":"))
    scale = math.sqrt(_picture_areas[resolution] / (width * height))
    return round(width * scale / 16) * 16, round(height * scale / 16) * 16


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
