"""`kling-pipe status`: what is made, what is under way, what was spent."""

from __future__ import annotations

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface, shown_path


@face.command("status", "kling-pipe status storyboard.yaml", "kling-pipe status storyboard.yaml --simulate --json")
@face.storyboard_argument
@face.choice_switches
def command(surface: Surface, storyboard: str, only: tuple[str, ...], provider: str, *, simulate: bool) -> Outcome:
    """Show how every step stands, its task at the provider, and what was spent. Nothing is sent."""
    from kling_pipe.report.statuses import render_status, status_to_json

    options = Options(simulate=simulate, only=only, provider=provider, environment=surface.environment)
    report = surface.verbs.status(storyboard, options)
    return Outcome(
        data=status_to_json(report),
        text=render_status(report, shown_path(storyboard), run_command(storyboard, options)),
    )
