"""Somebody who speaks: a mouth that opens as loud as the sound is, where a face is found; a meter shows it anyway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_body import Body, Eye
from kling_pipe.simulator.media_film import Planes

_look = 340  # rows are enough to find a face in
_every = 2  # frames from one look to the next
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
    """A face followed through a film: looked for in every second frame, near where it was."""

    def __init__(self) -> None:
        self._found: Body | None = None
        self._missed = 0

    def at(self, planes: Planes, number: int) -> Body | None:
        """Where it is in the next frame."""
        if number % _every == 0 and self._missed <= _patience:
            scale = max(1, planes.size[1] // _look)
            eye = Eye(planes.picture(scale))
            if number == 0:  # looked for everywhere once: that takes as long as ten frames
                self._found = _scaled(eye.find(), scale)
            elif self._found is not None:
                self._follow(_scaled(eye.follow(self._found.scaled(1 / scale)), scale))
        return self._found if self._missed <= _patience else None

    def _follow(self, now: Body | None) -> None:
        self._missed = 0 if now else self._missed + 1
        if (
            now is not None and self._found is not None
        ):  # its place at once, its size slowly: that is off by some pixels
            near, calm = self._found.towards(now, 0.85), self._found.towards(now, 0.2)
            self._found = Body(near.x, near.y, calm.height)


def _scaled(body: Body | None, factor: float) -> Body | None:
    return body.scaled(factor) if body else None


def _open_mouth(planes: Planes, body: Body, level: float) -> None:
    wide = max(4, round(body.height * 0.048) & ~1)
    mouth = _mouth(wide, min(_steps - 1, round(level * (_steps - 1))))
    planes.paste(mouth, round(body.x - mouth.size[0] / 2), round(body.y + body.height * 0.032 - mouth.size[1] / 2))


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
        wide = max(unit * 4, min(frame[0] - 4 * unit, unit * (_bars + 8))) & ~1
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
