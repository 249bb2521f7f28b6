"""A plan as text and as JSON."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kling_pipe.plan.plan import Plan, Planned, Price, Standing
from kling_pipe.report.plans import plan_to_json, render_plan
from kling_pipe.story.storyboard import Budget, Delivery, Step, StepOutput, Storyboard
from kling_pipe.values.job import Artifact, Realm, Route
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cap, Cost
from kling_pipe.values.span import Span
from tests.report.stories import clip_cost, picture, picture_cost

at = Span("demo.yaml", 1, 1)


def member(name: str, standing: Standing, cost: Cost, *, takes: int = 1, made: tuple[int, ...] = ()) -> Planned:
    clip = name == "clip"
    return Planned(
        address=name,
        step=Step(name, "image-to-video" if clip else "text-to-image", "kling-v3", at, takes=takes),
        kind="image-to-video" if clip else "text-to-image",
        model="kling-v3",
        product="video" if clip else "image",
        makes=MediaType.VIDEO if clip else MediaType.IMAGE,
        provider="kling",
        profile="kling",
        realm=Realm.REAL,
        parameters={},
        sources=(),
        route=Route("body-model", "/v1/videos/image2video" if clip else "/v1/images/generations"),
        standing=standing,
        reason="`hero` is not made yet" if clip else "2 takes are not in the store",
        artifacts={take: Artifact(f"k{take}", "d", picture, take) for take in made},
        price=Price(cost, as_of="2026-09-20", source="kling.md section 7"),
        take_cost=clip_cost if clip else picture_cost,
        takes_at_once=9,
        expected_seconds=80.0 if clip else 24.0,
        above=("hero",) if clip else (),
    )


def plan(realm: Realm = Realm.REAL, budget: Cap | None = None) -> Plan:
    members = {
        "hero": member("hero", Standing.MISSING, picture_cost * 2, takes=3, made=(1,)),
        "clip": member("clip", Standing.PENDING, clip_cost),
        "old": member("old", Standing.CURRENT, Cost(), made=(1,)),
    }
    delivery = Delivery("out/clip.mp4", StepOutput("clip"), at)
    return Plan(
        storyboard=Storyboard("demo.yaml", "demo", "kling", {}, (delivery,), Budget(run=budget)),
        realm=realm,
        members=members,
        deliveries=((delivery, "clip"),),
        critical_path=("hero", "clip"),
        seconds=104.0,
        estimate=picture_cost * 2 + clip_cost,
        exact=True,
    )


def test_a_plan_says_what_why_how_much_how_long_and_which_way() -> None:
    assert (
        render_plan(plan(), "kling-pipe run demo.yaml")
        == """\
demo (real money): 3 steps, 2 to make, 1 current
1 deliverable from 2 paid tasks, 3 takes

  make  hero  2 pictures by kling-v3  0.056 USD (16 image units)  ~24 s
        2 takes are not in the store; by body-model /v1/images/generations
  make  clip  1 clip by kling-v3      0.21 USD (1.5 video units)  ~1 min 20 s
        `hero` is not made yet; by body-model /v1/videos/image2video
  keep  old   1 picture by kling-v3

deliver, at what each costs by itself
  out/clip.mp4  from clip  0.266 USD (16 image units + 1.5 video units)

estimate     0.266 USD (16 image units + 1.5 video units), exact, prices of 2026-09-20
             exact by kling.md section 7
time         about 1 min 44 s
longest way  hero → clip

next: `kling-pipe run demo.yaml`
"""
    )


def test_an_estimate_says_which_prices_are_none_and_why() -> None:
    def priced(name: str, source: str, reason: str) -> Planned:
        price = Price(picture_cost, as_of="2026-09-20", source=source, reason=reason)
        return replace(member(name, Standing.MISSING, picture_cost), price=price)

    stand_in = "no price is published; 16 units stand in for it"
    members = (
        priced("a", "the price list", ""),
        priced("b", "", stand_in),
        priced("c", "the price list", "how much it takes is known afterwards"),
        *(priced(name, "", stand_in) for name in "defg"),
    )
    drawn = render_plan(replace(plan(), members={one.address: one for one in members}, exact=False), "x")
    assert drawn.partition("estimate")[2].splitlines()[:4] == [
        "     0.266 USD (16 image units + 1.5 video units), about, prices of 2026-09-20",
        "             about for c: how much it takes is known afterwards; the price list",
        "             about for b, d, e and 2 more: no price is published; 16 units stand in for it",
        "             exact by the price list",
    ]


def test_a_simulated_plan_says_that_nobody_pays() -> None:
    text = render_plan(plan(Realm.SIMULATED), "x")
    assert "demo (simulated)" in text
    assert "simulated, so nobody is charged" in text


def test_a_budget_is_held_against_the_estimate() -> None:
    assert "budget       1 USD, enough\n" in render_plan(plan(budget=Cap(Decimal(1), "USD")), "x")
    little = plan(budget=Cap(Decimal("0.1"), "USD"))
    assert "0.1 USD, not enough, so the run will be refused" in render_plan(little, "x")
    budget = Budget(step=Cap(Decimal("0.1"), "USD"), take=Cap(Decimal(8), "units"))
    small = replace(plan(), storyboard=replace(plan().storyboard, budget=budget))
    assert render_plan(small, "x").partition("budget")[2].splitlines()[:2] == [
        "       0.1 USD a step, not enough for clip, so the run will be refused",
        "             8 units a take, enough",
    ]


def test_the_json_of_a_plan_names_money_as_decimal_texts() -> None:
    data = plan_to_json(plan())
    assert data["estimate"] == {"usd": "0.266", "units": {"image": "16", "video": "1.5"}}
    assert data["critical_path"] == ["hero", "clip"]
    members = data["members"]
    assert isinstance(members, list)
    assert members[0] == {
        "address": "hero", "kind": "text-to-image", "model": "kling-v3", "profile": "kling", "provider": "kling",
        "made_on": "", "begun_on": "", "in_doubt": False, "standing": "missing",
        "reason": "2 takes are not in the store", "former": None,
        "accepted": "", "takes": 3, "missing_takes": [2, 3],
        "route": {"standard": "body-model", "endpoint": "/v1/images/generations", "reason": ""}, "keys": [],
        "price": {
            "cost": {"usd": "0.056", "units": {"image": "16"}}, "exact": True, "reason": "",
            "as_of": "2026-09-20", "source": "kling.md section 7",
        },
        "seconds": 24.0, "above": [],
    }  # fmt: skip
