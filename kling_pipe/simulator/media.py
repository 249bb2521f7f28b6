"""The simulator's studio: pictures, clips, sounds and what a file is. Its painters are loaded by the first order."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from kling_pipe.simulator.media_order import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.values.media import MediaFacts

__all__ = ["ClipOrder", "PictureOrder", "SoundOrder", "look", "make_clip", "make_picture", "make_sound"]


def make_picture(order: PictureOrder, path: str) -> None:
    """Paints a picture: PNG, or JPEG when the path ends so. The same order always gives the same bytes."""
    _studio("picture").make(order, path)


def make_clip(order: ClipOrder, path: str) -> float:
    """Films a clip (MP4, H.264, with AAC when there is sound) and says how many seconds it runs."""
    seconds: float = _studio("clip").make(order, path)
    return seconds


def make_sound(order: SoundOrder, path: str) -> float:
    """Records a sound, WAV or MP3 as the order says, and says how many seconds it runs."""
    seconds: float = _studio("recording").make(order, path)
    return seconds


def look(path: str) -> MediaFacts:
    """What a file is; raises ValueError when it is no media or cannot be read."""
    facts: MediaFacts = _studio("load").look(path)
    return facts


def _studio(room: str) -> ModuleType:
    """A room of the studio: Pillow and PyAV in it cost 150 ms of start-up that commands without orders do not pay."""
    return import_module(f"kling_pipe.simulator.media_{room}")
