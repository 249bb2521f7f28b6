"""A server on a real socket that answers with canned bytes, and may hang up whenever it likes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Script = Callable[[int, str], bytes | None]  # number and head of a request; None hangs up without a word


@dataclass
class Loopback:
    """`heads` are the requests as they came, `bodies` what they carried."""

    host: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}"


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Loopback]:
    """Each connection carries one request; the answer is sent as it is and the connection ends."""
    loopback = Loopback()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
        )
        loopback.bodies.append(await reader.readexactly(length))
        loopback.heads.append(head)
        data = script(len(loopback.heads), head)
        if data is not None:
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loopback.host = f"127.0.0.1:{port}"
    try:
        yield loopback
    finally:
        server.close()
        await server.wait_closed()


def http(status: int = 200, body: bytes = b"", /, length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer; `length` is what it claims to carry."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [
        f"HTTP/1.1 {status} Word",
        f"content-length: {len(body) if length is None else length}",
        "connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
