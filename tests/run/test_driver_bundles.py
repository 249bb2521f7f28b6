"""The driver on a road that takes several requests in one: few requests, and the machine's rules for each job."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable

import pytest

from kling_pipe.events import Event
from kling_pipe.run.driver import Driver, StopSwitch
from kling_pipe.run.exchange import Line
from kling_pipe.run.flight import AccountLimits, Limits
from kling_pipe.run.machine import Machine
from kling_pipe.run.states import State
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing
from kling_pipe.values.wire import Request, Response
from tests.run.paper_bundles import BundlingProvider, many, parts_of
from tests.run.paper_plan import plan_of, tails_of
from tests.run.paper_provider import PaperBook, PaperFiles, PaperWire

pytestmark = pytest.mark.anyio
clips = tuple(f'clip{number}: video "{number}"' for number in range(6))


class Clock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


class Service:
    """Makes a task of each create it hears of for the first time; `fails` may lose or refuse a whole request."""

    def __init__(self, *plan: str, places: int = 6) -> None:
        values = plan_of(*(plan or clips))
        limits = Limits({"kling": AccountLimits({"video": places}, poll_seconds=0.001)}, pace=0.001)
        self.log: list[str] = []
        self.tasks: dict[str, int] = {}
        self.bought: list[str] = []
        self.refuses: list[str] = []  # the next creates
        self.fails: Callable[[Request], bool] = lambda _request: False
        self.heard: list[Event] = []
        self.machine = Machine(values, tails_of(values), limits, lambda: 0.0)
        self.wire = PaperWire(self._answer, self.log)
        line = Line(BundlingProvider(most=6), Credential(CredentialKind.API_KEY, Secret("key")), self.wire)
        self.driver = Driver(
            self.machine,
            {"kling": line},
            PaperBook(self.log),
            PaperFiles(),
            Clock(),
            self.heard.append,
            gathering=0.2,
        )

    async def run(self) -> None:
        await asyncio.wait_for(self.driver.run(StopSwitch()), 5)

    @property
    def states(self) -> set[State]:
        return {member.state for member in self.machine.members.values()}

    def sent(self) -> list[str]:
        """What left, in short: `3 create, 1 tasks`."""
        told = []
        for request in self.wire.requests:
            words = [part.path.split("/")[1] for part in parts_of(request)]
            told.append(", ".join(f"{words.count(word)} {word}" for word in sorted(set(words))))
        return told

    def _answer(self, request: Request) -> Response:
        told = [self._tell(part) for part in parts_of(request)]
        if self.fails(request):
            raise AnswerMissing("reset", "the connection broke")
        return Response(200, {}, json.dumps({"parts": told} if request.path == many else told[0]).encode())

    def _tell(self, request: Request) -> dict[str, object]:
        if request.path == "/create":
            external = str(request.fields["external"])
            if self.refuses:
                return {"refusal": self.refuses.pop()}
            if external in self.tasks:
                return {"refusal": "exists"}
            self.bought.append(external)
            self.tasks[external] = 0
        else:
            external = re.sub(r"/(?:find/|tasks/T-)", "", request.path)
            if external not in self.tasks:
                return {"refusal": "not-found"}
        self.tasks[external] += 1
        phase = "succeeded" if self.tasks[external] > 2 else "running"
        return {"id": f"T-{external}", "external": external, "phase": phase}


async def test_creates_and_looks_of_many_jobs_are_few_requests() -> None:
    service = Service()
    await service.run()
    assert service.states == {State.DONE}
    assert service.sent() == ["6 create", "6 tasks", "6 tasks"]


async def test_jobs_of_a_bundle_whose_answer_was_lost_are_asked_for_by_their_ids_and_bought_once() -> None:
    service = Service()
    service.fails = lambda request: len(service.wire.requests) == 1
    await service.run()
    assert service.states == {State.DONE}
    assert service.sent()[:2] == ["6 create", "6 find"]
    assert len(service.bought) == len(set(service.bought)) == 6


async def test_what_is_refused_in_a_bundle_is_refused_alone() -> None:
    service = Service()
    service.refuses = ["moderated"]
    await service.run()
    assert sorted(str(member.state) for member in service.machine.members.values()) == ["done"] * 5 + ["failed"]


async def test_an_end_with_a_look_under_way_leaves_nothing_behind() -> None:
    service = Service("clip: video")
    stop = StopSwitch()
    service.driver = Driver(
        service.machine, service.driver._lines, service.driver._book, PaperFiles(), Clock(),
        lambda event: stop.stop() if event.name == "submitted" else None, 0.01, 0.05,
    )  # fmt: skip
    await asyncio.wait_for(service.driver.run(stop), 5)
    assert service.states == {State.SUBMITTED}
