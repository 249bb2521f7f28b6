"""How an answer to a request is classed; the words every adapter translates its provider's codes into."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.values.money import Cost
from kling_pipe.values.secret import unsigned


class AnswerClass(StrEnum):
    """What an answer means to the caller; `run/retry.py` says in one table what follows from each."""

    OK = "ok"  # did what was asked
    THROTTLED = "throttled"  # too many requests; nothing was created; the whole account cools down
    OVER_QUOTA = "over-quota"  # too many tasks at once; nothing was created; the pool shrinks and the job queues
    TRANSIENT = "transient"  # the service or the way to it failed; after a create the task may exist
    AUTH = "auth"  # the credential was refused; signing again will not help
    AUTH_STALE = "auth-stale"  # the token's time was refused; signing again may help, once
    ACCOUNT = "account"  # the account is stopped: abnormal, in arrears, address not allowed
    PRODUCT = "product"  # this product's pack is used up; others go on
    FORBIDDEN = "forbidden"  # this endpoint or model is not permitted; others go on
    INVALID = "invalid"  # the request can never succeed as it is
    MODERATED = "moderated"  # the service's content policy refused it
    EXISTS = "exists"  # the external id is taken: the task exists and is to be adopted
    NOT_FOUND = "not-found"  # no such task


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than OK, in the provider's own words."""

    answer: AnswerClass
    code: str  # the provider's code, or `http-502`, `timeout`, `reset`, `unreadable`
    message: str
    request_id: str = ""
    retry_after: float | None = None
    pack: str = ""
    field: str = ""  # the wired field it is about, where a route was refused
    unsent: bool = False  # the request surely never left
    cost: Cost = Cost()  # what was charged for the answer all the same
    lacks_money: bool = False  # an account whose money is used up: nothing was made, nor will be before somebody pays
    is_judgement: bool = False  # ours, of an answer that was good: the service did what was asked, and charged for it
    remedy: str = dataclasses.field(default="", compare=False)  # what can be done, where the code says more

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", unsigned(self.message))

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.code}: {self.message}{request}"
