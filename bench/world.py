"""The simulated service in a process of its own, with files that cost nothing to make, so that clients are measured.

Every file is real and whole, and no two are the same: a finished template with one more chunk in it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import urllib.request
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.measure import environment, root
from kling_pipe.providers.table import table
from kling_pipe.simulator import media
from kling_pipe.simulator.clock import ScaledClock
from kling_pipe.simulator.media import ClipOrder, PictureOrder
from kling_pipe.simulator.server import application, serve
from kling_pipe.simulator.server_post import post
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.world import World
from kling_pipe.values.media import MediaFacts

key = "simulated-key"


class TemplateStudio:
    """Makes the first file of each shape and afterwards copies of it that differ in a chunk nobody shows."""

    def __init__(self, folder: str) -> None:
        """`folder` keeps the templates, which worlds of other processes may make use of."""
        self._folder = folder
        self._templates: dict[str, bytes] = {}
        os.makedirs(folder, exist_ok=True)

    def make_picture(self, order: PictureOrder, path: str) -> None:
        plain = PictureOrder("A boat", order.width, order.height, 1, "bench")
        data = self._template(f"{order.width}x{order.height}.png", lambda aside: media.make_picture(plain, aside))
        _write(path, data[:-12] + _png_chunk(b"tEXt", b"order\0" + path.encode()) + data[-12:])

    def make_clip(self, order: ClipOrder, path: str) -> float:
        plain = ClipOrder("A boat", order.width, order.height, order.seconds, order.fps)
        shape = f"{order.width}x{order.height}-{order.seconds:g}.mp4"
        data = self._template(shape, lambda aside: media.make_clip(plain, aside))
        name = path.encode()
        _write(path, data + struct.pack(">I", 8 + len(name)) + b"free" + name)
        return order.seconds

    def look(self, path: str) -> MediaFacts:
        return media.look(path)

    def _template(self, name: str, make: Callable[[str], object]) -> bytes:
        if name not in self._templates:
            path = os.path.join(self._folder, name)
            if not os.path.exists(path):
                aside = os.path.join(self._folder, f"{os.getpid()}-{threading.get_ident()}-{name}")
                make(aside)
                os.replace(aside, path)
            self._templates[name] = _read(path)
        return self._templates[name]


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def _with_tasks(app: Any, world: World) -> Any:
    """The application and two more pages: how long each task really took, for the oracle, and how many requests each
    path got."""
    requests: Counter[str] = Counter()

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/bench/"):
            requests[f"{scope.get('method', '')} {scope.get('path', '')}"] += 1
            await app(scope, receive, send)
            return
        now = world.clock.now()
        tasks = [
            {"external_id": task.order.external_id, "age": now - task.created, "seconds": task.ends - task.created}
            for task in world.tasks()
        ]
        body = json.dumps(tasks if scope["path"] == "/bench/tasks" else requests).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    return wrapped


@contextmanager
def world_beside(
    folder: str, speed: float, durations: float, places: int, secret: str = "", templates: str = ""
) -> Iterator[str]:
    """Starts the service as a child and tells its address; callbacks are signed with the secret."""
    words = [sys.executable, "-m", "bench.world", folder, str(speed), str(durations), str(places)]
    words += ["--secret", secret] if secret else []
    words += ["--templates", templates] if templates else []
    child = subprocess.Popen(words, cwd=root, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        ready, _, _ = select.select([child.stdout], [], [], 60)
        address = child.stdout.readline().strip() if ready else ""
        if not address:
            raise SystemExit("the simulated service did not start")
        yield address
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def templates_beside(folder: str) -> str:
    """Where the worlds of several runs keep their templates, beside the folder of each run."""
    return os.path.join(os.path.dirname(folder), "templates")


def tasks_of(address: str) -> list[dict[str, Any]]:
    """Every task the service made, in the order of creation."""
    with urllib.request.urlopen(f"{address}/bench/tasks", timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def requests_of(address: str) -> dict[str, int]:
    """How many requests came, by method and path."""
    with urllib.request.urlopen(f"{address}/bench/requests", timeout=60) as answer:
        found: dict[str, int] = json.load(answer)
    return found


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.world", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("speed", type=float)
    parser.add_argument("durations", type=float)
    parser.add_argument("places", type=int)
    parser.add_argument("--secret", default="")
    parser.add_argument("--templates", default="")
    asked = parser.parse_args(words)
    pairs = [("speed", str(asked.speed)), ("durations", str(asked.durations)), ("media", "small")]
    pairs += [("pool", f"{product}={asked.places}") for product in ("image", "video")]
    pairs += [("units", f"{product}=1000000") for product in ("image", "video")]
    pairs += [("webhook-secret", asked.secret)] if asked.secret else []
    settings = Settings.parse(pairs)
    os.makedirs(asked.folder, exist_ok=True)
    world = World(
        settings, ScaledClock(settings.speed), TemplateStudio(asked.templates or asked.folder), asked.folder, post=post
    )
    app = _with_tasks(application(world, [entry.load_fake()() for entry in table.values()]), world)
    with contextlib.suppress(KeyboardInterrupt):
        serve(app, "127.0.0.1", 0, lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
