"""YAML of one plain shape, read line by line: block mappings and lists of them, one fact a line, as a lock file has.

Ten times as quick as a parser that knows all of YAML, which reads whatever is not of that shape.
"""

from __future__ import annotations

import re
from typing import Any

from kling_pipe.story.scalars import resolve

_line = re.compile(
    r'(?P<indent> *)(?P<item>- )?(?:"(?P<quoted>[^"\\]*)"|(?P<key>[A-Za-z0-9][A-Za-z0-9_./+-]*)):'
    r'(?: (?:"(?P<text>[^"\\]*)"|(?P<plain>[A-Za-z0-9](?:[A-Za-z0-9_./+-]|:(?=[0-9])| (?=[A-Za-z0-9+]))*)'
    r"|(?P<empty>\{\})))?"
)


def plain_tree(text: str) -> dict[str, Any] | None:
    """The mapping that a text holds; None where it is not of the plain shape, or where a key comes twice."""
    root: dict[str, Any] = {}
    open_nodes: list[tuple[int, Any]] = [(0, root)]  # indents and what is written at each
    awaited: tuple[Any, str] | None = None  # a mapping and the key whose lines come next
    for line in text.split("\n"):
        if not line or line[0] == "#":
            continue
        match = _line.fullmatch(line)
        if match is None:
            return None
        indent, item = len(match["indent"]), match["item"] is not None
        if awaited is not None:
            if indent <= open_nodes[-1][0]:
                return None  # a key without a value
            node: Any = [] if item else {}
            holder, name = awaited
            holder[name] = node
            open_nodes.append((indent, node))
            awaited = None
        while indent < open_nodes[-1][0]:
            open_nodes.pop()
        at, node = open_nodes[-1]
        if item:
            if at != indent or not isinstance(node, list):
                return None
            node.append({})
            open_nodes.append((indent + 2, node[-1]))
            node = node[-1]
        elif at != indent or not isinstance(node, dict):
            return None
        key = match["key"] if match["quoted"] is None else match["quoted"]
        if key in node:
            return None
        if match["plain"] is not None:
            node[key] = resolve(match["plain"])
        elif match["text"] is not None:
            node[key] = match["text"]
        elif match["empty"] is not None:
            node[key] = {}
        else:
            node[key] = None
            awaited = node, key
    return None if awaited is not None else root
