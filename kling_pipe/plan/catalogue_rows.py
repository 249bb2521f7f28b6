"""What every model can do, as rows for people and programs: one a model and product, with one line a step kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kling_pipe.plan.catalogue_data import Data, number, sequence, text
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_units import UnitPrices
from kling_pipe.plan.catalogue_words import is_one_picture, limit_words, tariff_words
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import plain


@dataclass(frozen=True, slots=True)
class KindRow:
    """What a model does for one step kind. `can` are capability words (`sound`, `end-frame`, `shots`, …)."""

    kind: str
    can: tuple[str, ...]
    default: bool  # taken when a step names no model
    durations: tuple[int, ...]
    modes: tuple[str, ...]
    resolutions: tuple[str, ...]
    aspect_ratios: tuple[str, ...]
    prompt_max: int
    inputs: tuple[str, ...]  # wired fields
    parameters: tuple[tuple[str, str], ...]  # name, limit in words
    prices: tuple[str, ...]
    pack: str
    price_source: str
    typical_seconds: float
    counts: Mapping[str, int]  # how many of each list it takes at most: references, elements, voices, images
    units: tuple[str, ...] = ()  # the least and the most of its rates, and what they are for
    currency: str = "units"  # of those: units, USD, or both
    own: bool = False  # whether they are the project's own
    exact: bool = True  # whether the prices are published

    def takes(self, name: str, count: int) -> bool:
        """Whether it takes so many of a list."""
        return self.counts.get(name, 0) >= count


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of one product. `tiers` are names elsewhere that mean a mode or sound besides."""

    provider: str
    model: str
    product: str
    state: str
    retired_on: str
    successor: str
    names: tuple[str, ...]  # the same model's other native names
    aliases: tuple[str, ...]
    takes_at_once: int
    as_of: str
    source: str
    grade: str
    kinds: tuple[KindRow, ...]
    tiers: tuple[tuple[str, str], ...] = ()

    @property
    def can(self) -> tuple[str, ...]:
        """The capability words of all its kinds."""
        return tuple(dict.fromkeys(word for kind in self.kinds for word in kind.can))


def model_row(provider: str, as_of: str, offers: Iterable[Offer], kinds: Iterable[KindRow]) -> ModelRow:
    """One row from the offers of one model and product."""
    naming = next(iter(offers)).naming
    return ModelRow(
        provider=provider,
        model=naming.model,
        product=naming.product,
        state=naming.state,
        retired_on=naming.retired_on,
        successor=naming.successor,
        names=naming.native,
        aliases=naming.aliases,
        takes_at_once=naming.takes_at_once,
        as_of=as_of,
        source=naming.source,
        grade=naming.grade,
        kinds=tuple(kinds),
        tiers=tuple((name, _meaning(means)) for name, means in naming.tiers.items()),
    )


def kind_row(offer: Offer, typical_seconds: float, prices: UnitPrices, *, default: bool) -> KindRow:
    """One line from one offer."""
    fields, tariff = offer.fields, offer.own or offer.tariff
    modes = _values(fields, "mode")
    resolution = offer.frame.resolution
    clips = tuple(dict.fromkeys(resolution[mode] for mode in modes or ("",) if mode in resolution))
    return KindRow(
        kind=offer.kind,
        can=tuple(word for word, holds in _capabilities.items() if holds(fields)),
        default=default,
        durations=_durations(fields.get("duration", {})),
        modes=modes,
        resolutions=_values(fields, "resolution") or clips,
        aspect_ratios=_values(fields, "aspect_ratio"),
        prompt_max=int(number(fields.get("prompt", {}), "max") or 0),
        inputs=tuple(key for key, limit in fields.items() if limit.get("type") == "media"),
        parameters=tuple((key, limit_words(limit)) for key, limit in fields.items() if limit.get("type") != "media"),
        prices=tariff_words(offer),
        pack=tariff.pack if tariff else "",
        price_source=prices.told(tariff) if tariff else "",
        typical_seconds=typical_seconds,
        counts={key: int(number(fields[key], "max") or 1) for key in _counted if key in fields},
        units=_span(offer),
        currency=" and ".join(sorted({rate.currency for rate in offer.own_rates or offer.rates})) or "units",
        own=bool(offer.own_rates),
        exact=tariff is not None and prices.is_exact(tariff),
    )


_counted = ("references", "elements", "voices", "images")
Fields = Mapping[str, Data]


def _takes(*keys: str) -> Callable[[Fields], bool]:
    return lambda fields: any(key in fields for key in keys)


def _offers(key: str, *, value: object) -> Callable[[Fields], bool]:
    return lambda fields: key in fields and value in (sequence(fields[key], "values") or (value,))


_capabilities: Mapping[str, Callable[[Fields], bool]] = {
    "sound": _offers("sound", value=True),
    "silence": lambda fields: (
        _offers("sound", value=False)(fields) and not ("keep_original_sound" in fields and "sound" not in fields)
    ),
    "original-sound": _takes("keep_original_sound"),
    "end-frame": _takes("image_tail"),
    "shots": _takes("shots"),
    "auto-shots": lambda fields: "shots" in fields and fields["shots"].get("auto") is not False,
    "elements": _takes("elements"),
    "voices": _takes("voices"),
    "clip": _takes("video"),
    "camera": _takes("camera_control"),
    "masks": _takes("static_mask"),
    "references": _takes("references"),
    "image-reference": _takes("image_reference"),
    "negative-prompt": _takes("negative_prompt"),
    "cfg-scale": _takes("cfg_scale"),
    "4k": lambda fields: any("4k" in sequence(fields.get(key, {}), "values") for key in ("mode", "resolution")),
}

capability_words = tuple(_capabilities)


def _values(fields: Fields, key: str) -> tuple[str, ...]:
    return tuple(str(value) for value in sequence(fields.get(key, {}), "values"))


def _durations(limit: Data) -> tuple[int, ...]:
    values = sequence(limit, "values")
    if values:
        return tuple(value for value in values if isinstance(value, int))
    low, high = number(limit, "min"), number(limit, "max")
    return tuple(range(int(low), int(high) + 1)) if low is not None and high is not None else ()


def _span(offer: Offer) -> tuple[str, ...]:
    """`("0.6", "3", "a second")`: least, most, and for what; one's own prices where there are any."""
    rates = offer.own_rates or offer.rates
    if not rates:
        return ()
    figures = [units for rate in rates for units in rate.units.values()]
    measure = rates[-1].measure
    per = {
        "take": "a picture" if is_one_picture(offer) else "a take" if offer.makes is MediaType.IMAGE else "",
        "second": "a second",
        "clip-second": "a second",
        "begun": f"per {measure.each} s",
    }
    return (plain(min(figures)), plain(max(figures)), per.get(measure.per, "a picture"))


def _meaning(means: Data) -> str:
    return ", ".join(f"{key}: {text(means, key) if not isinstance(means[key], bool) else str(means[key]).lower()}"
                     for key in means)  # fmt: skip
