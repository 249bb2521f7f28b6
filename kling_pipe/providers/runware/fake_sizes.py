"""Sides of pictures and clips: the lists of runware.md section 10, and what follows a given picture."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kling_pipe.providers.runware.fake_models import Sides, four_k, pro, standard

# Set A, in the order 1:1, 3:2, 2:3, 4:3, 3:4, 9:16, 16:9, 21:9; 4K is not always four times 1K.
_pictures: Mapping[str, tuple[Sides, ...]] = {
    "1k": (
        (1024, 1024), (1248, 832), (832, 1248), (1168, 880), (880, 1168), (768, 1360), (1360, 768), (1552, 656),
    ),
    "2k": (
        (2048, 2048), (2496, 1664), (1664, 2496), (2336, 1760), (1760, 2336), (1536, 2720), (2720, 1536), (3104, 1312),
    ),
    "4k": (
        (4096, 4096), (4992, 3328), (3328, 4992), (4736, 3520), (3520, 4736), (3072, 5440), (5440, 3072), (6272, 2688),
    ),
}  # fmt: skip
_tiers: Mapping[str, tuple[Sides, ...]] = {"720p": standard, "1080p": pro, "4k": four_k}


def picture_sizes(resolution: str) -> tuple[Sides, ...]:
    """Set A at a resolution."""
    return _pictures[resolution]


def picture_like(resolution: str, width: int, height: int) -> Sides:
    """The sides of Set A that come nearest to a picture's ratio."""
    return min(picture_sizes(resolution), key=lambda sides: abs(math.log(sides[0] * height / sides[1] / width)))


def clip_like(tier: str, width: int, height: int) -> Sides:
    """A clip that follows a frame: one of the usual sizes, or the frame's ratio at the tier's area."""
    for sides in _tiers[tier]:
        if abs(sides[0] * height / sides[1] / width - 1) < 0.02:
            return sides
    area = _tiers[tier][0][0] * _tiers[tier][0][1]
    ratio = width / height
    return 2 * round(math.sqrt(area * ratio) / 2), 2 * round(math.sqrt(area / ratio) / 2)


def usual_clip(tier: str) -> Sides:
    """A clip that nothing gives a size."""
    return _tiers[tier][0]


def tier_of(sides: Sides) -> str:
    """The tier that a clip's sides belong to, for its price."""
    return "4k" if min(sides) > 1440 else "1080p" if max(sides) > 1280 or min(sides) > 960 else "720p"
