"""`kling-pipe ledger reconcile`: what was paid for and is not on record is adopted and fetched."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.since import since_switch
from kling_pipe.commands.surface import Surface, typed_path
from kling_pipe.errors import ExitCode
from kling_pipe.values.reconciliation import Fate, Reconciliation

if TYPE_CHECKING:
    from kling_pipe.api.running import World
    from kling_pipe.events import Event

_speed = 20.0


@face.command(
    "reconcile",
    "kling-pipe ledger reconcile storyboard.yaml",
    "kling-pipe ledger reconcile storyboard.yaml film.yaml --since 7d --dry-run",
    "kling-pipe ledger reconcile storyboard.yaml --all --json",
)
@click.argument("storyboards", nargs=-1, required=True, type=click.Path(), metavar="STORYBOARD...")
@since_switch("How far to look back, such as 7d, 12h or 2026-09-30.", default="30d")
@click.option("--dry-run", is_flag=True, help="Only say what would be adopted.")
@click.option("--all", "others", is_flag=True, help="List the tasks that others made, too.")
@click.option("--provider", default="", metavar="PROFILE", help="Use this profile in place of the storyboards'.")
@click.option("--simulate", is_flag=True, help="Reconcile with the built-in simulator.")
def command(
    surface: Surface,
    storyboards: tuple[str, ...],
    since: float,
    provider: str,
    *,
    dry_run: bool,
    others: bool,
    simulate: bool,
) -> Outcome:
    """Compare ledger, store and the provider's lists of tasks. Nothing is bought.

    A task that was paid for and is not on record is adopted and its files are fetched. Tasks with an id such as ours
    that no storyboard here asks for, jobs whose tasks the provider no longer shows, and files that are gone are listed.
    """
    import asyncio

    from kling_pipe.report.jsonl import JsonLines
    from kling_pipe.report.lines import Lines
    from kling_pipe.report.reconciling import reconciliation_to_json, render_reconciliation

    options = Options(simulate=simulate, provider=provider, environment=surface.environment)
    with ExitStack() as stack:
        home = surface.verbs.open_workspace(storyboards[0], surface.environment).home
        record = JsonLines(os.path.join(home, "runs"))
        stack.callback(record.close)
        listeners: list[Callable[[Event], object]] = [record] if surface.json else [record, Lines(surface.say)]
        world: World | None = None
        if simulate:
            world = stack.enter_context(surface.verbs.simulated_world(home, _speed))
        told = asyncio.run(
            surface.verbs.reconcile(
                storyboards, options, _all(listeners), surface.verbs.stop_switch(), world, since=since,
                only_looks=dry_run,
            )
        )  # fmt: skip
    return Outcome(
        data=reconciliation_to_json(told),
        text=render_reconciliation(
            told, typed_path(storyboards[0]), run_command(storyboards[0], options), others=others
        ),
        exit_code=_exit_code(told),
    )


def _exit_code(told: Reconciliation) -> ExitCode:
    if told.uncertain:
        return ExitCode.UNCERTAIN
    return ExitCode.FAILED if any(one.fate is Fate.NOT_FETCHED for one in told.adopted) else ExitCode.DONE


def _all(listeners: Sequence[Callable[[Event], object]]) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return listen
