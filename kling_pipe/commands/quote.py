"""`kling-pipe quote`: what a storyboard costs on each road, and what each road makes of it."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, typed_path


@face.command(
    "quote",
    "kling-pipe quote storyboard.yaml",
    "kling-pipe quote storyboard.yaml --all-providers --json",
    "kling-pipe quote storyboard.yaml --provider kling,gateway",
)
@face.storyboard_argument
@click.option("--all-providers", is_flag=True, help="Every road there is; so it is without --provider, too.")
@click.option("--provider", default="", metavar="PROFILES", help="These profiles, first or alone, as `a,b`.")
def command(surface: Surface, storyboard: str, provider: str, *, all_providers: bool) -> Outcome:
    """Say what a storyboard costs on each road, and what is refused, named otherwise or lacking there.

    It is reckoned from the catalogues, as if nothing were made yet and every step went the one road. No network is
    used, nothing is bought and nothing is written.
    """
    from kling_pipe.report.quotes import quote_to_json, render_quote

    options = Options(provider=provider, environment=surface.environment)
    result = surface.verbs.quote(storyboard, options, every=all_providers or not options.profiles)
    cheapest = result.quote.cheapest
    roads = cheapest.profile if cheapest is not None else ",".join(result.quote.together)
    next_line = f"next: `kling-pipe plan {typed_path(storyboard)} --provider {roads}`\n" if roads else ""
    return Outcome(
        data=quote_to_json(result.quote),
        text=render_quote(result.quote, next_line),
        problems=result.problems,
        texts=result.texts,
    )
