"""WebSockets of the simulated world: a client's connection as a service's conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from kling_pipe.simulator.service import AnswerDropped, Call, ConversationOver, Socket
from kling_pipe.simulator.world import World

Handler = Callable[[WebSocket], Awaitable[None]]

_abnormal = 1011  # a server that ends before its time; a dropped connection has no code that could be sent


def conversing(world: World, socket: Socket, mount: str) -> Handler:
    """Accepts a client, lets the service converse, and closes."""

    async def handle(connection: WebSocket) -> None:
        await connection.accept()
        conversation = SocketConversation(connection, mount)
        world.seen_at(conversation.call.base_url)
        try:
            await socket.converse(conversation)
        except AnswerDropped:
            await conversation.close(_abnormal)
        except ConversationOver:
            pass
        else:
            await conversation.close(1000)

    return handle


class SocketConversation:
    """One client's connection; what is said at once by several tasks goes out one after another."""

    def __init__(self, connection: WebSocket, mount: str) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        self._call = called(connection, mount, "GET", b"")

    @property
    def call(self) -> Call:
        return self._call

    async def receive(self, patience: float) -> str:
        """Bytes count as text: clients send either."""
        async with asyncio.timeout(patience):
            message = await self._connection.receive()
        if message["type"] == "websocket.disconnect":
            raise ConversationOver("the client has gone")
        text = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"").decode("utf-8", "replace")

    async def send(self, text: str) -> None:
        async with self._turn:
            try:
                await self._connection.send_text(text)
            except (WebSocketDisconnect, RuntimeError) as error:  # RuntimeError: closed by the other side before
                raise ConversationOver("the client has gone") from error

    async def close(self, code: int) -> None:
        """Says goodbye to whoever is still there."""
        async with self._turn:
            try:
                await self._connection.close(code)
            except (WebSocketDisconnect, RuntimeError):
                return


def called(request: HTTPConnection, mount: str, method: str, body: bytes) -> Call:
    """A connection's request as a service sees it, under a mount."""
    base = request.base_url
    scheme = {"ws": "http", "wss": "https"}.get(base.scheme, base.scheme)  # files are fetched over HTTP
    return Call(
        method=method,
        path=request.url.path.removeprefix(mount),
        parameters={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base_url=str(base.replace(scheme=scheme)).rstrip("/"),
        mount=mount,
    )
