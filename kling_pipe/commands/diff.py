"""`kling-pipe diff`: what changed between two git revisions of a storyboard, and what it costs."""

from __future__ import annotations

import os

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface, shown_path


@face.command(
    "diff",
    "kling-pipe diff storyboard.yaml",
    "kling-pipe diff storyboard.yaml HEAD~1 --simulate",
    "kling-pipe diff storyboard.yaml main...HEAD --markdown",
    "kling-pipe diff storyboard.yaml HEAD~2..HEAD --sheet before-and-after.html",
)
@face.storyboard_argument
@click.argument("revisions", default="HEAD")
@click.option("--simulate", is_flag=True, help="Of what the built-in simulator made: nothing is spent.")
@click.option("--markdown", is_flag=True, help="Print Markdown for a comment of a pull request.")
def command(surface: Surface, storyboard: str, revisions: str, *, simulate: bool, markdown: bool) -> Outcome:
    """Say what changed between two git revisions of a storyboard: steps changed, stale below, added, removed and
    renamed, what making the later one costs now, and what each costs from scratch. Nothing is sent.

    REVISIONS are `OLD` (against the working tree), `OLD..NEW`, or `OLD...NEW` (from where NEW began to differ).
    """
    from kling_pipe.report.diff_markdown import markdown_of
    from kling_pipe.report.differences import difference_to_json, render_difference
    from kling_pipe.report.ink import ink_of
    from kling_pipe.report.reasons import Look

    options = Options(simulate=simulate, environment=surface.environment)
    report = surface.verbs.diff(storyboard, revisions, options)
    found, name = report.difference, shown_path(storyboard)
    folder = os.path.dirname(found.new.storyboard.path)
    if markdown:
        text = markdown_of(found, report.older, report.newer, name, folder)
    else:
        look = Look(folder, ink_of(colour=surface.painted), columns(surface.environment, usual=0))
        is_next = bool(found.cost) and not report.newer.commit
        following = f"next: `{run_command(storyboard, options)}`\n" if is_next else ""
        text = render_difference(found, report.older, report.newer, name, look, following)
    return Outcome(
        data=difference_to_json(found, report.older, report.newer),
        text=text,
        problems=report.problems,
        texts=report.texts,
    )
