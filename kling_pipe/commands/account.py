"""`kling-pipe account`: packs, what is left in them, and until when."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import ExitCode, Problem, Severity
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.money import plain

if TYPE_CHECKING:
    from kling_pipe.api.accounts import Account, Refusing
    from kling_pipe.api.running import World

_speed = 20.0


@face.command(
    "account",
    "kling-pipe account",
    "kling-pipe account --provider mine --charges",
    "kling-pipe account --simulate --json",
)
@click.option("--provider", default="", metavar="PROFILE", help="The profile to ask for.")
@click.option("--charges", is_flag=True, help="List the last charges too.")
@click.option("--simulate", is_flag=True, help="Ask the built-in simulator.")
@click.option("--folder", type=click.Path(), default=".", show_default=True, help="The project to look into.")
def command(surface: Surface, provider: str, folder: str, *, charges: bool, simulate: bool) -> Outcome:
    """Show the account's packs, what is left in them and when they expire. Only free questions are asked."""
    import asyncio

    from kling_pipe.report.accounts import account_to_json, render_account

    options = Options(simulate=simulate, provider=provider, environment=surface.environment)
    with ExitStack() as stack:
        world: World | None = None
        if simulate:
            world = stack.enter_context(
                surface.verbs.simulated_world(surface.verbs.state_folder(folder, options), _speed)
            )
        found = asyncio.run(surface.verbs.account(folder, options, world))
    problems = _problems(found)
    return Outcome(
        data=account_to_json(found, charges=charges),
        text=render_account(found, charges=charges),
        problems=problems,
        exit_code=ExitCode.FAILED if found.refused else ExitCode.DONE,
    )


def _problems(account: Account) -> tuple[Problem, ...]:
    """What the service refused, and packs that need their owner."""
    found = [_refused(row) for row in account.refused]
    found += [
        Problem("pack-used-up", f"no {product} units are left", hint=_renew, severity=Severity.WARNING)
        for product, amount in account.left.items()
        if not amount
    ]
    found += [
        Problem(
            "pack-expires",
            f"the pack `{state.pack.name}` expires within 7 days, with {plain(state.pack.remaining)} "
            f"{state.pack.product} units in it",
            severity=Severity.WARNING,
        )
        for state in account.packs
        if state.remark == "expires soon"
    ]
    return tuple(found)


def _refused(row: Refusing) -> Problem:
    if row.refusal.answer is AnswerClass.TRANSIENT:
        return Problem("no-answer", f"no usable answer: {row.refusal}", hint="check the network and the base URL")
    return Problem("account-refused", f"the provider refused to tell: {row.refusal}", hint=row.remedy)


_renew = "buy or renew a pack in the provider's console: jobs of this product are refused meanwhile"
