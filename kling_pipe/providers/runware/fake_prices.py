"""What a task costs in USD and how long it takes: runware.md section 9 where it tells a price, else stand-ins.

Nothing here is shared with the adapter's `models.yaml`; a live `cost` is the only authority.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

# USD a second: silent, with sound, with a video among the inputs.
_told: Mapping[str, tuple[str, str, str]] = {
    "klingai:kling-video@3-standard": ("0.084", "0.126", "0.126"),
    "klingai:kling-video@3-pro": ("0.112", "0.168", "0.168"),
    "klingai:kling-video@o3-standard": ("0.084", "0.112", "0.126"),
    "klingai:kling-video@o3-pro": ("0.112", "0.14", "0.168"),
}
# Not published on the page: what the same model costs at Kling itself (kling.md section 7), which is what a plan knows.
_listed: Mapping[str, tuple[str, str, str]] = {
    "klingai:kling-video@2.6-standard": ("0.07", "0.07", "0.07"),  # makes nothing but motion control
    "klingai:kling-video@2.6-pro": ("0.07", "0.14", "0.112"),
    "klingai:6@0": ("0.042", "0.042", "0.042"),
    "klingai:6@1": ("0.07", "0.07", "0.07"),
    "klingai:kling@o1-standard": ("0.084", "0.084", "0.126"),
    "klingai:kling@o1": ("0.112", "0.112", "0.168"),
    "klingai:avatar@2.0-standard": ("0.056", "0.056", "0.056"),
    "klingai:avatar@2.0-pro": ("0.112", "0.112", "0.112"),
}
_with_voices = "0.168"  # one model alone takes them
_turbo, _lips = "klingai:kling-video@3.0-turbo", "klingai:7@1"
_of_turbo: Mapping[str, str] = {"720p": "0.112", "1080p": "0.14"}
# Models that nobody prices any more: stand-ins by tier, so that every bill has a figure that is not nothing.
_stand_ins: Mapping[str, tuple[str, str, str]] = {
    "720p": ("0.05", "0.09", "0.09"),
    "1080p": ("0.08", "0.14", "0.14"),
    "4k": ("0.42", "0.42", "0.42"),
}
_picture: Mapping[str, str] = {"1k": "0.028", "2k": "0.028", "4k": "0.056"}  # stand-ins
_slowness: Mapping[str, float] = {"720p": 1.0, "1080p": 1.5, "4k": 3.0, "1k": 1.0, "2k": 1.25}


def clip(model: str, tier: str, seconds: float, *, sound: bool, video: bool, voices: bool = False) -> Decimal:
    """A clip's price."""
    if model == _lips:
        return Decimal("0.07") * math.ceil(seconds / 5) + Decimal("0.007")  # each five seconds begun, and a look
    if model == _turbo:
        return (Decimal(_of_turbo[tier]) * round(seconds)).normalize()
    silent, with_sound, with_video = _told.get(model) or _listed.get(model) or _stand_ins[tier]
    rate = Decimal(_with_voices if voices else with_video if video else with_sound if sound else silent)
    return (rate * max(1, round(seconds))).quantize(Decimal("0.0001")).normalize()


def picture(resolution: str) -> Decimal:
    """A picture's price."""
    return Decimal(_picture[resolution])


def clip_wait(tier: str, seconds: float) -> float:
    """How long a clip typically takes."""
    return (30.0 + 8.0 * seconds) * _slowness[tier]


def picture_wait(resolution: str, count: int) -> float:
    """How long pictures typically take."""
    return 18.0 * (2.0 if resolution == "4k" else _slowness[resolution]) * (1 + 0.1 * (count - 1))
