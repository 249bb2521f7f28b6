"""Requests that wait at the same moment go to a service as one, where it takes several in one.

1. Each request leaves once: in a bundle or alone, never both.
2. What becomes of a bundle as a whole (refused, its answer lost) became of every request in it.
3. Who stops waiting before the bundle leaves is left out of it; who stops later takes nobody's answer away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kling_pipe.providers.provider import Provider
from kling_pipe.run.exchange import Line, send_signed
from kling_pipe.run.ports import Clock
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.wire import Request, Response

gathering_pause = 0.02  # real seconds without a further request after which those that wait leave
most_pauses = 10  # the first of them waits no longer than so many, however many come
most_bundle_bytes = 8 << 20

Start = Callable[[Coroutine[Any, Any, None]], object]


@dataclass(slots=True)
class Waiting:
    """A request and who waits for its answer."""

    request: Request
    answer: asyncio.Future[Response | Refusal]


class Bundling:
    """The requests of one line; `start` starts tasks in the block that owns them, `more` tells whether company is on
    its way."""

    def __init__(
        self,
        line: Line,
        clock: Clock,
        start: Start,
        pause: float = gathering_pause,
        more: Callable[[], bool] = lambda: False,
    ) -> None:
        self._line = line
        self._clock = clock
        self._start = start
        self._pause = pause
        self._more = more
        self._waiting: list[Waiting] = []
        self._leaves_by = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    async def send(self, request: Request) -> Response | Refusal:
        """Sends a request with those that wait beside it; its own part of the answer."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(request, loop.create_future())
        if not self._waiting:
            self._leaves_by = loop.time() + self._pause * most_pauses
        self._waiting.append(waiting)
        self._wait(full=len(self._waiting) >= self._line.provider.most_bundled)
        return await waiting.answer

    def _wait(self, *, full: bool = False) -> None:
        loop = asyncio.get_running_loop()
        if self._alarm is not None:
            self._alarm.cancel()
        at = loop.time() if full else min(loop.time() + self._pause, self._leaves_by)
        self._alarm = loop.call_at(at, self._leave)

    def _leave(self) -> None:
        full = len(self._waiting) >= self._line.provider.most_bundled
        if not full and self._more() and asyncio.get_running_loop().time() < self._leaves_by:
            self._wait()
            return
        present = [waiting for waiting in self._waiting if not waiting.answer.done()]
        self._waiting, self._alarm = [], None
        for parcel in packed([waiting.request for waiting in present], self._line.provider):
            self._start(self._carry([present[place] for place in parcel]))

    async def _carry(self, together: Sequence[Waiting]) -> None:
        try:
            answers = await self._answers([waiting.request for waiting in together])
            for waiting, answer in zip(together, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)
        finally:
            for waiting in together:
                waiting.answer.cancel()  # of those that have none, because the run ends

    async def _answers(self, requests: Sequence[Request]) -> Sequence[Response | Refusal]:
        provider = self._line.provider
        bundle = provider.bundle(requests) if len(requests) > 1 else None
        if bundle is None:
            return await asyncio.gather(*(send_signed(self._line, request, self._clock) for request in requests))
        bundle = replace(bundle, creates=any(request.creates for request in requests))
        response = await send_signed(self._line, bundle, self._clock)
        if isinstance(response, Refusal):
            return [response] * len(requests)
        parts = provider.unbundle(requests, response)
        return parts if len(parts) == len(requests) else [_unreadable] * len(requests)


_unreadable = Refusal(AnswerClass.TRANSIENT, "unreadable", "the answer to several requests tells of another number")


@dataclass(slots=True)
class _Parcel:
    places: list[int] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    weight: int = 0

    def takes(self, request: Request, weight: int, provider: Provider) -> bool:
        """Whether a request goes with those that are in it. Two that are alike could not be told apart in the answer,
        and one that is answered late would let others wait."""
        first = self.requests[0]
        return (
            len(self.requests) < provider.most_bundled
            and self.weight + weight <= most_bundle_bytes
            and (request.host, request.patience) == (first.host, first.patience)
            and not (request.form or first.form)
            and request not in self.requests
            and provider.bundle((first, request)) is not None
        )


def packed(requests: Sequence[Request], provider: Provider) -> list[list[int]]:
    """Which requests, by their places, go together."""
    parcels: list[_Parcel] = []
    for place, request in enumerate(requests):
        weight = _weight(request.body)
        parcel = next((parcel for parcel in parcels if parcel.takes(request, weight, provider)), None)
        if parcel is None:
            parcels.append(parcel := _Parcel())
        parcel.places.append(place)
        parcel.requests.append(request)
        parcel.weight += weight
    return [parcel.places for parcel in parcels]


def _weight(value: object) -> int:
    """About how many bytes a body is written in."""
    if isinstance(value, str):
        return len(value) + 2
    parts: Iterable[object] = ()
    if isinstance(value, dict):
        parts = (*value, *value.values())
    elif isinstance(value, list):
        parts = value
    return 8 + sum(map(_weight, parts))
