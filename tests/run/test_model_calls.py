"""What must hold of calls that carry no id: none is sent again by itself, whatever happens, and the end is the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass
from tests.chances import examples
from tests.run.model_calls import CallWorld
from tests.run.model_world import Process, about_creates
from tests.run.test_model_world import memory, seeds, stops

pytestmark = pytest.mark.slow
faults = st.frozensets(
    st.sampled_from(("throttled", "unreachable", "unsent", "lost-after", "shown-late", "unmentioned"))
)
deaths = st.lists(st.integers(0, 60), max_size=4)


@st.composite
def storyboards(draw: st.DrawFn) -> tuple[str, ...]:
    """Up to six steps, wired to steps above them: tasks, calls, and tasks that calls come before."""
    lines: list[str] = []
    names: list[str] = []
    for number in range(draw(st.integers(1, 6))):
        name = draw(st.sampled_from(("said", "sung", "step"))) + str(number)
        above = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        wires = f" < {' '.join(above)}" if above else ""
        lines.append(f'{name}: video "{name}"{wires}')
        names.append(name)
    return tuple(lines)


@contextmanager
def world_of(lines: tuple[str, ...], seed: int, wrong: frozenset[str]) -> Iterator[CallWorld]:
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        world = CallWorld(folder, lines, seed, wrong)
        try:
            yield world
        finally:
            world.ledger.close()


def holds(world: CallWorld, process: Process, *, fails: bool = False) -> None:
    """Everything is made; every task is paid for once; a call as often as somebody knew. After a task that `fails` the
    next attempt needs its calls anew."""
    assert set(world.states(process).values()) == {State.DONE}
    assert world.unknowing() == {}
    twice = {recipe for (recipe, _), count in world.service.billed.items() if count > 1}
    assert all(task.job.member.startswith("said") for task in world.service.tasks.values() if task.job.recipe in twice)
    if not fails:
        assert world.service.calls.total() == _least(world) + world.repeated.total()


def _least(world: CallWorld) -> int:
    """The calls that the storyboard needs."""
    names = [line.partition(":")[0] for line in world.lines]
    return sum(1 if name.startswith("said") else 2 if name.startswith("sung") else 0 for name in names)


@given(storyboards(), seeds, faults, deaths)
@examples(45)
def test_a_call_without_an_id_is_sent_again_by_somebodys_word_only(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], lives: list[int]
) -> None:
    with world_of(lines, seed, wrong) as world:
        for life in lives:
            world.play(world.start(life))
        holds(world, world.finish())


@given(storyboards(), seeds, faults, st.one_of(st.none(), st.integers(0, 60)))
@examples(25)
def test_two_runs_beside_each_other_share_their_calls(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], life: int | None
) -> None:
    with world_of(lines, seed, wrong) as world:
        world.play(world.start(life), world.start())
        holds(world, world.finish())


@given(storyboards(), seeds, faults, st.sampled_from(stops), deaths)
@examples(25)
def test_calls_that_the_provider_refused_for_all_are_made_when_it_serves_again(
    lines: tuple[str, ...], seed: int, wrong: frozenset[str], stopped_by: AnswerClass, lives: list[int]
) -> None:
    with world_of(lines, seed, wrong) as world:
        world.service.stopped_by = stopped_by
        for life in [*lives, None]:
            world.play(world.start(life), world.start())
        world.service.stopped_by = None
        holds(world, world.finish(), fails=stopped_by in about_creates)


@given(storyboards(), seeds, st.one_of(st.none(), st.sampled_from(stops)))
@examples(25)
def test_without_lost_answers_and_deaths_nothing_is_in_doubt(
    lines: tuple[str, ...], seed: int, stopped_by: AnswerClass | None
) -> None:
    with world_of(lines, seed, frozenset({"throttled", "unsent", "shown-late", "unmentioned"})) as world:
        world.service.stopped_by = stopped_by
        world.play(world.start(), world.start())
        world.service.stopped_by = None
        world.finish()
        assert world.doubts == 0
