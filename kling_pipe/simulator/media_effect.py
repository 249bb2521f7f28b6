"""Effects: one or two pictures that move as an effect's name promises, with what flies through the air in it."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageFilter, ImageOps

from kling_pipe.simulator.media_camera import Still, View, ease
from kling_pipe.simulator.media_figure import dance
from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_gesture import Gesture, bands
from kling_pipe.simulator.media_motion import bent
from kling_pipe.simulator.media_sprite import Shower

Motion = Callable[[Still, float, float], Planes]


def caption_of(effect: str) -> str:
    """The effect's name for people."""
    return f"effect: {re.sub(r'[_]+', ' ', effect).strip()}"


@dataclass(frozen=True, slots=True)
class Effect:
    """How a picture moves, and what flies."""

    motion: Motion
    sprite: str = ""


def effect_of(name: str) -> Effect:
    """What the words of the name say; where they say nothing, the name itself chooses, always alike."""
    words = name.lower().replace("_", " ")
    dice = random.Random(f"{name}/effect")
    motion = next((motion for pattern, motion in _motions if re.search(pattern, words)), None)
    sprite = next((sprite for pattern, sprite in _sprites if re.search(pattern, words)), None)
    return Effect(motion or dice.choice((_dancing, _pulsing, _floating)), sprite or dice.choice(("star", "confetti")))


def effected(
    pictures: Sequence[Image.Image], name: str, size: tuple[int, int], fps: int, count: int, seed: int
) -> Iterator[Planes]:
    """The frames: it begins on the picture, or on both side by side, and moves from there."""
    effect = effect_of(name)
    shower = Shower.of(effect.sprite, size, f"{seed}/{name}")
    moved = (
        _together(pictures, size, fps, count) if len(pictures) > 1 else _alone(pictures[0], effect, size, fps, count)
    )
    for number, planes in enumerate(moved):
        seconds = number / fps
        shower.fall(planes, seconds, ease(seconds / 1.2))
        yield planes


def _alone(picture: Image.Image, effect: Effect, size: tuple[int, int], fps: int, count: int) -> Iterator[Planes]:
    still = Still.of(picture, size, 0.12)
    twos = 2 if fps >= 20 else 1
    planes = still.seen(View())
    for number in range(count):
        if number % twos == 0 and number:
            planes = effect.motion(still, number / fps, number / count)
        yield planes.copy()


