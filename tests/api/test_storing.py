"""A service's own storage: each content goes there once, also when several steps want it at the same moment."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from kling_pipe.api.storing import LedgerMemory, Memory, PassingMemory, ServiceStorage
from kling_pipe.edge.book import LedgerBook
from kling_pipe.edge.ledger_uploads import Account
from kling_pipe.errors import StepFailure
from kling_pipe.run.exchange import Line
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Material
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed, NotUploaded, Uploaded
from kling_pipe.values.wire import FormPart, Request, Response
from tests.edge.jobs_on_paper import Office
from tests.run.paper_provider import PaperProvider, PaperWire, answer

pytestmark = pytest.mark.anyio
picture = MediaFacts(MediaType.IMAGE, "png", 8, 800, 600)
key = Secret("key")
account = Account.of("paper", "https://paper.example", key)


class StoringProvider(PaperProvider):
    """Its service names a file by what it likes."""

    @property
    def uploads(self) -> bool:
        return True

    def upload(self, name: str, mime: str, data: bytes) -> Request:
        return Request("POST", "/files", form=(FormPart("file", "", name, mime, data),))

    def read_upload(self, response: Response) -> Uploaded | Refusal:
        return self.read_refusal(response) or Uploaded(Handed(id=str((response.json() or {})["id"])), 100.0)


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time


class House:
    """A file and the storage of an account."""

    def __init__(self, folder: Path, memory: Memory | None = None) -> None:
        self.path = str(folder / "hero.png")
        self.write(b"the hero")
        self.digest = bytes_digest(b"the hero")
        self.clock = Clock()
        self.number = 0
        self.refuses: list[str] = []
        self.wire = PaperWire(self._answer, [])
        line = Line(StoringProvider(), Credential(CredentialKind.API_KEY, key), self.wire)
        self.storage = ServiceStorage(line, memory or PassingMemory(), self.clock, self._pause)

    def write(self, data: bytes) -> None:
        Path(self.path).write_bytes(data)

    def _answer(self, _request: Request) -> Response:
        if self.refuses:
            return answer(refusal=self.refuses.pop())
        self.number += 1
        return answer(id=f"U{self.number}")

    async def _pause(self, seconds: float) -> None:
        self.clock.time += seconds

    async def put(self, *, anew: bool = False, digest: str | None = None) -> Handed:
        digest = self.digest if digest is None else digest
        return await self.storage.put(self.path, digest, Material("image", self.digest, picture), anew=anew)

    @property
    def sent(self) -> list[tuple[str, str, bytes]]:
        return [(part.filename, part.mime, part.data) for request in self.wire.requests for part in request.form]


async def test_a_content_goes_once_however_many_steps_want_it_at_the_same_moment(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert await asyncio.gather(*(house.put() for _ in range(5))) == [Handed(id="U1")] * 5
    assert house.sent == [(f"{house.digest}.png", "image/png", b"the hero")]


async def test_what_an_earlier_run_put_there_is_used_again_and_known_to_be_older(tmp_path: Path) -> None:
    office = Office(tmp_path)
    book = LedgerBook(office.ledger, "run", lambda: 1000.0)
    seen = []
    for _ in range(2):
        house = House(tmp_path, LedgerMemory(book, account, lambda: 1000.0))
        handed = await house.put()
        seen.append((handed, handed.remembered, len(house.sent)))
    book.close()
    assert seen == [(Handed(id="U1"), False, 1), (Handed(id="U1"), True, 0)]


async def test_what_is_doubted_is_put_there_once_more_for_all_who_doubt_it(tmp_path: Path) -> None:
    memory = PassingMemory()
    house = House(tmp_path, memory)
    await memory.remember(house.digest, Uploaded(Handed(id="old"), 100.0))
    assert (await house.put()).remembered
    assert await asyncio.gather(house.put(anew=True), house.put(anew=True), house.put()) == [Handed(id="U1")] * 3
    assert not (await house.put()).remembered


async def test_what_a_failed_task_used_is_put_there_anew_unless_this_run_did(tmp_path: Path) -> None:
    memory = PassingMemory()
    house = House(tmp_path, memory)
    await memory.remember(house.digest, Uploaded(Handed(id="old"), 100.0))
    await house.storage.doubt(house.path, house.digest)
    assert await house.put() == Handed(id="U1")
    await house.storage.doubt(house.path, house.digest)
    assert await house.put() == Handed(id="U1")


async def test_a_part_that_was_cut_out_is_known_by_its_own_bytes(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert await house.put(digest="") == await house.put(digest="") == Handed(id="U1")


async def test_a_busy_service_is_asked_again_because_it_costs_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.refuses = ["throttled", "transient"]
    assert await house.put() == Handed(id="U1")
    assert len(house.wire.requests) == 3


async def test_what_lies_there_under_a_name_that_nobody_heard_is_put_there_once_more(tmp_path: Path) -> None:
    """An answer was lost, and the same request, sent again, is refused for being known."""
    house = House(tmp_path)
    house.refuses = ["exists", "transient"]
    assert await house.put() == Handed(id="U1")
    house = House(tmp_path)
    house.refuses = ["exists"] * 6
    with pytest.raises(NotUploaded) as raised:
        await house.put()
    assert raised.value.refusal.answer is AnswerClass.TRANSIENT  # it is no word on the create


async def test_what_the_service_does_not_take_is_told_in_its_words_and_not_remembered(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.refuses = ["invalid"]
    with pytest.raises(NotUploaded, match="did not take `image` into its storage: said no"):
        await house.put()
    assert await house.put() == Handed(id="U1")


async def test_a_file_that_changed_is_not_put_there(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write(b"another")
    with pytest.raises(StepFailure, match="input-changed"):
        await house.put()
    assert house.sent == []


async def test_a_storage_is_remembered_by_no_secret(tmp_path: Path) -> None:
    assert key.reveal() not in json.dumps(account.mark)
    assert os.path.basename(account.mark) == account.mark
