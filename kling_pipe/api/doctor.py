"""`doctor`: environment, credentials by presence and one free authenticated query, disk, clock."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from kling_pipe import __version__
from kling_pipe.api.options import Options
from kling_pipe.api.planning import ledger_name
from kling_pipe.api.reach import need_reach
from kling_pipe.api.wires import wire_of
from kling_pipe.api.workspace import full_environment, home_of, open_project
from kling_pipe.api.worlds import base_url_of
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.credentials import find_credential, missing_credential
from kling_pipe.edge.ledger import Ledger
from kling_pipe.errors import ExitCode, Failure, UsageFailure
from kling_pipe.providers.plugins import BrokenProvider
from kling_pipe.providers.provider import AdapterSettings
from kling_pipe.providers.table import table
from kling_pipe.run.exchange import Line, exchange
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential
from kling_pipe.values.profile import Profile
from kling_pipe.values.wire import Response

_nothing = "no credentials"  # of a profile that nobody wrote down, so it is no road of this project
least_free_bytes = 1 << 30
most_skew = 5.0  # seconds; native page, section 2: `nbf` is signed 5 s back by every client


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """One question and its answer; `state` is `ok`, `warning` or `error`."""

    name: str
    state: str
    text: str
    hint: str = ""
    exit_code: ExitCode = ExitCode.FAILED  # when this is an error


async def doctor(folder: str, options: Options) -> tuple[DoctorLine, ...]:
    """Looks at everything a run needs; raises UsageFailure where there is nothing to look at. The only requests are one
    free query a profile with credentials."""
    _check_folder(folder)
    project, _, problems = open_project(folder)
    if options.provider and project.profile(options.provider) is None:
        known = ", ".join(f"`{name}`" for name, profile in project.profiles.items() if profile.type in table)
        raise UsageFailure("unknown-profile", f"there is no profile `{options.provider}`", hint=f"there are {known}")
    environment = full_environment(project, options.environment)
    home = home_of(project, options.environment)
    lines = [_python(), _project(project.path, project.root, len(problems)), _disk(home), _ledger(home)]
    used = {project.default_profile, options.provider, *(profile.name for profile in project.written_profiles)}
    for profile in project.profiles.values():
        if profile.type in table and (not options.provider or options.provider == profile.name):
            try:
                with table.guarded(profile.type):
                    found = await _profile(profile, environment, project.root)
            except BrokenProvider:
                continue  # it is told of below
            lines.extend([] if found[0].text == _nothing and profile.name not in used else found)
    lines += [DoctorLine("plug-in", "warning", broken.message, broken.hint) for broken in table.broken]
    return tuple(lines)


def _check_folder(folder: str) -> None:
    if os.path.isdir(folder):
        return
    if os.path.exists(folder):
        hint = f"name the folder it lies in: `{os.path.dirname(folder) or '.'}`"
        raise UsageFailure("not-a-folder", f"`{folder}` is a file, a folder was expected", hint=hint)
    hint = "paths are taken from the folder you are in"
    raise UsageFailure("no-such-folder", f"there is no folder `{folder}`", hint=hint)


def _python() -> DoctorLine:
    versions = f"kling-pipe {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return DoctorLine("version", "ok", versions)


def _project(path: str, root: str, problems: int) -> DoctorLine:
    if problems:
        return DoctorLine(
            "project",
            "error",
            f"`{path}` has {problems} problem{'s' if problems > 1 else ''}",
            "`kling-pipe validate` shows them",
        )
    return DoctorLine("project", "ok", path or f"no project file; the folder `{root}` is the project")


def _disk(home: str) -> DoctorLine:
    folder = os.path.abspath(home)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    free = shutil.disk_usage(folder).free
    text = f"{free / (1 << 30):.1f} GiB free for `{home}`"
    if not os.access(folder, os.W_OK):
        return DoctorLine("disk", "error", f"`{folder}` cannot be written", "check its permissions")
    if free < least_free_bytes:
        return DoctorLine("disk", "warning", text, "clips take some 2 to 50 MB each")
    return DoctorLine("disk", "ok", text)


def _ledger(home: str) -> DoctorLine:
    path = os.path.join(home, ledger_name)
    if not os.path.exists(path):
        return DoctorLine("ledger", "ok", "none yet; the first run makes it")
    try:
        ledger = Ledger(path, lambda _run: None)
        jobs = len(ledger.all_jobs())
        ledger.close()
    except Failure as failure:
        return DoctorLine("ledger", "error", failure.message, failure.hint)
    return DoctorLine("ledger", "ok", f"{jobs} jobs remembered")


async def _profile(profile: Profile, environment: Mapping[str, str], root: str) -> list[DoctorLine]:
    name = f"profile {profile.name}"
    try:
        credential = find_credential(profile, environment, root)
    except Failure as failure:
        return [DoctorLine(name, "error", failure.message, failure.hint, ExitCode.CREDENTIALS)]
    if credential is None:
        missing = missing_credential(profile, environment, root)
        half = missing.message.partition(_nothing)[2]
        return [DoctorLine(name, "warning", f"{_nothing}{half}", missing.hint)]
    try:
        need_reach(profile, environment)
    except UsageFailure as failure:
        return [DoctorLine(name, "error", failure.message, failure.hint, failure.exit_code)]
    way = f"executable {profile.executable}" if profile.transport else f"API at {base_url_of(profile, environment)}"
    present = DoctorLine(name, "ok", f"{credential.kind} present, {way}")
    return [present, *await _asked(name, profile, credential, environment)]


async def _asked(
    name: str, profile: Profile, credential: Credential, environment: Mapping[str, str]
) -> list[DoctorLine]:
    adapter = table[profile.type].adapter(AdapterSettings(transport=profile.transport))
    clock = RealClock()
    try:
        wire = wire_of(profile, environment, credential)
    except Failure as failure:
        return [DoctorLine(name, "error", failure.message, failure.hint)]
    try:
        response = await exchange(Line(adapter, credential, wire), adapter.probe(clock.now()), clock)
    finally:
        await wire.close()
    if isinstance(response, Refusal):
        return [DoctorLine(name, "error", f"no answer: {response.message}", "check the network and the base URL")]
    refusal = adapter.read_refusal(response)
    if refusal is not None and refusal.answer is AnswerClass.TRANSIENT:
        hint = "check the base URL: this is not how the service answers"
        return [DoctorLine(name, "error", f"no usable answer: {refusal}", hint)]
    if refusal is not None:
        return [
            DoctorLine(
                name,
                "error",
                f"refused: {refusal}",
                "check the credential in the provider's console",
                ExitCode.CREDENTIALS,
            )
        ]
    return [DoctorLine(name, "ok", "a free query was answered"), _clock(response, clock.now())]


def _clock(response: Response, now: float) -> DoctorLine:
    try:
        skew = now - parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return DoctorLine("clock", "ok", "the service told no time to compare with")
    text = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service"
    if abs(skew) > most_skew:
        return DoctorLine("clock", "warning", text, "set this machine's clock; tokens are dated by it")
    return DoctorLine("clock", "ok", text)
