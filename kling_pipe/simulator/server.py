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
from starlette.routing import BaseRoute, Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as HttpScope

from kling_pipe.simulator.server_pages import Handler, own_routes
from kling_pipe.simulator.server_sockets import called, conversing
from kling_pipe.simulator.service import AnswerDropped, Call, Conversing, Endpoint, Reply, Service, answered
from kling_pipe.simulator.world import World


def application(
    world: World, services: Sequence[Service], others: Callable[[str], Service | None] = lambda name: None
) -> ASGIApp:
    """The ASGI application of a world and the services that play in it.

    The first stands at the root and answers for unknown paths, every other under its name: `/name/v1/…`; `others` are
    asked for by that name when somebody goes there first.
    """
    routes: list[BaseRoute] = [*own_routes(world)]
    for service in services[1:]:
        routes += _routes(world, service, f"/{service.name}")
    for service in services[:1]:
        routes += _routes(world, service, "")
    # A bare router: the application class would answer 500 before an AnswerDropped gets through.
    return _Mounts(world, Router(routes), others)


class _Mounts:
    """Services that come into the world when they are first called, beside those that are there from its beginning."""

    def __init__(self, world: World, root: Router, others: Callable[[str], Service | None]) -> None:
        self._world = world
        self._root = root
        self._others = others
        paths = [route.path for route in root.routes if isinstance(route, Route | WebSocketRoute)]
        self._mounts: dict[str, Router | None] = dict.fromkeys(map(_first_part, paths), None)

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        router = self._mounted(_first_part(str(scope.get("path", "")))) or self._root
        await router(scope, receive, send)

    def _mounted(self, name: str) -> Router | None:
        if name not in self._mounts:
            service = self._others(name) if len(self._mounts) < _most_names else None
            self._mounts[name] = Router(_routes(self._world, service, f"/{name}")) if service else None
        return self._mounts[name]


def _first_part(path: str) -> str:
    return path.lstrip("/").partition("/")[0]


def _routes(world: World, service: Service, mount: str) -> list[BaseRoute]:
    routes: list[BaseRoute] = []
    paths: set[str] = set()
    for endpoint in service.endpoints(world):
        paths.add(endpoint.path)
        handler = _handler(world, service, endpoint, mount)
        routes.append(Route(mount + endpoint.path, handler, methods=[endpoint.method]))
    if isinstance(service, Conversing):
        routes += [WebSocketRoute(mount + one.path, conversing(world, one, mount)) for one in service.sockets(world)]
    known = _otherwise(service, mount, known=True)
    routes += [Route(mount + path, known, methods=_methods) for path in sorted(paths)]
    unknown = _otherwise(service, mount, known=False)
    routes += [Route(mount + rest, unknown, methods=_methods) for rest in (*[""][: bool(mount)], "/{rest:path}")]
    return routes


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves until interrupted; `ready` gets the base URL once the socket listens (port 0 chooses one)."""
    asyncio.run(serving(app, host, port, ready))


async def serving(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """The same within a running event loop; ends when its task is cancelled or a signal arrives."""
    import uvicorn  # 70 ms that worlds in process do not pay

    config = uvicorn.Config(
        app, host=host, port=port, http=_dropping_protocol(), lifespan="off", log_config=None, log_level="critical",
        access_log=False, date_header=False, proxy_headers=False, server_header=False, timeout_graceful_shutdown=1,
        ws_max_size=_most_of_a_message,
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


_most_of_a_message = 256 << 20  # bytes of a WebSocket's message, which may hold files as Base64
_most_names = 1000  # of paths that are remembered to lead to no service
_methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def _handler(world: World, service: Service, endpoint: Endpoint, mount: str) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        call = await _call(request, mount)
        world.seen_at(call.base_url)
        response = _response(await answered(endpoint, service, world, call))
        response.headers["date"] = formatdate(world.stamp(world.clock.now()), usegmt=True)
        return response

    return handle


def _otherwise(service: Service, mount: str, *, known: bool) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        return _response(service.otherwise(await _call(request, mount), known=known))

    return handle


async def _call(request: HttpRequest, mount: str) -> Call:
    return called(request, mount, request.method, await request.body())


def _response(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.file:
        return FileResponse(reply.file, status_code=reply.status, headers=headers)
    return Response(reply.body, status_code=reply.status, headers=headers)
