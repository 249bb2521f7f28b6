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
from tests.scenarios.stage import SmallWorlds
from tests.shared_media import share_media

hero = """storyboard: 1
name: doubt
steps:
  hero: {kind: text-to-image, prompt: a boat}
deliver: {out/a.png: steps.hero}
"""
line = """storyboard: 1
name: doubt
steps:
  line: {kind: speech, text: Come in and do not touch anything, voice: oversea_male1, language: en}
deliver: {out/a.mp3: steps.line}
"""
clips = """storyboard: 1
name: doubt
steps:
  walk: {kind: text-to-video, model: kling-v2-5-turbo, prompt: a woman walks, takes: 2}
deliver: {out/a.mp4: steps.walk}
"""
speaks = """storyboard: 1
name: doubt
steps:
  walk: {kind: text-to-video, model: kling-v2-5-turbo, prompt: a woman walks}
  speaks: {kind: lip-sync, video: steps.walk, text: Come in and do not touch it, voice: oversea_male1, language: en}
deliver: {out/a.mp4: steps.speaks}
"""


class Desk:
    """A project that was made, and whose last step has an uncertain job by now."""

    def __init__(self, folder: Path, board: str, **columns: str) -> None:
        self.folder = folder
        self.step = {hero: "hero", line: "line", clips: "walk", speaks: "speaks"}[board]
        (folder / "board.yaml").write_text(board)
        share_media(folder / ".kling-pipe")
        assert self.run() == 0
        self.task_id = str(self.rows("task_id")[0][0])
        self._doubt(**columns)

    @property
    def _ledger(self) -> Path:
        return self.folder / ".kling-pipe" / "ledger.db"

    def _doubt(self, **columns: str) -> None:
        """The artifact is forgotten everywhere and its job uncertain, as after a lost answer."""
        with contextlib.closing(sqlite3.connect(self._ledger)) as database:
            for column, value in {"state": "uncertain", **columns}.items():
                database.execute(f"update jobs set {column} = ? where member = ?", (value, self.step))
            names = "select external_id from jobs where member = ?"
            database.execute(f"delete from artifacts where external_id in ({names})", (self.step,))
            database.commit()
        (self.folder / ".kling-pipe" / "artifacts.jsonl").unlink()
        (self.folder / "board.simulated.lock.yaml").unlink()
        for made in (self.folder / "out").iterdir():
            made.unlink()

    def unhear(self, errand: str) -> None:
        """The last call before the task was not answered."""
        (memo,) = [json.loads(str(row[0])) for row in self.rows("memo")]
        memo |= {"errand": errand, "told": memo["told"][:-1]}
        with contextlib.closing(sqlite3.connect(self._ledger)) as database:
            database.execute("update jobs set memo = ? where member = ?", (json.dumps(memo), self.step))
            database.commit()

    def run(self) -> int:
        return self.type("run", "board.yaml", "--simulate", "--speed", "500")[0]

    def settle(self, *words: str) -> tuple[int, list[str]]:
        """The exit code and the codes of what was said."""
        code, said = self.type("settle", "board.yaml", self.step, *words, "--simulate")
        problems = said["problems"]
        assert isinstance(problems, list)
        return code, [problem["code"] for problem in problems]

    def type(self, *words: str) -> tuple[int, dict[str, object]]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = main([*words, "--json"], environment={**os.environ, "KLING_PIPE_HOME": ""}, verbs=SmallWorlds())
        return int(code), json.loads(out.getvalue())

    def states(self) -> list[tuple[str, int]]:
        return self.rows("state, attempt")

    def delivered(self) -> list[str]:
        return [made.name for made in (self.folder / "out").iterdir()]

    def rows(self, columns: str) -> list[tuple[str, int]]:
        query = f"select {columns} from jobs where member = ? order by attempt"
        with contextlib.closing(sqlite3.connect(self._ledger)) as database:
            return list(database.execute(query, (self.step,)))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, hero)


@pytest.fixture
def unheard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A call without an id whose answer was lost: the ledger knows of no task."""
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, line, task_id="", memo="")


@pytest.fixture
def kept_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A lip-sync whose words were spoken, and whose search for faces was not answered."""
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, speaks, task_id="")
    desk.unhear("identify-face")
    return desk


