"""The small language in which a catalogue says what excludes or needs what, compiled to closures.

A rule fires for its `kinds` and `models` (all when absent) when every condition of `when` holds (`when_any`: at
least one). Then

1. every condition of `require` must hold, and one at least of `require_any`,
2. no key of `forbid` may be there,
3. the figure of `limit` must lie within its `min` and `max`: `items: [keys]` counts what lists and wired fields hold,
   `sum: [keys]` adds numbers (less those of `minus: [keys]`), `product: [[keys], [keys]]` multiplies one plus each sum.

What fails becomes a finding with the rule's code, message and hint at the key `at` (a list: the first that is there).
A finding of the code `not-sent` also takes its key out of what is sent.

A condition is a key with one of: `present`, `absent`; a value (equal); a list of values (one of them); the words
`list` (a list of things); `{not: condition}`; `{min: a, max: b}` for numbers; `{length: {min: a, max: b}}` and
`{contains: text}` for texts; `{items: {min: a, max: b}}` for lists and wired fields; `{in: name}` for one of the
catalogue's named `lists`. What a condition may know of the steps that are wired: catalogue_sources.

Messages may name `{model}`, `{kind}`, `{a_kind}` (with its article), `{key}`, `{found}` (the
figure of `limit`, or the number of items of what is first in `require`) and any parameter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import Data, mapping, number, sequence, severity, text, texts

View = Mapping[str, object]  # parameters with defaults, and wired fields as tuples of field paths
Condition = Callable[[View], bool]
Lists = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem without its place: `key` says what it is about (`kind` for the step as a whole), `origin` which line of
    the catalogue it comes from, such as `media.picture.bytes`."""

    code: str
    message: str
    key: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule; `kinds` and `models` empty mean all of them."""

    code: str
    kinds: tuple[str, ...]
    models: tuple[str, ...]
    about: frozenset[str]  # keys whose presence makes it fire
    find: Callable[[View, str, str], tuple[Finding, ...]]  # view, kind, model
    data: Data

    def concerns(self, kind: str, model: str) -> bool:
        return (not self.kinds or kind in self.kinds) and (not self.models or model in self.models)


def compile_rule(data: Data, origin: str = "", lists: Lists | None = None) -> Rule:
    """A rule from its lines in the catalogue."""
    named: Lists = {} if lists is None else lists
    holds = compile_conditions(mapping(data, "when"), named)
    any_of = [condition(key, wanted, named) for key, wanted in mapping(data, "when_any").items()]
    demands = [_demands[form](data, origin, named) for form in _demands if form in data]
    if not demands:
        raise ValueError(f"a rule demands nothing: {text(data, 'code')}")

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        if not holds(view) or (any_of and not any(check(view) for check in any_of)):
            return ()
        return tuple(finding for demand in demands for finding in demand(view, kind, model))

    conditions = {**mapping(data, "when"), **mapping(data, "when_any")}
    about = frozenset(key for key, wanted in conditions.items() if not is_absence(wanted))
    return Rule(text(data, "code"), texts(data, "kinds"), texts(data, "models"), about, find, data)


def is_absence(wanted: object) -> bool:
    """Whether a condition holds where its key is not there."""
    return wanted == "absent" or (isinstance(wanted, Mapping) and "not" in wanted)


def compile_conditions(data: Data, lists: Lists | None = None) -> Condition:
    """All of several conditions as one."""
    checks = tuple(condition(key, wanted, lists) for key, wanted in data.items())
    if not checks:
        return lambda view: True
    if len(checks) == 1:
        return checks[0]
    return lambda view: all(check(view) for check in checks)


def condition(key: str, wanted: object, lists: Lists | None = None) -> Condition:
    """One condition on one key."""
    if isinstance(wanted, Mapping):
        return _form_of(key, wanted, {} if lists is None else lists)
    if isinstance(wanted, str) and wanted in _words:
        return _words[wanted](key)
    if isinstance(wanted, list | tuple):
        values = tuple(wanted)
        return lambda view: any(same(view.get(key), value) for value in values)
    return lambda view: same(view.get(key), wanted)


def same(found: object, wanted: object) -> bool:
    """Equality that does not take 1 for true."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def count(view: View, key: str) -> int:
    """How many items a list or wired field holds."""
    value = view.get(key)
    return 0 if value is None else len(value) if isinstance(value, list | tuple) else 1


def figure(view: View, keys: Sequence[str]) -> float:
    """The sum of several numbers; what is no number counts for nothing."""
    values = [view.get(key) for key in keys]
    return sum(float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool))


