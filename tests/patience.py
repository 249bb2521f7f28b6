"""How long tests wait for other processes, threads and terminals, and what is said when nothing comes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import SystemRandom
from subprocess import Popen
from typing import Any

# Seconds: a machine may be many times slower than the one a test was written on, and others use it too. Under the
# patience of pytest-timeout, so that what was awaited is said.
patience = 120.0


@contextmanager
def awaiting(process: Popen[Any], awaited: str, seconds: float = patience) -> Iterator[None]:
    """A process that has not brought what is awaited in time is killed, so that whoever reads from it or waits for it
    goes on, and it is said what was awaited."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        assert not late.is_set(), f"waited {seconds:g} s in vain for {awaited}; the process was killed"


def join(thread: threading.Thread, seconds: float = patience) -> None:
    """Waits for a thread's end."""
    thread.join(seconds)
    assert not thread.is_alive(), f"the thread {thread.name} has not ended within {seconds:g} s"


def free_port() -> int:
    """A port that nobody holds, below those that systems hand out, so that nobody is given it meanwhile."""
    while True:
        port = SystemRandom().randrange(10_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
