"""The sentences in which a parameter's limits are told, shared by all types of parameters."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeGuard

from kling_pipe.plan.catalogue_rules import Finding, View, shown

Check = Callable[[str, View], tuple[Finding, ...]]  # model, view


def listing(values: Iterable[object]) -> str:
    """Values in backticks, separated by commas."""
    return ", ".join(f"`{shown(value)}`" for value in values)


def one_of(values: Iterable[object]) -> str:
    """`is one of …`, or `is always …` for a lone value."""
    several = list(values)
    return f"is one of {listing(several)}" if len(several) > 1 else f"is always {listing(several)}"


def nearest_hint(value: object, offered: Sequence[object], most: int = 1) -> str:
    """Offers the nearest values of a list, the very nearest first."""
    near = difflib.get_close_matches(shown(value), [shown(one) for one in offered], most)
    return f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""


def too_long(key: str, model: str, length: int, most: int) -> Finding:
    message = f"`{key}` has {length} characters, `{model}` takes at most {most}"
    return Finding("text-too-long", message, key, f"shorten it by {length - most}")


def too_short(key: str, model: str, length: int, least: int) -> Finding:
    message = f"`{key}` has {length} character{'' if length == 1 else 's'}, `{model}` needs at least {least}"
    return Finding("text-too-short", message, key, "say more")


def not_offered(key: str, model: str, value: object, wanted: str, hint: str = "") -> Finding:
    return Finding("not-offered", f"`{key}` of `{model}` {wanted}, not `{shown(value)}`", key, hint)


def out_of_range(key: str, model: str, value: object, wanted: str) -> Finding:
    return Finding("out-of-range", f"`{key}` of `{model}` is {wanted}, not {shown(value)}", key)


def too_many(key: str, model: str, most: int, found: int) -> Finding:
    name = key.partition(".")[0]
    return Finding("too-many", f"`{model}` takes at most {most} `{name}`, not {found}", key, "leave some out")


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def inside(value: object, low: float | None, high: float | None) -> bool:
    return is_number(value) and (low is None or value >= low) and (high is None or value <= high)
