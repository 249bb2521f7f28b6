"""Scenes: a prompt becomes a place in layers, with the thing or the person it names standing in it.

Everything is drawn from the prompt's words and a seed; the same order always gives the same picture.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageFilter

from kling_pipe.simulator.media_backdrop import backdrops
from kling_pipe.simulator.media_canvas import Canvas, Layer, glow, shape
from kling_pipe.simulator.media_figure import Outfit, Pose, cut_out, standing
from kling_pipe.simulator.media_palette import Colour, Palette, mix, palette_of, shade, words_of
from kling_pipe.simulator.media_subject import paint_subject, subject_of, subjects, tones_of


@dataclass(frozen=True, slots=True)
class Scene:
    """A place and who or what stands in it, undrawn: `subject` names a thing, `person` says that somebody is there."""

    words: frozenset[str]
    place: str
    palette: Palette
    subject: str
    person: bool
    dancing: bool
    seed: str

    def dice(self, use: str) -> random.Random:
        """Randomness of its own for each use, so that one more draw here changes nothing there."""
        return random.Random(f"{self.seed}/{use}")


_people = words_of(
    "portrait person woman man girl boy character figure dancer dance dancing ballerina model singer actor hero "
    "heroine runner athlete chef warrior knight astronaut king queen child kid mother father skater people 人 女 男 舞"
)
_dances = words_of("dance dancing dancer ballerina ballet hip hop choreography salsa 舞")
_places: tuple[tuple[str, frozenset[str]], ...] = (
    ("space", words_of("space galaxy planet nebula cosmos astronaut rocket 宇宙")),
    ("road", words_of("asphalt road street highway wet track pavement drive car race racing 路")),
    ("city", words_of("city skyline downtown tokyo york urban rooftop tower neon cyberpunk traffic 城 城市")),
    (
        "sea",
        words_of("sea ocean beach wave island lake boat ship sail harbour harbor coast surf shore water 海"),
    ),
    ("forest", words_of("forest wood tree jungle pine bamboo grove park 森林 林")),
    (
        "hills",
        words_of("hill mountain valley landscape desert dune field meadow peak alp cliff canyon sunrise 山"),
    ),
    (
        "stage",
        words_of("stage dance dancer dancing portrait singer concert spotlight character person figure club"),
    ),
    (
        "studio",
        words_of("studio product packshot still table minimal bottle perfume watch phone cup coffee box backdrop"),
    ),
)
_homes = {"cat": "hills", "flower": "hills", "balloon": "hills", "boat": "sea", "car": "road", "rocket": "space"}
_outdoors = words_of(
    "snow snowy winter night autumn spring garden sunset sunrise dusk golden rain fog mist moon grass 雪 夜"
)


def imagine(prompt: str, seed: int, number: int = 1) -> Scene:
    """Reads the prompt: where, in what light, and with what in it."""
    words = words_of(prompt)
    name = f"{seed}/{number}/{' '.join(sorted(words))}"
    dice = random.Random(f"{name}/choose")
    person = bool(words & _people)
    subject = "" if person else subject_of(words)
    place = next((place for place, names in _places if words & names), "")
    if not place:
        place = (
            "stage"
            if person
            else _homes.get(subject, "studio")
            if subject
            else dice.choice(("hills", "sea", "forest", "city"))
        )
    return Scene(words, place, palette_of(words, dice), subject, person, bool(words & _dances), name)


def _home(subject: str, words: frozenset[str]) -> str:
    """Where a thing stands when the prompt names no place."""
    return _homes.get(subject, "hills" if words & _outdoors else "studio")


def paint(scene: Scene, canvas: Canvas, pose: Pose | None = None, *, empty: bool = False) -> tuple[Layer, ...]:
    """The scene as layers from far to near; `empty` leaves the person out, for clips that draw it anew each frame."""
    place = backdrops[scene.place]
    layers = list(place.paint(canvas, scene.palette, scene.dice("place")))
    front = [layer for layer in layers if layer.depth > 1]
    behind = [layer for layer in layers if layer.depth <= 1]
    if scene.person:
        behind.append(Layer(_floor_shadow(scene, canvas), 1.0))
        if not empty:
            behind.append(Layer(_whole(canvas, *draw_person(scene, canvas, pose or standing)), 1.0))
    elif scene.subject:
        behind.append(Layer(_thing(scene, canvas), 1.0))
    return (*behind, *front)


def draw_person(scene: Scene, canvas: Canvas, pose: Pose) -> tuple[Image.Image, int, int]:
    """The person alone, and where on the canvas that piece lies."""
    foot, height = person_place(scene, canvas)
    return cut_out(canvas.size, foot, height, pose, _outfit(scene))


def person_place(scene: Scene, canvas: Canvas) -> tuple[tuple[float, float], float]:
    """Where the person's feet are on the canvas and how tall the person is."""
    height = min(canvas.height * 0.66, canvas.width * 0.92)
    return canvas.at(
        0.5 if canvas.width <= canvas.height else scene.dice("spot").choice((0.42, 0.5, 0.58)), 0.845
    ), height


