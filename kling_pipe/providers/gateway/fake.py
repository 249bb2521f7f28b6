"""A gateway of the OpenAI form as the simulator plays it: clips by jobs, pictures at once, the whole family of answers.

Written from gateway.md alone; it shares nothing with the adapter, so that each checks the other. It knows no
idempotency: a repeated create makes and bills a second job.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from kling_pipe.providers.gateway import fake_clips, fake_jobs, fake_pictures
from kling_pipe.providers.gateway.fake_words import Json, Rebuff, account_of, denied, faulty, openai_error, proxy_error
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.service import Call, Endpoint, Reply
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import Denial, World
from kling_pipe.values.job import Phase

Handle = Callable[[World, str, Call], Awaitable[Json | Reply]]
Read = Callable[[Call, World], Awaitable[fake_clips.Wish]]


class GatewayFake:
    """The gateway. It keeps nothing: all state is the world's."""

    @property
    def name(self) -> str:
        return "gateway"

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        """The calls of section 2, but for the native paths."""
        return (
            _endpoint(world, "POST", "/v1/video/generations", Scope.CREATE, _creating(fake_clips.generation)),
            _endpoint(world, "POST", "/v1/videos", Scope.CREATE, _creating(fake_clips.video)),
            _endpoint(world, "GET", "/v1/videos/{id}", Scope.QUERY, _told),
            _endpoint(world, "GET", "/v1/video/generations/{id}", Scope.QUERY, _wrapped),
            _endpoint(world, "GET", "/v1/videos/{id}/content", Scope.QUERY, _content),
            _endpoint(world, "POST", "/v1/images/generations", Scope.CREATE, _pictures),
            _endpoint(world, "GET", "/v1/models", Scope.QUERY, _models),
        )

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        """A fault in the gateway's own words."""
        return faulty(fault, world)

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        """An address that is none, in the OpenAI form."""
        message = f"Invalid URL ({call.method} {call.path})"
        return openai_error(405 if known else 404, "", message).reply()


def _endpoint(world: World, method: str, path: str, scope: Scope, handle: Handle) -> Endpoint:
    async def answer(call: Call) -> Reply:
        try:
            found = await handle(world, account_of(call, world), call)
        except Rebuff as refusal:
            return refusal.reply()
        return found if isinstance(found, Reply) else Reply.json(200, found)

    return Endpoint(method, path, scope, answer)


def _creating(read: Read) -> Handle:
    async def created(world: World, account: str, call: Call) -> Json:
        wish = await read(call, world)
        task = world.create(wish.order(account, call.path, fake_clips.job_name(world)))
        if isinstance(task, Denial):
            raise denied(task)
        return _openai_created(task, world, call) if call.path == "/v1/videos" else fake_jobs.created(task, world)

    return created


def _openai_created(task: Task, world: World, call: Call) -> Json:
    return {**fake_jobs.openai(task, world, call.base_url, call.mount), "progress": 0}


async def _told(world: World, account: str, call: Call) -> Json:
    task = fake_jobs.found(world, account, call.parameters["id"])
    if task.order.endpoint == "/v1/videos":
        return fake_jobs.openai(task, world, call.base_url, call.mount)
    return fake_jobs.told(task, world, call.base_url, call.mount)


async def _wrapped(world: World, account: str, call: Call) -> Json:
    task = fake_jobs.found(world, account, call.parameters["id"])
    return fake_jobs.wrapped(task, world, call.base_url, call.mount)


async def _content(world: World, account: str, call: Call) -> Reply:
    """The file itself; 404 for an unknown job and 400 for one that is not there yet."""
    tasks = world.about(account, call.parameters["id"])
    if not tasks:
        raise proxy_error(404, "Task not found")
    if world.phase(tasks[0]) is not Phase.SUCCEEDED:
        raise proxy_error(400, "Task is not completed yet")
    path = await world.outputs.file(tasks[0].files[0])
    if path is None:
        raise proxy_error(502, "Failed to fetch video content")
    return Reply(200, headers=(("content-type", "video/mp4"),), file=path)


async def _pictures(world: World, account: str, call: Call) -> Json:
    return await fake_pictures.generated(call, world, account)


async def _models(world: World, account: str, call: Call) -> Json:
    names = (*fake_clips.tiers, *fake_clips.older, *fake_pictures.prices)
    return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "gateway"} for name in names]}
