"""What may be paid for on one road is bought on no other: lost answers, doubt, renamed steps, frozen runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from kling_pipe.api.freezing import frozen
from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.settling import Decision, settle
from kling_pipe.api.status import status
from kling_pipe.errors import UsageFailure
from kling_pipe.events import RoadChanged
from kling_pipe.providers.table import table
from kling_pipe.report.statuses import render_status, status_to_json
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.values.job import Realm
from tests.api.small_world import Studio, studio_in
from tests.roads.barge import two_roads_in

pytestmark = pytest.mark.anyio
simulated = Options(simulate=True)
clip = "  clip: {kind: text-to-video, model: kling-v3, prompt: Waves}\n"
boat = "  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}\n"


def board(provider: str, steps: str) -> str:
    return f"storyboard: 1\nname: waves\nprovider: {provider}\nsteps:\n{steps}"


@contextmanager
def every_road(folder: Path, *faults: str, **settings: Any) -> Iterator[Studio]:
    """A world in which all services of the table play."""
    rules = Settings.parse([("fault", fault) for fault in faults]).faults
    with studio_in(folder, faults=rules, **settings) as studio:
        services = [entry.load_fake()() for entry in table.values()]
        studio.world = replace(studio.world, app=application(studio.simulation, services))
        yield studio


def bills(studio: Studio) -> list[str]:
    return sorted(str(bill["service"]) for bill in studio.simulation.bills())


def stands(studio: Studio) -> list[str]:
    members = plan(str(studio.path), simulated).plan.members.values()
    return [f"{member.address} {member.profile} {member.standing}" for member in members]


async def test_an_uncertain_job_keeps_its_step_on_its_road(tmp_path: Path) -> None:
    with every_road(tmp_path, "gateway/lost-after=create:1") as studio:
        studio.write(board("gateway", clip))
        first = await studio.run()
        studio.write(board("[kling, gateway]", clip))
        assert stands(studio) == ["clip gateway uncertain"]
        again = await studio.run()
        assert (first.exit_code, again.exit_code, bills(studio)) == (5, 5, ["gateway"])


async def test_a_lost_answer_goes_no_other_road(tmp_path: Path) -> None:
    with every_road(tmp_path, "gateway/lost-after=create:1") as studio:
        studio.write(board("[gateway, kling]", clip))
        ended = await studio.run()
        turned = [event for event in studio.heard if isinstance(event, RoadChanged)]
        assert (ended.exit_code, bills(studio), turned) == (5, ["gateway"], [])


async def test_a_lost_answer_is_looked_for_on_its_road(tmp_path: Path) -> None:
    with every_road(tmp_path, "runware/lost-after=create:#1") as studio:
        studio.write(board("[runware, kling]", boat))
        ended = await studio.run()
        assert (ended.exit_code, bills(studio)) == (0, ["runware"])


async def test_several_roads_make_one_film(tmp_path: Path) -> None:
    """Each step goes the first of its roads that makes it, and what one road made is handed to the next."""
    said = "  line: {kind: speech, voice: oversea_male1, language: en, text: Every day begins before the day}\n"
    moves = "  moves: {kind: image-to-video, model: kling-v2-5-turbo, image: steps.boat, prompt: It sails}\n"
    with every_road(tmp_path) as studio:
        studio.write(board("[gateway, runware, kling]", boat + moves + said))
        ended = await studio.run()
        assert (ended.exit_code, bills(studio)) == (0, ["gateway", "kling", "runware"])
        assert (await studio.run()).done == 0


async def test_a_renamed_step_stays_where_it_was_made(tmp_path: Path) -> None:
    with two_roads_in(tmp_path) as studio:
        studio.write(board("barge", boat))
        await studio.run()
        studio.write(board("[kling, barge]", boat.replace("boat:", "ship:")))
        ended = await studio.run()
        assert (ended.done, studio.bills_of) == (0, (0, 1))


async def test_a_frozen_run_finds_each_step_on_its_road(tmp_path: Path) -> None:
    text = board("[kling, barge]", boat) + "deliver:\n  out/boat.png: steps.boat\n"
    with two_roads_in(tmp_path) as studio:
        studio.write(text.replace("[kling, barge]", "barge"))
        await studio.run()
        studio.write(text)
        studio.lose("ledger.db", "artifacts.jsonl")
        assert [one.path for one in frozen(str(studio.path), simulated).deliveries] == ["out/boat.png"]


async def test_what_only_the_lock_knows_stays_on_its_road(tmp_path: Path) -> None:
    """Another machine has the lock and nothing else: the service shows again what it made under our id."""
    with two_roads_in(tmp_path) as studio:
        studio.write(board("barge", boat))
        await studio.run()
        studio.lose("objects", "ledger.db", "artifacts.jsonl")
        studio.write(board("[kling, barge]", boat))
        assert stands(studio) == ["boat barge missing"]
        ended = await studio.run()
        assert (ended.exit_code, studio.bills_of) == (0, (0, 1))


async def test_files_that_are_gone_are_fetched_again_on_their_road(tmp_path: Path) -> None:
    with two_roads_in(tmp_path) as studio:
        studio.write(board("barge", boat))
        await studio.run()
        studio.lose("objects")
        studio.write(board("[kling, barge]", boat))
        ended = await studio.run()
        assert (ended.exit_code, studio.bills_of) == (0, (0, 1))


async def test_a_step_below_stays_where_it_was_made_while_nobody_knows_its_recipe(tmp_path: Path) -> None:
    night = "  night: {kind: image-to-image, model: kling-v3, image: steps.boat, prompt: At night}\n"
    with two_roads_in(tmp_path) as studio:
        studio.write(board("barge", boat + night))
        await studio.run()
        other = boat.replace("A boat", "A ship").replace("}", ", provider: kling}")
        studio.write(board("[kling, barge]", other + night))
        assert stands(studio) == ["boat kling stale", "night barge pending"]


async def test_a_task_stays_on_the_account_that_has_it(tmp_path: Path) -> None:
    """Two profiles of one provider have the same recipes; whose account makes it is told by the ledger."""
    (tmp_path / "kling-pipe.yaml").write_text("project: 1\nprofiles:\n  mine: {type: kling}\n")
    with every_road(tmp_path, durations=50.0) as studio:
        studio.write(board("mine", boat.replace("}", ", timeout: 1}")))
        first = await studio.run()
        studio.write(board("[kling, mine]", boat))
        assert (first.running, stands(studio)) == (1, ["boat mine running"])


async def test_two_runs_whose_lists_differ_in_order_pay_once(tmp_path: Path) -> None:
    """Each plans before the other has begun; the ledger lets one of them begin."""
    ended: list[int] = []

    async def go(provider: str) -> None:
        ended.append((await studio.run(provider=provider)).exit_code)

    with two_roads_in(tmp_path) as studio:
        studio.write(board("[kling, barge]", boat))
        async with anyio.create_task_group() as group:
            group.start_soon(go, "kling,barge")
            group.start_soon(go, "barge,kling")
        assert sum(studio.bills_of) == 1
        assert 0 in ended
        again = await studio.run()
        assert (again.exit_code, again.done, sum(studio.bills_of)) == (0, 0, 1)


async def test_doubt_on_two_roads_is_shown_and_needs_a_word_for_each(tmp_path: Path) -> None:
    with every_road(tmp_path, "gateway/lost-after=create:1", "picsart/lost-after=create:1") as studio:
        for road in ("gateway", "picsart"):
            studio.write(board(road, clip))
            await studio.run()
        studio.write(board("kling", clip))
        jobs = status(str(studio.path), simulated).doubted
        assert sorted(job.profile for job in jobs) == ["gateway", "picsart"]
        with pytest.raises(UsageFailure, match="several-jobs") as raised:
            settle(str(studio.path), "clip", Decision.RESUBMIT, simulated)
        assert "on `gateway`" in str(raised.value.problems[0].hint)
        (settled,) = settle(str(studio.path), "clip", Decision.DROP, simulated, job_id=jobs[0].external_id)
        left = status(str(studio.path), simulated)
        assert (settled, [job.external_id for job in left.doubted]) == (jobs[0], [jobs[1].external_id])
        shown = render_status(left, Realm.SIMULATED, "waves", "kling-pipe run")
        assert f"uncertain too\n  clip  {jobs[1].estimate} on `{jobs[1].profile}`, paid or not, nobody knows" in shown
        assert status_to_json(left, Realm.SIMULATED)["doubted"] == [
            {
                "member": "clip",
                "profile": jobs[1].profile,
                "external_id": jobs[1].external_id,
                "estimate": jobs[1].estimate.to_json(),
            }
        ]
