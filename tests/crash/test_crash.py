"""A short form of `make crash`: whatever ends a run, every job is billed once and the end state is the same.

What a call without an id may cost, and what is lost with a ledger, is told at the head of `settling.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.crash.boards import Board, all_roads, boards, by_executable, grand_tour, thirty_steps
from tests.crash.endstate import EndState
from tests.crash.harness import Simulator, simulator
from tests.crash.rounds import play, rounds_of, undisturbed
from tests.shared_media import shared_world

pytestmark = pytest.mark.slow
speed = 300.0
three_chains, tour = thirty_steps(3), grand_tour()
of_roads = {road: thirty_steps(2, road) for road in all_roads[1:]} | {"executable": by_executable(1)}
Expected = tuple[EndState, float]
road_rounds = [
    ("runware", "create"), ("runware", "nothing"), ("gateway", "call"), ("gateway", "ledger"), ("picsart", "call"),
    ("picsart", "upload"), ("executable", "program"),
]  # fmt: skip
by_the_clock = ("ledger", "program")  # a blow at an instant; all others, and those of the tour, are at a bill


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("simulator"), "--folder", str(shared_world())) as found:
        yield found


@pytest.fixture(scope="module")
def of_three_chains(world: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return undisturbed(tmp_path_factory.mktemp("chains") / "project", world, three_chains, speed)


@pytest.fixture(scope="module")
def of_tour(world: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return undisturbed(tmp_path_factory.mktemp("tour") / "project", world, tour, speed, timed=False)


@pytest.fixture(scope="module")
def of_road(world: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Expected]:
    @cache
    def expected(road: str) -> Expected:
        timed = any(sort in by_the_clock for one, sort in road_rounds if one == road)
        return undisturbed(tmp_path_factory.mktemp(road) / "project", world, of_roads[road], speed, timed=timed)

    return expected


@pytest.mark.parametrize("sort", rounds_of(three_chains))
def test_a_disturbed_run_ends_like_an_undisturbed_one(
    world: Simulator, of_three_chains: Expected, tmp_path: Path, sort: str
) -> None:
    play(sort, 0, tmp_path / "project", world, three_chains, speed, *of_three_chains)


@pytest.mark.parametrize(("road", "sort"), road_rounds)
def test_on_every_road_a_disturbed_run_ends_like_an_undisturbed_one(
    world: Simulator, of_road: Callable[[str], Expected], tmp_path: Path, road: str, sort: str
) -> None:
    play(sort, 0, tmp_path / "project", world, of_roads[road], speed, *of_road(road))


@pytest.mark.parametrize(
    ("sort", "number", "place"),
    [
        ("call", 0, "identify-face"),
        ("call", 3, "init-selection"),
        ("call", 4, "tts"),
        ("call", 5, "image-recognize"),
        ("stop", 4, "add-selection"),
        ("ledger", 2, "identify-face"),
        ("two", 5, "tts"),
        ("machine", 2, "identify-face"),
    ],
)
def test_the_grand_tour_ends_alike_however_its_calls_without_an_id_are_struck(
    world: Simulator, of_tour: Expected, tmp_path: Path, sort: str, number: int, place: str
) -> None:
    done = play(sort, number, tmp_path / "project", world, tour, speed, *of_tour)

    assert f"at the bill of {place}" in done


def test_every_call_that_carries_no_id_is_known_of_the_tour() -> None:
    assert dict(tour.calls) == {
        "masks": ("/v1/videos/image-recognize",),
        "line": ("/v1/audio/tts",),
        "tidied": ("/v1/videos/multi-elements/init-selection", "/v1/videos/multi-elements/add-selection"),
        "speaks": ("/v1/videos/identify-face",),
    }


@pytest.mark.parametrize("board", [make() for make in boards.values()], ids=[*boards])
def test_no_two_steps_of_a_board_make_the_same_call(board: Board) -> None:
    """So that a bill without an id tells whose it is."""
    called = [endpoint for calls in board.calls.values() for endpoint in calls]
    called += [board.prompts[step] for step in board.anonymous]

    assert len(called) == len(set(called))
    assert "" not in called
