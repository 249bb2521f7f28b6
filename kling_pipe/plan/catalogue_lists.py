"""Parameters that are lists of things or things with parts: shots, camera movements, marked frames, trajectories.

list        {max, each, min_each, max_each}      items whose list `each` has so many points
shots       {max, words, least?, auto?, without?, composed?}   shots with a prompt of `least` to `words` characters and
            whole seconds; `auto: false`: the model does not cut by itself; `without`: a sign the words may not hold;
            `composed`: characters of all together
camera      {values}                             a movement of one of these types
selections  {max, points}                        marked frames, each with so many points
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kling_pipe.plan.catalogue_data import Data, number, sequence, text
from kling_pipe.plan.catalogue_findings import (
    Check,
    is_number,
    not_offered,
    one_of,
    out_of_range,
    too_long,
    too_many,
    too_short,
)
from kling_pipe.plan.catalogue_rules import Finding, View, shown


def trajectories_check(key: str, data: Data) -> Check:
    """The points of each item; native page, section 12, image2video, `dynamic_masks`, sure."""
    inner, least, most = text(data, "each"), int(number(data, "min_each") or 0), int(number(data, "max_each") or 0)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        items = value if isinstance(value, list | tuple) else ()
        sizes = [len(sequence(item, inner)) if isinstance(item, Mapping) else 0 for item in items] if inner else []
        return tuple(
            Finding("too-many" if size > most else "too-few",
                    f"`{key}[{place}].{inner}` holds {size} points, expected {least} to {most}", f"{key}[{place}]")
            for place, size in enumerate(sizes)
            if not least <= size <= most
        )  # fmt: skip

    return check


def shots_check(key: str, data: Data) -> Check:
    """A list of shots, or `auto`; native page, section 12, `multi_prompt` and the path-model prompt syntax."""
    most, least, words, composed = (int(number(data, name) or 0) for name in ("max", "least", "words", "composed"))
    separator, may_be_automatic = text(data, "without"), data.get("auto") is not False

    def check(model: str, view: View) -> tuple[Finding, ...]:
        shots = view[key]
        if not isinstance(shots, list | tuple):
            return () if may_be_automatic and shots == "auto" else (_no_automatic(key, model),)
        found = [finding for place, shot in enumerate(shots) for finding in each(model, f"{key}[{place}]", shot)]
        if not 1 <= len(shots) <= most:
            found.append(Finding("too-many", f"a clip has 1 to {most} shots, not {len(shots)}", key))
        total = sum(seconds for shot in shots if is_number(seconds := _part(shot, "duration")))
        if is_number(seconds := view.get("duration")) and total != seconds:
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
        elif len(prompt) < least:
            yield too_short(f"{place}.prompt", model, len(prompt), least)
        elif len(prompt) > words:
            yield too_long(f"{place}.prompt", model, len(prompt), words)
        elif separator and separator in prompt:
            hint = "use a comma instead"
            yield Finding("shot-text", f"`{model}` takes no `{separator}` in a shot's prompt", f"{place}.prompt", hint)
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
            yield out_of_range(f"{place}.duration", model, seconds, "a whole number of seconds, at least 1")

    return check


def camera_check(key: str, data: Data) -> Check:
    """A camera movement: one of the types; `simple` has exactly one of six figures. Section 12, sure."""
    types = sequence(data, "values")

    def check(model: str, view: View) -> tuple[Finding, ...]:
        control = view[key]
        if not isinstance(control, Mapping):
            return (not_offered(key, model, control, "is a mapping with a `type`"),)
        kind, figures = control.get("type"), control.get("config")
        if kind not in types:
            return (not_offered(f"{key}.type", model, kind, one_of(types)),)
        moving = [value for value in figures.values() if value] if isinstance(figures, Mapping) else []
        if kind == "simple" and len(moving) != 1:
            message = f"a `simple` camera movement moves exactly one figure of `config`, not {len(moving)}"
            return (Finding("camera-config", message, key, "such as `config: {zoom: 5}`"),)
        if kind != "simple" and figures is not None:
            return (Finding("camera-config", f"a `{kind}` camera movement takes no `config`", key, "leave it out"),)
        wrong = [name for name, value in (figures or {}).items() if not (is_number(value) and -10 <= value <= 10)]
        return tuple(
            out_of_range(f"{key}.config.{name}", model, (figures or {})[name], "a number from -10 to 10")
            for name in wrong
        )

    return check


def selections_check(key: str, data: Data) -> Check:
    """Marked frames, each once and each with its points; native page, section 12, add-selection, likely."""
    most, points = int(number(data, "max") or 0), int(number(data, "points") or 0)

    def check(model: str, view: View) -> tuple[Finding, ...]:
        value = view[key]
        if not isinstance(value, list | tuple):
            return (not_offered(key, model, value, "is a list of frames with points"),)
        found = [finding for place, frame in enumerate(value) for finding in each(model, f"{key}[{place}]", frame)]
        indexes = [_part(frame, "frame_index") for frame in value]
        found += [
            Finding(
                "frame-twice", f"frame {shown(index)} is marked twice", f"{key}[{place}]", "put its points together"
            )
            for place, index in enumerate(indexes)
            if index in indexes[:place]
        ]
        if len(value) > most:
            found.append(too_many(key, model, most, len(value)))
        return tuple(found)

    def each(model: str, place: str, frame: object) -> Iterable[Finding]:
        index, marks = _part(frame, "frame_index"), _part(frame, "points")
        if not isinstance(index, int) or isinstance(index, bool) or index < 0:
            yield out_of_range(f"{place}.frame_index", model, index, "a whole number of at least 0")
        marks = marks if isinstance(marks, list | tuple) else ()
        if not 1 <= len(marks) <= points:
            code = "too-many" if marks else "too-few"
            yield Finding(code, f"`{place}.points` holds {len(marks)} points, expected 1 to {points}", place)
        for number_, mark in enumerate(marks):
            for axis in ("x", "y"):
                if not (is_number(value := _part(mark, axis)) and 0 <= value <= 1):
                    yield out_of_range(f"{place}.points[{number_}].{axis}", model, value, "a share from 0 to 1")

    return check


def _part(thing: object, name: str) -> object:
    return thing.get(name) if isinstance(thing, Mapping) else None


def _no_automatic(key: str, model: str) -> Finding:
    return Finding("not-offered", f"`{model}` does not cut shots by itself", key, "write the shots as a list")
