"""Brushes: gradients, glows, smooth shapes and ridges on layers that a camera can move apart."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_palette import Colour

Point = tuple[float, float]
_fine = 2  # shapes are drawn at twice the size and reduced, for smooth edges


@dataclass(frozen=True, slots=True)
class Layer:
    """One sheet of a scene; `depth` 0 stands still like the sky, 1 moves with the camera like the ground in front."""

    sheet: Image.Image  # RGB or RGBA, of the canvas's full size
    depth: float


@dataclass(frozen=True, slots=True)
class Canvas:
    """A frame with a margin around it for the camera to move in; places are in frame units, (0, 0) to (1, 1)."""

    width: int
    height: int
    margin: float = 0.0

    @property
    def edge(self) -> tuple[int, int]:
        return round(self.width * self.margin / 2) * 2, round(self.height * self.margin / 2) * 2

    @property
    def size(self) -> tuple[int, int]:
        return self.width + 2 * self.edge[0], self.height + 2 * self.edge[1]

    @property
    def unit(self) -> float:
        """What round things are measured in: the shorter side, and a bit of the longer."""
        return min(self.width, self.height) * 0.72 + max(self.width, self.height) * 0.16

    def at(self, x: float, y: float) -> Point:
        return self.edge[0] + x * self.width, self.edge[1] + y * self.height

    def span(self) -> tuple[float, float]:
        """The leftmost and rightmost x in frame units, margins included."""
        side = self.edge[0] / self.width
        return -side - 0.01, 1 + side + 0.01


def gradient(size: tuple[int, int], stops: Sequence[Colour], *, across: bool = False) -> Image.Image:
    """Colours running down (or across) the sheet."""
    strip = Image.new("RGB", (len(stops), 1) if across else (1, len(stops)))
    strip.putdata(list(stops))
    count = len(stops)
    box = (0.5, 0, count - 0.5, 1) if across else (0, 0.5, 1, count - 0.5)
    return strip.resize(size, Image.Resampling.BILINEAR, box=box)


def sky(canvas: Canvas, stops: Sequence[Colour], horizon: float) -> Image.Image:
    """A gradient that reaches its last colour at the horizon."""
    width, height = canvas.size
    down = max(2, min(height, round(canvas.at(0, horizon)[1])))
    sheet = Image.new("RGB", (width, height), stops[-1])
    sheet.paste(gradient((width, down), stops), (0, 0))
    return sheet


def glow(sheet: Image.Image, centre: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
    """Adds a soft light."""
    side = max(2, round(radius * 2))
    mask = _halo(round(strength * 100)).resize((side, side), Image.Resampling.BILINEAR)
    sheet.paste(colour, (round(centre[0] - radius), round(centre[1] - radius)), mask)


@lru_cache(maxsize=64)
def _halo(strength: int) -> Image.Image:
    """Light falling off from the centre; Pillow's radial gradient is 180 at the middle of each side."""
    curve = [round(255 * min(1.0, strength / 100 * max(0.0, 1 - d / 180) ** 1.8)) for d in range(256)]
    return Image.radial_gradient("L").resize((128, 128)).point(curve)


def shape(size: tuple[int, int], paint: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """A mask painted at twice its size: `paint` gets a pencil and the factor to multiply places with."""
    mask = Image.new("L", (size[0] * _fine, size[1] * _fine), 0)
    paint(ImageDraw.Draw(mask), float(_fine))
    return mask.reduce(_fine)


def below(canvas: Canvas, line: Sequence[Point]) -> Image.Image:
    """A mask of everything under a line given in frame units."""
    width, height = canvas.size

    def paint(draw: ImageDraw.ImageDraw, fine: float) -> None:
        top = [(x * fine, y * fine) for x, y in (canvas.at(*point) for point in line)]
        draw.polygon([*top, (width * fine, height * fine), (0, height * fine)], fill=255)

    return shape((width, height), paint)


def filled(mask: Image.Image, stops: Sequence[Colour], *, top: int = 0) -> Image.Image:
    """A layer sheet: a gradient from `top` down to the foot, seen through a mask."""
    width, height = mask.size
    sheet = Image.new("RGB", mask.size, stops[0])
    if len(stops) > 1:
        sheet.paste(gradient((width, max(1, height - top)), stops), (0, top))
    sheet.putalpha(mask)
    return sheet


def ridge(canvas: Canvas, level: float, swing: float, rough: float, dice: random.Random) -> list[Point]:
    """A hill line around `level`; `rough` 0 is dunes, 1 is crags."""
    left, right = canvas.span()
    waves = [
        (2**octave * dice.uniform(0.8, 1.2), dice.uniform(0, math.tau), swing * (0.22 + 0.36 * rough) ** octave)
        for octave in range(3 + round(rough * 4))
    ]
    count = 48 + round(rough * 150)
    aspect = max(0.8, canvas.width / canvas.height)
    xs = [left + (right - left) * i / count for i in range(count + 1)]
    return [(x, level - sum(_wave(x * aspect * f + p, rough) * a for f, p, a in waves)) for x in xs]


def _wave(x: float, rough: float) -> float:
    soft = math.sin(x * 2.1)
    sharp = 1 - 2 * abs(math.sin(x * 1.3))
    return soft * (1 - rough) + sharp * rough


def smooth(points: Sequence[Point], steps: int = 6) -> list[Point]:
    """A closed curve through the points (Catmull-Rom)."""
    count = len(points)
    curve: list[Point] = []
    for i in range(count):
        p0, p1, p2, p3 = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        curve += [_between(p0, p1, p2, p3, step / steps) for step in range(steps)]
    return curve


def _between(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    def axis(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)

    return axis(p0[0], p1[0], p2[0], p3[0]), axis(p0[1], p1[1], p2[1], p3[1])


def clouds(size: tuple[int, int], dice: random.Random, coarse: int = 5) -> Image.Image:
    """Soft noise as a mask, finer from octave to octave."""
    sheet = Image.new("L", size, 0)
    flat = max(0.5, 1.2 * size[1] / size[0])  # clouds lie: their cells are wider than tall
    for octave, part in enumerate((1.0, 0.5, 0.3)):
        cells = (coarse * 2**octave, max(2, round(coarse * 2**octave * flat)))
        noise = Image.frombytes("L", cells, dice.randbytes(cells[0] * cells[1]))
        sheet = Image.blend(sheet, noise.resize(size, Image.Resampling.BICUBIC), part / (1 + octave * 0.5))
    return sheet


def flattened(layers: Sequence[Layer]) -> Image.Image:
    """The layers over one another, as one RGB picture."""
    picture = layers[0].sheet.convert("RGB")
    for layer in layers[1:]:
        picture.paste(layer.sheet, (0, 0), layer.sheet)
    return picture
