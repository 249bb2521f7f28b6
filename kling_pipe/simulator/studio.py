"""Who makes the files: the port behind which `media` stands, and how orders are named and made smaller."""

from __future__ import annotations

import dataclasses
import os
import threading
from dataclasses import replace
from typing import Protocol

from kling_pipe.simulator.media import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.settings import MediaSize
from kling_pipe.values.digest import digest_of
from kling_pipe.values.media import MediaFacts

MediaOrder = PictureOrder | ClipOrder | SoundOrder

# Small files must remain good inputs of later steps: 340 px is the smallest side that motion control takes
# (native page, section 10, likely).
_smallest_side = 340
_small_fps = 12


class Studio(Protocol):
    """Makes and looks at real files; the module `simulator.media` is one, tests bring a quicker one."""

    def make_picture(self, order: PictureOrder, path: str) -> None:
        """Writes a picture."""

    def make_clip(self, order: ClipOrder, path: str) -> float:
        """Writes a clip and returns the seconds made."""

    def make_sound(self, order: SoundOrder, path: str) -> float:
        """Writes a sound and returns the seconds made."""

    def look(self, path: str) -> MediaFacts:
        """The facts of a file; raises ValueError if it is unreadable."""


def sized(order: MediaOrder, size: MediaSize) -> MediaOrder:
    """The order at the size the world makes its files; ratio and seconds stay, and what a smaller file stands for is
    written in it, so that it counts as that where it is handed in again."""
    if size is MediaSize.FULL or isinstance(order, SoundOrder):
        return order
    scale = min(1.0, max(0.25, _smallest_side / min(order.width, order.height)))
    width, height = _even(order.width * scale), _even(order.height * scale)
    stands_for = f"{order.width}x{order.height}"
    if isinstance(order, ClipOrder):
        stands_for += f" at {order.fps}"
        return replace(order, width=width, height=height, fps=_small_fps, stands_for=stands_for)
    return replace(order, width=width, height=height, stands_for=stands_for)


def file_name(order: MediaOrder) -> str:
    """A name that says all that decides the bytes; inputs count by their own names, which are digests too."""
    values = {item.name: (getattr(order, item.name), item.default) for item in dataclasses.fields(order)}
    content = {
        name: _nameless(value) if name in _paths else value
        for name, (value, default) in values.items()
        if name not in _young or value != default
    }
    return digest_of(f"kling-pipe.simulator.{type(order).__name__}", content)[:40] + _extension(order)


def make(studio: Studio, order: MediaOrder, path: str) -> None:
    """Writes the file aside and moves it in place, so that nobody sees half of it."""
    root, extension = os.path.splitext(path)
    aside = f"{root}.part-{os.getpid()}-{threading.get_ident()}{extension}"  # worlds may share a folder
    match order:
        case ClipOrder():
            studio.make_clip(order, aside)
        case SoundOrder():
            studio.make_sound(order, aside)
        case PictureOrder():
            studio.make_picture(order, aside)
    os.replace(aside, path)


_paths = frozenset({"references", "start", "end", "motion", "character", "base", "sound_file", "source"})
# fields younger than the journals of worlds that are kept: they count where they are used, so that old names stay
_young = frozenset(
    {"manner", "margins", "references", "base", "sound_file", "insert", "effect", "stands_for", "written_as"}
)


def _extension(order: MediaOrder) -> str:
    match order:
        case SoundOrder():
            return f".{order.form}"
        case _:
            return f".{order.written_as}"


def _nameless(value: object) -> object:
    if isinstance(value, str):
        return os.path.basename(value)
    return [os.path.basename(item) for item in value] if isinstance(value, tuple) else value


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
