"""What was spent, for people and for programs: a short overview, one table by what was asked for, or single jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import printable, shortened, table
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Realm
from kling_pipe.values.money import Cost, plain, units_of
from kling_pipe.values.spending import By, Group, Tally, day_of, is_under_way, moment_of

_most_rows = 5  # of a table in the overview


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: the total, the tables that were asked for, and the jobs where those were."""

    realm: Realm
    ledger: str  # as the user would write it; empty where there is none
    since: float
    total: Tally
    groups: Mapping[By, Sequence[Group]] = field(default_factory=dict)
    jobs: Sequence[JobRow] = ()
    command: str = ""  # what to type for more of an overview; empty where everything is shown


def render_spending(page: Page) -> str:
    """The page as text."""
    if not page.total.jobs:
        since = f" since {_moment(page.since)}" if page.since else ""
        return f"nothing was asked for{since}{_world(page)}\n"
    most = _most_rows if page.command else 0
    parts = [_headline(page)]
    parts += [_groups(by, groups, page.total, most) for by, groups in page.groups.items() if groups]
    parts.append(_jobs(page.jobs))
    if page.command:
        parts.append(f"next: `{page.command} --by step`, or `--jobs` for single jobs with their tasks\n")
    return "\n".join(part for part in parts if part)


def spending_to_json(page: Page) -> dict[str, object]:
    """The page for the envelope's `data`."""
    return {
        "realm": str(page.realm),
        "ledger": page.ledger,
        "since": page.since,
        "total": _tally_to_json(page.total),
        "by": {
            str(by): [{**_named(by, group.words), **_tally_to_json(group.tally)} for group in groups]
            for by, groups in page.groups.items()
        },
        "jobs": [_job_to_json(row) for row in page.jobs],
    }


def _headline(page: Page) -> str:
    total = page.total
    since = f" since {_moment(page.since)}" if page.since else ""
    spent = f"{total.spent}, {_certainty(total)}" if total.spent else "nothing spent"
    text = f"{plural(total.jobs, 'job')}{since}: {spent}{_world(page)}\n"
    if total.under_way:
        text += f"under way: about {total.under_way}\n"
    if total.uncertain:
        text += (
            f"uncertain: {plural(total.uncertain, 'job')}, paid or not; `kling-pipe settle` says what became of it\n"
        )
    return text


def _world(page: Page) -> str:
    return "; simulated, nobody was charged" if page.realm is Realm.SIMULATED else ""


def _groups(by: By, groups: Sequence[Group], total: Tally, most: int) -> str:
    shown = groups if not most else groups[-most:] if by is By.DAY else groups[:most]
    left = len(groups) - len(shown)
    tallies = [*(group.tally for group in shown), total]
    packs = sorted({pack for tally in tallies for pack, _ in tally.spent.units})
    decimals = max(2, *(_decimals(tally.spent.usd) for tally in tallies))
    rows = [_row(" ".join(group.words), group.tally, packs, decimals) for group in shown]
    if not most:
        rows.append(_row("total", total, packs, decimals))
    head = (f"by {by}", "jobs", "USD", *(units_of(pack) for pack in packs), "")
    numbers = tuple(range(1, len(head) - 1))
    more = f"  … and {left} more: `--by {by}`\n" if left else ""
    return table(head, rows, right=numbers) + more


def _row(name: str, tally: Tally, packs: Sequence[str], decimals: int) -> tuple[str, ...]:
    units = dict(tally.spent.units)
    return (
        f"  {name or '(none)'}",
        str(tally.jobs),
        f"{tally.spent.usd:.{decimals}f}",
        *(plain(units[pack]) if pack in units else "" for pack in packs),
        ", ".join(_remarks(tally)),
    )


def _remarks(tally: Tally) -> list[str]:
    words = [_certainty(tally)] if tally.spent else []
    words += [f"{tally.failed} failed"] if tally.failed else []
    words += [f"{tally.uncertain} uncertain"] if tally.uncertain else []
    words += [f"about {tally.under_way} under way"] if tally.under_way else []
    return words


def _jobs(rows: Sequence[JobRow]) -> str:
    if not rows:
        return ""
    lines = [
        (
            _moment(moment_of(row)),
            row.storyboard,
            row.member,
            row.model,
            _takes(row),
            str(row.state),
            _price(row),
            row.task_id or "-",
            shortened(printable(row.message), 60),
        )
        for row in rows
    ]
    return table(("when", "storyboard", "step", "model", "takes", "state", "cost", "task", ""), lines)


def _takes(row: JobRow) -> str:
    takes = ",".join(map(str, row.takes))
    return f"{takes} (attempt {row.attempt})" if row.attempt > 1 else takes


def _price(row: JobRow) -> str:
    if row.cost is None:
        return f"about {row.estimate}" if is_under_way(row) else ""
    return f"{'' if row.exact or not row.cost else 'about '}{row.cost}" if row.cost else "nothing"


def _certainty(tally: Tally) -> str:
    return "exact" if tally.exact else "partly estimated"


def _decimals(amount: Decimal) -> int:
    text = plain(amount)
    return len(text.partition(".")[2])


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")


def _named(by: By, words: Sequence[str]) -> dict[str, str]:
    """A group's words under their names; the storyboard stands before a step or member of it."""
    names = (By.STORYBOARD, by) if by in (By.STEP, By.MEMBER) else (by,)
    return {str(name): word for name, word in zip(names, words, strict=True)}


def _tally_to_json(tally: Tally) -> dict[str, object]:
    return {
        "jobs": tally.jobs,
        "failed": tally.failed,
        "uncertain": tally.uncertain,
        "spent": tally.spent.to_json(),
        "exact": tally.exact,
        "under_way": tally.under_way.to_json(),
    }


def _job_to_json(row: JobRow) -> dict[str, object]:
    return {
        "external_id": row.external_id,
        "task_id": row.task_id,
        "state": str(row.state),
        "storyboard": row.storyboard,
        "step": row.member,
        "kind": row.kind,
        "model": row.model,
        "profile": row.profile,
        "takes": list(row.takes),
        "attempt": row.attempt,
        "at": moment_of(row),
        "day": day_of(row),
        "cost": (row.cost or Cost()).to_json(),
        "exact": row.exact,
        "estimate": row.estimate.to_json(),
        "code": row.code,
        "message": row.message,
    }
