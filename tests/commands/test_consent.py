"""Who may spend: an estimate, ceilings, and who is there to be asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kling_pipe.commands.consent import Consent, consent, missing, question
from kling_pipe.values.money import Cap, Cost

dear = Cost(Decimal("2.30"))
cap = Cap(Decimal(3), "USD")


@pytest.mark.parametrize(
    ("estimate", "caps", "yes", "interactive", "decision"),
    [
        (Cost(), (), False, False, Consent.GIVEN),  # nothing to pay
        (dear, (), True, False, Consent.GIVEN),
        (dear, (), False, True, Consent.ASK),
        (dear, (cap,), False, True, Consent.ASK),
        (dear, (cap,), False, False, Consent.GIVEN),  # the ceiling is somebody's word
        (dear, (), False, False, Consent.MISSING),
    ],
)
def test_the_decision(estimate: Cost, caps: tuple[Cap, ...], yes: bool, interactive: bool, decision: Consent) -> None:
    assert consent(estimate, caps, yes=yes, interactive=interactive) is decision


def test_the_question_names_the_money() -> None:
    assert question(dear, exact=False) == "This run spends about 2.30 USD. Go on?"


def test_the_refusal_names_both_ways_out() -> None:
    refusal = missing(dear, "kling-pipe run s.yaml")
    assert refusal.message == "this run would spend 2.30 USD, and nobody is here to agree"
    assert refusal.hint == "type `kling-pipe run s.yaml --yes`, or give a ceiling such as `--max-cost '3 USD'`"
