"""Reads payloads strictly against tables of fields: every name, type, bound and choice that the page gives.

Nothing is published about leniency, so there is none: a number in text, a null and an unknown name are refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Asked(StrEnum):
    """What a payload is for."""

    MAKING = "making"  # it must be whole
    PRICE = "price"  # what is missing does not matter (picsart.md section 4: `pricing` names no prompt)


class Rebuff(Exception):
    """A request is refused with an HTTP status and the service's words."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


def wrong(text: str) -> Rebuff:
    """A payload cannot stand."""
    return Rebuff(400, text)


def missing(name: str) -> Rebuff:
    """A required field is absent."""
    return wrong(f"{name} is required")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload. `kind` is text, whole, number, switch, id, seconds, object, anything or list."""

    name: str
    kind: str = "text"
    required: bool = False
    values: tuple[object, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    step: float = 0.0
    most: int = 0  # characters of a text, items of a list; 0 means no bound is published
    least: int = 0  # items of a list
    children: tuple[Field, ...] = ()


def read(payload: Mapping[str, Any], fields: Iterable[Field], asked: Asked, where: str = "") -> dict[str, Any]:
    """The payload's fields as plain values; raises Rebuff."""
    table = {field.name: field for field in fields}
    for name in payload:
        if name not in table:
            raise wrong(f"unknown parameter: {where}{name}")
    values: dict[str, Any] = {}
    for name, field in table.items():
        if name not in payload or (field.required and payload[name] == ""):
            if field.required and asked is Asked.MAKING:
                raise missing(where + name)
            continue
        values[name] = _value(payload[name], field, asked, where + name)
    return values


def _value(value: Any, field: Field, asked: Asked, where: str) -> Any:
    found = _readers[field.kind](value, field, asked, where)
    if field.values and found not in field.values:
        listed = ", ".join(str(choice) for choice in field.values)
        raise wrong(f"{where} must be one of: {listed}" if len(field.values) < 20 else f"{where} is not known: {found}")
    return found


def _text(value: Any, field: Field, asked: Asked, where: str) -> str:
    if not isinstance(value, str):
        raise wrong(f"{where} must be a string")
    if field.most and len(value) > field.most:
        raise wrong(f"{where} must not exceed {field.most} characters")
    return value


def _whole(value: Any, field: Field, asked: Asked, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"{where} must be an integer")
    _check_bounds(value, field, where)
    return value


def _number(value: Any, field: Field, asked: Asked, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(_real(value)):
        raise wrong(f"{where} must be a number")
    _check_bounds(value, field, where)
    return float(value)


def _real(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def _check_bounds(value: float, field: Field, where: str) -> None:
    if not field.low <= value <= field.high:
        raise wrong(f"{where} must be between {field.low:g} and {field.high:g}")
    steps = (value - field.low) / field.step if field.step else 0.0
    if abs(steps - round(steps)) > 1e-6:
        raise wrong(f"{where} must be a multiple of {field.step:g}")


def _switch(value: Any, field: Field, asked: Asked, where: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(f"{where} must be a boolean")
    return value


def _id(value: Any, field: Field, asked: Asked, where: str) -> str:
    """An id as text or as a number: the page says which for one model only."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise wrong(f"{where} must be an id")
    return str(value)


def _seconds(value: Any, field: Field, asked: Asked, where: str) -> str:
    """Seconds as text or as a number, for models of which the page does not say."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong(f"{where} must be a duration")
    return str(value)


def _object(value: Any, field: Field, asked: Asked, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(f"{where} must be an object")
    return read(value, field.children, asked, f"{where}.")


def _anything(value: Any, field: Field, asked: Asked, where: str) -> Any:
    return value


def _list(value: Any, field: Field, asked: Asked, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise wrong(f"{where} must be an array")
    if len(value) < field.least or (field.most and len(value) > field.most):
        raise wrong(f"{where} must hold {field.least} to {field.most} items")
    item = Field(field.name, "object" if field.children else "text", children=field.children)
    return [_value(entry, item, asked, f"{where}[{index}]") for index, entry in enumerate(value)]


_readers: Mapping[str, Callable[[Any, Field, Asked, str], Any]] = {
    "text": _text,
    "whole": _whole,
    "number": _number,
    "switch": _switch,
    "id": _id,
    "seconds": _seconds,
    "object": _object,
    "anything": _anything,
    "list": _list,
}