@pytest.mark.slow
def test_an_uncertain_job_is_not_sent_again_by_a_run(desk: Desk) -> None:
    assert (desk.run(), desk.states()) == (5, [("uncertain", 1)])


@pytest.mark.slow
def test_resubmitting_makes_a_new_attempt(desk: Desk) -> None:
    assert desk.settle("--resubmit") == (0, [])

    assert (desk.run(), desk.states()) == (0, [("dropped", 1), ("done", 2)])


@pytest.mark.slow
def test_adopting_fetches_the_task_that_was_named(desk: Desk) -> None:
    assert desk.settle("--adopt", desk.task_id) == (0, [])

    assert (desk.run(), desk.states()) == (0, [("done", 1)])


@pytest.mark.slow
def test_dropping_counts_as_a_failure_and_the_next_run_makes_a_new_attempt(desk: Desk) -> None:
    assert (desk.settle("--drop"), desk.states()) == ((0, []), [("failed", 1)])

    assert (desk.run(), desk.states()) == (0, [("failed", 1), ("done", 2)])


@pytest.mark.slow
def test_what_is_certain_cannot_be_settled(desk: Desk) -> None:
    desk.settle("--drop")

    assert desk.settle("--drop") == (2, ["nothing-to-settle"])


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--drop", "--resubmit"]])
def test_exactly_one_decision_is_asked_for(desk: Desk, words: list[str]) -> None:
    assert desk.settle(*words) == (2, ["one-decision"])


@pytest.mark.slow
def test_a_sound_whose_answer_was_lost_is_fetched_by_the_id_of_its_task(unheard: Desk) -> None:
    assert (unheard.run(), unheard.states()) == (5, [("uncertain", 1)])

    assert unheard.settle("--adopt", unheard.task_id) == (0, [])
    assert (unheard.run(), unheard.states(), unheard.delivered()) == (0, [("done", 1)], ["a.mp3"])


@pytest.mark.slow
def test_a_sound_may_be_spoken_once_more(unheard: Desk) -> None:
    assert unheard.settle("--resubmit") == (0, [])

    assert (unheard.run(), unheard.states()) == (0, [("dropped", 1), ("done", 2)])


@pytest.mark.slow
def test_a_task_that_an_unanswered_call_kept_back_cannot_be_adopted_and_keeps_its_id(kept_back: Desk) -> None:
    assert (kept_back.run(), kept_back.states()) == (5, [("uncertain", 1)])

    assert kept_back.settle("--adopt", "871234") == (2, ["nothing-to-adopt"])
    assert kept_back.settle("--resubmit") == (0, [])
    assert (kept_back.run(), kept_back.states(), kept_back.delivered()) == (0, [("done", 1)], ["a.mp4"])


@pytest.mark.slow
def test_what_is_in_doubt_is_settled_though_the_step_says_something_else_by_now(desk: Desk) -> None:
    board = desk.folder / "board.yaml"
    board.write_text(board.read_text().replace("a boat", "a ship"))
    assert desk.settle("--adopt", desk.task_id) == (0, [])
    assert desk.states() == [("submitted", 1)]
    board.write_text(hero)
    assert (desk.run(), desk.delivered()) == (0, ["a.png"])


@pytest.mark.slow
def test_one_of_several_doubts_is_named_by_its_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, clips)
    ids = [str(row[0]) for row in desk.rows("external_id, task_id")]
    tasks = [str(row[1]) for row in desk.rows("external_id, task_id")]
    assert len(ids) == 2
    assert desk.settle("--adopt", tasks[0]) == (2, ["several-jobs"])
    assert desk.settle("--adopt", tasks[0], "--job", "kp-of-nobody") == (2, ["nothing-to-settle"])
    assert desk.settle("--adopt", tasks[0], "--job", ids[0]) == (0, [])
    assert desk.settle("--adopt", tasks[1]) == (0, [])
    assert (desk.run(), desk.delivered()) == (0, ["a.mp4"])
