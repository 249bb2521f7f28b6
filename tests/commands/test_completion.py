"""What shells are offered, asked as the shells ask; `KLING_PIPE_GOLDEN=write` rewrites the scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from kling_pipe.cli import main
from kling_pipe.commands.completing import addresses, storyboards
from kling_pipe.commands.table import commands, group
from tests.commands.test_table import loaded_by
from tests.patience import patience

golden = Path(__file__).parent / "completion"
film = """\
storyboard: 1
variants: {locale: [en, de], ratio: ["9:16", "16:9"]}
steps:
  # the hero
  hero: {kind: text-to-image, prompt: A shoe}
  "clip":
    kind: image-to-video
    image: steps.hero
    prompt: Says ${{ variant.locale }} in ${{ variant.ratio }}
  still: {kind: text-to-image, prompt: Its sole}
deliver: {}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("film.yaml", "kling-pipe.yaml", "film.lock.yaml", "notes.txt", ".hidden.yaml", "my film.yml"):
        (tmp_path / name).write_text(film, "utf-8")
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "in.yaml").write_text(film, "utf-8")
    return tmp_path


def offered(capsys: pytest.CaptureFixture[str], line: str, *more: str, shell: str = "bash") -> list[str]:
    assert main(["completion", shell, "--line", line, *more], environment={}) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out.splitlines()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("kling-pipe ", list(commands)),
        ("kling-pipe st", ["status"]),
        ("kling-pipe --v", ["--version"]),
        ("kling-pipe plan ", ["film.yaml", "my film.yml", "refs/"]),
        ("kling-pipe plan f", ["film.yaml"]),
        ("kling-pipe plan .h", [".hidden.yaml"]),
        ("kling-pipe plan refs/", ["refs/in.yaml"]),
        ("kling-pipe plan nowhere/", []),
        ("kling-pipe plan film.yaml --si", ["--simulate"]),
        ("kling-pipe plan film.yaml --only ", ["hero", "clip", "still"]),
        ("kling-pipe plan film.yaml --only=", ["hero", "clip", "still"]),
        ("kling-pipe plan --only h film.yaml --only st", ["still"]),
        ("kling-pipe plan 'my film.yml' --only st", ["still"]),
        ("kling-pipe settle film.yaml h", ["hero"]),
        (
            "kling-pipe plan film.yaml --only clip",
            ["clip", "clip[locale=en,ratio=9:16]", "clip[locale=en,ratio=16:9]", "clip[locale=de,ratio=9:16]",
             "clip[locale=de,ratio=16:9]"],
        ),
        (
            "kling-pipe plan film.yaml --only 'clip[locale=de",
            ["clip[locale=de,ratio=9:16]", "clip[locale=de,ratio=16:9]"],
        ),
        ("kling-pipe plan film.yaml --only hero", ["hero"]),
        ("kling-pipe plan film.yaml --only x", []),
        ("kling-pipe plan nowhere.yaml --only ", []),
        ("kling-pipe plan refs --only ", []),
        ("kling-pipe plan --only ", []),
        ("kling-pipe explain end-frame-m", ["end-frame-mode"]),
        ("kling-pipe schema steps/lip", ["steps/lip-sync"]),
        ("kling-pipe graph film.yaml --format ", ["mermaid", "dot", "svg", "json"]),
        ("kling-pipe ledger ", ["reconcile"]),
        ("kling-pipe nonsense ", []),
        ("kling-pipe plan \"film", ["film.yaml"]),
        ("kling-pipe", []),
        ("", list(commands)),
    ],
)  # fmt: skip
def test_what_may_follow_is_offered(line: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert offered(capsys, line) == words


def test_bash_gets_the_part_of_an_address_that_it_replaces(capsys: pytest.CaptureFixture[str]) -> None:
    line = "kling-pipe plan film.yaml --only clip[locale=de,ratio=9:"
    assert offered(capsys, line, "--current", "") == ["16]"]
    assert offered(capsys, line + "1", "--current", "1") == ["16]"]


def test_fish_gets_the_help_of_each_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert offered(capsys, "kling-pipe val", shell="fish") == [f"validate\t{commands['validate'][1]}"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("steps:\n", []),
        ("steps:\n  a: {kind: x\n  b:", ["a", "b"]),
        ("steps:\n    a:\n        kind: x\n    b :\n    'c': {}\nother:\n    d: 1", ["a", "c"]),
        ("steps: # all of them\n\n  # one\n  a: 1\n\n  b: 2\n", ["a", "b"]),
        ("variants: {a: [\nsteps:\n  a: 1\n", ["a"]),
        ("storyboard: 1\nsteps: {a: {kind: text-to-image, prompt: x}}", ["a"]),
        (
            "storyboard: 1\ninclude: [film.yaml]\nsteps:\n  a: {kind: text-to-image, prompt: x}",
            ["hero", "clip", "still", "a"],
        ),
        ("storyboard: 1\ninclude: [gone.yaml]\nsteps:\n  a: {kind: text-to-image, prompt: x}", ["a"]),
        ("steps:\n\ta: 1", []),
        ("\x00\xff", []),
    ],
)  # fmt: skip
def test_steps_are_seen_in_a_text_that_is_half_written(
    text: str, words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "draft.yaml").write_text(text, "utf-8")
    assert sorted(offered(capsys, "kling-pipe plan draft.yaml --only ")) == sorted(words)


