"""What a plan says will be bought is what is billed, and how a storyboard is written costs nothing."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.chances import examples
from tests.edits.trial import play

pytestmark = pytest.mark.slow


@examples(3, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 32))
def test_plans_are_billed_as_they_say_and_rewriting_is_free(seed: int) -> None:
    """Reordered, reformatted, renamed, moved, commented, cut into files: nothing is stale. `make edits` plays more."""
    with tempfile.TemporaryDirectory() as folder:
        trial = asyncio.run(play(Path(folder), seed, 2))
    assert trial.edits == 2
    assert trial.bought > 0
