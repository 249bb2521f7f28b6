"""What jobs cost, added up: nothing is rounded, and every group is a part of one total."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.money import Cost
from kling_pipe.values.spending import By, Tally, day_of, grouped

noon = 1_795_000_000.0 // 86_400 * 86_400 + 43_200


def row(
    cost: str | None = "0.10",
    *,
    state: JobState = JobState.DONE,
    storyboard: str = "launch",
    member: str = "hero",
    model: str = "kling-v3",
    at: float = noon,
    exact: bool = True,
    profile: str = "kling",
    kind: str = "text-to-image",
) -> JobRow:
    amount = None if cost is None else Cost(Decimal(cost), (("image", Decimal(cost) * 10),))
    return JobRow(
        external_id=f"kp-{member}", recipe="r", takes=(1,), attempt=1, state=state, task_id="T1", run="run",
        member=member, storyboard=storyboard, kind=kind, model=model, standard="body-model", endpoint="/x", status="",
        estimate=Cost(Decimal("0.5")), cost=amount, exact=exact, intended=at - 1, submitted=at, ended=at + 9, code="",
        message="", profile=profile,
    )  # fmt: skip


def test_a_tally_holds_what_is_on_record_and_what_may_come() -> None:
    rows = [
        row("0.10"),
        row("0.25", exact=False),
        row(None, state=JobState.SUBMITTED),
        row(None, state=JobState.UNCERTAIN),
        row(None, state=JobState.FAILED),
        row(None, state=JobState.DROPPED),
    ]
    assert Tally.of(rows) == Tally(
        jobs=6, failed=1, uncertain=1, spent=Cost(Decimal("0.35"), (("image", Decimal("3.5")),)), exact=False,
        under_way=Cost(Decimal("1.0")),
    )  # fmt: skip


def test_no_job_is_an_exact_nothing() -> None:
    assert Tally.of([]) == Tally(0, 0, 0, Cost(), exact=True)


def test_what_cost_nothing_makes_no_estimate_of_the_rest() -> None:
    assert Tally.of([row("0.10"), row("0", exact=False)]).exact


def test_the_dearest_stands_first_and_days_stand_in_order() -> None:
    rows = [row("0.10", model="a", at=noon), row("0.30", model="b", at=noon - 86_400), row("0.10", model="c", at=noon)]
    assert [group.words for group in grouped(rows, By.MODEL)] == [("b",), ("a",), ("c",)]
    days = grouped(rows, By.DAY, UTC)
    assert [(group.words, group.tally.jobs) for group in days] == [(("2026-11-17",), 1), (("2026-11-18",), 2)]


def test_a_step_is_named_with_its_storyboard() -> None:
    rows = [row(storyboard="a"), row(storyboard="b"), row(storyboard="a")]
    assert [(group.words, group.tally.jobs) for group in grouped(rows, By.STEP)] == [
        (("a", "hero"), 2), (("b", "hero"), 1),
    ]  # fmt: skip


def test_a_day_begins_where_its_reader_is() -> None:
    late = row(at=noon + 11 * 3600)
    assert (day_of(late, UTC), day_of(late, timezone(timedelta(hours=8)))) == ("2026-11-18", "2026-11-19")


amounts = st.decimals(min_value=0, max_value=100, places=4).map(str)
words = st.sampled_from(["a", "b", "c"])
rows_of_any = st.lists(
    st.builds(
        lambda cost, storyboard, member, model, day, profile: row(
            cost, storyboard=storyboard, member=member, model=model, at=noon + day * 86_400, profile=profile
        ),
        amounts, words, words, words, st.integers(0, 9), words,
    )
)  # fmt: skip


@pytest.mark.parametrize("by", list(By))
@given(rows=rows_of_any)
def test_the_groups_add_up_to_the_total(by: By, rows: list[JobRow]) -> None:
    tallies = [group.tally for group in grouped(rows, by, UTC)]
    total = Tally.of(rows)
    assert (sum(tally.jobs for tally in tallies), Cost.total(tally.spent for tally in tallies)) == (
        total.jobs, total.spent,
    )  # fmt: skip
