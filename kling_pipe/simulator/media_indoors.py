"""Places with a floor and a wall: the studio for things and the stage for people."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

from kling_pipe.simulator.media_canvas import (
    Canvas,
    Layer,
    below,
    filled,
    glow,
    gradient,
    shape,
)
from kling_pipe.simulator.media_palette import Colour, Palette, mix, shade


def studio(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    """A seamless backdrop with a soft spot and a table edge."""
    wall = mix(palette.sky[-1], palette.accent, 0.16)
    stops = (
        shade(mix(wall, palette.sky[0], 0.45), 0.8),
        mix(wall, palette.sky[1], 0.3),
        wall,
        mix(wall, (255, 255, 255), 0.25),
    )
    sheet = gradient(canvas.size, stops)
    glow(
        sheet,
        canvas.at(dice.uniform(0.36, 0.64), 0.42),
        canvas.unit * 0.95,
        mix(palette.glow, (255, 255, 255), 0.5),
        0.85,
    )
    arch = _arch(canvas, mix(wall, palette.accent, 0.42), dice)
    left, right = canvas.span()
    table = mix(wall, palette.ground, 0.35)
    top = round(canvas.at(0, 0.70)[1])
    floor = filled(
        below(canvas, [(left, 0.70), (right, 0.70)]),
        (mix(table, (255, 255, 255), 0.38), table, shade(table, 0.72)),
        top=top,
    )
    return Layer(sheet, 0.1), Layer(arch, 0.35), Layer(floor, 0.85)


def stage(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    """A wide wall in two tones with a big disc of light behind the person, and a floor."""
    deep = mix(palette.sky[0], palette.accent, 0.12)
    sheet = gradient(canvas.size, (shade(deep, 0.72), deep, mix(deep, palette.sky[-1], 0.5)))
    centre = canvas.at(0.5, 0.44)
    glow(sheet, centre, canvas.unit * 0.95, palette.sky[-1], 0.7)
    radius = canvas.unit * 0.40
    disc = shape(
        canvas.size,
        lambda draw, fine: draw.ellipse(
            [
                (centre[0] - radius) * fine,
                (centre[1] - radius) * fine,
                (centre[0] + radius) * fine,
                (centre[1] + radius) * fine,
            ],
            fill=255,
        ),
    )
    halo = filled(
        disc,
        (mix(palette.sky[-1], palette.glow, 0.4), mix(palette.sky[-2], palette.accent, 0.25)),
        top=round(centre[1] - radius),
    )
    beams = _beams(canvas, palette, dice)
    left, right = canvas.span()
    top = round(canvas.at(0, 0.76)[1])
    floor = filled(
        below(canvas, [(left, 0.76), (right, 0.76)]),
        (mix(deep, palette.sky[-1], 0.42), shade(deep, 0.7), shade(deep, 0.45)),
        top=top,
    )
    alpha = floor.getchannel("A")
    glow(floor, canvas.at(0.5, 0.86), canvas.unit * 0.55, palette.sky[-1], 0.4)
    floor.putalpha(alpha)
    return Layer(sheet, 0.1), Layer(halo, 0.3), Layer(beams, 0.5), Layer(floor, 0.9)


def _arch(canvas: Canvas, colour: Colour, dice: random.Random) -> Image.Image:
    x, wide, tall = dice.uniform(0.4, 0.6), canvas.unit * 0.36, canvas.unit * 0.50

    def paint(draw: ImageDraw.ImageDraw, fine: float) -> None:
        px, py = canvas.at(x, 0.71)
        draw.rounded_rectangle(
            [(px - wide) * fine, (py - tall - wide * 0.4) * fine, (px + wide) * fine, (py + wide) * fine],
            wide * fine * 0.98,
            fill=255,
        )

    return filled(
        shape(canvas.size, paint),
        (mix(colour, (255, 255, 255), 0.3), colour, shade(colour, 0.8)),
        top=round(canvas.at(0, 0.15)[1]),
    )


def _beams(canvas: Canvas, palette: Palette, dice: random.Random) -> Image.Image:
    beams = [(dice.uniform(-0.1, 1.1), dice.uniform(0.25, 0.75)) for _ in range(4)]

    def paint(draw: ImageDraw.ImageDraw, fine: float) -> None:
        for start, end in beams:
            corners = ((start - 0.01, -0.3), (start + 0.01, -0.3), (end + 0.13, 0.9), (end - 0.13, 0.9))
            draw.polygon([(x * fine, y * fine) for x, y in (canvas.at(*corner) for corner in corners)], fill=34)

    mask = shape(canvas.size, paint).filter(ImageFilter.BoxBlur(max(1, canvas.width // 160)))
    return filled(mask, (mix(palette.glow, (255, 255, 255), 0.3),))
