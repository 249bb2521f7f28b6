"""Where somebody stands in a picture: found by colours alone, well enough for the simulator's own figures.

A face is a spot of skin with other things left and right of it, darker hair above it and a trunk below. Photographs
are often found too; where nothing looks like that, nobody is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageFilter

from kling_pipe.simulator.media_figure import joints, standing

Rgb = tuple[int, int, int]
Place = tuple[float, float, float]  # of a face, and the height of its body

_tall = 180  # rows a picture is searched in
_fine = 60  # rows a face is measured in
_same = 46  # colours nearer than this are one
_least = 34.0  # what a find must reach
_least_expected = 12.0  # the same, where somebody is likely to be
_most_looks = 24  # of the likeliest places are looked at closely


@dataclass(frozen=True, slots=True)
class Body:
    """A person: the middle of the face, and the height from head to feet that belongs to such a face, in pixels."""

    x: float
    y: float
    height: float

    @property
    def foot(self) -> tuple[float, float]:
        """Where such a person's feet are; they may be outside of the picture."""
        x, y = joints(standing)["head"]
        return self.x - x * self.height, self.y - y * self.height

    def is_near(self, other: Body) -> bool:
        """Whether both are most likely one."""
        return abs(self.x - other.x) + abs(self.y - other.y) < other.height * 0.06

    def towards(self, other: Body, part: float) -> Body:
        """On the way to the other one."""
        return Body(*(a + (b - a) * part for a, b in zip(*((one.x, one.y, one.height) for one in (self, other)), strict=True)))

    def scaled(self, factor: float) -> Body:
        return Body(self.x * factor, self.y * factor, self.height * factor)


def body_in(picture: Image.Image) -> Body | None:
    """Who stands in a picture; a figure of the simulator's own exactly as it was drawn."""
    found = Eye(picture).find()
    if found is None:
        return None
    drawn = (body for body in _expected(picture.size) if found.is_near(body))
    return next(drawn, found)


