"""Reads a catalogue's parsed data with types; a wrong shape is our mistake and raises ValueError."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from kling_pipe.errors import Severity
from kling_pipe.values.media import MediaType

Data = Mapping[str, object]


def mapping(data: Data, key: str) -> Data:
    """A mapping under a key; empty when the key is absent."""
    value = data.get(key, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"`{key}` is not a mapping: {value!r}")
    return value


def sequence(data: Data, key: str) -> tuple[object, ...]:
    """A list under a key; empty when the key is absent."""
    value = data.get(key, [])
    if not isinstance(value, list | tuple):
        raise ValueError(f"`{key}` is not a list: {value!r}")
    return tuple(value)


def mappings(data: Data, key: str) -> tuple[Data, ...]:
    """A list of mappings under a key."""
    found = sequence(data, key)
    return tuple(item if isinstance(item, Mapping) else _refuse(key, item) for item in found)


def texts(data: Data, key: str) -> tuple[str, ...]:
    """A list of texts under a key; a lone text counts as a list of one."""
    value = data.get(key)
    return (value,) if isinstance(value, str) else tuple(str(item) for item in sequence(data, key))


def text(data: Data, key: str, default: str = "") -> str:
    """A text under a key."""
    value = data.get(key, default)
    return value if isinstance(value, str) else str(value)


def number(data: Data, key: str) -> float | None:
    """A number under a key, or None when the key is absent."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"`{key}` is not a number: {value!r}")
    return value


def amount(value: object) -> Decimal:
    """A decimal written as a text or a number."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not an amount: {value!r}") from None


def media_type(data: Data, key: str) -> MediaType:
    """A media type under a key."""
    return MediaType(text(data, key))


def severity(data: Data) -> Severity:
    """The severity of a rule; an error unless said otherwise."""
    return Severity(text(data, "severity", "error"))


def _refuse(key: str, item: object) -> Data:
    raise ValueError(f"`{key}` holds something that is not a mapping: {item!r}")
