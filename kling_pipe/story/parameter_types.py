"""The types that a fragment's parameters have, and what a value of each may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.story.nodes import Seq


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What a parameter of a type may hold."""

    words: str
    holds: Callable[[Any], bool]


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool) or value in ("on", "off", "yes", "no")


def _is_wire(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_id(value: Any) -> bool:
    return _is_wire(value) or (isinstance(value, int) and not isinstance(value, bool))


types: Mapping[str, ParameterType] = {
    "text": ParameterType("text", lambda value: isinstance(value, str)),
    "number": ParameterType("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    "switch": ParameterType("`true` or `false`", _is_switch),
    "list": ParameterType("a list", lambda value: isinstance(value, Seq)),
    "image": ParameterType("a picture, such as `steps.hero` or `./hero.png`", _is_wire),
    "video": ParameterType("a clip, such as `steps.clip` or `./clip.mp4`", _is_wire),
    "audio": ParameterType("sound, such as `steps.speech` or `./voice.mp3`", _is_wire),
    "element": ParameterType("an element, such as `steps.mira`, or its id", _is_id),
    "voice": ParameterType("a voice, such as `steps.narrator`, or its id", _is_id),
}
