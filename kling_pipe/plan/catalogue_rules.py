"""The small language in which a catalogue says what excludes or needs what, compiled to closures.

A rule fires for its `kinds` and `models` (all when absent) when every condition of `when` holds (`when_any`: at
least one). Then

1. every condition of `require` must hold,
2. no key of `forbid` may be there,
3. the items of `limit: {sum: [keys], max: n}` must not be more than n.

What fails becomes a finding with the rule's code, message and hint at the key `at` (a list: the first that is there).
A finding of the code `not-sent` also takes its key out of what is sent.

A condition is a key with one of: `present`, `absent`; a value (equal); a list of values (one of them); the words
`list` (a list of things); `{not: condition}`; `{min: a, max: b}` for numbers; `{length: {min: a, max: b}}` for texts;
`{items: {min: a, max: b}}` for lists and wired fields. Messages may name `{model}`, `{kind}`,
`{key}`, `{sum}` and any parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import Data, mapping, number, severity, text, texts

View = Mapping[str, object]  # parameters with defaults, and wired fields as tuples of field paths
Condition = Callable[[View], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem without its place: `key` says what it is about (`kind` for the step as a whole)."""

    code: str
    message: str
    key: str
    hint: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule; `kinds` and `models` empty mean all of them."""

    code: str
    kinds: tuple[str, ...]
    models: tuple[str, ...]
    about: frozenset[str]  # keys whose presence makes it fire
    find: Callable[[View, str, str], tuple[Finding, ...]]  # view, kind, model

    def concerns(self, kind: str, model: str) -> bool:
        return (not self.kinds or kind in self.kinds) and (not self.models or model in self.models)


def compile_rule(data: Data) -> Rule:
    """A rule from its lines in the catalogue."""
    holds = compile_conditions(mapping(data, "when"))
    any_of = [condition(key, wanted) for key, wanted in mapping(data, "when_any").items()]
    demands = [_demand(data, key) for key in ("require", "forbid", "limit") if key in data]

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        if not holds(view) or (any_of and not any(check(view) for check in any_of)):
            return ()
        return tuple(finding for demand in demands for finding in demand(view, kind, model))

    conditions = {**mapping(data, "when"), **mapping(data, "when_any")}
    about = frozenset(key for key, wanted in conditions.items() if wanted != "absent")
    return Rule(text(data, "code"), texts(data, "kinds"), texts(data, "models"), about, find)


def compile_conditions(data: Data) -> Condition:
    """All of several conditions as one."""
    checks = tuple(condition(key, wanted) for key, wanted in data.items())
    if not checks:
        return lambda view: True
    if len(checks) == 1:
        return checks[0]
    return lambda view: all(check(view) for check in checks)


def condition(key: str, wanted: object) -> Condition:
    """One condition on one key."""
    if isinstance(wanted, Mapping):
        return _form_of(key, wanted)
    if isinstance(wanted, str) and wanted in _words:
        return _words[wanted](key)
    if isinstance(wanted, list | tuple):
        values = tuple(wanted)
        return lambda view: any(same(view.get(key), value) for value in values)
    return lambda view: same(view.get(key), wanted)


def longest_shared_text(data: Data) -> int | None:
    """The greatest length up to which no condition on lengths, anywhere in this data, can tell two texts apart."""
    bounds: list[int] = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            inner = longest_shared_text(value)
            bounds += [inner] if inner is not None else []
            if key == "length":
                least, most = number(value, "min"), number(value, "max")
                bounds += [int(least) - 1] if least is not None else []
                bounds += [int(most)] if most is not None else []
    return min(bounds) if bounds else None


def same(found: object, wanted: object) -> bool:
    """Equality that does not take 1 for true."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def count(view: View, key: str) -> int:
    """How many items a list or wired field holds."""
    value = view.get(key)
    return 0 if value is None else len(value) if isinstance(value, list | tuple) else 1


def shown(value: object) -> str:
    """A value as the user would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else str(value)


def _within(low: float | None, high: float | None, value: float) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


_words: Mapping[str, Callable[[str], Condition]] = {
    "present": lambda key: lambda view: key in view,
    "absent": lambda key: lambda view: key not in view,
    "list": lambda key: lambda view: isinstance(view.get(key), list | tuple),
}


def _form_of(key: str, wanted: Data) -> Condition:
    if "not" in wanted:
        inner = condition(key, wanted["not"])
        return lambda view: not inner(view)
    if "length" in wanted:
        low, high = _bounds(mapping(wanted, "length"))
        return lambda view: isinstance(found := view.get(key), str) and _within(low, high, len(found))
    if "items" in wanted:
        low, high = _bounds(mapping(wanted, "items"))
        return lambda view: _within(low, high, count(view, key))
    low, high = _bounds(wanted)
    return lambda view: isinstance(found := view.get(key), int | float | Decimal) and _within(low, high, float(found))


def _bounds(data: Data) -> tuple[float | None, float | None]:
    return number(data, "min"), number(data, "max")


Demand = Callable[[View, str, str], tuple[Finding, ...]]


def _demand(data: Data, form: str) -> Demand:
    return {"require": _require, "forbid": _forbid, "limit": _limit}[form](data)


def _require(data: Data) -> Demand:
    wanted = mapping(data, "require")
    fulfilled = compile_conditions(wanted)
    places = texts(data, "at") or tuple(wanted)
    write = _writer(data)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        return () if fulfilled(view) else (write(view, kind, model, _first(places, view), 0),)

    return find


def _forbid(data: Data) -> Demand:
    keys = texts(data, "forbid")
    write = _writer(data)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        return tuple(write(view, kind, model, key, 0) for key in keys if key in view)

    return find


def _limit(data: Data) -> Demand:
    limit = mapping(data, "limit")
    keys, most = texts(limit, "sum"), number(limit, "max") or 0
    places = texts(data, "at") or keys
    write = _writer(data)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        total = sum(count(view, key) for key in keys)
        return (write(view, kind, model, _first(places, view), total),) if total > most else ()

    return find


def _first(keys: tuple[str, ...], view: View) -> str:
    return next((key for key in keys if key in view), keys[0])


class _Words(dict[str, str]):
    """What a message may name; a parameter that is not there reads as `nothing`."""

    def __missing__(self, key: str) -> str:
        return "nothing"


def _writer(data: Data) -> Callable[[View, str, str, str, int], Finding]:
    code, message, hint, level = text(data, "code"), text(data, "message"), text(data, "hint"), severity(data)

    def write(view: View, kind: str, model: str, key: str, total: int) -> Finding:
        words = _Words({name: shown(value) for name, value in view.items()})
        words.update(kind=kind, model=model, key=key.partition(".")[0], sum=str(total))
        return Finding(code, message.format_map(words), key, hint.format_map(words), level)

    return write
