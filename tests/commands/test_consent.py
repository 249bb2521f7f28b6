"""Who may spend: an estimate, ceilings, and who is there to be asked."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.commands.consent import Consent, consent, missing
from kling_pipe.commands.surface import Surface
from kling_pipe.commands.table import group
from kling_pipe.errors import Refused
from kling_pipe.plan.plan import Plan, Standing
from kling_pipe.values.money import Cap, Cost
from tests.commands.staged import StagedVerbs
from tests.report.stories import mixed_run
from tests.report.test_plans import plan

dear = Cost(Decimal("2.30"), (("video", Decimal(8)),))
cap = Cap(Decimal(3), "USD")


@pytest.mark.parametrize(
    ("estimate", "ceiling", "above", "yes", "interactive", "decision"),
    [
        (Cost(), None, "", False, False, Consent.GIVEN),  # nothing to pay
        (dear, None, "", True, False, Consent.GIVEN),
        (dear, None, "", False, True, Consent.ASK),
        (dear, cap, "", False, True, Consent.ASK),
        (dear, None, "2.29 USD", False, True, Consent.ASK),
        (dear, None, "2.30 USD", False, True, Consent.SMALL),
        (dear, None, "7 units", False, True, Consent.ASK),
        (dear, None, "8 units", False, True, Consent.SMALL),
        (dear, cap, "", False, False, Consent.GIVEN),  # the ceiling is somebody's word
        (dear, None, "", False, False, Consent.MISSING),
        (dear, None, "5 USD", False, False, Consent.MISSING),  # nobody is there to see it
    ],
)
def test_the_decision(
    estimate: Cost, ceiling: Cap | None, above: str, yes: bool, interactive: bool, decision: Consent
) -> None:
    limit = Cap.parse(above) if above else None
    assert consent(estimate, ceiling, yes=yes, interactive=interactive, above=limit) is decision


def in_a_terminal(
    verbs: StagedVerbs, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[str, str]:
    """How a run ends that somebody answers, and what they see."""
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    surface = Surface({}, verbs, interactive=True)
    try:
        group.main(args=["run", "s.yaml"], obj=surface, standalone_mode=False)
        code = "ran"
    except Refused as refusal:
        code = refusal.code
    return code, capsys.readouterr().err.partition("Go on?")[0]


def board() -> Plan:
    """Three takes in two tasks, one of them of a step that is stale."""
    found = plan()
    stale = replace(found.members["hero"], standing=Standing.STALE)
    return replace(found, members={**found.members, "hero": stale}, exact=False)


@pytest.mark.parametrize(("answer", "ends"), [("y\n", "ran"), ("n\n", "declined"), ("\n", "declined")])
def test_the_question_names_money_and_work(
    answer: str, ends: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=board(), events=mixed_run())
    code, told = in_a_terminal(verbs, answer, monkeypatch, capsys)
    assert (code, verbs.ran) == (ends, int(ends == "ran"))
    assert told.splitlines()[-1] == (
        "This run spends about 0.266 USD (16 image units + 1.5 video units) on 2 paid tasks, 3 takes"
        " (1 missing, 1 stale). "
    )
    assert [options.agreed for options in verbs.asked[1:]] == ([board().estimate] if ends == "ran" else [])


def test_a_small_sum_is_not_asked_about_and_still_not_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    above = Cap.parse("0.266 USD")
    verbs = StagedVerbs(str(tmp_path), plan=board(), events=mixed_run(), confirm_above=above)
    code, told = in_a_terminal(verbs, "", monkeypatch, capsys)
    assert (code, verbs.ran, verbs.asked[-1].agreed) == ("ran", 1, board().estimate)
    assert "on 2 paid tasks, 3 takes (1 missing, 1 stale); the project asks above 0.266 USD\n" in told


def test_the_refusal_names_both_ways_out() -> None:
    refusal = missing(dear, "kling-pipe run s.yaml")
    assert refusal.message == "this run would spend 2.30 USD (8 video units), and nobody is here to agree"
    assert refusal.hint == "type `kling-pipe run s.yaml --yes`, or give a ceiling such as `--max-cost '3 USD'`"
