"""An account as text and as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kling_pipe.api.accounts import Account, PackState, Refusing
from kling_pipe.providers.provider import Charge, Pack
from kling_pipe.report.accounts import account_to_json, render_account
from kling_pipe.values.answer import AnswerClass, Refusal
from tests.report.stories import picture_cost

now = 1_795_000_000.0
day = 86_400.0


def pack(name: str, product: str, left: str, days: float, status: str = "online") -> Pack:
    return Pack(name, f"id-{name}", product, Decimal(100), Decimal(left), now - day, now + days * day, status)


account = Account(
    profile="kling",
    address="https://api.example.com",
    packs=(
        PackState(pack("small", "image", "40.5", 3.5), "expires soon"),
        PackState(pack("big", "video", "0", 90.5, "runOut"), "used up"),
        PackState(pack("old", "video", "7", -2.5, "expired"), "expired"),
        PackState(Pack("gift", "id-gift", "", Decimal(5), Decimal(5), now, 0.0, "online"), ""),
    ),
    left={"image": Decimal("40.5"), "video": Decimal(0)},
    charges=(Charge("T7", now - 60, "image generation", "kling-v3", picture_cost, "48.5", "40.5"),),
    refused=(),
    now=now,
)


def test_packs_are_told_with_what_is_left_and_until_when() -> None:
    lines = render_account(account, charges=False).splitlines()
    assert lines[0] == "profile kling, https://api.example.com"
    assert [line.split() for line in lines[3:7]] == [
        ["small", "image", "40.5", "100", date(3.5), "in", "3", "days", "EXPIRES", "SOON"],
        ["big", "video", "0", "100", date(90.5), "in", "90", "days", "USED", "UP"],
        ["old", "video", "7", "100", date(-2.5), "2", "days", "ago", "EXPIRED"],
        ["gift", "5", "5", "online"],
    ]
    assert lines[-1] == "left: 40.5 image units, 0 video units; the service's own figures may be some hours old"


def test_charges_are_listed_when_asked_for() -> None:
    (line,) = [line for line in render_account(account, charges=True).splitlines() if "T7" in line]
    assert line.split()[2:] == [
        "image", "generation", "kling-v3", "0.028", "USD", "(8", "image", "units)", "48.5", "→", "40.5", "T7",
    ]  # fmt: skip
    assert "no charges in this time" in render_account(_without(), charges=True)


def test_an_account_without_packs_says_so() -> None:
    assert render_account(_without(), charges=False) == "profile kling, https://api.example.com\n\nno packs\n"


def test_what_was_refused_is_no_account_without_packs() -> None:
    refusal = Refusal(AnswerClass.ACCOUNT, "1101", "in arrears", "r-1")
    told = _without(Refusing(refusal, "pay the bill"))
    assert "no packs" not in render_account(told, charges=False)
    assert account_to_json(told, charges=False)["refused"] == [
        {"class": "account", "code": "1101", "message": "in arrears", "request_id": "r-1", "remedy": "pay the bill"}
    ]


def test_json_holds_the_same_figures() -> None:
    data = account_to_json(account, charges=True)
    assert (data["left"], data["packs"][0]["remaining"], data["packs"][0]["remark"]) == (  # type: ignore[index]  # JSON
        {"image": "40.5", "video": "0"}, "40.5", "expires soon",
    )  # fmt: skip
    assert data["charges"] == [
        {"task_id": "T7", "at": now - 60, "function": "image generation", "model": "kling-v3",
         "cost": {"usd": "0.028", "units": {"image": "8"}}, "before": "48.5", "after": "40.5"}
    ]  # fmt: skip
    assert account_to_json(account, charges=False)["charges"] == []


def date(days: float) -> str:
    return f"{datetime.fromtimestamp(now + days * day).date().isoformat()},"


def _without(*refused: Refusing) -> Account:
    return Account("kling", "https://api.example.com", (), {}, (), refused, now)
