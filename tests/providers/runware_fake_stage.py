"""Runware's fake on a paper world with a clock that stands still; what the tests of the fake stand on."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kling_pipe.providers.runware.fake import RunwareFake
from kling_pipe.providers.runware.fake_media import uuid_of
from kling_pipe.simulator.callbacks import Post
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.inputs import Fetch
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.studio import Studio
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts, MediaType
from tests.paper_studio import PaperStudio, clip, paper, picture

Task = dict[str, Any]


@dataclass
class Stage:
    """A world, its clock, and a client that holds the API key."""

    world: World
    clock: ManualClock
    client: httpx.AsyncClient
    count: int = field(default=0)

    def uuid(self) -> str:
        """A taskUUID that was not used before."""
        self.count += 1
        return uuid_of("test", str(self.count))

    def task(self, kind: str, **more: Any) -> Task:
        """A task object with a fresh taskUUID."""
        return {"taskType": kind, "taskUUID": self.uuid(), **more}

    async def post(self, *tasks: object, **headers: str) -> Any:
        """The envelope that answers an array."""
        return (await self.client.post("/v1", json=list(tasks), headers=headers)).json()

    async def poll(self, *uuids: str) -> Any:
        return await self.post(*({"taskType": "getResponse", "taskUUID": uuid} for uuid in uuids))

    async def done(self, task: Task) -> Any:
        """The one item of an asynchronous task after its whole time."""
        ack = await self.post(task)
        assert ack == {"data": [{"taskType": task["taskType"], "taskUUID": task["taskUUID"]}]}, ack
        self.clock.advance(5000)
        answer = await self.poll(task["taskUUID"])
        assert list(answer) == ["data"], answer
        (item,) = answer["data"]
        return item

    async def refusal(self, task: Task) -> str:
        """`status/code parameter: message` of a task that must not go through."""
        before = self.world.tasks()
        answer = await self.client.post("/v1", json=[task])
        data = answer.json()
        assert list(data) == ["errors"], data
        assert self.world.tasks() == before
        (error,) = data["errors"]
        return f"{answer.status_code}/{error['code']} {error.get('parameter', '')}: {error['message']}"

    async def store(self, data: bytes) -> str:
        """Uploads a file through `mediaStorage` and returns its UUID."""
        task = self.task("mediaStorage", operation="upload", media=base64.b64encode(data).decode())
        uuid: str = (await self.post(task))["data"][0]["mediaUUID"]
        return uuid


@asynccontextmanager
async def runware_at(
    path: Path,
    *settings: tuple[str, str],
    key: str = "simulated-key",
    fetch: Fetch | None = None,
    post: Post | None = None,
    studio: Studio | None = None,
    journal: str = "",
) -> AsyncIterator[Stage]:
    """The service on its own world, at the root."""
    clock = ManualClock()
    world = World(Settings.parse(settings), clock, studio or PaperStudio(), str(path), fetch, journal, post)
    transport = httpx.ASGITransport(app=application(world, [RunwareFake()]))
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://runware.test", headers=headers) as client:
        os.makedirs(world.uploads, exist_ok=True)
        for name, data in uploads.items():
            with open(os.path.join(world.uploads, name), "wb") as file:  # noqa: ASYNC230  # quicker than by a request
                file.write(data)
        yield Stage(world, clock, client)
    world.close()


def at(name: str) -> str:
    """The address of a file that lies in the world's own place."""
    return f"http://runware.test/uploads/{name}"


def sound(seconds: float, kind: str = "mp3", size: int = 0) -> bytes:
    return paper(MediaFacts(MediaType.AUDIO, kind, size, seconds=seconds, has_sound=True))


def mute(seconds: float) -> bytes:
    return paper(MediaFacts(MediaType.VIDEO, "mp4", 0, 1280, 720, seconds, 24.0))


_megabyte = 1024 * 1024
uploads = {
    "wide.png": picture(1600, 900),
    "tall.jpg": picture(900, 1600, kind="jpeg"),
    "square.webp": picture(1000, 1000, kind="webp"),
    "small.png": picture(299, 400),
    "large.png": picture(2049, 1200),
    "thin.png": picture(1000, 300),
    "scan.tiff": picture(kind="tiff"),
    "eleven.png": picture(size=11 * _megabyte),
    "heavy.png": picture(size=33 * _megabyte),
    "dance.mp4": clip(5.0),
    "brief.mp4": clip(2.5),
    "hop.mp4": clip(1.0),
    "long.mp4": clip(12.0),
    "endless.mp4": clip(61.0),
    "half-minute.mp4": clip(31.0),
    "narrow.mp4": clip(5.0, 300, 600),
    "vast.mp4": clip(5.0, 3000, 4000),
    "plain.mp4": mute(6.0),
    "talk.mp4": clip(6.0),
    "heavy.mp4": clip(5.0, size=33 * _megabyte),
    "huge.mp4": clip(5.0, size=101 * _megabyte),
    "line.mp3": sound(4.0),
    "word.mp3": sound(1.5),
    "talk.wav": sound(20.0, "wav"),
    "talk.m4a": sound(20.0, "m4a"),
    "speech.mp3": sound(61.0),
    "sermon.mp3": sound(301.0),
    "heavy.mp3": sound(5.0, size=6 * _megabyte),
    "page.html": b"<html>",
}
