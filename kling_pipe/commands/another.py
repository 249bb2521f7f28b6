"""`kling-pipe another`: buys one more take of a step."""

from __future__ import annotations

import shlex
from dataclasses import replace

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import choosing_command
from kling_pipe.commands.run import agreement_switch, make, max_cost_switch, refuse_speed, speed_switch
from kling_pipe.commands.surface import Surface, typed_path
from kling_pipe.values.money import Cap


@face.command(
    "another",
    "kling-pipe another storyboard.yaml hero --simulate",
    "kling-pipe another storyboard.yaml 'spot[locale=de]' --max-cost '1 USD'",
    "kling-pipe another storyboard.yaml hero --yes",
)
@face.storyboard_argument
@click.argument("address")
@face.provider_switch
@max_cost_switch
@agreement_switch
@click.option("--simulate", is_flag=True, help="Use the built-in simulator: nothing is spent.")
@speed_switch
def command(
    surface: Surface,
    storyboard: str,
    address: str,
    provider: str,
    max_cost: Cap | None,
    speed: float | None,
    *,
    simulate: bool,
    yes: bool,
) -> Outcome:
    """Buy one more take of a step, or of each member that ADDRESS names, as `run --only` does.

    That it was asked for is written into the lock file. Which take goes on stays as it is until `kling-pipe pick`.
    """
    refuse_speed(speed, simulate=simulate)
    options = Options(simulate=simulate, provider=provider, max_cost=max_cost, environment=surface.environment)
    asked = surface.verbs.another(storyboard, address, options)
    options = replace(options, only=tuple(asked), asked=asked)
    typed = f"kling-pipe another {typed_path(storyboard)} {shlex.quote(address)}"
    typed += f" --provider {shlex.quote(provider)}" if provider else ""
    outcome = make(surface, storyboard, options, typed, speed=speed, yes=yes)
    if outcome.exit_code:
        return outcome
    shows, picks = (choosing_command(verb, storyboard, address, options) for verb in ("takes", "pick TAKE"))
    return replace(outcome, talk=f"next: `{shows}` shows all of them, `{picks}` chooses one")
