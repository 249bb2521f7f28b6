"""Reads request bodies strictly against tables of fields: types, bounds, choices and lengths, in the service's words.

Two leniencies are the service's own (kling.md section 12, after the account endpoints): empty text counts as absent,
and numbers and switches may come as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Others(StrEnum):
    """What becomes of fields the page does not list (D25)."""

    IGNORED = "ignored"
    REFUSED = "refused"


class Rebuff(Exception):
    """A request is refused with an HTTP status, one of the service's codes and its words."""

    def __init__(self, status: int, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.status = status
        self.code = code
        self.text = text


def missing(name: str) -> Rebuff:
    """A required field is absent (1200)."""
    return Rebuff(400, 1200, f"{name} is required")


def wrong(text: str) -> Rebuff:
    """A value cannot stand (1201)."""
    return Rebuff(400, 1201, text)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body. `kind` is text, whole, number, switch, object or list."""

    name: str
    kind: str = "text"
    required: bool = False
    values: tuple[object, ...] = ()
    low: float | None = None
    high: float | None = None
    most: int | None = None  # characters of a text, items of a list
    least: int = 0  # items of a list
    children: tuple[Field, ...] = ()
    item: str = ""  # kind of a list's items, when they are not objects
    strict: bool = False  # the type must be exactly that of the page
    word: str = ""  # what the service calls the field in refusals


def read(body: Mapping[str, Any], fields: Iterable[Field], where: str = "", *, others: Others) -> dict[str, Any]:
    """The body's known fields as plain values; `others` says what becomes of unknown ones. Raises Rebuff."""
    table = {field.name: field for field in fields}
    if others is Others.REFUSED:
        for name in body:
            if name not in table:
                raise wrong(f"field '{where}{name}' is not supported")
    values: dict[str, Any] = {}
    for name, field in table.items():
        value = body.get(name)
        if value is None or value == "":
            if field.required:
                raise missing(where + name)
            continue
        values[name] = _value(value, field, where + name, others)
    return values


def _value(value: Any, field: Field, where: str, others: Others) -> Any:
    settled = _readers[field.kind](value, field, where, others)
    if field.values and settled not in field.values:
        raise wrong(f"{field.word or where} value '{value}' is invalid")
    return settled


def _text(value: Any, field: Field, where: str, others: Others) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and not field.strict:
        value = str(value)
    if not isinstance(value, str):
        raise Rebuff(400, 1200, f"{where} must be a string")
    if field.most is not None and len(value) > field.most:
        raise wrong(f"{where} exceeds the maximum length of {field.most} characters")
    return value


def _whole(value: Any, field: Field, where: str, others: Others) -> int:
    if isinstance(value, str) and not field.strict and value.removeprefix("-").isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Rebuff(400, 1200, f"{where} must be an integer")
    return int(_bounded(value, field, where))


def _number(value: Any, field: Field, where: str, others: Others) -> float:
    if isinstance(value, str) and not field.strict:
        try:
            value = float(value)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rebuff(400, 1200, f"{where} must be a number")
    return _bounded(value, field, where)


def _bounded(value: float, field: Field, where: str) -> float:
    below = field.low is not None and not value >= field.low
    above = field.high is not None and not value <= field.high
    if below or above:
        raise wrong(f"{where} value '{value}' is invalid, the range is [{field.low:g}, {field.high:g}]")
    return value


def _switch(value: Any, field: Field, where: str, others: Others) -> bool:
    if isinstance(value, bool):
        return value
    if not field.strict and value in ("true", "false"):
        return bool(value == "true")
    raise Rebuff(400, 1200, f"{where} must be a boolean")


def _object(value: Any, field: Field, where: str, others: Others) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Rebuff(400, 1200, f"{where} must be an object")
    return read(value, field.children, f"{where}.", others=others)


def _list(value: Any, field: Field, where: str, others: Others) -> list[Any]:
    if not isinstance(value, list):
        raise Rebuff(400, 1200, f"{where} must be an array")
    if len(value) < field.least or (field.most is not None and len(value) > field.most):
        raise wrong(f"{where} must have {field.least} to {field.most} items")
    item = Field(field.name, field.item or "object", children=field.children)
    return [_value(entry, item, f"{where}[{index}]", others) for index, entry in enumerate(value)]


_readers: dict[str, Callable[[Any, Field, str, Others], Any]] = {
    "text": _text,
    "whole": _whole,
    "number": _number,
    "switch": _switch,
    "object": _object,
    "list": _list,
}
