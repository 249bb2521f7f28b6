"""One request and its answer, for the driver and for every verb that asks a service something.

`exchange` signs and sends once; `ask` is for free questions only: it waits and asks again while the service is busy.
Where a line has `together`, what waits at the same moment goes as one.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol, TypeVar

from kling_pipe.providers.provider import Credential, Provider
from kling_pipe.run.ports import Clock, Keeper, Wire
from kling_pipe.run.retry import throttle_backoff
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Output
from kling_pipe.values.transfer import AnswerMissing, FetchTrouble
from kling_pipe.values.wire import Request, Response

most_tries = 6  # with the pauses between them about half a minute
most_tries_unsent = 2  # where nobody can be reached, the address is likely wrong
own_file_seconds = 120.0  # between two signs of life of a file that the API itself hands out
most_pages = 2000  # of one listing, so that a service that always tells of one more page is left in the end

Read = TypeVar("Read")
Pause = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Line:
    """The way to one profile's service; `skew` is how far its clock is ahead of ours, once it told."""

    provider: Provider
    credential: Credential
    wire: Wire
    skew: float = 0.0
    callback_url: str = ""  # where the service is to tell of tasks by itself
    keeper: Keeper | None = None  # of answers nobody waited for
    together: Callable[[Request], Awaitable[Response | Refusal]] | None = None  # sends a request with those beside it


async def exchange(line: Line, request: Request, clock: Clock) -> Response | Refusal:
    """Signs and sends; a stale token is signed anew once, by the service's own clock when it tells one."""
    response = await _send(line, request, clock)
    if isinstance(response, Refusal):
        return response
    refusal = line.provider.read_refusal(response)
    if refusal is not None and refusal.answer is AnswerClass.AUTH_STALE:
        line.provider.forget_tokens()
        line.skew = _skew_of(response, clock.now())
        return await _send(line, request, clock)
    return response


async def ask(
    line: Line, request: Request, read: Callable[[Response], Read | Refusal], clock: Clock, pause: Pause
) -> Read | Refusal:
    """A free question's answer, asked again while it passes; `read` is the adapter's reading of it."""
    for tries in range(1, most_tries + 1):
        response = await exchange(line, request, clock)
        answer = response if isinstance(response, Refusal) else read(response)
        if not isinstance(answer, Refusal) or not _may_pass(answer, tries):
            return answer
        await pause(max(answer.retry_after or 0.0, throttle_backoff.seconds(tries, 1.0)))
    raise AssertionError("the last try returns")


async def handed_out(line: Line, output: Output, clock: Clock) -> Output:
    """A file that a service hands out to the credential alone: with its bytes, or at the open address it is sent on to.
    Raises FetchTrouble. Its path names no host and redirects are not followed, so that the credential goes to the API's
    own host and to no other."""
    response = await exchange(line, Request("GET", output.url, patience=own_file_seconds), clock)
    if isinstance(response, Refusal):
        raise FetchTrouble(f"the service did not hand out the file: {response}")
    location = response.headers.get("location", "")
    if 300 <= response.status < 400 and location.startswith(("https://", "http://")):
        return replace(output, url=location)
    if response.status != 200 or not response.body:
        gone = response.status in (404, 410)
        raise FetchTrouble(f"the service did not hand out the file, it answers {response.status}", gone=gone)
    return replace(output, url=f"data:;base64,{base64.b64encode(response.body).decode()}")


class Page(Protocol):
    """An answer that may have a next page."""

    @property
    def more(self) -> Request | None: ...


Paged = TypeVar("Paged", bound=Page)


async def ask_pages(
    line: Line,
    requests: Sequence[Request],
    read: Callable[[Request, Response], Paged | Refusal],
    clock: Clock,
    pause: Pause,
) -> AsyncIterator[Paged | Refusal]:
    """Every page of every question; a refusal ends the question it answers."""
    for first in requests:
        request: Request | None = first
        for _ in range(most_pages):
            if request is None:
                break
            page = await ask(line, request, partial(read, request), clock, pause)
            yield page
            request = None if isinstance(page, Refusal) or page.more == request else page.more


_passing = frozenset({AnswerClass.THROTTLED, AnswerClass.OVER_QUOTA, AnswerClass.TRANSIENT})


def _may_pass(refusal: Refusal, tries: int) -> bool:
    return refusal.answer in _passing and tries < (most_tries_unsent if refusal.unsent else most_tries)


async def _send(line: Line, request: Request, clock: Clock) -> Response | Refusal:
    return await (send_signed(line, request, clock) if line.together is None else line.together(request))


async def send_signed(line: Line, request: Request, clock: Clock) -> Response | Refusal:
    """Signs and sends one request; no answer is a refusal too."""
    signed = line.provider.sign(request, line.credential, clock.now() + line.skew)
    try:
        return await line.wire.send(signed)
    except AnswerMissing as missing:
        return no_answer(missing)


def no_answer(missing: AnswerMissing) -> Refusal:
    return Refusal(AnswerClass.TRANSIENT, missing.code, missing.message, unsent=not missing.sent)


def _skew_of(response: Response, now: float) -> float:
    """Seconds by which the service's clock is ahead of ours, from its `Date` header; 0 when it tells none."""
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp() - now
    except (KeyError, ValueError):
        return 0.0
