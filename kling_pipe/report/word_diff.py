"""Two texts as one, word by word: what was taken away, what was put in, and enough around it to know the place."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from kling_pipe.report.ink import Ink
from kling_pipe.report.tables import printable, shortened, width

# Scripts without spaces are compared sign by sign.
_unspaced = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f"
_word = re.compile(rf"[{_unspaced}]|[^\W{_unspaced}]+|[^\w\s]|_")
_short = 3  # letters of a word that is no help between two changes
_around = 6  # words shown on each side of a change
_not_worth_it = 4  # so few are shown rather than left out
_most_words = 4000  # longer texts are shown one after the other
_least_alike = 0.3  # texts that share less are other texts, not edits of one
_shown_whole = 400  # characters shown of a text that is another


class Mark(Enum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    LEFT_OUT = "left out"  # of what is the same


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; those that are not the same begin and end with a word."""

    mark: Mark
    text: str


def word_diff(before: str, now: str) -> tuple[Piece, ...]:
    """The pieces in order; where spaces alone differ, those are shown by signs."""
    before, now = (unicodedata.normalize("NFC", text) for text in (before, now))
    old, new = _Words.of(before), _Words.of(now)
    if before != now and old.words == new.words:
        return _spaces(old, new)
    if max(len(old.words), len(new.words)) > _most_words:
        return _whole(before, now)
    matcher = SequenceMatcher(None, old.words, new.words, autojunk=False)
    if matcher.ratio() < _least_alike:
        return _whole(before, now)
    return tuple(_pieces(_joined(matcher.get_opcodes(), new.words), old, new))


def bounded(pieces: Sequence[Piece], most: int) -> tuple[Piece, ...]:
    """The first pieces, with no more than `most` characters together; an ellipsis stands for the rest."""
    found: list[Piece] = []
    for piece in pieces:
        if len(piece.text) > most:
            return (*found, Piece(piece.mark, piece.text[:most].rstrip() + "…"))
        most -= len(piece.text)
        found.append(piece)
    return tuple(found)


def rendered(pieces: Sequence[Piece], ink: Ink, room: int = 0) -> list[str]:
    """The pieces in lines of at most `room` columns, where there is a bound; a line closes the marks it opens."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for piece in _words_of(pieces):
        begins = not lines[-1] or lines[-1][-1].mark is not piece.mark
        needs = width(piece.text) + (_mark_width if begins and piece.mark in _marked else 0)
        if room and used and used + needs > room:
            lines.append([])
            used = 0
        lines[-1].append(piece)
        used += needs
    return [_line(_merged(line), ink) for line in lines]


_marked = (Mark.REMOVED, Mark.ADDED)
_mark_width = 4  # of the plain marks; colours take none
_Block = tuple[bool, int, int, int, int]  # whether it is the same, and where it stands in old and new


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text and where they stand in it."""

    text: str
    words: list[str]
    places: list[tuple[int, int]]

    @staticmethod
    def of(text: str) -> _Words:
        found = list(_word.finditer(text))
        return _Words(text, [match[0] for match in found], [match.span() for match in found])

    def between(self, first: int, last: int) -> str:
        """The text from one word to before another."""
        return self.text[self.places[first][0] : self.places[last - 1][1]] if first < last else ""

    def gap(self, place: int) -> str:
        """The spaces before a word, or after the last."""
        begin = self.places[place - 1][1] if place else 0
        return self.text[begin : self.places[place][0] if place < len(self.places) else len(self.text)]


def _joined(opcodes: Sequence[tuple[str, int, int, int, int]], words: Sequence[str]) -> list[_Block]:
    """Blocks that are the same and such that are not, in turn; a lone short word between two changes goes with them."""
    blocks: list[_Block] = []
    for place, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        is_between = 0 < place < len(opcodes) - 1
        is_same = tag == "equal" and not (is_between and j2 - j1 == 1 and len(words[j1]) <= _short)
        if blocks and not is_same and not blocks[-1][0]:
            _, i0, _, j0, _ = blocks.pop()
            i1, j1 = i0, j0
        blocks.append((is_same, i1, i2, j1, j2))
    return blocks


def _pieces(blocks: Sequence[_Block], old: _Words, new: _Words) -> Iterator[Piece]:
    for place, (is_same, i1, i2, j1, j2) in enumerate(blocks):
        if place and ((j1 < j2 and new.gap(j1)) or (i1 < i2 and old.gap(i1))):
            yield Piece(Mark.SAME, " ")
        if not is_same:
            yield from _changed(old.between(i1, i2), new.between(j1, j2))
            continue
        head, tail = (0 if place == 0 else _around), (0 if place == len(blocks) - 1 else _around)
        if len(blocks) == 1 or j2 - j1 <= head + tail + _not_worth_it:
            yield Piece(Mark.SAME, new.between(j1, j2))
            continue
        yield Piece(Mark.SAME, new.between(j1, j1 + head) + (" " if head else ""))
        yield Piece(Mark.LEFT_OUT, "…")
        yield Piece(Mark.SAME, (" " if tail else "") + new.between(j2 - tail, j2))


def _changed(before: str, now: str) -> Iterator[Piece]:
    if before:
        yield Piece(Mark.REMOVED, before)
    if now:
        yield Piece(Mark.ADDED, now)


def _spaces(old: _Words, new: _Words) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for place in range(len(new.words) + 1):
        gaps = old.gap(place), new.gap(place)
        if gaps[0] == gaps[1]:
            found.append(Piece(Mark.SAME, gaps[1]))
        else:
            found += _changed(*(gap.translate(_signs) for gap in gaps))
        found += [Piece(Mark.SAME, new.words[place])] if place < len(new.words) else []
    return tuple(found)


_signs = {ord(" "): "␣", ord("\n"): "⏎", ord("\t"): "⇥", ord("\u00a0"): "⍽"}


def _whole(before: str, now: str) -> tuple[Piece, ...]:
    removed, added = (shortened(printable(text), _shown_whole) for text in (before, now))
    return (Piece(Mark.REMOVED, removed), Piece(Mark.SAME, " "), Piece(Mark.ADDED, added))


def _words_of(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        for part in re.findall(r"\s*\S+|\s+", piece.text):
            yield Piece(piece.mark, printable(part))


def _merged(line: Sequence[Piece]) -> Iterator[Piece]:
    for mark, group in itertools.groupby(line, lambda piece: piece.mark):
        yield Piece(mark, "".join(piece.text for piece in group))


def _line(pieces: Iterable[Piece], ink: Ink) -> str:
    shown: Mapping[Mark, Callable[[str], str]] = {
        Mark.REMOVED: ink.removed, Mark.ADDED: ink.added, Mark.LEFT_OUT: ink.aside, Mark.SAME: str,
    }  # fmt: skip
    parts = [(one.mark, one.text) for one in pieces]
    return "".join(
        f"{' ' * (place and len(text) - len(text.lstrip()))}{shown[mark](text.lstrip())}"
        for place, (mark, text) in enumerate(parts)
    ).rstrip()
