"""Two revisions of a storyboard as Markdown, for a comment of a pull request; the same input gives the same text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kling_pipe.plan.changes import Part
from kling_pipe.plan.difference import Difference
from kling_pipe.report.amounts import signed
from kling_pipe.report.differences import (
    Row,
    about,
    counts_of,
    fate_words,
    nothing_paid,
    paid_words,
    rows_of,
    scratch_words,
    to_make_words,
)
from kling_pipe.report.ink import Ink
from kling_pipe.report.parts import change_lines
from kling_pipe.report.tables import printable
from kling_pipe.values.revision import Revision

# Signs of our own stand for the marks until the text between them is escaped.
_marks = Ink(("\ue000", "\ue001"), ("\ue002", "\ue003"))
_html = {"\ue000": "<del>", "\ue001": "</del>", "\ue002": "<ins>", "\ue003": "</ins>"}
_special = re.compile(r"[\\`*_{}\[\]<>|~#@&]|(?<=:)//|\ue000|\ue001|\ue002|\ue003")
_changes_shown = 6  # of one step
_characters_shown = 600  # of one change
_most_characters = 50_000  # of the table: a comment has 65,536 at most


def markdown_of(found: Difference, older: Revision, newer: Revision, name: str, folder: str) -> str:
    """A headline with the money, and a table of what changed."""
    delta = signed(found.scratch - found.scratch_before)
    to_make = f"{found.cost} to make" if found.cost else "nothing to pay"
    head = f"### {escaped(name)}: {to_make}, {delta} from scratch\n"
    between = f"{_revision(older)} → {_revision(newer)}: {counts_of(found)}\n"
    rows = rows_of(found)
    parts = [head, between]
    parts.append("" if found.is_paid_for else f"{nothing_paid[0].upper()}{nothing_paid[1:]}.\n")
    parts.append(_table(rows, folder))
    parts.append(_deliveries(found))
    parts.append(f"To make now: {escaped(to_make_words(found))}.\n\nFrom scratch: {escaped(scratch_words(found))}.\n")
    return "\n".join(part for part in parts if part)


def escaped(text: str) -> str:
    """The text as Markdown shows it: nothing in it is a mark, a mention or a link."""
    return _special.sub(lambda match: _html.get(match[0]) or "".join(f"&#{ord(sign)};" for sign in match[0]), text)


def _table(rows: Sequence[Row], folder: str) -> str:
    if not rows:
        return ""
    lines = ["| step | change | what | to make now | from scratch |", "|---|---|---|---:|---:|"]
    room = _most_characters
    for place, row in enumerate(rows):
        line = _row(row, folder)
        room -= len(line)
        if room < 0:
            lines.append(f"| and {len(rows) - place} more | | | | |")
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _row(row: Row, folder: str) -> str:
    parts = row.first.parts
    what = [_part(part, folder) for part in parts[:_changes_shown]]
    if len(parts) > _changes_shown:
        what.append(f"and {len(parts) - _changes_shown} more")
    note = about(row)
    what += [escaped(note.replace("`", ""))] if note else []
    before, now = row.scratch_before, row.scratch
    scratch = f"{now}" if before == now else f"{before} → {now}"
    cells = (f"**{escaped(row.name)}**", fate_words[row.fate], "<br>".join(what), paid_words(row), scratch)
    return f"| {' | '.join(cells)} |"


def _part(part: Part, folder: str) -> str:
    (line,) = change_lines(part, folder, _marks, most=_characters_shown)
    return f"{escaped(printable(part.name))}: {escaped(line)}"


def _deliveries(found: Difference) -> str:
    lines = []
    for path, was, now in found.deliveries:
        words = (f"was from {was}" if was else "", f"from {now}" if now else "not delivered any more")
        lines.append(f"- {escaped(path)}: {escaped(', '.join(word for word in words if word))}\n")
    return "Deliverables:\n\n" + "".join(lines) if lines else ""


def _revision(revision: Revision) -> str:
    return escaped(str(revision))
