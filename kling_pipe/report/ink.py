"""Marks in a text that read well in a pipe, and as colours on a terminal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ink:
    """How what was taken away, what was put in, and what is aside are shown; the plain marks are git's own."""

    removed_marks: tuple[str, str]
    added_marks: tuple[str, str]
    aside_marks: tuple[str, str] = ("", "")
    strong_marks: tuple[str, str] = ("", "")

    def removed(self, text: str) -> str:
        return _between(self.removed_marks, text)

    def added(self, text: str) -> str:
        return _between(self.added_marks, text)

    def aside(self, text: str) -> str:
        return _between(self.aside_marks, text)

    def strong(self, text: str) -> str:
        return _between(self.strong_marks, text)


plain = Ink(("[-", "-]"), ("{+", "+}"))
coloured = Ink(
    ("\x1b[31;9m", "\x1b[0m"), ("\x1b[32m", "\x1b[0m"), ("\x1b[2m", "\x1b[0m"), ("\x1b[1m", "\x1b[0m")
)  # red and struck out, green, faint, bold


def ink_of(*, colour: bool) -> Ink:
    return coloured if colour else plain


def _between(marks: tuple[str, str], text: str) -> str:
    return f"{marks[0]}{text}{marks[1]}" if text else ""