def shown(value: object) -> str:
    """A value as the user would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else str(value)


def a_kind(kind: str) -> str:
    """``a `voice` ``, ``an `element` ``."""
    return f"{'an' if kind[0] in 'aeio' else 'a'} `{kind}`"


def plain_figure(value: float) -> str:
    """A number without a needless point or a long tail."""
    return f"{round(value, 3):g}"


def within(low: float | None, high: float | None, value: float) -> bool:
    """Whether a number lies between two bounds, either of which may be missing."""
    return (low is None or value >= low - 1e-9) and (high is None or value <= high + 1e-9)


_words: Mapping[str, Callable[[str], Condition]] = {
    "present": lambda key: lambda view: key in view,
    "absent": lambda key: lambda view: key not in view,
    "list": lambda key: lambda view: isinstance(view.get(key), list | tuple),
}


def _form_of(key: str, wanted: Data, lists: Lists) -> Condition:
    if "not" in wanted:
        inner = condition(key, wanted["not"], lists)
        return lambda view: not inner(view)
    if "in" in wanted:
        values = lists[text(wanted, "in")]
        return lambda view: isinstance(found := view.get(key), str) and found in values
    if "contains" in wanted:
        part = text(wanted, "contains")
        return lambda view: isinstance(found := view.get(key), str) and part in found
    if "length" in wanted:
        low, high = _bounds(mapping(wanted, "length"))
        return lambda view: isinstance(found := view.get(key), str) and within(low, high, len(found))
    if "items" in wanted:
        low, high = _bounds(mapping(wanted, "items"))
        return lambda view: within(low, high, count(view, key))
    low, high = _bounds(wanted)
    return lambda view: isinstance(found := view.get(key), int | float | Decimal) and within(low, high, float(found))


def _bounds(data: Data) -> tuple[float | None, float | None]:
    return number(data, "min"), number(data, "max")


Demand = Callable[[View, str, str], tuple[Finding, ...]]


def _require(data: Data, origin: str, lists: Lists) -> Demand:
    wanted = mapping(data, "require")
    fulfilled = compile_conditions(wanted, lists)
    first = next(iter(wanted), "")
    places = texts(data, "at") or tuple(wanted)
    write = _writer(data, origin)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        return () if fulfilled(view) else (write(view, kind, model, _first(places, view), count(view, first)),)

    return find


def _require_any(data: Data, origin: str, lists: Lists) -> Demand:
    wanted = mapping(data, "require_any")
    checks = [condition(key, one, lists) for key, one in wanted.items()]
    places = texts(data, "at") or tuple(wanted)
    write = _writer(data, origin)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        fulfilled = any(check(view) for check in checks)
        return () if fulfilled else (write(view, kind, model, _first(places, view), 0.0),)

    return find


def _forbid(data: Data, origin: str, _: Lists) -> Demand:
    keys = texts(data, "forbid")
    write = _writer(data, origin)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        return tuple(write(view, kind, model, key, 0.0) for key in keys if key in view)

    return find


def _limit(data: Data, origin: str, _: Lists) -> Demand:
    limit = mapping(data, "limit")
    measure, keys = _measure(limit)
    low, high = _bounds(limit)
    places = texts(data, "at") or keys
    write = _writer(data, origin)

    def find(view: View, kind: str, model: str) -> tuple[Finding, ...]:
        found = measure(view)
        return () if within(low, high, found) else (write(view, kind, model, _first(places, view), found),)

    return find


_demands: Mapping[str, Callable[[Data, str, Lists], Demand]] = {
    "require": _require,
    "require_any": _require_any,
    "forbid": _forbid,
    "limit": _limit,
}


def _measure(limit: Data) -> tuple[Callable[[View], float], tuple[str, ...]]:
    """What a limit reckons, and the keys it is about."""
    if "items" in limit:
        items = texts(limit, "items")
        return (lambda view: sum(count(view, key) for key in items)), items
    if "product" in limit:
        factors = [tuple(str(key) for key in _keys(factor)) for factor in sequence(limit, "product")]
        flat = tuple(key for factor in factors for key in factor)
        return (lambda view: math.prod(1 + figure(view, factor) for factor in factors)), flat
    plus, minus = texts(limit, "sum"), texts(limit, "minus")
    return (lambda view: figure(view, plus) - figure(view, minus)), plus


def _keys(factor: object) -> tuple[object, ...]:
    return tuple(factor) if isinstance(factor, list | tuple) else (factor,)


def _first(keys: tuple[str, ...], view: View) -> str:
    return next((key for key in keys if key in view), keys[0])


class _Words(dict[str, str]):
    """What a message may name; a parameter that is not there reads as `nothing`."""

    def __missing__(self, key: str) -> str:
        return "nothing"


def _writer(data: Data, origin: str) -> Callable[[View, str, str, str, float], Finding]:
    code, message, hint, level = text(data, "code"), text(data, "message"), text(data, "hint"), severity(data)

    def write(view: View, kind: str, model: str, key: str, found: float) -> Finding:
        words = _Words({name: shown(value) for name, value in view.items()})
        words.update(kind=kind, a_kind=a_kind(kind), model=model, key=key.partition(".")[0])
        words["found"] = plain_figure(found)
        return Finding(code, message.format_map(words), key, hint.format_map(words), level, origin)

    return write
