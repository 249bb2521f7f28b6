"""`kling-pipe show`: a storyboard's outline, or every value of it with where it came from."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, typed_path
from kling_pipe.errors import UsageFailure


@face.command(
    "show",
    "kling-pipe show storyboard.yaml",
    "kling-pipe show storyboard.yaml --resolved",
    "kling-pipe show storyboard.yaml --resolved --only boat --json",
)
@face.storyboard_argument
@click.option("--resolved", is_flag=True, help="Every value of every member as YAML, with where it came from.")
@click.option(
    "--only", multiple=True, metavar="ADDRESS", help="Only this step or member, with --resolved; may be repeated."
)
@click.option("--simulate", is_flag=True, help="With the picks of what the built-in simulator made.")
def command(surface: Surface, storyboard: str, only: tuple[str, ...], *, resolved: bool, simulate: bool) -> Outcome:
    """Show what a storyboard says once everything is put together: its files, axes, inputs, steps and deliverables.

    With --resolved: every member after includes, fragments, defaults, axes and expressions, with the defaults of its
    model. Without axes what is shown is a storyboard again. Nothing is sent.
    """
    from kling_pipe.report.showing import render_shown, shown_to_json

    for name, given in (("--only", bool(only)), ("--simulate", simulate)):
        if given and not resolved:
            raise UsageFailure("needs-option", f"`{name}` needs `--resolved`", hint="add `--resolved`")
    options = Options(only=only, simulate=simulate, environment=surface.environment)
    verbs = surface.verbs
    shown = verbs.show_resolved(storyboard, options) if resolved else verbs.show(storyboard, options)
    return Outcome(
        data=shown_to_json(shown.whole),
        text=render_shown(shown.whole),
        talk="" if resolved else f"next: `kling-pipe show {typed_path(storyboard)} --resolved` tells every value",
        problems=shown.problems,
        texts=shown.texts,
        verbatim=True,
    )
