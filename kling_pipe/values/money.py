"""What things cost: the provider's own units per pack, and money. Never a float."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from kling_pipe.values.span import Span


def units_of(pack: str) -> str:
    """`video units`; a pack that is named by what it counts, such as `credits`, stands for itself."""
    return pack if pack.endswith("s") else f"{pack} units"


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount: `usd` is money at list price, `units` are (pack, amount) pairs sorted by pack (`video`, `image`)."""

    usd: Decimal = Decimal(0)
    units: tuple[tuple[str, Decimal], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", tuple(sorted((p, u) for p, u in self.units if u)))

    def __add__(self, other: Cost) -> Cost:
        amounts = dict(self.units)
        for pack, amount in other.units:
            amounts[pack] = amounts.get(pack, Decimal(0)) + amount
        return Cost(self.usd + other.usd, tuple(amounts.items()))

    def __sub__(self, other: Cost) -> Cost:
        """What is left of an amount when a part of it was counted already."""
        return self + Cost(-other.usd, tuple((pack, -amount) for pack, amount in other.units))

    def __mul__(self, count: int) -> Cost:
        return Cost(self.usd * count, tuple((pack, amount * count) for pack, amount in self.units))

    def __bool__(self) -> bool:
        return bool(self.usd or self.units)

    @property
    def total_units(self) -> Decimal:
        """All units of all packs, for a budget given in units."""
        return sum((amount for _, amount in self.units), Decimal(0))

    def __str__(self) -> str:
        units = " + ".join(f"{plain(amount)} {units_of(pack)}" for pack, amount in self.units)
        money = (
            f"{self.usd.quantize(Decimal('0.01'))} USD" if self.usd >= 1 or not self.usd else f"{plain(self.usd)} USD"
        )
        return f"{money} ({units})" if units else money

    def to_json(self) -> dict[str, object]:
        """`{"usd": "0.028", "units": {"image": "8"}}`: decimal texts."""
        return {"usd": plain(self.usd), "units": {pack: plain(amount) for pack, amount in self.units}}

    @staticmethod
    def from_json(data: Mapping[str, object]) -> Cost:
        units = data.get("units")
        pairs = units.items() if isinstance(units, Mapping) else ()
        return Cost(Decimal(str(data.get("usd", "0"))), tuple((str(p), Decimal(str(u))) for p, u in pairs))

    @staticmethod
    def total(costs: Iterable[Cost]) -> Cost:
        """The sum of many."""
        result = Cost()
        for cost in costs:
            result = result + cost
        return result


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling on spending, in `USD` or `units`."""

    amount: Decimal
    currency: str
    span: Span | None = None

    def __post_init__(self) -> None:
        if self.currency not in ("USD", "units"):
            raise ValueError(f"currency must be `USD` or `units`: {self.currency}")
        if self.amount < 0:
            raise ValueError(f"a budget cannot be negative: {self.amount}")

    @staticmethod
    def parse(text: str, span: Span | None = None) -> Cap:
        """Reads `18 USD`, `18`, `40 units`; raises ValueError."""
        words = str(text).replace("$", "").split()
        try:
            amount = Decimal(words[0]) if 1 <= len(words) <= 2 else None
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite():
            raise ValueError(f"expected an amount such as `18 USD` or `40 units`: {text}")
        unit = words[1].lower() if len(words) == 2 else "usd"
        known = {"usd": "USD", "unit": "units", "units": "units"}
        if unit not in known:
            raise ValueError(f"currency must be `USD` or `units`: {words[1]}")
        return Cap(amount, known[unit], span)

    def measure(self, cost: Cost) -> Decimal:
        """The part of a cost this cap counts."""
        return cost.usd if self.currency == "USD" else cost.total_units

    def allows(self, cost: Cost) -> bool:
        return self.measure(cost) <= self.amount

    def counts(self, cost: Cost) -> bool:
        """Whether it holds a cost at all: one in units says nothing of what is billed in money alone."""
        return self.currency == "USD" or bool(cost.units) or not cost.usd

    def __str__(self) -> str:
        currency = "unit" if self.currency == "units" and self.amount == 1 else self.currency
        return f"{plain(self.amount)} {currency}"


def blind(caps: Sequence[Cap], cost: Cost) -> Cap | None:
    """The first of the caps on the same spending that does not count a cost; none where one beside it is in money."""
    if any(cap.currency == "USD" for cap in caps):
        return None
    return next((cap for cap in caps if not cap.counts(cost)), None)


class Scope(StrEnum):
    """What a cap is about."""

    RUN = "run"  # all that one run buys
    STEP = "step"  # what one member buys in a run, new attempts included
    TAKE = "take"  # what one take of a recipe costs in a run, new attempts included


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps that a run is held to, each of which has to have room."""

    run: tuple[Cap, ...] = ()
    step: tuple[Cap, ...] = ()
    take: tuple[Cap, ...] = ()

    @staticmethod
    def of(*, run: Sequence[Cap | None] = (), step: Cap | None = None, take: Cap | None = None) -> Caps:
        """The caps there are, of those that may be none."""
        return Caps(
            tuple(cap for cap in run if cap is not None),
            (step,) if step is not None else (),
            (take,) if take is not None else (),
        )

    def __bool__(self) -> bool:
        return bool(self.run or self.step or self.take)


no_caps = Caps()


def plain(amount: Decimal) -> str:
    """A decimal without exponent or trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
