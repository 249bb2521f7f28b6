"""Kling's fake on a paper world with a clock that stands still; what the tests of the fake stand on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.inputs import Fetch
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from tests.paper_studio import PaperStudio, base64_text, clip, picture

image = base64_text(picture())
portrait = base64_text(picture(768, 1360))


@dataclass
class Stage:
    """A world, its clock, and a client that holds the API key."""

    world: World
    clock: ManualClock
    client: httpx.AsyncClient

    async def post(self, path: str, body: object, **headers: str) -> Any:
        return (await self.client.post(path, json=body, headers=headers)).json()

    async def get(self, path: str, **query: object) -> Any:
        return (await self.client.get(path, params={n: str(v) for n, v in query.items()})).json()

    async def upload(self, name: str, data: bytes) -> str:
        """Puts a file into the world's own place and returns its address."""
        url: str = (await self.client.put(f"/uploads/{name}", content=data)).json()["url"]
        return url

    async def refusal(self, path: str, body: object) -> str:
        """`status/code text` of a create that must not go through."""
        answer = await self.client.post(path, json=body)
        data = answer.json()
        assert "data" not in data, data
        assert self.world.tasks() == ()
        return f"{answer.status_code}/{data['code']} {data['message']}"

    async def task(self, path: str, body: object) -> str:
        """Creates a task and returns its id."""
        data = (await self.post(path, body))["data"]
        task: str = data.get("task_id") or data["id"]
        return task


@asynccontextmanager
async def kling_at(
    path: Path, *settings: tuple[str, str], key: str = "simulated-key", fetch: Fetch | None = None
) -> AsyncIterator[Stage]:
    """The service on its own world."""
    clock = ManualClock()
    world = World(Settings.parse(settings), clock, PaperStudio(), str(path), fetch)
    transport = httpx.ASGITransport(app=application(world, [KlingFake()]))
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://kling.test", headers=headers) as client:
        for name, data in uploads.items():
            await client.put(f"/uploads/{name}", content=data)
        yield Stage(world, clock, client)
    world.close()


uploads = {
    "wide.png": picture(1600, 900),
    "tall.jpg": picture(900, 1600, kind="jpeg"),
    "square.png": picture(1000, 1000),
    "small.png": picture(299, 400),
    "thin.png": picture(1000, 300),
    "anime.gif": picture(kind="gif"),
    "heavy.png": picture(size=11 * 1024 * 1024),
    "dance.mp4": clip(5.04),
    "long.mp4": clip(12.0),
    "endless.mp4": clip(31.0),
    "short.mp4": clip(2.0),
    "tiny.mp4": clip(5.0, 300, 600),
    "dance.webm": clip(5.0, kind="webm"),
    "page.html": b"<html>",
}


def at(name: str) -> str:
    """The address of an uploaded file."""
    return f"http://kling.test/uploads/{name}"


def token(claims: dict[str, object], secret: str = "simulated-secret", alg: str = "HS256") -> str:
    """A JWT made by hand."""
    head = _part({"alg": alg, "typ": "JWT"})
    body = _part(claims)
    mac = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_text(mac)}"


def _part(data: dict[str, object]) -> str:
    return _text(json.dumps(data).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
