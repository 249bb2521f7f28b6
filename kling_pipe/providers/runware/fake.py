"""Runware's unified API as the simulator plays it: arrays of tasks over REST and WebSockets, uploads, webhooks, prices.

Written from runware.md alone; it shares nothing with the adapter, so that each checks the other.
"""

from __future__ import annotations

from dataclasses import replace

from kling_pipe.providers.runware import fake_batch
from kling_pipe.providers.runware.fake_batch import creating, is_authentication, refused, tasks_of
from kling_pipe.providers.runware.fake_errors import Rebuff, error_of, of_fault, of_tasks
from kling_pipe.providers.runware.fake_media import service
from kling_pipe.providers.runware.fake_sockets import Sessions, Talk, idle, is_empty
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.service import Call, Conversation, Endpoint, Reply, Socket, answered
from kling_pipe.simulator.world import World

path = "/v1"


class RunwareFake:
    """The service. All state is the world's but for who is connected; `silence` is what a WebSocket may keep, in real
    seconds."""

    def __init__(self, silence: float = idle) -> None:
        self._idle = silence

    @property
    def name(self) -> str:
        return service

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        """The one path for everything."""

        async def answer(call: Call) -> Reply:
            return await fake_batch.answer(call, world)

        return (Endpoint("POST", path, scope_of, answer),)

    def sockets(self, world: World) -> tuple[Socket, ...]:
        """The same path, for those who stay on the line."""
        sessions = Sessions(world)

        async def converse(conversation: Conversation) -> None:
            talk = Talk(world, sessions, conversation)
            endpoint = Endpoint("POST", path, scope_of, talk.answer)
            try:
                while True:
                    text = await conversation.receive(self._idle)
                    call = replace(conversation.call, body=text.encode("utf-8", "replace"))
                    reply = await answered(endpoint, self, world, call)
                    if not is_empty(reply):
                        await conversation.send(reply.body.decode("utf-8", "replace"))
            except TimeoutError:
                return  # an idle connection is closed (section 1)
            finally:
                await talk.close()

        return (Socket(path, converse),)

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        """A fault in the service's words: of every task that would make something, or of the whole request."""
        rebuff = of_fault(fault)
        makers = [task for task in _tasks(call) if _creates(task)] if fault in of_tasks else []
        if makers:
            return Reply.json(rebuff.status, {"errors": [error_of(rebuff, task) for task in makers]})
        wait = (("retry-after", f"{world.settings.retry_after:g}"),) if fault is Fault.THROTTLED else ()
        return refused(rebuff, *wait)

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        """Only `POST /v1` is answered; a WebSocket that gets here met a server that cannot speak with it."""
        if known and call.headers.get("upgrade", "").lower() == "websocket":
            text = "This simulator has no WebSocket library: install `kling-pipe[websocket]`"
            return refused(Rebuff(426, "webSocketUnavailable", text), ("connection", "close"))
        return refused(Rebuff(404, "endpointNotFound", f"{call.method} {call.path} does not exist"))


def scope_of(call: Call) -> Scope:
    """An array that would make or keep something is a create, whatever else is in it."""
    return Scope.CREATE if any(_creates(task) for task in _tasks(call)) else Scope.QUERY


def _creates(task: object) -> bool:
    kind = task.get("taskType") if isinstance(task, dict) else None
    return isinstance(kind, str) and kind in creating


def _tasks(call: Call) -> list[object]:
    try:
        return [task for task in tasks_of(call.body) if not is_authentication(task)]
    except Rebuff:
        return []
