"""What the service's errors mean; runware.md section 7.

1. The code's family decides: its names are not all published, so parts of names count where no name is known.
2. A code of no family goes by the HTTP status.
3. Without a readable envelope, only the HTTP status is left; a create may then have made its task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kling_pipe.providers.runware.envelopes import Envelope, Item, text_in
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.wire import Response

conflict = "conflictTaskUUID"

# The first that fits. Case does not count.
_money = re.compile(r"Credit|Balance|paymentRequired|insufficientFunds", re.IGNORECASE)
_families: tuple[tuple[re.Pattern[str], AnswerClass], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), answer)
    for pattern, answer in (
        (rf"{conflict}\Z", AnswerClass.EXISTS),
        # safety
        (
            r"contentPolicy|(?:prompt|image|video|audio|content)Blocked|nsfwContent|moderat|safetyViolation",
            AnswerClass.MODERATED,
        ),
        # rate limit
        (r"concurren\w*(?:Limit|Exceed)|queueFull", AnswerClass.OVER_QUOTA),  # a model's queue has no room
        (r"RateLimit|tooManyRequests", AnswerClass.THROTTLED),
        # quota: money is the account's, a quota may be that of one product
        (_money.pattern, AnswerClass.ACCOUNT),
        (r"Quota", AnswerClass.PRODUCT),
        # authentication
        (r"\Atoken\w*(?:Expired|Stale)", AnswerClass.AUTH_STALE),
        (r"apiKey|unauthorized|unauthenticated|\Atoken", AnswerClass.AUTH),
        (r"forbidden|permissionDenied", AnswerClass.FORBIDDEN),
        (r"modelDisabled\Z|modelUnavailable\Z", AnswerClass.TRANSIENT),
        (r"Suspended\Z|Disabled\Z", AnswerClass.ACCOUNT),
        # not found; the name of a model that is not there is no task
        (r"\AunknownModel|\AmodelNotFound", AnswerClass.FORBIDDEN),
        (r"taskFailedOrNotFound|taskCancelled|NotFound\Z|Expired\Z", AnswerClass.NOT_FOUND),
        # timeout, provider, server
        (r"Timeout", AnswerClass.TRANSIENT),
        (
            r"inferenceError|processingFailed|taskFailed|downloadFailed|uploadFailed|noAvailableServer|\Aprovider",
            AnswerClass.TRANSIENT,
        ),
        (r"internalServerError|serviceUnavailable|unknownError|serverError", AnswerClass.TRANSIENT),
        # validation
        (r"\A(?:invalid|missing|unsupported|conflict|duplicate|value|array|max)", AnswerClass.INVALID),
        (r"unknownParameter|incompatibleParameters|mismatchProviderSettings", AnswerClass.INVALID),
    )
)
_statuses: Mapping[int, AnswerClass] = {
    400: AnswerClass.INVALID,
    401: AnswerClass.AUTH,
    402: AnswerClass.ACCOUNT,
    403: AnswerClass.FORBIDDEN,
    404: AnswerClass.NOT_FOUND,
    413: AnswerClass.INVALID,
    422: AnswerClass.INVALID,
    429: AnswerClass.THROTTLED,
}
# Without the service's envelope somebody in between may speak, who knows less.
_bare: Mapping[int, AnswerClass] = {
    401: AnswerClass.AUTH,
    402: AnswerClass.ACCOUNT,
    413: AnswerClass.INVALID,
    429: AnswerClass.THROTTLED,
}
_remedies: Mapping[AnswerClass, str] = {
    AnswerClass.ACCOUNT: "look at balance and state of the account at Runware, then run again; nothing more was sent",
    AnswerClass.PRODUCT: "a quota is used up: have it raised at Runware, then run again; other products went on",
    AnswerClass.FORBIDDEN: "the key may not use this model, or Runware has it no more: allow it, or name another model",
}
# Failures of the work itself, whoever tells of them; any other error may be that of the question.
_about_the_work = re.compile(r"inferenceError|processingFailed|\AtaskFailed\Z|taskCancelled", re.IGNORECASE)


def class_of(code: str, status: int) -> AnswerClass:
    """How a code is classed, with the HTTP status it came with. A status that says to come back outweighs a code that
    seems to find fault with the request."""
    answer = next((answer for pattern, answer in _families if pattern.search(code)), None)
    if answer is None or (answer is AnswerClass.INVALID and (status == 429 or status >= 500)):
        return _statuses.get(status, AnswerClass.TRANSIENT)
    return answer


def refusal_of(response: Response) -> Refusal | None:
    """How an answer is classed as a whole; None when it is good or tells of something."""
    envelope = Envelope.of(response)
    if envelope is None:
        return _without_envelope(response)
    return first_of(envelope.errors, response) if envelope.errors and not envelope.items else None


def first_of(errors: Sequence[Item], response: Response) -> Refusal:
    """The refusal that several errors come to: that a task is there outweighs everything else."""
    found = [_as_told(error, response) for error in errors]
    return next((one for one in found if one.answer is AnswerClass.EXISTS), found[0])


def for_create(refusal: Refusal, product: str) -> Refusal:
    """A create cannot miss a task: what is not found is something the request names."""
    if refusal.answer is AnswerClass.NOT_FOUND:
        return replace(refusal, answer=AnswerClass.INVALID)
    return replace(refusal, pack=product) if refusal.answer is AnswerClass.PRODUCT else refusal


def unreadable(response: Response, what: str) -> Refusal:
    """A good answer with nothing in it that can be used."""
    return Refusal(AnswerClass.TRANSIENT, "unreadable", f"the answer (HTTP {response.status}) holds no {what}")


def is_failure(error: Item) -> bool:
    """Whether an error tells that a task has failed for good, not that a question about it has."""
    answer = class_of(text_in(error.get("code")), 0)
    if answer is AnswerClass.NOT_FOUND and not _about_the_work.search(text_in(error.get("code"))):
        return False
    marked = text_in(error.get("status")).lower() in ("error", "failed")
    return marked or answer is AnswerClass.MODERATED or bool(_about_the_work.search(text_in(error.get("code"))))


def words_of(error: Item) -> str:
    """What an error says to a person."""
    message, parameter = text_in(error.get("message")), text_in(error.get("parameter"))
    named = f" (`{parameter}`)" if parameter and parameter not in message else ""
    return (message or text_in(error.get("code")) or "no reason was given") + named


def failure_of(error: Item) -> str:
    """The word for a failed task: why, where that matters to whoever reads it."""
    return str(AnswerClass.MODERATED) if class_of(text_in(error.get("code")), 0) is AnswerClass.MODERATED else ""


def _as_told(error: Item, response: Response) -> Refusal:
    code = text_in(error.get("code"))
    answer = class_of(code, response.status)
    return Refusal(
        answer, code or f"http-{response.status}", words_of(error), text_in(error.get("taskUUID")),
        response.retry_after, lacks_money=answer is AnswerClass.ACCOUNT and bool(_money.search(code)),
        remedy=_remedies.get(answer, ""),
    )  # fmt: skip


def _without_envelope(response: Response) -> Refusal:
    status = response.status
    message = f"HTTP {status} without the service's envelope"
    if status < 400:
        return Refusal(AnswerClass.TRANSIENT, "unreadable", message)
    answer = _bare.get(status, AnswerClass.TRANSIENT)
    return Refusal(answer, f"http-{status}", message, retry_after=response.retry_after)
