"""`init` and `schema`: files written for the user, and none of theirs replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kling_pipe.cli import main
from kling_pipe.commands.init import template_text
from kling_pipe.commands.schema import schema_names


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_init_writes_a_storyboard_and_says_how_to_run_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["init"]) == 0
    captured = capsys.readouterr()
    assert (
        captured.out == "wrote storyboard.yaml\nadded .kling-pipe/, out/, .env, *.simulated.lock.yaml to .gitignore\n"
    )
    assert captured.err == "next: `kling-pipe run storyboard.yaml --simulate`\n"
    assert (tmp_path / "storyboard.yaml").read_text(encoding="utf-8") == template_text("hello")
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == (
        ".kling-pipe/\nout/\n.env\n*.simulated.lock.yaml\n"
    )


def test_the_starter_points_at_no_schema_of_this_repository() -> None:
    assert template_text("hello").startswith("# One picture")
    assert "storyboard: 1" in template_text("hello")


def test_init_never_replaces_a_storyboard_unasked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "storyboard.yaml").write_text("mine", encoding="utf-8")
    assert main(["init"]) == 2
    assert "`storyboard.yaml` is there already" in capsys.readouterr().err
    assert (tmp_path / "storyboard.yaml").read_text(encoding="utf-8") == "mine"
    assert main(["init", "--force"]) == 0
    assert (tmp_path / "storyboard.yaml").read_text(encoding="utf-8") == template_text("hello")


def test_init_adds_to_a_gitignore_only_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.log\n/out", encoding="utf-8")
    main(["init", "--json"])
    assert json.loads(capsys.readouterr().out)["data"]["ignored"] == [".kling-pipe/", ".env", "*.simulated.lock.yaml"]
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == (
        "*.log\n/out\n.kling-pipe/\n.env\n*.simulated.lock.yaml\n"
    )


def test_init_makes_the_folder_it_is_given(tmp_path: Path) -> None:
    assert main(["init", "films/first"]) == 0
    assert (tmp_path / "films" / "first" / "storyboard.yaml").is_file()


def test_schema_lists_prints_and_knows_near_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out.splitlines() == list(schema_names())
    assert main(["schema", "storyboard"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert main(["schema", "image-to-video"]) == 2
    assert "did you mean `steps/image-to-video`?" in capsys.readouterr().err


def test_schema_installs_for_an_editor(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "film.yaml").write_text("storyboard: 1\n", encoding="utf-8")
    (tmp_path / "win.yml").write_bytes(b"\xef\xbb\xbfstoryboard: 1\r\nname: win\r\n")
    (tmp_path / "intro.yaml").write_text("fragment: 1\n", encoding="utf-8")
    (tmp_path / "kling-pipe.yaml").write_text("budget: 5 USD\n", encoding="utf-8")
    (tmp_path / "known.yaml").write_text("# yaml-language-server: $schema=mine.json\nstoryboard: 1\n", encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"name: Caf\xe9\n")
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["schema", "--install"]) == 0
    said = capsys.readouterr()
    count = len(schema_names())
    assert said.out.splitlines() == [
        f"wrote {count} schemas into .kling-pipe-schemas",
        "wrote .vscode/settings.json",
        *(f"headed {name}" for name in ("film.yaml", "intro.yaml", "kling-pipe.yaml", "win.yml")),
    ]
    assert "Neovim" in said.err
    assert "JetBrains" in said.err
    head = "# yaml-language-server: $schema=.kling-pipe-schemas/{}.schema.json"
    assert (tmp_path / "film.yaml").read_text("utf-8") == f"{head.format('storyboard')}\nstoryboard: 1\n"
    assert (tmp_path / "intro.yaml").read_text("utf-8") == f"{head.format('fragment')}\nfragment: 1\n"
    assert (tmp_path / "kling-pipe.yaml").read_text("utf-8") == f"{head.format('project')}\nbudget: 5 USD\n"
    assert (tmp_path / "win.yml").read_bytes() == (
        b"\xef\xbb\xbf" + head.format("storyboard").encode() + b"\r\nstoryboard: 1\r\nname: win\r\n"
    )
    for name in ("known.yaml", "compose.yaml", "latin.yaml"):
        assert (tmp_path / name).read_bytes() == kept[name]
    assert (tmp_path / ".kling-pipe-schemas" / "steps" / "motion-control.schema.json").is_file()
    assert main(["validate", "win.yml"], environment={}) == 2  # it has no steps; the head is read over
    capsys.readouterr()
    assert main(["schema", "--install"]) == 0
    assert capsys.readouterr().out == f"wrote {count} schemas into .kling-pipe-schemas\n"


def test_schema_keeps_an_editor_s_settings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    settings = tmp_path / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{\n  // mine\n  "editor.tabSize": 2,\n}\n', encoding="utf-8")
    assert main(["schema", "--install"]) == 0
    assert "added to .vscode/settings.json\n" in capsys.readouterr().out
    text = settings.read_text(encoding="utf-8")
    assert text.endswith('},\n  // mine\n  "editor.tabSize": 2,\n}\n')
    assert '"./.kling-pipe-schemas/project.schema.json": [' in text
    settings.write_text("<<<<<<< HEAD\n", encoding="utf-8")
    assert main(["schema", "--install", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["settings"] == ""
    assert settings.read_text(encoding="utf-8") == "<<<<<<< HEAD\n"
    assert main(["schema", "--install"]) == 0
    assert "`.vscode/settings.json` was left alone" in capsys.readouterr().err


def test_schema_installs_into_no_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["schema", "--install", "--folder", "nowhere"]) == 2
    assert "`nowhere`" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
