"""What one take costs and how long it runs, from an offer, its parameters and its materials."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_outcome import asked_seconds
from kling_pipe.plan.catalogue_rules import View
from kling_pipe.plan.catalogue_tariff import Measure, Rate, Tariff
from kling_pipe.plan.catalogue_units import UnitPrices
from kling_pipe.plan.plan import Price
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cost

_longest_asked = 15  # seconds, the longest clip that can be asked for; native page, section 11, sure


known_afterwards = "how much it takes is known afterwards"


def price_of(
    offer: Offer,
    view: View,
    materials: Mapping[str, MediaFacts],
    units: UnitPrices,
    as_of: str,
    dearest: Tariff | None,
) -> Price:
    """The price of one take: by the project's own prices where they tell one, else by the catalogue's. Without a
    published price the dearest one of the kind stands in, and the price says so."""
    for tariff in (offer.own, offer.tariff):
        rate = next((rate for rate in tariff.rates if rate.when(view)), None) if tariff else None
        figure = rate.units.get(str(view.get(rate.by, "")) if rate.by else "") if rate else None
        if tariff is not None and rate is not None and figure is not None:
            return _by_tariff(offer, tariff, rate, figure, view, materials, units, as_of)
    tariff = offer.tariff or dearest
    if tariff is None:
        return Price(Cost(), as_of, reason="no price is published for anything of this kind")
    rate = _dearest_rate(tariff)
    total = tariff.dearest * counted(offer, rate.measure, view, materials)[0]
    cost = Cost(total) if rate.currency == "USD" else units.cost(tariff.pack, total)
    reason = f"no price is published; the dearest one of `{offer.kind}` is taken"
    return Price(cost, as_of, units.told(tariff), reason)


def _by_tariff(
    offer: Offer,
    tariff: Tariff,
    rate: Rate,
    figure: Decimal,
    view: View,
    materials: Mapping[str, MediaFacts],
    units: UnitPrices,
    as_of: str,
) -> Price:
    count, sure = counted(offer, rate.measure, view, materials)
    total = figure * count + sum((one.units for one in tariff.plus if one.when(view)), Decimal(0))
    reasons = [tariff.reason, rate.reason, "" if sure else known_afterwards]
    day = tariff.as_of if tariff is offer.own else tariff.as_of or as_of
    if rate.currency == "USD":
        return Price(Cost(total), day, tariff.source, _joined(reasons))
    reasons.append(units.reason(tariff.pack))
    return Price(units.cost(tariff.pack, total), day, units.origin(tariff.pack, tariff.source), _joined(reasons))


def _joined(reasons: Sequence[str]) -> str:
    return "; ".join(reason for reason in reasons if reason)


def counted(offer: Offer, measure: Measure, view: View, materials: Mapping[str, MediaFacts]) -> tuple[Decimal, bool]:
    """How often the units are charged, and whether that is sure."""
    if measure.per == "take":
        return Decimal(1), True
    if measure.per == "second":
        return Decimal(str(asked_seconds(view, _longest_asked))), "duration" in view
    if measure.per in ("clip-second", "begun"):
        return _of_file(offer, measure, view, materials), False
    value = view.get(measure.per)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return Decimal(value), True
    return Decimal(measure.most or 1), False


def seconds_of(offer: Offer, view: View) -> float:
    """How long one task is expected to run, before any history says better."""
    timing = offer.timing
    asked = asked_seconds(view, timing.seconds)
    return (timing.base + timing.per_second * asked) * timing.times.get(str(view.get(timing.by, "")), 1.0)


def _of_file(offer: Offer, measure: Measure, view: View, materials: Mapping[str, MediaFacts]) -> Decimal:
    """The seconds of a wired file, rounded (section 12, motion-control), or the longest it may be; an estimate, because
    what comes out may be shorter, and a file that is not made yet may last otherwise."""
    facts = materials.get(measure.of)
    seconds = facts.seconds if facts and facts.seconds else measure.most or _longest(offer, measure.of, view)
    if measure.per == "begun":
        return Decimal(max(1, math.ceil(seconds / measure.each - 1e-9)))
    return max(Decimal(1), Decimal(str(seconds)).quantize(Decimal(1), ROUND_HALF_UP))


def _longest(offer: Offer, field: str, view: View) -> float:
    limits = offer.media.get(field)
    allowed = limits.windows_for(view)[0] if limits else ()
    return max((high for _, high in allowed), default=_longest_asked)


def _dearest_rate(tariff: Tariff) -> Rate:
    return max(tariff.rates, key=lambda rate: max(rate.units.values()))
