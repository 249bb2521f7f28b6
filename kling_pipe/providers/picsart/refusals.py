"""What a bad answer means: by its HTTP status, and by its words where the page goes by them; picsart.md section 2.

1. The statuses of a server in trouble, and those that say nothing of what was done, are transient: there is no id of
   ours, so after a submit they leave the job in doubt (section 2).
2. 402, or a refusal whose words hold `insufficient`, means that credits are short.
3. A query that is refused proves nothing of the task, except by 404.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.wire import Response

pack = "credits"
short = "the account has too few credits left for this: buy some at picsart.com, then run again"
_statuses: Mapping[int, AnswerClass] = {
    401: AnswerClass.AUTH,
    402: AnswerClass.PRODUCT,
    403: AnswerClass.FORBIDDEN,
    404: AnswerClass.NOT_FOUND,
    410: AnswerClass.NOT_FOUND,
    429: AnswerClass.THROTTLED,
    # Said by proxies too, when they gave up waiting: the service may have gone on.
    408: AnswerClass.TRANSIENT,
    409: AnswerClass.TRANSIENT,
    425: AnswerClass.TRANSIENT,
    499: AnswerClass.TRANSIENT,
}
_places = ("error", "message", "reason", "detail")
_moderation = re.compile(
    r"moderat|content (?:policy|security|safety|filter)|risk control|sensitive|prohibited|inappropriate|violat|nsfw",
    re.IGNORECASE,
)
_crowded = re.compile(r"\bat once\b|concurren|in progress|already running|too many (?:task|job|generation)", re.I)
_expired = re.compile(r"expired", re.IGNORECASE)
_most = 2000  # characters of a message


def refusal_of(response: Response) -> Refusal | None:
    """How an HTTP answer is classed; None when it is a good one that can be read."""
    if response.status < 300:
        return None if response.json() is not None else unreadable("the answer is no JSON object")
    message = message_in(response.json())
    return by_status(response.status, message, response.retry_after)


def by_status(status: int, message: str, retry_after: float | None = None) -> Refusal:
    """The meaning of a status with the words that came with it."""
    answer = _answer(status, message)
    text, remedy = message or f"HTTP {status}", short if answer is AnswerClass.PRODUCT else ""
    of = pack if answer is AnswerClass.PRODUCT else ""
    return Refusal(answer, f"http-{status}", text, retry_after=retry_after, pack=of, remedy=remedy)


def for_create(refusal: Refusal) -> Refusal:
    """A submit cannot miss a task: it is the workflow that is not there."""
    return replace(refusal, answer=AnswerClass.FORBIDDEN) if refusal.answer is AnswerClass.NOT_FOUND else refusal


def for_query(refusal: Refusal) -> Refusal:
    """What is wrong with a question is not wrong with the task."""
    return replace(refusal, answer=AnswerClass.TRANSIENT) if refusal.answer in _of_requests else refusal


_of_requests = frozenset({AnswerClass.INVALID, AnswerClass.MODERATED})


def credits_short(code: str, message: str) -> Refusal:
    """Credits are short, and words say so and no status."""
    return Refusal(AnswerClass.PRODUCT, code, message or "insufficient credits", pack=pack, remedy=short)


def unreadable(message: str) -> Refusal:
    """Nothing in it that can be used; after a submit the task may exist."""
    return Refusal(AnswerClass.TRANSIENT, "unreadable", message)


def sounds_moderated(message: str) -> bool:
    """Whether a reason speaks of content policy; the service has no code for it."""
    return _moderation.search(message) is not None


def message_in(value: object) -> str:
    """The words of an answer: at `response` or at the top, under one of several names, as a text or in an object."""
    if not isinstance(value, Mapping):
        return ""
    for holder in (value.get("response"), value):
        if isinstance(holder, Mapping):
            for place in _places:
                found = holder.get(place)
                text = found if isinstance(found, str) else _inner(found)
                if text:
                    return text[:_most]
    return ""


def _inner(value: object) -> str:
    found = [value.get(place) for place in _places] if isinstance(value, Mapping) else []
    return next((text for text in found if isinstance(text, str) and text), "")


def _answer(status: int, message: str) -> AnswerClass:
    answer = _statuses.get(status, AnswerClass.INVALID if 400 <= status < 500 else AnswerClass.TRANSIENT)
    if answer is AnswerClass.THROTTLED:
        return AnswerClass.OVER_QUOTA if _crowded.search(message) else answer
    if answer is AnswerClass.AUTH:
        return AnswerClass.AUTH_STALE if _expired.search(message) else answer
    if answer is not AnswerClass.TRANSIENT and "insufficient" in message.lower():
        return AnswerClass.PRODUCT
    refused = answer in (AnswerClass.INVALID, AnswerClass.FORBIDDEN)
    return AnswerClass.MODERATED if refused and sounds_moderated(message) else answer
