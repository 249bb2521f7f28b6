"""A ledger whose files were cut, overwritten or have no room: said in one sentence, and never a wrong `made`."""

from __future__ import annotations

import os
import random
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kling_pipe.edge.ledger import Ledger
from kling_pipe.errors import StateFailure
from kling_pipe.events import RunStarted
from kling_pipe.values.claim import ClaimAnswer
from tests.edge.jobs_on_paper import Office, job_of, picture

codes = {"ledger-damaged", "ledger-unusable", "ledger-format"}
recipes = [f"r{number}" for number in range(12)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder as a killed run leaves it: the first half in the database, the rest in the write-ahead log."""
    office = Office(tmp_path_factory.mktemp("office"))
    for recipe in recipes[:6]:
        office.made(job_of(recipe))
    office.ledger._database.execute("pragma wal_checkpoint(truncate)")
    for recipe in recipes[6:]:
        office.made(job_of(recipe))
    copy = tmp_path_factory.mktemp("killed")
    for name in ("ledger.db", "ledger.db-wal"):
        shutil.copyfile(os.path.join(os.path.dirname(office.path), name), copy / name)
    office.ledger.close()
    return copy


def read(folder: Path) -> str:
    """What a reader of everything finds: `n made` or the code of the failure."""
    try:
        ledger = Ledger(str(folder / "ledger.db"), lambda _run: False)
    except StateFailure as failure:
        return failure.code
    try:
        rows = {row.external_id: row for row in ledger.all_jobs()}
        made = 0
        for recipe in recipes:
            claim = ledger.claim(job_of(recipe), "reader", 500.0, intend=False)
            if claim.answer is ClaimAnswer.MADE:
                assert [(found.digest, found.facts) for found in claim.artifacts] == [("d" * 64, picture)]
                made += 1
            elif claim.answer is ClaimAnswer.RESUME:
                assert job_of(recipe).external_id in rows
        ledger.record("reader", [RunStarted(501.0)])
        return f"{made} made"
    except StateFailure as failure:
        return failure.code
    finally:
        ledger.close()


def copied(written: Path, folder: Path) -> Path:
    shutil.copytree(written, folder)
    return folder


def cuts(path: Path, many: int) -> list[int]:
    """Offsets all over a file, dense at its head."""
    size = path.stat().st_size
    chance = random.Random(7)
    return sorted({*range(0, 120, 7), 511, 512, 4095, 4096, size - 1, *(chance.randrange(size) for _ in range(many))})


def test_the_whole_files_tell_everything(written: Path, tmp_path: Path) -> None:
    assert read(copied(written, tmp_path / "copy")) == "12 made"


def test_a_log_cut_anywhere_loses_only_what_was_written_last(written: Path, tmp_path: Path) -> None:
    found = []
    for cut in cuts(written / "ledger.db-wal", 60):
        folder = copied(written, tmp_path / str(cut))
        os.truncate(folder / "ledger.db-wal", cut)
        found.append(read(folder))
    counts = [int(answer.split()[0]) for answer in found]
    assert counts == sorted(counts)
    assert (counts[0], 6 <= counts[-1] <= 12) == (6, True)


def test_a_database_cut_anywhere_says_so_or_forgets(written: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    shutil.copyfile(written / "ledger.db", tmp_path / "plain" / "ledger.db")
    for cut in cuts(tmp_path / "plain" / "ledger.db", 60):
        folder = copied(tmp_path / "plain", tmp_path / str(cut))
        os.truncate(folder / "ledger.db", cut)
        answer = read(folder)
        truth = {"6 made", *codes} if cut else {"0 made"}  # the last pages may hold nothing that counts
        assert answer in truth, f"{cut}: {answer}"


@pytest.mark.parametrize("seed", range(40))
def test_overwritten_bytes_are_told_without_a_traceback(written: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = copied(written, tmp_path / "copy")
    name = chance.choice(("ledger.db", "ledger.db-wal"))
    with open(folder / name, "r+b") as file:
        file.seek(chance.randrange(os.path.getsize(folder / name)))
        file.write(chance.randbytes(chance.choice((1, 16, 300))))
    try:
        answer = read(folder)
    except AssertionError:
        return  # a digest that was overwritten itself: the store finds no such object
    assert answer in codes or answer.endswith(" made")


def test_something_else_under_its_name_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this is no database, " * 300)
    assert read(tmp_path) == "ledger-damaged"


@contextmanager
def little_room(room: int) -> Iterator[None]:
    """Files of this process may grow to this many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_much(office: Office, room: int) -> None:
    with little_room(room):
        for number in range(1000):
            office.made(job_of(f"more {number}"))


def test_a_full_disk_stops_the_books_and_harms_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.made(job_of("before"))
    room = max(os.path.getsize(office.path), os.path.getsize(f"{office.path}-wal")) + 20_000
    with pytest.raises(StateFailure) as raised:
        write_much(office, room)
    assert raised.value.code in ("disk-full", "ledger-unusable")
    assert raised.value.hint
    rest = office.open()
    assert rest.artifacts(job_of("before").keys)
    intended = [row for row in rest.all_jobs() if row.state != "done"]
    assert len(intended) <= 1
    rest.close()


def test_after_a_full_disk_the_same_ledger_works_again(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with pytest.raises(StateFailure):
        write_much(office, 60_000)
    office.made(job_of("after"))
    assert office.ledger.artifacts(job_of("after").keys)
