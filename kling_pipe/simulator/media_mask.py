"""Masks: what of a picture is the thing or the person, a head, a face, clothes; white where it is, black elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from kling_pipe.simulator.media_body import Body, body_in
from kling_pipe.simulator.media_figure import Outfit, draw_figure, standing
from kling_pipe.simulator.media_palette import Colour

Box = tuple[int, int, int, int]

_black, _white = (0, 0, 0), (255, 255, 255)
_fine = 2  # figures are drawn at twice their size, for smooth edges
_small = 160  # the longer side things are looked for at
_rim = 0.08  # of the width left and right that shows the background


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture and who was found in it; None when nobody was."""

    picture: Image.Image
    body: Body | None

    @staticmethod
    def of(picture: Image.Image) -> Sight:
        return Sight(picture, body_in(picture))

    @property
    def hair(self) -> Colour | None:
        """The colour above the face."""
        if self.body is None:
            return None
        return _colour(self.picture.convert("RGB"), self.body.x, self.body.y - self.body.height * 0.068)

    @property
    def has_skirt(self) -> bool:
        """Whether what the trunk wears goes on beside the legs."""
        if self.body is None:
            return False
        body, near = self.body, self.picture.convert("RGB").filter(ImageFilter.BoxBlur(2))
        trunk = _colour(near, body.x, body.y + body.height * 0.27)
        beside = [_colour(near, body.x + side * body.height * 0.10, body.y + body.height * 0.60) for side in (-1, 1)]
        return all(sum(abs(a - b) for a, b in zip(trunk, one, strict=True)) < 110 for one in beside)


def segment(picture: Image.Image, words: str) -> Image.Image:
    """A mask of what the words name first: an object, a head, a face or clothes."""
    told = words.lower()
    part = next((name for name in _parts if name in told), "object")
    return _parts[part](Sight.of(picture))


def thing_in(sight: Sight) -> Image.Image:
    """The person where there is one, else what stands out before the background."""
    if sight.body is None:
        return _thing(sight.picture)
    outfit = Outfit(_white, _white, _white, _white, _white, skirt=sight.has_skirt)
    return ImageChops.lighter(_figure(sight, outfit), head_in(sight))


