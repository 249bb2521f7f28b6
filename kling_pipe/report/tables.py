"""Aligned plain text without any package, so that short answers stay quick."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_gap = "  "


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, indent: str = "", right: Sequence[int] = ()) -> str:
    """Columns as wide as their widest cell; `right` names the columns that are set to the right."""
    lines = [tuple(head), *(tuple(printable(cell) for cell in row) for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]
    return "".join(_line(line, widths, indent, right) for line in lines)


def pairs(rows: Sequence[tuple[str, str]], *, indent: str = "") -> str:
    """Names to the left, values beside them; further lines of a value hang under its first."""
    widest = max((width(name) for name, _ in rows), default=0)
    hanging = "\n" + indent + " " * widest + _gap
    return "".join(
        f"{indent}{name}{' ' * (widest - width(name))}{_gap}{value.replace(chr(10), hanging)}".rstrip() + "\n"
        for name, value in rows
    )


def width(text: str) -> int:
    """Columns a text takes in a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def printable(text: str) -> str:
    """The text on one line, its control characters shown instead of obeyed."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character in "\n\t" else f"\\x{ord(character):02x}"
        for character in text
    )


def shortened(text: str, most: int) -> str:
    """The text cut to `most` columns, with an ellipsis where something is missing."""
    if width(text) <= most:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > most - 1:
            break
        kept += character
    return kept + "…"


def _line(cells: Sequence[str], widths: Sequence[int], indent: str, right: Sequence[int]) -> str:
    padded = []
    for column, cell in enumerate(cells):
        space = " " * (widths[column] - width(cell))
        padded.append(space + cell if column in right else cell + space)
    return (indent + _gap.join(padded)).rstrip() + "\n"
