"""A request and its answer: signed anew once, and free questions asked again while the service is busy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kling_pipe.providers.provider import Credential, CredentialKind
from kling_pipe.run.exchange import Line, ask, ask_pages, exchange, most_tries
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing
from kling_pipe.values.wire import Request, Response
from tests.run.paper_provider import PaperProvider, PaperWire, answer

pytestmark = pytest.mark.anyio
question = Request("GET", "/tasks")


class Clock:
    def now(self) -> float:
        return 1000.0


class Service:
    """Answers one by one; remembers what was asked and how long was waited."""

    def __init__(self, *answers: Response | AnswerMissing) -> None:
        self._answers: Iterator[Response | AnswerMissing] = iter(answers)
        self.log: list[str] = []
        self.waited: list[float] = []
        credential = Credential(CredentialKind.API_KEY, Secret("key"))
        self.line = Line(PaperProvider(), credential, PaperWire(self._answer, self.log))

    def _answer(self, _request: Request) -> Response:
        found = next(self._answers)
        if isinstance(found, AnswerMissing):
            raise found
        return found

    async def pause(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def ask(self) -> str:
        found = await ask(self.line, question, self.read, Clock(), self.pause)
        return found if isinstance(found, str) else str(found)

    def read(self, response: Response) -> str | Refusal:
        return self.line.provider.read_refusal(response) or str((response.json() or {}).get("told"))


busy = answer(refusal="throttled")


async def test_a_good_answer_is_read() -> None:
    service = Service(answer(told="yes"))
    assert (await service.ask(), service.waited) == ("yes", [])


async def test_a_busy_service_is_asked_again_after_longer_and_longer_pauses() -> None:
    service = Service(busy, answer(refusal="transient"), answer(told="yes"))
    assert (await service.ask(), service.waited) == ("yes", [1.0, 2.0])


async def test_a_service_that_stays_busy_is_left() -> None:
    service = Service(*[busy] * most_tries)
    assert (await service.ask(), len(service.waited)) == ("1000: said no", most_tries - 1)


async def test_a_lost_answer_is_asked_for_again() -> None:
    service = Service(AnswerMissing("timeout", "no answer"), answer(told="yes"))
    assert await service.ask() == "yes"


async def test_nobody_is_reached_for_only_a_little_while() -> None:
    service = Service(*[AnswerMissing("unreachable", "nobody", sent=False)] * 2)
    assert (await service.ask(), service.waited) == ("unreachable: nobody", [1.0])


@pytest.mark.parametrize("word", ["auth", "account", "product", "forbidden", "invalid"])
async def test_what_stays_refused_is_not_asked_again(word: str) -> None:
    service = Service(answer(refusal=word))
    assert (await service.ask(), service.waited) == ("1000: said no", [])


async def test_a_stale_token_is_signed_anew_by_the_services_own_clock() -> None:
    date = "Thu, 01 Jan 1970 01:00:00 GMT"
    service = Service(answer(refusal="auth-stale", date=date), answer(told="yes"))
    found = await exchange(service.line, question, Clock())
    assert isinstance(found, Response)
    assert (service.line.skew, found.json()) == (2600.0, {"told": "yes"})


@dataclass(frozen=True)
class Leaf:
    """A page of paper."""

    number: int
    more: Request | None


def read_leaf(request: Request, response: Response) -> Leaf | Refusal:
    data = response.json() or {}
    if "refusal" in data:
        return Refusal(AnswerClass(data["refusal"]), "1000", "said no")
    return Leaf(data["number"], Request("GET", data["more"]) if "more" in data else None)


async def leaves(service: Service, *requests: Request) -> list[str]:
    pages = ask_pages(service.line, requests or (question,), read_leaf, Clock(), service.pause)
    return [str(page.number) if isinstance(page, Leaf) else str(page) async for page in pages]


async def test_pages_are_followed_to_the_last() -> None:
    service = Service(answer(number=1, more="/2"), answer(number=2, more="/3"), answer(number=3))
    assert await leaves(service) == ["1", "2", "3"]


async def test_a_refused_page_ends_its_question_and_not_the_next() -> None:
    service = Service(answer(number=1, more="/2"), answer(refusal="forbidden"), answer(number=7))
    assert await leaves(service, question, Request("GET", "/other")) == ["1", "1000: said no", "7"]


async def test_a_page_that_leads_to_itself_is_the_last() -> None:
    assert await leaves(Service(answer(number=1, more="/tasks"))) == ["1"]
