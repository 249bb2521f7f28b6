"""What the gateway's answers mean when they are no good; gateway.md section 6.

1. A create made surely nothing only where a 4xx answer says what was wrong. Everything else may have made a job, and no
   id of ours could find it: it is in doubt.
2. A 4xx that speaks of the upstream's time or trouble is in doubt too: the gateway had passed the request on.
3. The words decide before the status, because quota, policy and permission share statuses.
4. Asking costs nothing, so an answer to a question is never a reason to give a job up but where it says that there is
   no such job.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from kling_pipe.providers.gateway.answers import text_in, word_in
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.wire import Response

_statuses: Mapping[int, AnswerClass] = {
    401: AnswerClass.AUTH,
    402: AnswerClass.PRODUCT,
    403: AnswerClass.FORBIDDEN,
    404: AnswerClass.FORBIDDEN,  # of a create: there is no such call here
    405: AnswerClass.FORBIDDEN,
    408: AnswerClass.TRANSIENT,  # the gateway's or the upstream's time ran out
    409: AnswerClass.TRANSIENT,  # something like it may be there
    425: AnswerClass.TRANSIENT,
    429: AnswerClass.THROTTLED,
    499: AnswerClass.TRANSIENT,
}
_codes: Mapping[str, AnswerClass] = {
    "task_not_exist": AnswerClass.NOT_FOUND,  # with status 400
    "channel_not_found": AnswerClass.FORBIDDEN,
    "invalid_api_platform": AnswerClass.FORBIDDEN,
    "model_price_error": AnswerClass.FORBIDDEN,
    "do_request_failed": AnswerClass.TRANSIENT,  # under way to the upstream
    "get_task_failed": AnswerClass.TRANSIENT,
}
_policy = re.compile(
    r"risk control|content[ _-]?(?:policy|security|safety|moderation|filter)|(?:safety|security|platform)[ _]"
    r"(?:policy|system)|sensitive|moderat|violat|prohibited|inappropriate",
    re.IGNORECASE,
)
_poor = re.compile(
    r"insufficient[ _](?:user[ _])?(?:quota|balance|credit|fund)|quota[ _](?:is )?(?:not enough|exhausted|insufficient)"
    r"|(?:balance|credits?)[ _](?:is |are )?(?:not enough|exhausted|insufficient|too low)",
    re.IGNORECASE,
)
_poorer = re.compile(r"not enough|balance|credit|billing|(?:current|user|token|remaining)[ _]quota", re.IGNORECASE)
_trouble = re.compile(
    r"time[ds]?[ _-]?out|deadline|\bEOF\b|connection|bad gateway|(?:service|server|upstream)\b.{0,20}unavailable"
    r"|internal (?:server )?error|server[ _]error|(?:status|code)\W{0,12}5\d{2,3}\b",
    re.IGNORECASE,
)
_no_task = re.compile(r"\b(?:task|video|job)[ _](?:is )?(?:not[ _](?:exist|found)|does not exist)", re.IGNORECASE)
_no_model = re.compile(
    r"\bmodel\b.{0,80}\b(?:not (?:found|exist|support|available|allowed)|does not exist|no access)|model_not_found"
    r"|no available channel",
    re.IGNORECASE,
)
# In this order. Quota is told with these statuses (403 on new-api, 402 or 429 elsewhere), policy and models with those.
_words: tuple[tuple[re.Pattern[str], frozenset[int], AnswerClass], ...] = (
    (_poor, frozenset({400, 402, 403, 429}), AnswerClass.PRODUCT),
    (_poorer, frozenset({402, 403, 429}), AnswerClass.PRODUCT),
    (_policy, frozenset({400, 403, 422, 451}), AnswerClass.MODERATED),
    (_trouble, frozenset(range(400, 429)) | {499}, AnswerClass.TRANSIENT),
    (_no_task, frozenset({400, 404, 410}), AnswerClass.NOT_FOUND),
    (_no_model, frozenset({400, 403, 404, 422}), AnswerClass.FORBIDDEN),
)
_remedies: Mapping[AnswerClass, str] = {
    AnswerClass.PRODUCT: "the gateway's quota is used up: top it up, then run again",
    AnswerClass.FORBIDDEN: "the gateway does not offer this model to this key: name its own id under `models` in the"
    " profile, or another model",
}


def refusal_of(response: Response) -> Refusal | None:
    """How any answer is classed; None when it is good."""
    if 200 <= response.status < 300:
        return None if _is_file(response) or response.json() is not None else unreadable(response)
    found = _told(response)
    return found if found is not None else _bare(response)


def for_create(response: Response, pack: str) -> Refusal | None:
    """The refusal of a create; `pack` is what is stopped by a quota that is used up."""
    refusal = refusal_of(response)
    if refusal is None:
        return None
    if not 400 <= response.status < 500 or _told(response) is None or _names_job(response):
        return replace(refusal, answer=AnswerClass.TRANSIENT, remedy="")
    if refusal.answer is AnswerClass.NOT_FOUND:
        return replace(refusal, answer=AnswerClass.INVALID)
    return replace(refusal, pack=pack) if refusal.answer is AnswerClass.PRODUCT else refusal


def for_query(refusal: Refusal) -> Refusal:
    """That a question is refused says nothing about the job."""
    kept = (AnswerClass.NOT_FOUND, AnswerClass.AUTH, AnswerClass.THROTTLED)
    return refusal if refusal.answer in kept else replace(refusal, answer=AnswerClass.TRANSIENT)


def unreadable(response: Response, what: str = "JSON object") -> Refusal:
    """An answer with a good status that cannot be used."""
    return Refusal(
        AnswerClass.TRANSIENT, "unreadable", f"HTTP {response.status} without a {what}", _request_id(response)
    )


def sounds_moderated(message: str) -> bool:
    """Whether a reason speaks of content policy."""
    return _policy.search(message) is not None


def _told(response: Response) -> Refusal | None:
    """The refusal of an answer that says what was wrong, in one of three shapes."""
    answer = response.json() or {}
    error = answer.get("error")
    if isinstance(error, Mapping):
        code, message = word_in(error.get("code")) or text_in(error.get("type")), text_in(error.get("message"))
    else:
        code, message = word_in(answer.get("code")), text_in(answer.get("message")) or text_in(error)
    if not message and not code:
        return None
    status = response.status
    answer_class = _class_of(status, code, f"{code} {message}")
    request = _request_id(response) or word_in(answer.get("request_id"))
    return Refusal(
        answer_class, code or f"http-{status}", message or code, request, response.retry_after,
        remedy=_remedies.get(answer_class, ""),
    )  # fmt: skip


def _names_job(response: Response) -> bool:
    """Whether a refusal tells of a job all the same, or that all is well."""
    answer = response.json() or {}
    data = answer.get("data")
    inside = data if isinstance(data, Mapping) else {}
    names_one = any(word_in(layer.get("task_id")) or word_in(layer.get("video_id")) for layer in (answer, inside))
    return names_one or word_in(answer.get("code")).lower() in ("0", "200", "ok", "success", "succeed")


def _class_of(status: int, word: str, words: str) -> AnswerClass:
    by_status = _statuses.get(status, AnswerClass.INVALID)
    if not 400 <= status < 500 or by_status is AnswerClass.TRANSIENT:
        return AnswerClass.TRANSIENT
    if by_status is AnswerClass.AUTH:
        return by_status
    if word in _codes:
        return _codes[word]
    return next((found for pattern, places, found in _words if status in places and pattern.search(words)), by_status)


def _bare(response: Response) -> Refusal:
    """Only the status is left. A wrong path answers like that too, so 404 says nothing about a job."""
    status = response.status
    found = _statuses.get(status, AnswerClass.TRANSIENT)
    kept = found if found in (AnswerClass.AUTH, AnswerClass.THROTTLED) else AnswerClass.TRANSIENT
    message = f"HTTP {status} without a word of the gateway"
    return Refusal(kept, f"http-{status}", message, _request_id(response), response.retry_after)


def _is_file(response: Response) -> bool:
    """The content of a job, which need not be looked at to know that it is no error."""
    return response.headers.get("content-type", "").startswith(("video/", "image/", "application/octet-stream"))


def _request_id(response: Response) -> str:
    names = ("x-oneapi-request-id", "x-request-id")
    return next((response.headers[name] for name in names if name in response.headers), "")
