"""What must hold whatever happens: every run ends, every job is paid for once, the budget is never passed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.money import Cap, Caps, no_caps
from tests.chances import examples
from tests.run.model_world import Process, World
from tests.run.paper_plan import plan_of

pytestmark = pytest.mark.slow
faults = ("throttled", "unreachable", "lost-after", "shown-late", "unmentioned", "download")
fault_sets = st.frozensets(st.sampled_from(faults))
stops = (AnswerClass.AUTH, AnswerClass.ACCOUNT, AnswerClass.PRODUCT, AnswerClass.INVALID, AnswerClass.MODERATED)
seeds = st.integers(0, 2**32)
memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # the ledger is synced at every step


@st.composite
def storyboards(draw: st.DrawFn, *, bad: bool = True, shared: bool = True) -> tuple[str, ...]:
    """Up to seven steps, wired to steps above them; some share their prompts, some fail at the provider."""
    lines: list[str] = []
    names: list[str] = []
    for number in range(draw(st.integers(1, 7))):
        name = ("bad" if bad and draw(st.integers(0, 5)) == 0 else "step") + str(number)
        product = draw(st.sampled_from(("image", "video")))
        takes = draw(st.integers(1, 3))
        prompt = draw(st.sampled_from((name, "the same words"))) if shared and name.startswith("step") else name
        above = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        wires = f" < {' '.join(above)}" if above else ""
        lines.append(f'{name}: {product} x{takes} "{prompt}"{wires}')
        names.append(name)
    return tuple(lines)


@contextmanager
def world_of(lines: tuple[str, ...], seed: int, wrong: frozenset[str], caps: Caps = no_caps) -> Iterator[World]:
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        world = World(folder, lines, seed, wrong, caps)
        try:
            yield world
        finally:
            world.ledger.close()


def undisturbed(lines: tuple[str, ...], seed: int) -> tuple[dict[str, State], dict[str, str], set[tuple[str, int]]]:
    """End state of each step, digest of each key, and what was paid for, when nothing goes wrong."""
    with world_of(lines, seed, frozenset()) as world:
        process = world.start()
        world.play(process)
        return end_of(world, process)


def end_of(world: World, process: Process) -> tuple[dict[str, State], dict[str, str], set[tuple[str, int]]]:
    digests = {key: artifact.digest for key, artifact in world.made().items()}
    return world.states(process), digests, set(world.service.billed)


@given(storyboards(), seeds, fault_sets)
@examples(20)
def test_whatever_goes_wrong_every_job_is_paid_for_once_and_the_end_is_the_same(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str]
) -> None:
    with world_of(lines, seed, wrong) as world:
        process = world.start()
        world.play(process)
        assert set(world.service.billed.values()) <= {1}
        assert end_of(world, process) == undisturbed(lines, seed)


@given(storyboards(), seeds, fault_sets, st.lists(st.integers(0, 60), min_size=1, max_size=5))
@examples(25)
def test_runs_that_die_at_any_instant_are_gone_on_with_and_nothing_is_paid_twice(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], deaths: list[int]
) -> None:
    with world_of(lines, seed, wrong) as world:
        for lives in deaths:
            world.play(world.start(lives))
        process = world.start()
        world.play(process)
        assert set(world.service.billed.values()) <= {1}
        assert end_of(world, process) == undisturbed(lines, seed)


@given(storyboards(bad=False), seeds, fault_sets, st.one_of(st.none(), st.integers(0, 60)))
@examples(20)
def test_two_runs_beside_each_other_share_every_job(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], lives: int | None
) -> None:
    with world_of(lines, seed, wrong) as world:
        first, second = world.start(lives), world.start()
        world.play(first, second)
        assert set(world.service.billed.values()) <= {1}
        assert end_of(world, second) == undisturbed(lines, seed)


@st.composite
def several_caps(draw: st.DrawFn) -> Caps:
    """Caps of a run, a step and a take, some of them and in their own sizes."""

    def cap(most: int) -> Cap | None:
        cents = draw(st.none() | st.integers(0, most))
        return None if cents is None else Cap(Decimal(cents) / 100, "USD")

    return Caps.of(run=(cap(400), cap(400)), step=cap(150), take=cap(60))


@given(storyboards(), seeds, fault_sets, several_caps(), st.lists(st.integers(0, 60), max_size=3), st.booleans())
@examples(25)
def test_what_is_bought_never_passes_a_cap_of_the_run_a_step_or_a_take(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], caps: Caps, deaths: list[int], beside: bool
) -> None:
    with world_of(lines, seed, wrong, caps) as world:  # the bills are checked at every create
        for lives in deaths:
            world.play(world.start(lives))
        processes = [world.start() for _ in range(2 if beside else 1)]
        world.play(*processes)
        assert set(world.service.billed.values()) <= {1}
        if not deaths and not beside and all(_has_room(caps, line) for line in lines) and _holds_all(caps, lines):
            assert world.states(processes[0]) == undisturbed(lines, seed)[0]


def _has_room(caps: Caps, line: str) -> bool:
    (member,) = plan_of(line.partition(" <")[0]).members.values()
    return all(cap.allows(member.take_cost * member.step.takes) for cap in caps.step) and all(
        cap.allows(member.take_cost) for cap in caps.take
    )


def _holds_all(caps: Caps, lines: tuple[str, ...]) -> bool:
    return all(cap.allows(plan_of(*lines).estimate) for cap in caps.run)


@given(storyboards(), seeds, fault_sets, several_caps(), st.lists(st.integers(0, 60), min_size=1, max_size=3))
@examples(20)
def test_what_earlier_runs_meant_to_send_is_not_bought_past_caps_that_became_smaller(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], caps: Caps, deaths: list[int]
) -> None:
    with world_of(lines, seed, wrong) as world:
        for lives in deaths:
            world.play(world.start(lives))
        world.caps = caps  # what earlier runs have sent is gone on with, and weighs on them
        world.play(world.start())
        assert set(world.service.billed.values()) <= {1}


@given(storyboards(), seeds, fault_sets, st.integers(1, 3))
@examples(12)
def test_few_jobs_at_once_change_nothing_but_time(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], jobs: int
) -> None:
    with world_of(lines, seed, wrong) as world:
        process = world.start(jobs=jobs)
        world.play(process)
        assert end_of(world, process) == undisturbed(lines, seed)


@given(
    storyboards(),
    seeds,
    fault_sets,
    st.sampled_from(stops),
    st.lists(st.integers(0, 60), min_size=1, max_size=3),
)
@examples(20)
def test_runs_that_the_provider_stopped_are_gone_on_with_when_it_serves_again(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], stopped_by: AnswerClass, deaths: list[int]
) -> None:
    with world_of(lines, seed, wrong) as world:
        world.service.stopped_by = stopped_by
        for lives in deaths:
            world.play(world.start(lives), world.start())
        world.service.stopped_by = None
        process = world.start()
        world.play(process)
        assert set(world.service.billed.values()) <= {1}
        assert end_of(world, process) == undisturbed(lines, seed)


@given(storyboards(shared=False), seeds, fault_sets, st.lists(st.integers(0, 60), min_size=1, max_size=3))
@examples(20)
def test_a_lost_ledger_buys_nothing_again(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], deaths: list[int]
) -> None:
    with world_of(lines, seed, wrong) as world:
        for lives in deaths:
            world.play(world.start(lives))
            world.lose_ledger()
        process = world.start()
        world.play(process)
        assert set(world.service.billed.values()) <= {1}
        assert end_of(world, process) == undisturbed(lines, seed)
