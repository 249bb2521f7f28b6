"""How far cases reach: every parameter of every model of every kind, and each value where there are few of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kling_pipe.plan.catalogue_data import Data, sequence
from kling_pipe.plan.catalogue_offer import Offer
from tests.agreement.drafts import Draft
from tests.agreement.road import Road, executable

_any: Any = object()  # whatever the value
_listed = ("choice", "switch", "options", "whole")
_switch = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Point:
    """A parameter of what a model offers for a kind, with one of its values or with any."""

    kind: str
    model: str
    key: str
    value: Any = _any

    @property
    def has_value(self) -> bool:
        return self.value is not _any

    def __str__(self) -> str:
        value = f"={self.value}" if self.has_value else ""
        return f"{self.kind} {self.model} {self.key}{value}"


@dataclass(slots=True)
class Reach:
    """How often each point stood in a step that both sides took."""

    counts: Counter[Point] = field(default_factory=Counter)

    def count(self, draft: Draft, model: str) -> None:
        for key, value in draft.values.items():
            values = value if isinstance(value, list) else [value]
            points = [Point(draft.kind, model, key, _plain(one)) for one in values if _is_listed(one)]
            self.counts.update({Point(draft.kind, model, key), *points})

    def untried(self, points: Iterable[Point]) -> list[Point]:
        """Those that stood in none."""
        return [point for point in points if not self.counts[point]]


def points_on(road: Road) -> list[Point]:
    """Everything that a road offers and has a way for."""
    return [point for offer in road.catalogue.offers() for point in points_of(offer) if not _is_barred(point, road)]


def _is_barred(point: Point, road: Road) -> bool:
    """Whether the road's transport cannot say it, so that `plan` finds no way; picsart.md section 4."""
    return road.transport == executable and (
        (point.kind == "omni-video" and point.key == "references") or (point.key == "shots" and point.value == "auto")
    )


def points_of(offer: Offer) -> Iterator[Point]:
    """Everything that can be said in a step of an offer."""
    for key, limit in offer.fields.items():
        if "." in key:
            continue
        yield Point(offer.kind, offer.model, key)
        for value in _values(limit):
            yield Point(offer.kind, offer.model, key, value)
        if limit["type"] == "shots" and limit.get("auto") is not False:
            yield Point(offer.kind, offer.model, key, "auto")


def _values(limit: Data) -> tuple[Any, ...]:
    if limit["type"] == "switch":
        return tuple(sequence(limit, "values")) or (True, False)
    return tuple(sequence(limit, "values")) if limit["type"] in _listed else ()


def _is_listed(value: Any) -> bool:
    return isinstance(value, str | bool | int) and not (isinstance(value, str) and len(value) > 40)


def _plain(value: Any) -> Any:
    return _switch.get(value, value) if isinstance(value, str) else value
