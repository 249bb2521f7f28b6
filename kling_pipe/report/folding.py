"""Lines folded at spaces to the width of a terminal, so that what goes on hangs under where it began."""

from __future__ import annotations

import re

from kling_pipe.report.tables import width

_least = 30  # columns that are left for what hangs; less hangs under the line's own beginning
_gap = re.compile(r"(?<=\S) {2,}(?=\S)")
_words = re.compile(r"(?:`[^`]*`|\S)+")  # what stands in backticks is typed as it is, so it stays on one line
_colour = re.compile(r"\x1b\[[0-9;]*m")
_openings = ("hint: ", "next: ")
_command = "kling-pipe "


def folded(text: str, columns: int) -> str:
    """The text with no line wider than `columns` where it can be; 0 leaves it as it is. Rows of a table are
    folded in their last cell or not at all, and a line that is a command never is."""
    if columns <= 0:
        return text
    return "".join(_folded(line, columns) for line in text.splitlines(keepends=True))


def _folded(line: str, columns: int) -> str:
    bare = line.rstrip("\n")
    gaps = list(_gap.finditer(bare))
    if _width(bare) <= columns or bare.lstrip().startswith(_command):
        return line
    if len(gaps) > 1 and columns - _width(bare[: gaps[-1].end()]) < _least:
        return line
    indent = len(bare) - len(bare.lstrip())
    opening = next((len(word) for word in _openings if bare.startswith(word)), 0)
    start = gaps[-1].end() if gaps else indent + opening
    hang = _width(bare[:start]) if columns - _width(bare[:start]) >= _least else indent + 2
    lines = [bare[:start]]
    for word in _words.findall(bare[start:]):
        spaced = word if lines[-1] in (bare[:start], " " * hang) else f" {word}"
        if _width(lines[-1] + spaced) > columns and spaced != word:
            lines.append(" " * hang + word)
        else:
            lines[-1] += spaced
    return "\n".join(lines) + line[len(bare) :]


def _width(text: str) -> int:
    return width(_colour.sub("", text) if "\x1b" in text else text)
