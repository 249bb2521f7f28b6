"""`kling-pipe verify`: hashes stored files and deliverables again and holds them against the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.errors import ExitCode

if TYPE_CHECKING:
    from kling_pipe.api.verifying import Verified


@face.command("verify", "kling-pipe verify storyboard.yaml", "kling-pipe verify storyboard.yaml --simulate --json")
@face.storyboard_argument
@click.option("--simulate", is_flag=True, help="Look at what the built-in simulator made.")
def command(surface: Surface, storyboard: str, *, simulate: bool) -> Outcome:
    """Read every stored file and every deliverable, and say which is missing, damaged or changed.

    Nothing is sent and nothing is changed. The exit code is 1 when anything is not as the lock file says.
    """
    from kling_pipe.report.verification import render_verified, verified_to_json

    options = Options(simulate=simulate, environment=surface.environment)
    found = surface.verbs.verify(storyboard, options)
    lock = shown_path(found.lock_path)
    return Outcome(
        data=verified_to_json(found.files, found.lock_path),
        text=render_verified(found.files, lock, shown_path),
        talk=_next(found, run_command(storyboard, options)) if found.wrong else "",
        exit_code=ExitCode.FAILED if found.wrong else ExitCode.DONE,
    )


def _next(found: Verified, run: str) -> str:
    """A run believes in the size of a stored file, so a damaged one is moved out of its way first."""
    if any(file.state == "damaged" for file in found.wrong):
        return f"next: move the damaged files away, then `{run}`"
    return f"next: `{run}`"
