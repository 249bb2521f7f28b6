"""Figures in the service's answers: units, money, times, ids. What cannot be read is nothing, never a guess.

Section 7: units belong to packs per product type; money is the price after discount.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from kling_pipe.providers.kling.refusals import text_in
from kling_pipe.values.money import Cost

Prices = Mapping[str, Decimal]  # USD of one unit by pack

_most = Decimal(10) ** 9  # an amount beyond this is no amount


def deduction(data: Mapping[str, object], pack: str, prices: Prices) -> Cost | None:
    """Units of a pack, or money on accounts billed in money; None while the service says neither."""
    units = amount(data.get("final_unit_deduction"))
    money = amount(mapping(data.get("final_balance_deduction")).get("quota"))
    if money and not units:
        return Cost(money)
    return None if units is None else in_units(pack, units, prices)


def billing(value: object, prices: Prices) -> Cost | None:
    """The lines of a path-model task; None when there are none or one of them cannot be told."""
    lines = [_line(mapping(item), prices) for item in items(value)]
    known = [line for line in lines if line is not None]
    return Cost.total(known) if lines and len(known) == len(lines) else None


def in_units(pack: str, units: Decimal, prices: Prices) -> Cost:
    """Units at list price; a pack without a price counts as the dearest, so that a budget is never passed."""
    price = prices.get(pack)
    return Cost(units * (max(prices.values(), default=Decimal(0)) if price is None else price), ((pack, units),))


def in_money(value: Decimal, currency: str) -> Cost | None:
    """Money; None in another currency than the one budgets are kept in."""
    return Cost(value) if (currency or "USD").upper() == "USD" else None


def amount(value: object) -> Decimal | None:
    """A decimal, written as text or as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 40:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= _most else None


def seconds(value: object) -> float:
    """A length in seconds, 0 unknown."""
    found = amount(value)
    return 0.0 if found is None else float(found)


def moment(value: object) -> float:
    """Unix seconds of Unix milliseconds, 0 unknown; some answers write them as text."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 17:
        value = int(value)
    whole = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e16
    found = float(value) / 1000 if whole and isinstance(value, int | float) else 0.0
    return found if math.isfinite(found) else 0.0


def id_in(value: object) -> str:
    """An id as text, whichever way it was written."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**30:
        return str(value)
    return text_in(value)


def mapping(value: object) -> Mapping[str, object]:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[object]:
    """A list, or an empty one."""
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping) else []


def _line(item: Mapping[str, object], prices: Prices) -> Cost | None:
    """One charge; None when it cannot be told in USD and units."""
    found = amount(item.get("amount"))
    if found is None:
        return None
    if item.get("charge_type") == "unit":
        return in_units(text_in(item.get("package_type")) or "video", found, prices)
    return in_money(found, text_in(item.get("currency"))) if item.get("charge_type") == "cash" else None
