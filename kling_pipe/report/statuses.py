"""How a storyboard stands between runs: members, deliverables, money spent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kling_pipe.report.amounts import duration, plural
from kling_pipe.report.tables import pairs, printable, shortened, table
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


_settled = "current"


def render_status(report: StandingReport, name: str, run_command: str) -> str:
    """The standing of everything as text; `run_command` is what to type when something is missing."""
    current = sum(str(member.standing) == _settled for member in report.members)
    parts = [
        f"{name}: {plural(len(report.members), 'step')}, {current} current\n",
        _members(report.members),
        "deliver\n" + pairs(list(report.deliveries), indent="  ") if report.deliveries else "",
        pairs([("spent so far", str(report.spent) if report.spent else "nothing")]),
    ]
    if any(str(member.standing) == "uncertain" for member in report.members):
        parts.append("next: look the uncertain ones up at the provider; they are never sent again by themselves\n")
    elif current < len(report.members):
        parts.append(f"next: `{run_command}`\n")
    return "\n".join(part for part in parts if part)


def status_to_json(report: StandingReport) -> dict[str, object]:
    """The standing of everything for the envelope's `data`."""
    return {
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
    }


def _members(members: Sequence[StandingRow]) -> str:
    rows = [
        (
            str(member.standing),
            member.address,
            f"{member.takes_done}/{member.takes}",
            member.model or member.kind,
            str(member.cost) if member.cost else "",
            f"{duration(member.age_seconds)} ago" if member.age_seconds else "",
            member.task_id,
            shortened(printable(member.message or member.provider_status or member.digest[:12]), 60),
        )
        for member in members
    ]
    return table(("", "step", "takes", "model", "cost", "since", "task", "about"), rows, indent="  ") if rows else ""
