"""`kling-pipe accept`: keeps what is stale as it was made."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface


@face.command(
    "accept",
    "kling-pipe accept storyboard.yaml hero",
    "kling-pipe accept storyboard.yaml 'spot[locale=de]'",
    "kling-pipe accept storyboard.yaml hero --undo",
)
@face.storyboard_argument
@click.argument("address")
@click.option("--undo", is_flag=True, help="Take the word back: it is stale again, and the next run makes it anew.")
@click.option("--simulate", is_flag=True, help="Keep what the built-in simulator made.")
def command(surface: Surface, storyboard: str, address: str, *, undo: bool, simulate: bool) -> Outcome:
    """Keep what is stale as it was made, until its recipe changes again.

    The word is written into the lock file, with its date. What is wired to the step is made from the old files.
    Nothing is sent and nothing is spent.
    """
    from kling_pipe.report.choices import choice_to_json, render_choice

    options = Options(simulate=simulate, environment=surface.environment)
    act = surface.verbs.forget_acceptance if undo else surface.verbs.accept
    choice = act(storyboard, address, options)

    def said(name: str) -> str:
        member = choice.after.members[name]
        return f"{member.standing} again, {member.reason}" if undo else member.reason

    return Outcome(
        data=choice_to_json(choice, accepted=not undo),
        text=render_choice(choice, said),
        talk=f"next: `{run_command(storyboard, options)}`",
    )
