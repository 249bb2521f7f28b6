"""`explain`: what is shown of a code, of all codes, and of a word that is none; `KLING_PIPE_GOLDEN=write` rewrites."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kling_pipe.api.codes import service_codes
from kling_pipe.cli import main
from kling_pipe.report.codebook import codebook

golden = Path(__file__).parent / "explain"
cases = {
    "help": ["--help"],
    "model-rule": ["end-frame-mode"],
    "told-earlier": ["audio-excludes-clip"],
    "uncertain": ["uncertain"],
    "kling-code": ["1102"],
    "json": ["over-budget", "--json"],
    "near": ["uncertan"],
    "nothing-near": ["zzz"],
    "nothing-near-json": ["zzz", "--json"],
}


@pytest.mark.parametrize("name", cases)
def test_what_is_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["explain", *cases[name]], environment={})
    said = capsys.readouterr()
    text = f"{said.out}--- stderr\n{said.err}--- exit code {code}\n"
    path = golden / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_all_codes_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json"], environment={}) == 0
    envelope = json.loads(capsys.readouterr().out)
    assert [entry["code"] for entry in envelope["data"]["codes"]] == list(codebook(service_codes()))
    assert (envelope["command"], envelope["ok"]) == ("explain", True)


def test_without_a_code_all_are_listed_by_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"], environment={}) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The storyboard"
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(codebook(service_codes()))
