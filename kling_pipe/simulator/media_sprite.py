"""Small things that fly through a clip: hearts, stars, coins, flakes, petals, sparks, confetti, bubbles."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_palette import Colour

Pencil = Callable[[ImageDraw.ImageDraw, float, Colour], None]  # draws one in a square of that side

_turns = 6  # how many turned copies of a thing there are


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort: how it is drawn, in which colours, how it falls in frame heights a second, drifts and spins."""

    pencil: Pencil
    colours: tuple[Colour, ...]
    count: int
    fall: float
    size: float = 0.05  # of the frame's shorter side
    spin: float = 0.5
    drift: float = 0.03


@dataclass(frozen=True, slots=True)
class Bit:
    """One of them: where it begins, how near it is, which colour and turn it has."""

    x: float
    y: float
    near: float
    look: int
    turn: float


@dataclass(frozen=True, slots=True)
class Shower:
    """What flies in one clip."""

    kind: Kind
    side: int
    bits: tuple[Bit, ...]

    @staticmethod
    def of(name: str, size: tuple[int, int], seed: str) -> Shower:
        kind, dice = kinds[name], random.Random(f"{seed}/shower")
        bits = tuple(
            Bit(
                dice.random(),
                dice.random() * 1.2,
                dice.choice((0.55, 0.8, 1.1)),
                dice.randrange(len(kind.colours)),
                dice.random(),
            )
            for _ in range(kind.count)
        )
        return Shower(kind, max(6, round(min(size) * kind.size)), bits)

    def fall(self, planes: Planes, seconds: float, strength: float) -> None:
        """Lays the things of one instant on a frame; fewer when the strength is less than 1."""
        width, height = planes.size
        for bit in self.bits[: round(len(self.bits) * strength)]:
            x = (bit.x + self.kind.drift * bit.near * math.sin(seconds * 1.9 + bit.turn * 9)) * width
            y = ((bit.y + self.kind.fall * bit.near * seconds) % 1.2 - 0.1) * height
            turn = int((bit.turn + self.kind.spin * bit.near * seconds) * _turns) % _turns if self.kind.spin else 0
            piece = _piece(
                self.kind.pencil, self.kind.colours[bit.look], max(4, round(self.side * bit.near) & ~1), turn
            )
            planes.paste(piece, round(x - piece.size[0] / 2), round(y - piece.size[1] / 2))


@lru_cache(maxsize=512)
def _piece(pencil: Pencil, colour: Colour, side: int, turn: int) -> Planes:
    fine = 3
    sheet = Image.new("RGBA", (side * fine, side * fine), (*colour, 0))
    pencil(ImageDraw.Draw(sheet), float(side * fine), colour)
    return Planes.of(sheet.rotate(360 / _turns * turn, Image.Resampling.BICUBIC).reduce(fine))


def _heart(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    points = []
    for step in range(40):
        t = math.tau * step / 40
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((side / 2 + x * side / 38, side / 2 - y * side / 38))
    draw.polygon(points, fill=(*colour, 235))
    draw.ellipse((side * 0.24, side * 0.24, side * 0.38, side * 0.36), fill=(255, 255, 255, 150))


def _star(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    points = [
        (side / 2 + math.sin(math.pi * step / 4) * reach, side / 2 - math.cos(math.pi * step / 4) * reach)
        for step in range(8)
        for reach in (side * (0.48 if step % 2 == 0 else 0.13),)
    ]
    draw.polygon(points, fill=(*colour, 240))


def _coin(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    draw.ellipse(
        (side * 0.14, side * 0.06, side * 0.86, side * 0.94), fill=(*(round(part * 0.72) for part in colour), 255)
    )
    draw.ellipse((side * 0.20, side * 0.12, side * 0.80, side * 0.88), fill=(*colour, 255))
    draw.rectangle(
        (side * 0.44, side * 0.36, side * 0.56, side * 0.64), fill=(*(round(part * 0.72) for part in colour), 255)
    )


def _flake(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    for step in range(3):
        x, y = math.sin(math.pi * step / 3) * side * 0.44, math.cos(math.pi * step / 3) * side * 0.44
        draw.line(
            (side / 2 - x, side / 2 - y, side / 2 + x, side / 2 + y),
            fill=(*colour, 230),
            width=max(2, round(side * 0.09)),
        )
    draw.ellipse((side * 0.38, side * 0.38, side * 0.62, side * 0.62), fill=(*colour, 240))


def _petal(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    draw.ellipse((side * 0.30, side * 0.08, side * 0.70, side * 0.92), fill=(*colour, 225))
    draw.line((side / 2, side * 0.2, side / 2, side * 0.8), fill=(255, 255, 255, 120), width=max(1, round(side * 0.04)))


def _spark(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    for reach, light in ((0.46, 60), (0.32, 120), (0.18, 255)):
        draw.ellipse(
            [side * (0.5 - reach), side * (0.5 - reach), side * (0.5 + reach), side * (0.5 + reach)],
            fill=(*colour, light),
        )


def _paper(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    draw.rectangle((side * 0.30, side * 0.18, side * 0.70, side * 0.82), fill=(*colour, 240))


def _bubble(draw: ImageDraw.ImageDraw, side: float, colour: Colour) -> None:
    draw.ellipse(
        (side * 0.08, side * 0.08, side * 0.92, side * 0.92),
        fill=(*colour, 70),
        outline=(255, 255, 255, 200),
        width=max(2, round(side * 0.04)),
    )
    draw.ellipse((side * 0.26, side * 0.22, side * 0.42, side * 0.36), fill=(255, 255, 255, 190))


_bright: tuple[Colour, ...] = ((238, 76, 92), (250, 190, 60), (72, 170, 235), (110, 200, 120), (190, 110, 220))
kinds: dict[str, Kind] = {
    "heart": Kind(_heart, ((236, 60, 96), (250, 120, 150), (214, 40, 80)), 26, -0.22, 0.075, 0.0, 0.04),
    "star": Kind(_star, ((255, 240, 190), (255, 255, 255), (190, 220, 255)), 34, -0.05, 0.055, 0.25, 0.02),
    "coin": Kind(_coin, ((246, 200, 74), (255, 216, 110)), 32, 0.52, 0.065, 0.7, 0.02),
    "flake": Kind(_flake, ((255, 255, 255), (226, 240, 255)), 44, 0.17, 0.042, 0.2, 0.04),
    "petal": Kind(_petal, ((250, 170, 190), (255, 205, 215), (240, 130, 160)), 30, 0.15, 0.050, 0.4, 0.06),
    "spark": Kind(_spark, ((255, 190, 90), (255, 140, 60), (255, 230, 150)), 40, -0.34, 0.034, 0.0, 0.05),
    "confetti": Kind(_paper, _bright, 48, 0.30, 0.036, 0.9, 0.04),
    "bubble": Kind(_bubble, ((190, 225, 255),), 20, -0.18, 0.080, 0.0, 0.04),
}  # fmt: skip
