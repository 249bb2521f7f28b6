"""The ledger off the event loop: one thread does all its work, in the order it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kling_pipe.edge.ledger import Ledger
from kling_pipe.events import Event
from kling_pipe.values.claim import Claim
from kling_pipe.values.job import Artifact, Job
from kling_pipe.values.money import Caps, no_caps

Answer = TypeVar("Answer")


class LedgerBook:
    """A ledger bound to one run; `now` tells the time that claims are dated with, `holds` whether a file is there."""

    def __init__(
        self,
        ledger: Ledger,
        run: str,
        now: Callable[[], float],
        holds: Callable[[Artifact], bool] = lambda _artifact: True,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._now = now
        self._holds = holds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def claim(self, job: Job, *, intend: bool, caps: Caps = no_caps, explanation: str = "") -> Claim:
        return await self._do(lambda: self._claim(job, intend=intend, caps=caps, explanation=explanation))

    async def record(self, events: Sequence[Event]) -> None:
        await self._do(lambda: self._ledger.record(self._run, events))

    async def renew(self) -> None:
        await self._do(lambda: self._ledger.renew(self._run))

    async def ask(self, question: Callable[[Ledger], Answer]) -> Answer:
        """What the ledger answers once all that came before is written."""
        return await self._do(lambda: question(self._ledger))

    def _claim(self, job: Job, *, intend: bool, caps: Caps, explanation: str) -> Claim:
        """The ledger's answer; what it calls made and the store has lost is taken back first, to be fetched again."""
        claim = self._ledger.claim(job, self._run, self._now(), intend=intend, caps=caps, explanation=explanation)
        lost = [artifact.key for artifact in claim.artifacts if not self._holds(artifact)]
        if not lost:
            return claim
        self._ledger.reopen(lost)
        return self._ledger.claim(job, self._run, self._now(), intend=intend, caps=caps, explanation=explanation)

    async def _do(self, work: Callable[[], Answer]) -> Answer:
        """Done in its turn also when the caller stops waiting: what was paid for must not go unrecorded."""
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))

    def close(self) -> None:
        """Waits for what was asked for."""
        self._thread.shutdown(wait=True)
