"""The README tells the truth: its session runs, its tables are complete, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from kling_pipe.cli import main
from kling_pipe.commands.table import commands
from kling_pipe.errors import ExitCode
from tests.shared_media import share_media

root = Path(__file__).resolve().parent.parent
text = (root / "README.md").read_text(encoding="utf-8")
session = "\n".join(re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def steady(output: str) -> str:
    """The output without what differs from run to run and from one codec to the next: times and bytes."""
    output = re.sub(r"\d+(?:\.\d+)? (?:bytes|kB|MB)", "N kB", output)
    return re.sub(r"(?m)^time   .*$", "time   N s", output).strip()


@pytest.mark.slow
def test_the_session_prints_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(root / "pipelines", tmp_path / "pipelines", ignore=shutil.ignore_patterns("out", ".kling-pipe"))
    monkeypatch.chdir(tmp_path)
    share_media(tmp_path / "pipelines" / ".kling-pipe")
    for part in session.split("$ ")[1:]:
        typed, _, shown = part.partition("\n")
        words = shlex.split(typed)
        assert words[0] == "kling-pipe"
        assert main(words[1:]) == 0
        assert steady(capsys.readouterr().out) == steady(shown)


def test_every_command_stands_in_the_table() -> None:
    assert dict(re.findall(r"^\| `kling-pipe (\w+)` \| (.*) \|$", text, re.MULTILINE)) == {
        name: line for name, (_, line) in commands.items()
    }


def test_every_exit_code_stands_in_the_table() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == set(ExitCode)


def test_every_variable_that_is_read_stands_in_the_table() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (root / "kling_pipe").rglob("*.py")]
    forms = r'"((?:KLINGAI|KLING_PIPE|KLING_GATEWAY|RUNWARE|PICSART|GEN_AI)_[A-Z_]+)"'
    read = {name for source in sources for name in re.findall(forms, source)}
    assert read - set(re.findall(r"`([A-Z_]+)`", text)) == set()


def test_every_link_leads_to_a_file() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [target for target in targets if not (root / target).is_file()] == []


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^(\w+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", text, re.MULTILINE)) == {"demo", "test"}
    assert set(re.findall(r"\bmake (\w+)", text)) - {"for", "what"} <= targets
