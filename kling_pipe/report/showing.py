"""A storyboard put together: an outline as tables, or every value as YAML with a comment that says where it is from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kling_pipe.plan.outline import Outline, OutlinedDelivery
from kling_pipe.plan.resolved import Leaf, Node, Origin, Resolved, ResolvedMember
from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import pairs, printable, table, width
from kling_pipe.values.span import Span

_widest_aligned = 72  # columns; longer lines have their comment right behind them
_most_paths = 3


def render_shown(whole: Outline | Resolved) -> str:
    """Either of them as text."""
    return _outline(whole) if isinstance(whole, Outline) else _resolved(whole)


def shown_to_json(whole: Outline | Resolved) -> dict[str, object]:
    """Either of them for the envelope's `data`; each value with its place, or the words of where it is from."""
    return _outline_to_json(whole) if isinstance(whole, Outline) else _resolved_to_json(whole)


def _outline(outline: Outline) -> str:
    """Files, axes, inputs, steps and deliverables."""
    head = f"{outline.path}: {plural(outline.members, 'member')} of {plural(len(outline.steps), 'step')}\n"
    parts = [
        ("files", pairs(list(outline.files.items()), indent="  ")),
        ("axes", pairs([(axis, ", ".join(values)) for axis, values in outline.axes.items()], indent="  ")),
        ("inputs", _rows((one.name, one.target, _place(one.span)) for one in outline.inputs)),
        ("steps", _steps(outline)),
        ("deliver", _rows((_paths(one), one.target, _place(one.span)) for one in outline.deliveries)),
    ]
    return "\n".join((head, *(f"{name}\n{text}" for name, text in parts if text)))


def _resolved(resolved: Resolved) -> str:
    """One member after the other as YAML; without axes it is a storyboard again."""
    lines = [("storyboard: 1", ""), *_entries(resolved.head, "")]
    sections: list[tuple[str, Iterable[tuple[str, str]]]] = [
        ("inputs", _entries(resolved.inputs, "  ")),
        ("steps", (line for member in resolved.members for line in _member(member))),
        ("deliver", _entries(resolved.deliveries, "  ")),
    ]
    for name, rows in sections:
        found = list(rows)
        lines += [(f"{name}:", ""), *found] if found else []
    widest = max((width(text) for text, _ in lines if width(text) <= _widest_aligned), default=0)
    return "".join(_commented(text, comment, widest) for text, comment in lines)


def _outline_to_json(outline: Outline) -> dict[str, object]:
    return {
        "path": outline.path,
        "name": outline.name,
        "files": [{"path": path, "role": str(role)} for path, role in outline.files.items()],
        "axes": {axis: list(values) for axis, values in outline.axes.items()},
        "inputs": [
            {"name": one.name, "target": one.target, "from": _origin_to_json(one.span)} for one in outline.inputs
        ],
        "steps": [
            {
                "id": step.id, "kind": step.kind, "members": step.members, "axes": list(step.axes),
                "from": _origin_to_json(step.span),
            }
            for step in outline.steps
        ],
        "deliver": [
            {"paths": list(one.paths), "target": one.target, "from": _origin_to_json(one.span)}
            for one in outline.deliveries
        ],
    }  # fmt: skip


def _resolved_to_json(resolved: Resolved) -> dict[str, object]:
    return {
        "path": resolved.path,
        "files": list(resolved.files),
        **{key: _leaf_to_json(leaf) for key, leaf in resolved.head.items()},
        "inputs": [{"name": name, **_leaf_to_json(leaf)} for name, leaf in resolved.inputs.items()],
        "members": [
            {
                "address": member.address, "step": member.step, "kind": member.kind,
                "from": _origin_to_json(member.span),
                "values": [{"key": path, **_leaf_to_json(leaf)} for path, leaf in member.leaves()],
            }
            for member in resolved.members
        ],
        "deliver": [{"path": path, **_leaf_to_json(leaf)} for path, leaf in resolved.deliveries.items()],
    }  # fmt: skip


