"""Aligned plain text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.report.amounts import duration, listing, plural, size
from kling_pipe.report.tables import pairs, printable, shortened, table, width


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    text = table(("step", "cost"), [("hero", "0.03 USD"), ("a-long-name", "1 USD")], indent="  ", right=(1,))
    assert text == "  step             cost\n  hero         0.03 USD\n  a-long-name     1 USD\n"


def test_wide_characters_keep_columns_straight() -> None:
    assert table(("", "x"), [("灯塔", "a"), ("ab", "b")]) == "      x\n灯塔  a\nab    b\n"


def test_further_lines_of_a_value_hang_under_its_first() -> None:
    assert pairs([("a", "one\ntwo"), ("long", "three")]) == "a     one\n      two\nlong  three\n"


def test_control_characters_are_shown_not_obeyed() -> None:
    assert printable("a\x1b[2Jb\nc") == "a\\x1b[2Jb c"


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_shortened_text_fits(text: str, most: int) -> None:
    assert width(shortened(text, most)) <= most


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_a_table_has_one_line_a_row(rows: list[tuple[str, str]]) -> None:
    assert table(("a", "b"), rows).count("\n") == len(rows) + 1


def test_durations_read_in_the_unit_that_fits() -> None:
    assert [duration(seconds) for seconds in (0, 0.42, 24, 59.6, 80, 120, 3_725, 90_000)] == [
        "0 s", "0.4 s", "24 s", "1 min", "1 min 20 s", "2 min", "1 h 02 min", "25 h 00 min",
    ]  # fmt: skip


def test_sizes_read_in_the_unit_that_fits() -> None:
    assert [size(count) for count in (0, 1, 812, 1_000, 23_456, 1_800_000, 999_600_000, 5_000_000_000_000)] == [
        "0 bytes", "1 byte", "812 bytes", "1.0 kB", "23 kB", "1.8 MB", "1.0 GB", "5000 GB",
    ]  # fmt: skip


def test_counts_and_listings() -> None:
    assert (plural(1, "step"), plural(0, "step")) == ("1 step", "0 steps")
    assert listing(("a", "b", "c"), 2) == "a, b and 1 more"
