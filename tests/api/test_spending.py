"""Spending as a library: it is the jobs table, to the last digit, and needs no storyboard."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.spending import spending
from kling_pipe.values.money import Cost
from kling_pipe.values.spending import By, Tally, grouped
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        yield found


def on_record(studio: Studio) -> Cost:
    with closing(sqlite3.connect(studio.home / "ledger.db")) as ledger:
        rows = ledger.execute("select cost from jobs where cost is not null").fetchall()
    return Cost.total(Cost.from_json(json.loads(cost)) for (cost,) in rows)


async def test_the_total_is_that_of_the_jobs_and_of_the_bills(studio: Studio) -> None:
    ended = await studio.run()
    found = spending(str(studio.folder), Options(simulate=True))
    total = Tally.of(found.jobs)
    assert (total.spent, total.exact) == (on_record(studio), True)
    assert total.spent == ended.spent
    billed = sum(Decimal(str(bill["charged"])) for bill in studio.simulation.bills())
    assert dict(total.spent.units) == {"image": billed}
    for by in By:
        assert Cost.total(group.tally.spent for group in grouped(found.jobs, by)) == total.spent


async def test_the_two_realms_are_kept_apart(studio: Studio) -> None:
    await studio.run()
    assert [len(spending(str(studio.folder), Options(simulate=simulate)).jobs) for simulate in (True, False)] == [2, 0]


async def test_only_jobs_since_a_moment_count(studio: Studio) -> None:
    ended = await studio.run()
    options = Options(simulate=True)
    assert len(spending(str(studio.folder), options, since=ended.at - 600).jobs) == 2
    assert spending(str(studio.folder), options, since=ended.at + 1).jobs == ()


async def test_the_state_folder_may_be_elsewhere(studio: Studio, tmp_path: Path) -> None:
    environment = {"KLING_PIPE_HOME": str(studio.home)}
    await studio.run()
    (tmp_path / "nowhere").mkdir()
    found = spending(str(tmp_path / "nowhere"), Options(simulate=True, environment=environment))
    assert (len(found.jobs), found.ledger) == (2, str(studio.home / "ledger.db"))


def test_nothing_is_made_where_no_ledger_is(tmp_path: Path) -> None:
    found = spending(str(tmp_path), Options())
    assert (found.ledger, found.jobs, list(tmp_path.iterdir())) == ("", (), [])
