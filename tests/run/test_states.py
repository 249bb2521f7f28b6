"""The table of moves: every move it names, none beside it, and a drawing that agrees."""

from __future__ import annotations

import itertools
import re

import pytest

from kling_pipe import events
from kling_pipe.run import states
from kling_pipe.run.states import State, after, ends, moves


@pytest.mark.parametrize(("start", "kind"), moves, ids=lambda value: getattr(value, "name", str(value)))
def test_a_move_of_the_table_is_made(start: State, kind: type[events.Event]) -> None:
    assert after(start, kind(0.0, "step")) is moves[start, kind]


@pytest.mark.parametrize("start", State)
def test_no_other_move_is_made(start: State) -> None:
    strangers = [kind for kind in events.event_types.values() if (start, kind) not in moves]
    for kind in strangers:
        with pytest.raises(ValueError, match=re.escape(f"no move from `{start}` by `{kind.name}`")):
            after(start, kind(0.0, "step"))


def test_nothing_leaves_an_end() -> None:
    assert {start for start, _ in moves} & ends == set()


def test_every_state_is_reached_and_every_other_one_is_left() -> None:
    assert set(moves.values()) | {State.WAITING} == set(State)
    assert {start for start, _ in moves} == set(State) - ends


def test_the_drawing_names_only_moves_of_the_table_and_every_state_of_a_job() -> None:
    drawing = str(states.__doc__)
    chain = re.findall(r"\w+", drawing.split("\n")[2])
    pairs = {(str(start), str(end)) for (start, _), end in moves.items()}
    assert set(itertools.pairwise(chain)) <= pairs
    words = {str(state) for state in State} - {State.BLOCKED, State.REFUSED}
    assert {word for word in words if word not in drawing} == set()
