"""Somebody who speaks: a mouth that opens as the sound is loud, where a face is found, and a meter that shows it anyway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_body import Body, Eye
from kling_pipe.simulator.media_film import Planes

_look = 360  # rows faces are looked for in
_every = 3  # frames between two looks
_patience = 8  # looks without the face until its mouth goes away
_bars = 22
_steps = 12  # how many openings of the mouth are drawn
_silent = 0.06


def spoken(frames: Iterator[Planes], levels: Sequence[float], foot: int) -> Iterator[Planes]:
    """The frames with a speaking mouth, and a meter that stands on `foot`, where the caption begins."""
    face, meter = _Face(), None
    for number, planes in enumerate(frames):
        meter = meter or Meter.of(planes.size, foot)
        body = face.at(planes, number)
        level = levels[number] if number < len(levels) else 0.0
        if body is not None and level > _silent:
            _open_mouth(planes, body, level)
        meter.on(planes, [levels[at] if 0 <= at < len(levels) else 0.0 for at in range(number - _bars + 1, number + 1)])
        yield planes


class _Face:
    """A face followed through a film: looked for every few frames, between them on a straight way."""

    def __init__(self) -> None:
        self._found: Body | None = None
        self._before: Body | None = None
        self._missed = 0

    def at(self, planes: Planes, number: int) -> Body | None:
        """Where it is in the next frame."""
        if number % _every == 0:
            self._look_at(planes)
        if self._found is None or self._before is None or self._missed > _patience:
            return None
        part = (number % _every + 1) / _every
        return self._before.towards(self._found, part)

    def _look_at(self, planes: Planes) -> None:
        eye = Eye(planes.picture(_look))
        scale = planes.size[1] / _look
        if self._found is None:
            if self._missed <= _patience:
                self._found = self._before = _scaled(eye.find(), scale)
                self._missed = 0 if self._found else self._missed + 4
            return
        now = _scaled(eye.follow(self._found.scaled(1 / scale)), scale)
        self._before = self._found
        self._missed = 0 if now else self._missed + 1
        if now is not None:  # eased, because a look is off by a pixel or two
            self._found = self._found.towards(now, 0.6)


def _scaled(body: Body | None, factor: float) -> Body | None:
    return body.scaled(factor) if body else None


def _open_mouth(planes: Planes, body: Body, level: float) -> None:
    wide = max(4, round(body.height * 0.044) & ~1)
    mouth = _mouth(wide, min(_steps - 1, round(level * (_steps - 1))))
    planes.paste(mouth, round(body.x - mouth.size[0] / 2), round(body.y + body.height * 0.031 - mouth.size[1] / 2))


@lru_cache(maxsize=256)
def _mouth(wide: int, step: int) -> Planes:
    """Lips, the dark between them, teeth when it is wide open."""
    fine = 4
    tall = wide * (0.22 + 0.78 * step / (_steps - 1))
    side = (wide + 4) & ~1
    sheet = Image.new("RGBA", (side * fine, side * fine), (150, 62, 66, 0))
    draw, middle = ImageDraw.Draw(sheet), side * fine / 2
    reach_x, reach_y, lip = wide * fine / 2, tall * fine / 2, wide * fine * 0.09
    draw.ellipse((middle - reach_x, middle - reach_y, middle + reach_x, middle + reach_y), fill=(178, 74, 78, 255))
    box = (middle - reach_x + lip, middle - reach_y + lip, middle + reach_x - lip, middle + reach_y - lip)
    if box[3] > box[1]:
        draw.ellipse(box, fill=(70, 20, 28, 255))
        if step > _steps // 3:
            draw.chord(box, 205, 335, fill=(246, 242, 236, 255))
    return Planes.of(sheet.reduce(fine))


@dataclass(frozen=True, slots=True)
class Meter:
    """A pill with a pair of lips and bars that run through it as loud as the sound was."""

    size: tuple[int, int]
    left: int
    top: int

    @staticmethod
    def of(frame: tuple[int, int], foot: int) -> Meter:
        unit = max(4, round((frame[0] * frame[1]) ** 0.5 * 0.0085))
        wide = min(frame[0] - 4 * unit, unit * (_bars + 8)) & ~1
        tall = unit * 6 & ~1
        return Meter((wide, tall), unit * 2 & ~1, max(0, foot - tall - unit * 2) & ~1)

    def on(self, planes: Planes, levels: Sequence[float]) -> None:
        """Draws the meter on a frame; the last level is the newest."""
        wide, tall = self.size
        sheet = _pill(self.size).copy()
        draw = ImageDraw.Draw(sheet)
        unit = tall / 6
        lips = tall * (0.10 + 0.26 * levels[-1])
        x, y = unit * 3.2, tall / 2
        draw.ellipse((x - unit * 1.7, y - lips, x + unit * 1.7, y + lips), fill=(236, 112, 112, 255))
        if levels[-1] > _silent:
            draw.ellipse((x - unit * 1.2, y - lips * 0.6, x + unit * 1.2, y + lips * 0.6), fill=(60, 16, 24, 255))
        step = (wide - unit * 7.5) / len(levels)
        for number, level in enumerate(levels):
            reach = max(unit * 0.22, unit * 2.1 * level)
            left = unit * 6 + number * step
            light = 120 + round(135 * (number + 1) / len(levels))
            draw.rectangle((left, y - reach, left + max(1.0, step * 0.5), y + reach), fill=(light, light, light, 255))
        planes.paste(Planes.of(sheet), self.left, self.top)


@lru_cache(maxsize=8)
def _pill(size: tuple[int, int]) -> Image.Image:
    fine = Image.new("RGBA", (size[0] * 2, size[1] * 2), (8, 10, 16, 0))
    ImageDraw.Draw(fine).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), size[1], fill=(8, 10, 16, 196))
    return fine.reduce(2)
