"""Lines folded to the width of a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.report.folding import folded


def test_what_goes_on_hangs_under_where_it_began() -> None:
    assert folded("prices\n  kling  by Kling API reference, likely and sure\n", 43) == (
        "prices\n  kling  by Kling API reference, likely and\n         sure\n"
    )
    assert folded("hint: write one, two or three, or nothing at all\n", 30) == (
        "hint: write one, two or three,\n  or nothing at all\n"
    )
    assert folded("hint: write one, two or three, or nothing at all\n", 40) == (
        "hint: write one, two or three, or\n      nothing at all\n"
    )


def test_what_is_typed_stays_on_its_line() -> None:
    assert folded("next: `kling-pipe run a.yaml --provider kling` makes it\n", 46) == (
        "next: `kling-pipe run a.yaml --provider kling`\n      makes it\n"
    )
    command = "  kling-pipe settle film.yaml hero --resubmit\n"
    assert folded(command, 20) == command


def test_rows_of_a_table_are_folded_in_their_last_cell() -> None:
    row = "  make  hero  1 picture by kling-v3  about 0.028 USD\n"
    assert folded(row, 40) == row
    assert folded("ok  disk  64 GiB free for what is made here\n", 40) == (
        "ok  disk  64 GiB free for what is made\n          here\n"
    )


def test_without_a_width_nothing_is_folded() -> None:
    assert folded("one two three\n", 0) == "one two three\n"


@given(st.lists(st.text("ab `:,", max_size=30), max_size=5), st.integers(min_value=1, max_value=40))
def test_no_word_is_lost(lines: list[str], columns: int) -> None:
    text = "".join(f"{line}\n" for line in lines)
    assert folded(text, columns).split() == text.split()


@given(st.lists(st.text("ab", min_size=1, max_size=30), min_size=1), st.integers(min_value=32, max_value=60))
def test_what_has_spaces_fits(words: list[str], columns: int) -> None:
    assert all(len(line) <= columns for line in folded(" ".join(words), columns).splitlines())
