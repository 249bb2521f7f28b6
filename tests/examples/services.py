"""The simulated services in one world, and how an example's request comes to them: signed, with real files in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from kling_pipe.providers.provider import Provider
from kling_pipe.providers.table import mount_of, table
from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.server import application
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Uploaded
from kling_pipe.values.wire import Request, Response
from tests.examples.making import facts_of
from tests.paper_studio import PaperStudio, base64_text, paper

_credential = Credential(CredentialKind.API_KEY, Secret("simulated-key"))
_stored = ("voice", "other-voice")
_mimes = {"jpeg": "image/jpeg", "png": "image/png", "mp4": "video/mp4", "mp3": "audio/mpeg"}


@dataclass
class Services:
    """The world and a client that comes from nowhere in particular."""

    world: World
    clock: ManualClock
    client: httpx.AsyncClient

    async def send(self, provider: Provider, request: Request) -> Response:
        """The answer to a request, signed by its adapter and sent to its service."""
        signed = provider.sign(request, _credential, self.clock.now())
        answer = await self.client.request(
            signed.method,
            mount_of(provider.type) + (f"/{signed.host}" if signed.host else "") + signed.path,
            params=signed.query,
            headers=dict(signed.headers),
            **_content(signed),
        )
        return Response(answer.status_code, dict(answer.headers), answer.content)

    async def with_files(self, provider: Provider, body: Any) -> Any:
        """A body with a real file for each name in angle brackets, and for what a step names as stored already."""
        if isinstance(body, Mapping):
            return {name: await self.with_files(provider, value) for name, value in body.items()}
        if isinstance(body, list | tuple):
            return [await self.with_files(provider, item) for item in body]
        if isinstance(body, str) and (body in _stored or (body.startswith("<") and body.endswith(">"))):
            return await self._file(provider, body.strip("<>"))
        return body

    async def _file(self, provider: Provider, name: str) -> str:
        """As the service takes it: put into its storage where it has one, else as Base64."""
        data = bytes_of(name)
        if not provider.uploads:
            return base64_text(data)
        request = provider.upload(name, _mimes[facts_of(name).format], data)
        uploaded = provider.read_upload(await self.send(provider, request))
        assert isinstance(uploaded, Uploaded), uploaded
        return uploaded.handed.text


@asynccontextmanager
async def services_at(path: Path) -> AsyncIterator[Services]:
    """All services on a world of their own, in which Kling has retired no model (kling.md, D3). What lies at
    `media.example.org` is what its name says."""
    clock = ManualClock()
    world = World(Settings.parse([("retired", "allowed")]), clock, PaperStudio(), str(path), _fetched)
    app = application(world, [entry.load_fake()() for entry in table.builtin.values()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://simulator.test") as client:
        yield Services(world, clock, client)
    world.close()


def bytes_of(name: str) -> bytes:
    """A file on paper of what the input of a name is."""
    return paper(replace(facts_of(name), bytes=0))


async def _fetched(url: str) -> bytes:
    return bytes_of(Path(urlsplit(url).path).stem)


def _content(request: Request) -> dict[str, Any]:
    if not request.form:
        return {"json": request.body} if request.body is not None else {}
    return {
        "files": [
            (part.name, (part.filename, part.data, part.mime) if part.filename else (None, part.text))
            for part in request.form
        ]
    }
