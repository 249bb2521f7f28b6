"""`kling-pipe library`: elements and voices that steps can name by id."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import ExitCode, Problem

if TYPE_CHECKING:
    from kling_pipe.api.running import World


_speed = 20.0


@face.command(
    "library",
    "kling-pipe library",
    "kling-pipe library --voices --own",
    "kling-pipe library --simulate --json",
)
@click.option("--provider", default="", metavar="PROFILE", help="The profile to ask for.")
@click.option("--elements", is_flag=True, help="Elements only.")
@click.option("--voices", is_flag=True, help="Voices only.")
@click.option("--own", is_flag=True, help="Without the official ones.")
@click.option("--simulate", is_flag=True, help="Ask the built-in simulator.")
@click.option("--folder", type=click.Path(), default=".", show_default=True, help="The project to look into.")
def command(
    surface: Surface, provider: str, folder: str, *, elements: bool, voices: bool, own: bool, simulate: bool
) -> Outcome:
    """List the elements and voices that `elements`, `voices` and `voice` can name by id. Only free questions are asked.

    The voices of `speech` and of `lip-sync` with `text` are another catalogue, which the service does not list.
    """
    from kling_pipe.report.library import library_to_json, render_library

    options = Options(simulate=simulate, provider=provider, environment=surface.environment)
    with ExitStack() as stack:
        world: World | None = None
        if simulate:
            home = surface.verbs.state_folder(folder, options)
            world = stack.enter_context(surface.verbs.simulated_world(home, _speed))
        found = asyncio.run(surface.verbs.library(folder, options, world))
    wanted = {name for name, is_meant in (("element", elements), ("voice", voices)) if is_meant} or {"element", "voice"}
    entries = [entry for entry in found.entries if str(entry.type) in wanted and (entry.is_own or not own)]
    return Outcome(
        data=library_to_json(found.profile, entries),
        text=render_library(entries, is_told=found.is_told),
        problems=tuple(
            Problem("library-refused", f"a list was not shown: {row.refusal}", hint=row.remedy) for row in found.refused
        ),
        exit_code=ExitCode.FAILED if found.refused else ExitCode.DONE,
    )
