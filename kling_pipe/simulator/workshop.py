"""Two hands that make files in the background, in the order asked, unless somebody waits for one.

Only what is in hand is given to the threads: at the end of the process the interpreter waits for those two and not for
everything that was ordered.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

Work = Callable[[], None]


class Workshop:
    """Takes work and returns futures; safe to call from any thread."""

    def __init__(self, hands: int = 2) -> None:
        self._hands = hands
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future[None], Work]] = deque()
        self._busy = 0
        self._closed = False

    def take(self, work: Work) -> Future[None]:
        """Puts work at the end of the line."""
        future: Future[None] = Future()
        with self._lock:
            self._waiting.append((future, work))
        self._go_on()
        return future

    def hurry(self, future: Future[None]) -> None:
        """Moves work that has not begun to the head of the line."""
        with self._lock:
            for item in self._waiting:
                if item[0] is future:
                    self._waiting.remove(item)
                    self._waiting.appendleft(item)
                    return

    def close(self) -> None:
        """Drops what has not begun."""
        with self._lock:
            self._closed = True
            dropped = [future for future, _ in self._waiting]
            self._waiting.clear()
        for future in dropped:
            future.cancel()
        if self._threads:
            self._threads.shutdown(wait=False)

    def _go_on(self) -> None:
        with self._lock:
            if self._closed or self._busy >= self._hands or not self._waiting:
                return
            future, work = self._waiting.popleft()
            self._busy += 1
            self._threads = self._threads or ThreadPoolExecutor(self._hands, "simulator-media")
            threads = self._threads
        try:
            threads.submit(self._do, future, work)
        except RuntimeError:  # the interpreter is shutting down
            future.cancel()

    def _do(self, future: Future[None], work: Work) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the file
            future.set_exception(error)
        else:
            future.set_result(None)
        finally:
            with self._lock:
                self._busy -= 1
            self._go_on()
