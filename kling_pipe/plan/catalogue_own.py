"""A project's own prices as tariffs of the offers they are about, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue_data import sequence
from kling_pipe.plan.catalogue_findings import listing
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_rules import compile_conditions, shown
from kling_pipe.plan.catalogue_tariff import Measure, Rate, Tariff
from kling_pipe.values.prices import OwnAmount, OwnPrice, OwnPrices, OwnRate, place_of
from kling_pipe.values.span import Span

_hint = "`kling-pipe models explain {model}` shows by what it is priced"


def with_own(offer: Offer, prices: OwnPrices, packs: Container[str]) -> Offer:
    """The offer with what the project says of it; a line that is about one kind goes before one about all. A price in
    units says nothing where the provider counts in none: `packs` are those it has."""
    lines = [one for one in prices.models if one.model in offer.naming.spellings and one.kind in ("", offer.kind)]
    if not lines:
        return with_own(offer, prices.under, packs) if prices.under else offer
    line = min(lines, key=lambda one: one.kind == "")
    pack = _pack(offer)
    rates = tuple(
        rate for own in line.rates for rate in _rates(offer, own) if rate.currency != "units" or pack in packs
    )
    return replace(offer, own=Tariff(pack, rates, (), source=place_of(line.span), as_of=prices.as_of))


def wrong_lines(offer: Offer, price: OwnPrice, packs: Container[str]) -> Iterator[Problem]:
    """What a price says that means nothing for an offer it is about."""
    for own in price.rates:
        for key in own.when:
            if key not in offer.fields:
                yield _wrong(offer, f"`{key}` is no key of `{offer.kind}` by `{offer.model}`", own.span)
        values = [name for name in own.amounts if name]
        if values and _by(offer, values) is None:
            known = next(iter(_chosen_from(offer).values()), frozenset())
            strange = [value for value in values if value not in known] or values
            are = "are no values" if len(strange) > 1 else "is no value"
            yield _wrong(offer, f"{listing(strange)} {are} that `{offer.model}` is priced by", own.span)
        for amount in own.amounts.values():
            if amount.currency == "units" and _pack(offer) not in packs:
                yield _wrong(offer, f"`{offer.model}` is not paid for in units here", own.span)
            elif _measure(offer, amount) is None:
                yield _wrong(offer, _uncounted(offer, amount), own.span)


def _wrong(offer: Offer, message: str, span: Span) -> Problem:
    return Problem("bad-price", message, span, _hint.format(model=offer.model))


def _pack(offer: Offer) -> str:
    return (offer.tariff.pack if offer.tariff else "") or offer.product  # money has no pack


def _uncounted(offer: Offer, amount: OwnAmount) -> str:
    if amount.per:
        return f"`{offer.kind}` by `{offer.model}` is not counted in {amount.per}s"
    return f"`{offer.kind}` by `{offer.model}` has no price to follow, so `a second` or `a take` was expected"


def _rates(offer: Offer, own: OwnRate) -> Iterator[Rate]:
    """A rate a figure, so that each has its own currency and its own way of counting."""
    by = _by(offer, [name for name in own.amounts if name])
    for name, amount in own.amounts.items():
        measure = _measure(offer, amount)
        if measure is None or (name and by is None):
            continue  # told as a problem
        when: Mapping[str, object] = {**own.when, by: name} if name and by else own.when
        note = ", ".join(word if word == "present" else f"{key}: {shown(word)}" for key, word in own.when.items())
        yield Rate(
            when=compile_conditions(when),
            by="",
            units={"": amount.amount},
            measure=measure,
            note=" with ".join(word for word in (name, note) if word),
            about=frozenset(when),
            currency=amount.currency,
        )


def _by(offer: Offer, values: Sequence[str]) -> str | None:
    """The parameter whose values these are: the one the catalogue prices by, or any that is chosen from a list."""
    if not values:
        return ""
    return next((key for key, known in _chosen_from(offer).items() if known.issuperset(values)), None)


def _chosen_from(offer: Offer) -> dict[str, frozenset[str]]:
    """The parameters that are chosen from a list, and their lists; first the one the catalogue prices by."""
    priced = [rate.by for rate in offer.rates if rate.by in offer.fields]
    lists = {key: sequence(offer.fields[key], "values") for key in dict.fromkeys((*priced, *offer.fields))}
    return {key: frozenset(str(value) for value in values) for key, values in lists.items() if values}


def _measure(offer: Offer, amount: OwnAmount) -> Measure | None:
    """How it is counted: as the catalogue does where nothing else is said."""
    listed = [rate.measure for rate in (offer.tariff.rates if offer.tariff else ())]
    if not amount.per:
        return listed[0] if listed else None if "duration" in offer.fields else Measure("take")
    if amount.per == "take":
        return Measure("take")
    if amount.per == "picture":
        return next((one for one in listed if one.per in offer.fields), Measure("take"))
    timed = next((one for one in listed if one.per in ("second", "clip-second")), None)
    if timed is not None:
        return timed
    begun = next((one for one in listed if one.per == "begun"), None)
    if begun is not None:
        return Measure("clip-second", begun.of)
    return Measure("second") if "duration" in offer.fields else None
