"""How a storyboard stands between runs: members, deliverables, money spent."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from kling_pipe.report.amounts import duration, steps_and_members
from kling_pipe.report.tables import pairs, printable, table, width
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Realm
from kling_pipe.values.money import Cost


class StandingRow(Protocol):
    """What is shown of a member; `api/status.py` brings it."""

    @property
    def address(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def standing(self) -> str: ...
    @property
    def takes_done(self) -> int: ...
    @property
    def takes(self) -> int: ...
    @property
    def provider_status(self) -> str: ...
    @property
    def task_id(self) -> str: ...
    @property
    def external_id(self) -> str: ...
    @property
    def age_seconds(self) -> float: ...
    @property
    def cost(self) -> Cost: ...
    @property
    def digest(self) -> str: ...
    @property
    def message(self) -> str: ...


class StandingReport(Protocol):
    """A storyboard between runs."""

    @property
    def members(self) -> Sequence[StandingRow]: ...
    @property
    def spent(self) -> Cost: ...
    @property
    def deliveries(self) -> Sequence[tuple[str, str]]: ...
    @property
    def doubted(self) -> Sequence[JobRow]: ...


_settled = "current"


def render_status(report: StandingReport, realm: Realm, name: str, run_command: str, columns: int = 0) -> str:
    """The standing of everything as text, where `columns` are set none wider; `run_command` is what to type when
    something is missing."""
    current = sum(str(member.standing) == _settled for member in report.members)
    parts = [
        f"{name}: {steps_and_members(member.address for member in report.members)}, {current} current\n",
        _members(report.members, columns),
        "deliver\n" + pairs(list(report.deliveries), indent="  ") if report.deliveries else "",
        _doubts(report.doubted),
        pairs([("spent so far", _spent(report.spent, realm))]),
    ]
    if any(str(member.standing) == "uncertain" for member in report.members):
        parts.append("next: look the uncertain ones up at the provider; they are never sent again by themselves\n")
    elif current < len(report.members):
        parts.append(f"next: `{run_command}`\n")
    return "\n".join(part for part in parts if part)


def status_to_json(report: StandingReport, realm: Realm) -> dict[str, object]:
    """The standing of everything for the envelope's `data`."""
    return {
        "realm": str(realm),
        "members": [
            {
                "address": member.address,
                "kind": member.kind,
                "model": member.model,
                "standing": str(member.standing),
                "takes_done": member.takes_done,
                "takes": member.takes,
                "provider_status": member.provider_status,
                "task_id": member.task_id,
                "external_id": member.external_id,
                "age_seconds": member.age_seconds,
                "cost": member.cost.to_json(),
                "digest": member.digest,
                "message": member.message,
            }
            for member in report.members
        ],
        "spent": report.spent.to_json(),
        "deliveries": [{"path": path, "state": state} for path, state in report.deliveries],
        "doubted": [
            {
                "member": job.member,
                "profile": job.profile,
                "external_id": job.external_id,
                "estimate": job.estimate.to_json(),
            }
            for job in report.doubted
        ],
    }


def _doubts(jobs: Sequence[JobRow]) -> str:
    """What is paid for or not, nobody knows, where the table does not show it."""
    rows = [
        (
            job.member,
            f"{job.estimate} on `{job.profile}`, paid or not, nobody knows; `settle` it with `--job {job.external_id}`",
        )
        for job in jobs
    ]
    return "uncertain too\n" + pairs(rows, indent="  ") if rows else ""


def _spent(cost: Cost, realm: Realm) -> str:
    if not cost:
        return "nothing"
    return f"{cost}, simulated, nobody was charged" if realm is Realm.SIMULATED else str(cost)


def _members(members: Sequence[StandingRow], columns: int) -> str:
    """One line a step, or one paragraph a step where that is too wide; what was refused is never cut off."""
    if not members:
        return ""
    head = ("", "step", "takes", "model", "cost", "since", "task", "about")
    text = table(head, [_cells(member) for member in members], indent="  ")
    if not columns or all(width(line) <= columns for line in text.splitlines()):
        return text
    return "".join(_paragraph(_cells(member), columns) for member in members)


def _cells(member: StandingRow) -> tuple[str, ...]:
    return (
        str(member.standing),
        member.address,
        f"{member.takes_done}/{member.takes}",
        member.model or member.kind,
        str(member.cost) if member.cost else "",
        f"{duration(member.age_seconds)} ago" if member.age_seconds else "",
        member.task_id,
        printable(member.message or member.provider_status or member.digest[:12]),
    )


def _paragraph(cells: Sequence[str], columns: int) -> str:
    standing, step, takes, model, cost, since, task, about = map(printable, cells)
    facts = (f"{takes} by {model}", cost, since, f"task {task}" if task else "", about)
    wrapped = textwrap.wrap(
        "; ".join(fact for fact in facts if fact),
        max(20, columns - 4),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"  {standing}  {step}\n" + "".join(f"    {line}\n" for line in wrapped)
