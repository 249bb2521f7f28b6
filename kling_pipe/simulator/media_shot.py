"""Shots: what is filmed between two cuts, over a picture or through a painted scene, with camera and weather."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageOps

from kling_pipe.simulator.media_camera import Move, Still, ease, from_start, in_scene, move_of, to_end
from kling_pipe.simulator.media_canvas import Canvas, Layer
from kling_pipe.simulator.media_figure import dance, idle
from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_load import load, opaque
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.media_palette import mix, palette_of, words_of
from kling_pipe.simulator.media_scene import Scene, draw_person, imagine, paint
from kling_pipe.simulator.media_weather import Weather, weather_of

_room = 0.10  # margin of a painted scene, in frame sides, for the camera
_most_layers = 4


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of the clip between two cuts."""

    prompt: str
    frames: int
    number: int
    of: int


def shots_of(order: ClipOrder) -> tuple[Shot, ...]:
    """The clip's shots; rounding is settled so that their frames add up to the clip's."""
    told = order.shots or ((order.prompt, order.seconds),)
    total, seconds = max(1, math.ceil(order.seconds * order.fps - 0.01)), sum(length for _, length in told) or 1.0
    ends: list[int] = []
    for number, (_, _length) in enumerate(told):
        ends.append(round(total * sum(length for _, length in told[: number + 1]) / seconds))
    starts = [0, *ends[:-1]]
    return tuple(
        Shot(prompt, max(1, end - start), number + 1, len(told))
        for number, ((prompt, _), start, end) in enumerate(zip(told, starts, ends, strict=True))
    )


def filmed(
    order: ClipOrder, shot: Shot, size: tuple[int, int], begin: Image.Image | None = None, *, empty: bool = False
) -> Iterator[Planes]:
    """The shot's frames; `begin` stands in for a start picture's file, `empty` leaves a painted scene to others."""
    dice = random.Random(f"{order.seed}/{shot.number}/{shot.prompt}")
    move = move_of(shot.prompt, order.camera, dice)
    start = order.start if shot.number == 1 or not order.end else ""
    end = order.end if shot.number == shot.of else ""
    if start or end or begin:
        return _over_pictures(order, shot, size, move, begin or (load(start) if start else None), end)
    scene = imagine(shot.prompt, order.seed + shot.number - 1)
    scene = replace(scene, subject="", person=False) if empty else scene
    return _through_scene(scene, shot.frames, order.fps, size, move, weather_of(scene.words, dice))


def _over_pictures(
    order: ClipOrder, shot: Shot, size: tuple[int, int], move: Move, start: Image.Image | None, end: str
) -> Iterator[Planes]:
    """The start frame itself moves; where an end frame is given, it takes over and the last frame is that picture."""
    aspect, last = size[0] / size[1], max(1, shot.frames - 1)
    room = 0.16 if move.zoom < 0 else 0.0
    first = _still(start, shot, order, size, room) if start else None
    final = Still.of(opaque(load(end)), size) if end else None
    dice = random.Random(f"{order.seed}/weather/{shot.prompt}")
    weather = weather_of(words_of(shot.prompt), dice)
    for number in range(shot.frames):
        part = number / last if shot.frames > 1 else 1.0 if final and not first else 0.0
        planes = (
            first.seen(from_start(move, part, aspect)) if first else final.seen(to_end(move, part)) if final else None
        )
        assert planes is not None  # one of the two is there
        if first and final:
            taken = ease((part - 0.35) / 0.65)
            planes = planes if taken == 0 else planes.blend(final.seen(to_end(move, part)), taken)
        weather.fall(planes, number / order.fps, min(1.0, 4 * part, 4 * (1 - part) if final else 1.0))
        yield planes


def _still(picture: Image.Image, shot: Shot, order: ClipOrder, size: tuple[int, int], room: float) -> Still:
    """The picture whole in the first shot; later shots see it nearer and in the light their own words ask for."""
    picture = opaque(picture)
    if shot.number == 1:
        return Still.of(picture, size, room)
    dice = random.Random(f"{order.seed}/reframe/{shot.number}")
    share = dice.uniform(0.52, 0.68)
    fitted = ImageOps.fit(
        picture, (round(size[0] / share), round(size[1] / share)), Image.Resampling.BICUBIC, centering=(0.5, 0.36)
    )
    left = round((fitted.width - size[0]) * (0.5 + 0.16 * (-1) ** shot.number))
    top = round((fitted.height - size[1]) * dice.uniform(0.16, 0.36))
    part = fitted.crop((left, top, left + size[0], top + size[1]))
    palette = palette_of(words_of(shot.prompt), dice)
    toned = ImageOps.colorize(
        ImageOps.grayscale(part), mix(palette.sky[0], (8, 8, 20), 0.4), palette.glow, mid=palette.sky[-2]
    )
    return Still.of(Image.blend(part, toned, 0.28), size, room)


def _through_scene(
    scene: Scene, count: int, fps: int, size: tuple[int, int], move: Move, weather: Weather
) -> Iterator[Planes]:
    """Layers in parallax: near ones move more. A person in the scene moves too."""
    canvas = Canvas(*size, margin=_room)
    stack = [(Planes.of(layer.sheet), layer.depth) for layer in _merged(paint(scene, canvas, empty=True))]
    act = dance if scene.dancing else idle
    twos = 2 if fps >= 20 else 1  # drawn figures move on twos
    person: tuple[Planes, int, int] | None = None
    for number in range(count):
        view = in_scene(move, number / max(1, count - 1), size[0] / size[1])
        frame: Planes | None = None
        for planes, depth in stack:
            seen = planes.crop(*_offset(canvas, view.x, view.y + 0.035 * (1 - view.zoom), depth), size)
            frame = _laid(frame, seen)
        assert frame is not None  # every scene has a sky
        if scene.person:
            if person is None or number % twos == 0:
                piece, left, top = draw_person(scene, canvas, act(number / fps))
                person = Planes.of(piece), left, top
            x, y = _offset(canvas, view.x, view.y + 0.035 * (1 - view.zoom), 1.0)
            frame.paste(person[0], person[1] - x, person[2] - y)
        weather.fall(frame, number / fps, 1.0)
        yield Still(frame, size, (0, 0)).seen(type(view)(view.zoom, 0.0, 0.0, view.roll))


def _laid(frame: Planes | None, planes: Planes) -> Planes:
    if frame is None:
        return planes
    frame.paste(planes)
    return frame


def _offset(canvas: Canvas, x: float, y: float, depth: float) -> tuple[int, int]:
    """Where a layer's window begins: the margin, shifted by the camera as far as the layer is near."""
    near = 0.25 + 0.75 * depth
    edge_x, edge_y = canvas.edge
    left = edge_x + max(-edge_x, min(edge_x, round(x * near * canvas.width)))
    top = edge_y + max(-edge_y, min(edge_y, round(y * near * canvas.height)))
    return left, top


def _merged(layers: Sequence[Layer]) -> list[Layer]:
    """Neighbours in depth drawn together, until few are left to lay over each other every frame."""
    stack = list(layers)
    while len(stack) > _most_layers:
        gaps = [stack[i + 1].depth - stack[i].depth for i in range(len(stack) - 1)]
        at = gaps.index(min(gaps))
        under = stack[at].sheet.convert("RGBA")
        under.alpha_composite(stack[at + 1].sheet.convert("RGBA"))
        sheet = under.convert("RGB") if at == 0 else under
        stack[at : at + 2] = [Layer(sheet, (stack[at].depth + stack[at + 1].depth) / 2)]
    return stack
