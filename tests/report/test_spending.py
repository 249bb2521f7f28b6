"""Spending as text and as JSON."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kling_pipe.report.spending import Page, render_spending, spending_to_json
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Realm
from kling_pipe.values.money import Cost
from kling_pipe.values.spending import By, Tally, grouped
from tests.report.stories import clip_cost, picture_cost
from tests.values.test_spending import noon, row


def job(member: str, cost: Cost | None, **values: object) -> JobRow:
    return replace(row(member=member), cost=cost, **values)  # type: ignore[arg-type]  # fields by name


rows = (
    job("hero", picture_cost * 3, takes=(1, 2, 3)),
    job("clip", clip_cost, model="kling-v2-6", storyboard="trailer", exact=False),
    job("clip", Cost(), model="kling-v2-6", storyboard="trailer", state=JobState.FAILED, attempt=2, message="no\nluck"),
    job("last", None, state=JobState.SUBMITTED, estimate=clip_cost, task_id=""),
    job("lost", None, state=JobState.UNCERTAIN, estimate=picture_cost),
)


def page(*by: By, jobs: bool = False, command: str = "", realm: Realm = Realm.REAL) -> Page:
    return Page(
        realm=realm, ledger=".kling-pipe/ledger.db", since=0.0, total=Tally.of(rows),
        groups={one: grouped(rows, one) for one in by}, jobs=rows if jobs else (), command=command,
    )  # fmt: skip


def test_a_table_adds_up_to_its_last_row() -> None:
    assert render_spending(page(By.STORYBOARD)) == (
        "5 jobs: 0.294 USD (24 image units + 1.5 video units), partly estimated\n"
        "under way: about 0.238 USD (8 image units + 1.5 video units)\n"
        "uncertain: 1 job, paid or not; `kling-pipe settle` says what became of it\n"
        "\n"
        "by storyboard  jobs    USD  image units  video units\n"
        "  trailer         2  0.210                       1.5  partly estimated, 1 failed\n"
        "  launch          3  0.084           24               exact, 1 uncertain,"
        " about 0.238 USD (8 image units + 1.5 video units) under way\n"
        "  total           5  0.294           24          1.5  partly estimated, 1 failed, 1 uncertain,"
        " about 0.238 USD (8 image units + 1.5 video units) under way\n"
    )


def test_an_overview_is_short_and_names_what_shows_more() -> None:
    many = tuple(job("hero", picture_cost, storyboard=f"board-{number}") for number in range(7))
    told = render_spending(
        Page(Realm.SIMULATED, "l", 0.0, Tally.of(many), {By.STORYBOARD: grouped(many, By.STORYBOARD)}, (), "kp ledger")
    )
    assert told.splitlines()[0].endswith("exact; simulated, nobody was charged")
    assert told.count("board-") == 5
    assert "  … and 2 more: `--by storyboard`\n" in told
    assert told.endswith("next: `kp ledger --by step`, or `--jobs` for single jobs with their tasks\n")


def test_an_overview_shows_the_latest_days() -> None:
    many = tuple(job("hero", picture_cost, submitted=noon + day * 86_400) for day in range(7))
    told = render_spending(Page(Realm.REAL, "l", 0.0, Tally.of(many), {By.DAY: grouped(many, By.DAY)}, (), "kp ledger"))
    days = [line.split()[0] for line in told.splitlines() if line.startswith("  2026")]
    assert (len(days), days, days[-1]) == (5, sorted(days), grouped(many, By.DAY)[-1].words[0])


def test_single_jobs_are_listed_with_their_tasks() -> None:
    lines = render_spending(page(jobs=True)).split("\n\n")[1].splitlines()
    assert [line.split()[2:] for line in lines[1:]] == [
        ["launch", "hero", "kling-v3", "1,2,3", "done", "0.084", "USD", "(24", "image", "units)", "T1"],
        ["trailer", "clip", "kling-v2-6", "1", "done", "about", "0.21", "USD", "(1.5", "video", "units)", "T1"],
        ["trailer", "clip", "kling-v2-6", "1", "(attempt", "2)", "failed", "nothing", "T1", "no", "luck"],
        ["launch", "last", "kling-v3", "1", "submitted", "about", "0.21", "USD", "(1.5", "video", "units)", "-"],
        ["launch", "lost", "kling-v3", "1", "uncertain", "about", "0.028", "USD", "(8", "image", "units)", "T1"],
    ]


def test_nothing_is_said_in_a_sentence() -> None:
    empty = Page(Realm.REAL, "", 0.0, Tally(), {By.MODEL: ()})
    assert render_spending(empty) == "nothing was asked for\n"


def test_json_holds_the_same_figures() -> None:
    data = spending_to_json(page(By.STEP, jobs=True))
    total = data["total"]
    assert total == {
        "jobs": 5, "failed": 1, "uncertain": 1, "spent": {"usd": "0.294", "units": {"image": "24", "video": "1.5"}},
        "exact": False, "under_way": {"usd": "0.238", "units": {"image": "8", "video": "1.5"}},
    }  # fmt: skip
    groups, jobs = data["by"]["step"], data["jobs"]  # type: ignore[index]  # JSON
    assert [(group["storyboard"], group["step"], group["jobs"]) for group in groups] == [
        ("trailer", "clip", 2), ("launch", "hero", 1), ("launch", "last", 1), ("launch", "lost", 1),
    ]  # fmt: skip
    assert sum(Decimal(one["cost"]["usd"]) for one in jobs) == Decimal("0.294")  # type: ignore[attr-defined]  # JSON
