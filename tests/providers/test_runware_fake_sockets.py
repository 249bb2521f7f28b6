"""Runware's fake over WebSockets, with a real client on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from kling_pipe.providers.runware.fake import RunwareFake
from kling_pipe.providers.runware.fake_media import uuid_of
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.server import application, serving
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from tests.paper_studio import PaperStudio
from tests.simulator.test_server import Pinhole

pytestmark = pytest.mark.anyio

sign_in = {"taskType": "authentication", "apiKey": "simulated-key"}
ping = {"taskType": "ping", "ping": True}
still = {"taskType": "imageInference", "model": "klingai:kling-image@3", "positivePrompt": "a boat"}
boat = {"taskType": "videoInference", "model": "klingai:kling-video@3-pro", "positivePrompt": "a boat"}
wide = {"width": 1360, "height": 768}
full = {"width": 1920, "height": 1080}


@dataclass
class Line:
    """A served world and its address."""

    world: World
    url: str

    @asynccontextmanager
    async def talk(self, *first: object) -> AsyncIterator[Talk]:
        address = self.url.replace("http://", "ws://") + "/runware/v1"
        async with connect(address, proxy=None) as connection:
            talk = Talk(connection)
            if first:
                await talk.say(*first)
            yield talk


@dataclass
class Talk:
    """A connection that sends arrays and hears envelopes."""

    connection: ClientConnection

    async def say(self, *tasks: object) -> None:
        await self.connection.send(json.dumps(tasks))

    async def hear(self) -> Any:
        async with asyncio.timeout(10):
            return json.loads(await self.connection.recv())

    async def ask(self, *tasks: object) -> Any:
        await self.say(*tasks)
        return await self.hear()


@asynccontextmanager
async def line_at(path: Path, *faults: str, silence: float = 120.0) -> AsyncIterator[Line]:
    settings = Settings.parse([("speed", "1000"), *(("fault", one) for one in faults)])
    world = World(settings, ScaledClock(), PaperStudio(), str(path))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    app = application(world, [Pinhole(), RunwareFake(silence)])
    server = asyncio.create_task(serving(app, "127.0.0.1", 0, ready.set_result))
    try:
        yield Line(world, await ready)
    finally:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
        world.close()


def named(task: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    return {**task, "taskUUID": uuid_of(name), **more}


async def test_a_client_signs_in_and_pings(tmp_path: Path) -> None:
    async with line_at(tmp_path) as line, line.talk() as talk:
        early = await talk.ask(ping)
        wrong = await talk.ask({**sign_in, "apiKey": "other"})
        first = await talk.ask(sign_in)
        pong = await talk.ask(ping)
        await talk.connection.send("no json")
        nonsense = await talk.hear()
    assert [answer["errors"][0]["code"] for answer in (early, wrong, nonsense)] == [
        "missingApiKey", "invalidApiKey", "invalidRequestBody",
    ]  # fmt: skip
    assert list(first["data"][0]) == ["taskType", "connectionSessionUUID"]
    assert pong == {"data": [{"taskType": "ping", "pong": True}]}


async def test_results_are_pushed_when_they_are_there(tmp_path: Path) -> None:
    async with line_at(tmp_path) as line, line.talk() as talk:
        await talk.ask(sign_in)
        picture, clip = named(still, "picture", **wide), named(boat, "clip", **full, includeCost=True)
        acknowledged = await talk.ask(picture, clip)
        pushed = [(await talk.hear())["data"][0] for _ in range(2)]
        async with httpx.AsyncClient(trust_env=False) as client:
            file = await client.get(pushed[0]["imageURL"])
    assert acknowledged == {"data": [{"taskType": "videoInference", "taskUUID": clip["taskUUID"]}]}
    assert [item["taskUUID"] for item in pushed] == [picture["taskUUID"], clip["taskUUID"]]
    assert (file.status_code, pushed[1]["cost"]) == (200, 0.56)


async def test_a_session_goes_on_with_what_was_made_meanwhile(tmp_path: Path) -> None:
    async with line_at(tmp_path) as line:
        async with line.talk(sign_in) as talk:
            session = (await talk.hear())["data"][0]["connectionSessionUUID"]
            await talk.ask(named(boat, "clip", **full))
        async with line.talk({**sign_in, "connectionSessionUUID": session}) as talk:
            again = (await talk.hear())["data"][0]["connectionSessionUUID"]
            pushed = (await talk.hear())["data"][0]
            conflict = await talk.ask(named(boat, "clip", **full))
        async with line.talk({**sign_in, "connectionSessionUUID": "of another world"}) as talk:
            other = (await talk.hear())["data"][0]["connectionSessionUUID"]
            assert await talk.ask(ping) == {"data": [{"taskType": "ping", "pong": True}]}
    assert (again == session, other == session) == (True, False)
    assert pushed["taskUUID"] == uuid_of("clip")
    assert conflict["errors"][0]["code"] == "conflictTaskUUID"
    assert len(line.world.bills()) == 1


async def test_a_late_failure_is_pushed_with_its_error(tmp_path: Path) -> None:
    async with line_at(tmp_path, "failed-late=#1") as line, line.talk(sign_in) as talk:
        await talk.hear()
        await talk.ask(named(boat, "clip", **full))
        (error,) = (await talk.hear())["errors"]
    assert (error["code"], error["status"], error["taskUUID"]) == ("inferenceError", "error", uuid_of("clip"))


async def test_a_silent_connection_is_closed(tmp_path: Path) -> None:
    async with line_at(tmp_path, silence=0.05) as line, line.talk(sign_in) as talk:
        await talk.hear()
        with pytest.raises(ConnectionClosed):
            await talk.hear()


async def test_a_lost_answer_drops_the_connection_and_the_task_is_there(tmp_path: Path) -> None:
    async with line_at(tmp_path, "lost-after=create:#1", "throttled=create:#2") as line:
        async with line.talk(sign_in) as talk:
            await talk.hear()
            with pytest.raises(ConnectionClosed):
                await talk.ask(named(boat, "clip", **full))
        async with line.talk(sign_in) as talk:
            await talk.hear()
            throttled = await talk.ask(named(boat, "clip", **full))
            conflict = await talk.ask(named(boat, "clip", **full))
    codes = [answer["errors"][0]["code"] for answer in (throttled, conflict)]
    assert codes == ["rateLimitExceeded", "conflictTaskUUID"]
    assert len(line.world.bills()) == 1
