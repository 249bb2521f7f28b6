"""Facts of the native service as its fake plays them, copied by hand from kling.md (sections named at each table).

Nothing here is shared with the adapter's `models.yaml`: two readings of one page check each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# Section 11, video, body-model. Modes in which a feature works, by the seconds it works for; () means never.
_both = ("5", "10")
_long = tuple(str(seconds) for seconds in range(3, 16))


@dataclass(frozen=True, slots=True)
class VideoModel:
    """What one `model_name` can do on text2video and image2video."""

    endpoints: tuple[str, ...]
    modes: tuple[str, ...]  # empty: takes no mode
    seconds: tuple[str, ...] = _both
    resolutions: tuple[tuple[str, str], ...] = (("std", "720p"), ("pro", "1080p"), ("4k", "4k"))
    tail: tuple[tuple[str, str], ...] = ()  # (mode, seconds) with a start and an end frame; ("*", "*") means all
    tail_only: tuple[tuple[str, str], ...] = ()  # end frame alone
    camera: tuple[tuple[str, str, str], ...] = ()  # (endpoint, mode, seconds) with camera control
    camera_types: tuple[str, ...] = ()
    masks: tuple[tuple[str, str], ...] = ()
    sound: tuple[str, ...] = ()  # modes
    voices: bool = False
    shots: bool = False
    elements: int = 0
    cfg_scale: bool = False
    retired: bool = False
    price: str = ""  # row of `video_prices`


camera_types = ("simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward")
_t2v, _i2v = "text2video", "image2video"
_any = (("*", "*"),)
_pro = (("pro", "5"), ("pro", "10"))
_v1_sizes = (("std", "720p"), ("pro", "720p"))

video_models: Mapping[str, VideoModel] = {
    "kling-v1": VideoModel(
        (_t2v, _i2v), ("std", "pro"), resolutions=_v1_sizes, tail=(("std", "5"), ("pro", "5")),
        camera=((_t2v, "std", "5"),), camera_types=camera_types, masks=(("std", "5"), ("pro", "5")),
        cfg_scale=True, retired=True,
    ),
    "kling-v1-5": VideoModel(
        (_i2v,), ("std", "pro"), tail=_pro, tail_only=_pro, camera=((_i2v, "pro", "5"),), camera_types=("simple",),
        masks=(("pro", "5"),), cfg_scale=True, retired=True,
    ),
    "kling-v1-6": VideoModel((_t2v, _i2v), ("std", "pro"), tail=_pro, tail_only=_pro, cfg_scale=True, retired=True),
    "kling-v2-master": VideoModel((_t2v, _i2v), (), resolutions=(("", "720p"),), retired=True),
    "kling-v2-1": VideoModel((_i2v,), ("std", "pro"), tail=_pro, retired=True),
    "kling-v2-1-master": VideoModel((_t2v, _i2v), (), resolutions=(("", "1080p"),), retired=True),
    "kling-v2-5-turbo": VideoModel((_t2v, _i2v), ("std", "pro"), tail=_pro, price="kling-2.5-turbo"),
    "kling-v2-6": VideoModel(
        (_t2v, _i2v), ("std", "pro"), tail=_pro, sound=("pro",), voices=True, price="kling-2.6",
    ),
    "kling-v3": VideoModel(
        (_t2v, _i2v), ("std", "pro", "4k"), _long, tail=_any, sound=("std", "pro", "4k"), shots=True, elements=3,
        cfg_scale=True, price="kling-3.0",
    ),
}  # fmt: skip
# Names that are real but belong to omni-video: section 8 says kling-v3-omni answered 1201 on text2video.
omni_video_models = frozenset({"kling-v3-omni", "kling-video-o1"})


@dataclass(frozen=True, slots=True)
class PathModel:
    """What one model of the path standard can do (section 11, video, path-model)."""

    endpoints: tuple[str, ...]
    resolutions: tuple[str, ...]
    seconds: tuple[int, ...]
    audio: tuple[str, ...]  # values of settings.audio; empty: no such field
    always_sound: bool = False
    shots: str = ""  # `setting`: settings.multi_shot, default true; `syntax`: by the prompt alone
    last_frame: str = ""  # `any`, `1080p`, or empty for never
    elements: int = 0
    voices: int = 0
    text_prompt: int = 2500  # characters
    image_prompt: int = 2500


_t2v_path, _i2v_path, _motion_path = "text-to-video", "image-to-video", "motion-control"
path_models: Mapping[str, PathModel] = {
    "kling-3.0-turbo": PathModel(
        (_t2v_path, _i2v_path), ("720p", "1080p"), tuple(range(3, 16)), ("native", "off"), always_sound=True,
        shots="syntax", text_prompt=3072,
    ),
    "kling-3.0": PathModel(
        (_t2v_path, _i2v_path, _motion_path), ("720p", "1080p", "4k"), tuple(range(3, 16)), ("native", "off"),
        shots="setting", last_frame="any", elements=3, text_prompt=3072, image_prompt=3072,
    ),
    "kling-2.6": PathModel(
        (_t2v_path, _i2v_path, _motion_path), ("720p", "1080p"), (5, 10), ("native", "off"), last_frame="1080p",
        voices=2,
    ),
    "kling-2.5-turbo": PathModel((_t2v_path, _i2v_path), ("720p", "1080p"), (5, 10), (), last_frame="1080p"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PictureModel:
    """What one picture model can do (section 11, pictures)."""

    resolutions: tuple[str, ...]
    units: int  # a picture from text; section 7
    units_from_picture: int
    image_reference: bool = False
    image_fidelity: bool = False
    human_fidelity: bool = False
    elements: int = 0
    series: bool = False
    retired: bool = False
    units_4k: int = 0


# Retired models have no published row any more: they are billed as kling-v2-1.
picture_models: Mapping[str, PictureModel] = {
    "kling-v1": PictureModel(("1k",), 4, 8, image_fidelity=True, retired=True),
    "kling-v1-5": PictureModel(
        ("1k",), 4, 8, image_reference=True, image_fidelity=True, human_fidelity=True, retired=True
    ),
    "kling-v2": PictureModel(("1k", "2k"), 4, 8, retired=True),
    "kling-v2-new": PictureModel(("1k",), 4, 8, retired=True),
    "kling-v2-1": PictureModel(
        ("1k", "2k"), 4, 8, image_reference=True, image_fidelity=True, human_fidelity=True
    ),
    "kling-v3": PictureModel(("1k", "2k"), 8, 8, elements=10),
}  # fmt: skip
omni_picture_models: Mapping[str, PictureModel] = {
    "kling-image-o1": PictureModel(("1k", "2k"), 8, 8, elements=10),
    "kling-v3-omni": PictureModel(("1k", "2k", "4k"), 8, 8, elements=10, series=True, units_4k=16),
}
multi_image_units = 16

# Section 7, units a second: (silent, with sound, with sound and a chosen voice, motion control) by resolution.
video_prices: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "kling-3.0-turbo": {"sound": {"720p": "0.8", "1080p": "1.0"}},
    "kling-3.0": {
        "silent": {"720p": "0.6", "1080p": "0.8", "4k": "3.0"},
        "sound": {"720p": "0.9", "1080p": "1.2", "4k": "3.0"},
        "motion": {"720p": "0.9", "1080p": "1.2"},
    },
    "kling-2.6": {
        "silent": {"720p": "0.3", "1080p": "0.5"},
        "sound": {"1080p": "1.0"},
        "voice": {"1080p": "1.2"},
        "motion": {"720p": "0.5", "1080p": "0.8"},
    },
    "kling-2.5-turbo": {"silent": {"720p": "0.3", "1080p": "0.5"}},
}
motion_models: Mapping[str, tuple[str, int]] = {"kling-v2-6": ("kling-2.6", 0), "kling-v3": ("kling-3.0", 1)}


def clip_units(price: str, case: str, resolution: str, seconds: int) -> Decimal:
    """The units of a clip; a model without a published row is billed as the cheapest that has one."""
    row = video_prices[price or "kling-2.5-turbo"]
    rate = row[case if price else "silent"][resolution]
    return (Decimal(rate) * seconds).normalize()


# Section 10, output pixels; 4k clips are given as 2160p only, so their sides are the 1080p ones doubled.
_video_sizes: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "720p": {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (960, 960)},
    "1080p": {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1440, 1440)},
    "4k": {"16:9": (3840, 2160), "9:16": (2160, 3840), "1:1": (2880, 2880)},
}
_older_squares: Mapping[str, tuple[int, int]] = {"720p": (720, 720), "1080p": (1080, 1080)}
_picture_sizes: Mapping[str, tuple[int, int]] = {
    "1:1": (1024, 1024), "3:2": (1248, 832), "2:3": (832, 1248), "4:3": (1168, 880), "3:4": (880, 1168),
    "9:16": (768, 1360), "16:9": (1360, 768), "21:9": (1552, 656),
}  # fmt: skip
_picture_scales: Mapping[str, int] = {"1k": 1, "2k": 2, "4k": 4}
picture_ratios = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
video_ratios = ("16:9", "9:16", "1:1")


def picture_size(resolution: str, ratio: str) -> tuple[int, int]:
    """The sides of a picture."""
    width, height = _picture_sizes[ratio]
    return width * _picture_scales[resolution], height * _picture_scales[resolution]


def nearest_ratio(width: int, height: int) -> str:
    """The ratio of the table that comes nearest to a picture's own."""
    wanted = math.log(width / height)
    return min(
        picture_ratios, key=lambda name: abs(math.log(_picture_sizes[name][0] / _picture_sizes[name][1]) - wanted)
    )


