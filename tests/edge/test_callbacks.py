"""The callback listener over a real socket: what is handed on, what is turned away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

import httpx
import pytest

from kling_pipe.edge.callbacks import listening, most_bytes
from kling_pipe.errors import UsageFailure

pytestmark = pytest.mark.anyio
path = "/callback/a-long-secret"


class Ear:
    """Keeps what was handed on."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bytes]] = []

    def take(self, where: str, headers: Mapping[str, str], body: bytes) -> None:
        self.heard.append((where, headers.get("webhook-id", ""), body))


async def test_what_is_posted_is_handed_on_with_its_headers_and_answered() -> None:
    ear = Ear()
    async with listening(0, frozenset({path}), ear.take, "127.0.0.1") as port, httpx.AsyncClient() as client:
        answer = await client.post(
            f"http://127.0.0.1:{port}{path}", content=b'{"id": "1"}', headers={"Webhook-Id": "7"}
        )
    assert (answer.status_code, answer.content, ear.heard) == (200, b"", [(path, "7", b'{"id": "1"}')])


@pytest.mark.parametrize(
    ("method", "where", "size", "status"),
    [
        ("POST", "/callback/guessed", 1, 404),
        ("POST", "/", 1, 404),
        ("GET", path, 0, 405),
        ("POST", path, most_bytes + 1, 413),
    ],
)
async def test_everything_else_is_turned_away(method: str, where: str, size: int, status: int) -> None:
    ear = Ear()
    async with listening(0, frozenset({path}), ear.take, "127.0.0.1") as port, httpx.AsyncClient() as client:
        answer = await client.request(method, f"http://127.0.0.1:{port}{where}", content=b"x" * size)
    assert (answer.status_code, ear.heard) == (status, [])


async def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(UsageFailure, match="port-taken"):
            async with listening(holder.getsockname()[1], frozenset({path}), Ear().take, "127.0.0.1"):
                raise AssertionError


async def test_the_port_is_free_again_afterwards() -> None:
    async with listening(0, frozenset({path}), Ear().take, "127.0.0.1") as port:
        pass
    async with listening(port, frozenset({path}), Ear().take, "127.0.0.1") as again:
        assert again == port


async def test_a_failure_inside_ends_the_listening(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(KeyError):
        async with listening(0, frozenset({path}), Ear().take, "127.0.0.1") as port:
            raise KeyError
    with socket.socket() as probe:
        await asyncio.sleep(0)
        assert probe.connect_ex(("127.0.0.1", port)) != 0
