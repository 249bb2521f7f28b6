"""Places people built: a city by its street and a road to the horizon."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

from kling_pipe.simulator.media_canvas import (
    Canvas,
    Layer,
    Point,
    below,
    clouds,
    filled,
    gradient,
    ridge,
)
from kling_pipe.simulator.media_nature import heaven
from kling_pipe.simulator.media_palette import Colour, Palette, mix, shade


def city(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    layers = [Layer(heaven(canvas, palette, dice, 0.74), 0.1)]
    window = mix((255, 214, 130), palette.glow, 0.25)
    for row in range(3):
        part = row / 2
        colour = mix(mix(palette.far, palette.sky[-1], 0.45), mix(palette.near, (12, 14, 26), 0.4), part)
        sheet = _houses(canvas, palette, dice, colour, window, part)
        layers.append(Layer(sheet, 0.3 + 0.5 * part))
    left, right = canvas.span()
    street = filled(
        below(canvas, [(left, 0.80), (right, 0.80)]),
        (mix(palette.near, palette.sky[-1], 0.3), shade(palette.near, 0.45)),
        top=round(canvas.at(0, 0.80)[1]),
    )
    _streaks(street, canvas, palette, dice, 0.80)
    return (*layers, Layer(street, 1.0))


def road(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    """Wet asphalt running to the horizon, hills behind."""
    horizon = 0.56
    layers = [Layer(heaven(canvas, palette, dice, horizon), 0.1)]
    for part in (0.0, 0.6):
        colour = mix(mix(palette.far, palette.sky[-1], 0.4), palette.near, part)
        line = ridge(canvas, horizon - 0.05 + 0.04 * part, 0.09 - 0.04 * part, 0.3, dice)
        layers.append(Layer(filled(below(canvas, line), (mix(colour, palette.glow, 0.15), colour)), 0.25 + 0.2 * part))
    left, right = canvas.span()
    top = round(canvas.at(0, horizon)[1])
    tar = mix((46, 48, 58), palette.near, 0.45)
    road = filled(
        below(canvas, [(left, horizon), (right, horizon)]),
        (mix(palette.sky[-1], tar, 0.25), mix(tar, palette.sky[-2], 0.25), shade(tar, 0.7)),
        top=top,
    )
    draw = ImageDraw.Draw(road)
    centre = dice.uniform(0.42, 0.58)
    for near, far in ((0.10, 0.004), (-0.75, -0.06), (0.95, 0.07)):
        _mark(draw, canvas, centre, horizon, near, far, mix((236, 232, 220), tar, 0.35))
    _puddles(road, canvas, palette, dice, horizon)
    return (*layers, Layer(road, 0.95))


def _houses(
    canvas: Canvas, palette: Palette, dice: random.Random, colour: Colour, window: Colour, part: float
) -> Image.Image:
    """A row of towers with lit windows."""
    left, right = canvas.span()
    boxes: list[tuple[float, float, float, float]] = []
    x = left
    aspect = canvas.height / canvas.width
    while x < right:
        wide = dice.uniform(0.05, 0.10) * (0.8 + 0.6 * part) * max(0.6, min(2.0, aspect * 1.4))
        tall = dice.uniform(0.16, 0.50) * (1 - 0.30 * part)
        boxes.append((*canvas.at(x, 0.82 - tall), *canvas.at(x + wide * 0.94, 0.84)))
        x += wide
    mask = Image.new("L", canvas.size, 0)
    pencil = ImageDraw.Draw(mask)
    for box in boxes:
        pencil.rectangle(box, fill=255)
        if dice.random() < 0.25:
            middle = (box[0] + box[2]) / 2
            pencil.line(
                [(middle, box[1]), (middle, box[1] - canvas.height * 0.05)], fill=255, width=max(1, canvas.width // 500)
            )
    sheet = filled(mask, (shade(colour, 1.1), colour, mix(colour, palette.sky[-1], 0.25)))
    draw = ImageDraw.Draw(sheet)
    cell = max(3.0, canvas.unit * (0.013 + 0.008 * part))
    for box in boxes:
        _windows(draw, box, cell, window, palette, dice)
    return sheet


def _windows(
    draw: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    cell: float,
    window: Colour,
    palette: Palette,
    dice: random.Random,
) -> None:
    share = 0.5 if palette.dark else 0.22
    y = box[1] + cell
    while y < box[3] - cell * 2:
        x = box[0] + cell * 0.8
        while x < box[2] - cell:
            if dice.random() < share:
                tone = palette.accent if dice.random() < 0.10 else window
                draw.rectangle(
                    (x, y, x + cell * 0.42, y + cell * 0.55), fill=(*shade(tone, dice.uniform(0.65, 1.0)), 255)
                )
            x += cell
        y += cell * 1.25


def _streaks(sheet: Image.Image, canvas: Canvas, palette: Palette, dice: random.Random, top: float) -> None:
    """Lights mirrored in a wet street."""
    lamps = Image.new("RGBA", sheet.size, (*palette.glow, 0))
    draw = ImageDraw.Draw(lamps)
    left, right = canvas.span()
    for _ in range(16):
        x, y = canvas.at(dice.uniform(left, right), top)
        wide, tall = canvas.width * dice.uniform(0.008, 0.03), canvas.height * dice.uniform(0.05, 0.2)
        tone = dice.choice((palette.accent, palette.glow, palette.sky[-1]))
        draw.rectangle((x, y, x + wide, y + tall), fill=(*tone, dice.randrange(50, 130)))
    soft = (
        lamps.reduce(4)
        .filter(ImageFilter.BoxBlur(max(1, canvas.width // 320)))
        .resize(sheet.size, Image.Resampling.BILINEAR)
    )
    alpha = sheet.getchannel("A")
    sheet.alpha_composite(soft)
    sheet.putalpha(alpha)


def _mark(
    draw: ImageDraw.ImageDraw, canvas: Canvas, centre: float, horizon: float, near: float, far: float, colour: Colour
) -> None:
    wide = 0.022
    points: list[Point] = [
        (centre + far, horizon),
        (centre + far + 0.001, horizon),
        (centre + near + wide, 1.2),
        (centre + near - wide, 1.2),
    ]
    draw.polygon([canvas.at(*point) for point in points], fill=(*colour, 255))


def _puddles(road: Image.Image, canvas: Canvas, palette: Palette, dice: random.Random, horizon: float) -> None:
    """Sky lying on the road where the noise says it is wet."""
    size = road.size
    wet = clouds((size[0] // 4, max(2, size[1] // 10)), dice, 6).point(
        [max(0, min(190, (v - 120) * 5)) for v in range(256)]
    )
    top = round(canvas.at(0, horizon)[1])
    part = (size[0], size[1] - top)
    mirror = gradient(part, tuple(mix(colour, palette.glow, 0.12) for colour in reversed(palette.sky)))
    alpha = road.getchannel("A")
    road.paste(mirror, (0, top), wet.resize(part, Image.Resampling.BILINEAR))
    road.putalpha(alpha)
