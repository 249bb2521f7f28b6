"""Trying on: a person's picture with the garment's picture on the trunk, in the folds and light of what was worn."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, ImageStat

from kling_pipe.simulator.media_body import Body
from kling_pipe.simulator.media_mask import Sight, clothes_in, thing_in


def try_on(person: Image.Image, garment: Image.Image, dice: random.Random) -> Image.Image:
    """The person dressed, with the garment shown small beside; the dice say how the cloth lies."""
    dressed = person.convert("RGB")
    sight = Sight.of(dressed)
    if sight.body is None:
        sight = Sight(dressed, _somebody(dressed.size))
    mask = clothes_in(sight, top=True)
    box = mask.getbbox()
    if box is not None:
        cloth = _cloth(garment, (box[2] - box[0], box[3] - box[1]), (dice.uniform(0.35, 0.65), dice.uniform(0.3, 0.7)))
        shaded = _in_folds(cloth, dressed.crop(box), mask.crop(box), dice.uniform(0.74, 0.92))
        dressed.paste(shaded, box[:2], mask.crop(box))
    _show(dressed, garment)
    return dressed


def _somebody(size: tuple[int, int]) -> Body:
    """Where somebody would stand in a picture in which nobody was found."""
    height = min(size[1] * 0.8, size[0] * 1.6)
    return Body(size[0] / 2, size[1] * 0.94 - height * 0.92, height)


def _cloth(garment: Image.Image, size: tuple[int, int], centre: tuple[float, float]) -> Image.Image:
    """The garment without what is around it, as large as the trunk."""
    if "A" in garment.getbands():
        solid = garment.getchannel("A").getbbox() or (0, 0, *garment.size)
        ground = Image.new("RGB", garment.size, _mean(garment.convert("RGB").crop(solid)))
        ground.paste(garment, (0, 0), garment.getchannel("A"))
        return ImageOps.fit(ground.crop(solid), size, Image.Resampling.LANCZOS, centering=centre)
    picture = garment.convert("RGB")
    sight = Sight.of(picture)
    found = clothes_in(sight, top=True) if sight.body else thing_in(sight)
    left, top, right, bottom = found.getbbox() or (0, 0, *picture.size)
    wide, tall = right - left, bottom - top
    inner = picture.crop((left + wide // 7, top + tall // 8, right - wide // 7, bottom - tall // 8))
    return ImageOps.fit(inner, size, Image.Resampling.LANCZOS, centering=centre)


def _in_folds(cloth: Image.Image, worn: Image.Image, mask: Image.Image, dark: float) -> Image.Image:
    """The cloth as light and dark as what was worn there, and a little darker at its rim."""
    grey = ImageOps.grayscale(worn)
    mean = ImageStat.Stat(grey, mask).mean[0] or 1.0
    folds = grey.point([min(255, round(200 * min(1.25, max(0.45, value / mean)))) for value in range(256)])
    rim = ImageOps.invert(mask.filter(ImageFilter.GaussianBlur(max(1.0, worn.width * 0.03))))
    shade = ImageChops.subtract(folds, rim.point([value // 5 for value in range(256)]))
    lit = ImageChops.multiply(cloth, Image.merge("RGB", (shade, shade, shade)))
    return lit.point([min(255, round(value / dark)) for value in range(256)] * 3)


def _mean(picture: Image.Image) -> tuple[int, int, int]:
    red, green, blue = (round(value) for value in ImageStat.Stat(picture).mean)
    return red, green, blue


def _show(picture: Image.Image, garment: Image.Image) -> None:
    """The garment on a card in the upper right corner."""
    side = round(min(picture.size) * 0.24)
    gap, rim = round(min(picture.size) * 0.03), max(2, side // 30)
    card = ImageOps.fit(_on_white(garment), (side, side), Image.Resampling.LANCZOS)
    left, top = picture.width - side - gap, gap * 2
    sheet = Image.new("L", ((side + 2 * rim) * 2, (side + 2 * rim) * 2), 0)
    ImageDraw.Draw(sheet).rounded_rectangle((0, 0, sheet.width - 1, sheet.height - 1), side // 5, fill=255)
    picture.paste((250, 250, 250), (left - rim, top - rim), sheet.reduce(2))
    inner = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(inner).rounded_rectangle((0, 0, side * 2 - 1, side * 2 - 1), side // 6, fill=255)
    picture.paste(card, (left, top), inner.reduce(2))


def _on_white(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands():
        return picture.convert("RGB")
    wall = Image.new("RGB", picture.size, (255, 255, 255))
    wall.paste(picture, (0, 0), picture.getchannel("A"))
    return wall
