"""The command line as a whole: help, version, wrong words, start-up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kling_pipe import __version__
from kling_pipe.cli import main
from kling_pipe.commands.table import commands, group
from kling_pipe.simulator.faults import Fault
from tests.patience import patience

heavy = {"yaml", "networkx", "httpx", "jsonschema", "fastjsonschema", "rich", "PIL", "av", "sqlite3", "asyncio"}


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--version"]), capsys.readouterr().out) == (0, f"kling-pipe {__version__}\n")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert [name for name, (_, line) in commands.items() if name not in text or line not in text] == []


def test_no_word_at_all_gets_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert (main([]), capsys.readouterr().out) == (0, told)


def test_the_simulators_help_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulator", "--help"]) == 0
    text = capsys.readouterr().out.replace("\n", " ")
    assert [fault for fault in Fault if f"{fault}," not in text and f"{fault};" not in text] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "there is no folder `nowhere`"),
        (["film.yaml"], "`film.yaml` is a file, a folder was expected"),
        (["--provider", "nobody"], "there is no profile `nobody`"),
    ],
    ids=["no-folder", "file", "no-profile"],
)
def test_nothing_to_examine_is_not_all_well(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.yaml").touch()
    assert main(["doctor", *words], environment={}) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", commands)
def test_every_help_page_ends_in_examples_that_parse(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Examples:\n  kling-pipe {name}" in text
    assert "--json" in text


def test_every_command_knows_its_own_name() -> None:
    context = group.make_context("kling-pipe", ["--help"], resilient_parsing=True)
    named = {name: group.get_command(context, name) for name in commands}
    assert {name: command.name for name, command in named.items() if command} == {name: name for name in commands}


def failed(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(words)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(
    ("words", "sentence", "hint"),
    [
        (["rnu"], "`rnu` is not a command", "did you mean `run`?"),
        (["zzz"], "`zzz` is not a command", "`kling-pipe --help` lists what there is"),
        (["plan", "s", "--simulat"], "`--simulat` is not an option of `kling-pipe plan`", "did you mean `--simulate`?"),
        (["plan"], "`kling-pipe plan` needs `STORYBOARD`", "`kling-pipe plan --help` lists what there is"),
        (
            ["run", "s.yaml", "--max-cost", "many"],
            "`--max-cost`: expected an amount such as `18 USD` or `40 units`: many",
            "`kling-pipe run --help` lists what there is",
        ),
        (
            ["run", "s.yaml", "--jobs", "x"],
            "`--jobs`: `x` is not a whole number",
            "`kling-pipe run --help` lists what there is",
        ),
    ],
)  # fmt: skip
def test_a_wrong_word_is_said_in_one_sentence_with_a_hint(
    words: list[str], sentence: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = failed(words, capsys)
    assert (code, out) == (2, "")
    assert sentence in err
    assert f"hint: {hint}" in err


def test_a_wrong_word_fits_the_envelope_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = failed(["plan", "--json", "--fooo"], capsys)
    envelope = json.loads(out)
    assert (code, err) == (2, "")
    assert (envelope["command"], envelope["ok"], envelope["exit_code"]) == ("plan", False, 2)
    assert envelope["problems"][0]["code"] == "usage"


def loaded_by(words: list[str]) -> set[str]:
    script = f"import sys; from kling_pipe.cli import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=patience)
    return {name.split(".")[0] for name in ended.stderr.split()}


@pytest.mark.slow
def test_the_version_loads_nothing() -> None:
    assert loaded_by(["--version"]) & (heavy | {"click", "dataclasses", "json", "inspect"}) == set()


@pytest.mark.slow
def test_help_loads_click_and_nothing_heavy() -> None:
    assert loaded_by(["--help"]) & heavy == set()


@pytest.mark.slow
@pytest.mark.parametrize("words", [["models"], ["models", "--json"]])
def test_a_stdout_that_takes_nothing_is_one_sentence(words: list[str]) -> None:
    command = [sys.executable, "-c", "import sys; from kling_pipe.cli import main; sys.exit(main())", *words]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=patience)
    assert (ended.returncode, "Traceback" in ended.stderr, ended.stderr.count("\n")) == (1, False, 1), ended.stderr


def test_what_is_to_be_typed_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my story.yaml").write_text("storyboard: 1\nsteps:\n  a: {kind: text-to-image, prompt: x}\n")
    assert main(["validate", "my story.yaml"], environment={}) == 0
    assert "`kling-pipe plan 'my story.yaml'`" in capsys.readouterr().err


def test_a_plan_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text("storyboard: 1\nsteps:\n  a: {kind: text-to-image, prompt: x}\n")
    assert (main(["plan", "s.yaml"], environment={}), main(["status", "s.yaml"], environment={})) == (0, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]
