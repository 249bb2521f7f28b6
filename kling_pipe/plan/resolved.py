"""A storyboard as it is made: every member with all its values, each with where it came from.

A value stands where somebody wrote it; what nobody wrote is a default of the model, or follows from what was written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kling_pipe.plan.catalogue import Settled
from kling_pipe.plan.examination import Examination
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference, Step, StepOutput, Storyboard
from kling_pipe.values.span import Span

Origin = Span | str  # where it was written, or in words what it follows from; empty where it needs no words
of_model, of_kind, of_shots, of_lock = "default of the model", "default of the kind", "sum of the shots", "lock file"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value: a text, a number, a switch, a list of names."""

    value: object
    origin: Origin = ""


Node = Leaf | Mapping[str, "Node"] | Sequence["Node"]


@dataclass(frozen=True, slots=True)
class ResolvedMember:
    """A member and its values by key, in the order in which they were written, the model's defaults last."""

    address: str
    kind: str
    span: Span
    values: Mapping[str, Node]

    @property
    def step(self) -> str:
        """The step's id."""
        return self.address.partition("[")[0]

    def leaves(self) -> Iterator[tuple[str, Leaf]]:
        """Every value by its path, such as `shots[0].prompt`."""
        for key, node in self.values.items():
            yield from _leaves(key, node)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The whole: `head` is what the storyboard says of itself, `files` every file that was read."""

    path: str
    files: tuple[str, ...]
    head: Mapping[str, Leaf]
    inputs: Mapping[str, Leaf]
    members: tuple[ResolvedMember, ...]
    deliveries: Mapping[str, Leaf]


def resolve(storyboard: Storyboard, examination: Examination, only: Sequence[str] = ()) -> Resolved:
    """Everything of an examined storyboard that has no errors; `only` names the members that are wanted, with the
    inputs they take and the deliverables they give."""
    used = {wire.reference for address in only for wire in storyboard.members[address].wires}
    home = os.path.dirname(storyboard.path)
    names = Names(storyboard, home)
    members = tuple(
        ResolvedMember(step.address, step.kind, step.span, dict(_values(step, examination.settled[address], names)))
        for address, step in storyboard.members.items()
        if not only or address in only
    )
    return Resolved(
        path=next(iter(storyboard.texts), storyboard.path),
        files=tuple(storyboard.texts),
        head={
            "name": Leaf(storyboard.name, storyboard.spans.get("name") or "name of the file"),
            "provider": Leaf(_names_of(storyboard.provider), storyboard.spans.get("provider") or "default"),
        },
        inputs={
            name: Leaf(names.file_of(entry.reference), entry.span)
            for name, entry in storyboard.inputs.items()
            if not only or entry.reference in used
        },
        members=members,
        deliveries={
            one.path: Leaf(names.wire(one.reference), one.span)
            for one in storyboard.deliveries
            if not only or (isinstance(one.reference, StepOutput) and one.reference.member in only)
        },
    )


class Names:
    """How references are written in the storyboard's own folder."""

    def __init__(self, storyboard: Storyboard, home: str) -> None:
        self._inputs = {entry.reference: name for name, entry in storyboard.inputs.items()}
        self._home = home

    def file_of(self, reference: InputFile | InputUrl) -> str:
        if isinstance(reference, InputUrl):
            return reference.url
        return os.path.relpath(reference.path, self._home).replace(os.sep, "/")

    def wire(self, reference: Reference) -> str:
        if not isinstance(reference, StepOutput):
            if reference in self._inputs:
                return f"inputs.{self._inputs[reference]}"
            path = self.file_of(reference)
            return path if isinstance(reference, InputUrl) or path.startswith("../") else f"./{path}"
        return (
            f"steps.{reference.member}"
            + (f".takes[{reference.take}]" if reference.take else "")
            + (f".images[{reference.image}]" if reference.image else "")
            + (f".{reference.part}" if reference.part else "")
        )


def _values(step: Step, settled: Settled, names: Names) -> Iterator[tuple[str, Node]]:
    own = {"description"} if "description" in settled.parameters else set()
    common = dict(_common(step, settled))
    wired = {wire.field.partition("[")[0] for wire in step.wires}
    written = [key for key in step.spans if "[" not in key and "." not in key]
    for key in dict.fromkeys(("kind", "model", *written, *settled.parameters, *common)):
        if key in common and key not in own:
            yield key, common[key]
        elif key in wired:
            yield key, _wired(step, key, settled, names)
        elif key in settled.parameters:
            yield key, _node(step, key, settled.parameters[key])


def _common(step: Step, settled: Settled) -> Iterator[tuple[str, Node]]:
    """The keys that are no parameters of the kind, where they are not as they would be without."""
    yield "kind", Leaf(step.kind, step.span_of("kind"))
    yield "model", Leaf(settled.model, step.spans.get("model") or of_kind)
    if step.provider:
        yield "provider", Leaf(_names_of(step.provider), step.span_of("provider"))
    for key, value, otherwise in (
        ("takes", step.takes, 1), ("pick", step.pick, 1), ("retries", step.retries, 0), ("timeout", step.timeout, 0.0),
        ("description", step.description, ""),
    ):  # fmt: skip
        if value != otherwise or key in step.spans:
            shown = int(value) if isinstance(value, float) and value.is_integer() else value
            yield key, Leaf(shown, _origin(step, key, of_lock))
    if step.after:
        yield "after", [Leaf(address, _origin(step, f"after[{at}]", "")) for at, address in enumerate(step.after)]
    if step.extra:
        yield "extra", _node(step, "extra", step.extra)


def _names_of(profiles: Sequence[str]) -> object:
    """One profile by its name, several as a list."""
    return profiles[0] if len(profiles) == 1 else list(profiles)


def _wired(step: Step, key: str, settled: Settled, names: Names) -> Node:
    """A field that holds wires: one, a list, or a list of mappings with a wire in each; ids stand among them."""
    wires = {wire.field: Leaf(names.wire(wire.reference), wire.span) for wire in step.wires}
    if key in wires:
        return wires[key]
    held: Any = settled.parameters.get(key, ())
    here = [match for match in map(_item.match, wires) if match is not None and match["head"] == key]
    count = max(len(held), *(int(match["number"]) + 1 for match in here))
    items = [_node(step, f"{key}[{at}]", held[at]) if at < len(held) else Leaf("") for at in range(count)]
    for match in here:
        at, inner = int(match["number"]), match["inner"]
        item = items[at]
        items[at] = (
            {**(item if isinstance(item, Mapping) else {}), inner: wires[match[0]]} if inner else wires[match[0]]
        )
    return items


_item = re.compile(r"(?P<head>[^.\[]+)\[(?P<number>\d+)\](?:\.(?P<inner>.+))?\Z")


def _node(step: Step, path: str, value: Any) -> Node:
    if isinstance(value, Mapping):
        return {key: _node(step, f"{path}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_node(step, f"{path}[{at}]", item) for at, item in enumerate(value)]
    words = of_shots if path == "duration" and "shots" in step.spans else of_model
    return Leaf(value, _origin(step, path, words))


def _origin(step: Step, path: str, otherwise: str) -> Origin:
    return step.spans.get(path) or otherwise


def _leaves(path: str, node: Node) -> Iterator[tuple[str, Leaf]]:
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, Mapping):
        for key, item in node.items():
            yield from _leaves(f"{path}.{key}", item)
    else:
        for at, item in enumerate(node):
            yield from _leaves(f"{path}[{at}]", item)
