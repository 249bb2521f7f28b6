"""What each call costs in units and how long it typically takes, copied by hand from kling.md sections 7 and 4.

Where no price is published, a stand-in says so. Nothing here is shared with the adapter's `models.yaml`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

# Units a second by resolution: silent, with sound, with sound and a chosen voice, motion control, with a clip.
_video_prices: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "kling-3.0-turbo": {"sound": {"720p": "0.8", "1080p": "1.0"}},
    "kling-3.0": {
        "silent": {"720p": "0.6", "1080p": "0.8", "4k": "3.0"},
        "sound": {"720p": "0.9", "1080p": "1.2", "4k": "3.0"},
        "motion": {"720p": "0.9", "1080p": "1.2"},
    },
    "kling-3.0-omni": {
        "silent": {"720p": "0.6", "1080p": "0.8", "4k": "3.0"},
        "sound": {"720p": "0.8", "1080p": "1.0", "4k": "3.0"},
        "clip": {"720p": "0.9", "1080p": "1.2", "4k": "3.0"},
    },
    "kling-o1": {"silent": {"720p": "0.6", "1080p": "0.8"}, "clip": {"720p": "0.9", "1080p": "1.2"}},
    "kling-2.6": {
        "silent": {"720p": "0.3", "1080p": "0.5"},
        "sound": {"1080p": "1.0"},
        "voice": {"1080p": "1.2"},
        "motion": {"720p": "0.5", "1080p": "0.8"},
    },
    "kling-2.5-turbo": {"silent": {"720p": "0.3", "1080p": "0.5"}},
    "avatar": {"sound": {"720p": "0.4", "1080p": "0.8"}},
    # Not published: stand-ins, the first nearest to the other calls of its age, the second to editing with omni.
    "kling-v1-6 of pictures": {"silent": {"720p": "0.6", "1080p": "0.8"}},
    "multi-elements": {"clip": {"720p": "0.9", "1080p": "1.2"}},
}
multi_image, expand = 16, 8  # image units a picture
multi_shot = Decimal(20)  # image units a call
recognize, speech, faces, voice = Decimal("0.1"), Decimal("0.05"), Decimal("0.05"), Decimal("0.05")
sound = Decimal("0.25")
try_on, effect, extend = Decimal(16), Decimal(6), Decimal(6)  # not published: stand-ins
_five_seconds_of_lips = Decimal("0.5")


def clip(price: str, case: str, resolution: str, seconds: int) -> Decimal:
    """The units of a clip; a model without a published row is billed as the cheapest that has one."""
    row = _video_prices[price or "kling-2.5-turbo"]
    rate = row[case if price else "silent"][resolution]
    return (Decimal(rate) * seconds).normalize()


def lips(seconds: float) -> Decimal:
    """The units of a lip-sync: by begun five seconds of the clip. Whether the service counts the 41 ms by which its own
    clips are longer is not published; here they count."""
    return _five_seconds_of_lips * max(1, math.ceil(seconds / 5))


def whole_seconds(seconds: float) -> int:
    """Seconds as they are billed where they follow a file."""
    return max(1, math.floor(seconds + 0.5))


_slowness: Mapping[str, float] = {"720p": 1.0, "1080p": 1.5, "4k": 3.0, "1k": 1.0, "2k": 1.25, "4k picture": 2.0}


def picture_wait(resolution: str, count: int) -> float:
    """How long pictures typically take; one 1k picture took 24 s (section 4)."""
    return 24.0 * _slowness["4k picture" if resolution == "4k" else resolution] * (1 + 0.1 * (count - 1))


def clip_wait(price: str, resolution: str, seconds: float) -> float:
    """How long a clip typically takes; 3 s of turbo took 28 s, 3 s of omni 83 s at 720p (section 4)."""
    first, each = (10.0, 6.0) if "turbo" in price else (30.0, 10.0)
    return (first + each * seconds) * _slowness[resolution]