class Eye:
    """A small blurred copy of a picture, to look for bodies in."""

    def __init__(self, picture: Image.Image) -> None:
        self._picture = picture
        self._back = picture.height / _tall
        self._small = _Spots.of(picture, (0, 0, picture.width, picture.height), _tall)

    def find(self) -> Body | None:
        """The likeliest body: where the simulator stands its figures, else anywhere."""
        likely = (self.follow(body) for body in _expected(self._picture.size))
        return next((found for found in likely if found), None) or self._best(_everywhere(self._small), _least)

    def follow(self, body: Body) -> Body | None:
        """The same body a moment later, near where it was."""
        return self._best(_around(body.scaled(1 / self._back)), _least_expected)

    def _best(self, places: Iterator[Place], least: float) -> Body | None:
        rated = sorted(((_rate(self._small, *place), *place) for place in places), reverse=True)
        likely = (Body(*place).scaled(self._back) for rate, *place in rated[:_most_looks] if rate >= least)
        return next((found for body in likely if (found := self._measured(body))), None)

    def _measured(self, body: Body) -> Body | None:
        """Set right by the face's own extent, looked at closely: the widest run of skin through it; None without eyes."""
        reach = body.height * 0.14
        box = (int(body.x - reach), int(body.y - reach), int(body.x + reach) + 1, int(body.y + reach) + 1)
        near = _Spots.of(self._picture, box, _fine)
        scale = (box[3] - box[1]) / _fine
        if not near.has_eyes():
            return None
        colour = near.at(near.wide / 2, _fine / 2)
        runs = [(*near.run(colour, row), row) for row in range(_fine * 3 // 10, _fine * 7 // 10)]
        whole = [(right - left, left + right, row) for left, right, row in runs if right - left < _fine * 6 // 10]
        widest = max(whole, default=(0, 0, 0))[0]
        if widest < _fine // 8:
            return body
        kept = [(middle, row) for wide, middle, row in whole if wide >= widest * 0.93]
        x, y = sum(middle for middle, _ in kept) / len(kept) / 2, sum(row for _, row in kept) / len(kept)
        height = widest * scale / 0.1
        if not 0.6 < height / body.height < 1.6:
            return body
        return Body(box[0] + (x + 0.5) * scale, box[1] + (y + 0.5) * scale, height)


@dataclass(frozen=True, slots=True)
class _Spots:
    """A part of a picture made small: colours by place."""

    wide: int
    tall: int
    data: bytes

    @staticmethod
    def of(picture: Image.Image, box: tuple[int, int, int, int], tall: int) -> _Spots:
        part = picture.convert("RGB").crop(box)
        wide = max(8, round(part.width * tall / part.height))
        small = part.resize((wide, tall), Image.Resampling.BOX).filter(ImageFilter.BoxBlur(1))
        return _Spots(wide, tall, small.tobytes())

    def at(self, x: float, y: float) -> Rgb:
        """The colour at a place; outside it is that of the rim."""
        column, row = min(self.wide - 1, max(0, int(x))), min(self.tall - 1, max(0, int(y)))
        place = (row * self.wide + column) * 3
        return self.data[place], self.data[place + 1], self.data[place + 2]

    def has_eyes(self) -> bool:
        """Whether left and right of the middle there is a spot darker than what is between, below and outside of it."""
        middle, row = self.wide // 2, self.tall // 2
        between = min(*(self._light(middle, row + down) for down in (0, 2, 4)), self._light(middle, row + 6))
        left, right = (self._eye(middle, row, side) for side in (-1, 1))
        return left < between - 11 and right < between - 11 and abs(left - right) < 40

    def _eye(self, middle: int, row: int, side: int) -> float:
        """The darkest spot on one side; as light as can be when it is no spot but an edge."""
        dark, out, y = min(
            (self._light(middle + side * out, row + down), out, row + down)
            for out in range(3, 7)
            for down in range(-3, 6)
        )
        return dark if self._light(middle + side * (out + 3), y) > dark + 5 else 255.0

    def _light(self, x: float, y: float) -> float:
        red, green, blue = self.at(x, y)
        return 0.3 * red + 0.6 * green + 0.1 * blue

    def run(self, colour: Rgb, row: int) -> tuple[int, int]:
        """From where to where a row has the colour, through its middle; nothing when the middle has another."""
        left = right = self.wide // 2
        if _far(colour, self.at(left, row)) > _same:
            return 0, 0
        while left > 0 and _far(colour, self.at(left - 1, row)) < _same:
            left -= 1
        while right < self.wide and _far(colour, self.at(right, row)) < _same:
            right += 1
        return left, right


def _expected(size: tuple[int, int]) -> Iterator[Body]:
    """The places where `media_scene.person_place` stands a person."""
    wide, tall = size
    height = min(tall * 0.66, wide * 0.92)
    x, y = joints(standing)["head"]
    for spot in (0.5,) if wide <= tall else (0.42, 0.5, 0.58):
        yield Body(wide * spot + x * height, tall * 0.845 + y * height, height)


def _everywhere(spots: _Spots) -> Iterator[Place]:
    height = spots.tall * 0.30
    while height < spots.tall * 2.2:
        step = max(1.0, height * 0.022)
        for row in range(int(spots.tall * 0.06 / step), int(spots.tall * 0.66 / step)):
            for column in range(int(spots.wide * 0.14 / step), int(spots.wide * 0.86 / step) + 1):
                yield column * step, row * step, height
        height *= 1.19


def _rate(spots: _Spots, x: float, y: float, height: float) -> float:
    """How much of a face with a trunk below is here; 0 as soon as something speaks against it."""
    face, wide = spots.at(x, y), height * 0.032
    if not _is_skin(face) or max(_far(face, spots.at(x - wide, y)), _far(face, spots.at(x + wide, y))) > _same:
        return 0.0
    beside = min(_far(face, spots.at(x - wide * 3, y)), _far(face, spots.at(x + wide * 3, y)))
    chin = y + height * 0.075
    neck = min(_far(face, spots.at(x - height * 0.075, chin)), _far(face, spots.at(x + height * 0.075, chin)))
    darker = (sum(face) - sum(spots.at(x, y - height * 0.068))) / 3
    if beside < 34 or neck < 28:
        return 0.0
    low = y + height * 0.20
    trunk = spots.at(x, low)
    uneven = _far(trunk, spots.at(x, low + height * 0.05))
    around = min(_far(trunk, spots.at(x - height * 0.19, low)), _far(trunk, spots.at(x + height * 0.19, low)))
    if around < 30 or uneven > 60:
        return 0.0
    return min(60.0, beside) / 3 + min(60.0, neck) / 5 + max(-20.0, min(60.0, darker)) / 4 + min(60.0, around) / 4 - uneven / 6


def _around(body: Body) -> Iterator[Place]:
    step = max(1.0, body.height * 0.018)
    for grown in (0.97, 1.0, 1.03):
        for right in range(-3, 4):
            for down in range(-2, 3):
                yield body.x + right * step, body.y + down * step, body.height * grown


def _is_skin(colour: Rgb) -> bool:
    red, green, blue = colour
    if not red > green > blue or red < 60:
        return False
    return 0.16 < (red - blue) / red < 0.62 and 0.2 < (green - blue) / (red - blue) < 0.72


def _far(one: Rgb, other: Rgb) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) + abs(one[2] - other[2])
