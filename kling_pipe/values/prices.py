"""Prices of one's own, as a project file states them: instead of a catalogue's, for whoever has a contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kling_pipe.values.span import Span

_form = re.compile(r"\$?(?P<amount>[0-9]+(\.[0-9]+)?) *(?P<currency>[A-Za-z]*)( +(a|per) +(?P<per>[a-z]+))?\Z")
_currencies = {"usd": "USD", "unit": "units", "units": "units"}
measures = ("second", "take", "picture")


@dataclass(frozen=True, slots=True)
class OwnAmount:
    """`0.5 units a second`, `0.08 USD a take`; `per` is empty where the catalogue's own way of counting is meant."""

    amount: Decimal
    currency: str  # USD or units
    per: str = ""

    @staticmethod
    def parse(text: str) -> OwnAmount:
        """Raises ValueError with what was found and what was expected."""
        match = _form.match(text.strip())
        currency = _currencies.get((match["currency"] or ("usd" if "$" in text else "")).lower()) if match else None
        if match is None or currency is None:
            raise ValueError(f"a price is an amount such as `0.5 units a second` or `0.08 USD`: {text}")
        per = match["per"] or ""
        if per and per not in measures:
            raise ValueError(f"a price is for a second, a take or a picture: {text}")
        return OwnAmount(Decimal(match["amount"]), currency, per)


@dataclass(frozen=True, slots=True)
class OwnRate:
    """One line: amounts by a parameter's value (`` for a lone amount), where `when` holds."""

    when: Mapping[str, object]
    amounts: Mapping[str, OwnAmount]
    span: Span


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """What one model costs for one step kind, or for all it serves; the first line whose `when` holds counts."""

    model: str
    kind: str
    rates: tuple[OwnRate, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class OwnPrices:
    """All of a project file, or of a profile over those of its project (`under`); `units_at` tells where the price of a
    pack's unit is written."""

    as_of: str = ""
    models: tuple[OwnPrice, ...] = ()
    units_at: Mapping[str, Span] = field(default_factory=dict)
    under: OwnPrices | None = None


no_own_prices = OwnPrices()


def place_of(span: Span) -> str:
    """`kling-pipe.yaml:12`, the same from whichever folder it is read."""
    return f"{span.path.replace(chr(92), '/').rpartition('/')[2]}:{span.line}"
