"""Width and height, which the service wants in place of a ratio; runware.md section 10."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kling_pipe.values.media import MediaFacts
from kling_pipe.values.wire import Json

Size = tuple[int, int]

pictures: Mapping[str, Mapping[str, Size]] = {
    "1k": {
        "1:1": (1024, 1024), "3:2": (1248, 832), "2:3": (832, 1248), "4:3": (1168, 880), "3:4": (880, 1168),
        "9:16": (768, 1360), "16:9": (1360, 768), "21:9": (1552, 656),
    },
    "2k": {
        "1:1": (2048, 2048), "3:2": (2496, 1664), "2:3": (1664, 2496), "4:3": (2336, 1760), "3:4": (1760, 2336),
        "9:16": (1536, 2720), "16:9": (2720, 1536), "21:9": (3104, 1312),
    },
    "4k": {
        "1:1": (4096, 4096), "3:2": (4992, 3328), "2:3": (3328, 4992), "4:3": (4736, 3520), "3:4": (3520, 4736),
        "9:16": (3072, 5440), "16:9": (5440, 3072), "21:9": (6272, 2688),
    },
}  # fmt: skip
_older_720: Mapping[str, Size] = {"16:9": (1280, 720), "1:1": (720, 720), "9:16": (720, 1280)}
_older_1080: Mapping[str, Size] = {"16:9": (1920, 1080), "1:1": (1080, 1080), "9:16": (1080, 1920)}
_720: Mapping[str, Size] = {"16:9": (1280, 720), "1:1": (960, 960), "9:16": (720, 1280)}
_1080: Mapping[str, Size] = {"16:9": (1920, 1080), "1:1": (1440, 1440), "9:16": (1080, 1920)}
# Section 11 shows 3840×2160 alone, likely; the other two are derived from 1080p.
_2160: Mapping[str, Size] = {"16:9": (3840, 2160), "1:1": (2880, 2880), "9:16": (2160, 3840)}
_older: Mapping[str, Mapping[str, Size]] = {"720p": _older_720, "1080p": _older_1080}
_current: Mapping[str, Mapping[str, Size]] = {"std": _720, "pro": _1080, "4k": _2160}
# The older models whose resolution is not that of their mode.
_always_720 = frozenset({"kling-v1", "kling-v2-master"})
_always_1080 = frozenset({"kling-v2-1-master"})


def clip_sizes(model: str, mode: str, *, is_older: bool, resolution: str = "") -> Mapping[str, Size]:
    """The sizes of a clip by ratio."""
    if not is_older:
        return _current.get(mode, _720)
    if resolution in _older:
        return _older[resolution]
    if model in _always_720 or (mode != "pro" and model not in _always_1080):
        return _older_720
    return _older_1080


def nearest(sizes: Mapping[str, Size], picture: MediaFacts | None) -> Size | None:
    """The size whose ratio comes nearest to a picture's; None while that is not known."""
    if picture is None or not (picture.width and picture.height):
        return None
    shape = picture.width / picture.height
    return min(sizes.values(), key=lambda size: abs(math.log(size[0] / size[1] / shape)))


def sides(size: Size | None) -> Json:
    """The two fields of a task, or none."""
    return {} if size is None else {"width": size[0], "height": size[1]}
