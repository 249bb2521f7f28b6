"""A project's own prices: laid over the catalogue's, with their day and line, and refused where they mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.plan.plan import Price
from kling_pipe.plan.wrong_own import wrong_prices
from kling_pipe.providers.table import table
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from tests.projects import read_project
from tests.providers.kling_jobs import step_of

contract = """\
prices:
  as_of: 2026-11-01
  units_usd: {image: "0.0030"}
  kling-v3:
    text-to-image: 0.02 USD
    image-to-video:
      - {when: {sound: true}, pro: 1 unit a second}
      - {std: 0.08 USD a second, pro: 3 units a take}
  kling-v2-6: {motion-control: 0.07 USD a second}
  kling-v1: {text-to-video: 4 units a take}
  kling-v2a: 0.5 units
  kling-v2-1-multi: {image-to-image: 10 units}
"""
clip = MediaFacts(MediaType.VIDEO, "mp4", 1000, 720, 1280, 4.6, has_sound=True)


def catalogue_of(prices: str) -> Catalogue:
    project, problems = read_project("shop/kling-pipe.yaml", prices)
    assert problems == ()
    return load_catalogue("kling", table["kling"].read, project.units_usd, project.prices)


def price(kind: str, model: str, wired: Sequence[str] = (), prices: str = contract, **parameters: object) -> Price:
    catalogue = catalogue_of(prices)
    settled = catalogue.settle(step_of(kind, model, {"prompt": "x", **parameters}, wired))
    assert settled is not None
    return catalogue.price(settled, {"video": clip} if "video" in wired else {})


def test_an_own_price_has_its_own_day_and_line() -> None:
    assert price("text-to-image", "kling-v3") == Price(Cost(Decimal("0.02")), "2026-11-01", "kling-pipe.yaml:5")


@pytest.mark.parametrize(
    ("kind", "model", "wired", "parameters", "expected"),
    [
        ("image-to-video", "kling-v3", ("image",), {"mode": "pro", "sound": True}, "0.70 (5 video) :6"),
        ("image-to-video", "kling-v3", ("image",), {"mode": "std", "duration": 10}, "0.80 :6"),
        ("image-to-video", "kling-v3", ("image",), {"mode": "pro", "duration": 10}, "0.42 (3 video) :6"),
        # What no own line prices goes by the list: 4k, and a kind that is not named.
        ("image-to-video", "kling-v3", ("image",), {"mode": "4k"}, "2.10 (15 video) Kling API reference, sure"),
        ("text-to-video", "kling-v3", (), {}, "0.42 (3 video) Kling API reference, sure"),
        ("motion-control", "kling-v2-6", ("image", "video"), {}, "about 0.35 :9"),  # its seconds are the clip's
        ("text-to-video", "kling-v1", (), {"duration": 10}, "0.56 (4 video) :10"),  # none is published
        ("video-to-audio", "kling-v2a", ("video",), {}, "about 0.07 (0.5 audio) :11"),
        # Named by an alias, and priced in units that have a price of their own.
        ("image-to-image", "kling-v2-1", ("image",), {}, "0.03 (10 image) :12; a unit by kling-pipe.yaml:3"),
        ("image-to-image", "kling-v3", ("image",), {},
         "0.02 (8 image) Kling API reference, likely; a unit by kling-pipe.yaml:3"),
    ],
)  # fmt: skip
def test_the_price_of_a_take(
    kind: str, model: str, wired: tuple[str, ...], parameters: dict[str, object], expected: str
) -> None:
    found = price(kind, model, wired, **parameters)
    units = "".join(f" ({amount.normalize():f} {pack})" for pack, amount in found.cost.units)
    source = found.source.removeprefix("kling-pipe.yaml")
    assert f"{'' if found.exact else 'about '}{found.cost.usd:.2f}{units} {source}" == expected


def test_a_unit_whose_price_nobody_publishes_is_an_estimate_until_the_project_says_it() -> None:
    listed = price("text-to-audio", "kling-t2a", prices="")
    own = price("text-to-audio", "kling-t2a", prices='prices: {units_usd: {audio: "0.2"}}\n')
    assert [listed.reason, own.reason] == ["the price of an audio unit is not published", ""]


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ("kling-v33: 1 unit", "2:3 unknown-model: `kling-v33` is not the name of a model"),
        ("unit_usd: 1 unit", "2:3 unknown-model: `unit_usd` is not the name of a model"),
        ("kling-v3: {lip-sync: 1 unit}", "2:14 model-kind: `kling-v3` does not serve `lip-sync`"),
        ("kling-v3: {text-to-video: {hd: 1 unit}}", "2:14 bad-price: `hd` is no value that `kling-v3` is priced by"),
        ("kling-v3: {text-to-video: {pro: 1 unit, best: 1 unit, most: 2 units}}",
         "2:14 bad-price: `best`, `most` are no values that `kling-v3` is priced by"),
        ("kling-v3: {text-to-image: 1 unit a second}",
         "2:29 bad-price: `text-to-image` by `kling-v3` is not counted in seconds"),
        ("kling-v1: {text-to-video: 4 units}", ("2:29 bad-price: `text-to-video` by `kling-v1` has no price to follow, "
         "so `a second` or `a take` was expected")),
        ("kling-v3: {text-to-video: [{when: {soud: true}, price: 1 unit}]}",
         "2:30 bad-price: `soud` is no key of `text-to-video` by `kling-v3`"),
    ],
)  # fmt: skip
def test_what_means_nothing(prices: str, told: str) -> None:
    project, problems = read_project("kling-pipe.yaml", f"prices:\n  {prices}\n")
    assert problems == ()
    catalogue = load_catalogue("kling", table["kling"].read, project.units_usd, project.prices)
    (problem,) = wrong_prices(lambda: [catalogue], project.prices)
    assert problem.span is not None
    assert f"{problem.span.line}:{problem.span.column} {problem.code}: {problem.message}" == told
    assert problem.hint
