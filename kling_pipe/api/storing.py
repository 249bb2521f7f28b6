"""Services' own storages as a run uses them: each content is put there once for an account, and remembered.

To put a file there costs nothing and may be repeated. It goes out like a create, only after the claim.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kling_pipe.edge.book import LedgerBook
from kling_pipe.edge.ledger_uploads import Account
from kling_pipe.edge.store import file_digest
from kling_pipe.edge.uploads import mime_of, named, verified
from kling_pipe.run.exchange import Line, Pause, ask, most_tries
from kling_pipe.run.ports import Clock
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Material
from kling_pipe.values.transfer import Handed, NotUploaded, Uploaded

most_at_once = 6  # uploads
large_bytes = 8 << 20


class Memory(Protocol):
    """What is known of an account's storage, by content."""

    async def recall(self, digest: str) -> Handed | None: ...

    async def remember(self, digest: str, uploaded: Uploaded) -> None: ...

    async def forget(self, digest: str) -> None: ...


class LedgerMemory:
    """Kept from run to run."""

    def __init__(self, book: LedgerBook, account: Account, now: Callable[[], float]) -> None:
        self._book = book
        self._account = account
        self._now = now

    async def recall(self, digest: str) -> Handed | None:
        return await self._book.ask(lambda ledger: ledger.uploaded(self._account, digest, self._now()))

    async def remember(self, digest: str, uploaded: Uploaded) -> None:
        await self._book.ask(lambda ledger: ledger.remember_upload(self._account, digest, uploaded, self._now()))

    async def forget(self, digest: str) -> None:
        await self._book.ask(lambda ledger: ledger.forget_upload(self._account, digest))


class PassingMemory:
    """Kept as long as the run: a simulated storage is a new one in the next."""

    def __init__(self) -> None:
        self._known: dict[str, Handed] = {}

    async def recall(self, digest: str) -> Handed | None:
        return self._known.get(digest)

    async def remember(self, digest: str, uploaded: Uploaded) -> None:
        self._known[digest] = uploaded.handed

    async def forget(self, digest: str) -> None:
        self._known.pop(digest, None)


class ServiceStorage:
    """One account's storage."""

    def __init__(self, line: Line, memory: Memory, clock: Clock, pause: Pause) -> None:
        self._line = line
        self._memory = memory
        self._clock = clock
        self._pause = pause
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # two steps may need one file
        self._room = asyncio.Semaphore(most_at_once)
        self._room_of_large = asyncio.Semaphore(1)  # each holds its file in memory, more than once
        self._put_here: set[str] = set()  # by this run, so there is no doubt about them

    async def put(self, path: str, digest: str, material: Material, *, anew: bool) -> Handed:
        content = digest or await asyncio.to_thread(file_digest, path)
        async with self._turns[content]:
            if anew:
                await self.doubt(path, content)
            known = await self._memory.recall(content)
            if known is not None:
                return replace(known, remembered=content not in self._put_here)
            is_large = await asyncio.to_thread(os.path.getsize, path) > large_bytes
            async with self._room_of_large if is_large else self._room:
                uploaded = await self._upload(path, digest, material)
            self._put_here.add(content)
            await self._memory.remember(content, uploaded)
            return uploaded.handed

    async def doubt(self, path: str, digest: str) -> None:
        content = digest or await asyncio.to_thread(file_digest, path)
        if content not in self._put_here:
            await self._memory.forget(content)

    async def _upload(self, path: str, digest: str, material: Material) -> Uploaded:
        provider = self._line.provider
        name, _ = await asyncio.to_thread(named, path, digest, material)
        data = await asyncio.to_thread(verified, path, digest, material.field)
        for _ in range(most_tries):
            request = provider.upload(name, mime_of(name, material), data)
            answer = await ask(self._line, request, provider.read_upload, self._clock, self._pause)
            if not _is_there_unnamed(answer):
                break
        if isinstance(answer, Refusal):
            answer = replace(answer, answer=AnswerClass.TRANSIENT) if _is_there_unnamed(answer) else answer
            message = f"the service did not take `{material.field}` into its storage: {answer.message}"
            raise NotUploaded(replace(answer, message=message))
        return answer


def _is_there_unnamed(answer: Uploaded | Refusal) -> bool:
    """Whether an answer was lost and the same request went again: what lies there has a name that nobody heard, so that
    it is put there once more. It says nothing of the create."""
    return isinstance(answer, Refusal) and answer.answer is AnswerClass.EXISTS
