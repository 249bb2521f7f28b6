"""Things a prompt may name, as smooth silhouettes in a box one wide standing on y = 0, and how they are lit."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from kling_pipe.simulator.media_canvas import Point, gradient, smooth
from kling_pipe.simulator.media_palette import Colour, mix, shade

Tones = dict[str, Colour]


@dataclass(frozen=True, slots=True)
class Part:
    """One shape of a thing: a curve or a polygon in a tone (`accent`, `dark`, `light`, `mid`, `glass`)."""

    tone: str
    points: tuple[Point, ...]
    curved: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing: its parts from back to front; `tall` is its height for a width of 1, `size` its share of a scene."""

    parts: tuple[Part, ...]
    tall: float
    size: float = 0.5
    floats: bool = False


def _curve(tone: str, *numbers: float) -> Part:
    return Part(tone, tuple(zip(numbers[::2], numbers[1::2], strict=True)))


def _flat(tone: str, *numbers: float) -> Part:
    return Part(tone, tuple(zip(numbers[::2], numbers[1::2], strict=True)), curved=False)


def _round(tone: str, x: float, y: float, rx: float, ry: float) -> Part:
    return _curve(tone, x - rx, y, x - rx * 0.71, y - ry * 0.71, x, y - ry, x + rx * 0.71, y - ry * 0.71,
                  x + rx, y, x + rx * 0.71, y + ry * 0.71, x, y + ry, x - rx * 0.71, y + ry * 0.71)  # fmt: skip


