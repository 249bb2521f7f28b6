"""What a generation costs in credits, and how long it takes. The figures are the simulator's own.

Picsart publishes no table: its price is what `options` answers. What the page says is that cost grows with duration,
speed or resolution, and sound, and so it does here. A price follows from the payload alone, so that what is quoted
is what is charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

_a_second: Mapping[str, Mapping[str, int]] = {
    "kling-v3": {"720p": 6, "1080p": 8, "4k": 20},
    "kling-v3-omni": {"720p": 6, "1080p": 8, "4k": 20},
    "kling-v3-turbo": {"720p": 5, "1080p": 7},
    "kling-v2-6": {"720p": 4, "1080p": 6},
    "kling-video-o1": {"720p": 6, "1080p": 8},
}
_of_sound = Decimal("1.5")
_motion: Mapping[str, Mapping[str, int]] = {
    "kling-motion-control-v3": {"720p": 60, "1080p": 90},
    "kling-motion-control": {"720p": 50, "1080p": 80},
}
_avatar: Mapping[str, int] = {"720p": 40, "1080p": 80}
_pictures: Mapping[str, Mapping[str, int]] = {
    "kling-3.0-image": {"1k": 4, "2k": 6, "4k": 12},
    "kling-o1-image": {"1k": 4, "2k": 6},
    "kling-v2-new-image": {"1k": 4},
    "kling-v2-image": {"1k": 3},
    "kling-v2-1-image": {"1k": 3},
    "kling-v1-5-image": {"1k": 2},
    "kling-multi-image": {"1k": 6},
    "kling-multi-image-v2-1": {"1k": 6},
}
dub = Decimal(8)


def clip(model: str, resolution: str, seconds: int, *, sound: bool) -> Decimal:
    """A clip of so many seconds."""
    silent = Decimal(_a_second[model][resolution] * seconds)
    return silent * _of_sound if sound else silent


def motion(model: str, resolution: str) -> Decimal:
    """A motion-control clip; how long it will be is not in the payload."""
    return Decimal(_motion[model][resolution])


def avatar(resolution: str) -> Decimal:
    """A speaking picture; how long it will be is not in the payload."""
    return Decimal(_avatar[resolution])


def effect(pictures: int) -> Decimal:
    """An effect with one picture or two."""
    return Decimal(45 if pictures == 2 else 30)


def pictures(model: str, resolution: str, count: int) -> Decimal:
    """So many pictures."""
    return Decimal(_pictures[model][resolution] * count)


def sound(seconds: float) -> Decimal:
    """A sound made from words."""
    return Decimal(str(seconds))


_slowness: Mapping[str, float] = {"720p": 1.0, "1080p": 1.5, "4k": 3.0, "1k": 1.0, "2k": 1.25}


def clip_wait(resolution: str, seconds: float) -> float:
    """How long a clip typically takes."""
    return (25.0 + 9.0 * seconds) * _slowness[resolution]


def picture_wait(resolution: str, count: int) -> float:
    """How long pictures typically take."""
    return 20.0 * (2.0 if resolution == "4k" else _slowness[resolution]) * (1 + 0.1 * (count - 1))
