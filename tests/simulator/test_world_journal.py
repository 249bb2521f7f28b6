"""A world whose tasks outlive the process, and the workshop that stops when the process does."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.simulator.clock import ManualClock, ScaledClock
from kling_pipe.simulator.media_order import ClipOrder, SoundOrder
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.workshop import Workshop
from kling_pipe.simulator.world import Denial, World
from kling_pipe.values.job import Phase
from tests.paper_studio import PaperStudio
from tests.patience import patience


def order(external_id: str) -> TaskOrder:
    clip = ClipOrder("p", 1280, 720, 5.041, 24, 0, "l", shots=(("a", 2.0), ("b", 3.0)), camera=(("zoom", 1.0),))
    return TaskOrder(
        account="simulated",
        service="test",
        product="video",
        endpoint="/clips",
        model="m",
        units=Decimal("1.5"),
        seconds=80.0,
        outputs=(clip,),
        external_id=external_id,
        details={"duration": "5.041"},
    )


def world_at(path: Path, clock: ManualClock, *settings: tuple[str, str]) -> World:
    return World(Settings.parse(settings), clock, PaperStudio(), str(path), journal=str(path / "tasks.jsonl"))


def made(world: World, external_id: str) -> Task:
    task = world.create(order(external_id))
    assert isinstance(task, Task)
    return task


def test_a_later_world_knows_the_tasks_of_an_earlier_one(tmp_path: Path) -> None:
    clock = ManualClock()
    first = world_at(tmp_path, clock, ("fault", "stuck=#2"))
    tasks = made(first, "job-1"), made(first, "job-2")
    first.close()
    clock.advance(10)
    second = world_at(tmp_path, clock)
    assert second.tasks() == tasks
    assert second.create(order("job-1")) is Denial.TAKEN
    assert second.remaining("test", "video") == 10_000
    clock.advance(200)
    assert [second.phase(task) for task in tasks] == [Phase.SUCCEEDED, Phase.RUNNING]
    path = asyncio.run(second.outputs.file(tasks[0].files[0]))
    assert path is not None
    assert Path(path).exists()
    second.close()


def test_topics_sounds_and_calls_answered_at_once_outlive_the_process(tmp_path: Path) -> None:
    clock = ManualClock()
    first = world_at(tmp_path, clock)
    sound = SoundOrder("hello", 3.0, manner="speech", form="wav")
    called = first.create(replace(order(""), outputs=(sound,), at_once=True, topic="session/1"))
    assert isinstance(called, Task)
    first.close()
    second = world_at(tmp_path, clock)
    assert second.about("simulated", "session/1") == (called,)
    assert (second.phase(called), second.slots("video")) == (Phase.SUCCEEDED, 0)
    path = asyncio.run(second.outputs.file(called.files[0]))
    assert path is not None
    assert path.endswith(".wav")
    second.close()


def test_worlds_side_by_side_see_each_others_tasks(tmp_path: Path) -> None:
    clock = ManualClock()
    one, other = world_at(tmp_path, clock), world_at(tmp_path, clock)
    made(one, "job-1")
    assert other.task("simulated", "job-1") == one.task("simulated", "job-1")
    made(other, "job-2")
    assert one.create(order("job-2")) is Denial.TAKEN
    assert one.tasks() == other.tasks()
    assert one.bills() == other.bills()
    one.close()
    other.close()


def test_a_journal_cut_anywhere_loses_at_most_the_last_task(tmp_path: Path) -> None:
    clock = ManualClock()
    world = world_at(tmp_path, clock)
    tasks = made(world, "job-1"), made(world, "job-2")
    world.close()
    journal = tmp_path / "tasks.jsonl"
    whole = journal.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole) + 1, 97):
        journal.write_bytes(whole[:cut])
        world = world_at(tmp_path, clock)
        assert world.tasks() == (tasks if cut == len(whole) else tasks[:1])
        task = made(world, "job-3")
        assert world_at(tmp_path, clock).task("simulated", "job-3") == task
        world.close()


def test_a_journal_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").write_text('{"format": 9}\n')
    with pytest.raises(ValueError, match="is of format 9, expected 1"):
        world_at(tmp_path, ManualClock())


def test_a_moment_is_the_stamp_the_other_way_round() -> None:
    real = [1000.0]
    clock = ScaledClock(60, lambda: real[0])
    assert clock.stamp(clock.moment(990.0)) == 990.0
    assert clock.moment(1001.0) - clock.now() == 60.0


def test_the_workshop_does_first_what_somebody_waits_for() -> None:
    workshop, gate, done = Workshop(hands=1), threading.Event(), list[str]()
    futures = [workshop.take(lambda: gate.wait(patience) and None)]
    futures += [workshop.take(lambda name=name: done.append(name)) for name in ("a", "b", "c")]  # type: ignore[misc]
    workshop.hurry(futures[3])
    gate.set()
    for future in futures:
        future.result(patience)
    workshop.close()
    assert done == ["c", "a", "b"]


def test_a_closed_workshop_drops_what_has_not_begun() -> None:
    workshop, gate = Workshop(hands=1), threading.Event()
    begun = workshop.take(lambda: gate.wait(patience) and None)
    waiting = workshop.take(lambda: None)
    workshop.close()
    gate.set()
    begun.result(patience)
    assert waiting.cancelled()


def test_a_failure_reaches_whoever_waits() -> None:
    def fail() -> None:
        raise OSError("disk full")

    workshop = Workshop()
    with pytest.raises(OSError, match="disk full"):
        workshop.take(fail).result(patience)
    workshop.close()
