"""Answers as the service wraps them: items and errors side by side, told apart by task; runware.md section 2.

Nothing here raises: what cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kling_pipe.values.wire import Response

Item = Mapping[str, object]

_most = Decimal(10) ** 9  # an amount beyond this is no amount


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an answer holds; either may be empty."""

    items: tuple[Item, ...] = ()
    errors: tuple[Item, ...] = ()

    @staticmethod
    def of(response: Response) -> Envelope | None:
        """None for anything but the service's own envelope."""
        data = response.json()
        if data is None or not ("data" in data or "errors" in data):
            return None
        return Envelope.within(data)

    @staticmethod
    def within(data: Item) -> Envelope:
        """From an object with the two lists. One old page shows a lone object in place of a list (disputed)."""
        return Envelope(_objects(data.get("data")), _objects(data.get("errors")))

    def about(self, uuid: str, *, alone: bool = False) -> Envelope:
        """What concerns one task; where it is the only one asked about, also what names none."""
        return Envelope(
            tuple(item for item in self.items if _concerns(item, uuid, alone=alone)),
            tuple(error for error in self.errors if _concerns(error, uuid, alone=alone)),
        )

    @property
    def unnamed(self) -> tuple[Item, ...]:
        """Errors that name no task, and so belong to all."""
        return tuple(error for error in self.errors if not uuid_in(error))

    def __bool__(self) -> bool:
        return bool(self.items or self.errors)


def uuid_in(item: Item) -> str:
    """The task that an item or error names; some write it in capitals."""
    return text_in(item.get("taskUUID")).lower()


def text_in(value: object) -> str:
    """A text, or nothing."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Item:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def whole(value: object) -> int:
    """A count, 0 unknown."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000 else 0


def amount(value: object) -> Decimal | None:
    """An amount of money, written as a number or a text; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 40:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= _most else None


def _concerns(item: Item, uuid: str, *, alone: bool) -> bool:
    named = uuid_in(item)
    return named == uuid or (alone and not named)


def _objects(value: object) -> tuple[Item, ...]:
    if isinstance(value, Mapping):
        return (value,)
    several = value if isinstance(value, Iterable) and not isinstance(value, str | bytes) else ()
    return tuple(item for item in several if isinstance(item, Mapping))