subjects: dict[str, Subject] = {
    "shoe": Subject((
        _curve("accent", -.46, -.07, -.47, -.25, -.44, -.43, -.37, -.45, -.29, -.36, -.17, -.37, -.06, -.42, .02,
               -.36, .15, -.26, .32, -.20, .45, -.15, .48, -.07, .2, -.05, -.2, -.05),
        _curve("mid", -.46, -.08, -.46, -.24, -.40, -.26, -.30, -.20, -.24, -.08),
        _curve("mid", .22, -.08, .27, -.20, .38, -.18, .46, -.13, .47, -.08),
        _curve("mid", -.20, -.12, -.13, -.21, .02, -.21, .10, -.12, -.05, -.09),
        _flat("light", -.09, -.40, -.06, -.42, .03, -.29, .0, -.27),
        _flat("light", -.01, -.37, .02, -.39, .10, -.26, .07, -.24),
        _flat("light", .06, -.33, .09, -.34, .17, -.24, .14, -.22),
        _curve("light", -.48, -.04, -.48, -.08, -.40, -.09, -.2, -.075, .2, -.075, .40, -.085, .48, -.08, .49, -.05,
               .46, -.02, .38, -.01, -.38, -.01, -.46, -.015),
        _curve("dark", -.44, -.02, -.3, -.018, .3, -.018, .44, -.022, .42, .006, .3, .01, -.3, .01, -.42, .006),
    ), .47, .62),
    "bottle": Subject((
        _flat("dark", -.11, -1.50, .11, -1.50, .11, -1.28, -.11, -1.28),
        _curve("accent", -.09, -1.28, .09, -1.28, .11, -1.15, .30, -1.0, .36, -.85, .36, -.06, .30, .0, -.30, .0,
               -.36, -.06,
               -.36, -.85, -.30, -1.0, -.11, -1.15),
        _flat("light", -.27, -.72, .27, -.72, .27, -.26, -.27, -.26),
        _flat("mid", -.19, -.60, .19, -.60, .19, -.55, -.19, -.55),
        _flat("mid", -.13, -.46, .13, -.46, .13, -.43, -.13, -.43),
        _curve("glass", -.30, -.90, -.24, -.95, -.22, -.5, -.24, -.08, -.30, -.1),
    ), 1.5, .34),
    "cup": Subject((
        _curve("mid", .28, -.60, .50, -.56, .54, -.34, .40, -.18, .26, -.16, .28, -.26, .40, -.32, .42, -.46, .28,
               -.50),
        _curve("accent", -.38, -.70, .34, -.70, .30, -.25, .20, -.03, .0, .0, -.24, -.03, -.34, -.25),
        _round("light", -.02, -.70, .36, .07), _round("dark", -.02, -.695, .31, .05),
        _curve("glass", -.30, -.60, -.24, -.60, -.20, -.25, -.15, -.08, -.24, -.14),
        _curve("steam", -.14, -.82, -.06, -.95, -.14, -1.1, -.06, -1.2, -.02, -1.1, -.06, -.96, -.06, -.84),
        _curve("steam", .08, -.82, .16, -.93, .08, -1.06, .15, -1.15, .20, -1.05, .16, -.94, .16, -.84),
    ), 1.2, .36),
    "car": Subject((
        _curve("accent", -.49, -.10, -.50, -.20, -.42, -.25, -.27, -.27, -.15, -.40, .02, -.43, .17, -.40, .29,
               -.27, .43, -.23,
               .50, -.17, .49, -.08, .3, -.06, -.3, -.06),
        _curve("glass", -.20, -.27, -.12, -.37, -.01, -.395, -.01, -.27),
        _curve("glass", .03, -.27, .03, -.395, .14, -.37, .23, -.27),
        _flat("mid", -.46, -.155, .47, -.155, .47, -.14, -.46, -.14),
        _round("light", .46, -.185, .03, .02), _round("dark", -.29, -.085, .095, .09),
        _round("dark", .29, -.085, .095, .09),
        _round("light", -.29, -.085, .045, .043), _round("light", .29, -.085, .045, .043),
    ), .44, .66),
    "phone": Subject((
        _curve("dark", -.30, -1.30, -.24, -1.36, .24, -1.36, .30, -1.30, .30, -.04, .24, .0, -.24, .0, -.30, -.04),
        _flat("accent", -.26, -1.28, .26, -1.28, .26, -.08, -.26, -.08),
        _round("light", .0, -.86, .15, .15), _flat("light", -.18, -.52, .18, -.52, .18, -.47, -.18, -.47),
        _flat("mid", -.18, -.38, .06, -.38, .06, -.34, -.18, -.34),
        _flat("glass", -.26, -1.28, .02, -1.28, -.26, -.5),
    ), 1.36, .36),
    "boat": Subject((
        _flat("dark", -.015, -1.05, .015, -1.05, .015, -.16, -.015, -.16),
        _curve("light", .03, -1.02, .16, -.75, .38, -.28, .36, -.24, .04, -.24),
        _curve("accent", -.03, -.92, -.12, -.6, -.30, -.26, -.04, -.24),
        _curve("mid", -.46, -.18, .48, -.20, .38, -.02, .25, .03, -.26, .03, -.36, -.04),
    ), 1.05, .3, floats=True),
    "balloon": Subject((
        _curve("accent", .0, -1.30, .26, -1.24, .42, -1.02, .40, -.74, .22, -.46, .09, -.30, -.09, -.30, -.22,
               -.46, -.40, -.74,
               -.42, -1.02, -.26, -1.24),
        _curve("light", .0, -1.30, .11, -1.1, .13, -.8, .05, -.31, -.05, -.31, -.13, -.8, -.11, -1.1),
        _flat("dark", -.08, -.30, -.065, -.30, -.06, -.14, -.075, -.14),
        _flat("dark", .065, -.30, .08, -.30, .075, -.14, .06, -.14),
        _flat("mid", -.09, -.14, .09, -.14, .07, .0, -.07, .0),
    ), 1.3, .34, floats=True),
    "cat": Subject((
        _curve("accent", .20, -.06, .40, -.10, .50, -.30, .44, -.46, .40, -.42, .43, -.28, .36, -.16, .20, -.14),
        _curve("accent", -.22, .0, -.24, -.30, -.16, -.52, .0, -.60, .16, -.46, .28, -.20, .28, -.02),
        _curve("accent", -.26, -.70, -.30, -.92, -.16, -.82, -.02, -.82, .12, -.92, .08, -.70, .0, -.56, -.18, -.56),
        _curve("light", -.16, -.10, -.14, -.40, -.06, -.46, .02, -.38, .02, -.10),
        _round("dark", -.16, -.70, .022, .03),
        _round("dark", -.02, -.70, .022, .03), _round("mid", -.09, -.63, .022, .016),
    ), .92, .4),
    "rocket": Subject((
        _curve("accent", -.10, -.30, -.34, -.12, -.30, .0, -.08, -.10),
        _curve("accent", .10, -.30, .34, -.12, .30, .0, .08, -.10),
        _curve("light", .0, -1.25, .16, -.95, .18, -.45, .10, -.10, -.10, -.10, -.18, -.45, -.16, -.95),
        _curve("accent", .0, -1.25, .10, -1.1, .15, -.95, -.15, -.95, -.10, -1.1),
        _round("dark", .0, -.72, .085, .085), _round("glass", .0, -.72, .06, .06),
        _curve("mid", -.08, -.10, .08, -.10, .05, -.02, -.05, -.02),
    ), 1.25, .34, floats=True),
    "box": Subject((
        _flat("accent", -.42, -.66, .10, -.58, .10, .0, -.42, -.10),
        _flat("mid", .10, -.58, .44, -.68, .44, -.12, .10, .0),
        _flat("light", -.42, -.66, -.06, -.75, .44, -.68, .10, -.58),
        _flat("dark", -.30, -.40, -.04, -.36, -.04, -.29, -.30, -.33),
        _flat("light", -.19, -.625, -.11, -.61, -.11, -.04, -.19, -.055),
    ), .75, .44),
    "flower": Subject((
        _curve("leaf", -.02, .0, -.03, -.5, .0, -.8, .03, -.5, .03, .0),
        _curve("leaf", .0, -.12, .20, -.30, .36, -.34, .24, -.14),
        _curve("leaf", .0, -.22, -.18, -.42, -.34, -.44, -.22, -.24),
        _round("accent", -.17, -.88, .14, .15), _round("accent", .17, -.88, .14, .15),
        _round("accent", -.10, -1.06, .14, .15),
        _round("accent", .10, -1.06, .14, .15), _round("mid", .0, -.78, .14, .13),
        _round("light", .0, -.93, .09, .09),
    ), 1.2, .36),
    "watch": Subject((
        _curve("mid", -.16, -1.20, .16, -1.20, .20, -.85, -.20, -.85),
        _curve("mid", -.20, -.40, .20, -.40, .16, .0, -.16, .0),
        _round("accent", .0, -.62, .35, .35), _round("light", .0, -.62, .28, .28),
        _flat("dark", -.012, -.84, .012, -.84, .012, -.62, -.012, -.62),
        _flat("dark", .0, -.632, .16, -.54, .15, -.52, .0, -.605), _round("accent", .0, -.62, .03, .03),
        _round("mid", .38, -.62, .04, .05),
    ), 1.2, .36),
}  # fmt: skip

