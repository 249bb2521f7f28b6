"""`init --template`: each is whole, works at once, and says what to change; `KLING_PIPE_GOLDEN=write` rewrites."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kling_pipe.commands.init import template_text, templates
from tests.scenarios.stage import checkout, typed

golden = Path(__file__).parent / "init"
cases = {
    "help": ("init", "--help"),
    "list": ("init", "--list"),
    "list-json": ("init", "--list", "--json"),
    "with-media": ("init", "--template", "dance-challenge"),
    "into-a-folder-json": ("init", "films/one", "--template", "talking-avatar", "--json"),
    "unknown": ("init", "--template", "talking-head"),
    "unknown-json": ("init", "--template", "zzz", "--json"),
}


@pytest.mark.parametrize("name", cases)
def test_what_is_said(name: str, tmp_path: Path) -> None:
    said = typed(tmp_path, *cases[name])
    text = f"{said.out}--- stderr\n{said.err}--- exit code {said.code}\n"
    path = golden / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", templates)
def test_a_template_is_right_and_planned_where_it_was_written(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert typed(tmp_path, "init", "mine", "--template", name).code == 0
    assert typed(folder, "validate", "storyboard.yaml").code == 0
    planned = typed(folder, "plan", "storyboard.yaml", "--simulate")
    assert (planned.code, "next: `kling-pipe run storyboard.yaml --simulate`" in planned.out) == (0, True)
    assert typed(folder, "graph", "storyboard.yaml", "--simulate").code == 0


@pytest.mark.parametrize("name", templates)
def test_a_template_is_a_shipped_pipeline_and_says_what_to_change(name: str) -> None:
    shipped = (checkout / "pipelines" / f"{name}.yaml").read_text("utf-8")
    assert shipped == f"# yaml-language-server: $schema=../schemas/storyboard.schema.json\n{template_text(name)}"
    assert name == "hello" or "# To make it yours\n" in shipped


def test_nothing_of_a_template_replaces_a_file_unasked(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media/dancer.png").write_text("mine")
    said = typed(tmp_path, "init", "--template", "dance-challenge")
    assert (said.code, "`media/dancer.png` is there already" in said.err) == (2, True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["dancer.png", "media"]
    assert typed(tmp_path, "init", "--template", "dance-challenge", "--force").code == 0
    assert (tmp_path / "media/dancer.png").read_bytes()[:4] == b"\x89PNG"
