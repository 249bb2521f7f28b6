"""What a provider's unit costs, by pack: at list price, by the project's own word, or by a figure that stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.plan.catalogue_data import Data, amount, mapping, text
from kling_pipe.plan.catalogue_tariff import Tariff
from kling_pipe.values.money import Cost
from kling_pipe.values.prices import OwnPrices, place_of


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """USD of one unit by pack; `stand_ins` say why a pack's figure is an estimate, `places` where one's own stands."""

    usd: Mapping[str, Decimal]
    stand_ins: Mapping[str, str]
    places: Mapping[str, str]
    listed: tuple[str, ...] = ()  # the packs that the catalogue knows

    @staticmethod
    def of(head: Data, units_usd: Mapping[str, str], prices: OwnPrices) -> UnitPrices:
        """Those of a catalogue's head under the project's own."""
        stand_ins = mapping(head, "stand_ins")
        units_at = {**(prices.under.units_at if prices.under else {}), **prices.units_at}
        return UnitPrices(
            {pack: amount(value) for pack, value in {**mapping(head, "units_usd"), **units_usd}.items()},
            {pack: text(stand_ins, pack) for pack in stand_ins if pack not in units_usd},
            {pack: place_of(span) for pack, span in units_at.items()},
            tuple(dict.fromkeys((*mapping(head, "units_usd"), *stand_ins))),
        )

    def cost(self, pack: str, units: Decimal) -> Cost:
        """Units and what they come to."""
        return Cost(units * self.usd.get(pack, Decimal(0)), ((pack, units),))

    def reason(self, pack: str) -> str:
        """Why money in units of a pack is an estimate; empty where it is none."""
        return self.stand_ins.get(pack, "")

    def told(self, tariff: Tariff) -> str:
        """Where a tariff comes from, and every reason why it is an estimate."""
        words = (
            self.origin(tariff.pack, tariff.source),
            tariff.reason,
            *dict.fromkeys(rate.reason for rate in tariff.rates),
            self.reason(tariff.pack),
        )
        return "; ".join(word for word in words if word)

    def is_exact(self, tariff: Tariff) -> bool:
        """Whether neither its figures nor what a unit costs are estimates."""
        return not (tariff.reason or self.reason(tariff.pack) or any(rate.reason for rate in tariff.rates))

    def origin(self, pack: str, source: str) -> str:
        """Where a price in units of a pack comes from, when the units come from `source`."""
        place = self.places.get(pack)
        return "; ".join(word for word in (source, f"a unit by {place}" if place else "") if word)
