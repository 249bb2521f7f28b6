"""Whether a run may spend: decided from the estimate, the ceilings, and who is there to be asked."""

from __future__ import annotations

from enum import Enum, auto

from kling_pipe.errors import Interrupted, Refused
from kling_pipe.values.money import Cap, Cost


class Consent(Enum):
    """What follows from the estimate."""

    GIVEN = auto()  # nothing to pay, `--yes`, or a ceiling typed where nobody can be asked
    SMALL = auto()  # somebody could answer, and need not: it is no more than the project lets pass
    ASK = auto()  # somebody can answer
    MISSING = auto()  # real money, nobody to ask, and neither `--yes` nor a ceiling


def consent(
    estimate: Cost,
    ceiling: Cap | None,
    *,
    yes: bool,
    interactive: bool,
    above: Cap | None = None,
    switches: bool = False,
) -> Consent:
    """A ceiling typed with the run is somebody's word for it, so with nobody to ask it suffices. A budget in a file is
    none: it bounds every run and asks for no one. `above` is the project's sum from which somebody at a terminal is
    asked; it is no word for anybody who is not there, nor where `switches` says that what was made is bought again on
    another road."""
    if yes or not estimate:
        return Consent.GIVEN
    if interactive:
        return Consent.SMALL if above is not None and above.allows(estimate) and not switches else Consent.ASK
    return Consent.MISSING if ceiling is None else Consent.GIVEN


def question(spending: str, switches: str = "") -> str:
    """What is asked on a terminal; `spending` says the sum, what it is for, and how much of it was made before,
    `switches` what was made on one road and is bought again on another."""
    return f"This run spends {spending}.{f' {switches[0].upper()}{switches[1:]}.' if switches else ''} Go on?"


def unasked(spending: str, above: Cap) -> str:
    """What is said on a terminal where nobody is asked."""
    return f"this run spends {spending}; the project asks above {above}"


def missing(estimate: Cost, command: str, switches: str = "") -> Refused:
    """The refusal when nobody agreed."""
    return Refused(
        "not-agreed",
        f"this run would spend {estimate}{f' ({switches})' if switches else ''}, and nobody is here to agree",
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
