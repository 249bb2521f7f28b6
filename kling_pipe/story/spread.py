"""Over which axes each step varies, which members it has, and which of them a wire means.

A step varies over the axes that its values mention, those its wired steps and inputs vary over, those it is given by
`each` or `vary`, less those it gathers. Members of wired steps are paired where their axis values are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kling_pipe.story.axes import Axis, Coordinates, Grid, Member, parse_pins, projected
from kling_pipe.story.axis_reading import excluded_by, most_members
from kling_pipe.story.axis_values import AxisValues, FileSafe
from kling_pipe.story.draft import Draft, Variables
from kling_pipe.story.expressions import ExpressionError, Scope, evaluate, lookup_of, mentions
from kling_pipe.story.kinds import Kind
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.offers import StepWire, WireError
from kling_pipe.story.spelling import name_hint, shown
from kling_pipe.values.span import Span

_Target = tuple[str, str, Coordinates]  # `steps` or `inputs`, a name, and the axis values that are fixed
_deepest_lookup = 16
_target = re.compile(r"(?P<root>steps|inputs)\.(?P<name>[A-Za-z_][A-Za-z0-9_-]*)(?:\[(?P<pins>[^\[\]]*)\])?")
_wire_text = re.compile(r"(?P<head>steps\.(?P<step>[A-Za-z_][A-Za-z0-9_-]*))(?:\[(?P<pins>[^\[\]]*)\])?(?P<rest>.*)\Z")


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step as it is written: its own mapping over the defaults of its kind."""

    name: str
    node: Map
    place: int
    kind: Kind | None
    defaults: Map | None = None

    def values(self) -> Iterator[tuple[str, Any]]:
        """What it says by key; a default stands only where it says nothing itself."""
        for key, value in (self.defaults or {}).items():
            if key not in self.node:
                yield key, value
        yield from self.node.items()


@dataclass(slots=True)
class _Shape:
    """A step's axes and members: what it mentions itself, until it is known what its wires bring."""

    axes: frozenset[str]
    wired: tuple[Any, ...] = ()  # the values of its wired fields
    targets: tuple[_Target, ...] = ()  # what these lead to
    gathers: frozenset[str] = frozenset()
    members: tuple[Coordinates, ...] = ()
    known: frozenset[Coordinates] = field(default_factory=frozenset)


