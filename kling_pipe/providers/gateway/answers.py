"""What stands in the gateway's JSON, read without trust: what is not of the expected form is nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping

Entry = Mapping[str, object]
_milliseconds = 1e11  # a moment above this is in milliseconds, as new-api's Kling path passes them on (section 4)


def text_in(value: object) -> str:
    """A text, or nothing."""
    return value if isinstance(value, str) else ""


def word_in(value: object) -> str:
    """A code or an id as text, whichever way it was written."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**30:
        return str(value)
    return text_in(value).strip()


def mapping(value: object) -> Entry:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def entries(value: object) -> list[Entry]:
    """The objects of a list; what is none keeps its place."""
    return [mapping(item) for item in value] if isinstance(value, list) else []


def moment(value: object) -> float:
    """Unix seconds, written as such or as milliseconds; 0 unknown."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e16:
        return 0.0
    found = float(value) / 1000 if value > _milliseconds else float(value)
    return found if math.isfinite(found) else 0.0
