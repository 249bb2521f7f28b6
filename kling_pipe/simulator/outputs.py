"""The result files of a world: made in the background, kept by what was ordered, handed out under signed URLs."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from collections import Counter
from concurrent.futures import Future
from enum import StrEnum
from functools import partial

from kling_pipe.simulator.studio import MediaOrder, Studio, file_name, make
from kling_pipe.simulator.workshop import Workshop


class UrlState(StrEnum):
    """What becomes of a request for a file."""

    GOOD = "good"
    EXPIRED = "expired"  # its time is over, or it was called off
    FORGED = "forged"  # the signature is not ours


class Outputs:
    """A folder of made files. It may be shared by worlds and processes: a name says all that decides its bytes."""

    def __init__(self, folder: str, studio: Studio) -> None:
        self.folder = folder
        self._studio = studio
        self._orders: dict[str, MediaOrder] = {}
        self._making: dict[str, Future[None]] = {}
        self._workshop = Workshop()
        self._renewed: Counter[str] = Counter()
        os.makedirs(folder, exist_ok=True)

    def order(self, order: MediaOrder) -> str:
        """Takes an order, begins to work on it in the background, and returns the file's name."""
        name = self.know(order)
        self._begin(name)
        return name

    def know(self, order: MediaOrder) -> str:
        """Takes an order that is made only if somebody asks for the file."""
        name = file_name(order)
        self._orders[name] = order
        return name

    async def file(self, name: str) -> str | None:
        """The path of a finished file; None if no such file was ordered here or made before."""
        path = os.path.join(self.folder, os.path.basename(name))
        if self._is_made(name):
            return path
        if name not in self._orders:
            return None
        making = self._begin(name)
        self._workshop.hurry(making)
        await asyncio.wrap_future(making)
        return path

    def url(self, base: str, name: str, expires: float, key: str) -> str:
        """The file's address until `expires` (Unix seconds); a new one after each `revoke`."""
        moment = int(expires) + self._renewed[name]
        return f"{base.rstrip('/')}/media/{name}?expires={moment}&sig={_signature(key, name, str(moment))}"

    def check(self, name: str, expires: str, signature: str, now: float, key: str, due: float | None) -> UrlState:
        """Whether a URL's query is one that `url` wrote and that is still good; `due` is the file's own expiry."""
        if not hmac.compare_digest(signature.encode(), _signature(key, name, expires).encode()):
            return UrlState.FORGED
        first_good = 0 if due is None else int(due) + self._renewed[name]
        return UrlState.GOOD if now < int(expires) and int(expires) >= first_good else UrlState.EXPIRED

    def revoke(self, name: str) -> None:
        """Calls off every address of a file that was given out so far."""
        self._renewed[name] += 1

    def close(self) -> None:
        """Stops working; files not begun are not made."""
        self._workshop.close()

    def _is_made(self, name: str) -> bool:
        return os.path.exists(os.path.join(self.folder, os.path.basename(name)))

    def _begin(self, name: str) -> Future[None]:
        known = self._making.get(name)
        if known and not known.cancelled():
            return known
        path = os.path.join(self.folder, name)
        future: Future[None] = Future()
        if self._is_made(name):
            future.set_result(None)
        else:
            future = self._workshop.take(partial(make, self._studio, self._orders[name], path))
        self._making[name] = future
        return future


def _signature(key: str, name: str, expires: str) -> str:
    return hmac.new(key.encode(), f"{name}\n{expires}".encode(), hashlib.sha256).hexdigest()[:32]
