"""The simulated world as an ASGI application, in process or on a socket.

Under `httpx.ASGITransport` no lifespan runs, so nothing here needs one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any, cast

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as HttpScope

from kling_pipe.simulator.server_pages import Handler, own_routes
from kling_pipe.simulator.service import AnswerDropped, Call, Endpoint, Reply, Service, answered
from kling_pipe.simulator.world import World


def application(world: World, services: Sequence[Service]) -> ASGIApp:
    """The ASGI application of a world and the services that play in it; the first answers for unknown paths."""
    routes = own_routes(world)
    paths: set[str] = set()
    for service in services:
        for endpoint in service.endpoints(world):
            paths.add(endpoint.path)
            handler = _handler(world, service, endpoint)
            routes.append(Route(endpoint.path, handler, methods=[endpoint.method]))
    if services:
        first = services[0]
        routes += [Route(path, _otherwise(first, known=True), methods=_methods) for path in sorted(paths)]
        routes.append(Route("/{rest:path}", _otherwise(first, known=False), methods=_methods))
    # A bare router: the application class would answer 500 before an AnswerDropped gets through.
    return Router(routes)


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves until interrupted; `ready` gets the base URL once the socket listens (port 0 chooses one)."""
    asyncio.run(serving(app, host, port, ready))


async def serving(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """The same within a running event loop; ends when its task is cancelled or a signal arrives."""
    import uvicorn  # 70 ms that worlds in process do not pay

    config = uvicorn.Config(
        app, host=host, port=port, http=_dropping_protocol(), lifespan="off", log_config=None, log_level="critical",
        access_log=False, date_header=False, proxy_headers=False, server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready(_address(self.servers[0].sockets[0].getsockname()))

    server = Server(config)
    try:
        await server.serve()
    except asyncio.CancelledError:
        server.force_exit = True
        await server.shutdown()  # uvicorn leaves its sockets open when it is cancelled
        raise


def _address(name: tuple[str, int]) -> str:
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _dropping_protocol() -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol, but an `AnswerDropped` closes the connection where others get a 500 answer."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class DroppingProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the parent
            super().connection_made(transport)
            self.app = cast(Any, _dropping(cast(ASGIApp, self.app), transport))

    return DroppingProtocol


def _dropping(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def wrapped(scope: HttpScope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except AnswerDropped:
            transport.abort()
            # The loss of the connection is told in the loop's next turn; before that uvicorn would answer.
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    return wrapped


_methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def _handler(world: World, service: Service, endpoint: Endpoint) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        call = await _call(request)
        world.seen_at(call.base_url)
        response = _response(await answered(endpoint, service, world, call))
        response.headers["date"] = formatdate(world.stamp(world.clock.now()), usegmt=True)
        return response

    return handle


def _otherwise(service: Service, *, known: bool) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        return _response(service.otherwise(await _call(request), known=known))

    return handle


async def _call(request: HttpRequest) -> Call:
    return Call(
        method=request.method,
        path=request.url.path,
        parameters={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        base_url=str(request.base_url).rstrip("/"),
    )


def _response(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.file:
        return FileResponse(reply.file, status_code=reply.status, headers=headers)
    return Response(reply.body, status_code=reply.status, headers=headers)
