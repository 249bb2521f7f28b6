"""What was paid for stays to be had, whatever died meanwhile; and what may be paid for again is said before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.api.reconciling import reconcile
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.api.settling import Decision, settle
from kling_pipe.api.status import status
from kling_pipe.errors import Refused, TextFailure
from kling_pipe.events import Event, RunEnded
from kling_pipe.values.money import Cap, Cost
from tests.api.lost_records import change_record
from tests.api.small_world import Studio, studio_in

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
real = Options()
head = "storyboard: 1\nname: boats\nprovider: kling\nsteps:\n"
talking = (
    head
    + """\
  clip: {kind: text-to-video, model: kling-v2-5-turbo, mode: std, duration: 5, prompt: A woman at a window}
  talk: {kind: lip-sync, video: steps.clip, text: Good evening, voice: uk_man2, language: en}
deliver: {out/talk.mp4: steps.talk}
"""
)
one_more = talking.replace(
    "deliver:", "  again: {kind: lip-sync, video: steps.clip, text: Good night, voice: uk_man2, language: en}\ndeliver:"
)
seen_around = (
    head
    + """\
  hero: {kind: text-to-image, model: kling-v3, prompt: A small boat}
  views: {kind: multi-angle, image: steps.hero}
deliver: {out/1.png: "steps.views.images[1]", out/9.png: "steps.views.images[9]"}
"""
)
three_takes = head + "  boat: {kind: text-to-image, model: kling-v3, prompt: A small boat, takes: 3, retries: 2}\n"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path) as found:
        yield found


async def perform(studio: Studio, stop_at: str = "", **options: Any) -> RunEnded:
    """A run without an uploader, so that clips travel by the service's own addresses only."""
    studio.heard, switch = [], StopSwitch()

    def listen(event: Event) -> None:
        studio.heard.append(event)
        if stop_at == f"{event.member} {event.name}":
            switch.stop()

    studio.world = replace(studio.world, uploads=None)
    return await run(str(studio.path), replace(real, **options), listen, switch, studio.world)


def a_month_passes(studio: Studio) -> None:
    """Every address of the service has died."""
    with closing(sqlite3.connect(studio.home / "ledger.db")) as ledger, ledger:
        ledger.execute("update artifacts set url_expires = 1")


async def all_tasks_end(studio: Studio) -> None:
    clock = studio.simulation.clock
    await clock.sleep(max(0.0, max(task.ends for task in studio.simulation.tasks()) - clock.now()))


def forgotten(part: str) -> Callable[[str, str], tuple[int, dict[str, Any]] | None]:
    """Answers of a service whose task of a path has expired."""
    unknown = (200, {"code": 1203, "message": "task not found", "request_id": "r"})
    return lambda method, path: unknown if method == "GET" and (part in path or path == "/tasks") else None


# addresses that died


async def test_what_is_made_stays_made_when_the_address_of_what_it_was_made_from_dies(studio: Studio) -> None:
    studio.write(talking)
    await perform(studio)
    bills = studio.bills
    a_month_passes(studio)
    (studio.folder / "out" / "talk.mp4").unlink()
    ended = await perform(studio)
    assert (ended.exit_code, ended.current, studio.bills) == (0, 2, bills)
    assert (studio.folder / "out" / "talk.mp4").exists()


async def test_a_task_that_is_paid_for_is_fetched_though_nothing_like_it_could_be_sent(studio: Studio) -> None:
    studio.write(talking)
    await perform(studio, "talk submitted")
    bills = studio.bills
    a_month_passes(studio)
    ended = await perform(studio)
    assert (ended.exit_code, ended.done, studio.bills) == (0, 1, bills)


async def test_what_can_no_longer_be_bought_hinders_a_run_and_nobody_who_only_fetches(studio: Studio) -> None:
    studio.write(talking)
    await perform(studio, "talk submitted")
    bills = studio.bills
    a_month_passes(studio)
    studio.write(one_more)
    with pytest.raises(TextFailure, match="needs-url"):
        await perform(studio)
    change_record(studio.home, "talk", state="intended", task_id="")
    await all_tasks_end(studio)
    told = await reconcile([str(studio.path)], real, studio.heard.append, StopSwitch(), studio.world, since=0)
    assert [(one.member, str(one.fate)) for one in told.adopted] == [("talk", "fetched")]
    found = {member.address: member.standing for member in status(str(studio.path), real).members}
    assert (found, studio.bills) == ({"clip": "current", "talk": "current", "again": "missing"}, bills)


