"""Places of the keys of one mapping, over the mapping with the defaults under it, looked up only when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from kling_pipe.story.document import Document
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.values.span import Span

Path = tuple[str | int, ...]
Origin = Callable[[str], Span | None]


class Aspect(Enum):
    """Which part of an entry is meant."""

    KEY = "key"
    VALUE = "value"


class Places(Mapping[str, Span]):
    """Spans by key (`prompt`, `shots[1].duration`). Ten thousand steps have sixty thousand keys and ask for few.

    `layers` are searched in turn; `owner` is the place of the whole, for what is written nowhere. `origin` tells where
    the value of a text stands that only looks it up elsewhere."""

    __slots__ = ("document", "layers", "origin", "owner")

    def __init__(self, document: Document, owner: int, *layers: Map, origin: Origin | None = None) -> None:
        self.document = document
        self.owner = owner
        self.layers = layers
        self.origin = origin

    def at(self, path: Path, aspect: Aspect = Aspect.VALUE) -> Span:
        """The span of a path, or of the nearest part of it that is written."""
        return self._find(path, aspect) or self.document.span(self.owner)

    def within(self, key: str, part: str) -> Span:
        """Where a part of a text stands; the whole text where it is written over several lines or by an expression."""
        whole = self[key]
        at = self.document.lines_of(whole.path)[whole.line - 1].find(
            part, whole.column - 1, whole.column - 1 + whole.length
        )
        return whole if at < 0 else Span(whole.path, whole.line, at + 1, len(part))

    def __getitem__(self, key: str) -> Span:
        span = self._find(path_of(key), Aspect.VALUE)
        if span is None:
            raise KeyError(key)
        return span

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for layer in self.layers for key in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _find(self, path: Path, aspect: Aspect) -> Span | None:
        layer = next((layer for layer in self.layers if path and path[0] in layer), None)
        if layer is None:
            return None
        holder: Map | Seq = layer
        part: Any = path[0]
        for step in path[1:]:
            inner = holder[part]
            if not _has(inner, step):
                break
            holder, part = inner, step
        if isinstance(holder, Map) and aspect is Aspect.KEY:
            return self.document.key_span(holder, part)
        value = holder[part]
        if self.origin is not None and isinstance(value, str):
            return self.origin(value) or self.document.value_span(holder, part)
        return self.document.value_span(holder, part)


_part = re.compile(r"[^.\[\]]+|\[(\d+)\]")


def path_of(key: str) -> Path:
    """`shots[1].duration` as (`shots`, 1, `duration`)."""
    return tuple(int(match[1]) if match[1] else match[0] for match in _part.finditer(key))


def path_text(path: Path) -> str:
    """The inverse of `path_of`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _has(node: object, part: str | int) -> bool:
    if isinstance(node, Map):
        return part in node
    return isinstance(node, Seq) and isinstance(part, int) and part < len(node)
