"""`kling-pipe pick`: chooses the take that goes on."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface


@face.command(
    "pick",
    "kling-pipe pick storyboard.yaml hero 2",
    "kling-pipe pick storyboard.yaml 'spot[locale=de]' 1 --json",
)
@face.storyboard_argument
@click.argument("address")
@click.argument("take", type=click.IntRange(min=1))
@click.option("--simulate", is_flag=True, help="Pick among takes of the built-in simulator.")
def command(surface: Surface, storyboard: str, address: str, take: int, *, simulate: bool) -> Outcome:
    """Choose the take that goes on: what is wired to the step is made from it, and it is what is delivered.

    ADDRESS is a step (all its members) or members of it. The pick is written into the lock file. Nothing is sent and
    nothing is spent; what the pick makes stale is shown with its price.
    """
    from kling_pipe.report.choices import choice_to_json, render_choice

    options = Options(simulate=simulate, environment=surface.environment)
    choice = surface.verbs.pick(storyboard, address, take, options)
    was = {name: choice.before.members[name].step.pick for name in choice.addresses}

    def said(name: str) -> str:
        return f"take {take} is picked" + (" already" if was[name] == take else f", it was take {was[name]}")

    return Outcome(
        data=choice_to_json(choice, take=take),
        text=render_choice(choice, said),
        talk=f"next: `{run_command(storyboard, options)}`",
    )
