"""`kling-pipe status`: what is made, what is under way, what was spent."""

from __future__ import annotations

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.values.job import Realm


@face.command("status", "kling-pipe status storyboard.yaml", "kling-pipe status storyboard.yaml --simulate --json")
@face.storyboard_argument
@face.choice_switches
def command(surface: Surface, storyboard: str, only: tuple[str, ...], provider: str, *, simulate: bool) -> Outcome:
    """Show how every step stands, its task at the provider, and what was spent. Nothing is sent."""
    from kling_pipe.report.statuses import render_status, status_to_json

    options = Options(simulate=simulate, only=only, provider=provider, environment=surface.environment)
    report = surface.verbs.status(storyboard, options)
    realm = Realm.SIMULATED if simulate else Realm.REAL
    room = columns(surface.environment, usual=0)  # a pipe has all there is, for whoever looks for a request's id
    return Outcome(
        data=status_to_json(report, realm),
        text=render_status(report, realm, shown_path(storyboard), run_command(storyboard, options), room),
    )
