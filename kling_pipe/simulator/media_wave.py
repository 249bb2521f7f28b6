"""Sound as samples: signed 16 bits, one channel, read from files, made louder, laid over one another.

Sounds are made at half the rate: enough for what is made here, and half of the work of a plain interpreter.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import av

from kling_pipe.simulator.media_film import opened

rate = 44_100
half_rate = rate // 2
Wave: TypeAlias = "array[int]"  # the class itself takes no brackets before Python 3.12
_most = 32_767


def heard(path: str) -> Wave:
    """A file's sound, whatever its form, rate and channels; empty when it has none. Raises ValueError if unreadable."""
    data = bytearray()
    with opened(path, pictures=False) as container:
        if not container.streams.audio:
            return array("h")
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        for frame in container.decode(audio=0):
            frame.pts = None
            for piece in resampler.resample(frame):
                data += bytes(piece.planes[0])[: piece.samples * 2]
        for piece in resampler.resample(None):
            data += bytes(piece.planes[0])[: piece.samples * 2]
    wave = array("h", bytes(data))
    if sys.byteorder == "big":
        wave.byteswap()
    return wave


def mixed(parts: Sequence[tuple[Wave, float, float]], seconds: float) -> Wave:
    """Sounds over one another, each from a second on and at a loudness; as long as told, never so loud as to clip."""
    count = max(1, round(seconds * rate))
    sum_of = [0.0] * count
    for wave, begin, loud in parts:
        start = min(count, max(0, round(begin * rate)))
        stop = min(count, start + len(wave))
        sum_of[start:stop] = [a + b * loud for a, b in zip(sum_of[start:stop], wave, strict=False)]
    peak = _peak(sum_of)
    scale = min(1.0, _most / peak) if peak else 1.0
    return array("h", [int(value * scale) for value in sum_of])


def level_of(sound: Sequence[float], peak: float) -> Wave:
    """Samples of half the rate as a wave of the whole, as loud as told."""
    scale = peak * _most / (_peak(sound) or 1.0)
    levels = array("h", [int(value * scale) for value in sound])
    wave = array("h", bytes(4 * len(levels)))
    wave[::2] = levels
    wave[1::2] = array("h", [(a + b) >> 1 for a, b in pairwise((*levels, levels[-1]))])
    return wave


def faded(wave: Wave, seconds: float) -> Wave:
    """The wave with soft ends, itself changed."""
    count = min(round(seconds * rate), len(wave) // 2)
    for at in range(count):
        wave[at] = wave[at] * at // count
        wave[-1 - at] = wave[-1 - at] * at // count
    return wave


def loudness(wave: Wave, fps: int, count: int, begin: float = 0.0) -> list[float]:
    """How loud it is while each of `count` frames is shown, from 0 to 1, when it starts at second `begin`."""
    found = []
    for number in range(count):
        start = max(0, round((number / fps - begin) * rate))
        stop = max(0, round(((number + 1) / fps - begin) * rate))
        part = wave[start:stop:8]
        found.append(sum(map(abs, part)) / len(part) if part else 0.0)
    top = max(found) or 1.0
    return [min(1.0, level / top * 1.15) for level in found]


def _peak(sound: Sequence[float]) -> float:
    highest, lowest = max(sound), min(sound)
    return max(highest, -lowest)


def as_bytes(wave: Wave) -> bytes:
    """Little-endian, as files and encoders want it."""
    if sys.byteorder == "big":
        wave = array("h", wave)
        wave.byteswap()
    return wave.tobytes()
