"""A moment in the past as people write it."""

from __future__ import annotations

from datetime import datetime

import pytest

from kling_pipe.commands.since import moment_before

now = 1_795_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7d", 7 * 86_400), ("12h", 43_200), ("2w", 14 * 86_400), ("0d", 0), (" 1d ", 86_400), ("5m", 300), ("90s", 90)],
)
def test_a_span_is_counted_back_from_now(text: str, seconds: float) -> None:
    assert moment_before(text, now) == now - seconds


def test_a_date_is_its_first_moment_here() -> None:
    assert moment_before("2026-09-30", now) == datetime(2026, 9, 30).timestamp()
    assert moment_before("2026-09-30 14:05", now) == datetime(2026, 9, 30, 14, 5).timestamp()


def test_nothing_is_the_beginning() -> None:
    assert (moment_before("", now), moment_before("99999d", now)) == (0.0, 0.0)


@pytest.mark.parametrize("text", ["yesterday", "7", "7x", "2026-13-01", "-3d"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as `7d`, `12h` or `2026-09-30`"):
        moment_before(text, now)
