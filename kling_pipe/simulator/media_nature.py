"""Places under the open sky, painted as layers: hills, sea, forest, and what lies beyond the sky."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_canvas import (
    Canvas,
    Layer,
    below,
    clouds,
    filled,
    glow,
    gradient,
    ridge,
    shape,
    sky,
)
from kling_pipe.simulator.media_palette import Palette, mix, shade


def heaven(canvas: Canvas, palette: Palette, dice: random.Random, horizon: float) -> Image.Image:
    """Sky, clouds and a sun or moon."""
    sheet = sky(canvas, palette.sky, horizon)
    light = mix(palette.sky[-1], (255, 255, 255), 0.35)
    mask = clouds((max(2, sheet.width // 4), max(2, sheet.height // 4)), dice, 3 if canvas.height > canvas.width else 5)
    mask = mask.point([max(0, min(150, round((v - 118) * 2.2))) for v in range(256)])
    part = sheet.size[0], max(1, round(canvas.at(0, horizon)[1]))
    sheet.paste(light, (0, 0), _fading(mask.resize(part, Image.Resampling.BILINEAR)))
    sun = canvas.at(dice.choice((0.24, 0.32, 0.68, 0.76)), horizon - dice.uniform(0.16, 0.3))
    glow(sheet, sun, canvas.unit * 0.62, palette.glow, 0.75)
    radius = canvas.unit * (0.045 if palette.dark else 0.058)
    disc = shape(
        sheet.size,
        lambda draw, fine: draw.ellipse(
            [(sun[0] - radius) * fine, (sun[1] - radius) * fine, (sun[0] + radius) * fine, (sun[1] + radius) * fine],
            fill=235,
        ),
    )
    sheet.paste(mix(palette.glow, (255, 255, 255), 0.5), (0, 0), disc)
    if palette.dark:
        _stars(sheet, dice, horizon)
    return sheet


def hills(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    horizon = 0.60
    rough = dice.choice((0.1, 0.35, 0.6))
    layers = [Layer(heaven(canvas, palette, dice, horizon + 0.08), 0.15)]
    steps = 5
    for step in range(steps):
        part = step / (steps - 1)
        colour = mix(mix(palette.far, palette.sky[-1], 0.45 * (1 - part)), palette.near, part)
        line = ridge(canvas, 0.56 + 0.36 * part**1.25, 0.11 - 0.05 * part, rough * (1 - part * 0.8), dice)
        haze = mix(colour, palette.sky[-1], 0.34 * (1 - part))
        top = round(canvas.at(0, min(y for _, y in line))[1])
        stops = (mix(colour, palette.glow, 0.16 * (1 - part)), colour, haze)
        layers.append(Layer(filled(below(canvas, line), stops, top=top), 0.3 + 0.7 * part))
    return tuple(layers)


def sea(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    horizon = 0.54
    sheet = heaven(canvas, palette, dice, horizon)
    water = mix(palette.sky[0], (14, 62, 92), 0.45)
    island = ridge(canvas, horizon - 0.005, 0.055, 0.3, dice)
    far = filled(below(canvas, island), (mix(palette.far, palette.sky[-1], 0.35),))
    top = round(canvas.at(0, horizon)[1])
    left, right = canvas.span()
    surface = filled(
        below(canvas, [(left, horizon), (right, horizon)]),
        (mix(palette.sky[-1], water, 0.35), mix(water, palette.sky[1], 0.25), shade(water, 0.72)),
        top=top,
    )
    _glints(surface, canvas, palette, dice, horizon)
    line = [(x, 0.925 + 0.012 * math.sin(x * 9) + 0.03 * math.sin(x * 2.3 + 1)) for x in _across(canvas, 60)]
    foam = filled(below(canvas, [(x, y - 0.012) for x, y in line]), (mix((255, 255, 255), palette.glow, 0.3),))
    shore = filled(
        below(canvas, line),
        (mix((222, 196, 150), palette.sky[-1], 0.25), mix((170, 138, 100), palette.near, 0.3)),
        top=round(canvas.at(0, 0.88)[1]),
    )
    return Layer(sheet, 0.1), Layer(far, 0.25), Layer(surface, 0.6), Layer(foam, 0.9), Layer(shore, 0.95)


def forest(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    layers = [Layer(heaven(canvas, palette, dice, 0.72), 0.1)]
    green = mix((44, 104, 70), palette.near, 0.45)
    for row in range(4):
        part = row / 3
        colour = mix(mix(green, palette.sky[-1], 0.62), shade(green, 0.5), part)
        mask = shape(canvas.size, _trees(canvas, dice, 0.70 + 0.14 * part, 0.26 + 0.30 * part, 15 - 3 * row))
        top = round(canvas.at(0, 0.34 - 0.05 * part)[1])
        layers.append(
            Layer(
                filled(
                    mask, (mix(colour, palette.glow, 0.25 * (1 - part)), colour, shade(colour, 0.85)), top=max(0, top)
                ),
                0.3 + 0.6 * part,
            )
        )
    line = [(x, 0.79 + 0.02 * math.sin(x * 3 + 1)) for x in _across(canvas, 40)]
    floor = filled(
        below(canvas, line), (mix(green, palette.sky[-1], 0.25), shade(green, 0.55)), top=round(canvas.at(0, 0.77)[1])
    )
    return (*layers, Layer(floor, 1.0))


def space(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    """Stars, a nebula and a planet's rim."""
    sheet = gradient(canvas.size, ((6, 8, 24), (16, 14, 48), mix((40, 24, 84), palette.accent, 0.2)))
    fog = clouds((canvas.size[0] // 6, canvas.size[1] // 6), dice, 3).point(
        [max(0, min(140, (v - 120) * 3)) for v in range(256)]
    )
    sheet.paste(mix(palette.accent, (120, 60, 200), 0.5), (0, 0), fog.resize(canvas.size, Image.Resampling.BILINEAR))
    _stars(sheet, dice, 1.2)
    _stars(sheet, dice, 1.2)
    x, y, radius = *canvas.at(dice.choice((0.22, 0.78)), 0.30), canvas.unit * 0.20
    box = (x - radius, y - radius, x + radius, y + radius)
    moon = shape(canvas.size, lambda draw, fine: draw.ellipse([v * fine for v in box], fill=255))
    planet = filled(
        moon,
        (mix(palette.accent, (255, 255, 255), 0.4), palette.accent, shade(palette.accent, 0.25)),
        top=round(y - radius),
    )
    line = [(px, 0.80 + 0.13 * (px - 0.5) ** 2) for px in _across(canvas, 60)]
    rim = filled(
        below(canvas, line),
        (mix(palette.sky[-1], (190, 220, 255), 0.5), mix(palette.far, (40, 60, 120), 0.5), (14, 18, 40)),
        top=round(canvas.at(0, 0.80)[1]),
    )
    glow(sheet, canvas.at(0.5, 0.86), canvas.unit * 0.9, (120, 170, 255), 0.5)
    return Layer(sheet, 0.08), Layer(planet, 0.3), Layer(rim, 0.9)


def _fading(mask: Image.Image) -> Image.Image:
    """Weaker towards the foot."""
    return Image.composite(
        mask, Image.new("L", mask.size, 0), Image.linear_gradient("L").point(_falling).resize(mask.size)
    )


_falling = [round(255 - v * 0.8) for v in range(256)]


def _stars(sheet: Image.Image, dice: random.Random, horizon: float) -> None:
    draw = ImageDraw.Draw(sheet)
    for _ in range(90):
        x, y = dice.uniform(0, sheet.width), dice.uniform(0, sheet.height * horizon * 0.8)
        size = dice.choice((0, 0, 0, 1)) * sheet.width / 1400
        light = dice.randrange(130, 255)
        draw.ellipse((x, y, x + size, y + size), fill=(light, light, min(255, light + 20)))


def _glints(surface: Image.Image, canvas: Canvas, palette: Palette, dice: random.Random, horizon: float) -> None:
    draw = ImageDraw.Draw(surface)
    light = mix(palette.glow, palette.sky[-1], 0.3)
    left, right = canvas.span()
    for _ in range(170):
        down = dice.random() ** 1.7
        x, y = canvas.at(dice.uniform(left, right), horizon + 0.012 + down * 0.40)
        long = canvas.width * (0.008 + 0.05 * down) * dice.uniform(0.4, 1.2)
        thick = max(1, round(canvas.height * (0.0012 + 0.004 * down)))
        draw.line([(x, y), (x + long, y)], fill=(*mix(light, palette.sky[1], dice.uniform(0, 0.6)), 255), width=thick)


def _across(canvas: Canvas, count: int) -> list[float]:
    left, right = canvas.span()
    return [left + (right - left) * step / count for step in range(count + 1)]


def _trees(
    canvas: Canvas, dice: random.Random, foot: float, tall: float, count: int
) -> Callable[[ImageDraw.ImageDraw, float], None]:
    """Firs in a row over a floor."""
    left, right = canvas.span()
    gap = (right - left) / count
    trees = [(left + gap * (i + dice.uniform(0.1, 0.9)), tall * dice.uniform(0.75, 1.2)) for i in range(count + 1)]

    def paint(draw: ImageDraw.ImageDraw, fine: float) -> None:
        width, height = canvas.size
        draw.rectangle((0, canvas.at(0, foot)[1] * fine, width * fine, height * fine), fill=255)
        for x, high in trees:
            px, py = (v * fine for v in canvas.at(x, foot))
            h = high * canvas.height * fine
            draw.rectangle((px - h * 0.018, py - h * 0.2, px + h * 0.018, py + 2), fill=255)
            for tier in range(5):
                up, half = py - h * (0.12 + 0.18 * tier), h * (0.20 - 0.034 * tier)
                draw.polygon([(px - half, up), (px, up - h * 0.34), (px + half, up)], fill=255)

    return paint
