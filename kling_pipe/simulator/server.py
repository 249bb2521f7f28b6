"""The simulated world as an ASGI application, in process or on a socket; also its files, uploads and own pages.

`GET /simulator/bills`, `/simulator/tasks`, `/simulator/faults`, `/simulator/settings` show the world to tests;
`POST /simulator/reset` begins it anew. Under `httpx.ASGITransport` no lifespan runs, so nothing here needs one.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from email.utils import formatdate
from typing import Any, cast

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as HttpScope

from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.outputs import UrlState
from kling_pipe.simulator.service import AnswerDropped, Call, Endpoint, Reply, Service, answered
from kling_pipe.simulator.world import World

Handler = Callable[[HttpRequest], Awaitable[Response]]


def application(world: World, services: Sequence[Service]) -> ASGIApp:
    """The ASGI application of a world and the services that play in it; the first answers for unknown paths."""
    routes = [*_own_routes(world)]
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


def _own_routes(world: World) -> list[Route]:
    return [
        Route("/media/{name}", _media(world), methods=["GET", "HEAD"]),
        Route("/uploads/{name:path}", _uploaded(world), methods=["GET", "HEAD"]),
        Route("/uploads/{name:path}", _upload(world), methods=["PUT"]),
        Route("/simulator/bills", _shown(world, lambda world: {"bills": world.bills()})),
        Route("/simulator/tasks", _shown(world, lambda world: {"tasks": _tasks(world)})),
        Route("/simulator/faults", _shown(world, lambda world: world.faults.to_json())),
        Route("/simulator/settings", _shown(world, lambda world: world.settings.to_json())),
        Route("/simulator/reset", _reset(world), methods=["POST"]),
    ]


def _media(world: World) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        name = request.path_params["name"]
        met = world.faults.meet(Scope.DOWNLOAD)
        state = world.check_url(name, dict(request.query_params))
        if state is UrlState.GOOD and Fault.EXPIRED in met:
            world.faults.struck(Fault.EXPIRED)
            world.outputs.revoke(name)
            state = UrlState.EXPIRED
        if state is not UrlState.GOOD:
            return _denied(403, f"AccessDenied: the URL is {state}")
        path = await world.outputs.file(name)
        if path is None:
            return _denied(404, "NoSuchKey: there is no such file")
        if Fault.TRUNCATED in met and request.method == "GET":
            world.faults.struck(Fault.TRUNCATED)
            return _truncated(path, os.stat(path).st_size)
        return FileResponse(path)

    return handle


def _truncated(path: str, size: int) -> Response:
    """Half of a file under the whole file's length."""

    def half() -> Iterator[bytes]:
        with open(path, "rb") as file:
            yield file.read(max(1, size // 2))

    return StreamingResponse(half(), headers={"content-length": str(size), "accept-ranges": "bytes"})


def _uploaded(world: World) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        path = world.uploaded(request.path_params["name"])
        if path is None:
            return _denied(404, "NoSuchKey: there is no such file")
        return FileResponse(path)

    return handle


def _upload(world: World) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        path = world.upload_path(request.path_params["name"])
        if path is None:
            return _denied(400, "InvalidName: the name leads out of the folder")
        await asyncio.to_thread(_keep, path, await request.body())
        return _json(201, {"url": str(request.url)})

    return handle


def _keep(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    aside = f"{path}.part-{os.getpid()}"
    with open(aside, "wb") as file:
        file.write(data)
    os.replace(aside, path)


def _reset(world: World) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        body = await request.body()
        try:
            data = json.loads(body) if body else {}
            if not isinstance(data, dict):
                raise ValueError("settings are a JSON object")
            settings = world.settings.changed(data)
        except ValueError as error:
            return _json(400, {"error": str(error)})
        world.reset(settings)
        return _json(200, world.settings.to_json())

    return handle


def _shown(world: World, view: Callable[[World], object]) -> Handler:
    async def handle(request: HttpRequest) -> Response:
        return _json(200, view(world))

    return handle


def _tasks(world: World) -> list[dict[str, object]]:
    now = world.clock.now()
    return [
        {
            "task_id": task.id,
            "external_id": task.order.external_id,
            "endpoint": task.order.endpoint,
            "model": task.order.model,
            "product": task.order.product,
            "phase": str(task.phase(now)),
            "fate": str(task.fate),
            "slots": task.order.slots,
            "files": list(task.files),
            "age": now - task.created,
        }
        for task in world.tasks()
    ]


def _json(status: int, data: object) -> Response:
    return Response(json.dumps(data, ensure_ascii=False), status_code=status, media_type="application/json")


def _denied(status: int, text: str) -> Response:
    return Response(text + "\n", status_code=status, media_type="text/plain")
