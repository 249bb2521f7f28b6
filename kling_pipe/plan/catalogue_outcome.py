"""What should come out of a step, compiled from the `results` of a catalogue.

The first line whose `when` holds counts:

    like       a wired field whose sides it has, instead of those of the tables
    grow       {width: [keys], height: [keys]}: sides that grow by so many times themselves
    shape      wired fields whose picture decides the shape where no ratio is asked for, the first that is known
    nearest    true: of the tables' sizes the one that comes nearest to that shape, instead of one with as many pixels
    seconds    `asked` (the default), a wired field whose seconds it has, a number, or {words: text, rates: {zh: n, …}}:
               a text spoken with so many characters a second, by `language` and `speed`
    plus       seconds that come on top of those of a wired field or of words
    sound      true: it always has sound
    format     as probed
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.plan.catalogue_data import Data, mapping, number, text, texts
from kling_pipe.plan.catalogue_rules import Condition, Lists, View, compile_conditions, figure
from kling_pipe.values.media import MediaFacts, MediaType

_overrun = 0.041  # a clip of 5 s is delivered as 5.041 s; native page, section 3, sure
_shortest_speech = 2.0  # seconds; a guess, so it must not fall below what other steps take

Sizes = Mapping[str, Mapping[str, tuple[int, int]]]
Materials = Mapping[str, MediaFacts]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of what comes out."""

    when: Condition
    like: str = ""
    grow: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shape: tuple[str, ...] = ()
    nearest: bool = False
    seconds: str = "asked"  # `asked`, `words`, a wired field, or a figure
    words: str = ""
    rates: Mapping[str, float] = field(default_factory=dict)
    plus: float = 0.0
    sound: bool = False
    format: str = ""

    @staticmethod
    def of(data: Data, lists: Lists) -> Outcome:
        spoken, grow = data.get("seconds"), mapping(data, "grow")
        by_words = mapping(data, "seconds") if isinstance(spoken, Mapping) else {}
        rates = mapping(by_words, "rates")
        return Outcome(
            when=compile_conditions(mapping(data, "when"), lists),
            like=text(data, "like"),
            grow={side: texts(grow, side) for side in grow},
            shape=texts(data, "shape"),
            nearest=data.get("nearest") is True,
            seconds="words" if by_words else text(data, "seconds", "asked"),
            words=text(by_words, "words"),
            rates={key: number(rates, key) or 1.0 for key in rates},
            plus=number(data, "plus") or 0.0,
            sound=data.get("sound") is True,
            format=text(data, "format"),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """The tables an offer's sides are read from; `resolution` by mode, the key `` for a model without modes. A clip's
    own `resolution` goes before that of its mode."""

    makes: MediaType
    sizes: Sizes
    resolution: Mapping[str, str]


def facts_of(
    frame: Frame, outcome: Outcome, view: View, words: Mapping[str, object], materials: Materials
) -> MediaFacts:
    """The facts; bytes and frame rate stay 0, unknown. `words` are the step's own texts."""
    if frame.makes is MediaType.IMAGE:
        width, height = _sides(frame, outcome, view, materials)
        return MediaFacts(MediaType.IMAGE, outcome.format or "png", 0, width, height)
    if frame.makes in (MediaType.ELEMENT, MediaType.VOICE):
        return MediaFacts(frame.makes, "json", 0)
    seconds = _seconds(outcome, view, words, materials)
    if frame.makes is MediaType.AUDIO:
        return MediaFacts(MediaType.AUDIO, outcome.format or "mp3", 0, seconds=seconds, has_sound=True)
    seconds += _overrun if outcome.seconds == "asked" else 0.0
    width, height = _sides(frame, outcome, view, materials)
    clip = materials.get("video")
    kept = bool(clip and clip.has_sound and view.get("keep_original_sound"))
    sound = outcome.sound or bool(view.get("sound")) or kept
    return MediaFacts(MediaType.VIDEO, outcome.format or "mp4", 0, width, height, seconds, 0.0, sound)


def asked_seconds(view: View, default: float) -> float:
    """The duration, or a stand-in where there is none or a wrong one, which `check` refuses."""
    value = view.get("duration")
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
    return value if isinstance(value, int | float) and good else default


def spoken_seconds(said: str, rate: float, speed: object, breath: float) -> float:
    """About how long a text takes to say."""
    pace = speed if isinstance(speed, int | float) and not isinstance(speed, bool) and speed > 0 else 1.0
    return max(_shortest_speech, round(breath + len(said) / rate / pace, 3))


def _seconds(outcome: Outcome, view: View, words: Mapping[str, object], materials: Materials) -> float:
    if outcome.seconds == "asked":
        return asked_seconds(view, 0)
    if outcome.seconds == "words":
        said = words.get(outcome.words)
        rate = outcome.rates.get(str(view.get("language", "")), min(outcome.rates.values(), default=1.0))
        return spoken_seconds(said, rate, view.get("speed"), outcome.plus) if isinstance(said, str) else 0.0
    if outcome.seconds.replace(".", "", 1).isdigit():
        return float(outcome.seconds)
    source = materials.get(outcome.seconds)
    return source.seconds + outcome.plus if source and source.seconds else 0.0


def _sides(frame: Frame, outcome: Outcome, view: View, materials: Materials) -> tuple[int, int]:
    if outcome.like:
        found = materials.get(outcome.like)
        return _grown(found, outcome, view) if found else (0, 0)
    if frame.makes is MediaType.IMAGE:
        return _picture_sides(frame, outcome, view, materials)
    return _clip_sides(frame, outcome, view, materials)


def _grown(facts: MediaFacts, outcome: Outcome, view: View) -> tuple[int, int]:
    wide, high = (1 + figure(view, outcome.grow.get(side, ())) for side in ("width", "height"))
    return round(facts.width * wide), round(facts.height * high)


def _picture_sides(frame: Frame, outcome: Outcome, view: View, materials: Materials) -> tuple[int, int]:
    table = frame.sizes.get(str(view.get("resolution", ""))) or next(iter(frame.sizes.values()), {})
    ratio = str(view.get("aspect_ratio", ""))
    if ratio in table:
        return table[ratio]
    return _nearest(table, _shape(materials, outcome.shape))


def _clip_sides(frame: Frame, outcome: Outcome, view: View, materials: Materials) -> tuple[int, int]:
    resolution = frame.resolution.get(str(view.get("mode", "")), "") or next(iter(frame.resolution.values()), "")
    asked = str(view.get("resolution", ""))
    table = frame.sizes.get(asked) or frame.sizes.get(resolution, {})
    ratio = str(view.get("aspect_ratio", ""))
    if ratio in table and not any(name.partition("[")[0] in view for name in outcome.shape):
        return table[ratio]
    if not table:
        return (0, 0)
    # With a picture the picture decides (section 11): its shape, with as many pixels as the table's sizes have.
    shape = _shape(materials, outcome.shape)
    if outcome.nearest:
        return _nearest(table, shape)
    area = math.prod(table["16:9"])
    return _even(math.sqrt(area * shape)), _even(math.sqrt(area / shape))


def _nearest(table: Mapping[str, tuple[int, int]], shape: float) -> tuple[int, int]:
    return min(table.values(), key=lambda size: abs(math.log(size[0] / size[1] / shape)), default=(0, 0))


def _shape(materials: Materials, fields: tuple[str, ...]) -> float:
    for name in fields:
        facts = materials.get(name)
        if facts and facts.width and facts.height:
            return facts.width / facts.height
    return 16 / 9


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
