"""A storyboard that goes another road buys anew what was made: how much, from where and for what is told and asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.why import why
from kling_pipe.commands.consent import Consent, consent, missing, question
from kling_pipe.events import Notice
from kling_pipe.plan.former import whole_reason
from kling_pipe.plan.plan import Plan
from kling_pipe.report.ink import ink_of
from kling_pipe.report.plans import plan_to_json, render_plan, switches_of
from kling_pipe.report.reasons import Look, render_whys
from kling_pipe.simulator.settings import Settings
from kling_pipe.values.money import Cap, Cost
from tests.commands.staged import StagedVerbs
from tests.commands.test_consent import in_a_terminal
from tests.report.stories import mixed_run
from tests.report.test_plans import plan as another_plan
from tests.roads.barge import TwoRoads, two_roads_in

pytestmark = pytest.mark.anyio
boats = """\
  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}
  night: {kind: image-to-image, model: kling-v3, image: steps.boat, prompt: At night}
"""
switched = "2 made on `kling` are bought again on `barge` for 0.08 USD (16 image units)"


def write(studio: TwoRoads, provider: str, steps: str = boats) -> None:
    studio.write(f"storyboard: 1\nname: boats\nprovider: {provider}\nsteps:\n{steps}")


def planned(studio: TwoRoads) -> Plan:
    return plan(str(studio.path), Options(simulate=True)).plan


async def test_what_would_be_bought_again_is_told(tmp_path: Path) -> None:
    with two_roads_in(tmp_path) as studio:
        write(studio, "kling")
        await studio.run()
        write(studio, "barge")
        found = planned(studio)
        assert switches_of(found) == switched
        assert f"roads        {switched}\n" in render_plan(found, "kling-pipe run")
        reasons = [whole_reason(member).partition(" on 20")[0] for member in found.members.values()]
        assert reasons == [
            "`provider: kling → barge` changed since it was made",
            "waits for `boat`; it was made before on `kling`,",
        ]
        members = plan_to_json(found)["members"]
        assert isinstance(members, list)
        assert [(one["provider"], one["made_on"]) for one in members] == [("barge", "kling")] * 2
        report = why(str(studio.path), "boat", Options(simulate=True))
        text = render_whys(report.plan, report.whys, report.costs, Look(str(tmp_path), ink_of(colour=False)), "")
        assert "kling → barge" in text


async def test_a_step_that_is_lost_counts_too(tmp_path: Path) -> None:
    """The lock tells where it was made, though nothing of it is here."""
    with two_roads_in(tmp_path) as studio:
        write(studio, "kling", boats.splitlines()[0])
        await studio.run()
        studio.lose("objects", "ledger.db", "artifacts.jsonl")
        write(studio, "barge", boats.splitlines()[0])
        assert switches_of(planned(studio)).startswith("1 made on `kling` is bought again on `barge`")


async def test_what_stays_or_is_new_is_no_switch(tmp_path: Path) -> None:
    with two_roads_in(tmp_path) as studio:
        write(studio, "kling")
        await studio.run()
        write(studio, "kling", boats.replace("A boat", "A ship"))
        assert switches_of(planned(studio)) == ""
        write(studio, "kling", boats + boats.replace("night:", "day:").replace("boat:", "ship:"))
        assert switches_of(planned(studio)) == ""


def test_a_switch_is_asked_about_however_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = another_plan()
    members = {name: replace(member, made_on="barge") for name, member in found.members.items()}
    for board, asked in ((found, False), (replace(found, members=members), True)):
        verbs = StagedVerbs(str(tmp_path), plan=board, events=mixed_run(), confirm_above=Cap.parse("100 USD"))
        code, told = in_a_terminal(verbs, "n\n", monkeypatch, capsys)
        assert (code, "made on `barge` are bought again on `kling`" in told) == ("declined" if asked else "ran", asked)


def test_nobody_there_needs_a_word(tmp_path: Path) -> None:
    small, above = Cost.from_json({"usd": "0.01"}), Cap.parse("5 USD")
    for switches, decision in ((False, Consent.SMALL), (True, Consent.ASK)):
        assert consent(small, None, yes=False, interactive=True, above=above, switches=switches) is decision
        assert consent(small, None, yes=False, interactive=False, above=above, switches=switches) is Consent.MISSING
        assert consent(small, above, yes=False, interactive=False, switches=switches) is Consent.GIVEN
    assert missing(small, "kling-pipe run s.yaml", switched).message == (
        f"this run would spend 0.01 USD ({switched}), and nobody is here to agree"
    )
    assert question("0.08 USD", switched).startswith("This run spends 0.08 USD. 2 made on `kling`")


async def test_what_is_under_way_on_the_road_before_is_told_and_asked_about(tmp_path: Path) -> None:
    boat = boats.splitlines()[0]
    with two_roads_in(tmp_path, durations=50.0) as studio:
        write(studio, "kling", boat.replace("}", ", timeout: 1}"))
        assert (await studio.run()).running == 1
        write(studio, "barge", boat)
        assert switches_of(planned(studio)) == (
            "1 under way on `kling` is bought again on `barge` for 0.04 USD (8 image units)"
        )
        write(studio, "[barge, kling]", boat)
        assert switches_of(planned(studio)) == ""


async def test_what_is_in_doubt_on_the_road_before_is_told(tmp_path: Path) -> None:
    said = "  line: {kind: speech, voice: oversea_male1, language: en, text: Every day begins before the day}\n"
    rules = Settings.parse([("fault", "lost-after=create:1")]).faults
    with two_roads_in(tmp_path, faults=rules) as studio:
        write(studio, "kling", said)
        assert (await studio.run()).exit_code == 5
        write(studio, "barge", said)
        assert switches_of(planned(studio)).startswith("1 in doubt on `kling` is bought again on `barge`")
        await studio.run()
        assert any("in doubt on `kling`" in event.text for event in studio.heard if isinstance(event, Notice))
