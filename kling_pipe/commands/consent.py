"""Whether a run may spend: decided from the estimate, the ceilings, and who is there to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from kling_pipe.errors import Interrupted, Refused
from kling_pipe.values.money import Cap, Cost


class Consent(Enum):
    """What follows from the estimate."""

    GIVEN = auto()  # nothing to pay, `--yes`, or a ceiling with nobody to ask
    SMALL = auto()  # somebody could answer, and need not: it is no more than the project lets pass
    ASK = auto()  # somebody can answer
    MISSING = auto()  # real money, nobody to ask, and neither `--yes` nor a ceiling


def consent(estimate: Cost, caps: Sequence[Cap], *, yes: bool, interactive: bool, above: Cap | None = None) -> Consent:
    """A budget is somebody's word already, so with nobody to ask it suffices: the run never passes it. `above` is the
    project's sum from which somebody at a terminal is asked; it is no word for anybody who is not there."""
    if yes or not estimate:
        return Consent.GIVEN
    if interactive:
        return Consent.SMALL if above is not None and above.allows(estimate) else Consent.ASK
    return Consent.GIVEN if caps else Consent.MISSING


def question(spending: str) -> str:
    """What is asked on a terminal; `spending` says the sum, what it is for, and how much of it was made before."""
    return f"This run spends {spending}. Go on?"


def unasked(spending: str, above: Cap) -> str:
    """What is said on a terminal where nobody is asked."""
    return f"this run spends {spending}; the project asks above {above}"


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
