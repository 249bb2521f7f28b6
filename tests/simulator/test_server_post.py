"""The way of callbacks to the network: one request, and silence is an OSError."""

from __future__ import annotations

import asyncio

import pytest

from kling_pipe.simulator.server_post import post

pytestmark = pytest.mark.anyio


async def test_a_callback_is_one_post_whatever_is_answered() -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head + await reader.readexactly(2))
        writer.write(b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await post(f"http://127.0.0.1:{port}/hook", {"webhook-id": "7"}, b"{}")
    (request,) = heard
    assert request.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"webhook-id: 7\r\n" in request
    assert request.endswith(b"{}")


async def test_nobody_there_is_an_os_error() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(OSError, match="did not answer: ConnectError"):
        await post(f"http://127.0.0.1:{port}/hook", {}, b"{}")
