"""What `doctor` found, as text."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kling_pipe.report.examination import render_examination


@dataclass(frozen=True)
class Found:
    """A finding."""

    state: str
    name: str = "clock"
    text: str = "1 s ahead"
    hint: str = ""


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("ok", "ok"), "all well"),
        (("ok", "warning"), "no error, 1 warning"),
        (("warning", "error"), "1 error found"),
    ],
)
def test_the_last_line_sums_up(states: tuple[str, ...], said: str) -> None:
    assert render_examination([Found(state) for state in states]).splitlines()[-1] == said
