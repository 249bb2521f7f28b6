"""A gentle chord with a slow melody over it, the same for the same words and seed; made of the standard library."""

from __future__ import annotations

import math
import random
import sys
from array import array
from functools import lru_cache

rate = 44_100
_loop = 4  # seconds; every frequency is a whole number of turns in it, so that it joins itself without a click
_chords = (  # A minor 9, F major 7, C add 9, G sus: quiet and unfinished, each a bar of the loop
    ((110, 220, 261, 330, 494), (440, 494, 659)),
    ((87, 175, 262, 330, 440), (523, 440, 659)),
    ((131, 196, 262, 330, 392), (587, 523, 784)),
    ((98, 196, 262, 294, 392), (587, 494, 784)),
)
_table = 2048
_sine = [math.sin(math.tau * i / _table) for i in range(_table)]


def ambience(seconds: float, seed: str) -> bytes:
    """Signed 16-bit mono samples, faded in and out."""
    count = round(seconds * rate)
    loop = _bars(random.Random(f"{seed}/sound").randrange(len(_chords)))
    samples = array("h", (loop * (count // len(loop) + 1))[:count])
    _fade(samples, min(rate // 3, count // 2))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


@lru_cache(maxsize=len(_chords))
def _bars(mood: int) -> array[int]:
    """One loop: a pad that swells and four plucked notes."""
    tones, melody = _chords[mood]
    half = rate // 2  # half the rate is enough for tones this low, and half the work
    length = half * _loop
    sound = [0.0] * length
    for number, tone in enumerate(tones):
        _pad(sound, tone, 0.085 / (1 + 0.25 * number), number)
    for beat, tone in enumerate((*melody, melody[0])):
        _pluck(sound, tone, round(length * beat / 4), half)
    full = array("h", bytes(4 * length))
    levels = array("h", (round(value * 26000) for value in sound))
    full[::2] = levels
    full[1::2] = array("h", ((a + b) // 2 for a, b in zip(levels, levels[1:] + levels[:1], strict=True)))
    return full


def _pad(sound: list[float], tone: int, level: float, number: int) -> None:
    """A tone that swells once a loop; two turns to the right of it a softer octave."""
    length = len(sound)
    step = tone * _loop * _table / length
    swell = [level * (0.75 + 0.25 * _sine[(i * _table // 512 + number * 400) % _table]) for i in range(512)]
    for i in range(length):
        sound[i] += swell[i * 512 // length] * _sine[int(i * step) % _table]


def _pluck(sound: list[float], tone: int, start: int, half: int) -> None:
    """A struck note, dying away within a bar and a half and running over the loop's end."""
    length = len(sound)
    step = tone * _loop * _table / length
    decay, level = math.exp(-3.2 / half), 0.13
    for i in range(min(length, half * 3 // 2)):
        attack = min(1.0, i / 260)
        sound[(start + i) % length] += level * attack * _sine[int(i * step) % _table]
        level *= decay


def _fade(samples: array[int], count: int) -> None:
    for i in range(count):
        samples[i] = samples[i] * i // count
        samples[-1 - i] = samples[-1 - i] * i // count
