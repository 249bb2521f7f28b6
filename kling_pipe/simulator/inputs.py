"""The files a request brings: as Base64, as URLs of the world's own host, or as URLs that a port fetches."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from kling_pipe.simulator.studio import Studio
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.media import MediaFacts

Fetch = Callable[[str], Awaitable[bytes]]


class Unusable(Exception):
    """A request's file cannot be had or read; the text says why."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file of a request, kept under its digest, and its facts."""

    path: str
    facts: MediaFacts


class Inputs:
    """Keeps what requests bring. `own` finds the path of a file that the world itself serves, by path and query."""

    def __init__(
        self,
        folder: str,
        studio: Studio,
        own: Callable[[str, dict[str, str]], Awaitable[str | None]],
        fetch: Fetch | None = None,
    ) -> None:
        self._folder = folder
        self._studio = studio
        self._own = own
        self._fetch = fetch
        self._facts: dict[str, MediaFacts] = {}
        os.makedirs(folder, exist_ok=True)

    async def from_url(self, url: str, hosts: frozenset[str]) -> InputFile:
        """Reads a URL: one of the given hosts straight from disk, any other through the port; raises Unusable."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise Unusable("is no URL") from error
        if parts.netloc in hosts:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            path = await self._own(unquote(parts.path), query)
            if path is None:
                raise Unusable("cannot be downloaded")
            return await self.from_file(path)
        if self._fetch is None:
            raise Unusable("cannot be downloaded")
        try:
            data = await self._fetch(url)
        except (OSError, ValueError) as error:
            raise Unusable("cannot be downloaded") from error
        return await self._kept(data)

    async def from_file(self, path: str) -> InputFile:
        """Takes in a file that the world made itself."""
        return await self._kept(await asyncio.to_thread(_read, path))

    async def from_bytes(self, data: bytes) -> InputFile:
        """Takes in a file that came as it is, such as a part of a form; raises Unusable."""
        return await self._kept(data)

    async def from_base64(self, text: str) -> InputFile:
        """Reads bare Base64; raises Unusable."""
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Unusable("is neither a URL nor Base64") from error
        return await self._kept(data)

    async def _kept(self, data: bytes) -> InputFile:
        path = os.path.join(self._folder, bytes_digest(data)[:40])
        if path not in self._facts:
            self._facts[path] = await asyncio.to_thread(self._look, path, data)
        return InputFile(path, self._facts[path])

    def _look(self, path: str, data: bytes) -> MediaFacts:
        if not os.path.exists(path):
            aside = (
                f"{path}.part-{os.getpid()}-{threading.get_ident()}"  # the same bytes may be handed in twice at once
            )
            with open(aside, "wb") as file:
                file.write(data)
            os.replace(aside, path)
        try:
            return self._studio.look(path)
        except ValueError as error:
            raise Unusable("cannot be read") from error


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
