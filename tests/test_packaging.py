"""What ships: one version everywhere, every command reachable, schemas and pipelines inside the wheel."""

from __future__ import annotations

import importlib
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from kling_pipe import __version__
from kling_pipe.commands.table import commands, commands_below
from kling_pipe.values.files import data_folder

root = Path(__file__).resolve().parent.parent
project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## (\S+)", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == __version__


def test_the_console_entry_can_be_called() -> None:
    module, _, name = project["project"]["scripts"]["kling-pipe"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("name", commands)
def test_every_command_of_the_table_is_there(name: str) -> None:
    assert importlib.import_module(commands[name][0]).command.name == name


def test_no_command_is_forgotten_in_the_table() -> None:
    files = {path.stem for path in (root / "kling_pipe" / "commands").glob("*.py")}
    holding = {stem for stem in files if hasattr(importlib.import_module(f"kling_pipe.commands.{stem}"), "command")}
    below = {name for names in commands_below.values() for name in names}
    assert holding - {"face"} == {*commands, *below}


def test_schemas_and_pipelines_are_found_from_a_checkout() -> None:
    assert Path(data_folder("schemas"), "storyboard.schema.json").is_file()
    assert Path(data_folder("pipelines"), "hello.yaml").is_file()


def test_no_text_of_the_repository_holds_a_machine_s_address() -> None:
    files = [root / "Makefile", root / ".ci" / "run", root / "README.md", root / "pyproject.toml"]
    found = [path.name for path in files if re.search(r"/(?:home|root|work)/|https?://localhost", path.read_text())]
    assert found == []


@pytest.mark.slow
def test_the_wheel_holds_code_schemas_pipelines_and_fonts(tmp_path: Path) -> None:
    builder = importlib.import_module("hatchling.build")
    wheel = tmp_path / builder.build_wheel(str(tmp_path))
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        "kling_pipe/cli.py",
        "kling_pipe/py.typed",
        "kling_pipe/_data/schemas/storyboard.schema.json",
        "kling_pipe/_data/schemas/steps/motion-control.schema.json",
        *(f"kling_pipe/_data/pipelines/{path.name}" for path in (root / "pipelines").glob("*.yaml")),
        *(f"kling_pipe/_data/pipelines/brand/{path.name}" for path in (root / "pipelines/brand").glob("*.yaml")),
        *(f"kling_pipe/_data/pipelines/kinds/{path.name}" for path in (root / "pipelines/kinds").glob("*.yaml")),
        *(f"kling_pipe/_data/pipelines/media/{path.name}" for path in (root / "pipelines" / "media").iterdir()),
        *(f"kling_pipe/report/codes/{path.name}" for path in (root / "kling_pipe/report/codes").iterdir()),
        "kling_pipe/providers/kling/models.yaml",
    }
    assert wanted - names == set()
    assert [name for name in names if name.endswith(".ttf")] != []
    assert [name for name in names if "/out/" in name or "/.kling-pipe/" in name or name.startswith("tests/")] == []
