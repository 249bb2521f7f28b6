"""The data of a catalogue in words for people: limits, media and prices, each read from the lines that are checked, so
that page and check cannot differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from kling_pipe.plan.catalogue_data import Data, mapping, mappings, number, sequence, text, texts
from kling_pipe.plan.catalogue_media import MediaLimits, Windows
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_rules import shown
from kling_pipe.plan.catalogue_sentences import bounds_words, condition_words, terms_words
from kling_pipe.plan.catalogue_tariff import Measure, Rate
from kling_pipe.story.kinds import kinds
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import plain


def limit_words(limit: Data) -> str:
    """`5, 10`, `3 to 15`, `at most 2500 characters`."""
    words = _limits.get(text(limit, "type"))
    return words(limit) if words else ""


def default_words(limit: Data) -> str:
    """`5`, or `16:9 without image, else nothing`; empty where there is none."""
    if "implied" in limit:
        return shown(limit["implied"])
    if isinstance(limit.get("default"), list | tuple):
        return ", ".join(
            f"{shown(line.get('value'))} {condition_words(mapping(line, 'when'))}"
            if "when" in line
            else f"else {shown(line.get('value'))}"
            for line in mappings(limit, "default")
        )
    return shown(limit["default"]) if "default" in limit else ""


def media_words(limits: MediaLimits) -> str:
    """`jpeg or png, at most 10 MB, sides from 300 pixels, 1:2.5 to 2.5:1`."""
    parts = [" or ".join(limits.formats)]
    if limits.bytes is not None:
        parts.append(f"at most {limits.bytes / 1e6:g} MB")
    low, high = limits.side
    if low is not None:
        parts.append(f"sides from {low:g} pixels" if high is None else f"sides of {low:g} to {high:g} pixels")
    if limits.sizes:
        parts.append(" or ".join(f"{width}×{height}" for width, height in limits.sizes))
    if limits.area is not None:
        parts.append(f"at most {limits.area:,.0f} pixels in all")
    narrow, wide = limits.aspect
    if narrow and wide:
        parts.append(f"1:{1 / narrow:g} to {wide:g}:1")
    if limits.fps_list or limits.fps[0] is not None:
        low, high = limits.fps
        rates = " or ".join(f"{rate:g}" for rate in limits.fps_list) or f"{low:g} to {high:g}"
        parts.append(f"{rates} frames a second")
    if limits.seconds:
        parts.append(f"{_windows(limits.seconds)} seconds")
    parts += [
        f"{_windows(windows)} seconds with `{limits.seconds_parameter}: {value}`"
        for value, windows in limits.seconds_by.items()
    ]
    parts += [
        f"{more:g} seconds longer than `{key}`" if more else f"up to `{key}`" for key, more in limits.lasts.items()
    ]
    if limits.holds:
        parts.append(f"at least {terms_words(limits.holds)}")
    parts += [f"of the ratio of `{limits.same_aspect}`"] if limits.same_aspect else []
    parts += ["with sound"] if limits.sound else []
    return ", ".join(parts)


def rate_words(rate: Rate, offer: Offer) -> str:
    """`std 0.6, pro 0.8 units a second`, behind its condition."""
    figures = ", ".join(f"{name} {plain(units)}".strip() for name, units in rate.units.items())
    unit = "unit" if list(rate.units.values()) == [Decimal(1)] and rate.currency == "units" else rate.currency
    return f"{rate.note + ': ' if rate.note else ''}{figures} {unit} {measure_words(rate.measure, offer)}"


def tariff_words(offer: Offer) -> tuple[str, ...]:
    """Every line of an offer's prices: of one's own where there are any."""
    if offer.own_rates:
        return tuple(rate_words(rate, offer) for rate in offer.own_rates)
    plus = offer.tariff.plus if offer.tariff else ()
    additions = [f"and {plain(one.units)} more{f' with {one.note}' if one.note else ''}" for one in plus]
    return (*(rate_words(rate, offer) for rate in offer.rates), *additions)


def measure_words(measure: Measure, offer: Offer) -> str:
    """`a second`, `a second of the clip`, `a picture`, `a take`."""
    if measure.per == "second":
        return "a second"
    if measure.per == "clip-second":
        return f"a second of the {_file(measure.of)}"
    if measure.per == "begun":
        return f"for every {measure.each} seconds of the {_file(measure.of)} that are begun"
    return "a picture" if measure.per != "take" or is_one_picture(offer) else "a take"


def is_one_picture(offer: Offer) -> bool:
    """Whether what is paid for once is one picture: some kinds make a fixed set of them."""
    kind = kinds.get(offer.kind)
    return offer.makes is MediaType.IMAGE and not (kind is not None and kind.many and kind.amount is None)


def _file(field: str) -> str:
    return "sound" if field == "audio" else "clip"


def _values(limit: Data) -> str:
    return ", ".join(shown(value) for value in sequence(limit, "values"))


def _number(limit: Data) -> str:
    decimals = number(limit, "decimals")
    fine = "" if decimals is None else f", {decimals:g} decimal{'' if decimals == 1 else 's'}"
    return bounds_words(limit) + fine + (f", in steps of {limit['step']}" if "step" in limit else "")


def _whole(limit: Data) -> str:
    return _values(limit) or ", ".join([bounds_words(limit), *texts(limit, "or")])


_limits: Mapping[str, Callable[[Data], str]] = {
    "text": lambda limit: bounds_words(limit, "characters"),
    "choice": _values,
    "open": lambda limit: "one of a list that grows",
    "closed": lambda limit: "one of a list",
    "options": lambda limit: f"of {_values(limit)}",
    "switch": lambda limit: _values(limit) or "true, false",
    "number": _number,
    "whole": _whole,
    "ids": lambda limit: f"at most {number(limit, 'max'):g}, wired or by their ids",
    "id": lambda limit: "an id",
    "media": lambda limit: f"at most {number(limit, 'max'):g}" if "max" in limit else "",
    "list": lambda limit: f"at most {number(limit, 'max'):g}",
    "shots": lambda limit: (
        f"at most {number(limit, 'max'):g} of {number(limit, 'words'):g} characters"
        f"{'' if limit.get('auto') is False else ', or auto'}"
    ),
    "camera": _values,
    "selections": lambda limit: f"at most {number(limit, 'max'):g} frames of {number(limit, 'points'):g} points",
}


def _windows(windows: Windows) -> str:
    return " or ".join(f"{low:g} to {high:g}" for low, high in windows)
