"""Requests that wait together go as one, and each is told what it would have been told alone."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import pytest

from kling_pipe.providers.provider import Credential, CredentialKind
from kling_pipe.run import bundling
from kling_pipe.run.bundling import Bundling, packed
from kling_pipe.run.exchange import Line, exchange
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing
from kling_pipe.values.wire import Request, Response
from tests.run.paper_bundles import BundlingProvider, many, parts_of
from tests.run.paper_provider import PaperWire

pytestmark = pytest.mark.anyio
Told = list[Response | Refusal]


class Clock:
    def now(self) -> float:
        return 1000.0


class House:
    """A line and the service at its end: each request is answered by its own words, unless all of it `fails`."""

    def __init__(self, provider: BundlingProvider | None = None) -> None:
        self.provider = provider or BundlingProvider()
        self.arrived: list[str] = []  # every single request, as often as it came
        self.fails: Callable[[Request], Response | None] = lambda _request: None
        self.gate: Callable[[], Awaitable[object]] | None = None
        self.wire = PaperWire(self._answer, [])
        self.line = Line(self.provider, Credential(CredentialKind.API_KEY, Secret("key")), self.wire)

    async def _answer(self, request: Request) -> Response:
        parts = parts_of(request)
        self.arrived += [part.path for part in parts]
        if self.gate is not None:
            await self.gate()
        failed = self.fails(request)
        if failed is not None:
            return failed
        told = [_told(part) for part in parts]
        body = {"parts": told} if request.path == many else told[0]
        return Response(200, {}, json.dumps(body).encode())

    async def ask(self, requests: Sequence[Request], *, together: bool = True, pause: float = 0.0) -> Told:
        async with asyncio.TaskGroup() as group:
            if together:
                self.line.together = Bundling(self.line, Clock(), group.create_task, pause).send
            asked = [group.create_task(exchange(self.line, request, Clock())) for request in requests]
        return [task.result() for task in asked]

    @property
    def sent(self) -> list[int]:
        """How many requests each of those had in it that left."""
        return [len(parts_of(request)) for request in self.wire.requests]


def _told(request: Request) -> dict[str, object]:
    word = request.path.rpartition("/")[2]
    return {"refusal": word} if word in set(AnswerClass) else {"told": request.path, "body": request.fields}


def looks(count: int) -> list[Request]:
    return [Request("GET", f"/tasks/{number}") for number in range(count)]


def texts(told: Told) -> list[str]:
    return [str((found.json() or {}).get("told")) if isinstance(found, Response) else str(found) for found in told]


async def test_requests_that_wait_at_the_same_moment_go_as_one() -> None:
    house = House()
    assert texts(await house.ask(looks(3))) == ["/tasks/0", "/tasks/1", "/tasks/2"]
    assert (house.sent, house.wire.requests[0].path) == ([3], many)


async def test_one_that_waits_alone_goes_as_it_is() -> None:
    house = House()
    await house.ask(looks(1))
    assert [request.path for request in house.wire.requests] == ["/tasks/0"]


async def test_creates_and_questions_go_together_and_what_may_cost_money_is_known_to() -> None:
    house = House()
    await house.ask([*looks(1), Request("POST", "/create", body={"external": "a"}, creates=True)])
    assert (house.sent, house.wire.requests[0].creates) == ([2], True)
    await house.ask(looks(2))
    assert not house.wire.requests[1].creates


async def test_a_bundle_is_signed_as_one() -> None:
    house = House()
    await house.ask(looks(2))
    assert house.wire.requests[0].headers == (("authorization", "key at 1000"),)


async def test_no_bundle_has_more_requests_than_the_service_takes() -> None:
    house = House(BundlingProvider(most=4))
    await house.ask(looks(10))
    assert house.sent == [4, 4, 2]


async def test_no_bundle_is_larger_than_is_good_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundling, "most_bundle_bytes", 250)
    house = House()
    await house.ask([Request("POST", f"/create/{number}", body={"image": "A" * 100}) for number in range(5)])
    assert house.sent == [2, 2, 1]


async def test_what_cannot_go_together_goes_alone() -> None:
    house = House()
    await house.ask([*looks(2), Request("GET", "/alone"), Request("GET", "/slow", patience=60.0), *looks(1)])
    assert house.sent == [2, 1, 1, 1]  # the last look is like the first, and could not be told from it


async def test_a_bundle_that_was_refused_is_that_for_everyone_in_it() -> None:
    house = House()
    house.fails = lambda _request: Response(429, {}, b'{"refusal": "throttled"}')
    told = await house.ask(looks(3))
    assert [found.status for found in told if isinstance(found, Response)] == [429, 429, 429]
    assert len(house.wire.requests) == 1


async def test_a_lost_answer_is_lost_for_everyone_and_nothing_is_sent_again() -> None:
    house = House()

    def lost(_request: Request) -> Response:
        raise AnswerMissing("reset", "the connection broke")

    house.fails = lost
    told = await house.ask(looks(3))
    assert [(found.answer, found.code) for found in told if isinstance(found, Refusal)] == [("transient", "reset")] * 3
    assert house.arrived == ["/tasks/0", "/tasks/1", "/tasks/2"]


async def test_an_answer_that_tells_of_another_number_of_requests_is_unreadable_for_all() -> None:
    house = House()
    house.fails = lambda _request: Response(200, {}, b'{"parts": [{"told": "/tasks/0"}]}')
    assert (
        texts(await house.ask(looks(2))) == ["unreadable: the answer to several requests tells of another number"] * 2
    )


async def test_who_stops_waiting_takes_nobodys_answer_away() -> None:
    house, gate, arrived = House(), asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        arrived.set()
        await gate.wait()

    house.gate = wait
    async with asyncio.TaskGroup() as group:
        house.line.together = Bundling(house.line, Clock(), group.create_task, 0.0).send
        asked = [group.create_task(exchange(house.line, request, Clock())) for request in looks(3)]
        await arrived.wait()
        asked[0].cancel()
        gate.set()
    assert texts([task.result() for task in asked[1:]]) == ["/tasks/1", "/tasks/2"]


async def test_who_stops_waiting_before_the_bundle_leaves_is_left_out_of_it() -> None:
    house = House()
    async with asyncio.TaskGroup() as group:
        house.line.together = Bundling(house.line, Clock(), group.create_task, 0.001).send
        asked = [group.create_task(exchange(house.line, request, Clock())) for request in looks(3)]
        await asyncio.sleep(0)
        asked[1].cancel()
    assert house.arrived == ["/tasks/0", "/tasks/2"]


async def test_a_stale_token_is_signed_anew_for_all_together() -> None:
    house = House()
    answers = iter([Response(401, {}, b'{"refusal": "auth-stale"}'), None])
    house.fails = lambda _request: next(answers)
    assert texts(await house.ask(looks(2))) == ["/tasks/0", "/tasks/1"]
    assert house.sent == [2, 2]


async def test_a_full_bundle_does_not_wait() -> None:
    house = House(BundlingProvider(most=3))
    await asyncio.wait_for(house.ask(looks(3), pause=60.0), 5)
    assert house.sent == [3]


@pytest.mark.parametrize(("coming", "asked"), [([True, False], 2), ([True] * 1000, 3)], ids=["comes", "never comes"])
async def test_a_bundle_waits_for_company_that_is_on_its_way_and_not_for_ever(coming: list[bool], asked: int) -> None:
    house, left = House(), list(coming)
    async with asyncio.TaskGroup() as group:
        more = partial(left.pop, 0)
        house.line.together = Bundling(house.line, Clock(), group.create_task, 0.02, more).send
        group.create_task(exchange(house.line, looks(1)[0], Clock()))
    assert house.arrived == ["/tasks/0"]
    assert min(asked, len(coming) - len(left)) == asked


async def test_a_fault_of_an_adapter_is_nobodys_secret() -> None:
    class Broken(BundlingProvider):
        def unbundle(self, requests: Sequence[Request], response: Response) -> tuple[Response, ...]:
            raise KeyError("data")

    with pytest.raises(ExceptionGroup) as raised:
        await House(Broken()).ask(looks(2))
    assert raised.group_contains(KeyError)


def cases(count: int, seed: int = 1) -> list[tuple[int, list[Request]]]:
    """Random requests with the number that goes together at most."""
    chance = random.Random(seed)
    return [(chance.randint(2, 9), [_any(chance, place) for place in range(chance.randint(1, 30))])
            for _ in range(count)]  # fmt: skip


def _any(chance: random.Random, place: int) -> Request:
    word = chance.choice(["fine", "fine", "fine", *(answer for answer in AnswerClass if answer != "auth-stale")])
    path = f"/{chance.choice(['tasks', 'create', 'find', 'alone'])}/{place}/{word}"
    body = {"text": "x" * chance.randint(0, 40)} if chance.random() < 0.7 else None
    return Request("POST", path, body=body, creates=chance.random() < 0.3, patience=chance.choice([0.0, 0.0, 9.0]))


async def agree(most: int, requests: Sequence[Request]) -> None:
    """Bundled and unbundled, the same is told, and each request comes once."""
    alone, together = House(), House(BundlingProvider(most))
    assert await together.ask(requests) == await alone.ask(requests, together=False)
    assert sorted(together.arrived) == sorted(request.path for request in requests)
    assert max(together.sent) <= most
    for parcel in packed(requests, together.provider):
        assert len({(requests[place].patience, requests[place].path.startswith("/alone")) for place in parcel}) == 1


async def test_bundled_and_unbundled_exchange_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for most, requests in cases(200):
        monkeypatch.setattr(bundling, "most_bundle_bytes", 40 * most)
        await agree(most, requests)


if __name__ == "__main__":  # the long form
    for most, requests in cases(10_000, seed=2):
        asyncio.run(partial(agree, most, requests)())
    print("10000 agree")
