"""Takes, and what choosing among them changes: as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from kling_pipe.plan.former import whole_reason
from kling_pipe.plan.plan import Plan, Planned, Standing, bought_standings
from kling_pipe.report.amounts import plural, size
from kling_pipe.report.tables import pairs, printable, table
from kling_pipe.values.job import Realm
from kling_pipe.values.lock import LockedTake

_shown = 20  # members whose standing changed; more are counted


class Chosen(Protocol):
    """A choice with the plans before and after it; `api/choosing.py` brings it."""

    @property
    def addresses(self) -> Sequence[str]: ...
    @property
    def before(self) -> Plan: ...
    @property
    def after(self) -> Plan: ...
    @property
    def passed_over(self) -> Mapping[str, str]: ...


class Row(Protocol):
    """One take of a member."""

    @property
    def address(self) -> str: ...
    @property
    def take(self) -> int: ...
    @property
    def picked(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def made(self) -> LockedTake | None: ...


def render_choice(choice: Chosen, said: Callable[[str], str]) -> str:
    """What was chosen, a line a member, and what follows from it; `said` words the line."""
    lines = "".join(f"{address}: {said(address)}\n" for address in choice.addresses)
    lines += "".join(f"{address}: left as it is, {why}\n" for address, why in choice.passed_over.items())
    changed = [member for member in _changed(choice) if not _is_told(member, choice)]
    rows = [(_words(member), _price(member), printable(whole_reason(member))) for member in changed[:_shown]]
    more = f"  and {len(changed) - _shown} more\n" if len(changed) > _shown else ""
    follows = "\nwhat follows\n" + table(("", "", ""), rows, indent="  ").partition("\n")[2] + more if rows else ""
    return f"{lines}{follows}\n{pairs([('to pay', _to_pay(choice.after))])}"


def _is_told(member: Planned, choice: Chosen) -> bool:
    """Whether the line of its own says all of it already: what is accepted is current."""
    return bool(member.accepted) and member.address in choice.addresses


def choice_to_json(choice: Chosen, **facts: object) -> dict[str, object]:
    """The choice for the envelope's `data`."""
    return {
        "members": list(choice.addresses),
        **facts,
        "passed_over": [{"member": name, "reason": why} for name, why in choice.passed_over.items()],
        "changed": [
            {
                "member": member.address,
                "before": str(choice.before.members[member.address].standing),
                "standing": str(member.standing),
                "reason": whole_reason(member),
                "price": member.price.cost.to_json() if member.price and member.standing in bought_standings else None,
            }
            for member in _changed(choice)
        ],
        "estimate": choice.after.estimate.to_json(),
        "exact": choice.after.exact,
    }


def _changed(choice: Chosen) -> list[Planned]:
    before = choice.before.members
    return [
        member
        for address, member in choice.after.members.items()
        if (member.standing, member.accepted) != (before[address].standing, before[address].accepted)
    ]


def _words(member: Planned) -> str:
    return f"{member.address} is {'to be made' if member.standing in _unmade else member.standing}"


_unmade = frozenset({Standing.MISSING, Standing.PENDING})


def _price(member: Planned) -> str:
    if member.price is None or member.standing not in bought_standings:
        return ""
    return f"{'' if member.price.exact else 'about '}{member.price.cost}"


def _to_pay(plan: Plan) -> str:
    if not plan.estimate:
        return "nothing"
    pretended = ", simulated" if plan.realm is Realm.SIMULATED else ""
    return f"{'' if plan.exact else 'about '}{plan.estimate}{pretended}, by the next run; nothing was spent"


def render_takes(rows: Sequence[Row], shown: Callable[[str], str]) -> str:
    """The takes as a table, picked ones marked; `shown` shortens a path."""
    cells = [_cells(row, shown) for row in rows]
    return table(("step", "take", "", "file", "size", "cost", "made", "where"), cells)


def takes_to_json(rows: Sequence[Row], realm: Realm) -> dict[str, object]:
    """The takes for the envelope's `data`."""
    return {"realm": str(realm), "takes": [_take_to_json(row) for row in rows]}


def takes_said(rows: Sequence[Row]) -> str:
    """How many takes there are of how many members."""
    members = len({row.address for row in rows})
    return f"{plural(sum(row.made is not None for row in rows), 'take')} of {plural(members, 'member')}"


def _cells(row: Row, shown: Callable[[str], str]) -> tuple[str, ...]:
    mark = "picked" if row.picked else ""
    words = ", ".join(word for word in (mark, _states.get(row.state, "")) if word)
    if row.made is None:
        return (row.address, str(row.take), words, "", "", "", "", "")
    facts, cost = row.made.artifact.facts, row.made.cost
    return (
        row.address, str(row.take), words, str(facts), size(facts.bytes), str(cost) if cost is not None else "",
        row.made.date, shown(row.path) if row.path else "",
    )  # fmt: skip


_states = {"before": "by another recipe", "file gone": "file gone", "not made": "not made"}


def _take_to_json(row: Row) -> dict[str, object]:
    made = row.made
    return {
        "member": row.address,
        "take": row.take,
        "picked": row.picked,
        "state": row.state,
        "path": row.path,
        "key": made.artifact.key if made else "",
        "digest": made.artifact.digest if made else "",
        "facts": made.artifact.facts.to_json() if made else None,
        "files": [file.digest for file in made.artifact.files] if made else [],
        "provider": made.provider if made else "",
        "model": made.model if made else "",
        "task_id": made.artifact.task_id if made else "",
        "cost": made.cost.to_json() if made and made.cost is not None else None,
        "date": made.date if made else "",
    }
