"""`kling-pipe quote`: what a storyboard costs on each road, and what each road makes of it."""

from __future__ import annotations

import sys

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns_to_fold
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, typed_path


@face.command(
    "quote",
    "kling-pipe quote storyboard.yaml",
    "kling-pipe quote storyboard.yaml --all-providers --json",
    "kling-pipe quote storyboard.yaml --provider kling,gateway",
    "kling-pipe quote storyboard.yaml --ask",
)
@face.storyboard_argument
@click.option("--all-providers", is_flag=True, help="Every road there is; so it is without --provider, too.")
@click.option("--provider", default="", metavar="PROFILES", help="These profiles, first or alone, as `a,b`.")
@click.option("--ask", is_flag=True, help="Ask services for their own prices, where they tell them for nothing.")
def command(surface: Surface, storyboard: str, provider: str, *, all_providers: bool, ask: bool) -> Outcome:
    """Say what a storyboard costs on each road, and what is refused, named otherwise or lacking there.

    It is reckoned from the catalogues, as if nothing were made yet and every step went the one road. No network is
    used, nothing is bought and nothing is written.

    With --ask a service that answers what a step would cost is asked, where its credentials are set. The questions are
    free; they hold the texts of the steps, and none of their files.
    """
    from kling_pipe.report.quotes import quote_to_json, render_quote

    options = Options(provider=provider, environment=surface.environment)
    every = all_providers or not options.profiles
    if ask:
        import asyncio

        result = asyncio.run(surface.verbs.quote_by_services(storyboard, options, every=every))
    else:
        result = surface.verbs.quote(storyboard, options, every=every)
    cheapest = result.quote.cheapest
    roads = cheapest.profile if cheapest is not None else ",".join(result.quote.together)
    next_line = f"next: `kling-pipe plan {typed_path(storyboard)} --provider {roads}`\n" if roads else ""
    return Outcome(
        data=quote_to_json(result.quote),
        text=render_quote(result.quote, next_line, columns_to_fold(surface.environment, sys.stdout)),
        problems=result.problems,
        texts=result.texts,
    )
