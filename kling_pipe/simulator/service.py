"""How a service meets the world: calls and replies as plain values, so that no service knows the web server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.world import World


class AnswerDropped(ConnectionError):
    """The connection was dropped without an answer.

    In process, over `httpx.ASGITransport`, this `ConnectionError` leaves the client's call;
    over a socket the server closes the connection.
    """


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a service sees it; header names in lower case."""

    method: str
    path: str  # below the mount
    parameters: Mapping[str, str] = field(default_factory=dict)  # parts of the path
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""  # of the world, where files and uploads are
    mount: str = ""  # where the service itself stands under it: empty, or `/name`


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a body, or the path of a file to stream."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    file: str = ""

    @staticmethod
    def json(status: int, data: object, *headers: tuple[str, str]) -> Reply:
        """A JSON answer."""
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return Reply(status, text.encode(), (("content-type", "application/json;charset=utf-8"), *headers))


Answer = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method and path (`/v1/videos/text2video/{id}`); the scope says which faults may meet its calls.

    It is a function of the call where one path serves for everything.
    """

    method: str
    path: str
    scope: Scope | Callable[[Call], Scope]
    answer: Answer

    def scope_of(self, call: Call) -> Scope:
        """The scope of one call."""
        return self.scope if isinstance(self.scope, Scope) else self.scope(call)


class Conversation(Protocol):
    """A WebSocket as a service sees it: text in, text out."""

    @property
    def call(self) -> Call:
        """How it was opened."""

    async def receive(self, patience: float) -> str:
        """The next text. Raises ConversationOver when the client has gone, TimeoutError after so many real seconds of
        silence."""

    async def send(self, text: str) -> None:
        """Says something; raises ConversationOver when nobody is there any more."""


class ConversationOver(ConnectionError):
    """The client has gone."""


@dataclass(frozen=True, slots=True)
class Socket:
    """A path that WebSockets are opened on; `converse` speaks with a client until it returns, or raises AnswerDropped
    to drop the connection without a word."""

    path: str
    converse: Callable[[Conversation], Awaitable[None]]


@runtime_checkable
class Conversing(Protocol):
    """A service that is spoken with over WebSockets too."""

    def sockets(self, world: World) -> tuple[Socket, ...]:
        """Every path that can be opened."""


class Service(Protocol):
    """A provider's protocol, played. `fake.py` of each provider holds one."""

    @property
    def name(self) -> str:
        """The provider type."""

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        """Everything that can be called."""

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        """How this service words a fault that has an answer: 5xx, throttled, over quota, moderated, unauthorized."""

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        """The answer to a path nobody knows, or to a known one with another method."""


# In the order in which they stand in a call's way.
_instead = (
    Fault.UNAUTHORIZED_ONCE,
    Fault.THROTTLED,
    Fault.THROTTLED_BARE,
    Fault.OVER_QUOTA,
    Fault.MODERATED,
    Fault.ERROR_BEFORE,
)


async def answered(endpoint: Endpoint, service: Service, world: World, call: Call) -> Reply:
    """The reply to a call, after the faults that meet it; raises AnswerDropped."""
    met = world.faults.meet(endpoint.scope_of(call), service.name)
    if not met:
        return await endpoint.answer(call)
    if Fault.SLOW in met:
        world.faults.struck(Fault.SLOW)
        await world.clock.sleep(world.settings.delay)
    if Fault.LOST_BEFORE in met:
        world.faults.struck(Fault.LOST_BEFORE)
        raise AnswerDropped("the connection was dropped before the request was read")
    for fault in _instead:
        if fault in met:
            world.faults.struck(fault)
            return service.faulty(fault, world, call)
    reply = await endpoint.answer(call)
    if Fault.LOST_AFTER in met:
        world.faults.struck(Fault.LOST_AFTER)
        raise AnswerDropped("the connection was dropped before the answer")
    if Fault.ERROR_AFTER in met:
        world.faults.struck(Fault.ERROR_AFTER)
        return service.faulty(Fault.ERROR_AFTER, world, call)
    if Fault.MALFORMED in met:
        world.faults.struck(Fault.MALFORMED)
        return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])
    return reply
