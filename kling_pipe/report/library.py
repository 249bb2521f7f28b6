"""Elements and voices for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kling_pipe.report.tables import printable, shortened, table
from kling_pipe.values.media import MediaType


class EntryRow(Protocol):
    """What is shown of an element or voice; the provider brings it."""

    @property
    def type(self) -> MediaType: ...
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_own(self) -> bool: ...
    @property
    def description(self) -> str: ...
    @property
    def preview(self) -> str: ...


def render_library(entries: Sequence[EntryRow], *, is_told: bool = True) -> str:
    """The library as text; `is_told` is false where the service lists nothing."""
    if not is_told:
        return "this service lists no elements and no voices\n"
    if not entries:
        return "no elements and no voices\n"
    rows = [
        (
            str(entry.type),
            entry.id,
            printable(entry.name),
            "own" if entry.is_own else "official",
            shortened(printable(entry.description), 50),
        )
        for entry in entries
    ]
    return table(("", "id", "name", "whose", "description"), rows)


def library_to_json(profile: str, entries: Sequence[EntryRow]) -> dict[str, object]:
    """The library for the envelope's `data`."""
    return {
        "profile": profile,
        "entries": [
            {"type": str(entry.type), "id": entry.id, "name": entry.name, "own": entry.is_own,
             "description": entry.description, "preview": entry.preview}
            for entry in entries
        ],
    }  # fmt: skip
