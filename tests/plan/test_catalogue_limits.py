"""Types of parameters on data of their own: numbers in steps, and lists that are closed."""

from __future__ import annotations

import pytest

from kling_pipe.plan.catalogue_limits import compile_limit
from kling_pipe.plan.catalogue_words import limit_words

lists = {"old": frozenset({"walk", "run"}), "late": frozenset({"jump"})}
halves: dict[str, object] = {"type": "number", "min": 3, "max": 10, "step": 0.5}
moves: dict[str, object] = {"type": "closed", "lists": ["old", "late"]}


@pytest.mark.parametrize(
    ("limit", "value", "fine"),
    [
        (halves, 3, True), (halves, 9.5, True), (halves, 3.1, False), (halves, 2.5, False),
        ({"type": "number", "min": 0, "max": 1, "step": 0.05}, 0.15, True),
        ({"type": "number", "min": 0, "max": 1, "step": 0.1}, 0.7, True),
        ({"type": "number", "min": 0, "max": 1, "step": 0.1}, 0.75, False),
        (moves, "run", True), (moves, "jump", True), (moves, "fly", False), (moves, 1, False),
    ],
)  # fmt: skip
def test_what_is_taken(limit: dict[str, object], value: object, fine: bool) -> None:
    found = compile_limit("key", limit, "", lists)("m", {"key": value})
    assert ([] if fine else ["error"]) == [str(one.severity) for one in found]


def test_what_is_said() -> None:
    (step,) = compile_limit("pause", halves)("m", {"pause": 3.2})
    assert (step.code, step.message) == (
        "out-of-range", "`pause` of `m` is a number from 3 to 10 in steps of 0.5, not 3.2",
    )  # fmt: skip
    (name,) = compile_limit("move", moves, "", lists)("m", {"move": "runn"})
    assert (name.code, name.message, name.hint) == (
        "not-offered", "`move` of `m` is one of 3 names, not `runn`", "did you mean `run`?",
    )  # fmt: skip
    assert [limit_words(halves), limit_words(moves)] == ["3 to 10, in steps of 0.5", "one of a list"]
