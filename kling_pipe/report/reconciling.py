"""What a reconciliation found, for people and for programs: what was adopted, and what does not agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kling_pipe.report.amounts import listing, plural
from kling_pipe.report.tables import printable, shortened, table
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Realm
from kling_pipe.values.money import Cost
from kling_pipe.values.reconciliation import Adopted, Fate, LostFile, Reconciliation, Stranger
from kling_pipe.values.spending import moment_of


def render_reconciliation(told: Reconciliation, storyboard: str, run_command: str, *, others: bool) -> str:
    """The reconciliation as text; `storyboard` and `run_command` are what to type for the first one, `others` lists
    foreign tasks too."""
    parts = [
        _headline(told),
        _adopted(told),
        _strangers(_nobody(told), told.unasked),
        _rows("the provider no longer shows", told.unshown),
        _lost(told.lost),
        _uncertain(told, storyboard),
        _others(told.others, listed=others),
        _ending(told, run_command),
    ]
    return "\n".join(part for part in parts if part)


def reconciliation_to_json(told: Reconciliation) -> dict[str, object]:
    """The reconciliation for the envelope's `data`."""
    return {
        "realm": str(told.realm),
        "storyboards": list(told.storyboards),
        "profiles": list(told.profiles),
        "since": told.since,
        "tasks": told.tasks,
        "jobs": told.jobs,
        "only_looked": told.only_looked,
        "agrees": told.agrees,
        "adopted": [_adopted_to_json(one) for one in told.adopted],
        "nobody_asked": [_stranger_to_json(one) for one in told.unasked],
        "others": [_stranger_to_json(one) for one in told.others],
        "not_shown": [_row_to_json(row) for row in told.unshown],
        "lost_files": [_lost_to_json(one) for one in told.lost],
        "uncertain": [_row_to_json(row) for row in told.uncertain],
        "unknown_steps": list(told.unknown),
    }


def _headline(told: Reconciliation) -> str:
    world = " in the simulated world" if told.realm is Realm.SIMULATED else ""
    since = datetime.fromtimestamp(told.since).strftime("%Y-%m-%d")
    return (
        f"{', '.join(told.storyboards)}{world}: {plural(told.tasks, 'task')} at {listing(told.profiles)} and "
        f"{plural(told.jobs, 'job')} on record since {since}\n"
    )


def _adopted(told: Reconciliation) -> str:
    rows = [
        (
            _step(one.storyboard, one.member, one.takes),
            one.model,
            f"task {one.task_id}",
            str(one.cost) if one.cost else "",
            f"{one.was} → {one.fate}",
            shortened(printable(one.message), 60),
        )
        for one in told.adopted
    ]
    return _section("to be adopted" if told.only_looked else "adopted", rows)


def _nobody(told: Reconciliation) -> str:
    return f"nobody asked for here{', as far as can be told' if told.unknown else ''}"


def _strangers(title: str, tasks: Sequence[Stranger]) -> str:
    rows = [
        (
            _moment(one.created),
            f"task {one.task_id}",
            one.external_id,
            printable(one.model or one.endpoint),
            printable(one.status),
            str(one.cost) if one.cost else "",
        )
        for one in tasks
    ]
    return _section(title, rows)


def _rows(title: str, rows: Sequence[JobRow]) -> str:
    return _section(
        title,
        [
            (
                _moment(moment_of(row)),
                f"task {row.task_id}",
                _step(row.storyboard, row.member, row.takes),
                row.model,
                str(row.state),
            )
            for row in rows
        ],
    )


def _lost(files: Sequence[LostFile]) -> str:
    rows = [
        (_step(one.storyboard, one.member, (one.artifact.take,)), one.artifact.digest[:12], _chance(one))
        for one in files
    ]
    return _section("gone from the store", rows)


def _chance(one: LostFile) -> str:
    if one.fetched:
        return "fetched again"
    return "can be fetched again: run its storyboard" if one.shown else "the provider does not show its task"


def _uncertain(told: Reconciliation, storyboard: str) -> str:
    found = [
        (_step(row.storyboard, row.member, row.takes), row.model, printable(row.message)) for row in told.uncertain
    ]
    switch = " --simulate" if told.realm is Realm.SIMULATED else ""
    hint = (
        f"  `kling-pipe settle {storyboard} STEP{switch}` says what became of one; look it up at the provider first\n"
    )
    return _section("paid or not, nobody knows", found) + hint if found else ""


def _others(tasks: Sequence[Stranger], *, listed: bool) -> str:
    if listed:
        return _strangers("made by others, or calls that carry no id of ours", tasks)
    told = f"{plural(len(tasks), 'task')} made by others, or by calls that carry no id of ours; `--all` lists them\n"
    return told if tasks else ""


def _ending(told: Reconciliation, run_command: str) -> str:
    lines = []
    if told.unknown:
        lines.append(
            f"not looked for: tasks of {listing(tuple(f'`{one}`' for one in told.unknown))}, because what they are made"
            " from is not here"
        )
    if told.agrees:
        lines.append("ledger, store and provider agree")
    elif told.only_looked and told.adopted:
        lines.append("nothing was changed; without `--dry-run` these are adopted and fetched")
    elif any(one.fate in (Fate.NOT_FETCHED, Fate.BEING_MADE) for one in told.adopted):
        lines.append(f"next: `{run_command}` fetches what is left, without paying for it again")
    else:
        lines.append("nothing was bought")
    return "".join(f"{line}\n" for line in lines)


def _section(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = tuple("" for _ in rows[0])
    return f"{title}\n" + "".join(table(head, rows, indent="  ").splitlines(keepends=True)[1:])


def _step(storyboard: str, member: str, takes: tuple[int, ...]) -> str:
    shown = "" if takes == (1,) else f", take {takes[0]}" if len(takes) == 1 else f", takes {takes[0]}–{takes[-1]}"
    return f"{storyboard} {member}{shown}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _adopted_to_json(one: Adopted) -> dict[str, object]:
    return {
        "external_id": one.external_id,
        "task_id": one.task_id,
        "profile": one.profile,
        "storyboard": one.storyboard,
        "step": one.member,
        "takes": list(one.takes),
        "model": one.model,
        "cost": _cost(one.cost),
        "was": one.was,
        "fate": str(one.fate),
        "message": one.message,
    }


def _stranger_to_json(one: Stranger) -> dict[str, object]:
    return {
        "task_id": one.task_id,
        "external_id": one.external_id,
        "profile": one.profile,
        "endpoint": one.endpoint,
        "model": one.model,
        "status": one.status,
        "created": one.created,
        "cost": _cost(one.cost),
    }


def _row_to_json(row: JobRow) -> dict[str, object]:
    return {
        "external_id": row.external_id,
        "task_id": row.task_id,
        "storyboard": row.storyboard,
        "step": row.member,
        "takes": list(row.takes),
        "model": row.model,
        "state": str(row.state),
        "at": moment_of(row),
        "message": row.message,
    }


def _lost_to_json(one: LostFile) -> dict[str, object]:
    return {
        "storyboard": one.storyboard,
        "step": one.member,
        "take": one.artifact.take,
        "index": one.artifact.index,
        "digest": one.artifact.digest,
        "external_id": one.artifact.external_id,
        "shown": one.shown,
        "fetched": one.fetched,
    }


def _cost(cost: Cost | None) -> dict[str, object] | None:
    return None if cost is None else cost.to_json()
