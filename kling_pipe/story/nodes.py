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
    return (place >> 2 * _bits) & _mask, (place >> _bits) & _mask, place & _mask


def number_of(place: int) -> int:
    """The number of the text that a place lies in, which is 0 for a text that stands alone."""
    return place >> 3 * _bits


def numbered(place: int, number: int) -> int:
    """A place of a text that stands alone, as a place of the text with this number."""
    return place | (number << 3 * _bits)


class Map(dict[str, Any]):
    """A mapping of a text. `places` holds the key's and the value's place of each entry in turn."""

    __slots__ = ("_index", "place", "places")

    def __init__(self, place: int = 0) -> None:
        super().__init__()
        self.place = place
        self.places: list[int] = []
        self._index: dict[str, int] | None = None

    def put(self, key: str, value: Any, key_place: int, value_place: int) -> None:
        """Adds an entry, or gives the one that is there another value, with the places it has in its text."""
        if key in self:
            position = 2 * self._position(key)
            self.places[position : position + 2] = (key_place, value_place)
        else:
            self.places += (key_place, value_place)
        self[key] = value

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


def number(root: Map | Seq, text: int) -> None:
    """Marks every place within a value as one of the text with this number. Values that aliases repeat are one."""
    waiting: list[Map | Seq] = [root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        node.place = numbered(node.place, text)
        node.places = [numbered(place, text) for place in node.places]
        waiting.extend(
            item for item in (node.values() if isinstance(node, Map) else node) if isinstance(item, Map | Seq)
        )
