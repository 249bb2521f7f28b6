"""Callbacks of a run: one listener, and an address of its own for each profile that only its service is told."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from kling_pipe.api.options import Callbacks
from kling_pipe.edge.callbacks import listening
from kling_pipe.run.exchange import Line
from kling_pipe.values.secret import Secret

backstop = 15.0  # times as rarely is asked for tasks that services are to tell of by themselves

Take = Callable[[str, Mapping[str, str], bytes, Secret | None], None]


@asynccontextmanager
async def calling_back(
    callbacks: Callbacks | None, lines: Mapping[str, Line], keys: Mapping[str, Secret | None], take: Take
) -> AsyncIterator[None]:
    """Listens while the run goes on and tells each line where to call; raises a Failure when the port is taken.

    `keys` are the secrets with which each profile's service signs.
    """
    if callbacks is None:
        yield
        return
    paths = {f"/callback/{secrets.token_urlsafe(18)}": profile for profile in lines}

    def called(path: str, headers: Mapping[str, str], body: bytes) -> None:
        take(paths[path], headers, body, keys[paths[path]])

    async with listening(callbacks.port, frozenset(paths), called) as port:
        base = callbacks.url.rstrip("/") or f"http://127.0.0.1:{port}"
        for path, profile in paths.items():
            lines[profile].callback_url = base + path
        yield
