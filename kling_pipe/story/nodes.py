"""Mappings and lists as a text holds them: plain `dict` and `list`, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# A place is one integer, because ten thousand steps have a hundred thousand of them: line, column, length.
# 24 bits each are enough, as no text is longer than 16 MB.
_bits = 24
_mask = (1 << _bits) - 1
to_line_end = _mask  # a length that means: up to the end of the line


def pack(line: int, column: int, length: int) -> int:
    """A place as one integer; line and column count from 0."""
    return (line << 2 * _bits) | (min(column, _mask) << _bits) | min(length, _mask)


def unpack(place: int) -> tuple[int, int, int]:
    """Line, column (from 0) and length of a place."""
    return place >> 2 * _bits, (place >> _bits) & _mask, place & _mask


class Map(dict[str, Any]):
    """A mapping of a text. `places` holds the key's and the value's place of each entry in turn."""

    __slots__ = ("_index", "place", "places")

    def __init__(self, place: int = 0) -> None:
        super().__init__()
        self.place = place
        self.places: list[int] = []
        self._index: dict[str, int] | None = None

    def key_place(self, key: str) -> int:
        return self.places[2 * self._position(key)]

    def value_place(self, key: str) -> int:
        return self.places[2 * self._position(key) + 1]

    def entries(self) -> Iterator[tuple[str, Any, int, int]]:
        """Key, value, place of the key, place of the value."""
        places = iter(self.places)
        for (key, value), at, value_at in zip(self.items(), places, places, strict=True):
            yield key, value, at, value_at

    def _position(self, key: str) -> int:
        if self._index is None or len(self._index) != len(self):
            self._index = {name: index for index, name in enumerate(self)}
        return self._index[key]


class Seq(list[Any]):
    """A list of a text, with the place of each item."""

    __slots__ = ("place", "places")

    def __init__(self, place: int = 0) -> None:
        super().__init__()
        self.place = place
        self.places: list[int] = []
