"""What the simulator's studio can be asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """A picture. `references` are paths of pictures it is made from; `number` tells takes of one seed apart."""

    prompt: str
    width: int
    height: int
    seed: int
    label: str
    references: tuple[str, ...] = ()
    number: int = 1


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """A clip.

    `start` and `end` are paths of pictures it begins and ends on; `shots` are (prompt, seconds) pairs that replace
    `prompt` one after another; `camera` are camera-control names and amounts; `motion` is the path of a clip whose
    motion `character`, a picture, follows, with that clip's own sound when `keep_sound`.
    """

    prompt: str
    width: int
    height: int
    seconds: float
    fps: int = 24
    seed: int = 0
    label: str = ""
    sound: bool = False
    start: str = ""
    end: str = ""
    shots: tuple[tuple[str, float], ...] = ()
    camera: tuple[tuple[str, float], ...] = ()
    motion: str = ""
    character: str = ""
    keep_sound: bool = False
