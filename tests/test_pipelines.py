"""Every storyboard in `pipelines/` is checked, planned and made on the simulator, and made again for nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kling_pipe.api.running import World
from kling_pipe.cli import main
from kling_pipe.commands.simulation import simulated_world
from kling_pipe.commands.verbs import Verbs

root = Path(__file__).resolve().parent.parent
names = sorted(path.name for path in (root / "pipelines").glob("*.yaml"))
made_of = {"hello.yaml": 2, "product-launch.yaml": 7, "dance-challenge.yaml": 1}


class SmallMedia(Verbs):
    """The library as it is, in a world that makes small files."""

    @contextmanager
    def simulated_world(self, home: str, speed: float) -> Iterator[World]:
        with simulated_world(home, speed, media="small") as world:
            yield world


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(root / "pipelines", tmp_path / "pipelines", ignore=shutil.ignore_patterns("out", ".kling-pipe"))
    monkeypatch.chdir(tmp_path / "pipelines")


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    code = main([*words, "--json"], verbs=SmallMedia())
    envelope = json.loads(capsys.readouterr().out)
    assert (code, envelope["problems"]) == (0, [])
    data = envelope["data"]
    assert isinstance(data, dict)
    return data


def test_every_storyboard_is_expected_here() -> None:
    assert set(names) == set(made_of)


@pytest.mark.parametrize("name", names)
def test_it_has_no_problems(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(["validate", name], capsys) == {"path": name, "steps": made_of[name], "errors": 0}


@pytest.mark.parametrize("name", names)
def test_it_can_be_planned_without_credentials(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = told(["plan", name, "--simulate"], capsys)
    members = plan["members"]
    assert isinstance(members, list)
    assert len(members) == made_of[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", names)
def test_it_is_made_once_and_only_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = told(["run", name, "--simulate", "--speed", "60"], capsys)
    again = told(["run", name, "--simulate", "--speed", "60"], capsys)
    assert (counted(first), counted(again)) == ((made_of[name], 0), (0, made_of[name]))
    assert again["spent"] == {"usd": "0", "units": {}}
    deliverables = first["deliverables"]
    assert isinstance(deliverables, list)
    assert deliverables != []
    assert [item["path"] for item in deliverables if not os.path.getsize(item["path"])] == []


def counted(data: dict[str, object]) -> tuple[int, int]:
    counts = data["counts"]
    assert isinstance(counts, dict)
    assert set(counts.values()) - {counts["done"], counts["current"], 0} == set()
    return counts["done"], counts["current"]
