"""What commands say of one prepared project, plain and with `--json`; `KLING_PIPE_GOLDEN=write` rewrites the texts.

Commands with goldens of their own are not repeated here; a test says that none has neither.
"""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from kling_pipe.commands.table import commands
from tests.commands.prepared import Project
from tests.patience import awaiting
from tests.scenarios.stage import checkout, ended, started, typed

pytestmark = pytest.mark.slow
golden = Path(__file__).parent / "outputs"
envelopes = Draft202012Validator(json.loads((checkout / "schemas/envelope.schema.json").read_text("utf-8")))
cases = {
    "account": ("account",),
    "doctor": ("doctor",),
    "doctor-nowhere": ("doctor", "nowhere"),
    "ledger": ("ledger",),
    "ledger-by-step": ("ledger", "--by", "step"),
    "library": ("library",),
    "library-voices": ("library", "--voices", "--simulate"),
    "models": ("models", "--kind", "speech"),
    "models-explain": ("models", "explain", "kling-tts"),
    "models-unknown": ("models", "--kind", "speach"),
    "plan": ("plan", "storyboard.yaml"),
    "quote": ("quote", "storyboard.yaml", "--provider", "kling,gateway"),
    "run": ("run", "storyboard.yaml", "--only", "spot", "--yes"),
    "schema": ("schema",),
    "schema-one": ("schema", "steps/speech"),
    "schema-unknown": ("schema", "speech"),
    "schema-install": ("schema", "--install"),
    "settle-nothing": ("settle", "storyboard.yaml", "hero", "--drop"),
    "settle-twice": ("settle", "storyboard.yaml", "hero", "--drop", "--resubmit"),
    "settle-unknown": ("settle", "storyboard.yaml", "heroe", "--drop"),
    "status": ("status", "storyboard.yaml"),
    "status-simulated": ("status", "storyboard.yaml", "--simulate"),
    "status-one": ("status", "storyboard.yaml", "--only", "spot[locale=de]"),
    "validate": ("validate", "storyboard.yaml"),
    "validate-nowhere": ("validate", "nowhere.yaml"),
}
elsewhere = {  # commands whose goldens stand in a folder or file of their own
    "accept": "choosing", "another": "choosing", "completion": "completion", "diff": "diff", "explain": "explain",
    "graph": "graph", "init": "init", "pick": "choosing", "show": "show", "takes": "choosing",
    "verify": "choosing", "why": "why",
}  # fmt: skip
_passing = (  # what differs from run to run, and from one codec to the next
    (
        re.compile(r'("(?:bytes|seconds|age_seconds|at|free|created|began|ended|submitted|duration)": )[\d.e-]+'),
        r"\g<1>1",
    ),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://service"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?\b"), "2026-01-01"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "0" * 64),
    (re.compile(r"\b[0-9a-f]{16,63}\b"), "0123456789abcdef"),
    (re.compile(r"\b\d{9,20}(?:\.\d+)?\b"), "123456789"),
    (re.compile(r"\bkp-[0-9a-z-]+"), "kp-1"),
    (re.compile(r"(?<![\d.])\d+(?:\.\d+)? (?:kB|MB|GB|[KMGT]iB|bytes?)"), "1 kB"),
    (re.compile(r"(?<![\d.])\d+(?:\.\d+)?e?-?\d* (?:ms|s|min)\b(?: \d\d s)?"), "1 s"),
    (re.compile(r"(Python|SQLite) \d+\.\d+\.\d+"), r"\1 3.1.0"),
    (re.compile(r"1 s (?:ahead of|behind) the service"), "1 s ahead of the service"),
    (re.compile(r"in 36\d days"), "in 365 days"),
    (re.compile(r"\b9\d{4}\b"), "99944"),  # units that are left: other tests buy from the same service
    (re.compile(r"(?<=\S)(?: {2,}| (?=-\s))"), "  "),  # columns are as wide as what was replaced
)


@pytest.mark.parametrize("name", cases)
def test_what_is_said(name: str, project: Project, tmp_path: Path) -> None:
    text = f"$ kling-pipe {' '.join(cases[name])}\n"
    for place, more in enumerate(((), ("--json",))):
        folder = project.copied_to(tmp_path / str(place))
        said = typed(folder, *cases[name], *more, environment=project.environment)
        if more:
            assert list(envelopes.iter_errors(said.envelope)) == []
            assert said.err == ""
        text += "".join((said.out, "--- stderr\n" if said.err else "", said.err, f"--- exit code {said.code}\n"))
        text = text.replace(str(folder), "/project")
    compare(name, text)


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["plain", "json"])
def test_what_the_simulator_says_until_it_is_stopped(more: tuple[str, ...], tmp_path: Path) -> None:
    process = started(tmp_path, "simulator", "--port", "0", *more)
    assert process.stdout is not None
    last = "}\n" if more else "  export PICSART_USER_ID=simulated-user\n"
    said = ""
    with awaiting(process, "the simulator to be ready"):
        for line in iter(process.stdout.readline, ""):
            said += line
            if line == last:
                break
    process.send_signal(signal.SIGINT)
    rest = ended(process)
    compare(
        "simulator-json" if more else "simulator", f"{said}{rest.out}--- stderr\n{rest.err}--- exit code {rest.code}\n"
    )


def test_every_command_has_goldens_somewhere() -> None:
    here = {words[0] for words in cases.values()}
    assert sorted(set(commands) - here - set(elsewhere)) == ["simulator"]  # just above
    assert [folder for folder in elsewhere.values() if not any((golden.parent / folder).iterdir())] == []


def compare(name: str, text: str) -> None:
    path, text = golden / f"{name}.txt", steady(text)
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def steady(text: str) -> str:
    for pattern, shown in _passing:
        text = pattern.sub(shown, text)
    return text
