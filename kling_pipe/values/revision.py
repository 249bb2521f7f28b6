"""A state of a project's texts: a git revision, or the working tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """`words` are as it was named; without a commit it is the working tree."""

    words: str
    commit: str = ""  # the whole id
    day: str = ""  # of the commit, ISO

    @property
    def short(self) -> str:
        return self.commit[:9]

    def __str__(self) -> str:
        """`HEAD~1 (3f2a1c9d0, 2026-11-27)`, `the working tree`."""
        if not self.commit:
            return self.words
        named = "" if self.commit.startswith(self.words) else f"{self.words} "
        return f"{named}({self.short}, {self.day})" if named else f"{self.short} ({self.day})"


working_tree = Revision("the working tree")