def _whole(canvas: Canvas, piece: Image.Image, left: int, top: int) -> Image.Image:
    sheet = Image.new("RGBA", canvas.size, (0, 0, 0, 0))
    sheet.paste(piece, (left, top))
    return sheet


def _outfit(scene: Scene) -> Outfit:
    dice = scene.dice("outfit")
    skin = dice.choice(((246, 205, 175), (224, 172, 135), (181, 123, 88), (120, 78, 56)))
    hair = dice.choice(((38, 28, 30), (84, 52, 34), (150, 92, 48), (60, 60, 74)))
    light = scene.palette.glow
    accent = scene.palette.accent
    skirt = bool(scene.words & words_of("woman girl ballerina queen dress heroine mother 女")) or dice.random() < 0.25
    legs = mix((40, 44, 62), accent, 0.14)

    def lit(colour: Colour) -> Colour:
        return mix(shade(colour, 0.92 if scene.palette.dark else 1.0), light, 0.10)

    return Outfit(lit(skin), hair, lit(accent), lit(legs), (238, 236, 232), skirt)


def _floor_shadow(scene: Scene, canvas: Canvas) -> Image.Image:
    (x, y), height = person_place(scene, canvas)
    return _shadow(canvas.size, x, y + height * 0.012, height * 0.20, height * 0.028)


def _shadow(size: tuple[int, int], x: float, y: float, wide: float, tall: float) -> Image.Image:
    small = (max(2, size[0] // 4), max(2, size[1] // 4))
    box = ((x - wide) / 4, (y - tall) / 4, (x + wide) / 4, (y + tall) / 4)
    mask = shape(small, lambda draw, fine: draw.ellipse([value * fine for value in box], fill=150))
    mask = mask.filter(ImageFilter.BoxBlur(max(1, round(tall / 6)))).resize(size, Image.Resampling.BILINEAR)
    sheet = Image.new("RGB", size, (6, 6, 14))
    sheet.putalpha(mask)
    return sheet


def _thing(scene: Scene, canvas: Canvas) -> Image.Image:
    """The named thing on the ground, the water or in the air, with its shadow and its reflection."""
    subject, place = subjects[scene.subject], backdrops[scene.place]
    dice = scene.dice("thing")
    wide = min(canvas.unit * subject.size * 1.25, canvas.height * 0.52 / subject.tall, canvas.width * 0.78)
    image = paint_subject(scene.subject, round(wide), tones_of(scene.palette.accent, scene.palette.glow))
    x, y = canvas.at(dice.uniform(0.46, 0.54), place.ground)
    if subject.floats and not place.water:
        y -= canvas.height * 0.10
    sheet = Image.new("RGBA", canvas.size, (6, 6, 14, 0))
    if not subject.floats:
        sheet = _shadow(canvas.size, x, y, wide * 0.56, wide * 0.055)
    left, top = round(x - image.width / 2), round(y - image.height + wide * 0.02)
    if place.mirror:
        _mirrored(sheet, image, left, round(y - wide * 0.015), place.mirror)
    part = Image.new("RGBA", sheet.size, (0, 0, 0, 0))
    part.paste(image, (left, top))
    return Image.alpha_composite(sheet, part)


def _mirrored(sheet: Image.Image, image: Image.Image, left: int, top: int, strength: float) -> None:
    """The thing upside down, fading downwards."""
    flipped = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((image.width, max(1, round(image.height * 0.8))))
    fade = Image.linear_gradient("L").point([round((255 - v) * strength) for v in range(256)]).resize(flipped.size)
    alpha = Image.new("L", flipped.size, 0)
    alpha.paste(fade, (0, 0), flipped.getchannel("A"))
    flipped.putalpha(alpha)
    part = Image.new("RGBA", sheet.size, (0, 0, 0, 0))
    part.paste(flipped.filter(ImageFilter.BoxBlur(1)), (left, top))
    sheet.alpha_composite(part)


def lights(scene: Scene, picture: Image.Image) -> None:
    """A breath of the scene's light over everything, so that the things in it belong together."""
    width, height = picture.size
    side = scene.dice("lights").choice((0.12, 0.88))
    glow(picture, (width * side, height * 0.1), max(width, height) * 0.62, scene.palette.glow, 0.16)
