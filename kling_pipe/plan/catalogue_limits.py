"""What one parameter of one model may be: a table of parameter types, each compiling a limit to a check.

    text      {max, min?}                 characters
    choice    {values}                    one of these
    open      {lists: [name, …]}          one of the named lists; another value is only a warning, the lists are open
    closed    {lists: [name, …]}          one of the named lists
    options   {values, max}               a list, each once and one of these
    switch    {values?}                   true or false, or always one of them
    number    {min, max, decimals?, step?}  with at most so many decimals, or so many steps above `min`
    whole     {min, max} or {values}      a whole number, or a word of `or`
    ids       {max, digits?, hint?}       ids of the service's own, and wired fields beside them; `digits`: numbers
    id        {digits?, hint?}            a single one
    media     {max?, limits}              wired fields; `limits` names what files may go in (catalogue_media)
    list, shots, camera, selections       see catalogue_lists

Every limit may also say `default` (filled in and sent), `implied` (what the service does by itself, left out) and
`needed: hint` (it must be there). A default may be a list of `{when, value}`: the first whose `when` holds counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import Data, number, sequence, text, texts
from kling_pipe.plan.catalogue_findings import (
    Check,
    inside,
    is_number,
    nearest_hint,
    not_offered,
    one_of,
    out_of_range,
    too_long,
    too_many,
    too_short,
)
from kling_pipe.plan.catalogue_lists import camera_check, selections_check, shots_check, trajectories_check
from kling_pipe.plan.catalogue_rules import Finding, Lists, View, a_kind, count, same, shown


def compile_limit(key: str, data: Data, origin: str = "", lists: Lists | None = None) -> Check:
    """The check of one parameter or wired field; it is called only when the key is there."""
    check = _types[text(data, "type")](key, data, {} if lists is None else lists)

    def told(model: str, view: View) -> tuple[Finding, ...]:
        found = check(model, view)
        return tuple([replace(finding, origin=origin) for finding in found]) if found else ()

    return told


def missing(kind: str, key: str, data: Data, origin: str) -> Finding:
    """What is said when a key that is `needed` is not there."""
    wanted = f"`{key}`" if key.endswith("s") else a_kind(key)  # several things have no article
    message = f"{a_kind(kind)} step needs {wanted}"
    return Finding(f"{key.replace('_', '-')}-missing", message, "kind", text(data, "needed"), origin=origin)


def _text(key: str, data: Data, _: Lists) -> Check:
    least, most = int(number(data, "min") or 0), int(number(data, "max") or 0)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if not isinstance(value, str):
            return (not_offered(key, model, value, "is a text"),)
        if len(value) < least:
            return (too_short(key, model, len(value), least),)
        return (too_long(key, model, len(value), most),) if len(value) > most else ()

    return check


def _choice(key: str, data: Data, _: Lists) -> Check:
    values = sequence(data, "values")

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if any(same(value, offered) for offered in values):
            return ()
        return (not_offered(key, model, value, one_of(values), nearest_hint(value, values)),)

    return check


def _closed(key: str, data: Data, lists: Lists) -> Check:
    known = frozenset().union(*(lists[name] for name in texts(data, "lists")))

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if isinstance(value, str) and value in known:
            return ()
        hint = nearest_hint(value, sorted(known), 3) or f"`kling-pipe models explain {model}` lists them"
        return (not_offered(key, model, value, f"is one of {len(known)} names", hint),)

    return check


def _open(key: str, data: Data, lists: Lists) -> Check:
    known = frozenset().union(*(lists[name] for name in texts(data, "lists")))

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if not isinstance(value, str):
            return (not_offered(key, model, value, "is a text"),)
        if value in known:
            return ()
        hint = nearest_hint(value, sorted(known), 3) or "the list grows; run it if the name is new"
        message = f"`{value}` is no known `{key}` of `{model}`"
        return (Finding(f"unknown-{key}", message, key, hint, Severity.WARNING),)

    return check


def _options(key: str, data: Data, _: Lists) -> Check:
    values, most = sequence(data, "values"), int(number(data, "max") or 0)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        items = view[key]
        if not isinstance(items, list | tuple):
            return (not_offered(key, model, items, "is a list"),)
        found = [
            not_offered(f"{key}[{place}]", model, item, one_of(values), nearest_hint(item, values))
            for place, item in enumerate(items)
            if not any(same(item, offered) for offered in values)
        ]
        if len(items) > most:
            found.append(too_many(key, model, most, len(items)))
        return tuple(found)

    return check


def _switch(key: str, data: Data, _: Lists) -> Check:
    values = sequence(data, "values") or (True, False)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if any(same(value, offered) for offered in values):
            return ()
        wanted = one_of(values) if len(values) == 2 else f"is always `{shown(values[0])}`"
        return (not_offered(key, model, value, wanted),)

    return check


def _number(key: str, data: Data, _: Lists) -> Check:
    low, high, decimals = number(data, "min"), number(data, "max"), number(data, "decimals")
    step = number(data, "step")
    bounds = f"from {shown(low)} to {shown(high)}" if high is not None else f"of at least {shown(low)}"
    tail = "" if decimals is None else f" with at most {shown(decimals)} decimal{'' if decimals == 1 else 's'}"
    tail += "" if step is None else f" in steps of {shown(step)}"

    def is_fine(value: float) -> bool:
        steps = 0.0 if step is None else (value - (low or 0)) / step
        return (decimals is None or round(value, int(decimals)) == value) and abs(steps - round(steps)) < 1e-6

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if is_number(value) and inside(value, low, high) and is_fine(value):
            return ()
        return (out_of_range(key, model, value, f"a number {bounds}{tail}"),)

    return check


def _whole(key: str, data: Data, _: Lists) -> Check:
    values, low, high, other = sequence(data, "values"), number(data, "min"), number(data, "max"), texts(data, "or")
    bounds = f"from {shown(low)} to {shown(high)}" if high is not None else f"of at least {shown(low)}"
    wanted = " or ".join([shown(value) for value in values] or [f"a whole number {bounds}", *other])

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if isinstance(value, str) and value in other:
            return ()
        fits = value in values if values else isinstance(value, int) and inside(value, low, high)
        return () if fits and is_number(value) else (out_of_range(key, model, value, wanted),)

    return check


def _counted(key: str, data: Data, _: Lists) -> Check:
    most = int(number(data, "max") or 1)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        found = count(view, key)
        return (too_many(key, model, most, found),) if found > most else ()

    return check


def _ids(key: str, data: Data, lists: Lists) -> Check:
    counted, numbered, alone = _counted(key, data, lists), data.get("digits") is True, text(data, "type") == "id"
    noun = "an id that is a number" if alone else "ids that are numbers"
    hint = text(data, "hint") or 'write an id such as "321922438904313", or wire a step'

    def items(value: object) -> Iterator[tuple[str, object]]:
        """What is no wire, with its place; wires stand here as a list of the paths of their fields."""
        if not isinstance(value, list | tuple):
            yield key, value
        elif not alone:
            yield from (
                (f"{key}[{place}]", one) for place, one in enumerate(value) if not str(one).startswith(f"{key}[")
            )

    def check(model: str, view: View) -> tuple[Finding, ...]:
        strange = [(path, one) for path, one in items(view[key]) if not str(one).isdecimal()] if numbered else []
        named = [Finding("bad-id", f"`{key}` takes {noun}, not `{one}`", path, hint) for path, one in strange]
        return (*counted(model, view), *named)

    return check


def _list(key: str, data: Data, lists: Lists) -> Check:
    counted, each = _counted(key, data, lists), trajectories_check(key, data)
    return lambda model, view: (*counted(model, view), *each(model, view))


_types: Mapping[str, Callable[[str, Data, Lists], Check]] = {
    "text": _text, "choice": _choice, "open": _open, "closed": _closed, "options": _options,
    "switch": _switch, "number": _number, "whole": _whole, "ids": _ids, "id": _ids, "media": _counted, "list": _list,
    "shots": lambda key, data, _: shots_check(key, data),
    "camera": lambda key, data, _: camera_check(key, data),
    "selections": lambda key, data, _: selections_check(key, data),
}  # fmt: skip
