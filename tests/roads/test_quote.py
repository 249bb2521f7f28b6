"""A storyboard on several roads beside each other: prices, what is refused, named otherwise or lacking there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.quoting import quoted
from kling_pipe.cli import main
from kling_pipe.commands.verbs import Verbs
from kling_pipe.errors import TextFailure, UsageFailure
from kling_pipe.plan.quote import Quote
from kling_pipe.report.quotes import quote_to_json, render_quote
from tests.roads.barge import two_roads

both = Options(provider="kling,barge")
boats = """\
storyboard: 1
name: boats
provider: kling
variants: {locale: [de, en]}
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A boat, takes: 2}
  twin: {kind: text-to-image, model: kling-v3, prompt: A boat}
  card: {kind: text-to-image, prompt: "A card that says ${{ variant.locale }}"}
  sails: {kind: image-to-video, model: kling-v2-5-turbo, image: steps.boat, prompt: It sails}
"""
large = "  large: {kind: text-to-image, model: kling-v3, prompt: A boat, resolution: 4k}\n"
host = """\
  line: {kind: speech, voice: oversea_male1, language: en, text: Every day begins before the day}
  host: {kind: avatar, image: steps.boat, audio: steps.line}
"""


@pytest.fixture(autouse=True)
def _two_roads() -> Iterator[None]:
    with two_roads():
        yield


def quote(folder: Path, text: str = boats, options: Options = both, *, every: bool = False) -> Quote:
    (folder / "story.yaml").write_text(text)
    return quoted(str(folder / "story.yaml"), options, every=every).quote


def prices(found: Quote) -> dict[str, dict[str, str]]:
    return {
        road.profile: {name: str(step.cost) if step.is_made else "refused" for name, step in road.steps.items()}
        for road in found.roads
    }


def test_each_step_has_its_price_on_each_road(tmp_path: Path) -> None:
    found = quote(tmp_path)
    assert prices(found) == {
        "kling": {
            "boat": "0.056 USD (16 image units)",
            "twin": "0.00 USD",  # its take is one of the boat's
            "card": "0.056 USD (16 image units)",
            "sails": "0.21 USD (1.5 video units)",
        },
        "barge": {
            "boat": "0.08 USD (16 image units)",
            "twin": "0.00 USD",
            "card": "0.08 USD (16 image units)",
            "sails": "0.42 USD (1.5 video units)",
        },
    }
    assert found.cheapest is found.roads[0]
    assert all(road.is_whole and road.days == ("2026-09-20",) for road in found.roads)


def test_the_sum_is_that_of_a_plan_where_nothing_is_made(tmp_path: Path) -> None:
    found = quote(tmp_path)
    for road in found.roads:
        planned = plan(str(tmp_path / "story.yaml"), Options(provider=road.profile)).plan
        assert (road.cost, road.exact, road.seconds) == (planned.estimate, planned.exact, planned.seconds)


def test_a_step_that_waits_for_one_written_below_it_begins_after_it(tmp_path: Path) -> None:
    waits = boats.replace("prompt: It sails}", "prompt: It sails, after: [late]}")
    found = quote(tmp_path, waits + "  late: {kind: image-to-video, image: steps.boat, prompt: It waits}\n")
    for road in found.roads:
        planned = plan(str(tmp_path / "story.yaml"), Options(provider=road.profile)).plan
        assert road.seconds == planned.seconds


def test_what_is_refused_is_told_and_costs_nothing(tmp_path: Path) -> None:
    found = quote(tmp_path, boats + large)
    kling, barge = found.roads
    assert [(problem.code, problem.hint) for problem in kling.steps["large"].refused] == [
        ("not-offered", "`kling-v3-omni` takes it")
    ]
    assert (kling.is_whole, barge.is_whole, found.cheapest) == (False, True, barge)
    assert kling.cost == quote(tmp_path).roads[0].cost


def test_where_no_road_makes_everything_a_list_may(tmp_path: Path) -> None:
    found = quote(tmp_path, boats + large + host)
    assert (found.cheapest, found.together) == (None, ("kling", "barge"))
    text = render_quote(found)
    assert "no road makes every step alone; `provider: [kling, barge]` does\n" in text


def test_what_is_lacking_is_told(tmp_path: Path) -> None:
    found = quote(tmp_path)
    assert [[problem.code for problem in road.lacking] for road in found.roads] == [["no-credentials"]] * 2
    ready = Options(provider="kling,barge", environment={"BARGE_API_KEY": "x", "KLINGAI_API_KEY": "y"})
    assert [road.lacking for road in quote(tmp_path, options=ready).roads] == [(), ()]


def test_every_road_is_quoted_where_none_is_named(tmp_path: Path) -> None:
    found = quote(tmp_path, options=Options(), every=True)
    names = [road.profile for road in found.roads]
    assert (names[0], names[-1], len(names) == len(set(names))) == ("kling", "barge", True)
    first = quote(tmp_path, options=Options(provider="barge"), every=True)
    assert [road.profile for road in first.roads] == ["barge", *(name for name in names if name != "barge")]


def test_a_road_has_its_own_ids(tmp_path: Path) -> None:
    found = quote(tmp_path, options=Options(provider="runware,gateway,picsart"))
    assert [road.steps["boat"].names for road in found.roads] == [("klingai:kling-image@3",), ("kling-v3",), ()]
    assert found.roads[0].steps["sails"].names == ("klingai:6@0",)
    turbo = "storyboard: 1\nsteps:\n  a: {kind: text-to-video, model: kling-v3-turbo, prompt: x}\n"
    assert quote(tmp_path, turbo, Options(provider="kling")).roads[0].steps["a"].names == ("kling-3.0-turbo",)
    assert "runware  kling-v3 is `klingai:kling-image@3`\n" in render_quote(found)


def test_an_unknown_road_and_a_broken_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageFailure, match="unknown-profile"):
        quote(tmp_path, options=Options(provider="bagre"))
    with pytest.raises(TextFailure, match="unknown-kind"):
        quote(tmp_path, boats.replace("text-to-image", "text-to-imgae"))


def test_nothing_is_written(tmp_path: Path) -> None:
    quote(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["story.yaml"]


def test_the_table(tmp_path: Path) -> None:
    text = render_quote(quote(tmp_path, boats + large))
    assert text.splitlines()[:12] == [
        "boats on 2 roads: 5 steps, 6 members, as if nothing were made yet",
        "",
        "road   makes         price                                         time         prices of",
        "kling  4 of 5 steps  0.322 USD (32 image units + 1.5 video units)  ~1 min 44 s  2026-09-20  not set up",
        (
            "barge  all steps     0.68 USD (52 image units + 1.5 video units)   ~1 min 44 s  2026-09-20"
            "  cheapest that makes all, not set up"
        ),
        "",
        "step     kling                       barge",
        "boat     0.056 USD (16 image units)  0.08 USD (16 image units)",
        "twin     shared                      shared",
        "card ×2  0.056 USD (16 image units)  0.08 USD (16 image units)",
        "sails    0.21 USD (1.5 video units)  0.42 USD (1.5 video units)",
        "large    refused                     0.1 USD (20 image units)",
    ]
    data = quote_to_json(quote(tmp_path, boats + large))
    assert (data["cheapest"], data["whole"], data["together"]) == ("barge", ["barge"], ["barge"])


def test_a_plan_may_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "story.yaml").write_text(boats)
    code = main(["plan", str(tmp_path / "story.yaml"), "--all-providers"], environment={}, verbs=Verbs())
    told = capsys.readouterr().out
    assert (code, "boats (real money): 4 steps" in told, "roads: 4 steps, 5 members" in told) == (0, True, True)


def test_a_narrow_table_has_money_alone(tmp_path: Path) -> None:
    found = quote(tmp_path, boats + large)
    whole = render_quote(found).splitlines()
    assert render_quote(found, columns=max(map(len, whole[:12]))).splitlines() == whole
    narrow = render_quote(found, columns=60).splitlines()
    assert narrow[2:9] == [
        "road   makes         price      time",
        "kling  4 of 5 steps  0.322 USD  ~1 min 44 s  not set up",
        "barge  all steps     0.68 USD   ~1 min 44 s",
        "  cheapest that makes all, not set up",
        "",
        "step, in USD  kling    barge",
        "boat          0.056    0.08",
    ]
    prices = narrow[narrow.index("prices") + 1]
    assert prices.startswith("  kling  32 image units + 1.5 video units; of 2026-09-20; by Kling API reference, likely")
    tall = render_quote(found, columns=24).splitlines()
    assert "step, in USD  kling" in tall
    assert "step, in USD  barge" in tall


def test_what_is_the_same_for_several_steps_is_told_once(tmp_path: Path) -> None:
    found = quote(tmp_path, options=Options(provider="kling,picsart"))
    assert "  picsart: boat, twin  model-kind: " in render_quote(found)


def test_other_defaults_are_told(tmp_path: Path) -> None:
    text = "storyboard: 1\nsteps:\n  a: {kind: text-to-video, model: kling-v3, prompt: Waves}\n"
    text += "  b: {kind: text-to-image, prompt: Waves}\n"
    found = quote(tmp_path, text, Options(provider="kling,picsart"))
    assert [found.otherwise(road) for road in found.roads] == [
        {},
        {"a": {"sound": (True, False)}, "b": {"model": ("kling-v3-omni", "kling-v3")}},
    ]
    assert "  picsart: a  `sound: true`, not false\n" in render_quote(found)
    silent = quote(tmp_path, text.replace("Waves}", "Waves, sound: false}", 1), Options(provider="kling,picsart"))
    assert list(silent.otherwise(silent.roads[1])) == ["b"]
