"""Axes and members: a step at fixed axis values has a readable address such as `spot[locale=de,ratio=9:16]`."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from kling_pipe.story.filters import filters, plain_text
from kling_pipe.story.nodes import Map

Coordinates = tuple[tuple[str, str], ...]  # (axis, label) pairs, in the axes' order

address_form = "write it like `hero`, `spot[locale=de]` or `spot[locale=de,ratio=9:16]`"
step_id = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_address = re.compile(r"(?P<step>[A-Za-z_][A-Za-z0-9_-]*)(?:\[(?P<pins>[^\[\]]*)\])?\Z")

# Keys that give a step axes; they mean that step and cannot be defaults of a kind.
axis_keys = frozenset({"each", "vary", "gather", "exclude"})


@dataclass(frozen=True, slots=True)
class Member:
    """A step at its coordinates; without axes there is one."""

    step: str
    coordinates: Coordinates = ()

    @property
    def address(self) -> str:
        """`hero`, or `spot[locale=de,ratio=9:16]`."""
        if not self.coordinates:
            return self.step
        return f"{self.step}[{','.join(f'{axis}={value}' for axis, value in self.coordinates)}]"

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""
        return tuple(axis for axis, _ in self.coordinates)

    @staticmethod
    def parse(address: str) -> Member:
        """The inverse of `address`; raises ValueError."""
        match = _address.match(address)
        if match is None:
            raise ValueError(f"expected an address such as `hero` or `spot[locale=de]`: {address}")
        return Member(match["step"], parse_pins(match["pins"]) if match["pins"] is not None else ())


def parse_pins(text: str) -> Coordinates:
    """`locale=de,ratio=9:16` as pairs; raises ValueError."""
    pairs = [part.partition("=") for part in text.split(",")]
    pins = tuple((axis.strip(), value.strip()) for axis, _, value in pairs)
    if not all(axis and value for axis, value in pins):
        raise ValueError(f"expected `axis=value` pairs: {text}")
    if len({axis for axis, _ in pins}) < len(pins):
        raise ValueError(f"an axis is named twice: {text}")
    return pins


@dataclass(frozen=True, slots=True)
class Axis:
    """A named list of values. `root` is the word that expressions find it under: `variant` or `each`; `values` go by
    their labels, which stand in addresses; `holder` is the mapping it is written in."""

    name: str
    root: str
    values: Mapping[str, Any]
    holder: Map

    @property
    def expression(self) -> str:
        """What stands for its value in a text: `variant.locale`, `each.shot.id`."""
        first = next(iter(self.values.values()))
        return f"{self.root}.{self.name}{'.id' if isinstance(first, Mapping) else ''}"


def label_of(value: Any, number: int) -> str:
    """How a value is called in addresses: a mapping by its `id` or `name`, else by its number, which counts from 1; a
    text that would not read well there by a short form of itself."""
    if isinstance(value, Mapping):
        name = value.get("id", value.get("name"))
        return label_of(name, number) if isinstance(name, str | int | float) else str(number)
    text = unicodedata.normalize("NFC", plain_text(value))
    if _plain_label.match(text) and len(text) <= _longest_label:
        return text
    return filters["slug"](text, "")[:_longest_label].strip("-") or str(number)


def file_safe(text: str) -> str:
    """An axis value as part of a file name: `9:16` becomes `9x16`, other signs that systems refuse a dash."""
    text = re.sub(r"(?<=\d):(?=\d)", "x", text)
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "-", text).strip(" .") or "-"


_plain_label = re.compile(r"[^\s\[\]=,'\"](?:[^\[\]=,'\"\x00-\x1f\x7f]*[^\s\[\]=,'\"])?\Z")
_longest_label = 48


class Grid:
    """All axes of a storyboard, in order, and which of their values come together.

    `rows` are the combinations of the `variants`, trimmed; an axis of `each` goes together with every row."""

    def __init__(self, axes: Mapping[str, Axis], rows: Sequence[Coordinates]) -> None:
        self.axes = axes
        self._rows = rows
        self._known: dict[frozenset[str], tuple[Coordinates, ...]] = {}

    def names(self, root: str) -> tuple[str, ...]:
        """The axes of a root."""
        return tuple(name for name, axis in self.axes.items() if axis.root == root)

    def size(self, names: Set[str]) -> int:
        """At most how many combinations there are of some axes."""
        count = 1
        for name in names:
            count *= len(self.axes[name].values)
        return count

    def combinations(self, names: Iterable[str]) -> tuple[Coordinates, ...]:
        """Every combination of some axes, once, in order."""
        wanted = frozenset(names)
        if wanted not in self._known:
            self._known[wanted] = tuple(self._combinations(wanted))
        return self._known[wanted]

    def _combinations(self, wanted: frozenset[str]) -> Iterator[Coordinates]:
        named = [axis for axis in self.axes.values() if axis.name in wanted]
        rows: Iterable[Coordinates] = ((),)
        if any(axis.root == "variant" for axis in named):
            rows = dict.fromkeys(projected(row, wanted) for row in self._rows)
        each = [[(axis.name, label) for label in axis.values] for axis in named if axis.root == "each"]
        for row in rows:
            for rest in itertools.product(*each):
                yield (*row, *rest)


def projected(coordinates: Coordinates, names: Set[str]) -> Coordinates:
    """The pairs of some axes only."""
    return tuple(pair for pair in coordinates if pair[0] in names)
