"""The page is what the data says."""

from __future__ import annotations

from tests.coverage.page import page, text


def test_the_page_is_what_the_generator_writes() -> None:
    assert page.read_text("utf-8") == text(), "run `python -m tests.coverage`"
