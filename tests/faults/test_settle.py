"""A job that nobody can vouch for is never sent again by itself; the user's word ends the doubt."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
from pathlib import Path

import pytest

from kling_pipe.cli import main

board = """storyboard: 1
name: doubt
steps:
  hero: {kind: text-to-image, prompt: a boat}
deliver: {out/a.png: steps.hero}
"""


class Desk:
    """A project whose only job is uncertain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "board.yaml").write_text(board)
        assert self.type("run", "board.yaml", "--simulate", "--speed", "500")[0] == 0
        self._doubt()

    @property
    def _ledger(self) -> Path:
        return self.folder / ".kling-pipe" / "ledger.db"

    def _doubt(self) -> None:
        """The artifact is forgotten everywhere and its job uncertain, as after a lost task."""
        with contextlib.closing(sqlite3.connect(self._ledger)) as database:
            database.execute("update jobs set state = 'uncertain'")
            database.execute("delete from artifacts")
            database.commit()
        (self.folder / ".kling-pipe" / "artifacts.jsonl").unlink()
        (self.folder / "out" / "a.png").unlink()

    def type(self, *words: str) -> tuple[int, dict[str, object]]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = main([*words, "--json"], environment={**os.environ, "KLING_PIPE_HOME": ""})
        return int(code), json.loads(out.getvalue())

    def states(self) -> list[tuple[str, int]]:
        with contextlib.closing(sqlite3.connect(self._ledger)) as database:
            return list(database.execute("select state, attempt from jobs order by attempt"))

    @property
    def task_id(self) -> str:
        with contextlib.closing(sqlite3.connect(self._ledger)) as database:
            return str(database.execute("select task_id from jobs").fetchone()[0])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


@pytest.mark.slow
def test_an_uncertain_job_is_not_sent_again_by_a_run(desk: Desk) -> None:
    code, _ = desk.type("run", "board.yaml", "--simulate", "--speed", "500")

    assert (code, desk.states()) == (5, [("uncertain", 1)])


@pytest.mark.slow
def test_resubmitting_makes_a_new_attempt(desk: Desk) -> None:
    assert desk.type("settle", "board.yaml", "hero", "--resubmit", "--simulate")[0] == 0

    assert desk.type("run", "board.yaml", "--simulate", "--speed", "500")[0] == 0
    assert desk.states() == [("dropped", 1), ("done", 2)]


@pytest.mark.slow
def test_adopting_fetches_the_task_that_was_named(desk: Desk) -> None:
    assert desk.type("settle", "board.yaml", "hero", "--adopt", desk.task_id, "--simulate")[0] == 0

    assert desk.type("run", "board.yaml", "--simulate", "--speed", "500")[0] == 0
    assert desk.states() == [("done", 1)]


@pytest.mark.slow
def test_dropping_counts_as_a_failure(desk: Desk) -> None:
    assert desk.type("settle", "board.yaml", "hero", "--drop", "--simulate")[0] == 0

    assert desk.states() == [("failed", 1)]


@pytest.mark.slow
def test_what_is_certain_cannot_be_settled(desk: Desk) -> None:
    desk.type("settle", "board.yaml", "hero", "--drop", "--simulate")

    code, said = desk.type("settle", "board.yaml", "hero", "--drop", "--simulate")

    assert code == 2
    assert [problem["code"] for problem in said["problems"]] == ["nothing-to-settle"]  # type: ignore[union-attr,index]


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--drop", "--resubmit"]])
def test_exactly_one_decision_is_asked_for(desk: Desk, words: list[str]) -> None:
    code, said = desk.type("settle", "board.yaml", "hero", *words, "--simulate")

    assert code == 2
    assert [problem["code"] for problem in said["problems"]] == ["one-decision"]  # type: ignore[union-attr,index]
