"""Every example at the end of a command's help is typed in a project that has what it names, and ends as documented.

The service is a simulator in another process, so nothing leaves this machine and nobody pays.
"""

from __future__ import annotations

import shlex
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import pytest

from kling_pipe.commands.face import ExampledCommand, ExampledGroup
from kling_pipe.commands.table import commands, group
from tests.commands.prepared import Project, storyboard
from tests.scenarios.stage import typed

pytestmark = pytest.mark.slow
# The exit codes of examples that end otherwise than with 0.
documented: Mapping[str, int] = {
    "kling-pipe settle storyboard.yaml hero --resubmit": 2,  # a picture carries an id, so its job is never uncertain
    "kling-pipe settle storyboard.yaml hero --adopt 871234567890123456": 2,
    "kling-pipe settle storyboard.yaml hero --drop": 2,
}
mine = "{type: kling, base_url: '%s', credentials: {api_key: {env: KLINGAI_API_KEY}}}"
served = ("kling-pipe simulator",)  # they go on until somebody stops them, so they are parsed only


def examples() -> Iterator[str]:
    """Every example of every command and of the commands below it."""
    context = click.Context(group)
    for name in commands:
        command = group.get_command(context, name)
        assert isinstance(command, ExampledCommand | ExampledGroup)
        yield from command.examples
        for below in command.commands.values() if isinstance(command, ExampledGroup) else ():
            assert isinstance(below, ExampledCommand)
            yield from below.examples


def as_it_was_made(folder: Path) -> None:
    (folder / "storyboard.yaml").write_text(storyboard)


def delivered_by_the_simulator(folder: Path) -> None:
    as_it_was_made(folder)
    assert typed(folder, "run", "storyboard.yaml", "--simulate", "--speed", "2000").code == 0


def another_card(folder: Path) -> None:
    (folder / "storyboard.yaml").write_text(storyboard.replace("A card", "A sign"))


def accepted(folder: Path) -> None:
    assert typed(folder, "accept", "storyboard.yaml", "hero").code == 0


def no_storyboard(folder: Path) -> None:
    (folder / "storyboard.yaml").unlink()


def another_folder(folder: Path) -> None:
    (folder / "my-project").mkdir()


def another_storyboard(folder: Path) -> None:
    (folder / "film.yaml").write_text(storyboard.replace("name: examples", "name: film"))


def planned(folder: Path) -> None:
    as_it_was_made(folder)
    assert typed(folder, "plan", "storyboard.yaml", "-o", "plan.json").code == 0


# What has to be done before an example, by how it begins.
before: Mapping[str, Callable[[Path], None]] = {
    "kling-pipe accept storyboard.yaml 'spot": another_card,
    "kling-pipe accept storyboard.yaml hero --undo": accepted,
    "kling-pipe another": as_it_was_made,
    "kling-pipe doctor my-project": another_folder,
    "kling-pipe init": no_storyboard,
    "kling-pipe ledger reconcile storyboard.yaml film.yaml": another_storyboard,
    "kling-pipe run plan.json": planned,
    "kling-pipe run storyboard.yaml --frozen": as_it_was_made,
    "kling-pipe run storyboard.yaml --simulate": another_card,
    "kling-pipe verify storyboard.yaml --simulate": delivered_by_the_simulator,
}
typed_examples = list(dict.fromkeys(examples()))


@pytest.mark.parametrize("example", [one for one in typed_examples if not one.startswith(served)])
def test_an_example_ends_as_documented(example: str, project: Project, tmp_path: Path) -> None:
    folder = project.copied_to(tmp_path / "project")
    for begun, prepare in before.items():
        if example.startswith(begun):
            prepare(folder)
    if "--provider mine" in example:
        (folder / "kling-pipe.yaml").write_text(
            f"profiles: {{mine: {mine % project.environment['KLINGAI_BASE_URL']}}}\n"
        )
    words = shlex.split(example.replace("--callback-port 8710", f"--callback-port {free_port()}"))[1:]
    said = typed(folder, *words, environment=project.environment)
    assert said.code == documented.get(example, 0), said.all
    assert "Traceback" not in said.all


@pytest.mark.parametrize("example", [one for one in typed_examples if one.startswith(served)])
def test_an_example_that_would_go_on_is_one_that_parses(example: str) -> None:
    words = shlex.split(example)[1:]
    command = group.get_command(click.Context(group), words[0])
    assert command is not None
    assert command.make_context(words[0], words[1:]).params


def test_every_command_has_an_example_of_its_own() -> None:
    begun = [" ".join(shlex.split(example)[1:2]) for example in typed_examples]
    assert [name for name in commands if name not in begun] == []


def test_nothing_is_prepared_or_documented_that_no_help_shows() -> None:
    assert sorted(set(documented) - set(typed_examples)) == []
    assert [begun for begun in before if not any(one.startswith(begun) for one in typed_examples)] == []


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
