"""Several services in one world: mounts, one path for everything, and nothing of one that stops another."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from kling_pipe.simulator.clock import ManualClock
from kling_pipe.simulator.faults import Fault, Scope
from kling_pipe.simulator.server import application
from kling_pipe.simulator.service import AnswerDropped, Call, Endpoint, Reply
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.tasks import Task, TaskOrder
from kling_pipe.simulator.world import Denial, World
from tests.paper_studio import PaperStudio

pytestmark = pytest.mark.anyio


class Kiosk:
    """A service with one path for everything, billed in money: a body that says `make` makes a task."""

    def __init__(self, name: str) -> None:
        self.name = name

    def endpoints(self, world: World) -> tuple[Endpoint, ...]:
        async def answer(call: Call) -> Reply:
            account = world.account_of_key("simulated-key", self.name) or ""
            if b"make" in call.body:
                made = world.create(order(self.name, account, "id-1", currency="USD"))
                return Reply.json(200, {"made": made.id if isinstance(made, Task) else str(made)})
            told = {"path": call.path, "mount": call.mount, "base": call.base_url, "tasks": len(world.tasks(account))}
            return Reply.json(200, told)

        scope = lambda call: Scope.CREATE if b"make" in call.body else Scope.QUERY  # noqa: E731
        return (Endpoint("POST", "/v1", scope, answer),)

    def faulty(self, fault: Fault, world: World, call: Call) -> Reply:
        return Reply.json(418, {"fault": str(fault)})

    def otherwise(self, call: Call, *, known: bool) -> Reply:
        return Reply.json(404, {"service": self.name, "known": known, "path": call.path})


def order(service: str, account: str, external_id: str = "", *, currency: str = "units", units: int = 8) -> TaskOrder:
    return TaskOrder(
        account, service, "video", "/v1", "m", Decimal(units), 24, (), external_id=external_id, currency=currency
    )


def world_at(path: Path, *settings: tuple[str, str]) -> World:
    return World(Settings.parse(settings), ManualClock(), PaperStudio(), str(path))


def client_of(world: World) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application(world, [Kiosk("first"), Kiosk("other")]))
    return httpx.AsyncClient(transport=transport, base_url="http://sim.test")


async def test_every_service_but_the_first_stands_under_its_name(tmp_path: Path) -> None:
    async with client_of(world_at(tmp_path)) as client:
        lines = [(await client.post(path)).json() for path in ("/v1", "/other/v1", "/v2", "/other/v2", "/other")]
        lines.append((await client.get("/other/v1")).json())
    assert lines == [
        {"path": "/v1", "mount": "", "base": "http://sim.test", "tasks": 0},
        {"path": "/v1", "mount": "/other", "base": "http://sim.test", "tasks": 0},
        {"service": "first", "known": False, "path": "/v2"},
        {"service": "other", "known": False, "path": "/v2"},
        {"service": "other", "known": False, "path": ""},
        {"service": "other", "known": True, "path": "/v1"},
    ]


async def test_the_scope_follows_from_the_call_and_a_fault_may_be_one_services(tmp_path: Path) -> None:
    world = world_at(tmp_path, ("fault", "other/lost-after=create:#2"), ("fault", "error-before=query:#1"))
    async with client_of(world) as client:
        said = [(await client.post(path, content=body)).json() for path, body in [
            ("/v1", "make"), ("/other/v1", "make"), ("/v1", "ask"), ("/v1", "make"),
        ]]  # fmt: skip
        with pytest.raises(AnswerDropped):
            await client.post("/other/v1", content="make")
    assert [list(one) for one in said] == [["made"], ["made"], ["fault"], ["made"]]
    assert world.faults.to_json() == {
        "struck": {"lost-after": 1, "error-before": 1},
        "requests": {"create": 4, "query": 1, "download": 0},
    }


async def test_an_account_is_one_of_its_service(tmp_path: Path) -> None:
    world = world_at(tmp_path)
    async with client_of(world) as client:
        made = [(await client.post(path, content="make")).json()["made"] for path in ("/v1", "/other/v1", "/other/v1")]
        bills = (await client.get("/simulator/bills")).json()["bills"]
        tasks = (await client.get("/simulator/tasks")).json()["tasks"]
    assert [name.isdecimal() for name in made] == [True, True, False]
    assert made[2] == "taken"
    told = [(bill["service"], bill["external_id"], bill["units"], bill["currency"]) for bill in bills]
    assert told == [("first", "id-1", "8", "USD"), ("other", "id-1", "8", "USD")]
    assert [task["service"] for task in tasks] == ["first", "other"]


@pytest.mark.parametrize(
    ("settings", "first", "other"),
    [
        ([], Task, Task),
        ([("units", "video=7")], Denial.USED_UP, Task),  # a pack is no money
        ([("units", "other.balance=7")], Task, Denial.USED_UP),
        ([("units", "first.video=7"), ("units", "other.balance=8")], Denial.USED_UP, Task),
        ([("pool", "first.video=1")], Task, Task),
    ],
)
def test_a_pack_that_is_used_up_stops_no_other_service(
    tmp_path: Path, settings: list[tuple[str, str]], first: object, other: object
) -> None:
    world = world_at(tmp_path, *settings)
    made = [world.create(order("first", "a")), world.create(order("other", "b", currency="USD"))]
    assert [type(one) if isinstance(one, Task) else one for one in made] == [first, other]


def test_every_service_has_its_own_pool(tmp_path: Path) -> None:
    world = world_at(tmp_path, ("pool", "video=1"), ("pool", "other.video=2"))
    made = [world.create(order(service, service)) for service in ("first", "first", "other", "other", "other")]
    assert [isinstance(one, Task) for one in made] == [True, False, True, True, False]
    assert [world.slots("video", service) for service in ("first", "other", "")] == [1, 2, 3]


def test_what_is_only_kept_is_on_no_bill(tmp_path: Path) -> None:
    world = world_at(tmp_path)
    kept = TaskOrder("a", "other", "", "", "", Decimal(0), 0, (), "id-1", at_once=True, unbilled=True)
    assert isinstance(world.create(kept), Task)
    assert (world.create(kept), len(world.tasks()), world.bills()) == (Denial.TAKEN, 1, ())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pool", "other.balance=3", "`balance` is not a product in `pool`; there are `audio`, `image`, `video`"),
        ("units", ".video=3", "`.video` names no service in `units`"),
        ("fault", "/stuck=#1", "`/stuck=#1` names no service before the `/`"),
        ("fault", "other/expired=#1", "`expired` meets files, whichever service they are of: write `expired=#1`"),
    ],
)
def test_what_names_a_service_wrongly_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match="`") as caught:
        Settings.parse([(name, text)])
    assert str(caught.value) == message
