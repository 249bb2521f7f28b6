"""Whatever goes wrong on the way: each job is billed once, and the run ends with everything or with named failures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from kling_pipe.simulator.faults import Fault
from tests.crash.boards import all_roads, grand_tour, thirty_steps
from tests.faults.matrix import Outcome, all_faults, final_faults, mild_faults, play, what_happens_on
from tests.shared_media import shared_world

chains = 3
steps = 3 * chains
tour = grand_tour()
tour_bills = sum(1 + len(tour.calls.get(step, ())) - (step in tour.unnamed) for step in tour.steps)
after_creates = (Fault.LOST_AFTER, Fault.ERROR_AFTER, Fault.MALFORMED)  # the harmless ones are among those together


@pytest.fixture
def media_folder() -> Path:
    return shared_world()


def _play(folder: Path, media_folder: Path, faults: Sequence[str], seed: int = 1) -> Outcome:
    return play(folder / "project", media_folder, thirty_steps(chains), faults, seed)


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted(set(Fault) - final_faults))
def test_a_passing_fault_costs_time_and_nothing_else(tmp_path: Path, media_folder: Path, fault: Fault) -> None:
    rule = f"{fault}=#2" if fault is Fault.UNAUTHORIZED_ONCE else f"{fault}=0.3"

    outcome = _play(tmp_path, media_folder, [rule])

    assert outcome.struck > 0
    assert (outcome.exit_code, outcome.done, outcome.delivered) == (0, steps, chains)
    assert (outcome.bills, outcome.billed_twice, outcome.jobs) == (steps, 0, steps)


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted(final_faults))
def test_a_final_fault_ends_named_steps_and_leaves_the_rest(tmp_path: Path, media_folder: Path, fault: Fault) -> None:
    outcome = _play(tmp_path, media_folder, [f"{fault}=#5"])

    assert outcome.struck == 1
    assert outcome.exit_code == 1
    assert len(outcome.failed) + len(outcome.running) == 1
    assert outcome.done + 1 + outcome.blocked == steps
    assert outcome.billed_twice == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_all_passing_faults_together_cost_time_and_nothing_else(tmp_path: Path, media_folder: Path, seed: int) -> None:
    outcome = _play(tmp_path, media_folder, mild_faults, seed)

    assert (outcome.exit_code, outcome.done, outcome.delivered) == (0, steps, chains)
    assert (outcome.bills, outcome.billed_twice) == (steps, 0)


@pytest.mark.slow
def test_all_faults_together_bill_nothing_twice_and_name_what_failed(tmp_path: Path, media_folder: Path) -> None:
    outcome = _play(tmp_path, media_folder, all_faults)

    assert outcome.billed_twice == 0
    assert outcome.done + len(outcome.failed) + len(outcome.running) + outcome.blocked == steps
    assert outcome.exit_code == (0 if outcome.done == steps else 1)


@pytest.mark.slow
@pytest.mark.parametrize("road", all_roads[1:])
@pytest.mark.parametrize(
    "faults", [["lost-after=create:#2,#5"], ["malformed=0.3"], mild_faults], ids=["lost-after", "malformed", "together"]
)
def test_on_another_road_a_passing_fault_leaves_doubts_at_most_which_a_user_settles(
    tmp_path: Path, media_folder: Path, road: str, faults: Sequence[str]
) -> None:
    board = thirty_steps(2, road)

    outcome = play(tmp_path / "project", media_folder, board, faults)

    assert outcome.struck > 0
    assert (outcome.exit_code, outcome.done, outcome.delivered) == (0, 6, 2)
    assert (outcome.billed_twice, bool(outcome.doubts)) == (0, bool(board.anonymous))


@pytest.mark.slow
@pytest.mark.parametrize("road", all_roads[1:])
def test_on_another_road_under_all_faults_nothing_is_billed_twice(
    tmp_path: Path, media_folder: Path, road: str
) -> None:
    outcome = play(tmp_path / "project", media_folder, thirty_steps(2, road), all_faults, seed=2)

    assert (outcome.billed_twice, outcome.exit_code in (0, 1)) == (0, True)
    assert outcome.done + len(outcome.failed) + len(outcome.running) + outcome.blocked == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [*([f"{fault}=create:0.2"] for fault in after_creates), mild_faults],
    ids=[*after_creates, "together"],
)
def test_of_the_grand_tour_a_passing_fault_leaves_doubts_at_most_which_a_user_settles(
    tmp_path: Path, media_folder: Path, faults: Sequence[str]
) -> None:
    outcome = play(tmp_path / "project", media_folder, tour, faults)

    assert outcome.struck > 0
    assert (outcome.exit_code, outcome.done, outcome.delivered) == (0, len(tour.steps), len(tour.deliveries))
    assert (outcome.bills, outcome.billed_twice) == (tour_bills + outcome.repeated, 0)


@pytest.mark.slow
def test_of_the_grand_tour_under_all_faults_nothing_is_billed_twice(tmp_path: Path, media_folder: Path) -> None:
    outcome = play(tmp_path / "project", media_folder, tour, all_faults)

    assert (outcome.billed_twice, outcome.exit_code in (0, 1)) == (0, True)
    assert outcome.done + len(outcome.failed) + len(outcome.running) + outcome.blocked == len(tour.steps)


def test_the_page_tells_of_every_fault() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
    *roads, tour = re.split(r"^## ", page, flags=re.MULTILINE)[1:]

    for road, text in zip(all_roads, roads, strict=True):
        told = what_happens_on(road)
        assert [fault for fault in Fault if f"| `{fault}` | {told[fault]} |" not in text] == []
    assert [fault for fault in Fault if f"| `{fault}` | " not in tour] == []
