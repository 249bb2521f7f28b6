"""The account as a library, asked of the simulated service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.accounts import Account, account, remark_on
from kling_pipe.api.library import library
from kling_pipe.api.options import Options
from kling_pipe.errors import CredentialFailure, UsageFailure
from kling_pipe.providers.provider import Pack
from kling_pipe.report.accounts import render_account
from kling_pipe.report.library import render_library
from kling_pipe.simulator.faults import FaultBook, FaultRule
from kling_pipe.simulator.settings import Standing
from kling_pipe.values.answer import AnswerClass
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
now, day = 1_795_000_000.0, 86_400.0


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path, units=(("image", Decimal(20)), ("video", Decimal(0)))) as found:
        yield found


async def asked(studio: Studio, **options: str) -> Account:
    return await account(str(studio.folder), Options(simulate=True, **options), studio.world)  # type: ignore[arg-type]


async def test_packs_are_told_by_product_with_what_is_left(studio: Studio) -> None:
    await studio.run(only=("boat",))
    found = await asked(studio)
    assert [(state.pack.product, state.pack.total, state.pack.remaining, state.remark) for state in found.packs] == [
        ("image", Decimal(20), Decimal(12), ""), ("video", Decimal(0), Decimal(0), "used up"),
    ]  # fmt: skip
    assert (found.left, found.refused) == ({"image": Decimal(12), "video": Decimal(0)}, ())


async def test_charges_are_told_newest_first_with_their_tasks(studio: Studio) -> None:
    await studio.run()
    charges = (await asked(studio)).charges
    bills = {bill["task_id"]: bill for bill in studio.simulation.bills()}
    assert [str(dict(charge.cost.units)["image"]) for charge in charges] == [
        bills[charge.task_id]["charged"] for charge in charges
    ]
    assert [charge.at for charge in charges] == sorted((charge.at for charge in charges), reverse=True)
    assert len(charges) == studio.bills == 2


@pytest.mark.parametrize(
    ("standing", "code", "answer", "remedy"),
    [
        (Standing.ABNORMAL, "1100", AnswerClass.ACCOUNT, "abnormal state"),
        (Standing.ARREARS, "1101", AnswerClass.ACCOUNT, "pay what is owed"),
        (Standing.FORBIDDEN, "1103", AnswerClass.FORBIDDEN, "have it enabled"),
        (Standing.BLOCKED, "1304", AnswerClass.ACCOUNT, "allow list"),
    ],
)
async def test_a_refusal_is_told_once_with_its_remedy(
    standing: Standing, code: str, answer: AnswerClass, remedy: str, studio: Studio
) -> None:
    studio.simulation.reset(replace(studio.simulation.settings, account=standing))
    found = await asked(studio)
    (one,) = found.refused
    assert (one.refusal.code, one.refusal.answer, remedy in one.remedy, found.packs) == (code, answer, True, ())


async def test_refused_credentials_are_a_failure(studio: Studio) -> None:
    studio.world = replace(studio.world, key="another-key")
    with pytest.raises(CredentialFailure, match="the provider refused the credentials of profile `kling`"):
        await asked(studio)


async def test_a_busy_service_is_asked_again(studio: Studio) -> None:
    faults = tuple(FaultRule.parse(f"{fault}=query:#1") for fault in ("throttled", "malformed", "error-before"))
    studio.simulation.faults = FaultBook(faults, 0)
    assert len((await asked(studio)).packs) == 2


async def test_a_service_without_packs_and_lists_says_nothing_of_them(studio: Studio) -> None:
    told = await asked(studio, provider="gateway")
    assert (told.is_told, (await asked(studio)).is_told) == (False, True)
    assert "tells nothing of packs" in render_account(told, charges=False)
    shelf = await library(str(studio.folder), Options(simulate=True, provider="gateway"), studio.world)
    assert render_library(shelf.entries, is_told=shelf.is_told) == "this service lists no elements and no voices\n"


async def test_an_unknown_profile_is_refused_with_the_nearest_name(studio: Studio) -> None:
    with pytest.raises(UsageFailure) as failed:
        await asked(studio, provider="klong")
    assert (failed.value.message, failed.value.hint) == ("there is no profile `klong`", "did you mean `kling`?")


async def test_without_credentials_the_ways_out_are_named(studio: Studio) -> None:
    with pytest.raises(CredentialFailure) as failed:
        await account(str(studio.folder), Options())
    assert "set `KLINGAI_API_KEY`" in failed.value.hint


async def test_of_several_profiles_one_is_to_be_named(studio: Studio) -> None:
    (studio.folder / "kling-pipe.yaml").write_text(
        "profiles:\n  other: {type: kling, base_url: 'http://127.0.0.1:9', credentials: {api_key: {env: OTHER_KEY}}}\n"
    )
    environment = {"KLINGAI_API_KEY": "a", "OTHER_KEY": "b"}
    with pytest.raises(UsageFailure, match="there are several profiles: `kling`, `other`"):
        await account(str(studio.folder), Options(environment=environment))


@pytest.mark.parametrize(
    ("left", "begins", "ends", "remark"),
    [
        ("5", -1, 30, ""),
        ("5", -1, 6.9, "expires soon"),
        ("5", -1, 7.1, ""),
        ("0", -1, 6, "used up"),
        ("5", -9, -1, "expired"),
        ("0", -9, -1, "expired"),
        ("5", 2, 30, "not begun"),
    ],
)
def test_what_is_said_of_a_pack(left: str, begins: float, ends: float, remark: str) -> None:
    pack = Pack("p", "1", "image", Decimal(10), Decimal(left), now + begins * day, now + ends * day, "online")
    assert remark_on(pack, now) == remark


def test_a_pack_without_an_end_is_good() -> None:
    assert remark_on(Pack("p", "1", "image", Decimal(10), Decimal(1), 0.0, 0.0, "online"), now) == ""
