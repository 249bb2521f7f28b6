"""A simulated service fetches what requests name on other hosts, over a real socket."""

from __future__ import annotations

import pytest

from kling_pipe.simulator import server_fetch
from kling_pipe.simulator.server_fetch import fetch
from tests.edge.loopback import http, serving

pytestmark = pytest.mark.anyio


async def test_a_file_is_fetched_whole_also_around_a_corner() -> None:
    answers = [http(302, location="/there"), http(200, b"the clip")]
    async with serving(lambda number, _head: answers[number - 1]) as server:
        assert await fetch(f"{server.url}/a?sig=1") == b"the clip"
        assert [head.split(" ")[1] for head in server.heads] == ["/a?sig=1", "/there"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(403), "the address answers 403"),
        (http(200, b"too long"), "the file is too large"),
        (http(200, b"cut", length=4), "RemoteProtocolError"),
        (None, "RemoteProtocolError"),
    ],
)
async def test_a_file_that_cannot_be_had(answer: bytes | None, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_fetch, "most_bytes", 7)
    async with serving(lambda _number, _head: answer) as server:
        with pytest.raises(OSError, match=f"^{said}$"):
            await fetch(f"{server.url}/a?sig=1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a", "http://[", "http://a b/"])
async def test_an_address_where_nobody_is(url: str) -> None:
    with pytest.raises(OSError, match=r"^[A-Za-z]+$"):
        await fetch(url)
