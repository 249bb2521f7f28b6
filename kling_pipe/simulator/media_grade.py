"""Grading: a clip's frames in the light that words ask for, which is how an edited clip shows that it was edited."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_palette import Colour, palette_of, words_of
from kling_pipe.simulator.media_weather import weather_of

_strong = 13.0  # how far a wash moves the colour planes


@dataclass(frozen=True, slots=True)
class Grade:
    """What each level of a plane becomes."""

    luma: list[int]
    blue: list[int]
    red: list[int]

    @staticmethod
    def of(prompt: str, seed: int) -> Grade:
        """Colours drawn towards those of the mood that the words name."""
        palette = palette_of(words_of(prompt), random.Random(f"{seed}/grade"))
        blue, red = _wash(palette.sky[-2])
        low, high = (0.58, 8) if palette.dark else (0.92, 22)
        curve = [round(16 + (value - 16) * low + high * _arch((value - 16) / 219)) for value in range(256)]
        return Grade(_inside(curve), _drawn(blue), _drawn(red))

    def on(self, planes: Planes) -> Planes:
        """The frame in this light."""
        return Planes(planes.luma.point(self.luma), planes.blue.point(self.blue), planes.red.point(self.red))


def graded(frames: Iterator[Planes], prompt: str, seed: int, fps: int) -> Iterator[Planes]:
    """The frames in the light of the words, with the weather they name."""
    grade = Grade.of(prompt, seed)
    weather = weather_of(words_of(prompt), random.Random(f"{seed}/weather/{prompt}"))
    for number, planes in enumerate(frames):
        lit = grade.on(planes)
        weather.fall(lit, number / fps, 1.0)
        yield lit


def _wash(colour: Colour) -> tuple[float, float]:
    """A colour's hue in the blue and the red plane, as strong for a pale colour as for a rich one."""
    planes = Planes.of(Image.new("RGB", (2, 2), colour))
    blue, red = (plane.tobytes()[0] - 128 for plane in (planes.blue, planes.red))
    strength = math.hypot(blue, red)
    return (0.0, 0.0) if strength < 3 else (blue / strength * _strong, red / strength * _strong)


def _drawn(towards: float) -> list[int]:
    """Two thirds of a colour's own strength, and the wash over it."""
    return _inside([round(128 + (value - 128) * 0.72 + towards) for value in range(256)])


def _arch(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return 4 * part * (1 - part)


def _inside(levels: list[int]) -> list[int]:
    return [max(16, min(235, level)) for level in levels]
