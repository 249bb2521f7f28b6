"""Mentions such as `<<<image_2>>>` in a step's texts, which must name something that is wired."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from kling_pipe.errors import Problem
from kling_pipe.story.kinds import Kind, kinds
from kling_pipe.story.places import Places
from kling_pipe.story.storyboard import Step
from kling_pipe.values.span import Span

_mention = re.compile(r"<<<([a-z]+)_([0-9]{1,9})>>>")
_nouns = {"image": "picture", "element": "element", "voice": "voice", "video": "clip"}


def mentions_lead_somewhere(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """A mention of nothing would reach the model as mere signs, and be paid for."""
    kind = kinds[step.kind]
    if not kind.mentions:
        return
    for key, text in _texts(step, kind):
        for what, number in dict.fromkeys(_mention.findall(text)) if "<<<" in text else ():
            fields = kind.mentions.get(what)
            if fields is not None:
                there = sum(_count(step, kind, field) for field in fields)
                if not 1 <= int(number) <= there:
                    yield _unknown(step, key, what, number, there, fields[0])


def _texts(step: Step, kind: Kind) -> Iterator[tuple[str, str]]:
    """Every text of a step that a model reads, with its key."""
    for key in kind.texts:
        value = step.parameters.get(key)
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, tuple):
            yield from ((f"{key}[{index}].prompt", shot["prompt"]) for index, shot in enumerate(value))


def _count(step: Step, kind: Kind, name: str) -> int:
    """How many things a field holds, ids among them."""
    field = kind.wire(name)
    if field is not None and field.ids:
        held = step.parameters.get(name)
        return len(held) if isinstance(held, tuple) else 0
    return sum(wire.name == name for wire in step.wires)


def _unknown(step: Step, key: str, what: str, number: str, there: int, field: str) -> Problem:
    noun = _nouns[what]
    count = f"are {there} {noun}s" if there > 1 else f"is one {noun}" if there else f"is no {noun}"
    mention = f"<<<{what}_{number}>>>"
    message = f"`{key}` names `{mention}`, there {count}"
    if there:
        hint = f"they count from `<<<{what}_1>>>` to `<<<{what}_{there}>>>`" if there > 1 else f"write `<<<{what}_1>>>`"
    else:
        hint = f"add `{field}`, or take it out of the text"
    return Problem("unknown-mention", message, _place(step, key, mention), hint)


def _place(step: Step, key: str, mention: str) -> Span:
    places = step.spans
    return places.within(key, mention) if isinstance(places, Places) else step.span_of(key)
