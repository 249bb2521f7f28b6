"""What one model offers for one step kind, compiled from a catalogue's data: an `Offer`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kling_pipe.plan.catalogue_data import Data, amount, mapping, mappings, media_type, number, sequence, text, texts
from kling_pipe.plan.catalogue_limits import Check, compile_limit
from kling_pipe.plan.catalogue_media import MediaLimits
from kling_pipe.plan.catalogue_rules import Condition, Rule, compile_conditions, longest_shared_text, shown
from kling_pipe.values.media import MediaType


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of prices: the units by one parameter's value, where `when` holds."""

    when: Condition
    by: str
    units: Mapping[str, Decimal]
    note: str = ""  # the condition in words, such as `sound: true`


@dataclass(frozen=True, slots=True)
class Tariff:
    """How a model is billed. `per` is `take`, `second` (asked for) or `clip-second` (of the clip wired to `clip`)."""

    pack: str
    per: str
    clip: str
    rates: tuple[Rate, ...]
    source: str

    @property
    def dearest(self) -> Decimal:
        return max(units for rate in self.rates for units in rate.units.values())


@dataclass(frozen=True, slots=True)
class Timing:
    """Expected seconds: `(base + per_second × seconds asked) × factor`."""

    base: float = 60.0
    per_second: float = 0.0
    by: str = ""
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """A model's side of a step kind. `limits` has one check a parameter or wired field; what has none is refused."""

    model: str
    kind: str
    product: str
    makes: MediaType
    state: str
    retired_on: str
    successor: str
    native: tuple[str, ...]
    aliases: tuple[str, ...]
    takes_at_once: int
    source: str
    grade: str
    fields: Mapping[str, Data]
    texts: frozenset[str]  # parameters that are free texts
    limits: Mapping[str, Check]
    media: Mapping[str, MediaLimits]
    defaults: Mapping[str, object]
    implied: Mapping[str, object]
    rules: tuple[Rule, ...]
    resolution: Mapping[str, str]  # by mode; the key "" for a model without modes
    sizes: Mapping[str, Mapping[str, tuple[int, int]]]
    tariff: Tariff | None
    timing: Timing
    closed: bool = True  # False: a model nobody here knows, so nothing is refused

    @property
    def retired(self) -> bool:
        return self.state == "retired"


def read_offers(data: Data, rules: Sequence[Rule]) -> tuple[Offer, ...]:
    """Every model and kind of a catalogue's data, in its order."""
    return tuple(
        _offer(data, row, kind, lines, rules)
        for row in mappings(data, "models")
        for kind, lines in mapping(row, "kinds").items()
        if isinstance(lines, Mapping)
    )


def shared_text_length(data: Data) -> int:
    """Texts up to this length are alike to every limit and rule, so that one verdict serves them all."""
    limits = [
        int(number(limit, "max") or 0)
        for group in mapping(data, "takes").values()
        if isinstance(group, Mapping)
        for limit in group.values()
        if isinstance(limit, Mapping) and limit.get("type") == "text"
    ]
    bounds = [longest_shared_text(rule) for rule in mappings(data, "rules")]
    return max(0, min([*limits, *(bound for bound in bounds if bound is not None)], default=0))


def _offer(data: Data, row: Data, kind: str, lines: Data, rules: Sequence[Rule]) -> Offer:
    model, about = text(row, "model"), mapping(mapping(data, "kinds"), kind)
    fields = _fields(data, lines)
    media = mapping(data, "media")
    tariff = mapping(mapping(data, "prices"), text(lines, "price")) if "price" in lines else None
    return Offer(
        model=model,
        kind=kind,
        product=text(row, "product"),
        makes=media_type(about, "makes"),
        state=text(row, "state"),
        retired_on=text(row, "retired_on"),
        successor=text(row, "successor"),
        native=tuple(str(name) for name in mapping(row, "names").values()),
        aliases=texts(row, "aliases"),
        takes_at_once=int(number(row, "takes_at_once") or 1),
        source=text(row, "source"),
        grade=text(row, "grade"),
        fields=fields,
        texts=frozenset(key for key, limit in fields.items() if limit.get("type") == "text"),
        limits={key: compile_limit(key, limit) for key, limit in fields.items()},
        media={
            key: MediaLimits.of(mapping(media, text(limit, "limits")))
            for key, limit in fields.items()
            if "limits" in limit
        },
        defaults={key: limit["default"] for key, limit in fields.items() if "default" in limit},
        implied={key: limit["implied"] for key, limit in fields.items() if "implied" in limit},
        rules=tuple(rule for rule in rules if rule.concerns(kind, model)),
        resolution=_resolution(lines),
        sizes=_sizes(mapping(mapping(data, "sizes"), text(lines, "sizes"))),
        tariff=None if tariff is None else _tariff(tariff),
        timing=_timing(mapping(mapping(data, "timings"), text(lines, "timing"))),
    )


def _fields(data: Data, lines: Data) -> Mapping[str, Data]:
    groups, fields = mapping(data, "takes"), {}
    for name in texts(lines, "takes"):
        if name not in groups:
            raise ValueError(f"no set of parameters is called `{name}`")
        for key, limit in mapping(groups, name).items():
            fields[key] = limit if isinstance(limit, Mapping) else {}
    return fields


def _resolution(lines: Data) -> Mapping[str, str]:
    found = lines.get("resolution")
    if isinstance(found, Mapping):
        return {mode: str(resolution) for mode, resolution in found.items()}
    return {"": str(found)} if found else {}


def _sizes(data: Data) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    return {name: {ratio: _size(mapping(data, name), ratio) for ratio in mapping(data, name)} for name in data}


def _size(data: Data, ratio: str) -> tuple[int, int]:
    width, height = (int(str(side)) for side in sequence(data, ratio))
    return width, height


def _tariff(data: Data) -> Tariff:
    rates = tuple(
        Rate(
            compile_conditions(mapping(line, "when")),
            text(line, "by"),
            {str(key): amount(value) for key, value in mapping(line, "units").items()},
            ", ".join(
                key if value == "present" else f"{key}: {shown(value)}" for key, value in mapping(line, "when").items()
            ),
        )
        for line in mappings(data, "rates")
    )
    source = ", ".join(word for word in (text(data, "source"), text(data, "grade")) if word)
    return Tariff(text(data, "pack"), text(data, "per"), text(data, "clip"), rates, source)


def _timing(data: Data) -> Timing:
    times = mapping(data, "times")
    return Timing(
        base=number(data, "base") or 60.0,
        per_second=number(data, "per_second") or 0.0,
        by=text(data, "by"),
        times={key: number(times, key) or 1.0 for key in times},
    )
