"""Everything a catalogue knows, as rows for people: one a model and product, with one line a step kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kling_pipe.plan.catalogue_data import Data, number, sequence
from kling_pipe.plan.catalogue_limits import listing
from kling_pipe.plan.catalogue_offer import Offer
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


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of one product."""

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

    @property
    def can(self) -> tuple[str, ...]:
        """The capability words of all its kinds."""
        return tuple(dict.fromkeys(word for kind in self.kinds for word in kind.can))


def model_row(provider: str, as_of: str, offers: Iterable[Offer], kinds: Iterable[KindRow]) -> ModelRow:
    """One row from the offers of one model and product."""
    first = next(iter(offers))
    return ModelRow(
        provider=provider,
        model=first.model,
        product=first.product,
        state=first.state,
        retired_on=first.retired_on,
        successor=first.successor,
        names=first.native,
        aliases=first.aliases,
        takes_at_once=first.takes_at_once,
        as_of=as_of,
        source=first.source,
        grade=first.grade,
        kinds=tuple(kinds),
    )


def kind_row(offer: Offer, typical_seconds: float, *, default: bool) -> KindRow:
    """One line from one offer."""
    fields = offer.fields
    modes = _values(fields, "mode")
    clips = tuple(dict.fromkeys(offer.resolution[mode] for mode in modes or ("",) if mode in offer.resolution))
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
        parameters=tuple((key, _in_words(limit)) for key, limit in fields.items() if limit.get("type") != "media"),
        prices=_prices(offer),
        pack=offer.tariff.pack if offer.tariff else "",
        price_source=offer.tariff.source if offer.tariff else "",
        typical_seconds=typical_seconds,
    )


Fields = Mapping[str, Data]


def _takes(*keys: str) -> Callable[[Fields], bool]:
    return lambda fields: any(key in fields for key in keys)


def _offers(key: str, *, value: object) -> Callable[[Fields], bool]:
    return lambda fields: key in fields and value in (sequence(fields[key], "values") or (value,))


_capabilities: Mapping[str, Callable[[Fields], bool]] = {
    "sound": _offers("sound", value=True),
    "silence": lambda fields: _offers("sound", value=False)(fields) and "keep_original_sound" not in fields,
    "original-sound": _takes("keep_original_sound"),
    "end-frame": _takes("image_tail"),
    "shots": _takes("shots"),
    "auto-shots": lambda fields: "shots" in fields and fields["shots"].get("auto") is not False,
    "elements": _takes("elements"),
    "voices": _takes("voices"),
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


def _in_words(limit: Data) -> str:
    values, low, high = sequence(limit, "values"), number(limit, "min"), number(limit, "max")
    if values:
        return listing(values).replace("`", "")
    unit = {"text": " characters", "ids": " at most", "list": " at most", "shots": " at most"}
    if low is None and high is not None:
        return f"{high:g}{unit.get(str(limit.get('type')), ' at most')}"
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return "true, false" if limit.get("type") == "switch" else ""


def _prices(offer: Offer) -> tuple[str, ...]:
    if offer.tariff is None:
        return ()
    per = {"take": "a picture", "second": "a second", "clip-second": "a second of the clip"}[offer.tariff.per]
    return tuple(
        f"{rate.note + ': ' if rate.note else ''}"
        f"{', '.join(f'{name} {plain(units)}' for name, units in rate.units.items())} units {per}"
        for rate in offer.tariff.rates
    )
