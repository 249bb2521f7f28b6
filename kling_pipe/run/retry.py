"""What follows from each class of answer: the one table of retries, and how long to wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.values.answer import AnswerClass, Refusal


class Consequence(StrEnum):
    """What the run does about an answer."""

    COOL = "cool"  # the whole account pauses, then the same request goes again
    SHRINK = "shrink"  # the pool shrinks and the job queues; nothing was created
    ASK = "ask"  # look the job up by its external id before anything else
    AGAIN = "again"  # the same request again, after a pause
    STOP_ALL = "stop-all"  # no further request can work
    STOP_SENDING = "stop-sending"  # nothing new is taken; what is being made is waited for
    STOP_PRODUCT = "stop-product"  # jobs of this product cannot work; others go on
    STOP_OFFER = "stop-offer"  # jobs of this endpoint and model cannot work; others go on
    FAIL = "fail"  # this step fails for good
    GONE = "gone"  # the provider knows no such task


on_create: dict[AnswerClass, Consequence] = {
    AnswerClass.THROTTLED: Consequence.COOL,
    AnswerClass.OVER_QUOTA: Consequence.SHRINK,
    AnswerClass.TRANSIENT: Consequence.ASK,
    AnswerClass.EXISTS: Consequence.ASK,
    AnswerClass.AUTH: Consequence.STOP_ALL,
    AnswerClass.AUTH_STALE: Consequence.STOP_ALL,  # signing again was tried once below
    AnswerClass.ACCOUNT: Consequence.STOP_SENDING,
    AnswerClass.PRODUCT: Consequence.STOP_PRODUCT,
    AnswerClass.FORBIDDEN: Consequence.STOP_OFFER,
    AnswerClass.INVALID: Consequence.FAIL,
    AnswerClass.MODERATED: Consequence.FAIL,
    AnswerClass.NOT_FOUND: Consequence.FAIL,
}

on_read: dict[AnswerClass, Consequence] = {
    AnswerClass.THROTTLED: Consequence.COOL,
    AnswerClass.OVER_QUOTA: Consequence.COOL,
    AnswerClass.TRANSIENT: Consequence.AGAIN,
    AnswerClass.EXISTS: Consequence.AGAIN,
    AnswerClass.AUTH: Consequence.STOP_ALL,
    AnswerClass.AUTH_STALE: Consequence.STOP_ALL,
    AnswerClass.ACCOUNT: Consequence.AGAIN,
    AnswerClass.PRODUCT: Consequence.AGAIN,
    AnswerClass.FORBIDDEN: Consequence.AGAIN,
    AnswerClass.INVALID: Consequence.GONE,
    AnswerClass.MODERATED: Consequence.AGAIN,
    AnswerClass.NOT_FOUND: Consequence.GONE,
}

remedies: dict[AnswerClass, str] = {
    AnswerClass.AUTH: "check the credential with `kling-pipe doctor`",
    AnswerClass.AUTH_STALE: "check this machine's clock with `kling-pipe doctor`",
    AnswerClass.ACCOUNT: "look at the account in the provider's console; nothing more was sent",
    AnswerClass.PRODUCT: "top up or renew this product's pack, then run again; other products went on",
    AnswerClass.FORBIDDEN: "the account may not use this endpoint or model: ask for it, or name another model",
    AnswerClass.INVALID: "the provider refuses this request as it is; change the step",
    AnswerClass.MODERATED: "the provider's content policy refused it; change the prompt or the picture",
}


def made_nothing(answer: Refusal) -> bool:
    """Whether a create that was answered so has surely made nothing."""
    return answer.unsent or on_create.get(answer.answer, Consequence.ASK) is not Consequence.ASK


def remedy_of(refusal: Refusal) -> str:
    """What can be done about a refusal: the adapter's own word, or that of its class."""
    return refusal.remedy or remedies.get(refusal.answer, "")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential, capped, jittered: `fraction` is a random number in 0..1 that the caller brings."""

    first: float
    most: float

    def seconds(self, tries: int, fraction: float) -> float:
        """The pause before try number `tries` + 1 (tries counts from 1)."""
        full = min(self.most, self.first * float(2 ** min(tries - 1, 30)))
        return full * (0.5 + 0.5 * fraction)


throttle_backoff = Backoff(first=1.0, most=60.0)
transient_backoff = Backoff(first=0.5, most=20.0)
first_patience = 60.0  # the same while the provider never answered in this run: its address is likely wrong
patience = 900.0  # seconds of nothing but trouble after which a run gives a job back to the ledger
