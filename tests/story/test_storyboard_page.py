"""`docs/storyboard.md`: every example reads without problems, and every key of every schema stands on the page."""

from __future__ import annotations

import json
import os
import re

import pytest

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue import load_catalogue
from kling_pipe.plan.examination import examine
from kling_pipe.providers.table import table
from kling_pipe.story.kinds import kinds, later_kinds
from kling_pipe.story.reading import Reading, read_storyboard, reserved_names
from kling_pipe.story.schema import schema_text
from kling_pipe.values.profile import Profile
from tests.projects import project_of, read_project

with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "storyboard.md"), encoding="utf-8") as file:
    page = file.read()
storyboards = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
files = dict(re.findall(r"^```yaml (\S+/\S+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
projects = re.findall(r"^```yaml project\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
catalogues = {name: load_catalogue(name, entry.read) for name, entry in table.items()}
examples = [*storyboards, *files.values(), *projects]


def _read(number: int) -> Reading:
    """Reads an example; the files it names stand on the page too."""
    project = project_of(os.path.abspath("page"))
    return read_storyboard(
        "page/story.yaml", storyboards[number], project, lambda path: files[path.removeprefix("page/")]
    )


@pytest.mark.parametrize("number", range(len(storyboards)))
def test_storyboard_example_reads_without_problems(number: int) -> None:
    assert storyboards[number].startswith("storyboard: 1\n")
    reading = _read(number)
    assert reading.problems == ()
    assert reading.storyboard is not None


@pytest.mark.parametrize("number", range(len(storyboards)))
def test_storyboard_example_suits_the_models_it_names(number: int) -> None:
    storyboard = _read(number).storyboard
    assert storyboard is not None
    problems = examine(storyboard, lambda step: catalogues[next(iter(step.provider), "kling")], lambda _: None).problems
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []


@pytest.mark.parametrize("text", projects)
def test_project_example_reads_without_problems(text: str) -> None:
    assert read_project("page/kling-pipe.yaml", text)[1] == ()


@pytest.mark.parametrize("kind", kinds)
def test_every_key_of_a_kind_has_an_example(kind: str) -> None:
    keys = json.loads(schema_text(f"steps/{kind}"))["properties"]
    section = page.partition(f"### `{kind}`")[2].partition("\n### ")[0].partition("\n## ")[0]
    steps = page.partition("## Steps")[2].partition("### `")[0]
    assert [key for key in keys if f"`{key}`" not in section + steps] == []
    assert [key for key in keys if not any(re.search(rf"\b{key}:", example) for example in examples)] == []


@pytest.mark.parametrize("name", ["storyboard", "fragment", "project"])
def test_every_key_of_a_file_has_an_example(name: str) -> None:
    keys = json.loads(schema_text(name))["properties"]
    assert [key for key in keys if not any(re.search(rf"^{key}:", text, re.MULTILINE) for text in examples)] == []


def test_every_built_in_profile_stands_in_the_table_with_all_its_variables() -> None:
    lines = dict(re.findall(r"(?m)^\| `([a-z-]+)` \| (.*\|.*) \|$", page))
    written = {name: set(re.findall(r"`([A-Z_]+)`", lines.get(name, ""))) for name in table.builtin}
    assert written == {name: variables_of(entry.profile) for name, entry in table.builtin.items()}


def test_reserved_names_and_later_kinds_are_listed() -> None:
    local = {"assemble", "trim", "frame", "mix", "overlay", "reframe", "contact-sheet"}
    assert [name for name in sorted((later_kinds - local) | reserved_names) if f"`{name}`" not in page] == []


def variables_of(profile: Profile) -> set[str]:
    sources = (profile.api_key, profile.access_key, profile.secret_key, profile.user, profile.webhook_secret)
    hosts = (host.variable for host in profile.hosts.values())
    return {name for name in (profile.base_url_variable, *(one.variable for one in sources if one), *hosts) if name}