def clip_size(resolution: str, ratio: str, *, older: bool = False) -> tuple[int, int]:
    """The sides of a clip made from text."""
    if older and ratio == "1:1" and resolution in _older_squares:
        return _older_squares[resolution]
    return _video_sizes[resolution][ratio]


def clip_size_like(resolution: str, width: int, height: int) -> tuple[int, int]:
    """The sides of a clip that follows a picture: the picture's ratio at the resolution's area, even."""
    ratio = width / height
    for sides in _video_sizes[resolution].values():
        if abs(sides[0] / sides[1] / ratio - 1) < 0.02:
            return sides
    full = _video_sizes[resolution]["16:9"]
    area = full[0] * full[1]
    return round(math.sqrt(area * ratio) / 2) * 2, round(math.sqrt(area / ratio) / 2) * 2


_slowness: Mapping[str, float] = {"720p": 1.0, "1080p": 1.5, "4k": 3.0, "1k": 1.0, "2k": 1.25, "4k picture": 2.0}


def picture_seconds(resolution: str, count: int) -> float:
    """How long pictures typically take; one 1k picture took 24 s (section 4)."""
    return 24.0 * _slowness["4k picture" if resolution == "4k" else resolution] * (1 + 0.1 * (count - 1))


def clip_seconds(price: str, resolution: str, seconds: float) -> float:
    """How long a clip typically takes; 3 s of turbo took 28 s, 3 s of omni 83 s at 720p (section 4)."""
    first, each = (10.0, 6.0) if "turbo" in price else (30.0, 10.0)
    return (first + each * seconds) * _slowness[resolution]
