"""`docs/problems.md` explains every code and shows what bad projects are told; it is written by KLING_PIPE_GOLDEN."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from kling_pipe.api.codes import service_codes
from kling_pipe.errors import ExitCode
from kling_pipe.report.codebook import Explained, codebook, families_in
from tests.scenarios.stage import checkout

services = service_codes()
explained = codebook(services)
page = checkout / "docs" / "problems.md"
goldens = sorted((Path(__file__).parent / "bad").glob("*/expected.txt"))
_code = re.compile(r"^(?:[^\s:]+:\d+:\d+: )?(?:warning: )?([a-z0-9]+(?:-[a-z0-9]+)*)$", re.MULTILINE)
_exit = re.compile(r"^--- exit code (\d+)$", re.MULTILINE)
_words = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "a step failed, or ledger, store or disk cannot be used",
    ExitCode.USAGE: "the text or the command line is wrong",
    ExitCode.REFUSED: "refused before anything was spent",
    ExitCode.CREDENTIALS: "credentials are missing or refused",
    ExitCode.UNCERTAIN: "a job may have been paid for or not; `kling-pipe settle` settles it",
    ExitCode.INTERRUPTED: "interrupted; the next run picks up what is under way",
}
_head = """# Problems

What `kling-pipe` says when something is wrong, by the code of the problem.
Every problem has a code that does not change, a place where there is one, a sentence, and mostly a hint.
With `--json` the same stands in `problems`.
`kling-pipe explain CODE` tells in the terminal what this page tells of a code; `kling-pipe explain` lists them all.
`kling-pipe validate` looks at the storyboard and its media; `run` looks at credentials, money and disk too.

| exit code | means |
|---|---|
"""


def written() -> str:
    """The page as the codebook and the goldens say it."""
    rows = "".join(f"| {int(code)} | {words} |\n" for code, words in _words.items())
    sessions = _sessions()
    return (
        _head
        + rows
        + "".join(
            f"\n## {family.title}\n\n{family.about}\n"
            + "".join(_section(entry, sessions) for entry in explained.values() if entry.family == family)
            for family in families_in(services)
        )
    )


def _section(entry: Explained, sessions: Mapping[str, str]) -> str:
    kind = "yaml" if re.match(r"[a-z#x]+[a-z ]*:|# ", entry.example) and entry.family.exit_code == 2 else "console"
    shown = sessions.get(entry.code) or f"```{kind}\n{entry.example}```\n"
    return (
        f"\n### {entry.code}\n\n{entry.whole_meaning}\n\nWhat to do: {entry.remedy}\n\n{shown}"
        f"\nExit code {entry.exit_code}.\n"
    )


def _sessions() -> Mapping[str, str]:
    """What was typed in a bad project and what was answered, by code."""
    found: dict[str, str] = {}
    for golden in goldens:
        text = golden.read_text("utf-8")
        typed = text.partition("\n")[0]
        said = text.partition("--- stderr\n")[2].partition("--- exit code")[0].strip("\n")
        for code in _code.findall(said):
            found.setdefault(code, f"```console\n{typed}\n{said}\n```\n")
    return found


def test_the_page_says_what_the_product_says() -> None:
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        page.write_text(written(), "utf-8")
    assert page.read_text("utf-8") == written()


def test_every_code_of_a_bad_project_is_explained() -> None:
    assert sorted(set(_sessions()) - set(explained)) == []


def test_the_exit_codes_are_those_the_bad_projects_end_with() -> None:
    ended = {
        (code, int(_exit.findall(text)[-1]))
        for text in (golden.read_text("utf-8") for golden in goldens)
        for code in _code.findall(text.partition("--- stderr\n")[2].partition("--- exit code")[0])
    }
    told = {(code, explained[code].exit_code) for code, _ in ended}
    assert sorted(ended - told) == [("model-retired", 2)]  # a warning beside errors


def test_every_exit_code_is_explained() -> None:
    assert set(_words) == set(ExitCode)
