"""An account for people and for programs: packs, what is left in them and until when, and the last charges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import printable, table
from kling_pipe.values.answer import Refusal
from kling_pipe.values.money import Cost, plain

_day = 86_400.0


class PackRow(Protocol):
    """What is shown of a pack; the provider brings it."""

    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def total(self) -> Decimal: ...
    @property
    def remaining(self) -> Decimal: ...
    @property
    def effective(self) -> float: ...
    @property
    def expires(self) -> float: ...
    @property
    def status(self) -> str: ...


class PackStateRow(Protocol):
    """A pack and what is to be said of it; `api/accounts.py` brings it."""

    @property
    def pack(self) -> PackRow: ...
    @property
    def remark(self) -> str: ...


class ChargeRow(Protocol):
    """What is shown of a charge; the provider brings it."""

    @property
    def task_id(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def function(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def cost(self) -> Cost: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


class RefusedRow(Protocol):
    """A question the service refused, and what can be done."""

    @property
    def refusal(self) -> Refusal: ...
    @property
    def remedy(self) -> str: ...


class AccountRow(Protocol):
    """What a profile's service told."""

    @property
    def profile(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def packs(self) -> Sequence[PackStateRow]: ...
    @property
    def left(self) -> Mapping[str, Decimal]: ...
    @property
    def charges(self) -> Sequence[ChargeRow]: ...
    @property
    def refused(self) -> Sequence[RefusedRow]: ...
    @property
    def now(self) -> float: ...
    @property
    def is_told(self) -> bool: ...


def render_account(account: AccountRow, *, charges: bool) -> str:
    """The account as text."""
    parts = [f"profile {account.profile}, {account.address}\n", _packs(account)]
    parts.append(_left(account))
    parts.append(_charges(account.charges) if charges else "")
    return "\n".join(part for part in parts if part)


def account_to_json(account: AccountRow, *, charges: bool) -> dict[str, object]:
    """The account for the envelope's `data`."""
    return {
        "profile": account.profile,
        "address": account.address,
        "packs": [_pack_to_json(state) for state in account.packs],
        "left": {product: plain(amount) for product, amount in account.left.items()},
        "charges": [_charge_to_json(charge) for charge in account.charges] if charges else [],
        "refused": [
            {"class": str(row.refusal.answer), "code": row.refusal.code, "message": row.refusal.message,
             "request_id": row.refusal.request_id, "remedy": row.remedy}
            for row in account.refused
        ],
    }  # fmt: skip


def _packs(account: AccountRow) -> str:
    if not account.is_told:
        return "this service tells nothing of packs; `kling-pipe ledger --by profile` says what was spent here\n"
    if not account.packs:
        return "" if account.refused else "no packs\n"
    rows = [
        (
            printable(state.pack.name),
            state.pack.product,
            plain(state.pack.remaining),
            plain(state.pack.total),
            _expiry(state.pack.expires, account.now),
            state.remark.upper() if state.remark else printable(state.pack.status),
        )
        for state in account.packs
    ]
    return table(("pack", "product", "left", "of", "until", ""), rows, right=(2, 3))


def _left(account: AccountRow) -> str:
    amounts = ", ".join(f"{plain(amount)} {product} units" for product, amount in account.left.items())
    return f"left: {amounts}; the service's own figures may be some hours old\n" if amounts else ""


def _expiry(expires: float, now: float) -> str:
    if not expires:
        return ""
    days = int(abs(expires - now) // _day)
    when = "today" if not days else f"{plural(days, 'day')} ago" if expires < now else f"in {plural(days, 'day')}"
    return f"{datetime.fromtimestamp(expires).date().isoformat()}, {when}"


def _charges(charges: Sequence[ChargeRow]) -> str:
    if not charges:
        return "no charges in this time\n"
    rows = [
        (
            datetime.fromtimestamp(charge.at).strftime("%Y-%m-%d %H:%M") if charge.at else "",
            printable(charge.function),
            printable(charge.model),
            str(charge.cost),
            f"{charge.before} → {charge.after}" if charge.after else "",
            charge.task_id,
        )
        for charge in charges
    ]
    return table(("when", "for", "model", "drawn", "pack or balance", "task"), rows)


def _pack_to_json(state: PackStateRow) -> dict[str, object]:
    pack = state.pack
    return {
        "name": pack.name,
        "id": pack.id,
        "product": pack.product,
        "total": plain(pack.total),
        "remaining": plain(pack.remaining),
        "effective": pack.effective,
        "expires": pack.expires,
        "status": pack.status,
        "remark": state.remark,
    }


def _charge_to_json(charge: ChargeRow) -> dict[str, object]:
    return {
        "task_id": charge.task_id,
        "at": charge.at,
        "function": charge.function,
        "model": charge.model,
        "cost": charge.cost.to_json(),
        "before": charge.before,
        "after": charge.after,
    }