def _together(pictures: Sequence[Image.Image], size: tuple[int, int], fps: int, count: int) -> Iterator[Planes]:
    """Two pictures as halves that lean towards each other, meet softly and part again."""
    half = size[0] // 2 & ~1, size[1]
    wide = (half[0] + max(8, size[0] // 20)) & ~1, size[1]
    sides = [_leaf(picture, wide, half, left=number == 0) for number, picture in enumerate(pictures[:2])]
    ground = Planes.of(_ground(pictures[:2], size))
    for number in range(count):
        seconds = number / fps
        near = (
            size[0]
            * 0.06
            * math.sin(math.pi * min(1.0, ease(seconds / 1.4)) / 2)
            * (1 - 0.16 * math.sin(seconds * 2.6))
        )
        planes = ground.copy()
        lift = size[1] * 0.008 * math.sin(seconds * 3.1)
        planes.paste(sides[0], round(near), round(lift))
        planes.paste(sides[1], round(size[0] - wide[0] - near), round(-lift))
        yield planes


def _leaf(picture: Image.Image, size: tuple[int, int], half: tuple[int, int], *, left: bool) -> Planes:
    """A picture for one half, whole there and fading out beyond the middle."""
    core = ImageOps.fit(picture.convert("RGB"), half, Image.Resampling.LANCZOS, centering=(0.5, 0.36))
    sheet = Image.new("RGB", size)
    over = size[0] - half[0]
    mirror = ImageOps.mirror(core)
    sheet.paste(core, (0 if left else over, 0))
    sheet.paste(
        mirror.crop((0, 0, over, size[1])) if left else mirror.crop((half[0] - over, 0, *half)),
        (half[0] if left else 0, 0),
    )
    fade = Image.linear_gradient("L").rotate(90 if left else 270).resize((over, size[1]))
    mask = Image.new("L", size, 255)
    mask.paste(ImageOps.invert(fade), (half[0] if left else 0, 0))
    sheet.putalpha(mask)
    return Planes.of(sheet)


def _ground(pictures: Sequence[Image.Image], size: tuple[int, int]) -> Image.Image:
    """What is seen behind halves that have moved: both pictures, out of focus."""
    ground = Image.new("RGB", size)
    for number, picture in enumerate(pictures):
        ground.paste(ImageOps.fit(picture.convert("RGB"), (size[0] // 2 + 1, size[1])), (number * (size[0] // 2), 0))
    small = ground.resize((max(2, size[0] // 12), max(2, size[1] // 12)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(2)).resize(size, Image.Resampling.BICUBIC)


def _gesture(lean: float, bounce: float, reach: float = 0.0) -> Gesture:
    """A body that leans from the feet up."""
    return Gesture(tuple(lean * (1 - band / bands) for band in range(bands)), bounce, reach)


def _dancing(still: Still, seconds: float, part: float) -> Planes:
    pose = dance(seconds, 1.6)
    begun = ease(seconds / 0.5)
    inner = Still(still.planes.crop(*still.edge, still.size), still.size, (0, 0))
    return bent(
        inner, _gesture(pose.sway * 1.1 * begun, -pose.bounce * 1.6 * begun, 0.12 * math.sin(seconds * 5) * begun)
    )


def _pulsing(still: Still, seconds: float, part: float) -> Planes:
    beat = abs(math.sin(seconds * 2.9))
    return still.seen(
        View(1 + 0.10 * ease(seconds / 0.8) * beat**3 + 0.05 * part, 0, 0, 1.2 * math.sin(seconds * 1.45))
    )


def _floating(still: Still, seconds: float, part: float) -> Planes:
    begun = ease(seconds / 1.5)
    return still.seen(
        View(
            1 + 0.09 * begun,
            0.025 * math.sin(seconds * 0.9),
            -0.032 * math.sin(seconds * 1.3),
            1.8 * math.sin(seconds * 0.7),
        )
    )


def _shaking(still: Still, seconds: float, part: float) -> Planes:
    """Blows: every second or so one, dying away."""
    blow = math.exp(-3.2 * ((seconds + 0.55) % 1.1)) if seconds > 0.5 else 0.0
    zoom = 1 + 0.06 * ease(seconds / 0.5) + 0.07 * blow
    x, y = 0.022 * blow * math.sin(seconds * 71), 0.022 * blow * math.sin(seconds * 53)
    return still.seen(View(zoom, x, y, 1.6 * blow * math.sin(seconds * 47)))


def _circling(still: Still, seconds: float, part: float) -> Planes:
    """Round it in slow motion: in, a turn to either side, and out."""
    arc = math.sin(math.pi * ease(part))
    return still.seen(
        View(1 + 0.42 * arc, 0.07 * math.sin(math.tau * part) * arc, -0.03 * arc, 9 * math.sin(math.tau * part) * arc)
    )


def _riding(still: Still, seconds: float, part: float) -> Planes:
    begun = ease(seconds / 0.8)
    x, y = 0.03 * math.sin(seconds * 1.1), 0.012 * abs(math.sin(seconds * 9))
    return still.seen(View(1 + 0.14 * begun, x * begun, y * begun, -2.0 * begun * math.sin(seconds * 1.1)))


_motions: tuple[tuple[str, Motion], ...] = (
    (
        r"danc|sway|shake|swing|jazz|twist|hip|pop|wiggl|squeeze|jump|trampoline|exercise|kick|martial|funk|swish",
        _dancing,
    ),
    (r"bullet|360|teleport|transition|zoom|reveal|transform|memory|photo|look|gallery", _circling),
    (
        r"explo|crash|gun|boom|bomb|fight|rampage|shark|boss|collaps|scream|escape|fire|lightning|door|baseball",
        _shaking,
    ),
    (r"drive|ride|moto|skate|surf|\brun|ski|board|express|flyer|delivery|sedan|snatch", _riding),
    (r"fly|wing|carpet|balloon|broom|angel|sky|float|elf|spirit|fairy|magic|wizard|cloak|snow|advent", _floating),
    (r"heart|kiss|hug|love|birthday|new year|horse|lucky|fortune|red packet|money|rich|rain|santa|christmas", _pulsing),
)
_sprites: tuple[tuple[str, str], ...] = (
    (r"heart|kiss|love|hug|marry|pucker|bouquet|valentin", "heart"),
    (r"snow|santa|christmas|winter|frost|\bski|ice|building sweater", "flake"),
    (r"rich|dollar|money|wealth|fortune|lucky|packet|laicai|prosper|gold|coin", "coin"),
    (r"bloom|flora|spring|flower|petal|garden|bouquet", "petal"),
    (r"fire|explo|gun|crash|spark|lightning|dragon|smoke|bomb|moto|drive|lantern", "spark"),
    (r"birthday|new year|cheers|party|success|toast|festival|pop|dance|parade|greeting|countdown|dance", "confetti"),
    (r"star|magic|wizard|witch|wing|angel|fairy|elf|spirit|charm|sceptre|scepter|wand|memory|sky|teleport", "star"),
    (r"bubble|fish|shark|swim|dishwasher|surf", "bubble"),
)  # fmt: skip