_names: dict[str, tuple[str, ...]] = {
    "shoe": ("shoe", "sneaker", "boot", "trainer", "trail", "鞋"),
    "bottle": ("bottle", "perfume", "wine", "whisky", "lotion", "serum", "shampoo", "drink", "瓶"),
    "cup": ("cup", "mug", "coffee", "tea", "latte", "espresso", "茶", "咖啡"),
    "car": ("car", "automobile", "coupe", "convertible", "taxi", "suv", "vehicle", "车"),
    "phone": ("phone", "smartphone", "tablet", "app", "手机"),
    "boat": ("boat", "ship", "sailboat", "yacht", "sail", "船"),
    "balloon": ("balloon", "airship"),
    "cat": ("cat", "kitten", "fox", "dog", "puppy", "猫", "狗"),
    "rocket": ("rocket", "spaceship", "shuttle", "火箭"),
    "flower": ("flower", "rose", "tulip", "blossom", "bouquet", "花"),
    "watch": ("watch", "clock", "jewelry", "表"),
    "box": ("box", "package", "product", "packshot", "parcel", "gift", "cube"),
}


def subject_of(words: frozenset[str]) -> str:
    """The thing the prompt names, empty when it names none of these."""
    return next((name for name, names in _names.items() if words & set(names)), "")


def tones_of(accent: Colour, light: Colour) -> Tones:
    """The colours of a thing's parts under a light."""
    lit = mix(accent, light, 0.10)
    return {
        "accent": lit, "mid": shade(lit, 0.68), "dark": mix(shade(accent, 0.2), (22, 22, 28), 0.7),
        "light": mix((244, 242, 238), light, 0.25), "glass": mix((196, 216, 232), light, 0.3),
        "leaf": (62, 122, 66), "steam": mix((250, 250, 250), light, 0.4),
    }  # fmt: skip


_see_through = {"glass": 150, "steam": 70}


def paint_subject(name: str, width: int, tones: Tones) -> Image.Image:
    """The thing alone on a transparent sheet, lit from the upper left; its foot is the sheet's foot."""
    subject = subjects[name]
    tall = subject.tall + 0.06
    fine = 2
    size = (max(2, round(width * 1.12)), max(2, round(width * tall)))
    sheet = Image.new("RGBA", (size[0] * fine, size[1] * fine), (*tones["accent"], 0))
    for part in subject.parts:
        mask = Image.new("L", sheet.size, 0)
        corners = smooth(part.points) if part.curved else part.points
        scale = width * fine
        at = [((x + 0.56) * scale, (y + tall - 0.02) * scale) for x, y in corners]
        ImageDraw.Draw(mask).polygon(at, fill=_see_through.get(part.tone, 255))
        _lay(sheet, tones[part.tone], mask)
    return _lit(sheet.reduce(fine))


def _lay(sheet: Image.Image, colour: Colour, mask: Image.Image) -> None:
    alpha = ImageChops.lighter(sheet.getchannel("A"), mask)
    sheet.paste((*colour, 255), (0, 0), mask)
    sheet.putalpha(alpha)


def _lit(sheet: Image.Image) -> Image.Image:
    """Lighter above, darker below and to the right."""
    alpha = sheet.getchannel("A")
    down = gradient(sheet.size, ((255, 255, 255), (235, 235, 235), (150, 150, 158)))
    across = gradient(sheet.size, ((255, 255, 255), (240, 240, 240), (190, 190, 196)), across=True)
    lit = ImageChops.multiply(ImageChops.multiply(sheet.convert("RGB"), down), across)
    lit.putalpha(alpha)
    return lit
