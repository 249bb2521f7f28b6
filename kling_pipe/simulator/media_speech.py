"""Speech without words: voiced syllables in the rhythm of a text, at a voice's own pitch.

Nobody can understand it, and everybody hears that somebody speaks: when, how fast, asking or telling.
"""

from __future__ import annotations

import math
import random
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kling_pipe.simulator.media_wave import Wave, half_rate, level_of

_slow = 0.42  # the longest a syllable is drawn out, in seconds; what is left of the time is silence
_lead, _tail = 0.06, 0.10
_table = 512
_sine = [math.sin(math.tau * i / _table) for i in range(_table)]

# first three formants in Hz, as in Peterson and Barney's means for men
_vowels: dict[str, tuple[int, int, int]] = {
    "a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010), "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}  # fmt: skip
_hissing = frozenset("sfztkpchxqvj")
_pauses = {",": 0.9, ";": 1.1, ":": 1.0, ".": 1.7, "!": 1.7, "?": 1.7, "…": 2.0, "—": 1.0, "\n": 1.4,
           "，": 0.9, "、": 0.7, "；": 1.1, "：": 1.0, "。": 1.7, "！": 1.7, "？": 1.7}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Syllable:
    """A beat of a text: how long in units, with which vowel, and how its pitch stands; a pause has no vowel."""

    units: float
    vowel: str = ""
    hiss: bool = False
    stress: float = 0.0
    rise: float = 0.0


def speech(words: str, seconds: float, voice: str, seed: str) -> Wave:
    """A text spoken in exactly so many seconds, by the voice's own pitch and colour."""
    dice = random.Random(f"{seed}/speech")
    who = random.Random(f"{voice}/voice")
    pitch = who.choice((98.0, 112.0, 126.0, 178.0, 198.0, 220.0)) * dice.uniform(0.97, 1.03)
    colour = who.uniform(0.92, 1.08) * (1.14 if pitch > 150 else 1.0)
    sound = [0.0] * max(1, round(seconds * half_rate))
    beats = _spoken(tuple(syllables(words))) or (Syllable(1.0, "a"),)
    unit = min(_slow, max(0.01, seconds - _lead - _tail) / sum(beat.units for beat in beats))
    tables = {vowel: _spectrum(formants, pitch, colour) for vowel, formants in _vowels.items()}
    at, last = min(_lead, seconds / 4), len(beats)
    for number, beat in enumerate(beats):
        long = beat.units * unit
        if beat.vowel:
            fall = 1.10 - 0.18 * (number / last)
            tone = pitch * (fall + 0.10 * beat.stress + dice.uniform(-0.03, 0.03))
            begin = at
            if beat.hiss:
                begin += _hiss(sound, at, min(0.07, long * 0.3), dice)
            _voice(sound, tables[beat.vowel], begin, at + long - begin, (tone, tone * (0.94 + beat.rise)))
        at += long
    return level_of(sound, 0.62)


def syllables(words: str) -> Iterator[Syllable]:
    """The beats of a text; Chinese has one a sign, other writing one a group of vowels."""
    pieces = re.findall(r"[\u2e80-\u9fff]|[^\W_]+|[^\w\s]|\n", words.lower())
    for number, piece in enumerate(pieces):
        if piece in _pauses:
            yield Syllable(_pauses[piece])
        elif piece[0].isalnum():
            asks = "?" in pieces[number + 1 : number + 2] or "？" in pieces[number + 1 : number + 2]
            yield from _beats(piece, 0.28 if asks else 0.0)


def _spoken(beats: tuple[Syllable, ...]) -> tuple[Syllable, ...]:
    """Without the pauses after the last syllable: a recording ends soon after it."""
    last = max((number for number, beat in enumerate(beats, start=1) if beat.vowel), default=0)
    return beats[:last]


def _beats(word: str, rise: float) -> Iterator[Syllable]:
    if "\u2e80" <= word[0] <= "\u9fff":
        yield Syllable(
            1.0, "aeiou"[ord(word[0]) % 5], hiss=ord(word[0]) % 3 == 0, stress=(ord(word[0]) % 4) / 3, rise=rise
        )
        return
    groups = re.findall(r"[^aeiouyàáâäèéêëìíîïòóôöùúûü]*[aeiouyàáâäèéêëìíîïòóôöùúûü]+", word) or _letters(word)
    if len(groups) > 1 and groups[-1].endswith("e") and word.endswith("e"):
        groups.pop()  # a silent e
    for number, group in enumerate(groups):
        last = number == len(groups) - 1
        vowel = next((sign for sign in reversed(group) if sign in _vowels), "aeiou"[ord(group[-1]) % 5])
        yield Syllable(1.25 if number == 0 else 1.0, vowel, group[0] in _hissing, float(number == 0), rise * last)
    yield Syllable(0.22)


def _letters(word: str) -> list[str]:
    """Beats of a word without vowels: a number or another alphabet."""
    return [word[at : at + 3] for at in range(0, len(word), 3)]


def _spectrum(formants: tuple[int, int, int], pitch: float, colour: float) -> list[float]:
    """One turn of a voice at its pitch: overtones as loud as the mouth lets them through."""
    most = min(40, int(4200 / pitch))
    loud = [_resonance(number * pitch, formants, colour) / number**0.7 for number in range(1, most + 1)]
    turn = [
        sum(level * _sine[(at * number) % _table] for number, level in enumerate(loud, start=1)) for at in range(_table)
    ]
    peak = max(map(abs, turn)) or 1.0
    return [value / peak for value in turn]


def _resonance(tone: float, formants: Sequence[int], colour: float) -> float:
    wide = (90.0, 120.0, 180.0)
    return 0.04 + sum(
        level / (1 + ((tone - formant * colour) / width) ** 2)
        for formant, width, level in zip(formants, wide, (1.0, 0.6, 0.25), strict=True)
    )


def _voice(sound: list[float], turn: list[float], begin: float, long: float, pitch: tuple[float, float]) -> None:
    """A sung stretch: soft at both ends, its pitch gliding, in steps of 32 samples."""
    start, count = round(begin * half_rate), round(long * half_rate)
    count = min(count, len(sound) - start)
    attack, release = max(1, min(count // 3, half_rate // 40)), max(1, min(count // 2, half_rate // 14))
    place = 0.0
    for at in range(0, count, 32):
        part = at / count
        loud = min(1.0, (at + 16) / attack, (count - at) / release) * (1 - 0.25 * part)
        wobble = 1 + 0.008 * _sine[int(at * 5.2 * _table / half_rate) % _table]
        step = (pitch[0] + (pitch[1] - pitch[0]) * part) * wobble * _table / half_rate
        for spot in range(start + at, start + min(count, at + 32)):
            sound[spot] += loud * turn[int(place) % _table]
            place += step


def _hiss(sound: list[float], begin: float, long: float, dice: random.Random) -> float:
    """A consonant's breath."""
    start, count = round(begin * half_rate), round(long * half_rate)
    noise = array("b", dice.randbytes(count + 1))
    for at in range(min(count, len(sound) - start)):
        swell = min(1.0, 4 * at / count, 3 * (count - at) / count)
        sound[start + at] += (noise[at + 1] - noise[at]) / 256 * 0.20 * swell
    return long * 0.8
