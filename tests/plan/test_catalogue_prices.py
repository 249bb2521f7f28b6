"""What takes cost, how long they take and what comes out. Facts: kling.md sections 4, 7, 10."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kling_pipe.plan.catalogue import Catalogue, Settled, load_catalogue
from kling_pipe.plan.plan import Price
from kling_pipe.providers.table import table
from kling_pipe.story.storyboard import Step
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from tests.providers.kling_jobs import catalogue, here, step_of

clip = MediaFacts(MediaType.VIDEO, "mp4", 1000, 720, 1280, 5.041, has_sound=True)
picture = MediaFacts(MediaType.IMAGE, "png", 1000, 900, 1600)


def settled(kind: str, model: str, wired: tuple[str, ...] = (), **parameters: object) -> Settled:
    found = catalogue.settle(step_of(kind, model, {"prompt": "x", **parameters}, wired))
    assert found is not None
    return found


def units(kind: str, model: str, *wired: str, **parameters: object) -> str:
    """`amount pack` of one take, with `about` when it is an estimate."""
    price = catalogue.price(settled(kind, model, wired, **parameters), {"video": clip} if "video" in wired else {})
    ((pack, amount),) = price.cost.units
    return f"{'' if price.exact else 'about '}{amount.normalize():f} {pack}"


@pytest.mark.parametrize(
    ("kind", "model", "wired", "parameters", "expected"),
    [
        ("text-to-image", "kling-v3", (), {}, "8 image"),
        ("text-to-image", "kling-v3-omni", (), {"resolution": "4k"}, "16 image"),
        ("text-to-image", "kling-v2-1", (), {}, "4 image"),
        ("image-to-image", "kling-v2-1", ("image",), {}, "8 image"),
        ("image-to-image", "kling-v2-1", ("references[0]",), {}, "16 image"),
        ("text-to-video", "kling-v3", (), {}, "3 video"),
        ("text-to-video", "kling-v3", (), {"sound": True, "mode": "pro", "duration": 15}, "18 video"),
        ("text-to-video", "kling-v3", (), {"mode": "4k"}, "15 video"),
        ("text-to-video", "kling-v3-turbo", (), {"duration": 3}, "2.4 video"),
        ("image-to-video", "kling-v2-6", ("image",), {"mode": "pro", "sound": True}, "5 video"),
        ("image-to-video", "kling-v2-6", ("image",), {"mode": "pro", "sound": True, "voices": ["1"]}, "6 video"),
        ("image-to-video", "kling-v2-5-turbo", ("image",), {"duration": 10}, "3 video"),
        ("motion-control", "kling-v2-6", ("image", "video"), {"character_orientation": "image"}, "about 2.5 video"),
        ("motion-control", "kling-v3", ("image", "video"), {"mode": "pro"}, "about 6 video"),
    ],
)
def test_units(kind: str, model: str, wired: tuple[str, ...], parameters: dict[str, object], expected: str) -> None:
    assert units(kind, model, *wired, **parameters) == expected


def test_a_price_names_its_day_and_page() -> None:
    assert catalogue.price(settled("text-to-image", "kling-v3"), {}) == Price(
        Cost(Decimal("0.0280"), (("image", Decimal(8)),)),
        as_of="2026-09-20",
        source="Kling API reference, likely",
    )


def test_an_unpriced_model_is_taken_for_the_dearest() -> None:
    price = catalogue.price(settled("text-to-video", "kling-v1", duration=10), {})
    assert (price.cost.units, price.exact) == ((("video", Decimal(30)),), False)
    assert price.reason == "no price is published; the dearest one of `text-to-video` is taken"
    assert price.source == "Kling API reference, sure"


def test_a_service_that_bills_in_money_has_no_units() -> None:
    prices = {"p": {"currency": "USD", "per": "second", "source": "s", "rates": [{"units": "0.1"}]}}
    offers = {"text-to-video": {"a": {"takes": ["seconds"], "price": "p"}, "b": {"takes": ["seconds"]}}}
    data = {
        "kinds": {"text-to-video": {"product": "video", "makes": "video", "default_model": [{"model": "a"}]}},
        "models": [{"model": model, "product": "video", "state": "current"} for model in ("a", "b")],
        "takes": {"seconds": {"duration": {"type": "whole", "min": 3, "max": 15, "default": 5}}},
        "prices": prices, "offers": offers, "as_of": "2026-09-20",
    }  # fmt: skip
    paid = Catalogue.of("p", data)
    steps = [paid.settle(Step("s", "text-to-video", model, here, {"duration": 4})) for model in ("a", "b")]
    assert [paid.price(step, {}).cost for step in steps if step] == [Cost(Decimal("0.4")), Cost(Decimal("0.4"))]


def test_a_reference_clip_that_is_not_known_yet_is_taken_for_the_longest() -> None:
    by_image = settled("motion-control", "kling-v2-6", ("image", "video"), character_orientation="image")
    by_video = settled("motion-control", "kling-v2-6", ("image", "video"), character_orientation="video")
    assert [catalogue.price(one, {}).cost.total_units for one in (by_image, by_video)] == [Decimal(5), Decimal(15)]


def test_each_reference_clip_has_its_own_price() -> None:
    one = settled("motion-control", "kling-v2-6", ("image", "video"), character_orientation="video")
    lengths = [catalogue.price(one, {"video": replace(clip, seconds=s)}).cost.total_units for s in (5.4, 5.5, 20.0)]
    assert lengths == [Decimal("2.5"), Decimal("3"), Decimal("10")]


def test_the_projects_own_unit_prices_count() -> None:
    own = load_catalogue("kling", table["kling"].read, {"image": "0.01"})
    step = step_of("text-to-image", "kling-v3", {"prompt": "x"})
    found = own.settle(step)
    assert found is not None
    assert own.price(found, {}).cost.usd == Decimal("0.08")


def sides(facts: MediaFacts) -> tuple[int, int]:
    return (facts.width, facts.height)


def test_what_comes_out_of_words_is_in_the_table() -> None:
    assert sides(catalogue.expected_facts(settled("text-to-image", "kling-v3", aspect_ratio="21:9"), {})) == (1552, 656)
    one = catalogue.expected_facts(settled("text-to-video", "kling-v3", mode="pro", aspect_ratio="1:1", sound=True), {})
    assert one == MediaFacts(MediaType.VIDEO, "mp4", 0, 1440, 1440, 5.041, 0.0, has_sound=True)


def test_what_comes_out_of_a_picture_has_its_shape() -> None:
    found = catalogue.expected_facts(settled("image-to-video", "kling-v3", ("image",)), {"image": picture})
    assert sides(found) == (720, 1280)


def test_an_automatic_ratio_is_the_nearest_to_the_first_picture() -> None:
    one = settled("image-to-image", "kling-v3-omni", ("references[0]",))
    assert sides(catalogue.expected_facts(one, {"references[0]": picture})) == (768, 1360)


def test_motion_control_lasts_and_sounds_as_its_clip() -> None:
    materials = {"image": picture, "video": clip}
    kept = settled("motion-control", "kling-v2-6", ("image", "video"), character_orientation="video")
    muted = settled("motion-control", "kling-v2-6", ("image", "video"), keep_original_sound=False)
    found = catalogue.expected_facts(kept, materials)
    assert (found.seconds, found.has_sound, sides(found)) == (5.041, True, (720, 1280))
    assert not catalogue.expected_facts(muted, materials).has_sound


def test_longer_and_larger_takes_longer() -> None:
    short, long = settled("text-to-video", "kling-v3", duration=3), settled("text-to-video", "kling-v3", duration=15)
    large = settled("text-to-video", "kling-v3", duration=15, mode="4k")
    expected = [catalogue.expected_seconds(one) for one in (short, long, large)]
    assert expected == sorted(set(expected))
