"""`kling-pipe plan`: what would run and why, what it costs and how long it takes."""

from __future__ import annotations

import shlex

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, typed_path


@face.command(
    "plan",
    "kling-pipe plan storyboard.yaml",
    "kling-pipe plan storyboard.yaml --simulate",
    "kling-pipe plan storyboard.yaml --only hero --json",
)
@face.storyboard_argument
@face.choice_switches
@click.option("--full", is_flag=True, help="Tell every member and every deliverable on a line of its own.")
def command(
    surface: Surface, storyboard: str, only: tuple[str, ...], provider: str, *, simulate: bool, full: bool
) -> Outcome:
    """Say what would run and why, its price, its route and the expected time. Nothing is sent."""
    from kling_pipe.report.plans import plan_to_json, render_plan

    options = Options(simulate=simulate, only=only, provider=provider, environment=surface.environment)
    result = surface.verbs.plan(storyboard, options)
    return Outcome(
        data=plan_to_json(result.plan),
        text=render_plan(result.plan, run_command(storyboard, options), full=full),
        problems=tuple(result.problems),
        texts=result.texts,
    )


def run_command(storyboard: str, options: Options) -> str:
    """The `run` that belongs to the same options, as it is typed."""
    words = ["kling-pipe run", typed_path(storyboard)]
    words += ["--simulate"] if options.simulate else []
    words += [f"--only {shlex.quote(step)}" for step in options.only]
    words += [f"--provider {options.provider}"] if options.provider else []
    return " ".join(words)


def settle_command(storyboard: str, options: Options) -> str:
    """What settles a step of the storyboard once its name and a decision follow."""
    return " ".join(["kling-pipe settle", *(["--simulate"] if options.simulate else []), typed_path(storyboard)])
