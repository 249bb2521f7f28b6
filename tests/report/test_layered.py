"""Boxes in layers: nobody overlaps, wires lead to the right, few cross."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from kling_pipe.report.layered import Layout, Spacing, laid_out
from tests.chances import examples

size = (100.0, 40.0)


def drawn(*edges: str, alone: str = "") -> Layout:
    pairs = [(edge[0], edge[1]) for edge in edges]
    return laid_out(dict.fromkeys(sorted({*"".join(edges), *alone}), size), pairs)


def test_a_chain_is_a_row() -> None:
    layout = drawn("ab", "bc")
    assert layout.corners == {"a": (0.0, 0.0), "b": (172.0, 0.0), "c": (344.0, 0.0)}
    assert (layout.width, layout.height) == (444.0, 40.0)


def test_a_line_over_a_layer_passes_beside_its_boxes() -> None:
    layout = drawn("ab", "bc", "ac")
    ((x, y), (u, v)) = layout.passes[("a", "c")]
    left, top = layout.corners["b"]
    assert (x, u, y) == (left, left + 100.0, v)
    assert not top - 5 < y < top + 45


def test_crossed_pairs_are_uncrossed() -> None:
    assert drawn("ah", "bg", "cf", "de").crossings == 0


def test_what_cannot_be_uncrossed_is_counted() -> None:
    assert drawn("ac", "ad", "bc", "bd").crossings == 1


def test_what_needs_nothing_stands_just_before_its_user() -> None:
    layout = drawn("ab", "bd", "cd")
    assert layout.corners["c"][0] == layout.corners["b"][0]


def test_nothing_at_all_takes_no_room() -> None:
    assert laid_out({}, []) == Layout({}, {}, {}, 0.0, 0.0, 0)


graphs = some.integers(1, 14).flatmap(
    lambda count: some.tuples(
        some.lists(some.tuples(some.floats(10, 300), some.floats(10, 300)), min_size=count, max_size=count),
        some.lists(some.tuples(some.integers(0, count - 1), some.integers(0, count - 1)), max_size=30),
    )
)


@examples(25)
@given(graphs)
def test_boxes_never_overlap_and_wires_never_lead_back(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, found = graph
    boxes = {str(place): one for place, one in enumerate(sizes)}
    edges = [(str(above), str(below)) for above, below in found if above < below]
    layout, gap = laid_out(boxes, edges), Spacing().boxes
    assert layout == laid_out(boxes, edges)
    for name, (x, y) in layout.corners.items():
        width, height = boxes[name]
        assert 0 <= x <= x + width <= layout.width + 0.01
        assert -0.01 <= y <= y + height <= layout.height + 0.01
        for other, (u, v) in layout.corners.items():
            if other > name and u < x + width and x < u + boxes[other][0]:
                assert v + boxes[other][1] + gap - 0.01 <= y or y + height + gap - 0.01 <= v
    for above, below in edges:
        assert layout.corners[above][0] + boxes[above][0] < layout.corners[below][0]