def test_a_huge_text_is_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "film.yaml").write_text(film + "# \n" * 2_000_000, "utf-8")
    assert offered(capsys, "kling-pipe plan film.yaml --only ") == []


def test_every_storyboard_and_address_of_every_command_is_completed() -> None:
    context = click.Context(group)
    named = {
        (name, str(parameter.name)): parameter._custom_shell_complete
        for name in commands
        if (command := group.get_command(context, name))
        for parameter in command.params
        if parameter.name in ("storyboard", "storyboards", "only", "address", "addresses", "step")
    }
    assert set(named.values()) == {storyboards, addresses}
    assert named[("plan", "storyboard")] is storyboards
    assert named[("plan", "only")] is named[("settle", "step")] is addresses


@pytest.mark.slow
def test_words_are_offered_without_anything_heavy() -> None:
    line = "kling-pipe plan film.yaml --only "
    assert loaded_by(["completion", "bash", "--line", line]) & {"yaml", "networkx", "httpx", "fastjsonschema"} == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell], environment={}) == 0
    text = capsys.readouterr().out
    path = golden / f"script.{shell}"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert main(["completion", shell, "--json"], environment={}) == 0
    assert json.loads(capsys.readouterr().out)["data"] == {"shell": shell, "script": text}
    program = shutil.which(shell)
    if program is not None:
        assert (
            subprocess.run([program, "-n", str(path)], capture_output=True, check=False, timeout=patience).stderr == b""
        )


@pytest.mark.slow
def test_bash_itself_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"], environment={}) == 0
    asked = """
        kling-pipe() { python3 -c 'import sys; print(*sys.argv[1:], sep="|")' "$@"; }
        COMP_LINE='kling-pipe plan film.yaml --only clip[locale=de --simulate' COMP_POINT=47
        _kling_pipe kling-pipe de locale=
        printf '<%s>\\n' "${COMPREPLY[@]}"
    """
    ended = subprocess.run(
        ["bash", "-c", capsys.readouterr().out + asked],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=patience,
    )
    line = "kling-pipe plan film.yaml --only clip[locale=de"
    assert (ended.stdout, ended.stderr) == (f"<completion|bash|--line|{line}|--current|de>\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["completion"], "`kling-pipe completion` needs `{bash|zsh|fish}`"),
        (["completion", "tcsh"], "`SHELL`: `tcsh` is not one of `bash`, `zsh`, `fish`"),
    ],
)
def test_another_shell_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words, environment={}) == 2
    assert said.lower() in capsys.readouterr().err.lower()
