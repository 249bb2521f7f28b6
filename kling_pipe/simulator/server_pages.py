"""What every simulated world serves besides its services: result files, uploads, and pages that show it to tests.

`GET /simulator/bills`, `/simulator/tasks`, `/simulator/faults`, `/simulator/settings`; `POST /simulator/reset` begins
the world anew, with changed settings if the body holds some.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.outputs import UrlState
from kling_pipe.simulator.world import World

Handler = Callable[[HttpRequest], Awaitable[Response]]


def own_routes(world: World) -> list[Route]:
    """What every world serves besides its services."""
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
        try:
            await world.take_upload(request.path_params["name"], await request.body())
        except ValueError:
            return _denied(400, "InvalidName: the name leads out of the folder")
        return _json(201, {"url": str(request.url)})

    return handle


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
            "task_id": task.order.name or task.id,
            "external_id": task.order.external_id,
            "service": task.order.service,
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
