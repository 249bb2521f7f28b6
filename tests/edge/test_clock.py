"""The clock of a run: it goes on when the machine's clock is set back, and follows it when it is set forward."""

from __future__ import annotations

from kling_pipe.edge.clock import RealClock


def test_a_clock_that_is_set_back_neither_stops_nor_goes_back() -> None:
    told = iter([1000.0, 1010.0, 400.0, 405.0])
    clock = RealClock(lambda: next(told))
    assert [clock.now() for _ in range(4)] == [1000.0, 1010.0, 1010.0, 1015.0]


def test_a_clock_that_is_set_forward_is_followed() -> None:
    told = iter([1000.0, 9000.0, 9001.0])
    clock = RealClock(lambda: next(told))
    assert [clock.now() for _ in range(3)] == [1000.0, 9000.0, 9001.0]
