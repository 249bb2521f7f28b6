"""`python -m tests.coverage`: writes `docs/coverage.md`."""

from __future__ import annotations

from tests.coverage.page import page, text

if __name__ == "__main__":
    page.write_text(text(), encoding="utf-8")
