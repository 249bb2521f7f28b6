"""The machine's clock, as a thing that is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable


class RealClock:
    """Unix seconds that never go back: when the machine's clock is set back, they go on from where they were, so that
    no pause grows by the difference and nothing of a run seems older than the run."""

    def __init__(self, told: Callable[[], float] = time.time) -> None:
        self._told = told
        self._ahead = 0.0
        self._last = 0.0

    def now(self) -> float:
        told = self._told()
        self._ahead = max(self._ahead, self._last - told)
        self._last = max(self._last, told + self._ahead)
        return self._last
