"""Music: four bars of chords, a bass and a plucked figure over them, repeated as long as told."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kling_pipe.simulator.media_palette import words_of
from kling_pipe.simulator.media_wave import Wave, faded, half_rate, level_of, rate

_table = 1024
_sine = [math.sin(math.tau * i / _table) for i in range(_table)]
_block = 64


@dataclass(frozen=True, slots=True)
class Mood:
    """A way to play: chords as half-tones above C3, beats a minute, what is plucked, how loud chords and drums are."""

    chords: tuple[tuple[int, ...], ...]
    tempo: int
    figure: tuple[int, ...]  # which note of the chord each eighth of a bar plucks; -1 is a rest
    pad: float = 0.5
    drums: float = 0.0


_calm = Mood(((0, 4, 7, 11), (9, 12, 16, 19), (5, 9, 12, 16), (7, 11, 14, 17)), 76, (0, 1, 2, 3, 2, 1, 2, -1), 0.6)
_warm = Mood(((5, 9, 12, 16), (7, 11, 14, 17), (4, 7, 11, 14), (9, 12, 16, 19)), 84, (0, 2, 1, 3, -1, 2, 1, 2), 0.5)
_bright = Mood(
    ((0, 4, 7, 12), (7, 11, 14, 19), (9, 12, 16, 21), (5, 9, 12, 17)), 112, (0, 2, 3, 2, 1, 3, 2, 3), 0.3, 0.5
)
_dark = Mood(
    ((9, 12, 16, 19), (5, 8, 12, 15), (2, 5, 9, 12), (4, 8, 11, 14)), 68, (0, -1, 2, -1, 3, -1, 1, -1), 0.8, 0.2
)
_named: tuple[tuple[frozenset[str], Mood], ...] = (
    (words_of("happy upbeat bright dance pop fun cheerful energetic fast party funk disco sport 快乐"), _bright),
    (words_of("sad dark tense drama dramatic horror suspense epic night slow mysterious 悲伤"), _dark),
    (words_of("warm piano romantic love nostalgic acoustic guitar jazz soul 钢琴"), _warm),
    (words_of("calm ambient soft relax peaceful meditation lounge gentle sleep 轻"), _calm),
)
_musical = words_of(
    "music song melody tune piano guitar violin cello orchestra orchestral string jazz pop funk disco lofi beat drum "
    "bgm soundtrack ambient synth choir acoustic 音乐 钢琴"
)
_root = 130.81  # C3


def is_musical(words: str) -> bool:
    """Whether the words ask for music among other things."""
    return bool(_musical & words_of(words))


def music(words: str, seconds: float, seed: str) -> Wave:
    """What the words ask for, in exactly so many seconds, with soft ends."""
    dice = random.Random(f"{seed}/music")
    told = words_of(words)
    mood = next((mood for names, mood in _named if names & told), None) or dice.choice((_calm, _warm))
    bars = min(len(mood.chords), math.ceil(seconds * mood.tempo / 240))  # no more than are heard
    loop = _loop(mood, dice.choice((-2, 0, 0, 2, 3)), max(1, bars))
    count = max(1, round(seconds * rate))
    return faded(array("h", (loop * (count // len(loop) + 1))[:count]), min(0.5, seconds / 3))


@lru_cache(maxsize=8)
def _loop(mood: Mood, shift: int, bars: int) -> Wave:
    beat = round(half_rate * 60 / mood.tempo)
    bar = beat * 4
    sound = [0.0] * (bar * bars)
    for number, chord in enumerate(mood.chords[:bars]):
        tones = [_root * 2 ** ((step + shift) / 12) for step in chord]
        for tone in tones[:3]:
            _pad(sound, tone, bar * number, bar, 0.16 * mood.pad)
        for turn, strength in ((0, 1.0), (2, 0.7)):
            _pluck(sound, tones[0] / 2, bar * number + beat * turn, beat * 2, 0.42 * strength, 0.3)
        for eighth, note in enumerate(mood.figure):
            if note >= 0:
                _pluck(sound, tones[note % len(tones)] * 2, bar * number + beat * eighth // 2, beat * 2, 0.20, 0.5)
        if mood.drums:
            _drums(sound, bar * number, beat, mood.drums)
    return level_of(sound, 0.55)


def _pad(sound: list[float], tone: float, start: int, count: int, loud: float) -> None:
    """A held tone, swelling in and out over its bar and a little into the next, so that chords melt."""
    step, longer = tone * _table / half_rate, count * 5 // 4
    for at in range(0, longer, _block):
        swell = loud * min(1.0, 4 * at / longer, 4 * (longer - at) / longer)
        for spot in range(at, min(at + _block, longer)):
            sound[(start + spot) % len(sound)] += swell * _sine[int(spot * step) % _table]


def _pluck(sound: list[float], tone: float, start: int, count: int, loud: float, overtone: float) -> None:
    """A struck string: its octave dies sooner than itself; it rings over the loop's end."""
    step, fall = tone * _table / half_rate, math.exp(-4.5 * _block / count)
    octave = loud * overtone
    for at in range(0, count, _block):
        for spot in range(at, min(at + _block, count)):
            attack = spot / 120 if spot < 120 else 1.0
            place = spot * step
            sound[(start + spot) % len(sound)] += attack * (
                loud * _sine[int(place) % _table] + octave * _sine[int(place * 2) % _table]
            )
        loud *= fall
        octave *= fall * fall


def _drums(sound: list[float], start: int, beat: int, loud: float) -> None:
    """A soft kick on every beat, a shaker between."""
    noise = _shaker()
    for turn in range(4):
        for spot in range(half_rate // 9):
            fade = (1 - spot * 9 / half_rate) ** 2
            sound[(start + turn * beat + spot) % len(sound)] += (
                loud * fade * _sine[int(spot * (3.6 - spot / 1400)) % _table]
            )
        for spot, value in enumerate(noise):
            sound[(start + turn * beat + beat // 2 + spot) % len(sound)] += value * loud * 0.5


@lru_cache(maxsize=1)
def _shaker() -> Sequence[float]:
    noise = array("b", random.Random("shaker").randbytes(1600))
    return [(b - a) / 256 * (1 - at / 1600) ** 3 for at, (a, b) in enumerate(pairwise(noise))]
