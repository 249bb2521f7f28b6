"""Packs, and what was drawn from them and from the balance; kling.md section 12, Account.

Row fields of the two billing pages: the vendor's pages Unit Deduction Detail and Balance Deduction Detail, likely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from kling_pipe.providers.kling.amounts import Prices, amount, id_in, in_money, in_units, items, mapping, moment
from kling_pipe.providers.kling.refusals import code_in, refusal_of, text_in, unreadable
from kling_pipe.providers.provider import AccountPart, Charge, Pack
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Request, Response

_costs = "/account/costs"
_packages = "/account/billing/package"
_balance = "/account/billing/balance"
_day = 86400
_packs_of = 90 * _day  # seconds back: packs are bought for months
_charges_of = 30 * _day
_page = 500  # rows at most
_products = ("video", "image", "audio")


def packs_query(now: float, back: float = _packs_of) -> Request:
    """Free, and good with both credentials; at most once a second (section 9)."""
    start, end = math.floor((now - back) * 1000), math.floor(now * 1000)
    return Request("GET", _costs, (("start_time", str(start)), ("end_time", str(end))))


def account_queries(now: float) -> tuple[Request, ...]:
    """The packs, then what was drawn from packs and from the balance."""
    window = {"start_time": math.floor((now - _charges_of) * 1000), "end_time": math.floor(now * 1000), "limit": _page}
    return (packs_query(now), *(Request("POST", path, body=dict(window)) for path in (_packages, _balance)))


def read_account(request: Request, response: Response, prices: Prices) -> AccountPart | Refusal:
    """The answer to one of these queries."""
    refusal = refusal_within(response)
    if refusal is not None:
        return refusal
    data = (response.json() or {}).get("data")
    if not isinstance(data, Mapping):
        return unreadable(response, "account")
    if request.path == _costs:
        return AccountPart(packs=tuple(map(_pack, map(mapping, items(data.get("resource_pack_subscribe_infos"))))))
    rows = [mapping(row) for row in items(mapping(data.get("result")).get("detail"))]
    read = _drawn_units if request.path == _packages else _drawn_money
    return AccountPart(charges=tuple(read(row, prices) for row in rows), more=_more(request, data))


def refusal_within(response: Response) -> Refusal | None:
    """How any answer is classed. `/account/costs` nests a second code (section 3), which counts too."""
    refusal = refusal_of(response)
    if refusal is not None:
        return refusal
    data = mapping((response.json() or {}).get("data"))
    inner = code_in(data.get("code"))
    return Refusal(AnswerClass.TRANSIENT, str(inner), text_in(data.get("msg"))) if inner else None


def _more(request: Request, data: Mapping[str, object]) -> Request | None:
    """A cursor overrides everything else."""
    cursor = text_in(data.get("next_cursor"))
    is_last = data.get("has_more") is not True or not cursor or cursor == request.fields.get("cursor")
    return None if is_last else Request("POST", request.path, body={"cursor": cursor})


def _pack(row: Mapping[str, object]) -> Pack:
    """A pack's row does not say for which product it is; its name does."""
    name = text_in(row.get("resource_pack_name"))
    return Pack(
        name=name,
        id=id_in(row.get("resource_pack_id")),
        product=next((product for product in _products if product in name.lower()), ""),
        total=amount(row.get("total_quantity")) or Decimal(0),
        remaining=amount(row.get("remaining_quantity")) or Decimal(0),
        effective=moment(row.get("effective_time")),
        expires=moment(row.get("invalid_time")),
        status=text_in(row.get("status")),
    )


def _drawn_units(row: Mapping[str, object], prices: Prices) -> Charge:
    units = amount(row.get("deduction_amount"))
    pack = text_in(row.get("product_type")) or "video"
    return _charge(row, Cost() if units is None else in_units(pack, units, prices), "unit")


def _drawn_money(row: Mapping[str, object], prices: Prices) -> Charge:
    money = amount(row.get("deduction_amount"))
    cost = None if money is None else in_money(money, text_in(row.get("currency")))
    return _charge(row, cost or Cost(), "balance")


def _charge(row: Mapping[str, object], cost: Cost, what: str) -> Charge:
    return Charge(
        task_id=id_in(row.get("task_id")),
        at=moment(row.get("deduction_time")),
        function=text_in(row.get("product_function")),
        model=text_in(row.get("model_name")),
        cost=cost,
        before=_figure(row.get(f"{what}_before_deduction")),
        after=_figure(row.get(f"{what}_after_deduction")),
    )


def _figure(value: object) -> str:
    found = amount(value)
    return "" if found is None else str(found)
