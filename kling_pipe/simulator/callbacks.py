"""Tells the addresses that tasks carry of every change, signed where a secret is set.

1. A task is told of when it is made, when it begins and when it ends; what is told is the task as of that moment.
2. What did not arrive is not sent again: nothing is published of retries (native page, D15), so a listener asks.
   A service that tells of the end alone, and tries again, has `deliver`.
3. Losses, repeats and disorder are draws from the seed, the task's number and the change.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.simulator.clock import Clock
from kling_pipe.simulator.faults import draw
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.tasks import Task

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[None]]  # raises OSError when nobody answers
Telling = Callable[[float], bytes]  # the task as its service tells it at a moment
Ending = Callable[[], Awaitable[Sequence[bytes]]]  # all there is to tell of a task that has ended


@dataclass(frozen=True, slots=True)
class Message:
    """One change of one task, as it is sent; a repeat is the same message."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Callbacks:
    """Follows tasks by the world's clock, each in an asyncio task of its own; begins none without a `callback_url`."""

    def __init__(self, clock: Clock, settings: Settings, post: Post | None) -> None:
        self._clock = clock
        self._settings = settings
        self._post = post
        self._following: set[asyncio.Task[None]] = set()

    def follow(self, task: Task, telling: Telling) -> None:
        """Tells of a task from now on."""
        if self._post is None or not task.order.callback_url:
            return
        self._begin(self._follow(self._post, task, telling))

    def deliver(self, task: Task, ending: Ending, waits: Sequence[float] = ()) -> None:
        """Tells of a task when it has ended, unsigned, one message for each body; where nobody answers, again after
        each of the waits."""
        if self._post is not None and task.order.callback_url and not math.isinf(task.ends):
            self._begin(self._deliver(self._post, task, ending, waits))

    async def settled(self) -> None:
        """Waits until there is nothing left to tell of the tasks followed so far."""
        await asyncio.gather(*self._following)

    def close(self) -> None:
        """Tells of nothing any more."""
        for following in tuple(self._following):
            if not following.get_loop().is_closed():
                following.cancel()

    async def _follow(self, post: Post, task: Task, telling: Telling) -> None:
        late: list[Message] = []
        for number, moment in enumerate((task.created, task.starts, task.ends), 1):
            if math.isinf(moment):
                break
            await self._until(moment)
            if self._meets("lost", self._settings.callback_losses, task, number):
                continue
            message = self._message(task, number, telling(moment))
            if self._meets("late", self._settings.callback_disorder, task, number):
                late.append(message)
                continue
            twice = self._meets("twice", self._settings.callback_repeats, task, number)
            await _sent(post, (message, message) if twice else (message,))
            await _sent(post, late)
            late = []
        await _sent(post, late)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        following = asyncio.create_task(work)
        self._following.add(following)
        following.add_done_callback(self._following.discard)

    async def _deliver(self, post: Post, task: Task, ending: Ending, waits: Sequence[float]) -> None:
        await self._until(task.ends)
        url, headers = task.order.callback_url, {"content-type": "application/json"}
        for number, body in enumerate(await ending(), 1):
            if self._meets("lost", self._settings.callback_losses, task, number):
                continue
            await self._tried(post, Message(url, headers, body), waits)
            if self._meets("twice", self._settings.callback_repeats, task, number):
                await self._tried(post, Message(url, headers, body), waits)

    async def _tried(self, post: Post, message: Message, waits: Sequence[float]) -> None:
        for wait in (*waits, 0.0):
            try:
                await post(message.url, message.headers, message.body)
            except OSError:
                await self._clock.sleep(wait)
            else:
                return

    async def _until(self, moment: float) -> None:
        left = moment - self._clock.now()
        if left > 0:
            await self._clock.sleep(left)

    def _meets(self, name: str, share: float, task: Task, number: int) -> bool:
        return share > 0 and draw(self._settings.seed, f"callback-{name}/{task.number}", number) < share

    def _message(self, task: Task, number: int, body: bytes) -> Message:
        headers = {"content-type": "application/json"}
        if self._settings.webhook_secret:
            now = self._clock.stamp(self._clock.now()) + self._settings.skew
            headers |= signed(self._settings.webhook_secret, f"{task.id}{number}", int(now), body)
        return Message(task.order.callback_url, headers, body)


def signed(secret: str, name: str, moment: int, body: bytes) -> dict[str, str]:
    """The headers of a signed callback; `name` is the same for every repeat of one message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook-id": name, "webhook-timestamp": str(moment), "webhook-signature": signature}


async def _sent(post: Post, messages: list[Message] | tuple[Message, ...]) -> None:
    for message in messages:
        with contextlib.suppress(OSError):
            await post(message.url, message.headers, message.body)
