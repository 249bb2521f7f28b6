"""The ledger off the event loop: what it was asked to record is recorded, whoever stops waiting for it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from kling_pipe.edge.book import LedgerBook
from tests.edge.jobs_on_paper import Office, job_of, life
from tests.patience import patience

pytestmark = pytest.mark.anyio


async def test_what_waits_for_its_turn_is_recorded_though_nobody_waits_for_it(tmp_path: Path) -> None:
    """What was fetched is paid for, so its record outlives the patience of an end."""
    office, job, gate = Office(tmp_path), job_of(), threading.Event()
    office.ledger.claim(job, "run", office.now, intend=True)
    book = LedgerBook(office.ledger, "run", lambda: gate.wait(patience) and 100.0)
    slow = asyncio.create_task(book.claim(job_of("r2"), intend=False, explanation=""))
    behind = asyncio.create_task(book.record(life(job)))
    await asyncio.sleep(0)
    behind.cancel()
    gate.set()
    await slow
    book.close()
    assert [str(row.state) for row in office.ledger.all_jobs()] == ["done"]
