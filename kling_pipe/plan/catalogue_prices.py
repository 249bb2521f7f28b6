"""What one take costs, how long it takes and what comes out, from an offer, its parameters and its materials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from kling_pipe.plan.catalogue_offer import Offer, Rate, Tariff
from kling_pipe.plan.catalogue_rules import View
from kling_pipe.plan.plan import Price
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost

_overrun = 0.041  # a clip of 5 s is delivered as 5.041 s; kling.md section 3, sure
_longest_clip = 30  # seconds, the longest reference clip; kling.md section 10, likely
_longest_asked = 15  # seconds, the longest clip that can be asked for; kling.md section 11, sure


def price_of(
    offer: Offer,
    view: View,
    materials: Mapping[str, MediaFacts],
    usd: Mapping[str, Decimal],
    as_of: str,
    dearest: Tariff | None,
) -> Price:
    """The price of one take. Without a published price the dearest one of the kind stands in, and the price says so."""
    if offer.tariff is not None:
        rate = _rate(offer.tariff, view)
        units = rate.units.get(str(view.get(rate.by, ""))) if rate else None
        if units is not None:
            count, exact = _count(offer.tariff, view, materials)
            return Price(_cost(offer.tariff.pack, units * count, usd), exact, as_of, offer.tariff.source)
    tariff = offer.tariff or dearest
    if tariff is None:
        return Price(Cost(), exact=False, as_of=as_of, source="no price is published for anything of this kind")
    count, _ = _count(tariff, view, materials)
    source = f"no price is published; the dearest one of `{offer.kind}` is taken ({tariff.source})"
    return Price(_cost(tariff.pack, tariff.dearest * count, usd), exact=False, as_of=as_of, source=source)


def seconds_of(offer: Offer, view: View) -> float:
    """How long one task is expected to run, before any history says better."""
    timing = offer.timing
    asked = _asked_seconds(view, 10 if offer.kind == "motion-control" else 5)
    return (timing.base + timing.per_second * asked) * timing.times.get(str(view.get(timing.by, "")), 1.0)


def facts_of(offer: Offer, view: View, materials: Mapping[str, MediaFacts]) -> MediaFacts:
    """What should come out; bytes and frame rate stay 0, unknown."""
    if offer.makes is MediaType.IMAGE:
        width, height = _picture_sides(offer, view, materials)
        return MediaFacts(MediaType.IMAGE, "png", 0, width, height)
    width, height = _clip_sides(offer, view, materials)
    clip = materials.get(offer.tariff.clip) if offer.tariff and offer.tariff.clip else None
    seconds = clip.seconds if clip else _asked_seconds(view, 0) + _overrun
    sound = bool(view.get("sound")) or bool(clip and clip.has_sound and view.get("keep_original_sound"))
    return MediaFacts(MediaType.VIDEO, "mp4", 0, width, height, seconds, 0.0, sound)


def _rate(tariff: Tariff, view: View) -> Rate | None:
    return next((rate for rate in tariff.rates if rate.when(view)), None)


def _count(tariff: Tariff, view: View, materials: Mapping[str, MediaFacts]) -> tuple[Decimal, bool]:
    if tariff.per == "take":
        return Decimal(1), True
    if tariff.per == "second":
        return Decimal(str(_asked_seconds(view, _longest_asked))), "duration" in view
    # Billed on output seconds, rounded, and the output may be shorter than the clip: an estimate (section 12).
    clip = materials.get(tariff.clip)
    if clip is None or not clip.seconds:
        most = 10 if view.get("character_orientation") == "image" else _longest_clip
        return Decimal(most), False
    return max(Decimal(1), Decimal(str(clip.seconds)).quantize(Decimal(1), ROUND_HALF_UP)), False


def _cost(pack: str, units: Decimal, usd: Mapping[str, Decimal]) -> Cost:
    return Cost(units * usd.get(pack, Decimal(0)), ((pack, units),))


def _asked_seconds(view: View, default: float) -> float:
    """The duration, or a stand-in where there is none or a wrong one, which `check` refuses."""
    value = view.get("duration")
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
    return value if isinstance(value, int | float) and good else default


def _picture_sides(offer: Offer, view: View, materials: Mapping[str, MediaFacts]) -> tuple[int, int]:
    table = offer.sizes.get(str(view.get("resolution", ""))) or next(iter(offer.sizes.values()), {})
    ratio = str(view.get("aspect_ratio", ""))
    if ratio in table:
        return table[ratio]
    shape = _shape(materials, ("image", "references[0]"))
    return min(table.values(), key=lambda size: abs(math.log(size[0] / size[1] / shape)), default=(0, 0))


def _clip_sides(offer: Offer, view: View, materials: Mapping[str, MediaFacts]) -> tuple[int, int]:
    resolution = offer.resolution.get(str(view.get("mode", "")), "") or next(iter(offer.resolution.values()), "")
    table = offer.sizes.get(resolution, {})
    ratio = str(view.get("aspect_ratio", ""))
    if ratio in table:
        return table[ratio]
    if not table:
        return (0, 0)
    # With a picture the picture decides (section 11): its shape, with as many pixels as the table's sizes have.
    area = math.prod(table["16:9"])
    shape = _shape(materials, ("image", "image_tail"))
    return _even(math.sqrt(area * shape)), _even(math.sqrt(area / shape))


def _shape(materials: Mapping[str, MediaFacts], fields: tuple[str, ...]) -> float:
    for name in fields:
        facts = materials.get(name)
        if facts and facts.width and facts.height:
            return facts.width / facts.height
    return 16 / 9


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
