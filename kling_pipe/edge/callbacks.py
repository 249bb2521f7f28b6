"""A small listener that services call back: what is POSTed to one of its paths is handed on and answered with 200.

It knows nothing of providers; whoever takes the body decides what it is worth.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from kling_pipe.errors import UsageFailure

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

most_bytes = 1 << 20  # a task object has some kilobytes
listening_host = "0.0.0.0"  # services come from outside, through whatever the callback address leads to

Take = Callable[[str, Mapping[str, str], bytes], None]  # path, headers in lower case, body


@asynccontextmanager
async def listening(port: int, paths: frozenset[str], take: Take, host: str = listening_host) -> AsyncIterator[int]:
    """Listens while the block runs and yields the port (0 chooses a free one); raises UsageFailure when it is taken."""
    import uvicorn  # 70 ms that runs without callbacks do not pay

    config = uvicorn.Config(
        _application(paths, take), host=host, port=port, lifespan="off", log_config=None, log_level="critical",
        access_log=False, date_header=False, proxy_headers=False, server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Ctrl-C belongs to the run."""
            yield

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started and not ready.done():
                ready.set_result(self.servers[0].sockets[0].getsockname()[1])

    server = Server(config)
    serving = asyncio.create_task(_serve(server, port, ready))
    try:
        yield await ready
    finally:
        server.should_exit = True
        await serving


async def _serve(server: Any, port: int, ready: asyncio.Future[int]) -> None:
    try:
        await server.serve()
    except SystemExit:  # uvicorn's way of saying that it could not listen
        hint = "another program may hold it: name another with `--callback-port`"
        ready.set_exception(UsageFailure("port-taken", f"port {port} cannot be listened on", hint=hint))


def _application(paths: frozenset[str], take: Take) -> ASGIApp:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        status = _status(scope, body, paths)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        if status == 200 and body is not None:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            take(scope["path"], headers, body)

    return application


def _status(scope: Scope, body: bytes | None, paths: frozenset[str]) -> int:
    if scope["path"] not in paths:
        return 404
    if scope["method"] != "POST":
        return 405
    return 413 if body is None else 200


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or None when it is larger than any task or its sender went away."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most_bytes:
            return None
        if not message.get("more_body"):
            return b"".join(pieces)
