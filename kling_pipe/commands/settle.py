"""`kling-pipe settle`: says what became of a job whose payment is unknown."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.api.settling import Decision
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import UsageFailure
from kling_pipe.values.claim import JobRow

_follows = {
    Decision.RESUBMIT: "makes it anew, and pays for it",
    Decision.ADOPT: "fetches its files",
    Decision.DROP: "makes a new attempt, and pays for it",
}


@face.command(
    "settle",
    "kling-pipe settle storyboard.yaml hero --resubmit",
    "kling-pipe settle storyboard.yaml hero --adopt 871234567890123456",
    "kling-pipe settle storyboard.yaml hero --drop",
)
@face.storyboard_argument
@click.argument("step")
@click.option("--resubmit", is_flag=True, help="It may be paid again: the next run makes it anew, and pays.")
@click.option("--adopt", default="", metavar="TASK", help="It is this task: the next run fetches it.")
@click.option("--drop", is_flag=True, help="Give it up as failed: the next run makes a new attempt, and pays.")
@click.option("--job", default="", metavar="ID", help="Only this one of several jobs, by our id for it.")
@click.option("--simulate", is_flag=True, help="Settle a job of the built-in simulator.")
def command(
    surface: Surface, storyboard: str, step: str, adopt: str, job: str, *, resubmit: bool, drop: bool, simulate: bool
) -> Outcome:
    """Settle a job that is uncertain: paid or not, nobody knows, so it is never sent again by itself.

    Look the task up in the provider's console first, then say what became of it. Nothing is sent.
    """
    chosen = [
        decision
        for decision, wanted in ((Decision.RESUBMIT, resubmit), (Decision.ADOPT, bool(adopt)), (Decision.DROP, drop))
        if wanted
    ]
    if len(chosen) != 1:
        raise UsageFailure("one-decision", "say exactly one of `--resubmit`, `--adopt TASK` and `--drop`")
    options = Options(simulate=simulate, environment=surface.environment)
    jobs = surface.verbs.settle(storyboard, step, chosen[0], options, adopt, job)
    return Outcome(
        data={"step": step, "decision": str(chosen[0]), "external_ids": [job.external_id for job in jobs]},
        text="".join(f"{step}{_road(job)}: {job.external_id} settled, {chosen[0]}\n" for job in jobs),
        talk=f"next: `{run_command(storyboard, options)}` {_follows[chosen[0]]}",
    )


def _road(job: JobRow) -> str:
    return f" on `{job.profile}`" if job.profile else ""
