"""`kling-pipe plan`: what would run and why, what it costs and how long it takes."""

from __future__ import annotations

import shlex
import sys

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns_to_fold
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, typed_path


@face.command(
    "plan",
    "kling-pipe plan storyboard.yaml",
    "kling-pipe plan storyboard.yaml --simulate",
    "kling-pipe plan storyboard.yaml --only hero --json",
    "kling-pipe plan storyboard.yaml --simulate -o plan.json",
)
@face.storyboard_argument
@face.choice_switches
@click.option("--all-providers", is_flag=True, help="Compare with every other road, as `kling-pipe quote` does.")
@click.option("--full", is_flag=True, help="Tell every member and every deliverable on a line of its own.")
@click.option(
    "-o", "--output", type=click.Path(), default=None, metavar="FILE",
    help="Write the plan into a file, for `kling-pipe run FILE` to carry out as it stands.",
)  # fmt: skip
def command(
    surface: Surface,
    storyboard: str,
    only: tuple[str, ...],
    provider: str,
    output: str | None,
    *,
    simulate: bool,
    full: bool,
    all_providers: bool,
) -> Outcome:
    """Say what would run and why, its price, its route and the expected time. Nothing is sent.

    With -o the plan is written down with everything it was made from. `kling-pipe run FILE` carries it out without
    asking, and refuses when a text, an input, a price or the lock has changed meanwhile.
    """
    from kling_pipe.report.plans import plan_to_json, render_plan

    options = Options(simulate=simulate, only=only, provider=provider, environment=surface.environment)
    if output is None:
        result, next_command = surface.verbs.plan(storyboard, options), run_command(storyboard, options)
    else:
        result = surface.verbs.plan_on_paper(storyboard, options, output)
        next_command = f"kling-pipe run {typed_path(output)}"
    data, text = {**plan_to_json(result.plan), "output": output}, render_plan(result.plan, next_command, full=full)
    if all_providers:
        from kling_pipe.report.quotes import quote_to_json, render_quote

        found = surface.verbs.quote(storyboard, options, every=True).quote
        data, text = (
            {**data, "quote": quote_to_json(found)},
            f"{text}\n{render_quote(found, columns=columns_to_fold(surface.environment, sys.stdout))}",
        )
    return Outcome(
        data=data,
        text=text,
        problems=tuple(result.problems),
        texts=result.texts,
    )


def run_command(storyboard: str, options: Options) -> str:
    """The `run` that belongs to the same options, as it is typed."""
    words = ["kling-pipe run", typed_path(storyboard)]
    words += ["--simulate"] if options.simulate else []
    words += [f"--only {shlex.quote(step)}" for step in options.only]
    words += [f"--provider {shlex.quote(options.provider)}"] if options.provider else []
    return " ".join(words)


_on_a_road = frozenset({"another"})  # the others go by the lock file alone


def choosing_command(verb: str, storyboard: str, address: str, options: Options) -> str:
    """`takes`, `pick TAKE`, `another` or `accept` of an address, as it is typed."""
    name, *more = verb.split()
    words = [f"kling-pipe {name}", typed_path(storyboard), shlex.quote(address), *more]
    words += ["--simulate"] if options.simulate else []
    words += [f"--provider {shlex.quote(options.provider)}"] if options.provider and name in _on_a_road else []
    return " ".join(words)


def settle_command(storyboard: str, options: Options) -> str:
    """What settles a step of the storyboard once its name and a decision follow."""
    return " ".join(["kling-pipe settle", *(["--simulate"] if options.simulate else []), typed_path(storyboard)])
