"""`why` as it is typed: one golden text a case in `why/`; `KLING_PIPE_GOLDEN=write` rewrites them."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.cli import main
from kling_pipe.events import JobFailed, JobSubmitted, JobUncertain
from kling_pipe.plan.jobs import job_of
from kling_pipe.values.job import Realm
from tests.bought_on_paper import buy
from tests.edge.plain_picture import png

goldens = Path(__file__).parent / "why"
pytestmark = pytest.mark.slow
board = """\
storyboard: 1
name: boats
inputs:
  logo: refs/logo.png
defaults:
  image-to-image: {model: kling-v3}
steps:
  boat:
    kind: text-to-image
    model: kling-v3
    prompt: A small sailing boat on a calm sea at golden hour, wide angle, soft haze, seen from the shore
    takes: 2
  night:
    kind: image-to-image
    image: steps.boat
    prompt: The same boat at night
  sails:
    kind: text-to-video
    model: kling-v3
    shots:
      - {prompt: It sails away, duration: 3}
      - {prompt: It comes back, duration: 3}
  day:
    kind: image-to-image
    image: steps.boat
    prompt: The same boat by day
  badge:
    kind: image-to-image
    image: inputs.logo
    prompt: A badge for the boat
"""


badge_at_night = "steps.badge\n    prompt: The same boat at night"


@dataclass(frozen=True)
class Case:
    """What was edited after everything had been made, and which address is asked about."""

    address: str
    edits: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ("--simulate",)
    picture: bytes = b""


cases = {
    "current": Case("boat"),
    "nothing-below": Case("sails"),
    "prompt": Case("boat", (("a calm sea at golden hour", "a rough sea at dawn"),)),
    "below": Case("night", (("a calm sea at golden hour", "a rough sea at dawn"),)),
    "below-and-own": Case("boat", (("a calm sea", "a rough sea"), ("boat at night", "boat on a starry night"))),
    "shot": Case("sails", (("comes back, duration: 3", "comes home, duration: 4"),)),
    "model": Case("boat", (("text-to-image\n    model: kling-v3", "text-to-image\n    model: kling-v2-1"),)),
    "added": Case("sails", (("    shots:", "    sound: true\n    extra: {camera_seed: 7}\n    shots:"),)),
    "another-take": Case("boat", (("takes: 2", "takes: 3"),)),
    "another-pick": Case("night", (("takes: 2", "takes: 2\n    pick: 2"),)),
    "another-source": Case("night", (("steps.boat\n    prompt: The same boat at night", badge_at_night),)),
    "input-bytes": Case("badge", picture=png(400, 320, 9)),
    "renamed": Case("ship", (("  boat:", "  ship:"), ("steps.boat", "steps.ship"))),
    "renamed-and-edited": Case("ship", (("  boat:", "  ship:"), ("steps.boat", "steps.ship"), ("calm", "rough"))),
    "new": Case("lamp", (("steps:\n", "steps:\n  lamp: {kind: text-to-image, prompt: A lamp}\n"),)),
    "real": Case("boat", words=()),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project where everything was bought once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "refs").mkdir()
    (folder / "refs/logo.png").write_bytes(png(400, 320))
    (folder / "boats.yaml").write_text(board)
    assert buy(folder / "boats.yaml") == ["boat", "sails", "badge", "night", "day"]
    return folder


def seen(folder: Path, case: Case, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    text = board
    for before, now in case.edits:
        assert before in text
        text = text.replace(before, now)
    (folder / "boats.yaml").write_text(text)
    (folder / "refs/logo.png").write_bytes(case.picture or png(400, 320))
    environment = {"KLINGAI_API_KEY": "key", "COLUMNS": ""}
    code = main(["why", "boats.yaml", case.address, *case.words, *more], environment=environment)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def steady(text: str) -> str:
    """Without the hour, which is another in each zone of time."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "DAY HH:MM", text)


@pytest.mark.parametrize("name", cases)
def test_why_says(name: str, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(made)
    code, out, err = seen(made, cases[name], capsys)
    assert (code, err) == (0, "")
    golden = goldens / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        golden.write_text(steady(out))
    assert steady(out) == golden.read_text()


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.stem for path in goldens.glob("*.txt")} == {*cases, "members"}


