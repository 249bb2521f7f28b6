"""What has changed between a plan on paper and the plan of now: each thing by its name, old and new.

1. Texts, inputs and prices have to be the very same, and so have a member's fields and its recipe where it was known.
2. The lock may have moved on as a run of this plan writes it: picks, asked takes and accepted ones are the same, and
   what it held of members that were current is still there. What it holds of those that were to be made may be new.
3. There may be less to buy, because some of it is made by now; never a take that was not planned, and never for more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from kling_pipe.errors import Problem
from kling_pipe.plan.bound import BoundMember, BoundPlan, Pinned
from kling_pipe.plan.plan import Plan, Planned, Standing
from kling_pipe.values.span import Span

_widest = 60  # signs of a value
_before = 12  # signs shown before the first difference of two long texts


def drift(planned: BoundPlan, now: BoundPlan, plan: Plan) -> Iterator[Problem]:
    """Everything that is not as it was planned; `now` is `plan` on paper."""
    if planned.version != now.version:
        yield _told("kling-pipe", f"version {planned.version}", f"version {now.version}")
    yield from _files(planned.texts, now.texts, "")
    yield from _files(planned.inputs, now.inputs, "the input ")
    for address in {**planned.members, **now.members}:
        old, new = planned.members.get(address), now.members.get(address)
        if old is None or new is None:
            yield Problem("plan-drift", f"`{address}` {'is new' if old is None else 'is gone'} since the plan was made")
        else:
            yield from _member(plan.members[address], old, new)
    yield from _lock(planned, now)
    for cost, most in ((now.estimate.usd, planned.estimate.usd),
                       (now.estimate.total_units, planned.estimate.total_units)):  # fmt: skip
        if cost > most:
            yield Problem("plan-drift", f"the run would cost {now.estimate} now, and {planned.estimate} was planned")
            return


def _files(old: Mapping[str, str], new: Mapping[str, str], what: str) -> Iterator[Problem]:
    for path in {**old, **new}:
        if path not in new:
            yield Problem("plan-drift", f"{what}`{path}` is used no more, and it was when the plan was made")
        elif path not in old:
            yield Problem("plan-drift", f"{what}`{path}` is new since the plan was made")
        elif old[path] != new[path]:
            yield Problem(
                "plan-drift",
                f"{what}`{path}` was changed: sha256 {old[path][:12]} was planned, it is {new[path][:12]} now",
            )


def _member(planned: Planned, old: BoundMember, new: BoundMember) -> Iterator[Problem]:
    address, changed = planned.address, False
    for name in {**old.fields, **new.fields}:
        before, after = old.fields.get(name, ""), new.fields.get(name, "")
        if before != after:
            changed = True
            yield _told(f"{address}: {name}", *_apart(before, after), planned.step.span_of(name))
    if old.recipe and new.recipe and old.recipe != new.recipe and not changed:
        yield _told(f"{address}: the key of what it is made from", old.recipe[:12], new.recipe[:12], planned.step.span)
    yield from _price(planned, old, new, changed=changed)
    more = sorted(set(new.buys) - set(old.buys))
    if more and not changed:
        takes = f"take {more[0]}" if len(more) == 1 else f"takes {', '.join(map(str, more))}"
        message = f"`{address}` would buy {takes}, which the plan did not: {planned.reason}"
        yield Problem("plan-drift", message, planned.step.span)


def _price(planned: Planned, old: BoundMember, new: BoundMember, *, changed: bool) -> Iterator[Problem]:
    """A price row that is another one; or another figure by the same row, unless what was an estimate came out lower
    because the file that it is measured by is there now."""
    name, span = f"{planned.address}: the price of a take", planned.step.span
    if changed:
        return
    if (old.as_of, old.source) != (new.as_of, new.source):
        yield _told(name, _row(old), _row(new), span)
    elif old.take != new.take and not (old.reason and new.take.usd <= old.take.usd):
        yield _told(name, str(old.take), str(new.take), span)


def _row(one: BoundMember) -> str:
    """`0.028 USD by kling-pipe.yaml:5 of 2026-11-01`."""
    return f"{one.take} by {one.source or 'no list'}{f' of {one.as_of}' if one.as_of else ''}"


def _lock(planned: BoundPlan, now: BoundPlan) -> Iterator[Problem]:
    if planned.lock == now.lock:
        return
    told = False
    path = planned.lock[0]
    for address in planned.members.keys() & now.members.keys():
        old, new = planned.members[address], now.members[address]
        for name, before, after in _decisions(old, new.pinned):
            told = True
            yield _told(f"{path}: {name} of {address}", before, after)
    if not told and planned.lock[1] and not now.lock[1]:
        yield Problem("plan-drift", f"`{path}` is gone, and it was there when the plan was made")


def _decisions(old: BoundMember, new: Pinned) -> Iterator[tuple[str, str, str]]:
    """What the lock decides of a member and did not, or decides otherwise."""
    was = old.pinned
    if was.pick != new.pick:
        yield "pick", _none(was.pick), _none(new.pick)
    if was.takes != new.takes:
        yield "takes", _none(was.takes), _none(new.takes)
    if was.accepted != new.accepted:
        yield "accepted", was.accepted or "nothing", new.accepted or "nothing"
    for take, digest in was.made.items() if old.standing == Standing.CURRENT else ():
        if new.made.get(take) != digest:
            yield f"take {take}", digest, new.made.get(take, "nothing")


def _none(count: int) -> str:
    return str(count) if count else "nothing"


def _told(name: str, old: str, new: str, span: Span | None = None) -> Problem:
    return Problem("plan-drift", f"`{name}`: {old} was planned, it is {new} now", span)


def _apart(old: str, new: str) -> tuple[str, str]:
    """Two values as they are written, cut to where they differ."""
    first, second = (json.loads(value) if value else None for value in (old, new))
    if not (isinstance(first, str) and isinstance(second, str)):
        return _short(old or "nothing"), _short(new or "nothing")
    same = next((place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), 0)
    same = same or min(len(first), len(second)) * first.startswith(second) or same
    begin = max(0, same - _before) if max(len(first), len(second)) > _widest else 0
    return _quoted(first, begin), _quoted(second, begin)


def _quoted(text: str, begin: int) -> str:
    return f'"{"…" if begin else ""}{_short(text[begin:])}"'


def _short(text: str) -> str:
    return text if len(text) <= _widest else f"{text[: _widest - 1]}…"
