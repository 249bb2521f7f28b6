"""`kling-pipe validate`: checks a storyboard and names every problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, shown_path, typed_path
from kling_pipe.errors import ExitCode, Severity
from kling_pipe.report.amounts import plural

if TYPE_CHECKING:
    from kling_pipe.api.checking import Checked


@face.command("validate", "kling-pipe validate storyboard.yaml", "kling-pipe validate storyboard.yaml --json")
@face.storyboard_argument
def command(surface: Surface, storyboard: str) -> Outcome:
    """Check a storyboard: text, names, wiring, each model's limits and the real media. Nothing is sent."""
    checked = surface.verbs.check(storyboard, Options(environment=surface.environment))
    errors = sum(problem.severity is Severity.ERROR for problem in checked.problems)
    shown = shown_path(storyboard)
    return Outcome(
        data={"path": storyboard, "steps": checked.steps, "members": checked.members, "errors": errors},
        text="" if errors else f"{shown}: {_counted(checked)}, no errors\n",
        talk=f"{plural(errors, 'error')} in `{shown}`"
        if errors
        else f"next: `kling-pipe plan {typed_path(storyboard)}`",
        problems=tuple(checked.problems),
        texts=checked.texts,
        exit_code=ExitCode.USAGE if errors else ExitCode.DONE,
    )


def _counted(checked: Checked) -> str:
    steps = plural(checked.steps, "step")
    return steps if checked.steps == checked.members else f"{steps}, {plural(checked.members, 'member')}"
