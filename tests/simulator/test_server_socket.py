"""The world on a real socket: a dropped answer closes the connection, a truncated file ends early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.server import application, serving
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from tests.paper_studio import PaperStudio
from tests.simulator.test_server import Pinhole, made_url

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def listening(path: Path, *faults: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings.parse([("fault", fault) for fault in faults])
    world = World(settings, ScaledClock(1000), PaperStudio(), str(path))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serving(application(world, [Pinhole()]), "127.0.0.1", 0, ready.set_result))
    try:
        async with httpx.AsyncClient(base_url=await ready, trust_env=False) as client:
            yield client
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
        world.close()


async def test_a_dropped_answer_closes_the_connection(tmp_path: Path) -> None:
    async with listening(tmp_path, "lost-before=#1", "lost-after=#2") as client:
        for _ in range(2):
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await client.post("/make")
        assert len((await client.get("/simulator/bills")).json()["bills"]) == 1


async def test_a_truncated_download_breaks_off(tmp_path: Path) -> None:
    async with listening(tmp_path, "truncated=#1") as client:
        url = await made_url(client)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)
        whole = await client.get(url)
        part = await client.get(url, headers={"range": f"bytes={len(whole.content) // 2}-"})
    assert (part.status_code, part.content) == (206, whole.content[len(whole.content) // 2 :])
