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
_least_eyes = 7.0  # how much darker than their surroundings eyes must be
_eyes_down = 0.0077  # from the middle of a face to its eyes, in body heights
_most_looks = 10  # of the likeliest places are looked at closely


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
        return Body(
            *(a + (b - a) * part for a, b in zip(*((one.x, one.y, one.height) for one in (self, other)), strict=True))
        )

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
        """Set right by what the face shows when looked at closely, its eyes and its width; None without eyes."""
        reach = body.height * 0.14
        box = (int(body.x - reach), int(body.y - reach), int(body.x + reach) + 1, int(body.y + reach) + 1)
        near = _Spots.of(self._picture, box, _fine)
        scale = (box[3] - box[1]) / _fine
        eyes = near.eyes()
        if eyes is None:
            return None
        x, row = eyes
        wide = near.face(x, row) * scale
        height = wide / 0.1 if 0.06 < wide / body.height < 0.16 else body.height
        return Body(box[0] + (x + 0.5) * scale, box[1] + (row + 0.5) * scale - height * _eyes_down, height)


@dataclass(frozen=True, slots=True)
class _Spots:
    """A part of a picture made small: colours by place."""

    wide: int
    tall: int
    data: bytes
    light: bytes

    @staticmethod
    def of(picture: Image.Image, box: tuple[int, int, int, int], tall: int) -> _Spots:
        part = picture.crop(box).convert("RGB")
        wide = max(8, round(part.width * tall / part.height))
        small = part.resize((wide, tall), Image.Resampling.BOX).filter(ImageFilter.BoxBlur(1))
        return _Spots(wide, tall, small.tobytes(), small.convert("L").tobytes())

    def at(self, x: float, y: float) -> Rgb:
        """The colour at a place; outside it is that of the rim."""
        column, row = min(self.wide - 1, max(0, int(x))), min(self.tall - 1, max(0, int(y)))
        place = (row * self.wide + column) * 3
        return self.data[place], self.data[place + 1], self.data[place + 2]

    def eyes(self) -> tuple[int, int] | None:
        """Between which columns and on which row two dark spots lie, lighter all around; None when there are none."""
        middle, rows = self.wide // 2, range(self.tall * 2 // 5, self.tall * 5 // 8)
        places = ((column, row) for row in rows for column in range(middle - 6, middle + 7))
        best, column, row = max((self._pair(*place), *place) for place in places)
        return (column, row) if best > _least_eyes else None

    def _pair(self, column: int, row: int) -> float:
        """How much darker spots left and right of a place are than what is between, outside and below."""
        light, at = self.light, row * self.wide + column
        left, right = min(light[at - 4], light[at - 5]), min(light[at + 4], light[at + 5])
        darker = max(left, right)
        if light[at] - darker < _least_eyes:
            return 0.0
        below = at + 4 * self.wide
        around = min(light[at], light[below], light[at - 8], light[at + 8], light[below - 4], light[below + 4])
        return around - darker - abs(left - right) / 4

    def face(self, column: int, row: int) -> int:
        """How wide the face is a little above the eyes' foot: the widest run of one colour there."""
        colour = self.at(column, row + 3)
        runs = [self._run(colour, column, near) for near in range(row - 5, row + 9)]
        return max((run for run in runs if run < self.wide * 0.6), default=0)

    def _run(self, colour: Rgb, column: int, row: int) -> int:
        """How far a row has the colour to both sides of a place."""
        left = right = column
        while left > 0 and _far(colour, self.at(left - 1, row)) < _same:
            left -= 1
        while right < self.wide and _far(colour, self.at(right, row)) < _same:
            right += 1
        return right - left


def _expected(size: tuple[int, int]) -> Iterator[Body]:
    """The places where `media_scene.person_place` stands a person."""
    wide, tall = size
    height = min(tall * 0.66, wide * 0.92)
    x, y = joints(standing)["head"]
    for spot in (0.5,) if wide <= tall else (0.42, 0.5, 0.58):
        yield Body(wide * spot + x * height, tall * 0.845 + y * height, height)


def _everywhere(spots: _Spots) -> Iterator[Place]:
    """Wherever there is skin, for bodies of every height: as few places as will do, since most pictures hold nobody."""
    skin = [_is_skin(colour) for colour in zip(*(spots.data[part::3] for part in range(3)), strict=True)]
    height = spots.tall * 0.30
    while height < spots.tall * 2.2:
        step = max(1.0, height * 0.022)
        columns = [column * step for column in range(int(spots.wide * 0.14 / step), int(spots.wide * 0.86 / step) + 1)]
        for row in range(int(spots.tall * 0.06 / step), int(spots.tall * 0.66 / step)):
            begin = int(row * step) * spots.wide
            yield from ((x, row * step, height) for x in columns if skin[begin + int(x)])
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
    return (
        min(60.0, beside) / 3
        + min(60.0, neck) / 5
        + max(-20.0, min(60.0, darker)) / 4
        + min(60.0, around) / 4
        - uneven / 6
    )


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
