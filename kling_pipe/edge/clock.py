"""Time as a thing that is handed in: the real one, and one that runs at a chosen speed."""

from __future__ import annotations

import asyncio
import time


class RealClock:
    """The machine's clock."""

    speed = 1.0

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class ScaledClock:
    """A clock that starts at `origin` (Unix seconds) and runs `speed` times as fast as the machine's."""

    def __init__(self, speed: float, origin: float | None = None) -> None:
        if speed <= 0:
            raise ValueError(f"speed must be above 0: {speed}")
        self.speed = speed
        self._origin = time.time() if origin is None else origin
        self._started = time.monotonic()

    def now(self) -> float:
        return self._origin + (time.monotonic() - self._started) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)
