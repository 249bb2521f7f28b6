"""`kling-pipe doctor`: environment, credentials, disk and clock, before they matter."""

from __future__ import annotations

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import ExitCode


@face.command("doctor", "kling-pipe doctor", "kling-pipe doctor my-project --json")
@click.argument("folder", type=click.Path(), default=".")
@click.option("--provider", default="", metavar="PROFILE", help="Examine this profile only.")
def command(surface: Surface, folder: str, provider: str) -> Outcome:
    """Examine packages, credentials (by presence and one free query), disk and clock. Nothing is spent."""
    import asyncio

    from kling_pipe.report.examination import examination_to_json, render_examination

    options = Options(provider=provider, environment=surface.environment)
    findings = asyncio.run(surface.verbs.doctor(folder, options))
    failed = [int(finding.exit_code) for finding in findings if str(finding.state) == "error"]
    return Outcome(
        data=examination_to_json(findings),
        text=render_examination(findings),
        exit_code=max(failed, default=int(ExitCode.DONE)),
    )
