"""A short form of `make crash`: whatever kills a run, every job is billed once and the end state is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.harness import EndState, Simulator, simulator, thirty_steps
from tests.crash.rounds import play, rounds, undisturbed

speed = 300.0
text = thirty_steps(3)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("simulator")) as found:
        yield found


@pytest.fixture(scope="module")
def expected(world: Simulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[EndState, float]:
    return undisturbed(tmp_path_factory.mktemp("expected") / "project", world, text, speed)


@pytest.mark.slow
@pytest.mark.xdist_group("crash")
@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("sort", sorted(rounds))
def test_a_disturbed_run_ends_like_an_undisturbed_one(
    world: Simulator, expected: tuple[EndState, float], tmp_path: Path, sort: str, number: int
) -> None:
    state, seconds = expected

    play(sort, number, tmp_path / "project", world, text, speed, state, seconds)
