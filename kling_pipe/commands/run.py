"""`kling-pipe run`: makes what is missing, shows it live, and writes the deliverables."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.calling import callbacks_of
from kling_pipe.commands.columns import columns_to_fold
from kling_pipe.commands.consent import Consent, consent, declined, missing, question, unanswered, unasked
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command, settle_command
from kling_pipe.commands.surface import Surface, shown_path, typed_path
from kling_pipe.errors import Problem, UsageFailure
from kling_pipe.report.folding import folded
from kling_pipe.report.plans import holds, render_stale, spending_of, switches_of
from kling_pipe.report.progress import Progress
from kling_pipe.report.summary import Written, render_summary, summary_to_json
from kling_pipe.values.money import Cap, Cost

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kling_pipe.api.binding import PaperPlan
    from kling_pipe.api.running import StopSwitch, World
    from kling_pipe.events import Event, RunEnded

_default_speed = 20.0
_choice = " [y/N]: "  # what click puts behind a question


def _amount(_: click.Context, __: click.Parameter, value: str | None) -> Cap | None:
    try:
        return Cap.parse(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


max_cost_switch = click.option(
    "--max-cost", callback=_amount, metavar="AMOUNT", help="Never pass this, such as `5 USD` or `40 units`."
)
agreement_switch = click.option("--yes", is_flag=True, help="Agree to the estimate without being asked.")
speed_switch = click.option(
    "--speed",
    type=click.FloatRange(min=0.1, max=10_000),
    default=None,
    help=f"How fast simulated time runs, with --simulate; {_default_speed:g} without it.",
)


def refuse_speed(speed: float | None, *, simulate: bool) -> None:
    """Only simulated time has a speed."""
    if speed is not None and not simulate:
        raise UsageFailure("needs-option", "`--speed` needs `--simulate`", hint="the service itself takes its own time")


@face.command(
    "run",
    "kling-pipe run storyboard.yaml --simulate",
    "kling-pipe run storyboard.yaml --max-cost '5 USD'",
    "kling-pipe run storyboard.yaml --only hero --only push_in --yes",
    "kling-pipe run storyboard.yaml --simulate --callback-port 8710",
    "kling-pipe run storyboard.yaml --frozen",
    "kling-pipe run plan.json",
)
@face.storyboard_argument
@face.choice_switches
@max_cost_switch
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="At most this many tasks in flight.")
@click.option("--callback-url", default="", metavar="URL", help="Where services call back, as they reach this machine.")
@click.option("--callback-port", type=click.IntRange(0, 65535), default=None, help="Listen for callbacks on this port.")
@agreement_switch
@click.option("--fail-fast", is_flag=True, help="Stop at the first failed step.")
@speed_switch
@click.option("--frozen", is_flag=True, help="Only what the lock file says, out of the store; nothing is sent.")
def command(
    surface: Surface,
    storyboard: str,
    only: tuple[str, ...],
    provider: str,
    max_cost: Cap | None,
    jobs: int | None,
    callback_url: str,
    callback_port: int | None,
    speed: float | None,
    *,
    simulate: bool,
    yes: bool,
    fail_fast: bool,
    frozen: bool,
) -> Outcome:
    """Make what is missing, each thing paid for once, and write the deliverables.

    What is made already is kept. Ctrl-C stops sending; tasks under way are recorded and picked up by the next run.

    With --callback-port the service tells of its tasks by itself, and is asked rarely. What is not signed
    with the webhook secret of its profile only hastens the next question.

    With --frozen the deliverables are written as the lock file says, out of the store: no ledger, no network, no
    credentials, no money. Where anything is lacking, all of it is listed and nothing is written.

    A plan that `kling-pipe plan -o` wrote, in place of a storyboard, is carried out as it stands: nobody is asked, it
    never spends more than it says, and it is refused when anything it was made from has changed.
    """
    paper = surface.verbs.read_paper(storyboard)
    if paper is not None:
        _refuse_other_choices(paper, only, provider, simulate=simulate, frozen=frozen)
        simulate, only, provider = paper.bound.realm == "simulated", paper.bound.only, paper.bound.provider
    refuse_speed(speed, simulate=simulate)
    options = Options(
        simulate=simulate,
        only=only,
        paper=paper,
        max_cost=max_cost,
        jobs=jobs or 0,
        fail_fast=fail_fast,
        provider=provider,
        callbacks=callbacks_of(callback_url, callback_port, simulate=simulate),
        environment=surface.environment,
    )
    if frozen:
        return _frozen(surface, storyboard, options)
    if paper is None:
        return make(surface, storyboard, options, run_command(storyboard, options), speed=speed, yes=yes)
    typed = f"kling-pipe run {typed_path(storyboard)}"
    return make(surface, paper.storyboard, options, typed, speed=speed, yes=yes, again=typed)


def _refuse_other_choices(
    paper: PaperPlan, only: tuple[str, ...], provider: str, *, simulate: bool, frozen: bool
) -> None:
    """What is made, and where, is part of a plan."""
    choices = {
        "--only": bool(only), "--provider": bool(provider), "--frozen": frozen,
        "--simulate": simulate and paper.bound.realm != "simulated",
    }  # fmt: skip
    given = [f"`{switch}`" for switch, is_given in choices.items() if is_given]
    if given:
        message = f"{' and '.join(given)} cannot change a plan that was written down"
        raise UsageFailure("usage", message, hint="plan anew with it: `kling-pipe plan STORYBOARD -o PLAN`")


def _frozen(surface: Surface, storyboard: str, options: Options) -> Outcome:
    from kling_pipe.report.verification import frozen_to_json, render_frozen

    done = surface.verbs.frozen(storyboard, options)
    return Outcome(
        data=frozen_to_json(done.members, done.deliveries), text=render_frozen(done.members, done.deliveries)
    )


def make(
    surface: Surface,
    storyboard: str,
    options: Options,
    typed: str,
    *,
    speed: float | None,
    yes: bool,
    again: str = "",
) -> Outcome:
    """Runs to the end, after somebody agreed; `typed` is the command that `--yes` would be added to, `again` the one
    that goes on with what is left."""
    again = again or run_command(storyboard, options)
    if not options.simulate and options.paper is None:
        options = replace(options, agreed=_agree(surface, storyboard, options, typed, yes=yes))
    progress = Progress()
    ended = _perform(surface, storyboard, options, progress, speed or _default_speed)
    written = _written(os.path.dirname(storyboard), [delivery.path for delivery in progress.deliveries])
    lacks = progress.undelivered if surface.json else ()  # the lines of a run and its summary tell them otherwise
    return Outcome(
        data=summary_to_json(progress, ended, written),
        text=render_summary(
            progress,
            ended,
            written,
            again,
            settle_command(storyboard, options),
            options.paper.again if options.paper is not None else "",
        ),
        problems=tuple(Problem(lack.code, lack.message, hint=lack.hint) for lack in lacks),
        exit_code=ended.exit_code,
    )


def _agree(surface: Surface, storyboard: str, options: Options, again: str, *, yes: bool) -> Cost | None:
    """Asks before money moves; returns only with an agreement: what it holds for, or None where a ceiling does."""
    if yes:
        return None
    result = surface.verbs.plan(storyboard, options)
    if result.lacking is not None:
        raise result.lacking
    plan = result.plan
    workspace = surface.verbs.open_workspace(storyboard, surface.environment)
    above = workspace.project.confirm_above
    above = above if above is not None and holds(above, plan) else None
    ceiling = options.max_cost
    switches = switches_of(plan)
    decision = consent(
        plan.estimate, ceiling, yes=yes, interactive=surface.interactive, above=above, switches=bool(switches)
    )
    if decision is Consent.MISSING:
        raise missing(plan.estimate, again, switches)
    room = columns_to_fold(surface.environment, sys.stderr)
    if decision in (Consent.ASK, Consent.SMALL):
        surface.say(folded(render_stale(plan), room))
    if decision is Consent.SMALL and above is not None:
        surface.say(folded(unasked(spending_of(plan), above), room))
    asked = folded(question(spending_of(plan), switches), room and room - len(_choice))
    if decision is Consent.ASK and not _says_yes(asked):
        raise declined()
    return plan.estimate if decision in (Consent.ASK, Consent.SMALL) or ceiling is None else None


def _says_yes(asked: str) -> bool:
    """What somebody at the terminal answers; nothing is under way while they think."""
    try:
        return click.confirm(asked, err=True)
    except click.Abort:
        raise unanswered() from None


def _perform(surface: Surface, storyboard: str, options: Options, progress: Progress, speed: float) -> RunEnded:
    import asyncio

    from kling_pipe.report.jsonl import JsonLines

    home = surface.verbs.open_workspace(storyboard, surface.environment).home
    with ExitStack() as stack:
        record = JsonLines(os.path.join(home, "runs"))
        stack.callback(record.close)
        view, say = stack.enter_context(_view(surface))
        listen = _all((progress.take, record, view))
        world: World | None = None
        if options.simulate:
            world = stack.enter_context(surface.verbs.simulated_world(home, speed))
        return asyncio.run(_until_ended(surface, storyboard, options, listen, say, world))


async def _until_ended(
    surface: Surface,
    storyboard: str,
    options: Options,
    listen: Callable[[Event], None],
    say: Callable[[str], None],
    world: World | None,
) -> RunEnded:
    stop = surface.verbs.stop_switch()
    with _stopped_by_signals(stop, say):
        return await surface.verbs.run(storyboard, options, listen, stop, world)


@contextmanager
def _view(surface: Surface) -> Iterator[tuple[Callable[[Event], None], Callable[[str], None]]]:
    """The listener that shows the run on stderr, and how to say something beside it."""
    if surface.live:
        from kling_pipe.report.console import LiveConsole

        with LiveConsole(sys.stderr, time.monotonic, colour=surface.colour) as console:
            yield console, console.say
    elif surface.json:
        yield (lambda _: None), surface.say
    else:
        from kling_pipe.report.lines import Lines

        yield Lines(surface.say), surface.say


@contextmanager
def _stopped_by_signals(stop: StopSwitch, say: Callable[[str], None]) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM stops sending and ends soon; the second ends at once."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        for number in caught:
            loop.remove_signal_handler(number)
        say("stopping: nothing more is sent, tasks under way are recorded; once more ends at once")
        stop.stop()

    try:
        for number in caught:
            loop.add_signal_handler(number, first)
    except (NotImplementedError, RuntimeError):  # Windows, or not the main thread: Ctrl-C ends at once
        yield
        return
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _all(listeners: Sequence[Callable[[Event], object]]) -> Callable[[Event], None]:
    def listen(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return listen


def _written(folder: str, paths: Sequence[str]) -> tuple[Written, ...]:
    found = []
    for path in paths:
        place = os.path.join(folder, path)
        try:
            found.append(Written(path, shown_path(place), os.stat(place).st_size))
        except OSError:
            continue
    return tuple(found)