def test_the_json_tells_the_same(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(made)
    code, out, err = seen(made, cases["below-and-own"], capsys, "--json")
    assert (code, err) == (0, "")
    data = json.loads(out)["data"]
    (member,) = data["members"]
    assert [part for part in member["parts"] if part["change"] != "same"] == [
        {
            "name": "prompt", "group": "parameter", "change": "changed",
            "value": "A small sailing boat on a rough sea at golden hour, wide angle, soft haze, seen from the shore",
            "before": "A small sailing boat on a calm sea at golden hour, wide angle, soft haze, seen from the shore",
            "path": "boats.yaml", "line": 11, "column": 13,
        }
    ]  # fmt: skip
    money = {"usd": "0.028", "units": {"image": "8"}}
    assert member["own"] == {
        "address": "boat", "standing": "stale", "cost": {"usd": "0.056", "units": {"image": "16"}}, "exact": True,
        "by": [], "changed": [], "was_made": False,
    }  # fmt: skip
    assert member["below"] == [
        {"address": "night", "standing": "pending", "cost": money, "exact": True, "by": ["image"],
         "changed": ["prompt"], "was_made": True},
        {"address": "day", "standing": "pending", "cost": money, "exact": True, "by": ["image"],
         "changed": [], "was_made": True},
    ]  # fmt: skip
    assert (member["cost"], member["changed"]) == ({"usd": "0.112", "units": {"image": "32"}}, ["prompt"])
    assert member["made"]["as"] == "boat"
    assert data["cost"] == {"usd": "0.056", "units": {"image": "16"}}


def test_what_was_accepted_is_current_and_says_what_changed(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    (tmp_path / "boats.yaml").write_text(board.replace("by day", "at noon"))
    monkeypatch.chdir(tmp_path)
    assert main(["accept", "boats.yaml", "day", "--simulate"], environment={}) == 0
    capsys.readouterr()
    assert main(["why", "boats.yaml", "day", "--simulate"], environment={}) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"day: current, kept as it was made before, accepted on \S+; `prompt` changed since it was made on \S+ \S+",
        lines[0],
    )
    assert lines[3] == "  prompt  The same boat [-by day-]{+at noon+}"
    assert not [line for line in lines if line.startswith("next")]


@pytest.mark.parametrize(
    ("event", "first", "last"),
    [
        (
            JobUncertain(5.0, "boat", reason="no answer"),
            "boat: uncertain, an earlier job is uncertain; settle it first",
            (
                "next: look it up at the provider, then settle it: `kling-pipe settle --simulate boats.yaml boat"
                " --adopt TASK`, `--resubmit` or `--drop`"
            ),
        ),
        (
            JobSubmitted(5.0, "boat", task_id="T9"),
            "boat: running, a task of an earlier run is picked up",
            "next: `kling-pipe run boats.yaml --simulate --only boat` goes on with what is under way",
        ),
        (
            JobFailed(5.0, "boat", code="moderated", message="no"),
            "boat: retry, attempt 1 failed: moderated",
            "      `kling-pipe run boats.yaml --simulate` makes what is below too",
        ),
    ],
    ids=["uncertain", "running", "failed"],
)
def test_what_an_earlier_run_left_open_is_said(
    event: JobUncertain | JobSubmitted | JobFailed, first: str, last: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs/logo.png").write_bytes(png(400, 320))
    (tmp_path / "boats.yaml").write_text(board)
    options = Options(simulate=True)
    with opened(str(tmp_path / "boats.yaml"), options) as (loaded, ledger, store):
        boat = prepare(loaded, options, ledger, store).plan.members["boat"]
        job = job_of(boat, "boats", boat.recipe, (), (1, 2))
        ledger.begin_run("run", "boats", Realm.SIMULATED, 1.0)
        ledger.claim(job, "run", 2.0, intend=True)
        ledger.record("run", [replace(event, external_id=job.external_id)])
    monkeypatch.chdir(tmp_path)
    assert main(["why", "boats.yaml", "boat", "--simulate"], environment={}) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == (f"{first}; nothing is on record of it being made before", last)


def test_what_another_storyboard_had_made_is_told_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = "storyboard: 1\nname: {}\nsteps:\n  {}: {{kind: text-to-image, prompt: A boat}}\n"
    (tmp_path / "one.yaml").write_text(one.format("one", "boat"))
    (tmp_path / "two.yaml").write_text(one.format("two", "ship"))
    buy(tmp_path / "one.yaml")
    monkeypatch.chdir(tmp_path)
    assert main(["why", "two.yaml", "ship", "--simulate"], environment={}) == 0
    first = steady(capsys.readouterr().out).splitlines()[0]
    assert first == "ship: current, every take is in the store, made on DAY HH:MM as `boat of one`"


varied = """\
storyboard: 1
name: spots
variants:
  locale: [en, de]
  ratio: [16:9, 9:16]
vars:
  line: {en: Sail away today, de: Segel heute los}
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A small boat, aspect_ratio: "${{ variant.ratio }}"}
  spot:
    kind: image-to-video
    model: kling-v2-5-turbo
    image: steps.boat
    prompt: A small boat, and the words ${{ vars.line[variant.locale] }}
"""


def test_members_that_are_alike_share_a_paragraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spots.yaml").write_text(varied)
    assert len(buy(tmp_path / "spots.yaml")) == 6
    (tmp_path / "spots.yaml").write_text(varied.replace("Segel heute los", "Segel morgen los"))
    monkeypatch.chdir(tmp_path)
    assert main(["why", "spots.yaml", "spot", "--simulate"], environment={}) == 0
    golden = goldens / "members.txt"
    told = steady(capsys.readouterr().out)
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        golden.write_text(told)
    assert told == golden.read_text()


@pytest.mark.parametrize(
    ("address", "code", "sentence"),
    [
        ("bot", "unknown-step", "there is no step `bot`"),
        ("boat[locale=de]", "unknown-axis", "`boat` has no axis `locale`"),
        ("boat[", "unknown-step", "`boat[` is no address"),
        ("", "unknown-step", "is no address"),
    ],
)
def test_an_address_that_names_nothing_is_refused(
    address: str, code: str, sentence: str, made: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(made)
    ended, out, err = seen(made, Case(address), capsys)
    assert (ended, out) == (2, "")
    assert f"{code}\n" in err
    assert sentence in err


def test_a_broken_storyboard_is_told_in_place_of_an_answer(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(made)
    code, out, err = seen(made, Case("boat", (("kind: text-to-video", "kind: text-to-vidoe"),)), capsys)
    assert (code, out) == (2, "")
    assert "boats.yaml:18:11: unknown-kind" in err