def without_thing(picture: Image.Image) -> Image.Image:
    """The picture with the person or thing painted over by what is left and right of it."""
    sight = Sight.of(picture)
    mask = _standing_out(picture) if sight.body is None else thing_in(sight)
    box = mask.getbbox() if mask else None
    if mask is None or box is None:
        return picture
    reach = max(4, picture.width // 40)
    left, top = max(0, box[0] - reach), max(0, box[1] - reach)
    right, bottom = min(picture.width, box[2] + reach), min(picture.height, box[3] + reach)
    sides = Image.new("RGB", (2, bottom - top))
    sides.paste(picture.crop((left, top, left + 1, bottom)), (0, 0))
    sides.paste(picture.crop((right - 1, top, right, bottom)), (1, 0))
    behind = sides.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    hole = Image.new("L", behind.size, 0)
    hole.paste(255, (reach // 2, reach // 2, behind.width - reach // 2, behind.height - reach // 2))
    empty = picture.copy()
    empty.paste(behind, (left, top), hole.filter(ImageFilter.GaussianBlur(reach / 4)))
    return empty


def clothes_in(sight: Sight, *, top: bool = False) -> Image.Image:
    """What a person wears, or only what is worn above; of a thing its lower two thirds."""
    if sight.body is None:
        mask = _thing(sight.picture)
        box = mask.getbbox() or (0, 0, *mask.size)
        mask.paste(0, (0, 0, mask.width, box[1] + (box[3] - box[1]) // 3))
        return mask
    legs = _black if top else _white
    return _figure(sight, Outfit(_black, _black, _white, legs, legs, skirt=sight.has_skirt))


def head_in(sight: Sight) -> Image.Image:
    """Face and hair; of a thing its upper part."""
    return _round(sight, (1.22, 1.28, 1.22, 0.75), (1.0, 0.86, 1.0, 1.0), long=sight.has_skirt)


def _face(sight: Sight) -> Image.Image:
    return _round(sight, (1.0, 0.86, 1.0, 1.0), fringe=sight.body is not None)


_parts: dict[str, Callable[[Sight], Image.Image]] = {
    "head": head_in, "face": _face, "cloth": clothes_in, "object": thing_in,
}  # fmt: skip


def _figure(sight: Sight, outfit: Outfit) -> Image.Image:
    """The figure in black and white, as `media_figure` draws it where this body stands."""
    body, size = sight.body, sight.picture.size
    assert body is not None  # both callers have asked
    sheet = Image.new("RGB", (size[0] * _fine, size[1] * _fine), _black)
    foot = body.foot
    draw_figure(sheet, (foot[0] * _fine, foot[1] * _fine), body.height * _fine, standing, outfit)
    return sheet.convert("L").point([0 if value < 128 else 255 for value in range(256)]).reduce(_fine)


def _round(
    sight: Sight, *ovals: tuple[float, float, float, float], fringe: bool = False, long: bool = False
) -> Image.Image:
    """Ovals around a face, each as far left, up, right and down as told, in its own half sides."""
    x, y, wide, tall = (value * _fine for value in _face_of(sight))
    sheet = Image.new("L", (sight.picture.width * _fine, sight.picture.height * _fine), 0)
    draw = ImageDraw.Draw(sheet)
    if long:
        draw.rounded_rectangle((x - wide * 1.25, y - tall * 0.6, x + wide * 1.25, y + tall * 1.9), wide, fill=255)
    for left, up, right, down in ovals:
        draw.ellipse((x - wide * left, y - tall * up, x + wide * right, y + tall * down), fill=255)
    if fringe:
        draw.chord((x - wide * 1.12, y - tall * 1.24, x + wide * 1.12, y + tall * 0.46), 185, 355, fill=0)
    return sheet.reduce(_fine)


def _face_of(sight: Sight) -> tuple[float, float, float, float]:
    """Middle and half sides of the face; of a thing, of its upper part."""
    if sight.body is not None:
        return sight.body.x, sight.body.y, sight.body.height * 0.050, sight.body.height * 0.064
    left, top, right, bottom = _thing(sight.picture).getbbox() or (0, 0, *sight.picture.size)
    tall = (bottom - top) * 0.17
    return (left + right) / 2, top + tall * 1.3, min(tall * 0.8, (right - left) * 0.4), tall


def _thing(picture: Image.Image) -> Image.Image:
    """What stands out, or the middle where nothing does."""
    found = _standing_out(picture)
    if found is None:
        found = Image.new("L", picture.size, 0)
        ImageDraw.Draw(found).ellipse([side * part for part in (0.25, 0.75) for side in picture.size], fill=255)
    return found


def _standing_out(picture: Image.Image) -> Image.Image | None:
    """What differs from the colours at the left and right rim of its own row, in one piece and without dents."""
    scale = _small / max(picture.size)
    size = max(16, round(picture.width * scale)), max(16, round(picture.height * scale))
    small = picture.convert("RGB").resize(size, Image.Resampling.BOX)
    rim = max(1, round(size[0] * _rim))
    sides = [small.crop(box).resize((1, size[1]), Image.Resampling.BOX)
             for box in ((0, 0, rim, size[1]), (size[0] - rim, 0, size[0], size[1]))]  # fmt: skip
    across = Image.new("RGB", (2, size[1]))
    across.paste(sides[0], (0, 0))
    across.paste(sides[1], (1, 0))
    behind = across.resize(size, Image.Resampling.BILINEAR)
    other = ImageOps.grayscale(ImageChops.difference(small, behind)).filter(ImageFilter.BoxBlur(1))
    least = _threshold(other) * 0.7
    parted = other.point([255 if value >= least else 0 for value in range(256)])
    closed = _eased(_eased(parted, 5, grow=True), 9, grow=False)
    piece = _hull(_middle_piece(closed))
    box = piece.getbbox() or (0, 0, *size)
    at_rim = [box[0] <= 1, box[1] <= 1, box[2] >= size[0] - 1, box[3] >= size[1] - 1]
    share = sum(piece.histogram()[128:]) / (size[0] * size[1])
    if not 0.015 < share < 0.6 or sum(at_rim) > 1:
        return None
    grown = piece.filter(ImageFilter.GaussianBlur(1.6)).resize(picture.size, Image.Resampling.BICUBIC)
    return grown.point([max(0, min(255, (value - 112) * 8)) for value in range(256)])


def _eased(mask: Image.Image, wide: int, *, grow: bool) -> Image.Image:
    """Gaps closed, or with `grow` false thin parts taken off."""
    more, less = ImageFilter.MaxFilter(wide), ImageFilter.MinFilter(wide)
    return mask.filter(more).filter(less) if grow else mask.filter(less).filter(more)


def _hull(mask: Image.Image) -> Image.Image:
    """The mask with its dents filled: the smallest shape around it without any (Andrew's chain)."""
    wide, data = mask.width, mask.tobytes()
    rows = [data[row * wide : (row + 1) * wide] for row in range(mask.height)]
    rims = [(end, row) for row, line in enumerate(rows) if any(line)
            for end in (line.index(255), wide - 1 - line[::-1].index(255))]  # fmt: skip
    hull = [*_side(sorted(rims)), *_side(sorted(rims, reverse=True))]
    sheet = Image.new("L", mask.size, 0)
    if len(hull) > 2:
        ImageDraw.Draw(sheet).polygon(hull, fill=255)
    return sheet


def _side(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    side: list[tuple[int, int]] = []
    for x, y in points:
        while len(side) > 1:
            (ax, ay), (bx, by) = side[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            side.pop()
        side.append((x, y))
    return side[:-1]


def _threshold(grey: Image.Image) -> int:
    """Otsu's: the level that parts the darker from the lighter so that each is most alike."""
    counts = grey.histogram()
    total, whole = sum(counts), sum(level * count for level, count in enumerate(counts))
    best, found, below, weight = 0.0, 24, 0, 0.0
    for level, count in enumerate(counts[:-1]):
        below += count
        weight += level * count
        if 0 < below < total:
            apart = weight / below - (whole - weight) / (total - below)
            between = below * (total - below) * apart * apart
            if between > best:
                best, found = between, level + 1
    return max(12, found)


def _middle_piece(mask: Image.Image) -> Image.Image:
    """The piece nearest to the middle of the lower half, alone."""
    wide, tall = mask.size
    data = mask.tobytes()
    lit = [place for place in range(len(data)) if data[place]]
    if not lit:
        return mask
    nearest = min(lit, key=lambda place: abs(place % wide - wide / 2) + abs(place // wide - tall * 0.55))
    marked = mask.copy()
    ImageDraw.floodfill(marked, (nearest % wide, nearest // wide), 100)
    return marked.point([255 if value == 100 else 0 for value in range(256)])


def _colour(picture: Image.Image, x: float, y: float) -> Colour:
    place = min(picture.width - 1, max(0, int(x))), min(picture.height - 1, max(0, int(y)))
    red, green, blue = picture.getpixel(place)  # type: ignore[misc]
    return red, green, blue
