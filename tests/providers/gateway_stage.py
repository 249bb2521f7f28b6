"""The gateway's fake on a paper world with a clock that stands still, and a caller that speaks through the adapter."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.gateway.fake import GatewayFake
from kling_pipe.providers.provider import Told
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, TaskRef, TaskState
from kling_pipe.values.secret import Secret
from kling_pipe.values.wire import Request, Response
from tests.paper_studio import PaperStudio, clip, picture
from tests.providers.gateway_jobs import handed

base = "http://gateway.test"
credential = Credential(CredentialKind.API_KEY, Secret("simulated-key"))
_files = {
    "wide.png": picture(1600, 900), "tall.jpg": picture(900, 1600, kind="jpeg"), "small.png": picture(299, 400),
    "anime.gif": picture(kind="gif"), "dance.mp4": clip(5.04),
}  # fmt: skip


def at(name: str) -> str:
    """The address of a file that lies in the world's own place."""
    return f"{base}/uploads/{name}"


@dataclass
class Stage:
    """A world, its clock, a client that holds the key, and the adapter."""

    world: World
    clock: ManualClock
    client: httpx.AsyncClient
    provider: GatewayProvider = field(default_factory=GatewayProvider)

    async def refusal(self, path: str, body: object) -> str:
        """`status code message` of a create that must not go through."""
        before = self.world.tasks()
        answer = await self.client.post(path, json=body)
        data: Any = answer.json()
        assert self.world.tasks() == before, data
        told = data.get("error") or data
        return f"{answer.status_code} {told['code']} {told['message']}"

    async def send(self, request: Request) -> Response:
        """A request of the adapter's, signed."""
        signed = self.provider.sign(request, credential, self.clock.now())
        answer = await self.client.request(
            signed.method, signed.path, json=signed.body, headers={**dict(signed.headers)}
        )
        return Response(answer.status_code, dict(answer.headers), answer.content)

    async def submit(self, job: Job) -> TaskState | Refusal:
        request = self.provider.submit(job, handed(job, f"{base}/uploads"))
        return self.provider.read_submit(await self.send(request), job.route)

    async def submitted(self, job: Job) -> TaskRef:
        """The job's task."""
        state = await self.submit(job)
        assert isinstance(state, TaskState), state
        return TaskRef(job.external_id, state.task_id, job.route)

    async def ask(self, task: TaskRef) -> Told:
        (query,) = self.provider.queries([task], credential.kind)
        return self.provider.read_query(query, await self.send(query.request))

    async def done(self, task: TaskRef) -> TaskState:
        """How a task stands when its time is over."""
        self.clock.advance(2000)
        (state,) = (await self.ask(task)).states
        return state


@asynccontextmanager
async def gateway_at(path: Path, *settings: tuple[str, str]) -> AsyncIterator[Stage]:
    """The gateway on its own world, at the root."""
    clock = ManualClock()
    world = World(Settings.parse(settings), clock, PaperStudio(), str(path))
    os.makedirs(world.uploads, exist_ok=True)
    for name, data in _files.items():
        Path(world.uploads, name).write_bytes(data)  # noqa: ASYNC240  # quicker than by a request
    transport = httpx.ASGITransport(app=application(world, [GatewayFake()]))
    headers = {"authorization": "Bearer simulated-key"}
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        yield Stage(world, clock, client)
    world.close()
