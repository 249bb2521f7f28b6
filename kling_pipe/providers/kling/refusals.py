"""What the service's answers mean when they are no good: the error table of kling.md section 8, and its reading.

1. The envelope's code decides, whatever the HTTP status (D1).
2. The text decides only where one code has several meanings (1201), never for authentication (section 2).
3. Without a readable envelope, only the HTTP status is left; a create may then have made its task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.wire import Json, Response

answer_classes: Mapping[int, AnswerClass] = {
    1000: AnswerClass.AUTH,
    1001: AnswerClass.AUTH,
    1002: AnswerClass.AUTH,
    1003: AnswerClass.AUTH_STALE,
    1004: AnswerClass.AUTH_STALE,
    1100: AnswerClass.ACCOUNT,
    1101: AnswerClass.ACCOUNT,
    1102: AnswerClass.PRODUCT,
    1103: AnswerClass.FORBIDDEN,
    1200: AnswerClass.INVALID,
    1201: AnswerClass.INVALID,
    1202: AnswerClass.INVALID,
    1203: AnswerClass.INVALID,
    1300: AnswerClass.MODERATED,
    1301: AnswerClass.MODERATED,
    1302: AnswerClass.THROTTLED,
    1303: AnswerClass.OVER_QUOTA,
    1304: AnswerClass.ACCOUNT,
    5000: AnswerClass.TRANSIENT,
    5001: AnswerClass.TRANSIENT,
    5002: AnswerClass.TRANSIENT,
}
# Codes nobody has listed yet go by their hundreds; a code outside them may mean anything, so the task may exist.
_families: Mapping[int, AnswerClass] = {
    10: AnswerClass.AUTH,
    11: AnswerClass.ACCOUNT,
    12: AnswerClass.INVALID,
    13: AnswerClass.INVALID,
}
# What the account's owner can do, where the code says more than its class; the client actions of section 8 (likely).
remedies: Mapping[int, str] = {
    1100: "the account is in an abnormal state: look at it in the Kling console, or ask Kling; nothing more was sent",
    1101: "the account is in arrears: pay what is owed in the Kling console, then run again; nothing more was sent",
    1102: "this product's pack is used up or has expired: buy or renew one, then run again; other products went on",
    1103: "the account may not use this endpoint or model: have it enabled in the Kling console, or name another model",
    1304: "this machine's address is not on the account's allow list: add it in the Kling console, then run again",
}
# Texts seen with 1201, section 8. `Voice id not found` is none of them: that is a wrong value.
_texts: tuple[tuple[re.Pattern[str], AnswerClass], ...] = (
    (re.compile(r"external_?task_?id\b.*\balready exists", re.IGNORECASE), AnswerClass.EXISTS),
    (re.compile(r"\btask not found|not found by (?:id|external)", re.IGNORECASE), AnswerClass.NOT_FOUND),
)
_in_arrears = 1101
# Bare HTTP statuses, without a readable envelope.
_statuses: Mapping[int, AnswerClass] = {
    401: AnswerClass.AUTH,
    413: AnswerClass.INVALID,
    429: AnswerClass.THROTTLED,
}
_moderation = re.compile(
    r"risk control|content (?:policy|security|safety|moderation)|security policy|platform policy|sensitive"
    r"|moderat|violat|prohibited|inappropriate",
    re.IGNORECASE,
)


def refusal_of(response: Response) -> Refusal | None:
    """How an answer is classed; None when its code is 0."""
    envelope = response.json()
    code = None if envelope is None else code_in(envelope.get("code"))
    if envelope is None or code is None:
        return _bare(response)
    if code == 0:
        return None
    message = text_in(envelope.get("message")) or text_in(envelope.get("msg"))
    answer = answer_classes.get(code) or _families.get(code // 100, AnswerClass.TRANSIENT)
    if code == 1201:
        answer = next((meaning for pattern, meaning in _texts if pattern.search(message)), answer)
    request_id, remedy = text_in(envelope.get("request_id")), remedies.get(code, "")
    return Refusal(
        answer, str(code), message, request_id, response.retry_after, lacks_money=code == _in_arrears, remedy=remedy
    )


def for_create(refusal: Refusal, pack: str) -> Refusal:
    """A create cannot miss a task: what is not found is something the request names. `pack` is what it draws on."""
    if refusal.answer is AnswerClass.NOT_FOUND:
        return replace(refusal, answer=AnswerClass.INVALID)
    return replace(refusal, pack=pack) if refusal.answer is AnswerClass.PRODUCT else refusal


def for_query(refusal: Refusal) -> Refusal:
    """The table's own code for a task that is not there is 1203; the one seen is 1201 (D19)."""
    return replace(refusal, answer=AnswerClass.NOT_FOUND) if refusal.code == "1203" else refusal


def unreadable(response: Response, what: str) -> Refusal:
    """A good code with nothing in it that can be used."""
    envelope: Json = response.json() or {}
    message = f"the answer holds no {what}"
    return Refusal(AnswerClass.TRANSIENT, "unreadable", message, text_in(envelope.get("request_id")))


def not_as_it_is(code: str, message: str, response: Response) -> Refusal:
    """A good answer that says the job cannot be made: a clip without a face, a place where nothing is."""
    envelope: Json = response.json() or {}
    return Refusal(AnswerClass.INVALID, code, message, text_in(envelope.get("request_id")), is_judgement=True)


def sounds_moderated(message: str) -> bool:
    """Whether a failed task's reason speaks of content policy; the service has no code for it there (section 4)."""
    return _moderation.search(message) is not None


def code_in(value: object) -> int | None:
    """An envelope's code: an integer, or one written as text."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text_in(value: object) -> str:
    """A text, or nothing."""
    return value if isinstance(value, str) else ""


def _bare(response: Response) -> Refusal:
    status = response.status
    if status < 400:
        return Refusal(AnswerClass.TRANSIENT, "unreadable", f"HTTP {status} without the service's envelope")
    answer = _statuses.get(status, AnswerClass.TRANSIENT)
    message = f"HTTP {status} without the service's envelope"
    return Refusal(answer, f"http-{status}", message, retry_after=response.retry_after)
