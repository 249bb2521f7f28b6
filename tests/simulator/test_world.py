"""The world without any service: tasks by the clock, ids, pools, packs, bills and files."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.simulator.clock import ManualClock, ScaledClock
from kling_pipe.simulator.media_order import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.outputs import UrlState
from kling_pipe.simulator.settings import MediaSize, Settings
from kling_pipe.simulator.studio import file_name, sized
from kling_pipe.simulator.tasks import Fate, Task, TaskOrder
from kling_pipe.simulator.world import Denial, World
from kling_pipe.values.job import Phase
from tests.paper_studio import PaperStudio

picture_order = PictureOrder("a lantern", 1360, 768, 0, "text-to-image · m")


def order(external_id: str = "", *, units: int = 8, slots: int = 1, product: str = "image") -> TaskOrder:
    return TaskOrder(
        account="simulated",
        service="test",
        product=product,
        endpoint="/pictures",
        model="m",
        units=Decimal(units),
        seconds=24.0,
        outputs=(picture_order,) * slots,
        external_id=external_id,
        slots=slots,
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def world_at(path: Path, clock: ManualClock, *settings: tuple[str, str]) -> World:
    return World(Settings.parse(settings), clock, PaperStudio(), str(path))


def made(world: World, external_id: str = "", **changes: int) -> Task:
    task = world.create(order(external_id, **changes))
    assert isinstance(task, Task)
    return task


def test_a_task_runs_by_the_clock_alone(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock)
    task = made(world)
    phases = []
    for _ in range(16):
        phases.append(str(world.phase(task)))
        clock.advance(2)
    assert phases[0] == "queued"
    assert phases[2:9] == ["running"] * 7
    assert phases[-1] == "succeeded"


def test_a_scaled_clock_counts_its_own_seconds_and_stamps_real_ones() -> None:
    real = [1000.0]
    clock = ScaledClock(60, lambda: real[0])
    real[0] += 2
    assert (clock.now(), clock.stamp(clock.now())) == (1120.0, 1002.0)


def test_ids_are_snowflakes_that_count_from_when_the_world_began(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock)
    first, second = made(world).id, made(world).id
    assert (len(first), int(second) - int(first)) == (18, 1)
    clock.advance(1)
    world.reset(Settings())
    assert int(made(world).id) > int(second)


def test_an_external_id_is_unique_even_when_nothing_else_would_fit(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("pool", "image=1"), ("units", "image=8"))
    task = made(world, "job-1")
    assert world.create(order("job-1")) is Denial.TAKEN
    assert world.create(order("job-2")) is Denial.USED_UP
    assert [world.task("simulated", name) for name in ("job-1", task.id, "job-2")] == [task, task, None]
    assert world.task("stranger", "job-1") is None


def test_a_pool_holds_slots_until_the_task_ends(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("pool", "image=3"))
    made(world, slots=2)
    assert world.create(order(slots=2)) is Denial.OVER_QUOTA
    made(world, slots=1)
    clock.advance(40)
    assert world.slots("image") == 0
    made(world, slots=3)
    assert world.most_slots("image") == 3


def test_a_stuck_task_keeps_its_slot_for_ever(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("fault", "stuck=#1"))
    task = made(world)
    clock.advance(1e9)
    assert (task.fate, world.phase(task), world.slots("image")) == (Fate.STUCK, Phase.RUNNING, 1)


def test_a_failed_task_gives_its_units_back_and_keeps_its_bill(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("units", "image=100"), ("fault", "moderated-late=#1"))
    task = made(world, "job-1")
    assert world.remaining("test", "image") == 92
    clock.advance(40)
    assert world.remaining("test", "image") == 100
    assert world.bills() == (
        {
            "external_id": "job-1",
            "task_id": task.id,
            "service": "test",
            "account": "simulated",
            "product": "image",
            "endpoint": "/pictures",
            "model": "m",
            "prompt": "a lantern",
            "units": "8",
            "currency": "units",
            "charged": "0",
            "created": task.created,
        },
    )


def test_the_rate_counts_requests_a_second(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("rate", "2"))
    assert [world.admits("simulated") for _ in range(4)] == [True, True, False, False]
    clock.advance(1)
    assert [world.admits("simulated") for _ in range(3)] == [True, True, False]


def test_a_call_that_is_answered_at_once_ends_now_and_takes_no_place(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("pool", "image=1"), ("units", "image=20"), ("fault", "stuck=#1"))
    called = world.create(replace(order(), at_once=True))
    assert isinstance(called, Task)
    assert (world.phase(called), called.ends, called.order.slots) == (Phase.SUCCEEDED, clock.now(), 0)
    made(world)
    assert world.create(replace(order(units=4), at_once=True)) is not Denial.OVER_QUOTA
    assert world.create(replace(order(), at_once=True)) is Denial.USED_UP
    assert (world.remaining("test", "image"), world.slots("image"), len(world.bills())) == (0, 1, 3)


def test_late_faults_count_only_tasks_that_run(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("fault", "failed-late=#1"))
    called, task = world.create(replace(order(), at_once=True)), made(world)
    assert isinstance(called, Task)
    assert (called.fate, task.fate) == (Fate.SUCCEEDS, Fate.FAILS)


def test_tasks_on_one_topic_are_found_in_their_order(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock)
    tasks = [world.create(replace(order(), topic=topic)) for topic in ("session/1", "session/2", "session/1")]
    assert world.about("simulated", "session/1") == (tasks[0], tasks[2])
    assert world.about("stranger", "session/1") == world.about("simulated", "session/3") == ()


def test_a_file_may_be_shown_or_made_without_a_task(tmp_path: Path, clock: ManualClock) -> None:
    studio = PaperStudio()
    world = World(Settings(), clock, studio, str(tmp_path))
    url = world.shown(SoundOrder("hello", 3.0, form="wav"), "http://sim.test")
    name = urlsplit(url).path.removeprefix("/media/")
    assert (url_state(world, url), studio.made, name.endswith(".wav")) == (UrlState.GOOD, [], True)
    assert asyncio.run(world.outputs.file(name)) == asyncio.run(world.made(SoundOrder("hello", 3.0, form="wav")))
    assert studio.made == [name.partition(".")[0]]
    assert world.bills() == ()


Moves = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 4), st.integers(0, 20)), max_size=40)


@given(Moves)
def test_every_task_has_one_bill_and_no_pool_or_pack_is_passed(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int, int]]
) -> None:
    clock = ManualClock()
    settings = Settings.parse([("pool", "image=5"), ("units", "image=200"), ("fault", "failed-late=0.3")])
    world = World(settings, clock, PaperStudio(), str(shared_folder(tmp_path_factory)))
    created = []
    for external, slots, seconds in moves:
        task = world.create(order(external, slots=slots, units=8 * slots))
        created += [task.id] if isinstance(task, Task) else []
        assert 0 <= world.slots("image") <= 5
        assert 0 <= world.remaining("test", "image") <= 200
        clock.advance(seconds)
    world.close()
    assert [bill["task_id"] for bill in world.bills()] == created
    externals = [bill["external_id"] for bill in world.bills()]
    assert len(set(externals)) == len(externals)
    assert world.most_slots("image") <= 5


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "world"
    folder.mkdir(exist_ok=True)
    return folder


def history(path: Path, seed: str) -> list[object]:
    clock = ManualClock()
    world = world_at(path, clock, ("seed", seed), ("fault", "stuck=0.2"), ("pool", "image=99"))
    tasks = [made(world, f"job-{number}") for number in range(20)]
    world.close()
    return [(task.id, task.starts, task.ends, task.fate, task.files) for task in tasks]


def test_the_same_seed_gives_the_same_world(tmp_path: Path) -> None:
    assert history(tmp_path / "a", "1") == history(tmp_path / "b", "1")
    assert history(tmp_path / "a", "1") != history(tmp_path / "b", "2")


def test_media_depend_on_the_external_id_and_not_on_the_order_of_arrival(tmp_path: Path, clock: ManualClock) -> None:
    one, other = world_at(tmp_path, clock), world_at(tmp_path, clock)
    first = [made(one, name).files for name in ("job-1", "job-2")]
    second = [made(other, name).files for name in ("job-2", "job-1")]
    assert first == second[::-1]
    assert first[0] != first[1]


def test_equal_orders_without_an_id_give_different_media(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock)
    assert made(world).files != made(world).files


def test_a_file_is_made_once_for_all_worlds_that_share_a_folder(tmp_path: Path, clock: ManualClock) -> None:
    studio = PaperStudio()
    for _ in range(2):
        world = World(Settings(), clock, studio, str(tmp_path))
        task = made(world, "job-1")
        assert asyncio.run(world.outputs.file(task.files[0])) == str(tmp_path / "media" / task.files[0])
    assert studio.made == [task.files[0].partition(".")[0]]
    assert asyncio.run(world.outputs.file("never-ordered.png")) is None


def url_state(world: World, url: str) -> UrlState:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return world.check_url(parts.path.removeprefix("/media/"), query)


def test_a_url_lives_its_time_unless_it_is_called_off(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock, ("url-lifetime", "100"))
    task = made(world)
    (url,) = world.urls(task, "http://sim.test/")
    assert url.startswith(f"http://sim.test/media/{task.files[0]}?expires=")
    assert url_state(world, url) is UrlState.GOOD
    assert url_state(world, url + "0") is UrlState.FORGED
    assert url_state(world, url.partition("?")[0]) is UrlState.FORGED
    world.outputs.revoke(task.files[0])
    assert url_state(world, url) is UrlState.EXPIRED
    (fresh,) = world.urls(task, "http://sim.test")
    assert url_state(world, fresh) is UrlState.GOOD
    clock.advance(140)
    assert url_state(world, fresh) is UrlState.EXPIRED


def test_uploads_stay_in_their_folder(tmp_path: Path, clock: ManualClock) -> None:
    world = world_at(tmp_path, clock)
    assert world.upload_path("clips/a.mp4") == str(tmp_path.resolve() / "uploads" / "clips" / "a.mp4")
    assert [world.upload_path(name) for name in ("../a.mp4", "/etc/passwd", "")] == [None, None, None]


def test_small_media_keep_ratio_and_seconds_and_remain_good_inputs() -> None:
    clip = ClipOrder("p", 1280, 720, 5.041, 24, 0, "l")
    assert sized(clip, MediaSize.SMALL) == replace(clip, width=604, height=340, fps=12, stands_for="1280x720 at 24")
    large = replace(picture_order, width=5440, height=3072)
    assert sized(large, MediaSize.SMALL) == replace(large, width=1360, height=768, stands_for="5440x3072")
    assert sized(clip, MediaSize.FULL) == clip


def test_a_file_name_counts_inputs_by_their_own_names() -> None:
    clip = ClipOrder("p", 1280, 720, 5.0, 24, 0, "l", start="/one/folder/abc")
    assert file_name(clip) == file_name(replace(clip, start="/another/abc"))
    assert file_name(clip) != file_name(replace(clip, start="/one/folder/abd"))
