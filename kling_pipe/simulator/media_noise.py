"""Sounds of things: what words name, as beds of coloured noise and as strokes that ring, tick, chirp or rumble.

A sound made for a clip follows it: it swells where much moves, and something passes where a cut is.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kling_pipe.simulator.media_palette import words_of
from kling_pipe.simulator.media_wave import Wave, half_rate, level_of

_table = 1024
_sine = [math.sin(math.tau * i / _table) for i in range(_table)]
_block = 64  # samples with one loudness


@dataclass(frozen=True, slots=True)
class Bed:
    """Noise all through: `bright` 0 is a rumble and 1 a hiss; it swells `depth` deep, once in `swell` seconds."""

    bright: float
    loud: float
    swell: float = 5.0
    depth: float = 0.3


@dataclass(frozen=True, slots=True)
class Strokes:
    """Something again and again: about every `every` seconds, off by `loose` of that, dying away within `long` seconds.

    `tones` in Hz sound together and glide by `bend`; `noise` is the share of a stroke that is breath and not tone.
    """

    every: float
    tones: tuple[float, ...]
    long: float
    loud: float
    loose: float = 0.35
    noise: float = 0.0
    bend: float = 1.0
    attack: float = 0.004


Layer = Bed | Strokes

_sounds: tuple[tuple[frozenset[str], tuple[Layer, ...]], ...] = (
    (words_of("rain rainy drizzle downpour shower 雨"),
     (Bed(0.75, 0.20, 6, 0.25), Strokes(0.07, (1900, 2700), 0.03, 0.10, 0.9, 0.5))),
    (words_of("thunder storm lightning 雷"), (Bed(0.2, 0.1), Strokes(3.4, (41, 57), 2.6, 0.9, 0.4, 0.85, 0.8, 0.08))),
    (words_of("sea ocean wave surf beach shore 海"), (Bed(0.35, 0.42, 4.2, 0.85), Bed(0.8, 0.10, 4.2, 0.9))),
    (words_of("wind breeze gust storm blizzard 风"), (Bed(0.10, 0.5, 3.7, 0.7),)),
    (words_of("river stream brook waterfall fountain water 水"),
     (Bed(0.6, 0.20, 2.3, 0.2), Strokes(0.13, (620, 980), 0.05, 0.14, 0.9, 0.1, 1.5))),
    (words_of("fire campfire fireplace flame crackle 火"),
     (Bed(0.08, 0.22), Strokes(0.11, (900, 2300), 0.02, 0.34, 0.95, 0.8))),
    (words_of("bird birdsong forest garden spring morning meadow jungle 鸟"),
     (Bed(0.3, 0.05), Strokes(0.62, (2900,), 0.14, 0.22, 0.8, 0.0, 1.35, 0.02),
      Strokes(1.1, (3800,), 0.09, 0.14, 0.9, 0.0, 0.75, 0.02))),
    (words_of("step footstep walk walking march hoof horse 脚步"), (Strokes(0.52, (78, 160), 0.11, 0.7, 0.06, 0.55),)),
    (words_of("run running runner jog sprint"), (Strokes(0.33, (84, 170), 0.09, 0.7, 0.05, 0.55),)),
    (words_of("bell chime church ring doorbell 钟 铃"),
     (Strokes(1.5, (523, 1046, 1413, 2100), 1.8, 0.5, 0.1),)),
    (words_of("clock tick ticking watch 表"), (Strokes(0.5, (2400, 3100), 0.025, 0.5, 0.01, 0.3),)),
    (words_of("engine car motor traffic truck drive road motorcycle 车"),
     (Bed(0.12, 0.28, 3.1, 0.4), Strokes(0.028, (62, 93, 124), 0.05, 0.30, 0.08, 0.15))),
    (words_of("train rail railway"), (Bed(0.15, 0.3), Strokes(0.55, (190, 310), 0.07, 0.5, 0.5, 0.6))),
    (words_of("crowd applause clap cheer audience stadium"),
     (Bed(0.4, 0.16), Strokes(0.02, (1300,), 0.02, 0.22, 0.9, 0.9))),
    (words_of("heart heartbeat pulse 心"), (Strokes(0.86, (52, 68), 0.18, 0.9, 0.02),)),
    (words_of("whoosh swoosh swish fly rocket plane"), (Strokes(1.6, (240,), 0.9, 0.5, 0.3, 0.95, 2.0, 0.35),)),
    (words_of("explosion boom bang blast firework 爆"), (Strokes(2.2, (46, 71), 1.5, 0.95, 0.4, 0.9, 0.6, 0.01),)),
    (words_of("keyboard typing type asmr tap tapping"), (Strokes(0.15, (1500, 2100), 0.02, 0.4, 0.7, 0.6),)),
    (words_of("robot machine computer spaceship electronic"),
     (Bed(0.05, 0.2), Strokes(0.45, (440, 660), 0.12, 0.3, 0.6, 0.0, 1.4))),
    (words_of("cricket night 夜"), (Bed(0.2, 0.05), Strokes(0.16, (4300,), 0.05, 0.13, 0.1))),
)  # fmt: skip
_quiet: tuple[Layer, ...] = (Bed(0.14, 0.30, 4.1, 0.5), Strokes(1.3, (660, 990, 1320), 0.9, 0.24, 0.7))
_most_layers = 5


def effects(words: str, seconds: float, seed: str, moving: Sequence[float] = ()) -> Wave:
    """The sound of what the words name, in exactly so many seconds; `moving` says how much a clip moves all through."""
    dice = random.Random(f"{seed}/effects")
    sound = [0.0] * max(1, round(seconds * half_rate))
    for layer in layers_of(words):
        if isinstance(layer, Bed):
            _lay(sound, layer, dice, moving)
        else:
            for at in _moments(layer, seconds, dice):
                _strike(sound, layer, at, dice)
    for at in _cuts(moving, seconds):
        _strike(sound, Strokes(1.0, (180,), 0.5, 0.55, 0, 0.92, 1.8, 0.12), max(0.0, at - 0.15), dice)
    return level_of(sound, 0.6)


def is_named(words: str) -> bool:
    """Whether the words name something whose sound is known."""
    return any(names & words_of(words) for names, _ in _sounds)


def layers_of(words: str) -> tuple[Layer, ...]:
    """What the words name; a quiet room with chimes in the wind when they name nothing known."""
    told = words_of(words)
    named = [layer for names, layers in _sounds if names & told for layer in layers]
    return tuple(named[:_most_layers]) or _quiet


def _lay(sound: list[float], bed: Bed, dice: random.Random, moving: Sequence[float]) -> None:
    """Noise through a simple filter: what is let through of each new sample is the brightness."""
    noise = array("b", dice.randbytes(len(sound)))
    keep, turn = 0.02 + 0.9 * bed.bright, dice.random()
    gain = bed.loud / 128 / math.sqrt(keep)
    level = 0.0
    for start in range(0, len(sound), _block):
        swell = 1 - bed.depth * (0.5 + 0.5 * _sine[int((start / half_rate / bed.swell + turn) * _table) % _table])
        loud = gain * swell * (0.55 + 0.75 * _at(moving, start / len(sound)) if moving else 1.0)
        for at in range(start, min(start + _block, len(sound))):
            level += (noise[at] - level) * keep
            sound[at] += level * loud


def _strike(sound: list[float], strokes: Strokes, at: float, dice: random.Random) -> None:
    """One stroke: its tones and its breath, quickly there and slowly gone."""
    start = round(at * half_rate)
    count = min(round(strokes.long * half_rate * 1.6), len(sound) - start)
    loud = strokes.loud * dice.uniform(0.7, 1.0)
    attack = max(1, round(strokes.attack * half_rate))
    fall = math.exp(-3.2 / max(1.0, strokes.long * half_rate))
    tuned = dice.uniform(0.96, 1.04)
    noise = array("b", dice.randbytes(max(0, count)))
    keep = min(0.9, 0.05 + sum(strokes.tones) / len(strokes.tones) / 3200)
    shares = [
        (tone * tuned * _table / half_rate, (1 - strokes.noise) / (1 + number))
        for number, tone in enumerate(strokes.tones)
    ]
    breath, airy = 0.0, strokes.noise * loud / 50
    for spot in range(count):
        swell = loud * min(1.0, spot / attack)
        glide = spot * (1 + (strokes.bend - 1) * spot / count / 2)
        value = 0.0
        for step, share in shares:
            value += share * _sine[int(glide * step) % _table]
        if airy:
            breath += (noise[spot] - breath) * keep
            value += breath * airy / max(0.01, loud) * 1.0
        sound[start + spot] += value * swell
        if spot > attack:
            loud *= fall


def _moments(strokes: Strokes, seconds: float, dice: random.Random) -> Iterator[float]:
    at = strokes.every * dice.uniform(0.05, 0.6)
    while at < seconds - 0.02:
        yield at
        at += strokes.every * (1 + strokes.loose * dice.uniform(-0.8, 1.0))


def _cuts(moving: Sequence[float], seconds: float) -> list[float]:
    """When a clip jumps: moments that differ from both neighbours by much."""
    return [
        number / len(moving) * seconds
        for number, (before, now) in enumerate(pairwise(moving), start=1)
        if now > 0.75 and before < 0.4
    ]


def _at(levels: Sequence[float], part: float) -> float:
    place = part * (len(levels) - 1)
    low = min(len(levels) - 1, int(place))
    high = min(len(levels) - 1, low + 1)
    return levels[low] + (levels[high] - levels[low]) * (place - low)
