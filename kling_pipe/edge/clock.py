"""The machine's clock, as a thing that is handed in."""

from __future__ import annotations

import time


class RealClock:
    """Unix seconds."""

    def now(self) -> float:
        return time.time()
