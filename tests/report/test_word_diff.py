"""Two texts as one: what was taken away and put in, and enough around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kling_pipe.report.ink import coloured, plain
from kling_pipe.report.word_diff import Mark, rendered, word_diff

twenty = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
cases = [
    ("A small boat on a calm sea", "A small ship on a calm sea", "A small [-boat-]{+ship+} on a calm sea"),
    ("A boat", "A boat at night", "A boat {+at night+}"),
    ("at dawn a boat", "a boat", "[-at dawn-] a boat"),
    ("Slow push in, the boat", "Slow push out; a boat", "Slow push [-in, the-]{+out; a+} boat"),
    ("a. b", "a, b", "a[-.-]{+,+} b"),
    ("a  b\nc", "a b c", "a[-␣␣-]{+␣+}b[-⏎-]{+␣+}c"),
    ("all of it is different", "something else", "[-all of it is different-] {+something else+}"),
    ("青い海の上の小さな船", "青い海の上の大きな船", "青い海の上の[-小さ-]{+大き+}な船"),
    (f"{twenty} old", f"{twenty} new", "… twelve thirteen fourteen fifteen sixteen seventeen [-old-]{+new+}"),
    (f"old {twenty}", f"new {twenty}", "[-old-]{+new+} one two three four five six …"),
    ("bell\x07 a", "bell\x07 b", "bell\\x07 [-a-]{+b+}"),
    ("the same", "the same", "the same"),
]


@pytest.mark.parametrize(("before", "now", "shown"), cases)
def test_a_difference_reads_well_in_a_pipe(before: str, now: str, shown: str) -> None:
    assert rendered(word_diff(before, now), plain) == [shown]


def test_lines_are_no_wider_than_asked_and_close_their_marks() -> None:
    pieces = word_diff("A small boat on a calm sea", "A small ship with two masts on a calm sea")
    assert rendered(pieces, plain, 24) == ["A small [-boat-]{+ship+}", "{+with two masts+} on a", "calm sea"]


def test_colours_take_the_place_of_the_marks() -> None:
    assert rendered(word_diff("a red boat", "a blue boat"), coloured) == [
        "a \x1b[31;9mred\x1b[0m\x1b[32mblue\x1b[0m boat"
    ]


def test_a_text_of_any_length_is_shown_in_bounds() -> None:
    (line,) = rendered(word_diff("word " * 5000, "other " * 5000), plain)
    assert len(line) < 900


words = some.lists(some.sampled_from(["boat", "sea", "a", "at", "night", ",", "calm", "青"]), max_size=12)


@given(words, words)
def test_what_is_kept_and_put_in_are_the_words_of_the_later_text(before: list[str], now: list[str]) -> None:
    pieces = word_diff(" ".join(before), " ".join(now))
    if before == now:
        assert all(piece.mark is Mark.SAME for piece in pieces)
    kept = [piece.text for piece in pieces if piece.mark in (Mark.SAME, Mark.ADDED)]
    if all(piece.mark is not Mark.LEFT_OUT for piece in pieces):
        assert " ".join(kept).split() == now
