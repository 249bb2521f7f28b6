"""Reads task objects strictly against tables of parameters: types exactly as told, bounds, choices, nothing unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.runware.fake_errors import invalid, missing, unknown


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `kind` is text, whole, number, switch, object, list or any."""

    name: str
    kind: str = "text"
    required: bool = False
    values: tuple[object, ...] = ()
    low: float | None = None
    high: float | None = None
    children: tuple[Parameter, ...] = ()  # of an object, or of a list's objects
    item: str = ""  # kind of a list's items when they are not objects
    folds: bool = False  # choices in either case of letters


def read(task: Mapping[str, Any], table: Iterable[Parameter], where: str = "") -> dict[str, Any]:
    """The task's parameters as plain values; raises Rebuff for the first that cannot stand."""
    known = {parameter.name: parameter for parameter in table}
    for name in task:
        if name not in known:
            raise unknown(where + str(name))
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        if name in task:
            values[name] = _value(task[name], parameter, where + name)
        elif parameter.required:
            raise missing(where + name)
    return values


def _value(value: Any, parameter: Parameter, where: str) -> Any:
    settled = _readers[parameter.kind](value, parameter, where)
    if parameter.folds and isinstance(settled, str):
        settled = settled.lower()
    if parameter.values and settled not in parameter.values:
        listed = ", ".join(str(one) for one in parameter.values)
        raise invalid(where, f"expected one of {listed}")
    return settled


def _text(value: Any, parameter: Parameter, where: str) -> str:
    if not isinstance(value, str):
        raise invalid(where, "expected a string")
    _check_bounds(len(value), parameter, where, " characters")
    return value


def _whole(value: Any, parameter: Parameter, where: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(where, "expected an integer")
    _check_bounds(value, parameter, where)
    return int(value)


def _number(value: Any, parameter: Parameter, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or math.isnan(value):
        raise invalid(where, "expected a number")
    _check_bounds(value, parameter, where)
    return float(value)


def _switch(value: Any, parameter: Parameter, where: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(where, "expected a boolean")
    return value


def _object(value: Any, parameter: Parameter, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(where, "expected an object")
    return read(value, parameter.children, f"{where}.")


def _list(value: Any, parameter: Parameter, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(where, "expected an array")
    _check_bounds(len(value), parameter, where, " items")
    item = Parameter(parameter.name, parameter.item or "object", children=parameter.children)
    return [_value(one, item, f"{where}[{index}]") for index, one in enumerate(value)]


def _check_bounds(value: float, parameter: Parameter, where: str, unit: str = "") -> None:
    low, high = parameter.low, parameter.high
    if (low is None or value >= low) and (high is None or value <= high):
        return
    least, most = ("" if bound is None else f"{bound:g}" for bound in (low, high))
    span = f"between {least} and {most}" if least and most else f"at least {least}" if least else f"at most {most}"
    raise invalid(where, f"expected {span}{unit}")


_readers: dict[str, Callable[[Any, Parameter, str], Any]] = {
    "text": _text,
    "whole": _whole,
    "number": _number,
    "switch": _switch,
    "object": _object,
    "list": _list,
    "any": lambda value, parameter, where: value,
}
