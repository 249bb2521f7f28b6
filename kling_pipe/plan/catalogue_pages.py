"""Everything a catalogue knows of one model, as pages for people and programs: one a kind it serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.plan.catalogue_data import Data
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_prices import seconds_of
from kling_pipe.plan.catalogue_rows import ModelRow
from kling_pipe.plan.catalogue_sentences import rules_in_words
from kling_pipe.plan.catalogue_tariff import Measure, Rate, Tariff
from kling_pipe.plan.catalogue_units import UnitPrices
from kling_pipe.plan.catalogue_words import default_words, limit_words, measure_words, media_words
from kling_pipe.values.money import Cost, plain


@dataclass(frozen=True, slots=True)
class FieldPage:
    """One parameter or wired field: what it takes in words, its default, and whether it must be there."""

    name: str
    takes: str
    default: str
    needed: bool
    known: Mapping[str, tuple[str, ...]]  # the values there are, by the name of their list, where a list may grow


@dataclass(frozen=True, slots=True)
class PricePage:
    """One figure of a tariff, and what it comes to in a plain case."""

    case: str  # `std`, `pro with sound: true`
    units: str
    currency: str  # units or USD
    per: str
    example: str  # `5 s`, `4 pictures`; empty where the figure says it all
    cost: Cost


@dataclass(frozen=True, slots=True)
class WayPage:
    """A route that such a step can take; `when` says what sends it that way."""

    standard: str
    endpoint: str
    when: str
    needs_api_key: bool


@dataclass(frozen=True, slots=True)
class KindPage:
    """What a model does for one step kind, whole."""

    kind: str
    default: bool
    inputs: tuple[FieldPage, ...]
    parameters: tuple[FieldPage, ...]
    rules: tuple[str, ...]
    prices: tuple[PricePage, ...]
    additions: tuple[str, ...]
    pack: str
    price_source: str
    exact: bool
    own_prices: tuple[PricePage, ...]  # the project's own, which go before the others
    own_source: str
    own_as_of: str
    price_as_of: str  # where it is not the catalogue's own day
    usual_seconds: float
    takes_at_once: int
    ways: tuple[WayPage, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One model of one product. Names, age, sources and grades stand in its row."""

    row: ModelRow
    kinds: tuple[KindPage, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The pages of a name. `means` says what it means where it is not the model's own: model, mode, sound."""

    asked: str
    means: tuple[str, ...]
    pages: tuple[ModelPage, ...]


def kind_page(offer: Offer, units: UnitPrices, *, default: bool) -> KindPage:
    """One page from one offer."""
    tariff = offer.tariff
    wired = {key: limit for key, limit in offer.fields.items() if limit.get("type") in ("media", "ids", "id")}
    return KindPage(
        kind=offer.kind,
        default=default,
        inputs=tuple(_field(offer, key, limit) for key, limit in wired.items()),
        parameters=tuple(_field(offer, key, limit) for key, limit in offer.fields.items() if key not in wired),
        rules=rules_in_words(offer),
        prices=tuple(_prices(offer, offer.tariff, offer.rates, units)),
        additions=tuple(
            f"{plain(one.units)} more{f' with {one.note}' if one.note else ''}"
            for one in (tariff.plus if tariff else ())
        ),
        pack=tariff.pack if tariff else "",
        price_source=units.told(tariff) if tariff else "no price is published; the dearest one of the kind is taken",
        exact=tariff is not None and units.is_exact(tariff),
        own_prices=tuple(_prices(offer, offer.own, offer.own_rates, units)),
        own_source=offer.own.source if offer.own else "",
        own_as_of=offer.own.as_of if offer.own else "",
        price_as_of=tariff.as_of if tariff else "",
        usual_seconds=seconds_of(offer, offer.defaults),
        takes_at_once=offer.takes_at_once,
    )


def _field(offer: Offer, key: str, limit: Data) -> FieldPage:
    media = [media_words(offer.media[key])] if key in offer.media else []
    takes = ", ".join(word for word in (limit_words(limit), *media) if word)
    return FieldPage(key, takes, default_words(limit), "needed" in limit, offer.known.get(key, {}))


def _prices(offer: Offer, tariff: Tariff | None, rates: Sequence[Rate], prices: UnitPrices) -> Iterable[PricePage]:
    plus = sum((one.units for one in (tariff.plus if tariff else ()) if not one.note), Decimal(0))
    for rate in rates:
        count, example = _typical(rate.measure, offer)
        for name, units in rate.units.items():
            total = units * count + plus
            pack = tariff.pack if tariff else ""
            cost = Cost(total) if rate.currency == "USD" else prices.cost(pack, total)
            per = measure_words(rate.measure, offer)
            yield PricePage(_case(name, rate), plain(units), rate.currency, per, example, cost)


def _typical(measure: Measure, offer: Offer) -> tuple[Decimal, str]:
    """How often the units are charged in a plain case, and that case in words."""
    if measure.per == "second":
        return Decimal(5), "5 s"
    if measure.per == "clip-second":
        return Decimal(10), f"10 s of {'sound' if measure.of == 'audio' else 'clip'}"
    if measure.per == "begun":
        return Decimal(2), f"{2 * measure.each} s of clip"
    if measure.per == "take":
        return Decimal(1), ""
    value = offer.defaults.get(measure.per)
    count = value if isinstance(value, int) else 1
    return Decimal(count), f"{count} pictures"


def _case(name: str, rate: Rate) -> str:
    return " with ".join(word for word in (name, rate.note) if word)
