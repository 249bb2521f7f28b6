"""`docs/problems.md` shows what the bad projects are answered, by code; `KLING_PIPE_GOLDEN=write` rewrites it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from kling_pipe.errors import ExitCode
from tests.scenarios.stage import checkout

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
Nothing on this page has cost anything: all of it is found before a request is sent.
`kling-pipe validate` looks at the storyboard and its media; `run` looks at credentials, money and disk too.

| exit code | means |
|---|---|
"""


def written() -> str:
    """The page as the goldens say it."""
    rows = "".join(f"| {int(code)} | {words} |\n" for code, words in _words.items())
    examples: dict[str, str] = {}
    for golden in goldens:
        text = golden.read_text("utf-8")
        command, exit_code = text.partition("\n")[0], _exit.findall(text)[-1]
        said = text.partition("--- stderr\n")[2].partition("--- exit code")[0].strip("\n")
        for code in _code.findall(said):
            block = f"```console\n{command}\n{said}\n```\n\nExit code {exit_code}.\n"
            examples.setdefault(code, block)
    return _head + rows + "".join(f"\n## {code}\n\n{block}" for code, block in sorted(examples.items()))


def test_the_page_says_what_the_product_says() -> None:
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        page.write_text(written(), "utf-8")
    assert page.read_text("utf-8") == written()


def test_every_exit_code_is_explained() -> None:
    assert set(_words) == set(ExitCode)
