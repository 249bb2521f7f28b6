"""What is written over a clip, in a film's planes: laid on each frame after the camera has moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_text import Box, Writing


@dataclass(frozen=True, slots=True)
class Overlay:
    """The pieces of a writing and where they lie."""

    pieces: tuple[tuple[Planes, int, int], ...]

    @staticmethod
    def of(writing: Writing) -> Overlay:
        return Overlay(tuple((Planes.of(writing.sheet.crop(box)), box[0], box[1]) for box in writing.boxes))

    def on(self, planes: Planes) -> Planes:
        for piece, left, top in self.pieces:
            planes.paste(piece, left, top)
        return planes


def covered(writings: Sequence[Writing]) -> tuple[Box, ...]:
    """What any of the writings covers, the largest of each kind."""
    kinds: dict[int, Box] = {}
    for writing in writings:
        for number, (left, top, right, bottom) in enumerate(writing.boxes):
            old = kinds.get(number, (left, top, right, bottom))
            kinds[number] = min(left, old[0]), min(top, old[1]), max(right, old[2]), max(bottom, old[3])
    return tuple(kinds.values())
