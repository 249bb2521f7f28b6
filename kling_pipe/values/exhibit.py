"""A made file as a page shows it: its own bytes, or a small picture in its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.values.media import MediaFacts


class Shown(StrEnum):
    """What of a file is on the page."""

    WHOLE = "whole"  # its bytes as they are
    SCALED = "scaled"  # a picture with fewer pixels
    FRAME = "frame"  # the first frame of a clip
    NOTHING = "nothing"  # it is only told of


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`data` are of the type `mime`; `trouble` says why a file that should be there is not."""

    facts: MediaFacts
    digest: str
    shown: Shown
    mime: str = ""
    data: bytes = b""
    poster: bytes = b""  # of a clip: its first frame as JPEG, so that it is seen before it plays
    trouble: str = ""
