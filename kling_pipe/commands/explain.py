"""`kling-pipe models explain`: everything that is known about one model."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface


@face.command(
    "explain",
    "kling-pipe models explain kling-v3",
    "kling-pipe models explain kling-lip-sync",
    "kling-pipe models explain klingai:kling-video@2.6-pro --json",
)
@click.argument("model")
def command(surface: Surface, model: str) -> Outcome:
    """Tell everything about one model: the kinds it serves, every parameter and file with its limits, the rules, prices
    with examples, other names, the ways its requests travel, and where each of these facts comes from.

    MODEL may be any name that a storyboard may use: the model's own, an alias, another service's name for it.
    """
    from kling_pipe.report.explanations import explanation_to_json, render_explanation

    found = surface.verbs.explain(Options(environment=surface.environment), model)
    return Outcome(data=explanation_to_json(found), text=render_explanation(found, columns(surface.environment)))
