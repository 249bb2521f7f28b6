"""What is handed in to the simulated world."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from kling_pipe.simulator.inputs import Inputs
from tests.paper_studio import PaperStudio, base64_text, picture

pytestmark = pytest.mark.anyio


async def never(path: str, query: dict[str, str]) -> str | None:
    """The world has no files of its own here."""
    raise AssertionError(path)


async def test_the_same_bytes_may_be_handed_in_many_times_at_once(tmp_path: Path) -> None:
    inputs = Inputs(str(tmp_path), PaperStudio(), never, None)
    text = base64_text(picture() + b" " * 1_000_000)

    found = await asyncio.gather(*(inputs.from_base64(text) for _ in range(16)))

    assert {(file.path, file.facts) for file in found} == {(found[0].path, found[0].facts)}
    assert os.listdir(tmp_path) == [Path(found[0].path).name]
