"""What one parameter of one model may be: a table of parameter types, each compiling a limit to a check."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TypeGuard

from kling_pipe.plan.catalogue_data import Data, number, sequence, text
from kling_pipe.plan.catalogue_rules import Finding, View, count, same, shown

Check = Callable[[str, View], tuple[Finding, ...]]  # model, view


def compile_limit(key: str, data: Data) -> Check:
    """The check of one parameter or wired field; it is called only when the key is there."""
    return _types[text(data, "type")](key, data)


def listing(values: Iterable[object]) -> str:
    """Values in backticks, separated by commas."""
    return ", ".join(f"`{shown(value)}`" for value in values)


def _text(key: str, data: Data) -> Check:
    most = int(number(data, "max") or 0)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if not isinstance(value, str):
            return (_not_offered(key, model, value, "is a text"),)
        return (_too_long(key, model, len(value), most),) if len(value) > most else ()

    return check


def _choice(key: str, data: Data) -> Check:
    values = sequence(data, "values")

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if any(same(value, offered) for offered in values):
            return ()
        near = difflib.get_close_matches(shown(value), [shown(offered) for offered in values], 1)
        hint = f"did you mean `{near[0]}`?" if near else ""
        return (_not_offered(key, model, value, _one_of(values), hint),)

    return check


def _switch(key: str, data: Data) -> Check:
    values = sequence(data, "values") or (True, False)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if any(same(value, offered) for offered in values):
            return ()
        wanted = _one_of(values) if len(values) == 2 else f"is always `{shown(values[0])}`"
        return (_not_offered(key, model, value, wanted),)

    return check


def _number(key: str, data: Data) -> Check:
    low, high = number(data, "min"), number(data, "max")

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if _is_number(value) and _inside(value, low, high):
            return ()
        return (_out_of_range(key, model, value, f"a number from {low} to {high}"),)

    return check


def _whole(key: str, data: Data) -> Check:
    values, low, high = sequence(data, "values"), number(data, "min"), number(data, "max")
    wanted = " or ".join(shown(value) for value in values) if values else f"a whole number from {low} to {high}"

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        fits = value in values if values else isinstance(value, int) and _inside(value, low, high)
        return () if fits and _is_number(value) else (_out_of_range(key, model, value, wanted),)

    return check


def _counted(key: str, data: Data) -> Check:
    most = int(number(data, "max") or 1)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        found = count(view, key)
        if found <= most:
            return ()
        name = key.partition(".")[0]
        return (Finding("too-many", f"`{model}` takes at most {most} `{name}`, not {found}", key, "leave some out"),)

    return check


def _list(key: str, data: Data) -> Check:
    counted, inner = _counted(key, data), text(data, "each")
    least, most = int(number(data, "min_each") or 0), int(number(data, "max_each") or 0)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        items = value if isinstance(value, list | tuple) else ()
        sizes = [len(sequence(item, inner)) if isinstance(item, Mapping) else 0 for item in items] if inner else []
        wrong = [
            Finding("too-many" if size > most else "too-few",
                    f"`{key}[{place}].{inner}` holds {size} points, expected {least} to {most}", f"{key}[{place}]")
            for place, size in enumerate(sizes)
            if not least <= size <= most
        ]  # fmt: skip
        return (*counted(model, view), *wrong)

    return check


def _shots(key: str, data: Data) -> Check:
    """A list of shots, or `auto`; kling.md section 12, `multi_prompt` and the path-model prompt syntax."""
    most, words, composed = (int(number(data, name) or 0) for name in ("max", "words", "composed"))
    separator, may_be_automatic = text(data, "without"), data.get("auto") is not False

    def check(model: str, view: View) -> tuple[Finding, ...]:
        shots = view[key]
        if not isinstance(shots, list | tuple):
            return () if may_be_automatic and shots == "auto" else (_no_automatic(key, model),)
        found = [finding for place, shot in enumerate(shots) for finding in each(model, f"{key}[{place}]", shot)]
        if not 1 <= len(shots) <= most:
            found.append(Finding("too-many", f"a clip has 1 to {most} shots, not {len(shots)}", key))
        total = sum(seconds for shot in shots if _is_number(seconds := _part(shot, "duration")))
        if _is_number(seconds := view.get("duration")) and total != seconds:
            text_ = f"the shots take {shown(total)} seconds together, `duration` says {shown(seconds)}"
            found.append(Finding("shots-duration", text_, key, "make the two equal, or leave out `duration`"))
        length = sum(len(str(_part(shot, "prompt") or "")) + 16 for shot in shots)
        if composed and length > composed:
            found.append(Finding("text-too-long", f"the shots' prompts together pass {composed} characters", key))
        return tuple(found)

    def each(model: str, place: str, shot: object) -> Iterable[Finding]:
        prompt, seconds = _part(shot, "prompt"), _part(shot, "duration")
        if not isinstance(prompt, str) or not prompt.strip():
            yield Finding("prompt-missing", f"`{place}` needs a `prompt`", place)
        elif len(prompt) > words:
            yield _too_long(f"{place}.prompt", model, len(prompt), words)
        elif separator and separator in prompt:
            hint = "use a comma instead"
            yield Finding("shot-text", f"`{model}` takes no `{separator}` in a shot's prompt", f"{place}.prompt", hint)
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
            yield _out_of_range(f"{place}.duration", model, seconds, "a whole number of seconds, at least 1")

    return check


def _camera(key: str, data: Data) -> Check:
    """A camera movement: one of the types; `simple` has exactly one of six figures. Section 12, sure."""
    types = sequence(data, "values")

    def check(model: str, view: View) -> tuple[Finding, ...]:
        control = view[key]
        if not isinstance(control, Mapping):
            return (_not_offered(key, model, control, "is a mapping with a `type`"),)
        kind, figures = control.get("type"), control.get("config")
        if kind not in types:
            return (_not_offered(f"{key}.type", model, kind, _one_of(types)),)
        moving = [value for value in figures.values() if value] if isinstance(figures, Mapping) else []
        if kind == "simple" and len(moving) != 1:
            message = f"a `simple` camera movement moves exactly one figure of `config`, not {len(moving)}"
            return (Finding("camera-config", message, key, "such as `config: {zoom: 5}`"),)
        if kind != "simple" and figures is not None:
            return (Finding("camera-config", f"a `{kind}` camera movement takes no `config`", key, "leave it out"),)
        wrong = [name for name, value in (figures or {}).items() if not (_is_number(value) and -10 <= value <= 10)]
        return tuple(
            _out_of_range(f"{key}.config.{name}", model, (figures or {})[name], "a number from -10 to 10")
            for name in wrong
        )

    return check


_types: Mapping[str, Callable[[str, Data], Check]] = {
    "text": _text, "choice": _choice, "switch": _switch, "number": _number, "whole": _whole, "ids": _counted,
    "media": _counted, "list": _list, "shots": _shots, "camera": _camera,
}  # fmt: skip


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _inside(value: object, low: float | None, high: float | None) -> bool:
    return isinstance(value, int | float) and (low is None or value >= low) and (high is None or value <= high)


def _part(shot: object, name: str) -> object:
    return shot.get(name) if isinstance(shot, Mapping) else None


def _one_of(values: Iterable[object]) -> str:
    several = list(values)
    return f"is one of {listing(several)}" if len(several) > 1 else f"is always {listing(several)}"


def _no_automatic(key: str, model: str) -> Finding:
    return Finding("not-offered", f"`{model}` does not cut shots by itself", key, "write the shots as a list")


def _too_long(key: str, model: str, length: int, most: int) -> Finding:
    message = f"`{key}` has {length} characters, `{model}` takes at most {most}"
    return Finding("text-too-long", message, key, f"shorten it by {length - most}")


def _not_offered(key: str, model: str, value: object, wanted: str, hint: str = "") -> Finding:
    return Finding("not-offered", f"`{key}` of `{model}` {wanted}, not `{shown(value)}`", key, hint)


def _out_of_range(key: str, model: str, value: object, wanted: str) -> Finding:
    return Finding("out-of-range", f"`{key}` of `{model}` is {wanted}, not {shown(value)}", key)
