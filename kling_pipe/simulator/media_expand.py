"""A picture with more around it: its own mirror images go on outside, ever softer, and melt into its colours."""

from __future__ import annotations

import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from kling_pipe.simulator.media_canvas import gradient
from kling_pipe.simulator.media_mask import without_thing
from kling_pipe.simulator.media_palette import Colour

Box = tuple[int, int, int, int]
Margins = tuple[float, float, float, float]

_strip = 0.34  # of the picture is what goes on above and below: more would put ground above the sky
_soft = (0.04, 0.15, 0.40)  # how far outside, in sides of the canvas, each of three blurs has taken over


def expand(
    picture: Image.Image, size: tuple[int, int], margins: Margins, light: Sequence[Colour], dice: random.Random
) -> Image.Image:
    """The picture within a canvas that is larger by the margins: up, down, left and right, as multiples of its sides.

    What is added lies in a light of its own, its colours running down; the dice say how strong that is.
    """
    box = place_of(size, margins)
    inner = picture.convert("RGB").resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.LANCZOS)
    canvas = _mirrored(inner, size, box)
    away = _distance(size, box)
    whole = canvas.copy()
    for number, reach in enumerate(_soft):
        blurred = _blurred(canvas, max(1.0, min(size) * (0.003, 0.010, 0.032)[number]))
        begin, end = (0.0 if number == 0 else _soft[number - 1]), reach
        whole.paste(blurred, (0, 0), away.point([_between(value / 255, begin, end) for value in range(256)]))
    whole = _graded(whole, inner, away, light, dice.randint(40, 96))
    whole.paste(inner, box[:2])
    _tick(whole, box)
    return whole


def place_of(size: tuple[int, int], margins: Margins) -> Box:
    """Where in the canvas the picture lies."""
    up, down, left, right = (max(0.0, margin) for margin in margins)
    wide, tall = size[0] / (1 + left + right), size[1] / (1 + up + down)
    at_x, at_y = round(left * wide), round(up * tall)
    return at_x, at_y, max(at_x + 1, min(size[0], round(at_x + wide))), max(at_y + 1, min(size[1], round(at_y + tall)))


def _mirrored(inner: Image.Image, size: tuple[int, int], box: Box) -> Image.Image:
    """The canvas filled with the picture's surroundings: each second tile turned, so that no seam shows."""
    empty = without_thing(inner)
    wide, tall = inner.size
    band = Image.new("RGB", (size[0], tall))
    for column in range(-box[0] // wide, -(-(size[0] - box[0]) // wide)):
        band.paste(ImageOps.mirror(empty) if column % 2 else empty, (box[0] + column * wide, 0))
    canvas = Image.new("RGB", size)
    canvas.paste(band, (0, box[1]))
    for begin, end in ((0, box[1]), (box[3], size[1])):
        if end > begin:
            strip = max(1, min(end - begin, round(tall * _strip)))
            part = band.crop((0, 0, size[0], strip) if begin == 0 else (0, tall - strip, size[0], tall))
            canvas.paste(ImageOps.flip(part).resize((size[0], end - begin), Image.Resampling.BICUBIC), (0, begin))
    return canvas


def _distance(size: tuple[int, int], box: Box) -> Image.Image:
    """How far every place is outside of the picture, 255 being a canvas side away."""
    small = max(2, size[0] // 4), max(2, size[1] // 4)
    far = max(size) / 4
    across = Image.new("L", (small[0], 1))
    across.putdata([_outside(x * 4 + 2, box[0], box[2], far * 4) for x in range(small[0])])
    down = Image.new("L", (1, small[1]))
    down.putdata([_outside(y * 4 + 2, box[1], box[3], far * 4) for y in range(small[1])])
    both = ImageChops.lighter(across.resize(small), down.resize(small))
    return both.resize(size, Image.Resampling.BILINEAR)


def _outside(place: float, begin: float, end: float, far: float) -> int:
    return round(255 * min(1.0, max(0.0, begin - place, place - end) / far))


def _between(part: float, begin: float, end: float) -> int:
    return round(255 * min(1.0, max(0.0, (part - begin) / (end - begin))))


def _blurred(picture: Image.Image, radius: float) -> Image.Image:
    """A soft copy; strong blurs are made small, which is quick."""
    less = max(1, int(radius / 3))
    small = picture.reduce(less) if less > 1 else picture
    return small.filter(ImageFilter.GaussianBlur(radius / less)).resize(picture.size, Image.Resampling.BICUBIC)


def _graded(
    whole: Image.Image, inner: Image.Image, away: Image.Image, light: Sequence[Colour], most: int
) -> Image.Image:
    """Far out the picture's own mean colour and the light, so that mirrored things do not look like things."""
    mean = inner.resize((1, 1), Image.Resampling.BOX).resize(whole.size)
    far = Image.composite(mean, whole, away.point([min(90, value) for value in range(256)]))
    return Image.composite(
        gradient(whole.size, light), far, away.point([min(most, value * most // 64) for value in range(256)])
    )


def _tick(whole: Image.Image, box: Box) -> None:
    """Small corners where the picture itself lies, as a cutter marks a sheet."""
    long, draw = max(6, min(whole.size) // 40), ImageDraw.Draw(whole, "RGBA")
    for x, right in ((box[0], 1), (box[2] - 1, -1)):
        for y, down in ((box[1], 1), (box[3] - 1, -1)):
            if 0 < x < whole.width - 1 or 0 < y < whole.height - 1:
                draw.line([(x + right * long, y), (x, y), (x, y + down * long)], fill=(255, 255, 255, 150), width=2)
