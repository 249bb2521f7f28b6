"""Adds to an editor's `settings.json` without losing a sign of it: its comments, its order and its indentation stay.

Such files are JSON with comments and trailing commas, which no JSON reader takes; what is added is put into the text at
the place where the object begins, and nothing else is rewritten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_blank = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_string = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_word = re.compile(r"[-+.\w]+")
_most_nesting = 200


class NotSettings(ValueError):
    """A text that is no object of JSON with comments."""


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a value stands, and the members of an object."""

    start: int
    end: int
    members: Mapping[str, _Value] | None = None


def with_schemas(text: str, key: str, wanted: Mapping[str, Sequence[str]]) -> str:
    """The settings with every wanted association under `key`; the same text where all are there. Raises NotSettings."""
    if not text.strip():
        return json.dumps({key: wanted}, indent=2, ensure_ascii=False) + "\n"
    end, whole = _read(text, 0, 0)
    if whole.members is None or text[_blank_end(text, end) :]:
        raise NotSettings("not one object")
    there = whole.members.get(key)
    if there is None:
        return _added(text, whole, {key: wanted}, _step_of(text, whole))
    if there.members is None:
        raise NotSettings(f"`{key}` is no object")
    missing = {name: files for name, files in wanted.items() if name not in there.members}
    return _added(text, there, missing, _step_of(text, whole)) if missing else text


def _added(text: str, target: _Value, more: Mapping[str, object], step: str) -> str:
    """Puts members at the head of an object; what stood there follows on."""
    assert target.members is not None
    line = text[: target.start].rpartition("\n")[2]
    indent = line[: len(line) - len(line.lstrip())]
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = [
        indent + step + json.dumps(name, ensure_ascii=False) + ": " + _dumped(value, indent + step, step)
        for name, value in more.items()
    ]
    inner = newline + ",\n".join(rows).replace("\n", newline)
    rest = text[target.start + 1 :]
    if target.members:
        return text[: target.start + 1] + inner + "," + ("" if rest[:1] in "\r\n" else newline + indent + step) + rest
    between = text[target.start + 1 : target.end - 1]
    kept = between.rstrip(" \t") if between.strip() else ""
    return text[: target.start + 1] + inner + (kept or newline) + indent + text[target.end - 1 :]


def _dumped(value: object, indent: str, step: str) -> str:
    return json.dumps(value, indent=step, ensure_ascii=False).replace("\n", "\n" + indent)


def _step_of(text: str, whole: _Value) -> str:
    """The indentation that the file uses; two blanks where it shows none."""
    first = min((value.start for value in (whole.members or {}).values()), default=0)
    line = text[:first].rpartition("\n")[2]
    found = line[: len(line) - len(line.lstrip())]
    return found if first and "\n" in text[whole.start : first] and found else "  "


def _blank_end(text: str, at: int) -> int:
    found = _blank.match(text, at)
    return found.end() if found else at


def _read(text: str, at: int, depth: int) -> tuple[int, _Value]:
    at = start = _blank_end(text, at)
    sign = text[at : at + 1]
    if depth > _most_nesting or not sign:
        raise NotSettings("it ends too early" if not sign else "it nests too deep")
    if sign in "{[":
        return _read_inside(text, at, depth, "}" if sign == "{" else "]")
    found = (_string if sign == '"' else _word).match(text, at)
    if found is None:
        raise NotSettings(f"`{sign}` was not expected")
    return found.end(), _Value(start, found.end())


def _read_inside(text: str, start: int, depth: int, closing: str) -> tuple[int, _Value]:
    members: dict[str, _Value] = {}
    at, is_first = start + 1, True
    while True:
        at = _blank_end(text, at)
        if not is_first and text[at : at + 1] == ",":
            at = _blank_end(text, at + 1)
        elif not is_first and text[at : at + 1] != closing:
            raise NotSettings("a comma was expected")
        if text[at : at + 1] == closing:
            return at + 1, _Value(start, at + 1, members if closing == "}" else None)
        is_first = False
        if closing == "}":
            name = _string.match(text, at)
            colon = _blank_end(text, name.end()) if name else at
            if name is None or text[colon : colon + 1] != ":":
                raise NotSettings("a name was expected")
            at, value = _read(text, colon + 1, depth + 1)
            members[json.loads(name[0])] = value
        else:
            at, _ = _read(text, at, depth + 1)
