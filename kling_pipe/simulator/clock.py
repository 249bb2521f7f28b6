"""The simulated world's clock: its own seconds, which may run faster than real ones.

Tasks, quotas and expiry are counted in simulated seconds; whatever a client sees or sends (`created_at`, a token's
`exp`, a query's window) is a real Unix time, so `stamp` leads from one to the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What the world needs of time."""

    def now(self) -> float:
        """Simulated Unix seconds."""

    def stamp(self, moment: float) -> float:
        """The real Unix time at which a simulated moment is, was or will be."""

    def moment(self, stamp: float) -> float:
        """The simulated moment of a real Unix time: `stamp` the other way round."""

    async def sleep(self, seconds: float) -> None:
        """Lets simulated seconds pass."""

    def at(self, speed: float) -> Clock:
        """A clock like this one that runs at another speed."""


class ScaledClock:
    """Simulated seconds = real seconds × speed, counted from the moment the clock was made."""

    def __init__(self, speed: float = 1.0, wall: Callable[[], float] = time.time) -> None:
        if speed <= 0:
            raise ValueError(f"the speed must be more than 0: {speed:g}")
        self._speed = speed
        self._wall = wall
        self._start = wall()

    def now(self) -> float:
        return self._start + (self._wall() - self._start) * self._speed

    def stamp(self, moment: float) -> float:
        return self._start + (moment - self._start) / self._speed

    def moment(self, stamp: float) -> float:
        return self._start + (stamp - self._start) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

    def at(self, speed: float) -> ScaledClock:
        return ScaledClock(speed, self._wall)


class ManualClock:
    """Stands still until it is told to go on; sleepers move it themselves."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def stamp(self, moment: float) -> float:
        return moment

    def moment(self, stamp: float) -> float:
        return stamp

    def advance(self, seconds: float) -> None:
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def at(self, speed: float) -> ManualClock:
        return self
