"""The ledger off the event loop: one thread does all its work, in the order it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kling_pipe.edge.ledger import Ledger
from kling_pipe.events import Event
from kling_pipe.values.claim import Claim
from kling_pipe.values.job import Job
from kling_pipe.values.money import Cap

Answer = TypeVar("Answer")


class LedgerBook:
    """A ledger bound to one run; `now` tells the time that claims are dated with."""

    def __init__(self, ledger: Ledger, run: str, now: Callable[[], float]) -> None:
        self._ledger = ledger
        self._run = run
        self._now = now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def claim(self, job: Job, *, intend: bool, cap: Cap | None, explanation: str) -> Claim:
        return await self._do(
            lambda: self._ledger.claim(job, self._run, self._now(), intend=intend, cap=cap, explanation=explanation)
        )

    async def record(self, events: Sequence[Event]) -> None:
        await self._do(lambda: self._ledger.record(self._run, events))

    async def renew(self) -> None:
        await self._do(lambda: self._ledger.renew(self._run))

    async def _do(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Waits for what was asked for."""
        self._thread.shutdown(wait=True)
