"""Which jobs a member may have been made by, and that their ids are those a run derives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kling_pipe.plan.jobs import flown_together, job_of, materials_of, our_prefix, possible_jobs, recipe_of
from kling_pipe.plan.plan import Planned
from tests.run.paper_plan import plan_of
from tests.run.stage import Stage


def member(line: str, at_once: int = 0) -> Planned:
    (found,) = plan_of(line).members.values()
    return replace(found, takes_at_once=at_once) if at_once else found


def groupings(line: str, at_once: int) -> list[tuple[int, ...]]:
    return sorted({job.takes for job in possible_jobs(member(line, at_once), "story", 1)})


@pytest.mark.parametrize(
    ("line", "at_once", "takes"),
    [
        ("clip: video", 1, [(1,)]),
        ("clip: video x3", 1, [(1,), (2,), (3,)]),
        ("hero: image x3", 9, [(1,), (1, 2), (1, 2, 3), (2,), (2, 3), (3,)]),
        ("hero: image x3", 2, [(1,), (1, 2), (2,), (2, 3), (3,)]),
    ],
)
def test_takes_in_a_row_may_have_been_made_together(line: str, at_once: int, takes: list[tuple[int, ...]]) -> None:
    within = int(line.rpartition("x")[2]) if " x" in line else 1
    assert [found for found in groupings(line, at_once) if found[-1] <= within] == takes


def test_more_takes_may_have_been_asked_for_once() -> None:
    assert groupings("hero: image", 3) == [(1,), (1, 2), (1, 2, 3)]


def test_every_attempt_has_an_id_of_its_own_that_looks_like_ours() -> None:
    names = [job.external_id for job in possible_jobs(member("clip: video"), "story", 5)]
    assert (len(set(names)), {name[:3] for name in names}) == (5, {our_prefix})


@pytest.mark.parametrize("line", ["clip: video x2", "hero: image x4"])
def test_the_jobs_of_a_run_are_among_them(line: str) -> None:
    possible = {job.external_id for job in possible_jobs(member(line), "story", 1)}
    stage = Stage(line)
    assert {job.external_id for _, job in stage.jobs.values()} <= possible


def test_a_known_recipe_is_that_of_its_materials() -> None:
    found = member("clip: video")
    assert recipe_of(found, materials_of(found)).digest == found.recipe


def test_a_job_covers_its_takes_keys_and_price() -> None:
    found = member("hero: image x3")
    job = job_of(found, "story", found.recipe, (), (2, 3))
    assert (job.keys, job.estimate, job.attempt) == (found.keys[1:], found.take_cost * 2, 1)


def test_takes_fly_together_as_many_as_one_task_makes() -> None:
    assert list(flown_together((1, 3, 4), 2)) == [(1, 3), (4,)]
