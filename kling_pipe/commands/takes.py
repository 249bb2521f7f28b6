"""`kling-pipe takes`: what was made of a step, take by take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import choosing_command, run_command
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.values.job import Realm

if TYPE_CHECKING:
    from kling_pipe.api.choosing import TakeRow


def _png(_: click.Context, __: click.Parameter, value: str) -> str:
    if value and not value.lower().endswith(".png"):
        raise click.BadParameter(f"a sheet is a PNG, and `{value}` does not end in `.png`")
    return value


@face.command(
    "takes",
    "kling-pipe takes storyboard.yaml hero",
    "kling-pipe takes storyboard.yaml hero --simulate --sheet takes.png",
)
@face.storyboard_argument
@click.argument("address")
@click.option("--sheet", default="", callback=_png, metavar="PATH", help="Write all takes side by side into this PNG.")
@click.option("--simulate", is_flag=True, help="List takes of the built-in simulator.")
def command(surface: Surface, storyboard: str, address: str, sheet: str, *, simulate: bool) -> Outcome:
    """List the takes of a step or of its members: which is picked, what each is, its price, day and file.

    The files lie in the store: look at them, and leave them as they are. Nothing is sent.
    """
    from kling_pipe.report.choices import render_takes, takes_said, takes_to_json

    options = Options(simulate=simulate, environment=surface.environment)
    rows = surface.verbs.takes(storyboard, address, options)
    data = takes_to_json(rows, Realm.SIMULATED if simulate else Realm.REAL)
    text = render_takes(rows, shown_path)
    if sheet:
        shown = surface.verbs.sheet(rows, sheet)
        data = {**data, "sheet": sheet}
        text += f"\nwrote {shown_path(sheet)}, {shown} of {takes_said(rows)}\n"
    return Outcome(data=data, text=text, talk=_next(storyboard, address, options, rows))


def _next(storyboard: str, address: str, options: Options, rows: Sequence[TakeRow]) -> str:
    if not any(row.made for row in rows):
        return f"next: `{run_command(storyboard, replace(options, only=(address,)))}` makes them"
    picks, buys = (choosing_command(verb, storyboard, address, options) for verb in ("pick TAKE", "another"))
    return f"next: `{picks}` chooses one, `{buys}` buys one more"
