"""What falls or floats in the air of a shot: rain, snow, sparks, petals, dust in the light."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import ImageDraw

from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_palette import words_of


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of weather: how many bits, how they move in frame heights a second, how long and bright they are."""

    count: int
    fall: float
    drift: float
    long: float
    size: float
    light: int


@dataclass(frozen=True, slots=True)
class Weather:
    """Bits in the air, each with its place, speed and size."""

    kind: Kind | None
    bits: tuple[tuple[float, float, float], ...] = ()

    def fall(self, planes: Planes, seconds: float, strength: float) -> None:
        """Draws the bits of one instant on a frame; fewer of them when the strength is less than 1."""
        if self.kind is None:
            return
        width, height = planes.size
        draw = ImageDraw.Draw(planes.luma)
        thick = max(1, round(self.kind.size * height * 0.55))
        for x, y, near in self.bits[: round(len(self.bits) * strength)]:
            at_x = (
                x + self.kind.drift * near * seconds + 0.01 * math.sin(seconds * 1.7 + y * 20)
            ) % 1.1 * width - 0.05 * width
            at_y = (y + self.kind.fall * near * seconds) % 1.1 * height - 0.05 * height
            if self.kind.long:
                tail = self.kind.long * near * height
                draw.line([(at_x, at_y), (at_x - tail * 0.12, at_y - tail)], fill=self.kind.light, width=thick)
            else:
                radius = max(0.6, self.kind.size * near * height)
                draw.ellipse((at_x - radius, at_y - radius, at_x + radius, at_y + radius), fill=self.kind.light)


_kinds: tuple[tuple[frozenset[str], Kind], ...] = (
    (words_of("rain rainy storm wet drizzle downpour 雨"), Kind(90, 1.9, -0.2, 0.055, 0.0022, 170)),
    (words_of("snow snowy winter blizzard snowfall 雪"), Kind(80, 0.16, 0.03, 0.0, 0.0042, 228)),
    (words_of("spark ember fire campfire firework rocket 火"), Kind(36, -0.28, 0.04, 0.0, 0.0030, 226)),
    (words_of("petal blossom spring cherry meadow 花"), Kind(22, 0.10, 0.07, 0.0, 0.0055, 222)),
    (
        words_of("dust golden forest sunset warm stage dance dancer magic 舞"),
        Kind(26, -0.025, 0.02, 0.0, 0.0026, 218),
    ),
)


def weather_of(words: frozenset[str], dice: random.Random) -> Weather:
    """The weather the words name, clear air when they name none."""
    kind = next((kind for names, kind in _kinds if names & words), None)
    count = kind.count if kind else 0
    bits = tuple((dice.random() * 1.1, dice.random() * 1.1, dice.uniform(0.6, 1.25)) for _ in range(count))
    return Weather(kind, bits)
