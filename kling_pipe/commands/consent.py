"""Whether a run may spend: decided from the estimate, the ceilings, and who is there to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from kling_pipe.errors import Interrupted, Refused
from kling_pipe.values.money import Cap, Cost


class Consent(Enum):
    """What follows from the estimate."""

    GIVEN = auto()  # nothing to pay, `--yes`, or a ceiling with nobody to ask
    ASK = auto()  # somebody can answer
    MISSING = auto()  # real money, nobody to ask, and neither `--yes` nor a ceiling


def consent(estimate: Cost, caps: Sequence[Cap], *, yes: bool, interactive: bool) -> Consent:
    """A budget is somebody's word already, so with nobody to ask it suffices: the run never passes it."""
    if yes or not estimate:
        return Consent.GIVEN
    if interactive:
        return Consent.ASK
    return Consent.GIVEN if caps else Consent.MISSING


def question(estimate: Cost, *, exact: bool) -> str:
    """What is asked on a terminal."""
    return f"This run spends {'' if exact else 'about '}{estimate}. Go on?"


def missing(estimate: Cost, command: str) -> Refused:
    """The refusal when nobody agreed."""
    return Refused(
        "not-agreed",
        f"this run would spend {estimate}, and nobody is here to agree",
        hint=f"type `{command} --yes`, or give a ceiling such as `--max-cost '{_ceiling(estimate)}'`",
    )


def declined() -> Refused:
    """The refusal when somebody said no."""
    return Refused("declined", "nothing was sent and nothing was spent", hint="`--simulate` tries the same for nothing")


def unanswered() -> Interrupted:
    """The end when somebody pressed Ctrl-C instead of answering."""
    return Interrupted(
        "interrupted", "interrupted; this run sent nothing and spent nothing", hint="`--simulate` tries it for nothing"
    )


def _ceiling(estimate: Cost) -> str:
    return f"{int(estimate.usd) + 1} USD"
