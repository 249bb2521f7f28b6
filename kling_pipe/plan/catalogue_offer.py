"""What one model offers for one step kind, compiled from a catalogue's data: an `Offer`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kling_pipe.plan.catalogue_data import Data, mapping, mappings, number, sequence, text, texts
from kling_pipe.plan.catalogue_findings import Check
from kling_pipe.plan.catalogue_limits import compile_limit
from kling_pipe.plan.catalogue_media import MediaLimits
from kling_pipe.plan.catalogue_outcome import Frame, Outcome
from kling_pipe.plan.catalogue_rules import Condition, Lists, Rule, compile_conditions
from kling_pipe.plan.catalogue_tariff import Rate, Tariff
from kling_pipe.values.media import MediaType


@dataclass(frozen=True, slots=True)
class Timing:
    """Expected seconds: `(base + per_second × seconds asked) × factor`; `seconds` where none are asked for."""

    base: float = 60.0
    per_second: float = 0.0
    seconds: float = 5.0
    by: str = ""
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Default:
    """A value that is filled in where `when` holds."""

    key: str
    when: Condition
    value: object


@dataclass(frozen=True, slots=True)
class Naming:
    """Which model it is: names, age, origin. `tiers` are names elsewhere that mean a mode or sound besides."""

    model: str
    product: str
    state: str = "unknown"
    retired_on: str = ""
    successor: str = ""
    native: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    tiers: Mapping[str, Data] = field(default_factory=dict)
    takes_at_once: int = 1
    source: str = ""
    grade: str = ""

    @staticmethod
    def of(row: Data) -> Naming:
        tiers = mapping(row, "tiers")
        return Naming(
            model=text(row, "model"),
            product=text(row, "product"),
            state=text(row, "state"),
            retired_on=text(row, "retired_on"),
            successor=text(row, "successor"),
            native=tuple(str(name) for name in mapping(row, "names").values()),
            aliases=texts(row, "aliases"),
            tiers={name: mapping(tiers, name) for name in tiers},
            takes_at_once=int(number(row, "takes_at_once") or 1),
            source=text(row, "source"),
            grade=text(row, "grade"),
        )

    @property
    def retired(self) -> bool:
        return self.state == "retired"

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name it goes by, its own first."""
        return (self.model, *self.native, *self.aliases, *self.tiers)


@dataclass(frozen=True, slots=True)
class Offer:
    """A model's side of a step kind. `limits` has one check a parameter or wired field; what has none is refused."""

    naming: Naming
    kind: str
    makes: MediaType
    takes_at_once: int
    fields: Mapping[str, Data]
    origins: Mapping[str, str]  # the set of parameters each field comes from
    texts: frozenset[str]  # parameters that are free texts
    limits: Mapping[str, Check]
    media: Mapping[str, MediaLimits]
    defaults: Mapping[str, object]
    conditional: tuple[Default, ...]  # defaults that depend on the rest of the step
    implied: Mapping[str, object]
    rules: tuple[Rule, ...]
    frame: Frame
    outcomes: tuple[Outcome, ...]
    tariff: Tariff | None
    timing: Timing
    known: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)  # of open lists, by parameter
    own: Tariff | None = None  # the project's own prices, which go before the catalogue's
    closed: bool = True  # False: a model nobody here knows, so nothing is refused

    @property
    def model(self) -> str:
        return self.naming.model

    @property
    def product(self) -> str:
        return self.naming.product

    @property
    def retired(self) -> bool:
        return self.naming.retired

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The lines of its tariff that its parameters can lead to; several models and kinds may share a tariff."""
        return self._within(self.tariff)

    @property
    def own_rates(self) -> tuple[Rate, ...]:
        """The lines of the project's own prices."""
        return self._within(self.own)

    def _within(self, tariff: Tariff | None) -> tuple[Rate, ...]:
        return tuple(rate for rate in (tariff.rates if tariff else ()) if rate.about <= self.fields.keys())

    def outcome(self, view: Mapping[str, object]) -> Outcome:
        """What comes out of such a step."""
        return next((one for one in self.outcomes if one.when(view)), _plain_outcome)


_plain_outcome = Outcome(when=lambda view: True)


def read_offer(
    data: Data, naming: Naming, kind: str, about: Data, lines: Data, rules: Sequence[Rule], lists: Lists
) -> Offer:
    """One model's lines for one kind; `data` has the sections they name, `about` the head's lines on the kind."""
    fields, origins = _fields(data, lines)
    makes = MediaType(text(about, "makes"))
    return Offer(
        naming=naming,
        kind=kind,
        makes=makes,
        takes_at_once=int(number(lines, "takes_at_once") or naming.takes_at_once),
        fields=fields,
        origins=origins,
        texts=frozenset(key for key, limit in fields.items() if limit.get("type") == "text"),
        limits={key: compile_limit(key, limit, f"takes.{origins[key]}.{key}", lists) for key, limit in fields.items()},
        media={
            key: MediaLimits.of(_named(data, "media", limit, "limits"), text(limit, "limits"))
            for key, limit in fields.items()
            if "limits" in limit
        },
        defaults={key: limit["default"] for key, limit in fields.items() if _is_plain(limit.get("default"))},
        conditional=tuple(
            Default(key, compile_conditions(mapping(line, "when"), lists), line.get("value"))
            for key, limit in fields.items()
            if "default" in limit and not _is_plain(limit["default"])
            for line in mappings(limit, "default")
        ),
        implied={key: limit["implied"] for key, limit in fields.items() if "implied" in limit},
        rules=tuple(rule for rule in rules if rule.concerns(kind, naming.model)),
        frame=Frame(makes, _sizes(_named(data, "sizes", lines, "sizes")), _resolution(lines)),
        outcomes=_outcomes(data, lines, lists),
        tariff=Tariff.of(_named(data, "prices", lines, "price"), lists) if "price" in lines else None,
        timing=_timing(_named(data, "timings", lines, "timing")),
        known={
            key: {name: tuple(sorted(lists[name])) for name in texts(limit, "lists")}
            for key, limit in fields.items()
            if "lists" in limit
        },
    )


def _is_plain(value: object) -> bool:
    return value is not None and not isinstance(value, list | tuple)


def _named(data: Data, section: str, lines: Data, key: str) -> Data:
    """The entry of a section that a line names; empty where it names none."""
    name = text(lines, key)
    if name and name not in mapping(data, section):
        raise ValueError(f"nothing in `{section}` is called `{name}`")
    return mapping(mapping(data, section), name)


def _fields(data: Data, lines: Data) -> tuple[Mapping[str, Data], Mapping[str, str]]:
    groups, fields, origins = mapping(data, "takes"), {}, {}
    for name in texts(lines, "takes"):
        if name not in groups:
            raise ValueError(f"no set of parameters is called `{name}`")
        group = mapping(groups, name)
        for key in group:
            fields[key], origins[key] = mapping(group, key), name
    return fields, origins


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


def _outcomes(data: Data, lines: Data, lists: Lists) -> tuple[Outcome, ...]:
    name = text(lines, "result")
    if not name:
        return ()
    if name not in mapping(data, "results"):
        raise ValueError(f"nothing in `results` is called `{name}`")
    return tuple(Outcome.of(line, lists) for line in mappings(mapping(data, "results"), name))


def _timing(data: Data) -> Timing:
    times = mapping(data, "times")
    return Timing(
        base=number(data, "base") or 60.0,
        per_second=number(data, "per_second") or 0.0,
        seconds=number(data, "seconds") or 5.0,
        by=text(data, "by"),
        times={key: number(times, key) or 1.0 for key in times},
    )
