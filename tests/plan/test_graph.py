"""The graph of members: order, neighbours, what is needed, and the longest chain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.plan.graph import Chain, Graph
from tests.run.paper_plan import plan_of

diamond = Graph(
    ("top", "left", "right", "end", "alone"), [("top", "left"), ("top", "right"), ("left", "end"), ("right", "end")]
)
seconds = {"top": 10.0, "left": 5.0, "right": 20.0, "end": 1.0, "alone": 30.0}


def test_members_stand_after_what_they_need_and_else_as_written() -> None:
    assert diamond.order == ("top", "left", "right", "end", "alone")
    assert Graph(("b", "a", "c"), [("c", "b")]).order == ("a", "c", "b")


def test_neighbours_are_told_in_the_order_they_were_named() -> None:
    assert (diamond.above("end"), diamond.below("top")) == (("left", "right"), ("left", "right"))


def test_a_member_brings_everything_it_needs() -> None:
    assert diamond.with_all_above(["left"]) == {"left", "top"}
    assert diamond.with_all_above(["end", "alone"]) == set(diamond.order)


def test_a_tail_is_the_longest_chain_to_an_end() -> None:
    assert diamond.remaining(seconds) == {"top": 31.0, "left": 6.0, "right": 21.0, "end": 1.0, "alone": 30.0}


def test_the_critical_path_leaves_out_what_takes_no_time() -> None:
    assert diamond.critical_path(seconds) == Chain(("top", "right", "end"), 31.0)
    assert diamond.critical_path({**seconds, "end": 0.0}) == Chain(("top", "right"), 30.0)
    assert diamond.critical_path({}) == Chain((), 0.0)


def test_wires_and_after_become_edges() -> None:
    storyboard = plan_of("hero: image", "clip: video < hero").storyboard
    assert Graph.of(storyboard).above("clip") == ("hero",)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40), st.permutations(range(13)))
def test_every_order_respects_every_edge(pairs: list[tuple[int, int]], names: list[int]) -> None:
    members = tuple(f"m{name}" for name in names)
    edges = [(members[min(pair)], members[max(pair)]) for pair in pairs if pair[0] != pair[1]]
    graph = Graph(members, edges)
    places = {member: place for place, member in enumerate(graph.order)}
    assert sorted(places) == sorted(members)
    assert all(places[above] < places[below] for above, below in edges)
