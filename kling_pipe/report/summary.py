"""What is said when a run has ended: the deliverables, the money, what went wrong, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from kling_pipe.errors import ExitCode
from kling_pipe.events import RunEnded
from kling_pipe.report.amounts import duration, size
from kling_pipe.report.progress import Delivery, Progress
from kling_pipe.report.tables import pairs, printable


@dataclass(frozen=True, slots=True)
class Written:
    """A deliverable on disk: its path in the storyboard, the path as one would type it here, and its bytes."""

    path: str
    shown: str
    bytes: int


def render_summary(
    progress: Progress,
    ended: RunEnded,
    written: Sequence[Written],
    again: str,
    settle: str = "kling-pipe settle",
    plan_again: str = "",
) -> str:
    """The end of a run as text; `again` is the command that was typed, `settle` what a step's name follows to settle
    it, `plan_again` what writes the plan anew that was carried out."""
    parts = [
        _deliveries(progress.deliveries, {file.path: file for file in written}),
        _lacks(progress),
        _detours(progress),
        _losses(progress),
        pairs(_figures(progress, ended)),
        _next(progress, ended, again, settle, plan_again),
    ]
    return "\n".join(part for part in parts if part)


def summary_to_json(progress: Progress, ended: RunEnded, written: Sequence[Written]) -> dict[str, object]:
    """The end of a run for the envelope's `data`."""
    bytes_of = {file.path: file.bytes for file in written}
    return {
        "run": ended.run,
        "realm": progress.started.realm if progress.started else "",
        "counts": {
            "done": ended.done,
            "current": ended.current,
            "failed": ended.failed,
            "blocked": ended.blocked,
            "running": ended.running,
            "waiting": ended.waiting,
            "uncertain": ended.uncertain,
        },
        "spent": ended.spent.to_json(),
        "exact": ended.exact,
        "seconds": ended.seconds,
        "status_requests": ended.status_requests,
        "deliverables": [
            {
                "path": delivery.path,
                "changed": delivery.changed,
                "bytes": bytes_of.get(delivery.path),
                "facts": delivery.facts.to_json() if delivery.facts else None,
            }
            for delivery in progress.deliveries
        ],
        "undelivered": [
            {"path": lack.path, "member": lack.member, "code": lack.code, "message": lack.message, "hint": lack.hint}
            for lack in progress.undelivered
        ],
        "failures": [
            {"member": failure.member, "code": failure.code, "message": failure.message, "hint": failure.hint}
            for failure in progress.failures
        ],
        "blocked": [{"member": event.member, "by": event.by} for event in progress.blocked],
        "roads_changed": [
            {
                "member": event.member,
                "profile": event.profile,
                "to": event.to,
                "code": event.code,
                "message": event.message,
            }
            for event in progress.detours
        ],
        "refused": [{"member": event.member, "reason": event.reason} for event in progress.refused],
        "still_running": [{"member": event.member, "task": event.task_id} for event in progress.waiting],
        "uncertain": [
            {"member": event.member, "external_id": event.external_id, "reason": event.reason}
            for event in progress.uncertain
        ],
    }


def _deliveries(deliveries: Sequence[Delivery], files: Mapping[str, Written]) -> str:
    rows = [_row(delivery, files.get(delivery.path)) for delivery in deliveries]
    return "deliverables\n" + pairs(rows, indent="  ") if rows else ""


def _row(delivery: Delivery, file: Written | None) -> tuple[str, str]:
    words = [str(delivery.facts)] if delivery.facts else []
    if file is not None:
        words.append(size(file.bytes))
    if not delivery.changed:
        words.append("as before")
    return printable(file.shown if file else delivery.path), ", ".join(words)


def _lacks(progress: Progress) -> str:
    rows = [(printable(lack.path), printable(f"{lack.code}: {lack.message}")) for lack in progress.undelivered]
    return "not delivered\n" + pairs(rows, indent="  ") if rows else ""


def _detours(progress: Progress) -> str:
    """What another road was to make than the first of its list, and why."""
    rows = [
        (printable(one.member), printable(f"on `{one.to}`, as `{one.profile}` refused it, {one.code}: {one.message}"))
        for one in progress.detours
    ]
    return "other roads\n" + pairs(rows, indent="  ") if rows else ""


def _losses(progress: Progress) -> str:
    rows = [(failure.member, f"failed, {failure.code}: {failure.message}") for failure in progress.failures]
    rows += [(event.member, f"not started, {event.reason}") for event in progress.refused]
    rows += [(event.member, f"not made, because `{event.by}` was not") for event in progress.blocked]
    rows += [
        (event.member, f"still running as task {event.task_id}" if event.task_id else event.reason)
        for event in progress.waiting
    ]
    rows += [(event.member, f"paid or not, nobody knows: {event.reason}") for event in progress.uncertain]
    shown = [(printable(name), printable(text)) for name, text in rows]
    return "not made\n" + pairs(shown, indent="  ") if shown else ""


def _figures(progress: Progress, ended: RunEnded) -> list[tuple[str, str]]:
    counts = [f"{ended.done} made", f"{ended.current} current"]
    counts += [
        f"{count} {word}"
        for count, word in (
            (ended.failed, "failed"),
            (ended.blocked, "blocked"),
            (ended.running, "still running"),
            (ended.waiting, "not begun"),
            (ended.uncertain, "uncertain"),
        )
        if count
    ]
    return [("steps", ", ".join(counts)), ("spent", _spent(progress, ended)), ("time", duration(ended.seconds))]


def _spent(progress: Progress, ended: RunEnded) -> str:
    if not ended.spent:
        return "nothing"
    simulated = progress.started is not None and progress.started.realm == "simulated"
    certainty = "the provider's own figure" if ended.exact else "partly estimated"
    return f"{ended.spent}, {'simulated, nobody was charged' if simulated else certainty}"


def _next(progress: Progress, ended: RunEnded, again: str, settle: str, plan_again: str) -> str:
    if ended.uncertain:
        told = "look each up at the provider, then settle it by `--resubmit`, `--adopt TASK` or `--drop`"
        members = dict.fromkeys(event.member for event in progress.uncertain)
        return "".join([f"next: {told}\n", *(f"  {settle} {quote(member)} --resubmit\n" for member in members)])
    if progress.failures:
        return f"next: mend what failed and run `{again}` again; what is made is kept and not paid for again\n"
    if progress.refused and plan_again:
        return f"next: this came to more than was planned; plan again and look at it: `{plan_again}`\n"
    if progress.refused:
        return f"next: raise the budget and run `{again}` again\n"
    if ended.running and ended.exit_code == ExitCode.INTERRUPTED:
        return f"next: `{again}` goes on with what is under way\n"
    if ended.running:
        if progress.waiting and all(event.reason and not event.external_id for event in progress.waiting):
            return f"next: `{again}`, as is said above\n"  # another run or another account has them
        if not any(event.task_id for event in progress.waiting):
            return f"next: look at address and network with `kling-pipe doctor`, then `{again}`\n"
        return f"next: `{again}` goes on waiting for the same tasks\n"
    if progress.undelivered:
        return f"next: mend what hindered them and run `{again}` again; what is made is kept and not paid for again\n"
    return f"next: `{again}`\n" if ended.exit_code else ""
