"""A provider of another package, built and installed as anybody would, and the page that walks through it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kling_pipe.story.reading import read_storyboard
from tests.projects import project_of
from tests.scenarios.stage import Said, checkout, key, simulator, spawned

source = Path(__file__).parent / "lantern"
page = checkout / "docs" / "providers.md"
block = re.compile(r"^```(\w+) (\S+)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
storyboard = re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)[0]
languages = {".py": "python", ".toml": "toml", ".yaml": "yaml"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package in it, beside one that breaks when it is imported."""
    folder = tmp_path_factory.mktemp("plugins")
    shutil.copytree(source, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    words = ("--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir", "--disable-pip-version-check")
    target = folder / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", *words, "--target", str(target), folder / "source"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (target / "rusty_plugin.py").write_text("import cogwheels\n")
    about = target / "kling_pipe_rusty-0.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: kling-pipe-rusty\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("[kling_pipe.providers]\nrusty = rusty_plugin:entry\n")
    shutil.copytree(target / "kling_pipe_lantern", target / "kling_pipe_ashen")
    for path in (target / "kling_pipe_ashen").glob("*.*"):
        path.write_text(path.read_text("utf-8").replace("lantern", "ashen").replace("price: picture", "price: none"))
    shutil.copytree(about, target / "kling_pipe_ashen-0.1.dist-info")
    for path in (target / "kling_pipe_ashen-0.1.dist-info").iterdir():
        path.write_text(path.read_text().replace("rusty_plugin", "kling_pipe_ashen").replace("rusty", "ashen"))
    return target


def typed(folder: Path, installed: Path, *words: str, **environment: str) -> Said:
    return spawned(folder, *words, environment={**environment, "PYTHONPATH": f"{checkout}{os.pathsep}{installed}"})


rusty = (
    "the provider `rusty` of the package `kling-pipe-rusty` 0.1 cannot be used: "
    "ModuleNotFoundError: No module named 'cogwheels'"
)
ashen = "the provider `ashen` of the package `kling-pipe-ashen` 0.1 cannot be used: "


@pytest.mark.slow
def test_a_storyboard_runs_on_it_in_the_simulator(tmp_path: Path, installed: Path) -> None:
    (tmp_path / "fog.yaml").write_text(storyboard)
    said = typed(tmp_path, installed, "run", "fog.yaml", "--simulate", "--speed", "2000")
    assert (said.code, "rusty" in said.all) == (0, False), said.all
    assert "0.08 USD, simulated" in said.out
    assert (tmp_path / "out" / "hero.png").is_file()
    assert typed(tmp_path, installed, "run", "fog.yaml", "--simulate").out.startswith("2 steps current")
    os.utime(installed / "kling_pipe_lantern" / "models.yaml", (1, 1))  # another version may want something else
    again = typed(tmp_path, installed, "run", "fog.yaml", "--simulate")
    assert (again.code, "nothing to do" in again.out) == (0, False), again.all


@pytest.mark.slow
def test_a_lost_answer_of_it_pays_once(tmp_path: Path, installed: Path) -> None:
    (tmp_path / "fog.yaml").write_text(storyboard)
    path = {"PYTHONPATH": f"{checkout}{os.pathsep}{installed}"}
    with simulator(tmp_path, "--fault", "lantern/lost-after=#1", environment=path) as service:
        address = {"LANTERN_BASE_URL": f"{service.url}/lantern", "LANTERN_API_KEY": key}
        run = typed(tmp_path, installed, "run", "fog.yaml", "--yes", **address)
        doctor = typed(tmp_path, installed, "doctor", **address)
        bills = [(bill["service"], bill["endpoint"], bill["charged"], bill["currency"]) for bill in service.bills()]
    assert "profile lantern  a free query was answered" in doctor.out
    assert f"plug-in          {rusty}" in doctor.out
    assert run.code == 0, run.all
    assert bills == [("lantern", "/pictures", "0.04", "USD")] * 2


@pytest.mark.slow
def test_its_models_are_listed_and_what_it_lacks_is_refused_at_plan_time(tmp_path: Path, installed: Path) -> None:
    explained = typed(tmp_path, installed, "models", "explain", "lantern-1")
    assert "0.04 USD a picture" in explained.out
    listed = typed(tmp_path, installed, "models", "--provider", "lantern")
    assert (listed.code, rusty in listed.err, ashen in listed.err) == (0, True, True), listed.all
    (tmp_path / "fog.yaml").write_text(storyboard.replace("16:9", "21:9"))
    said = typed(tmp_path, installed, "validate", "fog.yaml")
    assert (said.code, "`aspect_ratio` of `lantern-1` is one of" in said.err) == (2, True), said.err


@pytest.mark.slow
def test_one_that_is_broken_is_told_of_by_name_where_it_is_asked_for(tmp_path: Path, installed: Path) -> None:
    (tmp_path / "fog.yaml").write_text(storyboard.replace("provider: lantern", "provider: rusty"))
    said = typed(tmp_path, installed, "validate", "fog.yaml")
    assert said.code == 2
    assert "there is no profile `rusty`" in said.err
    assert rusty in said.err


@pytest.mark.slow
def test_broken_ones_hinder_nobody_who_goes_another_way(tmp_path: Path, installed: Path) -> None:
    plain = "storyboard: 1\nsteps: {hero: {kind: text-to-image, prompt: A lantern, aspect_ratio: 16:9}}\n"
    (tmp_path / "fog.yaml").write_text(plain)
    said = typed(tmp_path, installed, "quote", "fog.yaml")
    assert said.code == 0, said.all
    assert re.search(r"(?m)^.*\blantern\b.*0\.04 USD", said.out), said.out
    assert (rusty in said.err, ashen in said.err) == (True, True), said.err


def test_the_page_holds_the_package_as_it_is() -> None:
    text = page.read_text("utf-8")
    files = {str(path.relative_to(source)): path for path in sorted(source.rglob("*")) if path.suffix in languages}
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        for name, path in files.items():
            written = f"```{languages[path.suffix]} {name}\n{path.read_text('utf-8')}```\n"
            before, _, after = re.split(rf"(?ms)(^@{re.escape(name)}\n|^```\w+ {re.escape(name)}\n.*?^```\n)", text)
            text = before + written + after
        page.write_text(text, "utf-8")
    shown = {name: (language, code) for language, name, code in block.findall(text)}
    assert shown == {name: (languages[path.suffix], path.read_text("utf-8")) for name, path in files.items()}


def test_the_page_s_storyboard_reads_without_problems() -> None:
    reading = read_storyboard("/page/fog.yaml", storyboard.replace("provider: lantern\n", ""), project_of("/page"))
    assert reading.problems == ()
