"""Reconciling as a library: what was paid for and is not on record is adopted, and nothing is ever bought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.reconciling import reconcile
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.edge.presence import Presence
from kling_pipe.edge.transport import HttpWire
from kling_pipe.errors import CredentialFailure, StepFailure, UsageFailure
from kling_pipe.events import JobIntended
from kling_pipe.simulator.faults import FaultBook, FaultRule
from kling_pipe.simulator.settings import Standing
from kling_pipe.values.reconciliation import Reconciliation
from kling_pipe.values.wire import Request
from tests.api.lost_records import (
    begin_run,
    change_record,
    copy_record,
    forget_files,
    forget_locks,
    jobs_of,
    lose_record,
)
from tests.api.small_world import Studio, story, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        yield found


async def reconciled(studio: Studio, *paths: Path, only_looks: bool = False, since: float = 0.0) -> Reconciliation:
    names = [str(path) for path in paths or (studio.path,)]
    return await reconcile(
        names, Options(simulate=True), studio.heard.append, StopSwitch(), studio.world, since=since,
        only_looks=only_looks,
    )  # fmt: skip


def adopted(told: Reconciliation) -> list[str]:
    return [f"{one.member} {list(one.takes)}: {one.was} → {one.fate}" for one in told.adopted]


async def test_when_all_agree_there_is_nothing_to_do(studio: Studio) -> None:
    await studio.run()
    told = await reconciled(studio)
    assert (told.agrees, told.tasks, told.jobs, told.adopted, told.others) == (True, 2, 2, (), ())


async def test_a_paid_task_whose_record_was_deleted_is_adopted_and_fetched(studio: Studio) -> None:
    await studio.run()
    made, records = studio.out(), jobs_of(studio.home)
    lose_record(studio.home, "night")
    told = await reconciled(studio)
    assert adopted(told) == ["night [1]: no record → fetched"]
    assert (studio.bills, studio.out(), jobs_of(studio.home)) == (2, made, records)
    assert (await studio.run()).current == 2
    assert (await reconciled(studio)).agrees


async def test_steps_below_are_adopted_once_those_above_are_there(studio: Studio) -> None:
    await studio.run()
    made, records = studio.out(), jobs_of(studio.home)
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm", "artifacts.jsonl", "objects", "runs")
    told = await reconciled(studio)
    assert adopted(told) == ["boat [1]: no record → fetched", "night [1]: no record → fetched"]
    assert (studio.bills, studio.out(), jobs_of(studio.home), told.unknown) == (2, made, records, ())


async def test_a_record_alone_is_written_again_with_its_cost(studio: Studio) -> None:
    await studio.run()
    records = jobs_of(studio.home)
    lose_record(studio.home, "boat", files=False, objects=False)
    studio.heard = []
    assert adopted(await reconciled(studio)) == ["boat [1]: no record → its files are here already"]
    assert (jobs_of(studio.home), studio.told("fetching"), studio.bills) == (records, [], 2)


async def test_a_lost_file_is_fetched_again(studio: Studio) -> None:
    await studio.run()
    made = studio.out()
    studio.lose("objects")
    told = await reconciled(studio)
    assert [(one.member, one.shown, one.fetched) for one in told.lost] == [("boat", True, True), ("night", True, True)]
    assert (studio.bills, studio.out(), (await studio.run()).current) == (2, made, 2)


async def test_a_look_changes_nothing(studio: Studio) -> None:
    await studio.run()
    lose_record(studio.home, "night")
    records = jobs_of(studio.home)
    told = await reconciled(studio, only_looks=True)
    assert adopted(told) == ["night [1]: no record → to be adopted"]
    assert (told.only_looked, jobs_of(studio.home)) == (True, records)


@pytest.mark.parametrize(
    "record",
    [
        {"state": "uncertain", "task_id": ""},
        {"state": "uncertain"},
        {"state": "intended", "task_id": ""},
        {"state": "failed", "task_id": "", "code": "transient"},
        {"state": "dropped", "code": "settled"},
    ],
    ids=["uncertain", "vanished", "intended", "failed-unheard", "dropped"],
)
async def test_a_record_that_knows_of_no_task_is_mended(record: dict[str, object], studio: Studio) -> None:
    await studio.run()
    made, records = studio.out(), jobs_of(studio.home)
    forget_files(studio.home, "night")
    change_record(studio.home, "night", **record)
    told = await reconciled(studio)
    assert adopted(told) == [f"night [1]: {record['state']} → fetched"]
    assert (studio.bills, studio.out(), jobs_of(studio.home), told.uncertain) == (2, made, records, ())


async def test_a_task_whose_files_an_earlier_run_left_is_fetched(studio: Studio) -> None:
    await studio.run()
    records = jobs_of(studio.home)
    forget_files(studio.home, "night")
    change_record(studio.home, "night", state="submitted")
    assert adopted(await reconciled(studio, only_looks=True)) == ["night [1]: submitted → to be adopted"]
    assert adopted(await reconciled(studio)) == ["night [1]: submitted → fetched"]
    assert (jobs_of(studio.home), studio.bills) == (records, 2)


async def test_a_task_whose_files_another_brought_is_booked(studio: Studio) -> None:
    await studio.run()
    records = jobs_of(studio.home)
    change_record(studio.home, "night", state="submitted", cost=None)
    assert adopted(await reconciled(studio)) == ["night [1]: submitted → its files are here already"]
    assert (jobs_of(studio.home), studio.bills) == (records, 2)


async def test_what_the_provider_does_not_show_stays_uncertain(studio: Studio) -> None:
    await studio.run(only=("boat",))
    change_record(studio.home, "boat", state="uncertain", task_id="")
    studio.simulation.reset(studio.simulation.settings)
    told = await reconciled(studio)
    assert [(row.member, str(row.state)) for row in told.uncertain] == [("boat", "uncertain")]
    assert (told.adopted, studio.bills) == ((), 0)


async def test_a_task_the_provider_no_longer_shows_is_told(studio: Studio) -> None:
    await studio.run()
    studio.simulation.reset(studio.simulation.settings)
    told = await reconciled(studio)
    assert [row.member for row in told.unshown] == ["boat", "night"]
    assert (told.tasks, (await studio.run()).current) == (0, 2)


async def test_only_jobs_of_the_time_in_question_are_missed(studio: Studio) -> None:
    ended = await studio.run()
    studio.simulation.reset(studio.simulation.settings)
    assert (await reconciled(studio, since=ended.at + 1)).unshown == ()


async def test_takes_that_nobody_paid_for_are_not_bought_along(studio: Studio) -> None:
    await studio.run()
    lose_record(studio.home, "boat")
    studio.write(story.replace("    prompt: A small", "    takes: 3\n    retries: 2\n    prompt: A small"))
    told = await reconciled(studio)
    assert adopted(told) == ["boat [1]: no record → fetched"]
    assert studio.bills == 2
    assert sorted(record[0] for record in jobs_of(studio.home).values()) == ["boat", "night"]


async def test_takes_that_were_made_together_are_adopted_together(studio: Studio) -> None:
    studio.write(story.replace("    prompt: A small", "    takes: 3\n    prompt: A small"))
    await studio.run()
    lose_record(studio.home, "boat")
    studio.write(story.replace("    prompt: A small", "    takes: 2\n    prompt: A small"))
    assert adopted(await reconciled(studio)) == ["boat [1, 2, 3]: no record → fetched"]
    assert studio.bills == 2


async def test_an_intention_that_never_left_is_not_sent_along(studio: Studio) -> None:
    await studio.run()
    studio.write(story.replace("    prompt: A small", "    takes: 2\n    prompt: A small"))
    forget_files(studio.home, "boat")
    change_record(studio.home, "boat", state="uncertain")
    never_sent = copy_record(studio.home, "boat", takes=(2,), state="intended", task_id="", cost=None)
    told = await reconciled(studio)
    assert adopted(told) == ["boat [1]: uncertain → fetched"]
    assert (jobs_of(studio.home)[never_sent][1], studio.bills) == ("intended", 2)


async def test_what_a_living_run_has_in_its_hands_is_left_to_it(studio: Studio) -> None:
    await studio.run()
    forget_files(studio.home, "night")
    change_record(studio.home, "night", state="intended", task_id="", run="living")
    begin_run(studio.home, "living")
    records = jobs_of(studio.home)
    presence = Presence(str(studio.home / "runs"), "living")
    try:
        told = await reconciled(studio)
    finally:
        presence.leave()
    assert (told.adopted, jobs_of(studio.home)) == ((), records)
    assert adopted(await reconciled(studio)) == ["night [1]: intended → fetched"]


async def test_a_task_that_failed_there_is_on_record_as_failed(tmp_path: Path) -> None:
    with studio_in(tmp_path, faults=(FaultRule.parse("failed-late=#1"),)) as studio:
        await studio.run()
        lose_record(studio.home, "boat")
        told = await reconciled(studio)
        assert adopted(told) == ["boat [1]: no record → failed there"]
        assert studio.bills == 1
        await studio.run()
        assert [event.attempt for event in studio.heard if isinstance(event, JobIntended)] == [2, 1]


async def test_a_task_that_is_still_being_made_is_not_waited_for(tmp_path: Path) -> None:
    with studio_in(tmp_path, faults=(FaultRule.parse("stuck=#1"),)) as studio:
        studio.write(story.replace("    prompt: A small", "    timeout: 20s\n    prompt: A small"))
        await studio.run()
        lose_record(studio.home, "boat")
        studio.heard = []
        told = await reconciled(studio)
        assert (adopted(told), studio.heard) == (["boat [1]: no record → still being made"], [])
        assert (told.unknown, jobs_of(studio.home)[told.adopted[0].external_id][1]) == (("night",), "submitted")


async def test_a_task_of_another_storyboard_is_told_with_its_model_and_cost(studio: Studio, tmp_path: Path) -> None:
    await studio.run()
    studio.write(story.replace("A small boat", "A large ship"))
    await studio.run(only=("boat",), environment={"KLING_PIPE_HOME": str(tmp_path / "elsewhere")})
    studio.write(story)
    told = await reconciled(studio)
    (one,) = told.unasked
    assert (one.model, str(one.cost), one.status, told.others) == (
        "kling-v3", "0.028 USD (8 image units)", "succeeded", (),
    )  # fmt: skip
    assert one.external_id in {bill["external_id"] for bill in studio.simulation.bills()}


async def test_a_storyboard_of_the_same_project_asks_for_its_own(studio: Studio, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(story.replace("A small boat", "A large ship").replace("name: boats", "name: ships"))
    await studio.run()
    await run(str(other), Options(simulate=True), studio.heard.append, StopSwitch(), studio.world)
    studio.lose("ledger.db", "ledger.db-wal", "ledger.db-shm", "artifacts.jsonl")
    forget_locks(studio.folder)
    assert len((await reconciled(studio)).unasked) == 2
    told = await reconciled(studio, studio.path, other)
    assert (told.storyboards, told.unasked, studio.bills) == (("boats", "ships"), (), 4)
    assert [f"{one.storyboard} {one.member}" for one in told.adopted] == ["ships boat", "ships night"]


async def test_tasks_of_others_are_counted_apart(studio: Studio) -> None:
    await studio.run()
    await somebody_elses_task(studio)
    told = await reconciled(studio)
    assert ([one.external_id for one in told.others], told.unasked, told.agrees) == (["theirs-1"], (), True)


async def somebody_elses_task(studio: Studio) -> None:
    body = {"model_name": "kling-v3", "prompt": "A cat", "external_task_id": "theirs-1"}
    key = (("authorization", f"Bearer {studio.world.key}"),)
    wire = HttpWire(studio.world.base_url, studio.world.app)
    response = await wire.send(Request("POST", "/v1/images/generations", body=body, headers=key))
    await wire.close()
    assert response.status == 200


async def test_a_busy_service_is_asked_again(tmp_path: Path) -> None:
    with studio_in(tmp_path) as studio:
        await studio.run()
        faults = tuple(FaultRule.parse(f"{fault}=query:#1") for fault in ("throttled", "malformed", "lost-after"))
        studio.simulation.faults = FaultBook(faults, 0)
        assert (await reconciled(studio)).agrees


@pytest.mark.parametrize(
    ("standing", "code", "hint"),
    [
        (Standing.ABNORMAL, "1100", "abnormal state"),
        (Standing.ARREARS, "1101", "pay what is owed"),
        (Standing.BLOCKED, "1304", "allow list"),
    ],
)
async def test_a_service_that_does_not_tell_its_tasks_is_a_failure(
    standing: Standing, code: str, hint: str, studio: Studio
) -> None:
    studio.simulation.reset(replace(studio.simulation.settings, account=standing))
    with pytest.raises(StepFailure) as failed:
        await reconciled(studio)
    assert (failed.value.code, code in failed.value.message, hint in failed.value.hint) == ("not-told", True, True)


async def test_refused_credentials_are_told(studio: Studio) -> None:
    studio.world = replace(studio.world, key="another-key")
    with pytest.raises(CredentialFailure, match="the provider refused the credentials of profile `kling`"):
        await reconciled(studio)


async def test_storyboards_of_several_projects_are_refused(studio: Studio, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "story.yaml"
    other.parent.mkdir()
    other.write_text(story)
    with pytest.raises(UsageFailure, match="keep their state in 2 folders"):
        await reconciled(studio, studio.path, other)
