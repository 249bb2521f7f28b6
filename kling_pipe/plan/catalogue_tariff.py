"""How a model is billed: tariffs, compiled from the `prices` of a catalogue.

pack       whose units they are
currency   `USD` where the service bills in money: the figures are dollars then, and there is no pack
per        what is counted: `take`; `second` asked for; `clip-second` or `begun` seconds of the file wired to `of`;
           or a parameter that is a number, such as `series_amount`
each       with `begun`: how many seconds begin a unit
most       what is reckoned with where the count is not known, instead of the longest that a wired file may be
rates      the first line whose `when` holds: `units` alone, or `by` a parameter's value; a line may have a `per`,
           `of`, `most` and `reason` of its own
plus       fixed additions: `{when, units}`
reason     why a figure is an estimate: such as a stand-in for a price that nobody published
source, grade
as_of      where it was not read on the catalogue's own day
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.plan.catalogue_data import Data, amount, mapping, mappings, number, text
from kling_pipe.plan.catalogue_rules import Condition, Lists, compile_conditions, shown


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted; `most` where the count is not known, 0 for the longest that the wired file may be."""

    per: str
    of: str = ""
    each: int = 1
    most: int = 0

    @staticmethod
    def read(line: Data, tariff: Data) -> Measure:
        def own(key: str) -> Data:
            return line if key in line else tariff

        return Measure(
            per=text(own("per"), "per", "take"),
            of=text(own("of"), "of"),
            each=int(number(own("each"), "each") or 1),
            most=int(number(own("most"), "most") or 0),
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of prices: the units by one parameter's value (`` for a lone figure), where `when` holds."""

    when: Condition
    by: str
    units: Mapping[str, Decimal]
    measure: Measure
    note: str = ""  # the condition in words, such as `sound: true`
    about: frozenset[str] = frozenset()  # the keys of the condition
    currency: str = "units"  # or USD
    reason: str = ""  # why this line is an estimate, if it is one


@dataclass(frozen=True, slots=True)
class Addition:
    """Units that come on top of every take, where `when` holds."""

    when: Condition
    units: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tariff:
    """A model's prices."""

    pack: str
    rates: tuple[Rate, ...]
    plus: tuple[Addition, ...]
    source: str = ""
    reason: str = ""  # why it is an estimate, if it is one
    as_of: str = ""  # where it is not the catalogue's own day

    @staticmethod
    def of(data: Data, lists: Lists) -> Tariff:
        source = ", ".join(word for word in (text(data, "source"), text(data, "grade")) if word)
        return Tariff(
            pack=text(data, "pack"),
            rates=tuple(_rate(line, data, lists) for line in mappings(data, "rates")),
            plus=tuple(
                Addition(compile_conditions(mapping(line, "when"), lists), amount(line.get("units")), _note(line))
                for line in mappings(data, "plus")
            ),
            source=source,
            reason=text(data, "reason"),
            as_of=text(data, "as_of"),
        )

    @property
    def dearest(self) -> Decimal:
        return max(units for rate in self.rates for units in rate.units.values())

    @property
    def files(self) -> tuple[str, ...]:
        """The wired fields whose seconds count."""
        return tuple(dict.fromkeys(rate.measure.of for rate in self.rates if rate.measure.of))


def _rate(line: Data, tariff: Data, lists: Lists) -> Rate:
    units = line.get("units")
    figures = mapping(line, "units") if isinstance(units, Mapping) else {"": units}
    return Rate(
        when=compile_conditions(mapping(line, "when"), lists),
        by=text(line, "by"),
        units={str(key): amount(value) for key, value in figures.items()},
        measure=Measure.read(line, tariff),
        note=_note(line),
        about=frozenset(mapping(line, "when")),
        currency=text(tariff, "currency", "units"),
        reason=text(line, "reason"),
    )


def _note(line: Data) -> str:
    return ", ".join(
        key if value == "present" else f"{key}: {shown(value)}" for key, value in mapping(line, "when").items()
    )
