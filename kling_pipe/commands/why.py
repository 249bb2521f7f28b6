"""`kling-pipe why`: how a step stands and why, part by part, and what making it again would cost."""

from __future__ import annotations

import os
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import choosing_command, run_command, settle_command
from kling_pipe.commands.surface import Surface

if TYPE_CHECKING:
    from kling_pipe.api.why import WhyReport


@face.command(
    "why",
    "kling-pipe why storyboard.yaml sets_sail",
    "kling-pipe why storyboard.yaml sets_sail --simulate",
    "kling-pipe why storyboard.yaml boat --simulate --json",
)
@face.storyboard_argument
@click.argument("address")
@face.provider_switch
@click.option("--simulate", is_flag=True, help="Of what the built-in simulator made: nothing is spent.")
def command(surface: Surface, storyboard: str, address: str, provider: str, *, simulate: bool) -> Outcome:
    """Say how a step stands and why: its recipe with what changed since it was made, what goes stale below it, and
    what making each again would cost. Nothing is sent.

    ADDRESS is a step (`spot`: all its members), members at an axis value (`spot[locale=de]`) or one member.
    """
    from kling_pipe.report.ink import ink_of
    from kling_pipe.report.reasons import Look, render_whys, whys_to_json

    options = Options(simulate=simulate, provider=provider, environment=surface.environment)
    report = surface.verbs.why(storyboard, address, options)
    folder = os.path.dirname(report.plan.storyboard.path)
    look = Look(folder, ink_of(colour=surface.painted), columns(surface.environment, usual=0))
    return Outcome(
        data=whys_to_json(report.plan, report.whys, report.costs),
        text=render_whys(
            report.plan, report.whys, report.costs, look,
            _next(storyboard, address, options, report),
        ),
        problems=report.problems,
        texts=report.texts,
    )  # fmt: skip


def _next(storyboard: str, address: str, options: Options, report: WhyReport) -> str:
    only = run_command(storyboard, replace(options, only=(address,)))
    if report.is_uncertain:
        settles = f"{settle_command(storyboard, options)} {quote(address)}"
        return f"next: look it up at the provider, then settle it: `{settles} --adopt TASK`, `--resubmit` or `--drop`\n"
    if report.is_bought:
        all_of_it = run_command(storyboard, options)
        keeps = choosing_command("accept", storyboard, address, options)
        accept = f"      `{keeps}` keeps it as it was made\n" if report.is_stale else ""
        below = f"      `{all_of_it}` makes what is below too\n" if any(why.below for why in report.whys) else ""
        return f"next: `{only}` makes it and what it needs\n{below}{accept}"
    return f"next: `{only}` goes on with what is under way\n" if report.is_running else ""
