"""`variants` and `each` as axes: their values under readable labels, and the product of the variants, trimmed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kling_pipe.story.axes import Axis, Coordinates, Grid, label_of, step_id
from kling_pipe.story.draft import Draft, broken
from kling_pipe.story.filters import kind_of, plain_text
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.spelling import name_hint, shown

trimming = ("exclude", "include")  # keys of `variants` that are no axes
most_members = 100_000


def read_grid(draft: Draft, variants: Map, steps: Iterable[tuple[str, Map]]) -> Grid:
    """The axes of the whole storyboard and of its steps; problems are in the draft."""
    axes: dict[str, Axis] = {}
    for name in variants:
        if name not in trimming:
            axis = _axis(draft, name, "variant", variants)
            if axis is not None:
                axes[name] = axis
    rows = _rows(draft, axes, variants)
    for _, step in steps:
        each = step.get("each")
        if isinstance(each, Map):
            for name in each:
                _add_each(draft, axes, name, each)
    return Grid(axes, rows)


def labels_in(grid: Grid, entry: Mapping[str, Any], tell: Callable[[str, str, str], None]) -> Coordinates | None:
    """An entry of `exclude` or `include` as pairs; None when it names what is not there, which `tell` is told."""
    pairs = []
    for name, value in entry.items():
        axis = grid.axes.get(str(name))
        if axis is None:
            tell(str(name), f"there is no axis `{name}`", name_hint(str(name), grid.axes))
            return None
        label = label_of(value, 0)
        if label not in axis.values:
            tell(str(name), f"`{name}` has no value {shown(plain_text(value))}", name_hint(label, axis.values))
            return None
        pairs.append((axis.name, label))
    return tuple(pairs)


def _axis(draft: Draft, name: str, root: str, holder: Map) -> Axis | None:
    """One axis; None when something is wrong with it, which is then in the draft."""
    span = draft.document.key_span(holder, name)
    if not step_id.match(name) or name in trimming:
        if root == "each":  # of `variants` the schema told it
            draft.error("bad-name", f"{shown(name)} cannot be an axis", span)
        return None
    found = draft.evaluated(holder, name, draft.scope)
    if found is broken or found == []:
        return None  # told where it is evaluated, or by the schema
    if not isinstance(found, list):
        message = f"the axis `{name}` needs a list of values, found {kind_of(found)}"
        draft.error("bad-axis", message, span, f"write it like `{name}: [first, second]`")
        return None
    written = holder[name]
    values: dict[str, Any] = {}
    for number, value in enumerate(found, start=1):
        at = draft.document.value_span(written, number - 1) if isinstance(written, Seq) else span
        if value is None or isinstance(value, list):
            message = f"a value of the axis `{name}` is {kind_of(value)}"
            draft.error("bad-axis", message, at, "write texts, numbers, or mappings with an `id`")
            return None
        label = label_of(value, number)
        if label in values:
            hint = "remove one of them" if not isinstance(value, Mapping) else "give each an `id` of its own"
            draft.error("duplicate-value", f"the axis `{name}` has `{label}` twice", at, hint)
            return None
        values[label] = value
    return Axis(name, root, values, holder)


def _add_each(draft: Draft, axes: dict[str, Axis], name: str, each: Map) -> None:
    """An axis of a step; two steps may have the same one, with the same values."""
    axis = _axis(draft, name, "each", each)
    if axis is None:
        return
    known = axes.setdefault(name, axis)
    if known is axis:
        return
    span = draft.document.key_span(each, name)
    if known.root == "variant":
        message = f"`{name}` is an axis of the whole storyboard already"
        draft.error("axis-clash", message, span, "choose another name, or remove it from `variants`")
    elif known.values != axis.values:
        message = f"another step gives the axis `{name}` other values"
        draft.error("axis-clash", message, span, f"keep one list under `vars` and write `{name}: ${{{{ vars.LIST }}}}`")


def _rows(draft: Draft, axes: dict[str, Axis], variants: Map) -> tuple[Coordinates, ...]:
    """The combinations that are wanted: the product without what `exclude` names, then those of `include`."""
    added = _included(draft, axes, variants)
    count = 1
    for axis in axes.values():
        count *= len(axis.values)
    if count > most_members:
        name = next(iter(axes))
        message = f"the axes multiply to {count:,} combinations, at most {most_members:,} are possible"
        draft.error("too-large", message, draft.document.key_span(variants, name), "use fewer values")
        return ()
    grid = Grid(axes, ())
    left_out = [set(pairs) for pairs in _entries(draft, grid, variants, "exclude")]
    own = {name: [label for label in axis.values if (name, label) not in added] for name, axis in axes.items()}
    pairs = [[(name, label) for label in labels] for name, labels in own.items()]
    product = (row for row in itertools.product(*pairs) if not any(entry.issubset(row) for entry in left_out))
    return tuple(dict.fromkeys([*product, *_whole(draft, axes, variants)]))


def _included(draft: Draft, axes: dict[str, Axis], variants: Map) -> set[tuple[str, str]]:
    """Values that only `include` brings; they join their axes."""
    added = set()
    for entry in _listed(draft, variants, "include"):
        for name, value in entry.items():
            axis = axes.get(str(name))
            label = label_of(value, 0)
            if axis is not None and isinstance(value, str | int | float | bool) and label not in axis.values:
                axes[axis.name] = replace(axis, values={**axis.values, label: value})
                added.add((axis.name, label))
    return added


def _whole(draft: Draft, axes: Mapping[str, Axis], variants: Map) -> Iterable[Coordinates]:
    """The combinations that `include` adds, each over all axes."""
    for pairs in _entries(draft, Grid(axes, ()), variants, "include"):
        named = dict(pairs)
        missing = [name for name in axes if name not in named]
        if missing:
            span = draft.document.key_span(variants, "include")
            message = f"an included combination needs a value for `{missing[0]}`"
            draft.error("bad-axis", message, span, f"name every axis: {', '.join(f'`{name}`' for name in axes)}")
        else:
            yield tuple((name, named[name]) for name in axes)


def _entries(draft: Draft, grid: Grid, holder: Map, key: str) -> Iterable[Coordinates]:
    for number, entry in enumerate(_listed(draft, holder, key)):
        written = holder[key][number] if isinstance(holder[key], Seq) else None

        def tell(name: str, message: str, hint: str, written: object = written) -> None:
            where = written if isinstance(written, Map) and name in written else None
            span = draft.document.key_span(holder, key) if where is None else draft.document.key_span(where, name)
            draft.error("unknown-axis", message, span, hint)

        pairs = labels_in(grid, entry, tell)
        if pairs is not None:
            yield pairs


def excluded_by(draft: Draft, grid: Grid, step: Map) -> Sequence[Coordinates]:
    """What a step's own `exclude` leaves out."""
    return tuple(_entries(draft, grid, step, "exclude")) if "exclude" in step else ()


def _listed(draft: Draft, holder: Map, key: str) -> list[Mapping[str, Any]]:
    if key not in holder:
        return []
    found = draft.evaluated(holder, key, draft.scope)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []
