"""`takes`, `pick`, `another`, `accept`, `run --frozen` and `verify` as they are typed: one golden text a case."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from kling_pipe import __version__
from kling_pipe.cli import main
from tests.bought_on_paper import buy

goldens = Path(__file__).parent / "choosing"
board = """\
storyboard: 1
name: boats
variants:
  hour: [night, day]
steps:
  boat:
    kind: text-to-image
    model: kling-v3
    prompt: A small sailing boat on a calm sea
    takes: 2
  later:
    kind: image-to-image
    model: kling-v3
    image: steps.boat
    prompt: The same boat by ${{ variant.hour }}
deliver:
  out/boat.png: steps.boat
  out/${{ variant.hour }}.png: steps.later
"""
dusk = ("[night, day]", "[night, dusk]")
sea = ("a calm sea", "a rough sea")


@dataclass(frozen=True)
class Case:
    """What was edited after everything had been made, what was typed before, what is typed, and what was spoilt."""

    typed: str
    edits: tuple[tuple[str, str], ...] = ()
    before: tuple[str, ...] = ()
    spoilt: tuple[str, ...] = ()  # `-path` deletes, `~path` flips a byte; the path may be a pattern


cases = {
    "takes": Case("takes boats.yaml boat --simulate"),
    "takes-varied": Case("takes boats.yaml later[hour=day] --simulate"),
    "takes-stale": Case("takes boats.yaml boat --simulate", (sea, ("takes: 2", "takes: 3"))),
    "takes-json": Case("takes boats.yaml boat --simulate --json"),
    "takes-sheet": Case("takes boats.yaml boat --simulate --sheet sheet.png"),
    "takes-sheet-jpg": Case("takes boats.yaml boat --simulate --sheet sheet.jpg"),
    "takes-not-made": Case("takes boats.yaml later", spoilt=("-.kling-pipe/*.*", "-*.lock.yaml")),
    "pick": Case("pick boats.yaml boat 2 --simulate"),
    "pick-json": Case("pick boats.yaml boat 2 --simulate --json"),
    "pick-again": Case("pick boats.yaml boat 2 --simulate", before=("pick boats.yaml boat 2 --simulate",)),
    "pick-not-made": Case("pick boats.yaml boat 3 --simulate", (("takes: 2", "takes: 4"),)),
    "pick-in-text": Case("pick boats.yaml boat 2 --simulate", (("takes: 2", "takes: 2\n    pick: 1"),)),
    "pick-unknown": Case("pick boats.yaml bot 2 --simulate"),
    "pick-nothing": Case("pick boats.yaml boat 0 --simulate"),
    "pick-real": Case("pick boats.yaml boat 1"),
    "another-stale": Case("another boats.yaml boat --simulate", (sea,)),
    "another-unagreed": Case("another boats.yaml boat"),
    "another-speed": Case("another boats.yaml boat --speed 9"),
    "accept": Case("accept boats.yaml boat --simulate", (sea,)),
    "accept-json": Case("accept boats.yaml boat --simulate --json", (sea,)),
    "accept-some": Case("accept boats.yaml later --simulate", (dusk, ("The same", "This"))),
    "accept-undo": Case("accept boats.yaml boat --simulate --undo", (sea,), ("accept boats.yaml boat --simulate",)),
    "accept-current": Case("accept boats.yaml boat --simulate"),
    "accept-below": Case("accept boats.yaml later --simulate", (sea,)),
    "accept-not-undone": Case("accept boats.yaml boat --simulate --undo"),
    "frozen": Case("run boats.yaml --simulate --frozen", spoilt=("-out/*", "-.kling-pipe/*.*")),
    "frozen-json": Case("run boats.yaml --simulate --frozen --json"),
    "frozen-stale": Case("run boats.yaml --simulate --frozen", (sea,)),
    "frozen-lacking": Case("run boats.yaml --simulate --frozen", spoilt=("-.kling-pipe/objects/*/*",)),
    "frozen-unlocked": Case("run boats.yaml --simulate --frozen", spoilt=("-*.lock.yaml",)),
    "verify": Case("verify boats.yaml --simulate"),
    "verify-json": Case("verify boats.yaml --simulate --json"),
    "verify-wrong": Case("verify boats.yaml --simulate", spoilt=("~.kling-pipe/o*/*/*", "-out/day*", "~out/boat*")),
    "verify-unlocked": Case("verify boats.yaml"),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project where everything was bought once, in both realms, delivered and locked."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "boats.yaml").write_text(board)
    assert buy(folder / "boats.yaml") == ["boat", "later[hour=night]", "later[hour=day]"]
    buy(folder / "boats.yaml", simulate=False)
    assert main(["run", str(folder / "boats.yaml"), "--simulate", "--json"], environment={}) == 0
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


def prepare(project: Path, case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    text = board
    for before, now in case.edits:
        assert before in text
        text = text.replace(before, now)
    (project / "boats.yaml").write_text(text)
    for typed in case.before:
        assert main(typed.split(), environment={}) == 0
    for spoil in case.spoilt:
        for path in project.glob(spoil[1:]):
            if spoil[0] == "-":
                path.unlink()
            else:
                path.chmod(0o644)
                path.write_bytes(path.read_bytes()[:-1] + b"x")
    capsys.readouterr()


def seen(typed: str, capsys: pytest.CaptureFixture[str]) -> str:
    code = main(typed.split(), environment={"KLINGAI_API_KEY": "key", "COLUMNS": ""})
    captured = capsys.readouterr()
    return f"$ kling-pipe {typed}\n--- exit code {code}\n--- stdout\n{captured.out}--- stderr\n{captured.err}"


def steady(text: str, project: Path) -> str:
    """Without today's date, the folder and the version."""
    text = re.sub(r"(accepted on|accepted\": \") ?\d{4}-\d\d-\d\d", r"\1 DAY", text)
    return text.replace(str(project), "PROJECT").replace(f'"kling_pipe": "{__version__}"', '"kling_pipe": "VERSION"')


@pytest.mark.parametrize("name", cases)
def test_what_is_said(name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(project, cases[name], capsys)
    said = steady(seen(cases[name].typed, capsys), project)
    golden = goldens / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(said)
    assert said == golden.read_text()


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.stem for path in goldens.glob("*.txt")} == set(cases)


@pytest.mark.parametrize(
    ("case", "lines"),
    [
        (
            Case("plan boats.yaml --simulate", (sea,)),
            (
                "  stale  boat               2 pictures by kling-v3  0.056 USD (16 image units)  ~20 s",
                "        `prompt` changed since it was made on 2026-09-21",
                "        waits for `boat`; it was made before, on 2026-09-21",
                "next: `kling-pipe run boats.yaml --simulate`; `kling-pipe accept` keeps a stale one as it is",
            ),
        ),
        (
            Case("plan boats.yaml --simulate", (sea,), ("accept boats.yaml boat --simulate",)),
            (
                "  keep  boat               2 pictures by kling-v3",
                "        kept as it was made before, accepted on DAY",
                "estimate  nothing to pay",
            ),
        ),
        (
            Case("why boats.yaml boat --simulate", (sea,), ("accept boats.yaml boat --simulate",)),
            (
                "boat: current, kept as it was made before, accepted on DAY",
                "2 of 2 made by the one before, and accepted",
            ),
        ),
        (
            Case("status boats.yaml --simulate", (sea,)),
            (
                "  stale    boat               0/2    kling-v3                     `prompt` changed since it was",
                "  out/boat.png   stale",
            ),
        ),
    ],
    ids=["plan-stale", "plan-accepted", "why-accepted", "status-stale"],
)
def test_how_it_stands_is_told_elsewhere_too(
    case: Case, lines: tuple[str, ...], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(project, case, capsys)
    said = " ".join(steady(seen(case.typed, capsys), project).split())
    assert [line for line in lines if " ".join(line.split()) not in said] == []


@pytest.mark.slow
def test_after_another_take_it_is_told_how_it_is_looked_at_and_chosen(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = seen("another boats.yaml boat --simulate --speed 10000", capsys)
    following = "`kling-pipe takes boats.yaml boat --simulate` shows all of them, "
    assert f"next: {following}`kling-pipe pick boats.yaml boat TAKE --simulate` chooses one\n" in said
