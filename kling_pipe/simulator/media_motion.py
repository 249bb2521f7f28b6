"""Motion control: a character picture bends as a reference clip moves, with that clip shown small in a corner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_camera import Still
from kling_pipe.simulator.media_film import Film, Mesh, Planes, frames_at, opened, picture_seconds
from kling_pipe.simulator.media_footage import planes_of
from kling_pipe.simulator.media_gesture import Gesture, bands, gestures_of, measure

_columns, _rows = 6, 9
_gain = 1.15
_most = 0.17  # of the picture's width


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference clip read once: its frames small, in planes, and what moves in them."""

    small: tuple[Planes, ...]
    gestures: tuple[Gesture, ...]


def read_reference(path: str, fps: int, most_seconds: float, small: tuple[int, int]) -> Reference:
    """Reads a clip at the given rate, no further than asked; raises ValueError when it cannot be read."""
    with opened(path) as container:
        seconds = min(picture_seconds(container), most_seconds) if most_seconds else picture_seconds(container)
        count = max(2, round(seconds * fps))
        pictures, greys = [], []
        for frame in frames_at(container, fps, count):
            pictures.append(planes_of(frame, small))
            greys.append(pictures[-1].luma.resize(measure, Image.Resampling.BOX))
    if len(pictures) < 2:
        raise ValueError("the reference clip holds no motion")
    return Reference(tuple(pictures), gestures_of(greys))


def inset_size(size: tuple[int, int], clip: tuple[int, int]) -> tuple[int, int]:
    """How large the reference is shown: within a quarter of the sides, in its own ratio, even."""
    part = min(size[0] * 0.27 / clip[0], size[1] * 0.27 / clip[1])
    return max(16, round(clip[0] * part / 2) * 2), max(16, round(clip[1] * part / 2) * 2)


def bent(still: Still, gesture: Gesture) -> Planes:
    """The picture with its middle following the gesture and its edges at rest."""
    return still.planes.bent(_mesh(still.size, gesture))


def performed(still: Still, reference: Reference, fps: int) -> Iterator[Planes]:
    """The character frame by frame, the reference in the upper right corner.

    The character moves on twos at full rate, as drawn figures do: bending is half of the cost.
    """
    inset = Inset.of(reference.small[0].size, still.size)
    twos = 2 if fps >= 20 else 1
    character = still.planes
    for number, (small, gesture) in enumerate(zip(reference.small, reference.gestures, strict=True)):
        if number % twos == 0:
            character = bent(still, gesture)
        planes = character.copy()
        inset.on(planes, small)
        yield planes


def keep_sound(film: Film, path: str) -> None:
    """The reference clip's own sound under the film, cut to its length; none when it has none."""
    with opened(path) as container:
        if container.streams.audio:
            film.add_sound_frames(container.decode(audio=0))


def has_sound(path: str) -> bool:
    """Whether a clip brings sound."""
    with opened(path) as container:
        return bool(container.streams.audio)


def sides(path: str) -> tuple[int, int]:
    """A clip's own sides."""
    with opened(path) as container:
        video = container.streams.video[0]
        return max(2, video.width), max(2, video.height)


@dataclass(frozen=True, slots=True)
class Inset:
    """The little screen in the corner: a light frame, and where the reference goes in it."""

    frame: Planes
    left: int
    top: int

    @staticmethod
    def of(small: tuple[int, int], size: tuple[int, int]) -> Inset:
        rim = max(2, round(min(size) * 0.006) & ~1)
        sheet = Image.new("RGBA", (small[0] + 2 * rim, small[1] + 2 * rim), (0, 0, 0, 0))
        draw = ImageDraw.Draw(sheet)
        draw.rounded_rectangle((0, 0, sheet.width - 1, sheet.height - 1), radius=rim, fill=(245, 245, 245, 255))
        gap = max(4, round(min(size) * 0.024) & ~1)
        top = gap + max(16, round((size[0] * size[1]) ** 0.5 * 0.05) & ~1)  # below the tag
        return Inset(Planes.of(sheet), (size[0] - gap - sheet.width) & ~1, top & ~1)

    def on(self, planes: Planes, small: Planes) -> None:
        planes.paste(self.frame, self.left, self.top)
        rim = (self.frame.size[0] - small.size[0]) // 2
        planes.paste(small, self.left + rim, self.top + rim)


def _mesh(size: tuple[int, int], gesture: Gesture) -> Mesh:
    width, height = size
    xs = [round(width * column / _columns / 2) * 2 for column in range(_columns + 1)]
    ys = [round(height * row / _rows / 2) * 2 for row in range(_rows + 1)]
    at = [[_source(x / width, y / height, gesture) for x in xs] for y in ys]
    moved = [[(x * width, y * height) for x, y in row] for row in at]
    return [
        (
            (xs[c], ys[r], xs[c + 1], ys[r + 1]),
            (*moved[r][c], *moved[r + 1][c], *moved[r + 1][c + 1], *moved[r][c + 1]),
        )
        for r in range(_rows)
        for c in range(_columns)
        if xs[c] < xs[c + 1] and ys[r] < ys[r + 1]  # a frame of a few pixels has fewer pieces
    ]


def _source(x: float, y: float, gesture: Gesture) -> tuple[float, float]:
    """Where in the picture a place of the frame is taken from; edges and the ground stay."""
    hold = _bump((x - 0.5) / 0.5) * _bump(max(0.0, (y - 0.45) / 0.55)) * _bump(max(0.0, (0.30 - y) / 0.30))
    sway = _at_height(gesture.sway, (y - 0.08) / 0.80) * _gain
    wider = 1 + max(-0.25, min(0.35, gesture.reach * 0.8))
    dx = max(-_most, min(_most, sway)) + (x - 0.5) * (wider - 1) * 0.6
    dy = max(-0.08, min(0.08, gesture.bounce * 0.9))
    return min(1.0, max(0.0, x - dx * hold)), min(1.0, max(0.0, y - dy * hold))


def _bump(far: float) -> float:
    """1 in the middle, 0 at the rim, level at both."""
    near = 1 - min(1.0, abs(far))
    return near * near * (3 - 2 * near)


def _at_height(sway: tuple[float, ...], part: float) -> float:
    place = min(bands - 1.0, max(0.0, part * bands - 0.5))
    low = min(bands - 2, int(place))
    return sway[low] + (sway[low + 1] - sway[low]) * (place - low)
