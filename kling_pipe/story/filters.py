"""The pure filters of expressions, and how a value reads as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any


def plain_text(value: Any) -> str:
    """A value within text: numbers as short as they are, switches as `true` and `false`, nothing as empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def kind_of(value: Any) -> str:
    """What a value is, in the words of messages."""
    for types, name in _kind_names:
        if isinstance(value, types):
            return name
    return "nothing"


_kind_names: tuple[tuple[Any, str], ...] = (
    (bool, "a switch"), (int | float, "a number"), (str, "text"), (Mapping, "a mapping"), (list | tuple, "a list"),
)  # fmt: skip


def _text_filter(change: Callable[[str], str]) -> Callable[[Any, str], str]:
    def apply(value: Any, _argument: str) -> str:
        if not isinstance(value, str | int | float):
            raise TypeError
        return change(plain_text(value))

    return apply


def _title(text: str) -> str:
    # `str.title` would make "It'S" of "it's".
    return re.sub(r"\S+", lambda word: word[0][:1].upper() + word[0][1:], text)


def _slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")


def _join(value: Any, between: str) -> str:
    if not isinstance(value, list | tuple) or any(isinstance(item, Mapping | list | tuple) for item in value):
        raise TypeError
    return between.join(plain_text(item) for item in value)


filters: Mapping[str, Callable[[Any, str], str]] = {
    "upper": _text_filter(str.upper),
    "lower": _text_filter(str.lower),
    "title": _text_filter(_title),
    "slug": _text_filter(_slug),
    "join": _join,
    "trim": _text_filter(str.strip),
}
