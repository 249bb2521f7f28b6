"""Reference pictures that appear in a clip: on cards that hang in its air; what is cut out hangs there without one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from kling_pipe.simulator.media_film import Planes

_most = 7  # as many as the service takes (native page, section 12, omni-video)


@dataclass(frozen=True, slots=True)
class Card:
    """A picture on its card and the middle it hangs around, in frame sides."""

    face: Planes
    x: float
    y: float


def as_subjects(pictures: Sequence[Image.Image], size: tuple[int, int]) -> tuple[Card, ...]:
    """Large, over the whole frame: the pictures are what the clip shows."""
    shown = pictures[:_most]
    columns, rows = _grid(len(shown), size)
    cell = 0.88 / columns, 0.66 / rows
    most = size[0] * cell[0] * 0.84, size[1] * cell[1] * 0.88
    cards = []
    for number, picture in enumerate(shown):
        row, column = divmod(number, columns)
        alone = min(columns, len(shown) - row * columns)
        x = 0.5 + (column - (alone - 1) / 2) * cell[0]
        cards.append(Card(_face(picture, most, (-1) ** number * 2.4), x, 0.12 + (row + 0.5) * cell[1]))
    return tuple(cards)


def as_insets(pictures: Sequence[Image.Image], size: tuple[int, int], foot: int) -> tuple[Card, ...]:
    """Small, in a row above the caption: the pictures are what the clip was made with."""
    shown = pictures[:_most]
    side = min(size[1] * 0.24, size[0] * 0.86 / len(shown) * 0.9) if shown else 0.0
    step = min(side * 1.12, size[0] * 0.86 / max(1, len(shown)))
    y = (foot - side * 0.62) / size[1]
    return tuple(
        Card(
            _face(picture, (side, side), (-1) ** number * 2.0),
            1 - (side * 0.66 + step * (len(shown) - 1 - number)) / size[0],
            y,
        )
        for number, picture in enumerate(shown)
    )


def hung(frames: Iterator[Planes], cards: Sequence[Card], fps: int, *, rise: bool) -> Iterator[Planes]:
    """The frames with the cards in them, swaying; with `rise` they come up one by one after the first moments."""
    for number, planes in enumerate(frames):
        seconds = number / fps
        for place, card in enumerate(cards):
            up = _risen((seconds - 0.25 - 0.14 * place) / 0.6) if rise else 1.0
            if up <= 0:
                continue
            _hang(planes, card, seconds, place, up)
        yield planes


def _hang(planes: Planes, card: Card, seconds: float, place: int, up: float) -> None:
    width, height = planes.size
    x = card.x * width + width * 0.010 * math.sin(seconds * 1.1 + place * 1.9)
    y = card.y * height + height * 0.014 * math.sin(seconds * 1.5 + place * 2.6)
    y += (1 - up) * (height - card.y * height + card.face.size[1])
    planes.paste(card.face, round(x - card.face.size[0] / 2), round(y - card.face.size[1] / 2))


def _risen(part: float) -> float:
    """From 0 to 1, a little beyond it and back."""
    if part <= 0:
        return 0.0
    rest = 1 - min(1.0, part)
    return 1 - rest**3 * (1 - 1.9 * (1 - rest))


def _grid(count: int, size: tuple[int, int]) -> tuple[int, int]:
    """Columns and rows in which square cards are largest."""

    def side(columns: int) -> float:
        rows = -(-count // columns)
        return min(size[0] * 0.88 / columns, size[1] * 0.66 / rows)

    best = max(range(1, max(1, count) + 1), key=side)
    return best, max(1, -(-count // best))


def _face(picture: Image.Image, most: tuple[float, float], tilt: float) -> Planes:
    """The picture with a light rim and a shadow, a little askew; a cut-out keeps its own shape."""
    room = max(4, round(min(most) * 0.07) & ~1)
    box = max(8, round(most[0]) - 2 * room), max(8, round(most[1]) - 2 * room)
    cut = "A" in picture.getbands() and picture.getchannel("A").getextrema()[0] < 128  # type: ignore[operator]
    sheet = _cut_out(picture, box) if cut else _carded(picture, box)
    whole = Image.new("RGBA", (sheet.width + 2 * room, sheet.height + 2 * room), (0, 0, 0, 0))
    whole.paste(sheet, (room, room))
    whole = whole.rotate(0 if cut else tilt, Image.Resampling.BICUBIC)
    shadow = Image.new("RGBA", whole.size, (4, 6, 14, 0))
    shadow.putalpha(
        whole.getchannel("A").filter(ImageFilter.GaussianBlur(room * 0.42)).point([v * 9 // 20 for v in range(256)])
    )
    fallen = Image.new("RGBA", whole.size, (4, 6, 14, 0))
    fallen.paste(shadow, (0, room // 4))
    fallen.alpha_composite(whole)
    return Planes.of(fallen.crop((0, 0, fallen.width & ~1, fallen.height & ~1)))


def _carded(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    """In a rounded white rim, in its own ratio unless that is extreme."""
    ratio = min(1.78, max(0.5625, picture.width / picture.height))
    wide = min(box[0], round(box[1] * ratio))
    size = max(4, wide), max(4, round(wide / ratio))
    rim = max(2, min(size) // 34)
    inner = ImageOps.fit(
        picture.convert("RGB"), (size[0] - 2 * rim, size[1] - 2 * rim), Image.Resampling.LANCZOS, centering=(0.5, 0.36)
    )
    card = Image.new("RGBA", size, (250, 250, 248, 255))
    card.paste(inner, (rim, rim))
    mask = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), rim * 5, fill=255)
    card.putalpha(mask.reduce(2))
    return card


def _cut_out(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    solid = picture.getchannel("A").getbbox() or (0, 0, *picture.size)
    return ImageOps.contain(picture.convert("RGBA").crop(solid), box, Image.Resampling.LANCZOS)