async def test_what_can_no_longer_be_bought_is_no_reason_not_to_settle(studio: Studio) -> None:
    studio.write(talking)
    await perform(studio, "talk submitted")
    a_month_passes(studio)
    studio.write(one_more)
    change_record(studio.home, "talk", state="uncertain")
    (settled,) = settle(str(studio.path), "talk", Decision.RESUBMIT, real)
    assert settled.member == "talk"


# intentions that never left


def full(method: str, path: str) -> tuple[int, dict[str, Any]] | None:
    refusal = {"code": 1303, "message": "parallel task over resource pack limit", "request_id": "r"}
    return (429, refusal) if method == "POST" and path.startswith("/v1/images") else None


async def test_an_intention_that_never_left_is_not_bought_unless_it_was_agreed_to(studio: Studio) -> None:
    served = studio.world.app
    studio.answer(full)
    await perform(studio, "boat deferred", only=("boat",))
    studio.world = replace(studio.world, app=served)
    price = plan(str(studio.path), replace(real, only=("boat",))).plan.estimate
    assert price.usd > 0
    for options in ({"max_cost": Cap(Decimal(0), "USD")}, {"agreed": Cost()}):
        with pytest.raises(Refused) as raised:
            await perform(studio, only=("boat",), **options)
        assert (raised.value.exit_code, studio.bills) == (3, 0)
    ended = await perform(studio, only=("boat",), agreed=price)
    assert (ended.exit_code, ended.spent, studio.bills) == (0, price, 1)


async def test_a_budget_too_small_for_what_was_perhaps_sent_names_the_way_to_look_for_it(studio: Studio) -> None:
    await perform(studio, "boat submitted", only=("boat",))
    change_record(studio.home, "boat", state="intended", task_id="")
    with pytest.raises(Refused) as raised:
        await perform(studio, only=("boat",), max_cost=Cap(Decimal(0), "USD"))
    assert "kling-pipe ledger reconcile" in raised.value.hint
    told = await reconcile([str(studio.path)], real, studio.heard.append, StopSwitch(), studio.world, since=0)
    assert ([one.member for one in told.adopted], studio.bills) == (["boat"], 1)


# files that are gone


async def test_of_nine_files_one_is_lost_and_its_task_has_expired(studio: Studio) -> None:
    """Eight are still here, and what they allow to be delivered is delivered."""
    studio.write(seen_around)
    await studio.run()
    made, bills = studio.out(), studio.bills
    studio.lose_file("views", index=8)
    (studio.folder / "out" / "1.png").unlink()
    studio.answer(forgotten("ai-multi-shot"))
    ended = await studio.run(agreed=Cost())
    assert (ended.exit_code, studio.bills, studio.out()) == (1, bills, made)
    views = plan(str(studio.path), Options(simulate=True)).plan.members["views"]
    assert (str(views.standing), views.reason, len(views.remains[1].files)) == (
        "retry", "its files have expired at the provider, so it is made anew and paid for again", 9,
    )  # fmt: skip
    with pytest.raises(Refused):
        await studio.run(agreed=Cost())
    found = dict(status(str(studio.path), Options(simulate=True)).deliveries)
    assert found == {"out/1.png": "current", "out/9.png": "current"}


async def test_one_lost_file_of_nine_is_fetched_again(studio: Studio) -> None:
    studio.write(seen_around)
    await studio.run()
    made, bills = studio.out(), studio.bills
    studio.lose_file("views", index=8)
    (studio.folder / "out" / "9.png").unlink()
    ended = await studio.run()
    assert (ended.exit_code, ended.done, studio.bills, studio.out()) == (0, 1, bills, made)
    assert (await studio.run()).current == 2


async def test_a_file_below_a_lost_one_is_not_fetched_again_with_it(studio: Studio) -> None:
    """Its task may have expired, and its own file is here."""
    await studio.run()
    studio.lose_file("boat")
    ended = await studio.run()
    assert (ended.exit_code, studio.told("stored"), studio.bills) == (0, ["boat stored"], 2)


async def test_a_lost_file_that_expired_is_not_bought_by_retries_that_nobody_agreed_to_pay(studio: Studio) -> None:
    studio.write(three_takes)
    await studio.run()
    studio.lose_file("boat", take=3)
    served = studio.world.app
    studio.answer(forgotten("generations"))
    before = plan(str(studio.path), Options(simulate=True)).plan
    ended = await studio.run(agreed=Cost())
    assert (before.estimate, ended.exit_code, studio.told("failed", "intended")) == (Cost(), 1, ["boat failed"])
    studio.world = replace(studio.world, app=served)
    after = plan(str(studio.path), Options(simulate=True)).plan
    assert after.estimate == after.members["boat"].take_cost
    again = await studio.run(agreed=after.estimate)
    assert (again.exit_code, again.spent, studio.bills) == (0, after.estimate, 2)
