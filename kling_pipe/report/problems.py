"""Problems as people read them, with the line and a caret, and as JSON."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from kling_pipe.errors import Problem, Severity
from kling_pipe.report.folding import folded
from kling_pipe.values.span import Span

_line_end = re.compile(r"\r\n|\n|\r")
_widest = 100  # columns of a shown line; what is longer is cut around the caret
_narrowest = 60
_before_caret = 40  # columns kept to the left of the caret when a line is cut
_tab = "    "


def render_problems(problems: Iterable[Problem], texts: Mapping[str, str], columns: int = 0) -> str:
    """All problems in one form, with an empty line between them; `texts` by path, no line wider than `columns`."""
    lines: dict[str, list[str]] = {}
    return "\n".join(_rendered(problem, texts, lines, columns) for problem in problems)


def problems_to_json(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """The problems as the envelope of `--json` carries them; where there is no place, its fields are null."""
    return [
        {
            "code": problem.code,
            "message": problem.message,
            "severity": str(problem.severity),
            "path": problem.span.path if problem.span else None,
            "line": problem.span.line if problem.span else None,
            "column": problem.span.column if problem.span else None,
            "length": problem.span.length if problem.span else None,
            "hint": problem.hint,
        }
        for problem in problems
    ]


def _rendered(problem: Problem, texts: Mapping[str, str], lines: dict[str, list[str]], columns: int) -> str:
    mark = "" if problem.severity is Severity.ERROR else f"{problem.severity}: "
    place = f"{_printable(str(problem.span))}: " if problem.span else ""
    parts = [f"{place}{mark}{problem.code}\n"]
    if problem.span and not problem.quiet and problem.span.path in texts:
        widest = min(_widest, max(_narrowest, columns - 4)) if columns else _widest  # 4: the indentation, two ellipses
        parts.append(_excerpt(problem.span, _lines_of(problem.span.path, texts, lines), widest))
    parts.append(folded(f"  {_printable(problem.message)}\n", columns))
    if problem.hint:
        parts.append("\n" + folded(f"hint: {_printable(problem.hint)}\n", columns))
    return "".join(parts)


def _lines_of(path: str, texts: Mapping[str, str], lines: dict[str, list[str]]) -> list[str]:
    if path not in lines:
        lines[path] = _line_end.split(texts[path].removeprefix("\ufeff"))
    return lines[path]


def _excerpt(span: Span, lines: list[str], widest: int) -> str:
    """The line and the caret under it, or nothing when the text has changed and has no such line."""
    if span.line > len(lines) or not lines[span.line - 1].strip():
        return ""
    cells = [_cell(sign) for sign in lines[span.line - 1].rstrip()]
    start = min(span.column - 1, len(cells))
    end = max(start + 1, min(start + span.length, len(cells)))
    first, last = _window(cells, start, widest)
    shown = cells[first:last]
    left = "…" if first > _indent(cells) else ""
    right = "…" if last < len(cells) else ""
    before = _width(cells[first:start]) + len(left)
    under = max(1, _width(cells[start : min(end, last)]))
    return f"  {left}{''.join(text for text, _ in shown)}{right}\n  {' ' * before}{'^' * under}\n"


def _window(cells: list[tuple[str, int]], start: int, widest: int) -> tuple[int, int]:
    """The part of a line that is shown: without its indentation, and no wider than `widest`."""
    first = min(_indent(cells), start)
    if _width(cells[first:]) <= widest:
        return first, len(cells)
    left = start
    while left > first and _width(cells[left - 1 : start]) <= _before_caret:
        left -= 1
    last, width = left, 0
    while last < len(cells) and width + cells[last][1] <= widest:
        width += cells[last][1]
        last += 1
    return left, last


def _indent(cells: list[tuple[str, int]]) -> int:
    return next((index for index, (text, _) in enumerate(cells) if text.strip()), 0)


def _width(cells: list[tuple[str, int]]) -> int:
    return sum(width for _, width in cells)


# Signs that change the direction of what follows would show a line that is not the one in the file.
_directions = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _cell(sign: str) -> tuple[str, int]:
    """How a character is shown, and in how many columns."""
    if sign == "\t":
        return _tab, len(_tab)
    if sign in _directions or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp"):
        escaped = sign.encode("unicode_escape", "surrogatepass").decode()
        return escaped, len(escaped)
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return sign, 0
    return sign, 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(_cell(sign)[0] for sign in text)
