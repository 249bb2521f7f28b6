"""What moves in a film, measured: a silhouette's sway from head to feet, its bounce and its reach, frame by frame.

A silhouette is what differs from the film's still background. No model is needed, and it is enough to see that one
picture follows another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops

bands = 8  # slices of a body from head to feet
_columns, _rows = 64, 64
measure = (_columns, _rows)  # the size frames are measured at
_least = 14  # a difference in grey below this is noise
_calm = 3  # frames on either side that are averaged, against flicker


@dataclass(frozen=True, slots=True)
class Gesture:
    """A frame against the film's average, in frame sides: `sway` by band, `bounce` downwards, `reach` wider."""

    sway: tuple[float, ...]
    bounce: float
    reach: float


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Where a frame's moving parts are; None for a slice without any."""

    middles: tuple[float | None, ...]
    height: float
    width: float


def gestures_of(frames: Sequence[Image.Image]) -> tuple[Gesture, ...]:
    """One gesture a frame; `frames` are grey pictures of the size `measure`."""
    background = _background(frames)
    found = [_silhouette(ImageChops.difference(frame, background)) for frame in frames]
    sways = [_steady([one.middles[band] for one in found]) for band in range(bands)]
    sways = _spread(sways)
    bounce = _steady([one.height if one.height >= 0 else None for one in found])
    reach = _steady([one.width if one.width >= 0 else None for one in found])
    return tuple(Gesture(tuple(sway[at] for sway in sways), bounce[at], reach[at]) for at in range(len(found)))


def _background(frames: Sequence[Image.Image]) -> Image.Image:
    """The median of nine moments: what stands still, when what moves is never long in one place."""
    nine = [frames[(len(frames) - 1) * step // 8] for step in range(9)]
    for one, other in _median_of_nine:
        nine[one], nine[other] = ImageChops.darker(nine[one], nine[other]), ImageChops.lighter(nine[one], nine[other])
    return nine[4]


# Paeth's network: after these exchanges the middle one of nine is the median
_median_of_nine = (
    (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3), (5, 8), (4, 7), (3, 6), (1, 4),
    (2, 5), (4, 7), (4, 2), (6, 4), (4, 2),
)  # fmt: skip


def _silhouette(difference: Image.Image) -> Silhouette:
    clear = difference.point([0 if value < _least else value for value in range(256)])
    down = clear.resize((1, _rows), Image.Resampling.BOX).tobytes()
    total = sum(down)
    if total < _rows // 4:
        return Silhouette((None,) * bands, -1.0, -1.0)
    head, feet = _extent(down)
    sliced = clear.resize((_columns, bands), Image.Resampling.BOX, box=(0, head, _columns, max(head + 1, feet)))
    data = sliced.tobytes()
    rows = [data[band * _columns : (band + 1) * _columns] for band in range(bands)]
    across = clear.resize((_columns, 1), Image.Resampling.BOX).tobytes()
    left, right = _extent(across)
    return Silhouette(tuple(_middle(row) for row in rows), _middle(down) or 0.0, (right - left) / _columns)


def _extent(profile: bytes) -> tuple[int, int]:
    """From where to where there is something, without a stray twentieth at each end."""
    total, seen = sum(profile), 0
    first, last = 0, len(profile)
    for place, value in enumerate(profile):
        before, seen = seen, seen + value
        if before * 20 < total <= seen * 20:
            first = place
        if before * 20 < total * 19 <= seen * 20:
            last = place + 1
    return first, last


def _middle(profile: bytes) -> float | None:
    total = sum(profile)
    if total < 3:
        return None
    return (sum(place * value for place, value in enumerate(profile)) / total + 0.5) / len(profile)


def _steady(values: Sequence[float | None]) -> list[float]:
    """Gaps filled with what came before, the average taken away, flicker smoothed."""
    known = [value for value in values if value is not None]
    if not known:
        return [0.0] * len(values)
    average, shown, filled = sum(known) / len(known), known[0], []
    for value in values:
        shown = shown if value is None else value
        filled.append(shown - average)
    return [_mean(filled[max(0, at - _calm) : at + _calm + 1]) for at in range(len(filled))]


def _spread(sways: Sequence[Sequence[float]]) -> list[list[float]]:
    """Neighbouring bands eased together, so that a body bends and does not break."""
    return [
        [
            _mean([sways[near][at] for near in (max(0, band - 1), band, min(bands - 1, band + 1))])
            for at in range(len(sways[0]))
        ]
        for band in range(bands)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
