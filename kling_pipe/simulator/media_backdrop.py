"""The places a scene can be in, each painted as layers from the sky to the ground in front."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from kling_pipe.simulator.media_canvas import (
    Canvas,
    Layer,
    Point,
    below,
    clouds,
    filled,
    glow,
    gradient,
    ridge,
    shape,
    sky,
)
from kling_pipe.simulator.media_palette import Colour, Palette, mix, shade

Painter = Callable[[Canvas, Palette, random.Random], tuple[Layer, ...]]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """How a place is painted; things stand at `ground`, are mirrored by `mirror`, float where there is `water`."""

    paint: Painter
    ground: float = 0.80
    mirror: float = 0.0
    water: bool = False


def _heaven(canvas: Canvas, palette: Palette, dice: random.Random, horizon: float) -> Image.Image:
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


def _hills(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    horizon = 0.60
    rough = dice.choice((0.1, 0.35, 0.6))
    layers = [Layer(_heaven(canvas, palette, dice, horizon + 0.08), 0.15)]
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


def _sea(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    horizon = 0.54
    sheet = _heaven(canvas, palette, dice, horizon)
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


def _forest(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    layers = [Layer(_heaven(canvas, palette, dice, 0.72), 0.1)]
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


def _city(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    layers = [Layer(_heaven(canvas, palette, dice, 0.74), 0.1)]
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


def _road(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
    """Wet asphalt running to the horizon, hills behind."""
    horizon = 0.56
    layers = [Layer(_heaven(canvas, palette, dice, horizon), 0.1)]
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


def _studio(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
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


def _stage(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
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


def _beams(canvas: Canvas, palette: Palette, dice: random.Random) -> Image.Image:
    beams = [(dice.uniform(-0.1, 1.1), dice.uniform(0.25, 0.75)) for _ in range(4)]

    def paint(draw: ImageDraw.ImageDraw, fine: float) -> None:
        for start, end in beams:
            corners = ((start - 0.01, -0.3), (start + 0.01, -0.3), (end + 0.13, 0.9), (end - 0.13, 0.9))
            draw.polygon([(x * fine, y * fine) for x, y in (canvas.at(*corner) for corner in corners)], fill=34)

    mask = shape(canvas.size, paint).filter(ImageFilter.BoxBlur(max(1, canvas.width // 160)))
    return filled(mask, (mix(palette.glow, (255, 255, 255), 0.3),))


def _space(canvas: Canvas, palette: Palette, dice: random.Random) -> tuple[Layer, ...]:
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


backdrops: dict[str, Backdrop] = {
    "hills": Backdrop(_hills, ground=0.83),
    "sea": Backdrop(_sea, ground=0.70, mirror=0.28, water=True),
    "forest": Backdrop(_forest, ground=0.83),
    "city": Backdrop(_city, ground=0.84, mirror=0.35),
    "road": Backdrop(_road, ground=0.79, mirror=0.42),
    "studio": Backdrop(_studio, ground=0.79, mirror=0.30),
    "stage": Backdrop(_stage, ground=0.83, mirror=0.18),
    "space": Backdrop(_space, ground=0.72),
}
