"""Sides of pictures and clips: the lists of runware.md section 10, and what follows a given picture."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kling_pipe.providers.runware.fake_models import Sides, four_k, pro, standard

_first_set: tuple[Sides, ...] = (
    (1024, 1024), (1248, 832), (832, 1248), (1168, 880), (880, 1168), (768, 1360), (1360, 768), (1552, 656),
)  # fmt: skip
_scales: Mapping[str, int] = {"1k": 1, "2k": 2, "4k": 4}
_tiers: Mapping[str, tuple[Sides, ...]] = {"720p": standard, "1080p": pro, "4k": four_k}


def picture_sizes(resolution: str) -> tuple[Sides, ...]:
    """Set A at a resolution."""
    scale = _scales[resolution]
    return tuple((width * scale, height * scale) for width, height in _first_set)


def picture_like(resolution: str, width: int, height: int) -> Sides:
    """The sides of Set A that come nearest to a picture's ratio."""
    return min(picture_sizes(resolution), key=lambda sides: abs(math.log(sides[0] * height / sides[1] / width)))


def clip_like(tier: str, width: int, height: int) -> Sides:
    """A clip that follows a frame: its ratio at the tier's area, in even sides."""
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
