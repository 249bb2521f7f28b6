"""`kling-pipe ledger`: what was spent, on what and when; `ledger reconcile` compares it with the provider."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.reconcile import command as reconcile
from kling_pipe.commands.since import since_switch
from kling_pipe.commands.surface import Surface, shown_path, typed_path
from kling_pipe.values.spending import By, Tally, grouped

_overview = (By.STORYBOARD, By.MODEL, By.DAY)


@face.group(
    "ledger",
    "kling-pipe ledger",
    "kling-pipe ledger --by step --since 7d",
    "kling-pipe ledger --by day --since 2026-09-01 --json",
    "kling-pipe ledger --jobs --simulate",
    "kling-pipe ledger reconcile storyboard.yaml",
)
@click.option("--by", type=click.Choice([str(one) for one in By]), default=None, help="Add jobs up by this.")
@click.option("--jobs", is_flag=True, help="List single jobs, with their tasks at the provider.")
@since_switch("Only jobs since then, such as 7d, 12h or 2026-09-30.")
@click.option("--simulate", is_flag=True, help="What the built-in simulator would have charged.")
@click.option("--folder", type=click.Path(), default=".", show_default=True, help="The project to look into.")
def command(surface: Surface, by: str | None, since: float, folder: str, *, jobs: bool, simulate: bool) -> Outcome:
    """List what was spent by storyboard, step, member, model, day, kind or profile. Nothing is sent.

    The state folder is that of the project this folder belongs to. Amounts are the provider's own where it told them.
    """
    from kling_pipe.report.spending import Page, render_spending, spending_to_json

    found = surface.verbs.spending(folder, Options(simulate=simulate, environment=surface.environment), since)
    wanted = (By(by),) if by else () if jobs else _overview
    page = Page(
        realm=found.realm,
        ledger=shown_path(found.ledger) if found.ledger else "",
        since=since,
        total=Tally.of(found.jobs),
        groups={one: grouped(found.jobs, one) for one in wanted},
        jobs=found.jobs if jobs else (),
        command="" if by or jobs else _typed(folder, simulate=simulate),
    )
    talk = "" if found.ledger else _hint(found.home)
    return Outcome(data=spending_to_json(page), text=render_spending(page), talk=talk)


command.add_command(reconcile)


def _typed(folder: str, *, simulate: bool) -> str:
    words = ["kling-pipe ledger"]
    words += ["--simulate"] if simulate else []
    words += [f"--folder {typed_path(folder)}"] if folder != "." else []
    return " ".join(words)


def _hint(home: str) -> str:
    return (
        f"there is no ledger in `{shown_path(home)}`\n\n"
        "hint: a storyboard without a project file keeps its state beside itself; `--folder` names another place"
    )
