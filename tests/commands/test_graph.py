"""`graph`: what is drawn of a starter storyboard, before and after it is made; `KLING_PIPE_GOLDEN=write` rewrites."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path

import pytest

from kling_pipe.cli import main
from tests.scenarios.stage import typed

golden = Path(__file__).parent / "graph"
cases = {
    "help": ("graph", "--help"),
    "mermaid": ("graph", "storyboard.yaml", "--simulate"),
    "mermaid-real": ("graph", "storyboard.yaml"),
    "dot": ("graph", "storyboard.yaml", "--simulate", "--format", "dot"),
    "svg": ("graph", "storyboard.yaml", "--simulate", "--format", "svg"),
    "json-text": ("graph", "storyboard.yaml", "--simulate", "--format", "json"),
    "json": ("graph", "storyboard.yaml", "--simulate", "--json"),
    "only": ("graph", "storyboard.yaml", "--simulate", "--only", "boat"),
    "file": ("graph", "storyboard.yaml", "--simulate", "-o", "out.svg"),
    "file-json": ("graph", "storyboard.yaml", "--simulate", "-o", "out.dot", "--json"),
    "itself": ("graph", "storyboard.yaml", "--simulate", "-o", "storyboard.yaml"),
    "unknown-step": ("graph", "storyboard.yaml", "--only", "boot"),
    "unknown-format": ("graph", "storyboard.yaml", "--format", "png"),
    "no-storyboard": ("graph", "nowhere.yaml"),
    "unknown-ending": ("graph", "storyboard.yaml", "-o", "graph.png"),
    "a-folder": ("graph", "storyboard.yaml", "-o", "."),
    "no-folder": ("graph", "storyboard.yaml", "-o", "nowhere/graph.svg"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert typed(tmp_path, "init").code == 0
    return tmp_path


@pytest.mark.parametrize("name", cases)
def test_what_is_drawn(name: str, project: Path) -> None:
    said = typed(project, *cases[name])
    text = f"{said.out}--- stderr\n{said.err}--- exit code {said.code}\n"
    path = golden / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert typed(project, "validate", "storyboard.yaml").code == 0


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("g.mmd", "---\ntitle"),
        ("g.md", "```mermaid\n---\n"),
        ("g.dot", "digraph"),
        ("g.SVG", "<svg"),
        ("g.json", "{\n"),
        ("g", "---\n"),
    ],
)
def test_a_file_s_ending_says_the_language(name: str, begins: str, project: Path) -> None:
    assert typed(project, "graph", "storyboard.yaml", "--simulate", "-o", name).out == f"wrote {name}\n"
    assert (project / name).read_text("utf-8").startswith(begins)
    assert sorted(path.name for path in project.iterdir()) == sorted([".gitignore", name, "storyboard.yaml"])


@pytest.mark.slow
def test_what_is_made_is_shown_as_a_picture(project: Path) -> None:
    assert typed(project, "run", "storyboard.yaml", "--simulate", "--speed", "2000").code == 0
    text = typed(project, "graph", "storyboard.yaml", "--simulate", "--format", "svg").out
    pictures = [base64.b64decode(data) for data in re.findall(r'href="data:image/jpeg;base64,([^"]+)"', text)]
    assert [picture[:3] for picture in pictures] == [b"\xff\xd8\xff"] * 2
    assert max(map(len, pictures)) < 20_000
    assert re.findall(r'class="state"[^>]*>([^<]+)<', text) == ["✓ current", "✓ current"]
    graph = typed(project, "graph", "storyboard.yaml", "--simulate", "--json").envelope["data"]["graph"]
    assert [member["standing"] for member in graph["members"]] == ["current", "current"]
    text = (project / "storyboard.yaml").read_text("utf-8")
    (project / "storyboard.yaml").write_text(text.replace("golden hour", "at noon"), "utf-8")
    stale = typed(project, "graph", "storyboard.yaml", "--simulate", "--format", "svg").out
    assert stale.count("data:image/jpeg") == 2  # as they were made
    assert "~ stale · 0.028 USD" in stale
    for stored in (project / ".kling-pipe/objects").rglob("*"):
        if stored.is_file():
            stored.chmod(0o644)
            stored.write_bytes(b"x" * stored.stat().st_size)
    damaged = typed(project, "graph", "storyboard.yaml", "--simulate", "--format", "svg")
    assert (damaged.code, "data:image" in damaged.out) == (0, False)


def test_a_stdout_of_json_holds_the_drawing_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["graph", str(project / "storyboard.yaml"), "--simulate", "--format", "dot", "--json"], environment={})
        == 0
    )
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["text"].startswith('digraph "hello" {')
    assert (data["format"], data["path"]) == ("dot", None)
