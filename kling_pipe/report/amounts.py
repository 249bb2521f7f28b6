"""How seconds, bytes, counts and differences of cost read in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from kling_pipe.values.money import Cost, plain, units_of


def duration(seconds: float) -> str:
    """`0.4 s`, `24 s`, `1 min 20 s`, `2 h 05 min`."""
    if 0 < seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(count: int) -> str:
    """`812 bytes`, `24 kB`, `1.8 MB`: decimal, as file managers show them."""
    if count < 1000:
        return plural(count, "byte")
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5 or unit == "GB":
            return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"
    raise AssertionError("the last unit takes all")


def plural(count: int, noun: str) -> str:
    """`1 step`, `3 steps`, `2 more`: the plural of a regular noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def steps_and_members(addresses: Iterable[str]) -> str:
    """`3 steps`, or `3 steps, 10 members` where any of them varies."""
    addresses = tuple(addresses)
    steps = plural(len({address.partition("[")[0] for address in addresses}), "step")
    varies = any(address.endswith("]") for address in addresses)
    return f"{steps}, {plural(len(addresses), 'member')}" if varies else steps


def listing(words: tuple[str, ...], most: int = 6) -> str:
    """`a, b, c and 4 more`."""
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"


def signed(cost: Cost) -> str:
    """`+0.2 USD (+3 video units)`, `−0.028 USD (−8 image units)`, `no difference`."""
    if not cost:
        return "no difference"
    units = ", ".join(f"{_signed(amount)} {units_of(pack)}" for pack, amount in cost.units)
    money = f"{_signed(cost.usd.quantize(Decimal('0.01')) if abs(cost.usd) >= 1 else cost.usd)} USD"
    return f"{money} ({units})" if units else money


def _signed(amount: Decimal) -> str:
    return f"{'−' if amount < 0 else '+'}{plain(abs(amount))}" if amount else "0"