def _rows(rows: Iterable[tuple[str, str, str]]) -> str:
    found = [tuple(printable(cell) for cell in row) for row in rows]
    widths = [max((width(row[column]) for row in found), default=0) for column in range(2)]
    return "".join(
        "  " + "  ".join((*(cell + " " * (widths[at] - width(cell)) for at, cell in enumerate(row[:2])), row[2])) + "\n"
        for row in found
    )


def _steps(outline: Outline) -> str:
    rows = [(step.id, step.kind, str(step.members), ", ".join(step.axes), _place(step.span)) for step in outline.steps]
    if outline.axes:
        return table(("step", "kind", "members", "axes", "from"), rows, indent="  ", right=(2,))
    return table(("step", "kind", "from"), [(row[0], row[1], row[4]) for row in rows], indent="  ")


def _paths(delivery: OutlinedDelivery) -> str:
    paths = delivery.paths
    if len(paths) <= _most_paths:
        return ", ".join(paths)
    return f"{', '.join(paths[: _most_paths - 1])} and {len(paths) - _most_paths + 1} more"


# YAML


def _member(member: ResolvedMember) -> Iterator[tuple[str, str]]:
    yield f"  {_text(member.address)}:", _place(member.span)
    for key, node in member.values.items():
        yield from _lines(f"    {_text(key)}:", node, "    ")


def _entries(leaves: Mapping[str, Leaf], indent: str) -> Iterator[tuple[str, str]]:
    for key, leaf in leaves.items():
        yield from _lines(f"{indent}{_text(key)}:", leaf, indent)


def _lines(head: str, node: Node, indent: str) -> Iterator[tuple[str, str]]:
    """A value behind its head, `key:` or `-`, with a comment for each line."""
    if isinstance(node, Leaf):
        yield f"{head} {_scalar(node.value)}", _place(node.origin)
    elif not node:
        yield f"{head} {'{}' if isinstance(node, Mapping) else '[]'}", ""
    elif isinstance(node, Mapping):
        yield head, ""
        for key, item in node.items():
            yield from _lines(f"{indent}  {_text(key)}:", item, f"{indent}  ")
    else:
        yield head, ""
        for item in node:
            (first, comment), *rest = _lines(f"{indent}  -", item, f"{indent}  ")
            if isinstance(item, Mapping) and rest:
                (second, comment), *rest = rest  # `- key: value`, as people write it
                first = f"{first} {second.lstrip()}"
            yield first, comment
            yield from rest


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(_scalar(item) for item in value)}]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    """A text as YAML: bare where nothing can mistake it for anything else, else in double quotes."""
    if _bare.match(text) and not _taken.match(text) and ": " not in text and " #" not in text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in quoted)


_bare = re.compile(
    r"[A-Za-z_./](?:[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff'\"\\`{}]*[^\s:'\"\\`{}\x00-\x1f\x7f-\xa0])?\Z"
)
_taken = re.compile(r"(?:true|false|null|yes|no|on|off|y|n|[.](?:inf|nan))\Z|\.[0-9]", re.IGNORECASE)


def _escaped(sign: str) -> str:
    point = ord(sign)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _commented(text: str, comment: str, widest: int) -> str:
    return f"{text}{' ' * max(0, widest - width(text))}  # {printable(comment)}\n" if comment else f"{text}\n"


def _place(origin: Origin) -> str:
    return f"{origin.path}:{origin.line}" if isinstance(origin, Span) else origin


# JSON


def _leaf_to_json(leaf: Leaf) -> dict[str, Any]:
    return {"value": leaf.value, "from": _origin_to_json(leaf.origin)}


def _origin_to_json(origin: Origin) -> object:
    if isinstance(origin, Span):
        return {"path": origin.path, "line": origin.line, "column": origin.column}
    return origin or None
