"""Parts of a recipe in words: a value, where it came from, and what it was before."""

from __future__ import annotations

import os

from kling_pipe.plan.changes import Bytes, Change, Group, Part
from kling_pipe.report.ink import Ink
from kling_pipe.report.tables import printable, shortened
from kling_pipe.report.word_diff import Mark, bounded, rendered, word_diff
from kling_pipe.values.digest import canonical

_digest_shown = 12
_widest_value = 60


def value_words(value: object, folder: str, most: int = _widest_value) -> str:
    """A value on one line: a text as it is, bytes by their digest and where they come from."""
    if isinstance(value, Bytes):
        return bytes_words(value, folder)
    return shortened(printable(value if isinstance(value, str) else canonical(value)), most)


def bytes_words(file: Bytes, folder: str) -> str:
    """`4bce24125af3 from boat, take 2`, `99aa01c2d3e4 from refs/bottle.png`."""
    cut = f", {file.select}" if file.select else ""
    image = f", images[{file.image}]" if file.image else ""
    given = f"{file.member}, take {file.take}{image}{cut}" if file.member else _input(file, folder) + cut
    if not file.digest:
        return f"not made yet, from {given}"
    digest = file.digest[:_digest_shown]
    return f"{digest} from {given}" if given else digest


def _input(file: Bytes, folder: str) -> str:
    if not file.place:
        return file.name
    local = os.path.relpath(file.place, folder) if os.path.isabs(file.place) else file.place
    return local if file.name.startswith(".") or file.name == local else f"{local} (inputs.{file.name})"


def origin_words(part: Part, model: str) -> str:
    """Where the value was written, or who gave it where nobody wrote it."""
    if part.change is Change.REMOVED:
        return ""
    if part.span is not None:
        return f"{part.span.path}:{part.span.line}"
    if part.group is Group.PARAMETER:
        return f"default of {model}"
    return "default of the kind" if part.name == "model" else ""


def change_lines(part: Part, folder: str, ink: Ink, room: int = 0, most: int = 0) -> list[str]:
    """What a part was and is: a text by its words, of which no more than `most` characters where there is a bound;
    everything else as old and new value."""
    match part.value, part.before, part.change:
        case str() as now, str() as before, Change.CHANGED if " " in now.strip() or " " in before.strip():
            pieces = word_diff(before, now)
            return rendered(bounded(pieces, most) if most else pieces, ink, room)
        case _, before, Change.REMOVED:
            return [ink.removed(value_words(before, folder))]
        case now, _, Change.ADDED:
            return [ink.added(value_words(now, folder))]
        case now, before, _:
            words = [value_words(one, folder) for one in (before, now)]
            return [f"{ink.removed(words[0])} {ink.added(words[1])}"]


def edit_of(part: Part) -> object:
    """What was taken away and put in, equal where the same was edited in two texts."""
    match part.value, part.before:
        case str() as now, str() as before:
            return tuple(piece for piece in word_diff(before, now) if piece.mark in (Mark.REMOVED, Mark.ADDED))
        case now, before:
            return (repr(now), repr(before))
