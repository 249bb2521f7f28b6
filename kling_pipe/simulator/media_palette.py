"""The colours a prompt asks for: its words choose a mood, its colour words an accent, the seed the rest."""

from __future__ import annotations

import colorsys
import random
import re
from dataclasses import dataclass, replace

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """A scene's light: `sky` from zenith to horizon, `far`, `near` for ranges, `ground` below, `accent` on things."""

    sky: tuple[Colour, ...]
    glow: Colour
    far: Colour
    near: Colour
    ground: Colour
    accent: Colour
    dark: bool = False


def words_of(prompt: str) -> frozenset[str]:
    """The prompt's words in lower case, plurals also without their s, Chinese text sign by sign pair."""
    text = prompt.lower()
    words = set(re.findall(r"[^\W\d_]+", text))
    words |= {word[:-1] for word in words if word.endswith("s")}
    words |= {text[at : at + size] for size in (1, 2) for at in range(len(text)) if text[at] > "\u2e7f"}
    return frozenset(words)


def palette_of(words: frozenset[str], dice: random.Random) -> Palette:
    """The mood whose words are named first in the table; any mood of the calm ones when none is named."""
    named = next((mood for names, mood in _named if names & words), None)
    palette = moods[named] if named else moods[dice.choice(_calm)]
    accent = next((colour for word, colour in _colours.items() if word in words), None)
    return replace(_tinted(palette, dice.uniform(-0.012, 0.012)), accent=accent or _accent(palette, dice))


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """`part` of the other colour in the one."""
    a, b, c = (round(x + (y - x) * part) for x, y in zip(one, other, strict=True))
    return a, b, c


def shade(colour: Colour, light: float) -> Colour:
    """Lighter above 1, darker below."""
    a, b, c = (max(0, min(255, round(x * light))) for x in colour)
    return a, b, c


def _hex(*texts: str) -> tuple[Colour, ...]:
    return tuple((int(t[:2], 16), int(t[2:4], 16), int(t[4:], 16)) for t in texts)


def _palette(sky: str, rest: str, *, dark: bool = False) -> Palette:
    glow, far, near, ground, accent = _hex(*rest.split())
    return Palette(_hex(*sky.split()), glow, far, near, ground, accent, dark)


moods: dict[str, Palette] = {
    "golden": _palette("35477d 8a6a94 f0986a ffd28a", "fff0c0 a8708a 4a3350 2f2238 e8663c"),
    "dawn": _palette("5a78b8 a99fd0 f4b8c0 ffe3cc", "fff4e0 8f8fbe 4d5484 3a4066 ef7a85"),
    "day": _palette("2f7fd0 6fb2ea b5def5 e9f7fb", "ffffff 86b3bd 3d7a68 2e5c48 f2a33a"),
    "night": _palette("070b1f 131a44 2a2a6b 57428c", "cfd8ff 1b2050 0d1130 0a0d24 35d0e8", dark=True),
    "neon": _palette("0a0620 240c4a 6a1470 d42a84", "ff9ad8 341260 150830 120624 22e6e0", dark=True),
    "mist": _palette("8d9cab abb7c0 ccd4d6 e6e8e4", "ffffff a5b1b6 5f7076 4a585c d98e4a"),
    "snow": _palette("4b7fb8 8db8dd c9e1f0 f4fafd", "ffffff b4cfe2 7fa3c2 e4eef6 e0523f"),
    "autumn": _palette("6a7f9c b0a3a0 e6bd8e f8dfb0", "fff2cc b5824f 7a4526 51301e d9482b"),
    "spring": _palette("6cb7dc a6d8dc d9efd0 f7f7da", "fffef0 98c59a 4c8a58 386b46 f07aa0"),
    "desert": _palette("3f78a8 8fb0b8 e8c99c f9e3ba", "fff4d6 d09a66 a8663d 8a4e30 2b7f8c"),
    "noir": _palette("16181c 33373d 61666d a2a6a9", "f4f4f0 4a4e54 1f2226 17191c d8d8d0", dark=True),
    "studio": _palette("d8dde4 e6e6e6 efe9e2 f6f1ea", "ffffff cfd0d4 a7a5a8 c9c2ba 2f6fb0"),
}

_calm = ("golden", "dawn", "day", "mist", "spring")
_named: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset(("neon", "cyberpunk", "synthwave", "club", "arcade", "霓虹")), "neon"),
    (frozenset(("golden", "sunset", "dusk", "warm", "evening", "amber", "candle", "日落", "黄昏", "金色")), "golden"),
    (frozenset(("night", "midnight", "moon", "moonlit", "star", "galaxy", "space", "dark", "夜", "星")), "night"),
    (frozenset(("dawn", "sunrise", "morning", "pastel", "dream", "pink", "早晨", "清晨")), "dawn"),
    (frozenset(("noir", "monochrome", "moody", "black")), "noir"),
    (frozenset(("snow", "snowy", "winter", "ice", "frozen", "arctic", "glacier", "cold", "雪", "冬")), "snow"),
    (frozenset(("autumn", "fall", "october", "harvest", "rust", "秋")), "autumn"),
    (frozenset(("desert", "dune", "sand", "canyon", "沙漠")), "desert"),
    (
        frozenset(("fog", "foggy", "mist", "misty", "haze", "rain", "rainy", "storm", "overcast", "grey", "雨", "雾")),
        "mist",
    ),
    (frozenset(("spring", "meadow", "garden", "blossom", "flower", "fresh", "春", "花")), "spring"),
    (frozenset(("studio", "product", "packshot", "minimal", "white", "clean", "backdrop")), "studio"),
    (frozenset(("day", "daylight", "noon", "sunny", "summer", "blue", "bright", "beach", "夏", "海")), "day"),
)
_colours: dict[str, Colour] = {
    "red": (214, 48, 49), "crimson": (190, 30, 60), "orange": (240, 130, 40), "yellow": (245, 205, 60),
    "gold": (222, 178, 80), "green": (60, 160, 90), "emerald": (20, 140, 100), "teal": (24, 150, 150),
    "turquoise": (50, 200, 190), "blue": (50, 110, 215), "navy": (30, 50, 110), "purple": (130, 70, 190),
    "violet": (140, 90, 210), "magenta": (214, 50, 150), "pink": (240, 120, 165), "brown": (130, 85, 55),
    "white": (240, 240, 236), "black": (38, 38, 44), "silver": (190, 195, 204), "grey": (130, 134, 140),
    "红": (214, 48, 49), "蓝": (50, 110, 215), "绿": (60, 160, 90),
}  # fmt: skip


def _accent(palette: Palette, dice: random.Random) -> Colour:
    return _turned(palette.accent, dice.choice((0.0, 0.0, 0.05, -0.05, 0.5)))


def _tinted(palette: Palette, turn: float) -> Palette:
    return replace(
        palette,
        sky=tuple(_turned(colour, turn) for colour in palette.sky),
        far=_turned(palette.far, turn),
        near=_turned(palette.near, turn),
    )


def _turned(colour: Colour, turn: float) -> Colour:
    hue, light, colourful = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1.0, light, colourful)
    return round(red * 255), round(green * 255), round(blue * 255)
