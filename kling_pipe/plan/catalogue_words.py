"""The data of a catalogue in words for people: limits, media, rules and prices, each read from the lines that are
checked, so that page and check cannot differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue_data import Data, mapping, mappings, number, sequence, severity, text, texts
from kling_pipe.plan.catalogue_media import MediaLimits, Windows
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_rules import shown
from kling_pipe.plan.catalogue_tariff import Measure, Rate
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import plain

_things = {MediaType.IMAGE: "picture", MediaType.VIDEO: "clip", MediaType.AUDIO: "sound"}


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
            f"{shown(line.get('value'))}{' ' if 'when' in line else ''}{condition_words(mapping(line, 'when'))}"
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
    parts += [f"of the ratio of `{limits.same_aspect}`"] if limits.same_aspect else []
    return ", ".join(parts)


def rule_words(rule: Data) -> str:
    """`with `image_tail`: needs `mode: pro``."""
    conditions = condition_words(mapping(rule, "when"), mapping(rule, "when_any"))
    demands = []
    if "require" in rule:
        demands.append(f"needs {_all_of(mapping(rule, 'require'))}")
    if "forbid" in rule:
        demands.append(f"takes no {' and no '.join(f'`{key}`' for key in texts(rule, 'forbid'))}")
    if "limit" in rule:
        demands.append(_figure_words(mapping(rule, "limit")))
    sent = ", and it is not sent" if text(rule, "code") == "not-sent" else ""
    soft = f" (a {severity(rule)}{sent})" if severity(rule) is not Severity.ERROR else ""
    return f"{conditions}: {', '.join(demands)}{soft}" if conditions else f"{', '.join(demands)}{soft}"


def condition_words(every: Data, either: Data | None = None) -> str:
    """`with `image` and `sound: true`, without `video``; empty where nothing is asked."""
    there = [_condition(key, wanted) for key, wanted in every.items() if not _is_absence(wanted)]
    there += [" or ".join(_condition(key, wanted) for key, wanted in either.items())] if either else []
    gone = [_absence(key, wanted) for key, wanted in every.items() if _is_absence(wanted)]
    parts = [f"with {' and '.join(there)}"] if there else []
    parts += [f"without {' and '.join(gone)}"] if gone else []
    return ", ".join(parts)


def rate_words(rate: Rate, makes: MediaType) -> str:
    """`std 0.6, pro 0.8 units a second`, behind its condition."""
    figures = ", ".join(f"{name} {plain(units)}".strip() for name, units in rate.units.items())
    unit = "unit" if list(rate.units.values()) == [Decimal(1)] else "units"
    return f"{rate.note + ': ' if rate.note else ''}{figures} {unit} {measure_words(rate.measure, makes)}"


def tariff_words(offer: Offer) -> tuple[str, ...]:
    """Every line of an offer's prices."""
    plus = offer.tariff.plus if offer.tariff else ()
    additions = [f"and {plain(one.units)} more{f' with {one.note}' if one.note else ''}" for one in plus]
    return (*(rate_words(rate, offer.makes) for rate in offer.rates), *additions)


def measure_words(measure: Measure, makes: MediaType) -> str:
    """`a second`, `a second of the clip`, `a picture`."""
    if measure.per == "second":
        return "a second"
    if measure.per == "clip-second":
        return f"a second of the {_file(measure.of)}"
    if measure.per == "begun":
        return f"for every {measure.each} seconds of the {_file(measure.of)} that are begun"
    return "a picture" if measure.per != "take" or makes is MediaType.IMAGE else "each time"


def _file(field: str) -> str:
    return "sound" if field == "audio" else "clip"


def _bounds(limit: Data, noun: str = "") -> str:
    low, high = number(limit, "min"), number(limit, "max")
    tail = f" {noun}" if noun else ""
    if low is None:
        return f"at most {high:g}{tail}" if high is not None else ""
    return f"{low:g} to {high:g}{tail}" if high is not None else f"at least {low:g}{tail}"


def _values(limit: Data) -> str:
    return ", ".join(shown(value) for value in sequence(limit, "values"))


def _number(limit: Data) -> str:
    decimals = number(limit, "decimals")
    return _bounds(limit) + (f", {decimals:g} decimal{'' if decimals == 1 else 's'}" if decimals is not None else "")


def _whole(limit: Data) -> str:
    return _values(limit) or ", ".join([_bounds(limit), *texts(limit, "or")])


_limits: Mapping[str, Callable[[Data], str]] = {
    "text": lambda limit: _bounds(limit, "characters"),
    "choice": _values,
    "open": lambda limit: "one of a list that grows",
    "options": lambda limit: f"of {_values(limit)}",
    "switch": lambda limit: _values(limit) or "true, false",
    "number": _number,
    "whole": _whole,
    "ids": lambda limit: f"at most {number(limit, 'max'):g}",
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


def _is_absence(wanted: object) -> bool:
    return wanted == "absent" or (isinstance(wanted, Mapping) and "not" in wanted)


def _absence(key: str, wanted: object) -> str:
    return f"`{key}`" if not isinstance(wanted, Mapping) else _condition(key, wanted["not"])


def _all_of(conditions: Data) -> str:
    return " and ".join(
        f"no {_absence(key, wanted)}" if _is_absence(wanted) else _condition(key, wanted)
        for key, wanted in conditions.items()
    )


def _condition(key: str, wanted: object) -> str:
    if wanted == "present":
        return f"`{key}`"
    if wanted == "list":
        return f"a list of `{key}`"
    if isinstance(wanted, list | tuple):
        return f"`{key}: {' or '.join(shown(value) for value in wanted)}`"
    if not isinstance(wanted, Mapping):
        return f"`{key}: {shown(wanted)}`"
    if "in" in wanted:
        return f"`{key}` of {text(wanted, 'in').replace('-', ' ')}"
    if "contains" in wanted:
        return f"`{text(wanted, 'contains')}` in the `{key}`"
    if "length" in wanted:
        return f"`{key}` of {_bounds(mapping(wanted, 'length'), 'characters')}"
    if "items" in wanted:
        return f"{_bounds(mapping(wanted, 'items'))} of `{key}`".replace("1 to 1", "one")
    return f"`{key}` of {_bounds(wanted)}"


def _figure_words(limit: Data) -> str:
    return f"{_terms(limit)}: {_bounds(limit)}"


def _terms(limit: Data) -> str:
    if "product" in limit:
        return " × ".join(f"(1 + {_plus(keys)})" for keys in sequence(limit, "product"))
    terms = _plus(texts(limit, "items") or texts(limit, "sum"))
    return " − ".join([terms, *(f"`{key}`" for key in texts(limit, "minus"))])


def _plus(keys: object) -> str:
    several: Iterable[object] = keys if isinstance(keys, list | tuple) else (keys,)
    return " + ".join(f"`{key}`" for key in several)
