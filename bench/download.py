"""One large file over loopback into the store, hashed on the way, beside the same without hash, store or client."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import httpx

from bench.measure import environment, largest, middle, process, root, table
from kling_pipe.edge.files import MediaFiles
from kling_pipe.edge.store import Store
from kling_pipe.edge.transport import HttpFiles
from kling_pipe.values.transfer import Form

_piece = bytes(range(256)) * 4096  # 1 MB


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.download", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 MB in place of 400")
    parser.add_argument("--serve", type=int, metavar="SOCKET", help=argparse.SUPPRESS)
    parser.add_argument("--client", nargs=3, metavar=("NAME", "PORT", "RESULT"), help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    megabytes, runs = (20, 1) if asked.quick else (400, 5)
    if asked.client:
        name, port, result = asked.client
        _client(name, port, result, megabytes)
        return
    if asked.serve is not None:
        _serve(socket.socket(fileno=asked.serve), megabytes)
    small = ["--quick"] if asked.quick else []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        words = [sys.executable, "-m", "bench.download", "--serve", str(listener.fileno()), *small]
        server = subprocess.Popen(words, cwd=root, env=environment(), pass_fds=[listener.fileno()])
        try:
            port = listener.getsockname()[1]
            speeds = [_speed(name, port, small, runs) for name in _ways]
        finally:
            server.kill()
            server.wait()
    rows = [
        (name, f"{speed:.0f} MB/s", f"{speed / speeds[0][0]:.2f}", f"{memory:.0f} MB")
        for name, (speed, memory) in zip(_ways, speeds, strict=True)
    ]
    title = f"download of {megabytes} MB over loopback (middle of {runs})"
    table(title, ("how", "speed", "÷ bare socket", "memory"), rows)


def _speed(name: str, port: int, small: list[str], runs: int) -> tuple[float, float]:
    speeds, memory = [], 0.0
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="kling-pipe-bench-") as folder:
            result = os.path.join(folder, "result.json")
            words = [sys.executable, "-m", "bench.download", "--client", name, str(port), result]
            took = process([*words, *small], root, environment())
            if took.code:
                raise SystemExit(f"`{name}` ended with {took.code}")
            with open(result, encoding="utf-8") as file:
                told = json.load(file)
            speeds.append(told["speed"])
            memory = max(memory, told["megabytes"])
    return middle(speeds), memory


def _client(name: str, port: str, result: str, megabytes: int) -> None:
    folder = os.path.dirname(result)
    began = time.perf_counter()
    asyncio.run(_ways[name](f"http://127.0.0.1:{port}/file", folder))
    took = time.perf_counter() - began
    with open(result, "w", encoding="utf-8") as file:
        json.dump({"speed": megabytes / took, "megabytes": largest()}, file)


def _serve(listener: socket.socket, megabytes: int) -> NoReturn:
    """Answers every connection with the file, as fast as the kernel takes it."""
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {megabytes * len(_piece)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            for _ in range(megabytes):
                connection.sendall(_piece)


async def _socket(url: str, folder: str) -> None:
    host, _, port = url.split("/")[2].partition(":")
    with socket.create_connection((host, int(port))) as connection, open(os.path.join(folder, "f"), "wb") as file:  # noqa: ASYNC230  # nothing else runs
        connection.sendall(b"GET /file HTTP/1.1\r\nhost: bench\r\n\r\n")
        while piece := connection.recv(1 << 20):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


async def _httpx(url: str, folder: str) -> None:
    async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
        with open(os.path.join(folder, "f"), "wb") as file:  # noqa: ASYNC230  # nothing else runs
            async for piece in answer.aiter_raw(1 << 20):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())


async def _ours(url: str, folder: str) -> None:
    store = Store(folder)
    http = HttpFiles([url.split("/")[2]])
    files = MediaFiles(store, http, lambda _job, _field: Form.URL, {}, folder)
    incoming = store.begin()
    await files._download(url, incoming)  # without the look at the media, which is no part of the way
    await asyncio.to_thread(incoming.flush)
    await asyncio.to_thread(store.keep, incoming)
    await http.close()


_ways: dict[str, Callable[[str, str], Coroutine[Any, Any, None]]] = {
    "bare socket to disk": _socket,
    "httpx to disk": _httpx,
    "kling-pipe, hashed, into the store": _ours,
}


if __name__ == "__main__":
    main()
