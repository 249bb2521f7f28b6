"""Takes: the frames of a shot, filmed in the manner that the order asks for."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from kling_pipe.simulator.media_camera import Still
from kling_pipe.simulator.media_cards import as_insets, as_subjects, hung
from kling_pipe.simulator.media_effect import caption_of, effected
from kling_pipe.simulator.media_film import Planes
from kling_pipe.simulator.media_footage import footage, last_picture
from kling_pipe.simulator.media_gesture import Gesture, bands
from kling_pipe.simulator.media_grade import graded
from kling_pipe.simulator.media_load import load, opaque
from kling_pipe.simulator.media_motion import Inset, bent, inset_size, sides
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.media_shot import Shot, filmed
from kling_pipe.simulator.media_speaker import spoken

one_shot = frozenset({"lip-sync", "avatar", "effect", "edit", "dub"})  # manners that know no cuts


@dataclass(frozen=True, slots=True)
class Take:
    """A shot as it is to be filmed: `foot` is where its caption begins, `levels` how loud the sound laid over it is."""

    order: ClipOrder
    shot: Shot
    size: tuple[int, int]
    foot: int
    levels: Sequence[float] = ()

    @property
    def pictures(self) -> tuple[Image.Image, ...]:
        """The reference pictures."""
        return tuple(load(path) for path in self.order.references)


def frames_of(take: Take) -> Iterator[Planes]:
    """The take's frames; raises ValueError when a file of the order cannot be read."""
    return _manners[take.order.manner](take)


def caption(order: ClipOrder, shot: Shot) -> str:
    """What stands at the foot of a shot."""
    if order.manner == "effect":
        return " · ".join(text for text in (caption_of(order.effect), shot.prompt) if text)
    return shot.prompt


def _shown(take: Take) -> Iterator[Planes]:
    """Filmed as always; references stand in it, large where nothing else is given, and a base clip plays beside."""
    order = take.order
    given = bool(order.start or order.end or order.base)
    frames = filmed(order, take.shot, take.size, empty=bool(order.references) and not given)
    if order.base:
        frames = _beside(frames, take)
    if order.references and not given:
        return hung(frames, as_subjects(take.pictures, take.size), order.fps, rise=False)
    return _with_insets(frames, take)


def _beside(frames: Iterator[Planes], take: Take) -> Iterator[Planes]:
    """The base clip small in the upper right corner."""
    small = inset_size(take.size, sides(take.order.base))
    inset = Inset.of(small, take.size)
    for planes, other in zip(frames, footage(take.order.base, take.order.fps, take.shot.frames, small), strict=False):
        inset.on(planes, other)
        yield planes


def _with_insets(frames: Iterator[Planes], take: Take) -> Iterator[Planes]:
    if not take.order.references:
        return frames
    cards = as_insets(take.pictures, take.size, take.foot)
    return hung(frames, cards, take.order.fps, rise=take.shot.number == 1)


def _base(take: Take) -> Iterator[Planes]:
    return footage(take.order.base, take.order.fps, take.shot.frames, take.size)


def _edited(take: Take) -> Iterator[Planes]:
    return _with_insets(graded(_base(take), take.order.prompt, take.order.seed, take.order.fps), take)


def _extended(take: Take) -> Iterator[Planes]:
    """Goes on from the base clip's last frame, unless it is told with which picture to begin."""
    if take.order.start:
        return _shown(take)
    return _with_insets(filmed(take.order, take.shot, take.size, last_picture(take.order.base)), take)


def _lip_sync(take: Take) -> Iterator[Planes]:
    return spoken(_base(take), _eager(take), take.foot)


def _avatar(take: Take) -> Iterator[Planes]:
    shown = (take.order.start, *take.order.references)[0 if take.order.start else 1 :]
    frames = _talking(opaque(load(shown[0])), take) if shown else filmed(take.order, take.shot, take.size)
    return spoken(frames, _eager(take), take.foot)


def _eager(take: Take) -> list[float]:
    """The levels as this take's speaker opens the mouth to them: one a little wider than the other."""
    will = random.Random(f"{take.order.seed}/speaker").uniform(0.82, 1.12)
    return [min(1.0, level * will) for level in take.levels]


def _talking(picture: Image.Image, take: Take) -> Iterator[Planes]:
    """The picture swaying a little as somebody does who talks, and nodding where it is loud."""
    still, fps = Still.of(picture, take.size), take.order.fps
    way = random.Random(f"{take.order.seed}/sway").choice((-1, 1))
    planes, calm = still.planes, 0.0
    for number in range(take.shot.frames):
        level = take.levels[number] if number < len(take.levels) else 0.0
        calm += (level - calm) * 0.25
        if number and number % (2 if fps >= 20 else 1) == 0:
            seconds = number / fps
            lean = 0.016 * way * math.sin(seconds * 1.3) + 0.010 * math.sin(seconds * 3.1) * calm
            sway = tuple(lean * (1 - band / bands) for band in range(bands))
            planes = bent(still, Gesture(sway, 0.010 * calm * math.sin(seconds * 6), 0.0))
        yield planes.copy()


def _effect(take: Take) -> Iterator[Planes]:
    order = take.order
    pictures = [opaque(load(path)) for path in (order.start, *order.references) if path]
    if not pictures:
        return filmed(order, take.shot, take.size)
    name = order.effect or order.prompt
    return effected(pictures, name, take.size, order.fps, take.shot.frames, order.seed)


_manners: dict[str, Callable[[Take], Iterator[Planes]]] = {
    "": _shown, "omni": _shown, "edit": _edited, "extend": _extended, "lip-sync": _lip_sync, "avatar": _avatar,
    "effect": _effect, "dub": _base,
}  # fmt: skip
