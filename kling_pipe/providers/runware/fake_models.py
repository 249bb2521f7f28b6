"""What each Kling model of the service takes, copied by hand from runware.md sections 10 and 11."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Sides = tuple[int, int]


class Sort(StrEnum):
    """Which rules a clip model obeys."""

    CLASSIC = "classic"  # 1.0 to 2.5
    MODERN = "modern"  # 2.6 and 3.0
    OMNI = "omni"  # O3
    UNIFIED = "unified"  # O1
    LIPS = "lips"
    AVATAR = "avatar"


@dataclass(frozen=True, slots=True)
class PictureModel:
    """A model of `imageInference`."""

    name: str
    least_prompt: int
    references: int
    resolutions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClipModel:
    """A model of `videoInference`; empty fields are parameters it does not have."""

    name: str
    sort: Sort
    tier: str  # how large a clip is that follows a frame
    sizes: tuple[Sides, ...] = ()
    seconds: tuple[int, ...] = ()
    usual_seconds: int = 0  # 0: there is no default
    from_text: bool = True
    from_frames: bool = True
    prompt: int = 2  # least characters; 0: no prompt
    negative: bool = False
    cfg: bool = False
    last: bool = False  # a last frame too
    legacy_frames: bool = False  # `frameImages` beside `inputs.frameImages` or in place of it
    frames_in_inputs: bool = True
    motion: bool = False
    voices: bool = False
    always_sounds: bool = False
    references: int = 0
    settings: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    picture_limit: str = "small"
    fps: int = 24
    fps_of_frames: int = 0  # where it differs


_hd: tuple[Sides, ...] = ((1280, 720), (720, 720), (720, 1280))
_full: tuple[Sides, ...] = ((1920, 1080), (1080, 1080), (1080, 1920))
standard: tuple[Sides, ...] = ((1280, 720), (960, 960), (720, 1280))
pro: tuple[Sides, ...] = ((1920, 1080), (1440, 1440), (1080, 1920))
four_k: tuple[Sides, ...] = ((3840, 2160), (2880, 2880), (2160, 3840))
_five_or_ten = (5, 10)
_three_to_fifteen = tuple(range(3, 16))
_motion = ("keepOriginalSound", "characterOrientation")


def _classic(
    name: str,
    tier: str,
    sizes: tuple[Sides, ...],
    fps: int,
    *,
    text: bool = True,
    last: bool = False,
    fps_of_frames: int = 0,
) -> ClipModel:
    """1.0 to 2.1. Models without text-to-video list no prompts at all."""
    return ClipModel(
        name, Sort.CLASSIC, tier, sizes, _five_or_ten, from_text=text, prompt=2 if text else 0, negative=text, cfg=True,
        last=last, legacy_frames=True, frames_in_inputs=False, fps=fps, fps_of_frames=fps_of_frames,
    )  # fmt: skip


def _turbo_25(name: str, tier: str, sizes: tuple[Sides, ...], *, text: bool, last: bool) -> ClipModel:
    """2.5 takes both keys of frames: newer schemas show `inputs` only (section 9)."""
    return ClipModel(
        name, Sort.CLASSIC, tier, sizes, _five_or_ten, from_text=text, negative=True, cfg=True, last=last,
        legacy_frames=True, fps=30,
    )  # fmt: skip


def _third(name: str, tier: str, sizes: tuple[Sides, ...]) -> ClipModel:
    return ClipModel(
        name, Sort.MODERN, tier, sizes, _three_to_fifteen, 5, negative=True, last=True,
        settings=("sound", "multiPrompt", "shotType"), picture_limit="ratio",
    )  # fmt: skip


def _omni(name: str, tier: str, sizes: tuple[Sides, ...]) -> ClipModel:
    return ClipModel(
        name, Sort.OMNI, tier, sizes, _three_to_fifteen, 5, last=True, references=7,
        settings=("sound", "multiPrompt", "keepOriginalSound"), resolutions=(tier,), picture_limit="ratio",
    )  # fmt: skip


def _unified(name: str, tier: str, sizes: tuple[Sides, ...], *settings: str) -> ClipModel:
    return ClipModel(
        name, Sort.UNIFIED, tier, sizes, tuple(range(3, 11)), 5, last=True, references=7,
        settings=("keepOriginalSound", *settings), picture_limit="bytes",
    )  # fmt: skip


def _avatar(name: str, tier: str) -> ClipModel:
    return ClipModel(name, Sort.AVATAR, tier, from_text=False, from_frames=False, prompt=1, picture_limit="ratio")


clip_models: Mapping[str, ClipModel] = {
    "klingai:1@1": _classic("KlingAI 1.0 Standard", "720p", _hd, 30),
    "klingai:1@2": _classic("KlingAI 1.0 Pro", "720p", _hd, 30),
    "klingai:2@1": _classic("KlingAI 1.5 Standard", "720p", _hd, 30, text=False),
    "klingai:2@2": _classic("KlingAI 1.5 Pro", "1080p", _full, 30, text=False),
    "klingai:3@1": _classic("KlingAI 1.6 Standard", "720p", _hd, 30, fps_of_frames=24),
    "klingai:3@2": _classic("KlingAI 1.6 Pro", "1080p", _full, 24),
    "klingai:4@3": _classic("KlingAI 2.0 Master", "720p", _hd, 24),
    "klingai:5@1": _classic("KlingAI 2.1 Standard", "720p", _hd, 24, text=False),
    "klingai:5@2": _classic("KlingAI 2.1 Pro", "1080p", _full, 24, text=False, last=True),
    "klingai:5@3": _classic("KlingAI 2.1 Master", "1080p", _full, 24),
    "klingai:6@0": _turbo_25("KlingAI 2.5 Turbo Standard", "720p", (), text=False, last=False),
    "klingai:6@1": _turbo_25("KlingAI 2.5 Turbo Pro", "1080p", (*_hd, *_full), text=True, last=True),
    "klingai:kling-video@2.6-pro": ClipModel(
        "Kling VIDEO 2.6 Pro", Sort.MODERN, "1080p", pro, _five_or_ten, 5, negative=True, cfg=True, last=True,
        motion=True, voices=True, settings=("sound", *_motion),
    ),
    # Newer catalogue: only inputs, prompt and providerSettings, for motion control.
    "klingai:kling-video@2.6-standard": ClipModel(
        "Kling VIDEO 2.6 Standard", Sort.MODERN, "720p", from_text=False, from_frames=False, motion=True,
        settings=("sound", *_motion),
    ),
    "klingai:kling-video@3-standard": _third("Kling VIDEO 3.0 Standard", "720p", standard),
    "klingai:kling-video@3-pro": _third("Kling VIDEO 3.0 Pro", "1080p", pro),
    "klingai:kling-video@3-4k": _third("Kling VIDEO 3.0 4K", "4k", four_k),
    "klingai:kling-video@3.0-turbo": ClipModel(
        "Kling VIDEO 3.0 Turbo", Sort.MODERN, "720p", (*standard, *pro), _three_to_fifteen, 5, negative=True,
        resolutions=("720p", "1080p"), picture_limit="ratio", always_sounds=True,
    ),
    "klingai:7@1": ClipModel("KlingAI Lip-Sync", Sort.LIPS, "720p", from_text=False, from_frames=False, prompt=0,
                             settings=("soundVolume", "originalAudioVolume")),
    "klingai:kling@o1-standard": _unified("Kling VIDEO O1 Standard", "720p", standard),
    "klingai:kling@o1": _unified("Kling VIDEO O1 Pro", "1080p", pro, "fast"),
    "klingai:kling-video@o3-standard": _omni("Kling VIDEO O3 Standard", "720p", standard),
    "klingai:kling-video@o3-pro": _omni("Kling VIDEO O3 Pro", "1080p", pro),
    "klingai:kling-video@o3-4k": _omni("Kling VIDEO 3.0 Omni 4K", "4k", four_k),
    "klingai:avatar@2.0-standard": _avatar("KlingAI Avatar 2.0 Standard", "720p"),
    "klingai:avatar@2.0-pro": _avatar("KlingAI Avatar 2.0 Pro", "1080p"),
}  # fmt: skip
picture_models: Mapping[str, PictureModel] = {
    "klingai:kling-image@o1": PictureModel("Kling IMAGE O1", 3, 10, ("1k", "2k")),
    "klingai:kling-image@3": PictureModel("Kling IMAGE 3.0", 1, 1, ("1k", "2k")),
    "klingai:kling-image@o3": PictureModel("Kling IMAGE O3", 1, 10, ("1k", "2k", "4k")),
}
most_prompt = 2500
