"""Packs and charges: what is asked, and how the answers are read. kling.md section 12, Account."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import AccountPart, Charge, Pack
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Request, Response

provider = KlingProvider()
now = 1_790_000_000.0
costs, package, balance = provider.account(now)
# Rows as the vendor's pages Account Usage, Unit Deduction Detail and Balance Deduction Detail show them.
pack_row = {
    "resource_pack_name": "Video Generation - 10,000 entries", "resource_pack_id": "509f3f",
    "resource_pack_type": "decreasing_total", "total_quantity": 200.0, "remaining_quantity": 118.0,
    "purchase_time": 1789000000000, "effective_time": 1789000000000, "invalid_time": 1799000000000, "status": "online",
}  # fmt: skip
drawn = {
    "task_id": "877", "api_key_name": "mine", "product_function": "Image to Video", "model_name": "kling-v3",
    "resolution": "720p", "duration": "5.04", "deduction_time": "1789549455861", "deduction_amount": 5.0,
}  # fmt: skip


def good(data: object) -> Response:
    return Response(200, {}, json.dumps({"code": 0, "message": "", "data": data}).encode())


def rows(*detail: object, more: object = False, cursor: object = "") -> Response:
    return good({"result": {"detail": list(detail), "count": len(detail)}, "next_cursor": cursor, "has_more": more})


def test_the_questions_are_free_and_change_nothing() -> None:
    assert costs == Request(
        "GET", "/account/costs", (("start_time", "1782224000000"), ("end_time", "1790000000000"))
    )  # 90 days
    window = {"start_time": 1787408000000, "end_time": 1790000000000, "limit": 500}  # 30 days
    assert package == Request("POST", "/account/billing/package", body=window)
    assert balance == Request("POST", "/account/billing/balance", body=window)


def test_packs() -> None:
    image = {**pack_row, "resource_pack_name": "Image pack", "remaining_quantity": "0", "status": "runOut"}
    other = {"resource_pack_name": "Try-On", "resource_pack_id": 12}
    answer = good({"code": 0, "msg": "", "resource_pack_subscribe_infos": [pack_row, image, other]})
    assert provider.read_account(costs, answer) == AccountPart(packs=(
        Pack("Video Generation - 10,000 entries", "509f3f", "video", Decimal("200.0"), Decimal("118.0"),
             1789000000.0, 1799000000.0, "online"),
        Pack("Image pack", "509f3f", "image", Decimal("200.0"), Decimal(0), 1789000000.0, 1799000000.0, "runOut"),
        Pack("Try-On", "12", "", Decimal(0), Decimal(0), 0.0, 0.0, ""),
    ))  # fmt: skip


def test_what_was_drawn_from_packs_is_priced_by_its_unit() -> None:
    row = {**drawn, "package_id": "509f3f", "product_type": "image", "unit_before_deduction": 13037.3,
           "unit_after_deduction": 13032.3}  # fmt: skip
    cost = Cost(Decimal("0.0175"), (("image", Decimal("5.0")),))
    charge = Charge("877", 1789549455.861, "Image to Video", "kling-v3", cost, "13037.3", "13032.3")
    assert provider.read_account(package, rows(row)) == AccountPart(charges=(charge,))


@pytest.mark.parametrize(("currency", "cost"), [("USD", Cost(Decimal("5.0"))), ("CNY", Cost())])
def test_what_was_drawn_from_the_balance_is_money(currency: str, cost: Cost) -> None:
    row = {**drawn, "balance_before_deduction": 20, "balance_after_deduction": 15, "currency": currency}
    found = provider.read_account(balance, rows(row))
    assert isinstance(found, AccountPart)
    assert [(charge.cost, charge.before, charge.after) for charge in found.charges] == [(cost, "20", "15")]


def test_pages_are_followed_by_their_cursor_alone() -> None:
    found = provider.read_account(package, rows(drawn, more=True, cursor="c-2"))
    assert isinstance(found, AccountPart)
    assert found.more == Request("POST", "/account/billing/package", body={"cursor": "c-2"})
    for last in (rows(more=True), rows(more=False, cursor="c-3"), rows(more=True, cursor="c-2")):
        read = provider.read_account(found.more, last)
        assert isinstance(read, AccountPart)
        assert read.more is None


def test_refusals_and_nonsense() -> None:
    inner = provider.read_account(costs, good({"code": 9, "msg": "busy"}))
    assert inner == Refusal(AnswerClass.TRANSIENT, "9", "busy")
    outer = provider.read_account(package, Response(403, {}, b'{"code": 1103, "message": "no"}'))
    assert outer == Refusal(AnswerClass.FORBIDDEN, "1103", "no")
    for nonsense in ([], None, "x"):
        assert isinstance(provider.read_account(costs, good(nonsense)), Refusal)
    assert provider.read_account(costs, good({})) == provider.read_account(package, good({})) == AccountPart()
    assert provider.read_account(package, rows(None, 3)) == AccountPart(charges=(Charge("", 0.0, "", "", Cost()),) * 2)
