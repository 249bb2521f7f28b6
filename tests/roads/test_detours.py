"""Where a road refuses for good, the next one of the list makes it: within what was agreed to, and told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.binding import plan_on_paper, read_paper
from kling_pipe.api.options import Options
from kling_pipe.events import RoadChanged, event_from_json
from kling_pipe.report.progress import Progress
from kling_pipe.report.summary import render_summary, summary_to_json
from kling_pipe.simulator.settings import Settings, Standing
from kling_pipe.values.money import Cap, Cost
from tests.roads.barge import TwoRoads, two_roads_in

pytestmark = pytest.mark.anyio
both = "[kling, barge]"
used_up = {"units": (("image", Decimal(0)), ("video", Decimal(100)))}
boats = """\
  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}
  night: {kind: image-to-image, model: kling-v3, image: steps.boat, prompt: At night}
  clip: {kind: text-to-video, model: kling-v3, prompt: Waves}
"""


def board(steps: str = boats, provider: str = both) -> str:
    return f"storyboard: 1\nname: boats\nprovider: {provider}\nsteps:\n{steps}"


def detours(studio: TwoRoads) -> list[str]:
    return [
        f"{event.member}: {event.profile} → {event.to}, {event.code}, {event.estimate}"
        for event in studio.heard
        if isinstance(event, RoadChanged)
    ]


async def test_a_pack_that_is_used_up_leads_to_the_next_road(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board())
        ended = await studio.run()
        assert (ended.exit_code, ended.done, ended.failed, studio.bills_of) == (0, 3, 0, (1, 2))
        assert detours(studio) == [
            "boat: kling → barge, product, 0.04 USD (8 image units)",
            "night: kling → barge, product, 0.04 USD (8 image units)",
        ]
        again = await studio.run()
        assert (again.done, again.current, studio.bills_of) == (0, 3, (1, 2))
        assert studio.makers == {"boat": "barge", "clip": "kling", "night": "barge"}


async def test_a_model_that_is_not_permitted_leads_to_the_next_road(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, forbidden=("/v1/images/generations",)) as studio:
        studio.write(board())
        ended = await studio.run()
        assert (ended.exit_code, ended.done, studio.bills_of) == (0, 3, (1, 2))
        assert [line.partition(", 0")[0] for line in detours(studio)] == [
            "boat: kling → barge, forbidden",
            "night: kling → barge, forbidden",
        ]


async def test_an_account_in_arrears_leads_to_the_next_road(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, account=Standing.ARREARS) as studio:
        studio.write(board())
        ended = await studio.run()
        assert (ended.exit_code, ended.done, studio.bills_of) == (0, 3, (0, 3))
        assert [line.partition(", 0")[0] for line in detours(studio)] == [
            "boat: kling → barge, account",
            "night: kling → barge, account",
            "clip: kling → barge, account",
        ]


async def test_an_account_that_is_looked_into_goes_no_other_road(tmp_path: Path) -> None:
    """Why it is stopped is for a person to find out."""
    with two_roads_in(tmp_path, account=Standing.ABNORMAL) as studio:
        studio.write(board())
        ended = await studio.run()
        assert (ended.exit_code, studio.bills_of, detours(studio)) == (1, (0, 0), [])


async def test_where_the_next_road_refuses_too_it_failed(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, used_up, **used_up) as studio:
        studio.write(board())
        ended = await studio.run()
        assert (ended.exit_code, ended.done, ended.failed, ended.blocked) == (1, 1, 1, 1)
        assert studio.told("failed") == ["boat failed", "boat failed"]


async def test_a_step_with_one_road_goes_no_other(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board(provider="kling"))
        ended = await studio.run()
        assert (ended.failed, ended.blocked, studio.bills_of, detours(studio)) == (1, 1, (1, 0), [])


async def test_what_is_moderated_goes_no_other_road(tmp_path: Path) -> None:
    settings = Settings.parse([("fault", "moderated=1")])
    with two_roads_in(tmp_path, faults=settings.faults) as studio:
        studio.write(board(boats.splitlines()[0]))
        ended = await studio.run()
        assert (ended.failed, studio.bills_of[1], detours(studio)) == (1, 0, [])


async def test_what_failed_otherwise_is_not_tried_again_beside_a_detour(tmp_path: Path) -> None:
    alone = boats.replace("prompt: Waves", "prompt: Waves, provider: kling")
    with two_roads_in(tmp_path, forbidden=("/v1/videos/text2video",), **used_up) as studio:
        studio.write(board(alone))
        ended = await studio.run()
        assert (ended.exit_code, ended.done, ended.failed, studio.bills_of[1]) == (1, 2, 1, 2)
        assert studio.told("failed").count("clip failed") == 1


async def test_steps_that_share_a_task_go_together(tmp_path: Path) -> None:
    twins = boats.splitlines()[0] + "\n" + boats.splitlines()[0].replace("boat:", "twin:")
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board(twins))
        ended = await studio.run()
        assert (ended.exit_code, ended.done, studio.bills_of) == (0, 2, (0, 1))


async def test_the_first_failure_ends_a_run_that_is_to_fail_fast_and_a_detour_is_none(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board())
        ended = await studio.run(fail_fast=True)
        assert (ended.exit_code, ended.done, studio.bills_of) == (0, 3, (1, 2))


async def test_a_plan_on_paper_keeps_its_roads(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board())
        paper = str(tmp_path / "plan.json")
        plan_on_paper(str(studio.path), Options(simulate=True), paper)
        ended = await studio.run(paper=read_paper(paper))
        assert (ended.exit_code, studio.bills_of, detours(studio)) == (1, (1, 0), [])


async def test_takes_that_are_made_keep_the_step_on_its_road(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, units=(("video", Decimal(3)),)) as studio:
        clip = "  clip: {kind: text-to-video, model: kling-v3, prompt: Waves, takes: 3}\n"
        studio.write(board(clip))
        ended = await studio.run()
        assert (ended.failed, studio.bills_of[1], detours(studio)) == (1, 0, [])


async def test_no_more_is_spent_than_was_agreed_to(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board(boats.splitlines()[0]))
        ended = await studio.run(agreed=Cost(Decimal("0.03")))
        assert (ended.exit_code, studio.bills_of, studio.told("refused")) == (3, (0, 0), ["boat refused"])
        ended = await studio.run(max_cost=Cap(Decimal("0.05"), "USD"))
        assert (ended.exit_code, studio.bills_of) == (0, (0, 1))


async def test_the_end_of_a_run_tells_of_it(tmp_path: Path) -> None:
    with two_roads_in(tmp_path, **used_up) as studio:
        studio.write(board(boats.splitlines()[0]))
        ended = await studio.run()
        progress = Progress()
        for event in studio.heard:
            assert event_from_json(event.to_json()) == event
            progress.take(event)
        assert progress.failures == []
        text = render_summary(progress, ended, (), "kling-pipe run")
        assert "other roads\n  boat  on `barge`, as `kling` refused it, product: 1102: " in text
        assert summary_to_json(progress, ended, ())["roads_changed"] == [
            {"member": "boat", "profile": "kling", "to": "barge", "code": "product",
             "message": progress.detours[0].message}
        ]  # fmt: skip
