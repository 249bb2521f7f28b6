"""Pools, polling, pauses and the table of retries, each by itself."""

from __future__ import annotations

import heapq
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.run.account import Account
from kling_pipe.run.flight import AccountLimits
from kling_pipe.run.polling import Polling, first_look, free_looks, longest_pause, longest_share
from kling_pipe.run.pools import Pool
from kling_pipe.run.retry import Backoff, on_create, on_read
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Route, TaskRef

route = Route("path-model", "/x")


def throttled(retry_after: float | None = None) -> Refusal:
    return Refusal(AnswerClass.THROTTLED, "1302", "too fast", retry_after=retry_after)


def account(**limits: object) -> Account:
    return Account("kling", AccountLimits(**limits), pace=1.0, chance=lambda: 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("table", [on_create, on_read], ids=["creates", "reads"])
def test_every_refusal_has_a_consequence(table: dict[AnswerClass, object]) -> None:
    assert set(table) == set(AnswerClass) - {AnswerClass.OK}


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_is_jittered_downwards_to_a_half_and_capped(tries: int, fraction: float) -> None:
    pause = Backoff(first=1.0, most=60.0).seconds(tries, fraction)
    full = min(60.0, 2.0 ** min(tries - 1, 30))
    assert full / 2 <= pause <= full


def test_a_pool_grows_by_one_place_per_round_of_successes() -> None:
    pool = Pool("kling/video", 4.0)
    gained = [pool.grow() for _ in range(10)]
    assert (gained.index(True), pool.places) == (4, 6)


def test_a_pool_never_passes_its_configured_limit() -> None:
    pool = Pool("kling/video", 3.0, ceiling=3)
    assert not any(pool.grow() for _ in range(50))
    assert pool.places == 3


def test_a_pool_shrinks_to_what_the_provider_accepted_and_echoes_shrink_it_no_further() -> None:
    pool = Pool("kling/video", 10.0, in_use=6)
    assert [pool.shrink(sent_at=1.0, now=2.0), pool.places] == [True, 6]
    assert [pool.shrink(sent_at=1.5, now=2.1), pool.places] == [False, 6]
    pool.give_back(3)
    assert [pool.shrink(sent_at=3.0, now=4.0), pool.places] == [True, 3]


@given(st.lists(st.one_of(st.just("grow"), st.integers(0, 20)), max_size=60), st.integers(0, 9))
def test_a_pool_always_has_a_place_and_keeps_its_ceiling(moves: list[str | int], ceiling: int) -> None:
    pool = Pool("kling/video", float(ceiling or 5), ceiling)
    for now, move in enumerate(moves):
        if isinstance(move, int):
            pool.in_use = move
            pool.shrink(now - 0.5, float(now))
        else:
            pool.grow()
        assert 1 <= pool.places <= (ceiling or 64)
    pool.in_use = 0
    assert pool.has_room(100)


def test_a_job_larger_than_its_pool_starts_alone() -> None:
    pool = Pool("kling/image", 4.0)
    assert [pool.has_room(9), pool.has_room(4)] == [True, True]
    pool.take(1)
    assert [pool.has_room(4), pool.has_room(3)] == [False, True]


def test_a_pause_lasts_at_least_as_long_as_the_provider_asked() -> None:
    cooled = account()
    assert [cooled.cool(throttled(7.0), 100.0), cooled.cool_until] == [7.0, 107.0]


def test_refusals_during_a_pause_lengthen_it_only_when_the_provider_says_so() -> None:
    cooled = account()
    pauses = [cooled.cool(throttled(), 100.0), cooled.cool(throttled(), 100.5), cooled.cool(throttled(5.0), 100.5)]
    assert (pauses, cooled.cool_until) == ([1.0, 0.0, 5.0], 105.5)


def test_pauses_grow_until_a_request_works() -> None:
    cooled = account()
    pauses = [cooled.cool(throttled(1.0), now) for now in (0.0, 0.001, 0.002, 0.003, 10.0)]
    assert (pauses, round(cooled.cool_until, 1)) == ([1.0, 0.0, 0.0, 0.0, 2.0], 12.0)
    cooled = account()
    pauses = [cooled.cool(throttled(), now) for now in (0.0, 10.0, 20.0)]
    cooled.answered()
    assert [*pauses, cooled.cool(throttled(), 90.0)] == [1.0, 2.0, 4.0, 1.0]


def test_the_longest_chain_stands_first_and_equals_stand_in_order() -> None:
    queued = account()
    for number, tail in ((1, 5.0), (2, 60.0), (3, 60.0)):
        queued.queue(SimpleNamespace(job=SimpleNamespace(product="video"), number=number), tail)  # type: ignore[arg-type]
    queue = queued.queues["video"]
    assert [heapq.heappop(queue)[1] for _ in range(3)] == [2, 3, 1]


def test_a_look_tells_of_every_task_that_may_be_done() -> None:
    polling = Polling(interval=2.0)
    for name, not_before in (("a", 10.0), ("b", 4.0), ("c", 11.0)):
        polling.watch(TaskRef(name, "", route), not_before)
    assert polling.next_look() == 4.0
    assert [task.external_id for task in polling.begin_look(10.5)] == ["a", "b"]
    assert polling.next_look() is None
    polling.end_look()
    assert polling.next_look() == 12.5


def test_looks_come_twice_as_often_while_a_request_tells_about_many() -> None:
    polling = Polling(interval=2.0)
    for number in range(10):
        polling.watch(TaskRef(f"{number}", "", route), 0.0)
    due = []
    for _ in range(14):
        now = polling.next_look()
        assert now is not None
        due.append(now)
        polling.begin_look(now)
        polling.end_look(requests=1)
    assert [after - before for before, after in pairwise(due)] == [1.0] * 11 + [2.0] * 2


def test_looks_of_many_requests_keep_to_the_interval() -> None:
    polling = Polling(interval=2.0)
    for number in range(100):
        polling.watch(TaskRef(f"{number}", "", route), 0.0)
    polling.begin_look(0.0)
    polling.end_look(requests=5)
    assert polling.next_look() == 2.0


def pauses(polling: Polling, looks: int, requests: int = 1) -> list[float]:
    """The pauses between so many looks that tell of nothing."""
    due = []
    for _ in range(looks):
        now = polling.next_look()
        assert now is not None
        due.append(now)
        polling.begin_look(now)
        polling.end_look(requests)
    return [round(after - before, 3) for before, after in pairwise(due)]


@pytest.mark.parametrize(
    ("tasks", "expected", "pause"), [(20, 60.0, 7.5), (2, 60.0, 7.5), (60, 120.0, 5.0), (20, 1000.0, longest_pause)]
)
def test_a_road_of_few_requests_is_looked_at_as_often_as_enough_tasks_end_for_one(
    tasks: int, expected: float, pause: float
) -> None:
    polling = Polling(interval=2.0, requests_a_task=0.4)
    for number in range(tasks):
        polling.watch(TaskRef(f"{number}", "", route), 0.0, expected)
    free = int(free_looks + 0.4 * tasks / 2)
    seen = pauses(polling, free + 4)
    assert seen[:6] + seen[-3:] == [2.0] * 6 + [pause] * 3


def test_no_task_of_a_road_of_few_requests_waits_for_a_look_longer_than_a_share_of_its_time() -> None:
    polling = Polling(interval=2.0, requests_a_task=0.4)
    polling.watch(TaskRef("a", "", route), 0.0, 40.0)
    assert max(pauses(polling, 50)) == 40.0 * longest_share


def test_what_tasks_took_counts_for_what_they_were_expected_to() -> None:
    polling = Polling(interval=2.0, requests_a_task=0.4)
    for number in range(40):
        polling.watch(TaskRef(f"{number}", "", route), 0.0, 1000.0, since=100.0)
    polling.begin_look(180.0)
    polling.end_look(30)
    for number in range(20):
        polling.forget(f"{number}")
    assert polling.next_look() == 180.0 + 45.0
    for number in range(20, 39):
        polling.forget(f"{number}")
    polling.requests += 30
    assert polling.next_look() == pytest.approx(180.0 + (39 * 80 + 1000) / 40 / 8)


def test_a_forgotten_task_is_not_looked_at() -> None:
    polling = Polling(interval=2.0)
    polling.watch(TaskRef("a", "", route), 1.0)
    polling.watch(TaskRef("b", "", route), 5.0)
    polling.forget("a")
    assert (polling.next_look(), polling.begin_look(1.0)) == (5.0, ())


@pytest.mark.parametrize(("shortest", "at"), [(None, 102.0), (50.0, 145.0)], ids=["unknown", "seen"])
def test_the_first_look_waits_for_what_history_says(shortest: float | None, at: float) -> None:
    assert first_look(100.0, 2.0, shortest) == at
