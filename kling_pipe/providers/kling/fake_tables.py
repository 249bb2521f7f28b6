"""Facts of the native service as its fake plays them, copied by hand from kling.md (sections named at each table).

Nothing here is shared with the adapter's `models.yaml`: two readings of one page check each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class OmniModel:
    """What one model can do on omni-video, by either standard."""

    price: str
    modes: Mapping[str, str]  # to resolutions
    seconds: tuple[int, ...]
    short: bool = False  # only 5 or 10 s without anything but a prompt and a first frame (D11: the stricter side)
    shots: bool = False
    sound: bool = False
    frames_with_elements: bool = True
    frame_pictures: int = 7  # pictures in all beside which a frame is possible
    video_elements: bool = True  # takes elements that were made from a clip


# Section 8: kling-v3-omni answered 1201 on text2video, so these names are known there and refused.
omni_video_models: Mapping[str, OmniModel] = {
    "kling-v3-omni": OmniModel(
        "kling-3.0-omni", {"std": "720p", "pro": "1080p", "4k": "4k"}, tuple(range(3, 16)), shots=True, sound=True
    ),
    "kling-video-o1": OmniModel(
        "kling-o1", {"std": "720p", "pro": "1080p"}, tuple(range(3, 11)), short=True, frames_with_elements=False,
        frame_pictures=2, video_elements=False,
    ),
}  # fmt: skip
omni_path_names: Mapping[str, str] = {"kling-3.0-omni": "kling-v3-omni", "kling-o1": "kling-video-o1"}


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
_omni_path = "omni-video"
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
    "kling-3.0-omni": PathModel(
        (_omni_path,), ("720p", "1080p", "4k"), tuple(range(3, 16)), ("native", "original", "off"), shots="setting",
        last_frame="any", elements=7, text_prompt=3072, image_prompt=3072,
    ),
    "kling-o1": PathModel(
        (_omni_path,), ("720p", "1080p"), tuple(range(3, 11)), ("original", "off"), last_frame="any", elements=7
    ),
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
    widest: bool = True  # 21:9 is among its ratios
    restyles: bool = False  # makes pictures of a picture only (kling.json: "restyling model")


# Retired models have no published row any more: they are billed as kling-v2-1.
picture_models: Mapping[str, PictureModel] = {
    "kling-v1": PictureModel(("1k",), 4, 8, image_fidelity=True, retired=True, widest=False),
    "kling-v1-5": PictureModel(
        ("1k",), 4, 8, image_reference=True, image_fidelity=True, human_fidelity=True, retired=True
    ),
    "kling-v2": PictureModel(("1k", "2k"), 4, 8, retired=True),
    "kling-v2-new": PictureModel(("1k",), 4, 8, retired=True, restyles=True),
    "kling-v2-1": PictureModel(
        ("1k", "2k"), 4, 8, image_reference=True, image_fidelity=True, human_fidelity=True
    ),
    "kling-v3": PictureModel(("1k", "2k"), 8, 8, elements=10),
}  # fmt: skip
omni_picture_models: Mapping[str, PictureModel] = {
    "kling-image-o1": PictureModel(("1k", "2k"), 8, 8, elements=10),
    "kling-v3-omni": PictureModel(("1k", "2k", "4k"), 8, 8, elements=10, series=True, units_4k=16),
}
motion_models: Mapping[str, tuple[str, int]] = {"kling-v2-6": ("kling-2.6", 0), "kling-v3": ("kling-3.0", 1)}
try_on_models = ("kolors-virtual-try-on-v1", "kolors-virtual-try-on-v1-5")

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
