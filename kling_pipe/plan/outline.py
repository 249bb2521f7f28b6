"""An outline of a storyboard: its files, axes, inputs, steps and deliverables, each with where it was written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.plan.resolved import Names
from kling_pipe.story.axes import Member
from kling_pipe.story.document import Document
from kling_pipe.story.storyboard import Step, Storyboard
from kling_pipe.values.span import Span


class Role(StrEnum):
    """What a file is to the storyboard."""

    STORYBOARD = "storyboard"
    INCLUDED = "included"
    FRAGMENT = "fragment"


@dataclass(frozen=True, slots=True)
class OutlinedStep:
    """A step with its members' axes."""

    id: str
    kind: str
    members: int
    axes: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class OutlinedInput:
    """An input and what it is: a path from the storyboard's folder, or an address."""

    name: str
    target: str
    span: Span


@dataclass(frozen=True, slots=True)
class OutlinedDelivery:
    """The deliverables that one entry stands for, and what they hold."""

    paths: tuple[str, ...]
    target: str
    span: Span


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole; `axes` with the values that any member has, in order."""

    path: str
    name: str
    files: Mapping[str, Role]
    axes: Mapping[str, tuple[str, ...]]
    inputs: tuple[OutlinedInput, ...]
    steps: tuple[OutlinedStep, ...]
    deliveries: tuple[OutlinedDelivery, ...]

    @property
    def members(self) -> int:
        """How many there are of all steps."""
        return sum(step.members for step in self.steps)


def outline(storyboard: Storyboard, document: Document) -> Outline:
    """The outline of a storyboard that was read from a document."""
    names = Names(storyboard, os.path.dirname(os.path.abspath(document.path)))
    inputs = (OutlinedInput(name, names.file_of(one.reference), one.span) for name, one in storyboard.inputs.items())
    return Outline(
        path=document.path,
        name=storyboard.name,
        files={one.path: _role(one, document) for one in document.documents},
        axes=_axes(storyboard.members),
        inputs=tuple(inputs),
        steps=tuple(_steps(storyboard.members.values())),
        deliveries=tuple(_deliveries(storyboard, names)),
    )


def _role(document: Document, whole: Document) -> Role:
    if document is whole:
        return Role.STORYBOARD
    return Role.FRAGMENT if isinstance(document.root, dict) and "fragment" in document.root else Role.INCLUDED


def _axes(addresses: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    before: dict[str, set[str]] = {}
    for address in addresses:
        member = Member.parse(address)
        for number, (axis, value) in enumerate(member.coordinates):
            found.setdefault(axis, {})[value] = None
            before.setdefault(axis, set()).update(member.axes[:number])
    ordered: dict[str, tuple[str, ...]] = {}
    while len(ordered) < len(found):  # every member has its axes in the storyboard's order, though not all of them
        axis = next(axis for axis in found if axis not in ordered and before[axis] <= ordered.keys())
        ordered[axis] = tuple(found[axis])
    return ordered


def _steps(members: Iterable[Step]) -> list[OutlinedStep]:
    by_id: dict[str, list[Step]] = {}
    for step in members:
        by_id.setdefault(step.id, []).append(step)
    return [
        OutlinedStep(name, some[0].kind, len(some), Member.parse(some[0].address).axes, some[0].span)
        for name, some in by_id.items()
    ]


def _deliveries(storyboard: Storyboard, names: Names) -> list[OutlinedDelivery]:
    by_place: dict[Span, list[str]] = {}
    targets: dict[Span, str] = {}
    for delivery in storyboard.deliveries:
        by_place.setdefault(delivery.span, []).append(delivery.path)
        targets.setdefault(delivery.span, names.wire(delivery.reference).replace(".images[1]", ""))
    return [OutlinedDelivery(tuple(paths), _of_all(targets[span], paths), span) for span, paths in by_place.items()]


def _of_all(target: str, paths: list[str]) -> str:
    """What several deliverables hold: the step, without the values of one of its members."""
    before, bracket, rest = target.partition("[")
    return before + rest.partition("]")[2] if bracket and "=" in rest and len(paths) > 1 else target
