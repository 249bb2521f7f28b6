"""Mentions such as `<<<image_2>>>` in a step's texts, which must name something that is wired."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from kling_pipe.errors import Problem, Severity
from kling_pipe.story.kinds import Kind, kinds
from kling_pipe.story.places import Places
from kling_pipe.story.storyboard import Step
from kling_pipe.values.media import MediaType
from kling_pipe.values.span import Span

_mention = re.compile(r"<<<(image|element|voice|video)_([0-9]{1,9})>>>")
_nearly = re.compile(r"<{1,5}\s*(image|element|voice|video)[\s_-]*([0-9]{1,9})\s*>{1,5}", re.IGNORECASE)
_nouns = {"image": "picture", "element": "element", "voice": "voice", "video": "clip"}
_uncounted = ("static_mask", "dynamic_masks.mask")  # a mask is no picture that words could speak of


def mentions_lead_somewhere(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """A mention of nothing would reach the model as mere signs, and be paid for."""
    kind = kinds[step.kind]
    for key, text in _texts(step, kind):
        if "<" not in text:
            continue
        for what, number in dict.fromkeys(_mention.findall(text)):
            fields = _fields(kind, what)
            there = sum(_count(step, kind, field) for field in fields)
            if not 1 <= int(number) <= there:
                yield _unknown(step, key, what, number, there, fields)
        for match in dict.fromkeys(match[0] for match in _nearly.finditer(text)):
            if not _mention.fullmatch(match):
                yield _odd(step, key, match)


def _texts(step: Step, kind: Kind) -> Iterator[tuple[str, str]]:
    """Every text of a step that a model reads, with its key."""
    for key in kind.texts:
        value = step.parameters.get(key)
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, tuple):
            yield from ((f"{key}[{index}].prompt", shot["prompt"]) for index, shot in enumerate(value))


def _fields(kind: Kind, what: str) -> tuple[str, ...]:
    """The fields that a mention counts; where the service gives it no meaning, all that hold something of the sort."""
    named = kind.mentions.get(what)
    if named is not None:
        return named
    return tuple(wire.name for wire in kind.wires if wire.takes is MediaType(what) and wire.name not in _uncounted)


def _count(step: Step, kind: Kind, name: str) -> int:
    """How many things a field holds, ids among them."""
    field = kind.wire(name)
    if field is not None and field.ids:
        held = step.parameters.get(name)
        return len(held) if isinstance(held, tuple) else 1 if held else sum(wire.name == name for wire in step.wires)
    return sum(wire.name == name for wire in step.wires)


def _unknown(step: Step, key: str, what: str, number: str, there: int, fields: Sequence[str]) -> Problem:
    noun = _nouns[what]
    count = f"are {there} {noun}s" if there > 1 else f"is one {noun}" if there else f"is no {noun}"
    mention = f"<<<{what}_{number}>>>"
    message = f"`{key}` names `{mention}`, there {count}"
    if there:
        hint = f"they count from `<<<{what}_1>>>` to `<<<{what}_{there}>>>`" if there > 1 else f"write `<<<{what}_1>>>`"
    elif fields:
        hint = f"add `{fields[0]}`, or take it out of the text"
    else:
        hint = f"`{step.kind}` takes no {noun}s: take it out of the text"
    return Problem("unknown-mention", message, _place(step, key, mention), hint)


def _odd(step: Step, key: str, written: str) -> Problem:
    match = _nearly.fullmatch(written)
    assert match is not None
    message = f"`{key}` holds `{written}`, which names nothing"
    hint = f"a mention is written `<<<{match[1].lower()}_{int(match[2])}>>>`"
    return Problem("odd-mention", message, _place(step, key, written), hint, Severity.WARNING)


def _place(step: Step, key: str, mention: str) -> Span:
    places = step.spans
    return places.within(key, mention) if isinstance(places, Places) else step.span_of(key)
