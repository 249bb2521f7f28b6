"""The form that the name of a deliverable asks for, and whether a file has it."""

from __future__ import annotations

import os

from kling_pipe.edge.media import convert_picture, convert_sound

_pictures = {".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg", ".webp": ".webp"}
_sounds = {".mp3": ".mp3", ".wav": ".wav", ".m4a": ".m4a", ".aac": ".aac"}
_clips = {".mp4": ".mp4", ".m4v": ".mp4", ".mov": ".mov"}  # these are not converted


def asked_form(path: str, ending: str) -> str:
    """The ending of the form that data of one ending is converted to, for a path; empty where it stays as it is."""
    wanted = _ending(path)
    family = next((family for family in (_pictures, _sounds) if ending in family and wanted in family), None)
    return "" if family is None or family[wanted] == ending else family[wanted]


def convert(path: str, to: str) -> None:
    """Writes a picture or sound in the form that the ending of `to` names; raises Unreadable."""
    if to.endswith(tuple(_sounds)):
        convert_sound(path, to)
    else:
        convert_picture(path, to)


def is_alike(path: str, ending: str) -> bool:
    """Whether data of one ending is what the name of a path says."""
    endings = {**_pictures, **_sounds, **_clips}
    wanted = _ending(path)
    return endings.get(wanted, wanted) == endings.get(ending, ending)


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()