class Spread:
    """The members of every step of one storyboard."""

    def __init__(self, draft: Draft, grid: Grid, steps: Mapping[str, StepNode], inputs: Map) -> None:
        self._draft = draft
        self._grid = grid
        self._inputs = inputs
        self._shapes: dict[str, _Shape] = {}
        self._scopes: dict[Coordinates, Scope] = {}
        self._variables: dict[Coordinates, Variables] = {}
        self._used: frozenset[str] | None = None  # axes that any variable mentions
        self._numbers: dict[str, dict[str, int]] = {}
        self._of_variables: dict[str, frozenset[str]] = {}
        self._axes = {root: {name: grid.axes[name] for name in grid.names(root)} for root in ("variant", "each")}
        self._trimmed = any("exclude" in step.node for step in steps.values())
        if grid.axes:
            for name, step in steps.items():
                self._shapes[name] = self._mentioned_shape(step)
            for name in self._upstream_first():
                self._find_members(steps[name], self._shapes[name])

    # what others ask

    def members(self, step: str) -> tuple[Coordinates, ...]:
        """The coordinates of a step's members, in order."""
        return self._shapes[step].members if step in self._shapes else ((),)

    def axes_of_input(self, name: str) -> frozenset[str]:
        """The axes that an input's path mentions."""
        return self._mentioned(self._inputs[name]) if self._grid.axes and name in self._inputs else frozenset()

    def combinations(self, axes: Iterable[str]) -> tuple[Coordinates, ...]:
        """All combinations of some axes that are wanted."""
        return self._grid.combinations(axes)

    def scope(self, coordinates: Coordinates) -> Scope:
        """What expressions see at these axis values."""
        if not self._grid.axes:
            return self._draft.scope
        if coordinates not in self._scopes:
            roots = self._roots(coordinates)
            self._scopes[coordinates] = {"vars": self._variables_at(coordinates), **roots}
        return self._scopes[coordinates]

    def origin(self, text: str, coordinates: Coordinates) -> Span | None:
        """Where the value of a text is written that only looks up the value of an axis."""
        path = lookup_of(text)
        if not path or path[0] not in ("variant", "each"):
            return None
        found = self._entry(path, coordinates, 0)
        return self._draft.document.value_span(*found) if found else None

    def evaluate_variables(self) -> None:
        """Looks at every variable, so that problems of unused ones are found too; of one that mentions axes at some of
        their values."""
        for name in self._draft.variables:
            variables = self.scope(self.anywhere(self._draft.variables.node.get(name)))["vars"]
            with suppress(ExpressionError):
                variables[name]

    def file_scope(self, coordinates: Coordinates) -> Scope:
        """The same for names of files, where axis values are made safe."""
        scope = self.scope(coordinates)
        return {name: FileSafe(value) if name in ("variant", "each") else value for name, value in scope.items()}

    def in_order(self, axes: Iterable[str]) -> list[Axis]:
        """Axes in the storyboard's order."""
        wanted = set(axes)
        return [axis for name, axis in self._grid.axes.items() if name in wanted]

    def delivered_members(self, axes: frozenset[str], target: Any) -> tuple[Coordinates, ...]:
        """The axis values of a deliverable's files: those at which what it delivers was not left out."""
        if not self._grid.axes:
            return ((),)
        whole = _Shape(axes)
        found = self._grid.combinations(axes)
        return tuple(at for at in found if self._is_whole([target], axes, whole, at)) if self._trimmed else found

    def delivered(self, path: str, target: Any) -> tuple[frozenset[str], frozenset[str]]:
        """The axes that a deliverable's path mentions, and those that what it delivers varies over besides."""
        if not self._grid.axes:
            return frozenset(), frozenset()
        named = self._mentioned(path)
        own = self._mentioned(target)
        return named, own | self._axes_of_targets(self._targets(target, named | own))

    def member(self, wire: StepWire, coordinates: Coordinates) -> str:
        """The address of the one member that a wire means from here; raises WireError."""
        shape = self._shapes.get(wire.step)
        axes = shape.axes if shape is not None else frozenset()
        for axis, label in wire.pins:
            if axis not in axes:
                hint = name_hint(axis, sorted(axes)) or f"`{wire.step}` is made once: write `steps.{wire.step}`"
                raise WireError("unknown-axis", f"`{wire.step}` has no axis `{axis}`", hint)
            if label not in self._grid.axes[axis].values:
                hint = name_hint(label, self._grid.axes[axis].values)
                raise WireError("unknown-axis", f"`{axis}` has no value {shown(label)}", hint)
        if shape is None:
            return wire.step
        at = {**dict(coordinates), **dict(wire.pins)}
        wanted = tuple((axis, at[axis]) for axis in self._grid.axes if axis in axes and axis in at)
        if wanted not in shape.known:
            lacking = [axis for axis in self._grid.axes if axis in axes and axis not in at]
            if lacking:
                message = f"`{wire.step}` has a member for each `{lacking[0]}`, one was expected"
                hint = f"write `steps.{wire.step}[{lacking[0]}=…]`; only a field that takes a list can gather several"
                raise WireError("several-members", message, hint)
            message = f"`{Member(wire.step, wanted).address}` is left out"
            raise WireError("no-member", message, "wire another member, or leave this one out too")
        return Member(wire.step, wanted).address

    def after(self, name: str, coordinates: Coordinates) -> list[str]:
        """The members that `after` names: of a step that varies those at the same axis values, and none where these are
        left out; a name that nothing has stays as it is."""
        try:
            wanted = Member.parse(name)
        except ValueError:
            return [name]
        shape = self._shapes.get(wanted.step)
        if shape is None:
            return [name]
        at = {**dict(coordinates), **dict(wanted.coordinates)}
        found = [Member(wanted.step, pairs).address for pairs in shape.members if _meets(pairs, at)]
        return found if found or not wanted.coordinates else [name]

    def anywhere(self, value: Any) -> Coordinates:
        """Some axis values at which every text of a value means something."""
        return next(iter(self._grid.combinations(self._mentioned(value))), ()) if self._grid.axes else ()

    def gathers(self, step: str) -> bool:
        """Whether a step takes several members of another as one list."""
        return step in self._shapes and bool(self._shapes[step].gathers)

    def gathered(self, step: str, value: Any, coordinates: Coordinates) -> Any:
        """A wired field's value with each wire to what the step gathers written out, one wire a member."""
        shape = self._shapes.get(step)
        if shape is None or not shape.gathers:
            return value
        if isinstance(value, list):
            found: list[Any] = []
            for item in value:
                each = self.gathered(step, item, coordinates)
                found += each if isinstance(each, list) and not isinstance(item, list) else [each]
            return found
        if isinstance(value, Mapping):
            return {key: self.gathered(step, item, coordinates) for key, item in value.items()}
        match = _wire_text.match(value) if isinstance(value, str) else None
        above = self._shapes.get(match["step"]) if match else None
        if match is None or above is None or not (above.axes & shape.gathers):
            return value
        return self._written_out(match, above, shape.gathers, coordinates) or value

    # the axes of steps

    def _mentioned_shape(self, step: StepNode) -> _Shape:
        own = self._own_axes(step)
        wired = tuple(value for key, value in step.values() if self._is_wired(step, key))
        return _Shape(own, wired, tuple(self._targets(wired, own)))

    def _upstream_first(self) -> Iterator[str]:
        """The steps, each after those it is wired to. Without recursion: a chain may be as long as a storyboard. In a
        circle somebody comes first, with the axes it mentions; a rule tells of circles."""
        begun: set[str] = set()
        for start in self._shapes:
            waiting = [(start, False)]
            while waiting:
                name, leaving = waiting.pop()
                if leaving:
                    yield name
                elif name not in begun:
                    begun.add(name)
                    waiting.append((name, True))
                    above = (target for root, target, _ in self._shapes[name].targets if root == "steps")
                    waiting += [(one, False) for one in above if one in self._shapes and one not in begun]

    def _find_members(self, step: StepNode, shape: _Shape) -> None:
        gathers, own = self._named(step, "gather"), shape.axes
        brought = self._axes_of_targets(shape.targets)
        self._check_gathered(step, gathers, brought)
        shape.gathers = gathers & brought
        shape.axes = own | (brought - gathers)
        if self._grid.size(shape.axes) > most_members:
            message = f"`{step.name}` would have more than {most_members:,} members"
            self._draft.error("too-large", message, self._draft.document.span(step.place), "vary it over fewer axes")
            shape.axes = frozenset()
        left_out = [set(pairs) for pairs in excluded_by(self._draft, self._grid, step.node)]
        shape.members = tuple(
            at
            for at in self._grid.combinations(shape.axes)
            if not any(pairs.issubset(at) for pairs in left_out)
            and (not self._trimmed or self._is_whole(shape.wired, own, shape, at))
        )
        shape.known = frozenset(shape.members)
        if not shape.members:
            message = f"`{step.name}` has no member left"
            self._draft.error("no-member", message, self._draft.document.span(step.place), "exclude less")

    def _own_axes(self, step: StepNode) -> frozenset[str]:
        """The axes that a step mentions, adds or is given."""
        found = self._mentioned([value for key, value in step.values() if key not in ("each", "exclude")])
        each = step.node.get("each")
        given = [name for name in each if name in self._grid.axes] if isinstance(each, Map) else []
        return found | self._named(step, "vary") | frozenset(given)

    def _named(self, step: StepNode, key: str) -> frozenset[str]:
        """The axes that `vary` or `gather` names."""
        written = step.node.get(key)
        names = [written] if isinstance(written, str) else written if isinstance(written, list) else []
        for name in names:
            if isinstance(name, str) and name not in self._grid.axes:
                span = self._draft.document.value_span(step.node, key)
                hint = name_hint(name, self._grid.axes)
                self._draft.error("unknown-axis", f"there is no axis {shown(name)}", span, hint)
        return frozenset(name for name in names if isinstance(name, str) and name in self._grid.axes)

    def _check_gathered(self, step: StepNode, gathers: frozenset[str], brought: frozenset[str]) -> None:
        for name in sorted(gathers - brought):
            span = self._draft.document.value_span(step.node, "gather")
            message = f"nothing that is wired varies over `{name}`"
            self._draft.error("unknown-axis", message, span, "wire a step that does, or remove `gather`")

    @staticmethod
    def _is_wired(step: StepNode, key: str) -> bool:
        return step.kind is not None and any(key == field.name.partition(".")[0] for field in step.kind.wires)

    def _mentioned(self, value: Any) -> frozenset[str]:
        """The axes that the texts of a value mention, themselves or through variables."""
        found: set[str] = set()
        for text in _texts(value):
            for root, name in mentions(text):
                if root == "vars":
                    names = [name] if name else self._draft.variables
                    for variable in names:
                        found |= self._axes_of_variable(variable)
                elif root in ("variant", "each"):
                    known = self._grid.names(root)
                    found |= {name} & set(known) if name else set(known)
        return frozenset(found)

    def _axes_of_variable(self, name: str) -> frozenset[str]:
        if name not in self._of_variables:
            self._of_variables[name] = frozenset()  # variables that use each other in a circle are told elsewhere
            self._of_variables[name] = self._mentioned(self._draft.variables.node.get(name))
        return self._of_variables[name]

    def _axes_of_targets(self, targets: Iterable[_Target]) -> frozenset[str]:
        """The axes that steps and inputs bring where something is wired to them."""
        found: set[str] = set()
        for root, name, pins in targets:
            if root == "inputs":
                found |= self.axes_of_input(name)
            elif name in self._shapes:
                found |= self._shapes[name].axes - {axis for axis, _ in pins}
        return frozenset(found)

    def _targets(self, value: Any, own: frozenset[str]) -> Iterator[_Target]:
        """What the texts of a value are wired to, at any axis values."""
        for text in _texts(value):
            mentioned = self._mentioned(text)
            for at in self._grid.combinations(mentioned & own) if mentions(text) else ((),):
                for found in _texts(self._evaluated(text, at)):
                    target = _target_of(found)
                    if target is not None:
                        yield target

    def _evaluated(self, text: str, coordinates: Coordinates) -> Any:
        try:
            return evaluate(text, self.scope(coordinates))
        except ExpressionError:
            return None  # told where the step is read

    def _is_whole(self, wired: Sequence[Any], own: frozenset[str], shape: _Shape, at: Coordinates) -> bool:
        """Whether everything that a member would be wired to is there."""
        here = dict(at)
        for text in _texts(wired):
            pairs = projected(at, self._mentioned(text) & own)
            for found in _texts(self._evaluated(text, pairs) if mentions(text) else text):
                target = _target_of(found)
                above = self._shapes.get(target[1]) if target is not None and target[0] == "steps" else None
                if above is None or above is shape or target is None:
                    continue
                pins = dict(target[2])
                if any(pins[axis] not in self._grid.axes[axis].values for axis in pins.keys() & above.axes):
                    continue  # told where the wire is read
                wanted = {**here, **pins}
                if above.members and not any(_meets(pairs, wanted) for pairs in self._near(above, wanted)):
                    return False
        return True

    def _near(self, above: _Shape, wanted: Mapping[str, str]) -> Iterable[Coordinates]:
        """The members that may meet some axis values: one where all axes are given."""
        if all(axis in wanted for axis in above.axes):
            pairs = tuple((axis, wanted[axis]) for axis in self._grid.axes if axis in above.axes)
            return (pairs,) if pairs in above.known else ()
        return above.members

    def _written_out(
        self, match: re.Match[str], above: _Shape, gathers: frozenset[str], coordinates: Coordinates
    ) -> list[str]:
        try:
            pins = dict(parse_pins(match["pins"])) if match["pins"] is not None else {}
        except ValueError:
            return []
        axes = [axis for axis in self._grid.axes if axis in above.axes and axis in gathers and axis not in pins]
        at = {**{axis: label for axis, label in coordinates if axis not in axes}, **pins}
        found = []
        for pairs in above.members:
            if _meets(pairs, at):
                fixed = {**pins, **{axis: label for axis, label in pairs if axis in axes}}
                inner = f"[{','.join(f'{axis}={label}' for axis, label in fixed.items())}]" if fixed else ""
                found.append(f"{match['head']}{inner}{match['rest']}")
        return found

    # places

    def _entry(self, path: tuple[Any, ...], at: Coordinates, depth: int) -> tuple[Map | Seq, Any] | None:
        """The mapping or list, and the key in it, that a lookup leads to; None where nothing is written."""
        if len(path) < 2 or depth > _deepest_lookup:
            return None
        root, name, *rest = path
        if root == "vars":
            holder: Map | Seq = self._draft.variables.node
            key: Any = name
        elif root in ("variant", "each") and name in self._grid.axes:
            holder, key = self._grid.axes[name].holder, name
            rest.insert(0, self._number(name, dict(at).get(name, "")))
        else:
            return None
        if isinstance(holder, Map) and key not in holder:
            return None
        for inner in (*rest, None):
            value = holder[key]
            if isinstance(value, str) and (looked_up := lookup_of(value)):
                found = self._entry(looked_up, at, depth + 1)
                if found is None:
                    return None
                holder, key = found
                value = holder[key]
            if inner is None:
                break
            wanted = self._looked_up(inner, at) if isinstance(inner, tuple) else inner
            is_there = wanted in value if isinstance(value, Map) else _is_index(value, wanted)
            if not is_there:
                return None
            holder, key = value, wanted
        return holder, key

    def _number(self, axis: str, label: str) -> int:
        """Which entry of an axis a label is, counted from 0; -1 where it has none."""
        if axis not in self._numbers:
            self._numbers[axis] = {label: number for number, label in enumerate(self._grid.axes[axis].values)}
        return self._numbers[axis].get(label, -1)

    def _looked_up(self, path: tuple[Any, ...], at: Coordinates) -> Any:
        value: Any = self.scope(at)
        try:
            for key in path:
                value = value[self._looked_up(key, at) if isinstance(key, tuple) else key]
        except (KeyError, IndexError, TypeError, ExpressionError):
            return None
        return value

    # scopes

    def _roots(self, coordinates: Coordinates) -> dict[str, Mapping[str, Any]]:
        at = dict(coordinates)
        return {root: AxisValues(axes, at) for root, axes in self._axes.items() if axes}

    def _variables_at(self, coordinates: Coordinates) -> Variables:
        """The variables, as they are at these axis values."""
        if self._used is None:
            found = [self._axes_of_variable(name) for name in self._draft.variables]
            self._used = frozenset(axis for axes in found for axis in axes)
        if not self._used:
            return self._draft.variables
        at = projected(coordinates, self._used)
        if at not in self._variables:
            self._variables[at] = self._draft.variables.within(self._roots(at))
        return self._variables[at]


def _texts(value: Any) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _is_index(value: object, key: object) -> bool:
    return isinstance(value, Seq) and isinstance(key, int) and 0 <= key < len(value)


def _target_of(text: str) -> _Target | None:
    match = _target.match(text)
    if match is None:
        return None
    try:
        pins = parse_pins(match["pins"]) if match["pins"] is not None else ()
    except ValueError:
        pins = ()
    return match["root"], match["name"], pins


def _meets(pairs: Coordinates, at: Mapping[str, str]) -> bool:
    return all(at.get(axis, label) == label for axis, label in pairs)
