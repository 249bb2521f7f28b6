"""Why members stand as they do: what changed, the whole recipe, what goes stale below, and what it all costs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kling_pipe.plan.changes import Bytes, Change, Part, top_name
from kling_pipe.plan.plan import Plan, Standing, bought_standings
from kling_pipe.plan.standing import pending_reason
from kling_pipe.plan.why import Charge, Why
from kling_pipe.report.amounts import listing, plural
from kling_pipe.report.ink import Ink
from kling_pipe.report.parts import change_lines, edit_of, origin_words, value_words
from kling_pipe.report.tables import pairs, printable, table, width
from kling_pipe.values.job import Realm
from kling_pipe.values.making import Making
from kling_pipe.values.money import Cost

_rows_shown = 20  # members above or below; more are counted
_names_shown = 4  # members of a paragraph
_gap = 2
_pins = re.compile(r"\[[^\[\]`]*\](?=`)")


@dataclass(frozen=True, slots=True)
class Look:
    """How it is shown: `folder` is the storyboard's own, `columns` how wide a line may be, 0 for any width."""

    folder: str
    ink: Ink
    columns: int = 0


def render_whys(plan: Plan, whys: Sequence[Why], costs: Mapping[str, Cost], look: Look, next_lines: str) -> str:
    """One member in full, or several in a paragraph for each that is alike; `next_lines` is what to type."""
    if len(whys) == 1:
        parts = [_headline(whys[0], look), _changes(whys[0], look), _recipe(whys[0], look), _takes(whys[0])]
        parts.append(_costs(plan, whys[0]))
    else:
        parts = [_counts(whys), *_paragraphs(whys, look), _cost_of_all(plan, costs)]
    return "\n".join(part for part in (*parts, next_lines) if part)


def whys_to_json(plan: Plan, whys: Sequence[Why], costs: Mapping[str, Cost]) -> dict[str, object]:
    """The reasons for the envelope's `data`; `cost` is of the members and all they need."""
    return {
        "storyboard": plan.storyboard.name,
        "path": plan.storyboard.path,
        "realm": str(plan.realm),
        "members": [_why_to_json(why) for why in whys],
        "cost": Cost.total(costs.values()).to_json(),
        "exact": _is_exact(plan, costs),
    }


def _headline(why: Why, look: Look) -> str:
    return f"{look.ink.strong(printable(why.member.address))}: {why.member.standing}, {_reason(why)}\n"


def _reason(why: Why) -> str:
    """What is to be said first: the parts that changed, or how the plan puts it; and when it was made."""
    member, made = why.member, _made(why)
    reason = printable(pending_reason(member.sources) or member.reason)
    changed = listing(tuple(dict.fromkeys(f"`{_named(part)}`" for part in why.changed)))
    if why.making is None:
        is_known = member.former is not None or member.artifacts
        return reason if is_known else f"{reason}; nothing is on record of it being made before"
    if changed:
        words = f"{changed} changed since it was made {made}"
        if member.accepted:
            return f"{reason}; {words}"
        return f"{words}; it {reason}" if member.standing is Standing.PENDING else words
    if member.standing is Standing.CURRENT:
        return f"{reason}, made {made}"
    same = "by the same recipe" if why.making.recipe == member.recipe else "and nothing of its own changed"
    return f"{reason}; it was made {made}, {same}"


def _made(why: Why) -> str:
    making = why.making
    if making is None:
        return ""
    named = f" as `{printable(why.made_as)}`" if why.made_as else ""
    return f"on {_day(making)}{named}" if making.ended else f"before{named}"


def _day(making: Making) -> str:
    return datetime.fromtimestamp(making.ended).strftime("%Y-%m-%d %H:%M")


def _named(part: Part) -> str:
    """A part that changed; of the provider from which to which, as everything is bought again on another."""
    is_road = part.name == "provider" and isinstance(part.before, str) and isinstance(part.value, str)
    return f"provider: {part.before} → {part.value}" if is_road else top_name(part)


def _changes(why: Why, look: Look) -> str:
    shown = [part for part in why.parts if part.is_changed or (part.change is Change.AWAITED and why.making)]
    return "changed\n" + _change_rows(shown, why, look, "  ") if shown else ""


def _change_rows(parts: Sequence[Part], why: Why, look: Look, indent: str) -> str:
    """Each part's name, what it was and is, and under it where that was written."""
    left = max((width(printable(part.name)) for part in parts), default=0) + _gap
    room = max(30, look.columns - len(indent) - left) if look.columns else 0
    rows = []
    for part in parts:
        lines = change_lines(part, look.folder, look.ink, room)
        origin = origin_words(part, why.member.model)
        rows.append((printable(part.name), "\n".join([*lines, *([look.ink.aside(origin)] if origin else [])])))
    return pairs(rows, indent=indent)


def _recipe(why: Why, look: Look) -> str:
    rows = [
        (part.name, _value(part, look), origin_words(part, why.member.model))
        for part in why.parts
        if part.change is not Change.REMOVED
    ]
    return "recipe\n" + _headless(rows, "  ")


def _value(part: Part, look: Look) -> str:
    return value_words(part.value, look.folder)


def _takes(why: Why) -> str:
    member = why.member
    made = sorted(member.artifacts)
    by = "by the one before, and accepted" if member.accepted else "by this recipe"
    words = [f"{len(made)} of {member.step.takes} made {by}"]
    if member.step.takes > 1:
        words.append(f"take {member.step.pick} is picked")
    rows = [("takes", ", ".join(words))]
    making = why.making
    if making is not None:
        facts = (
            _day(making) if making.ended else "",
            f"task {printable(making.task_id)}" if making.task_id else "",
            str(making.cost) if making.cost else "",
        )
        rows.append(("made last", ", ".join(fact for fact in facts if fact)))
    return pairs(rows)


def _costs(plan: Plan, why: Why) -> str:
    if not why.charges:
        if why.users:
            return f"made from it: {listing(why.users)}\n"
        return ""
    rows = [("above", charge) for charge in why.above]
    rows += [("this", why.own)] if why.own else []
    rows += [("below", charge) for charge in why.below]
    shown = [(role, charge) for role, charge in rows if charge is not None]
    lines = [
        (role, one.member.address, _price(one), "" if role == "this" else _stale(one))
        for role, one in shown[:_rows_shown]
    ]
    rest = shown[_rows_shown:]
    if rest:
        lines.append(("", f"and {len(rest)} more", str(Cost.total(one.cost for _, one in rest)), ""))
    text = "cost\n" + _headless(lines, "  ")
    return text + f"  together, {_total(plan, why.charges)}\n"


def _stale(charge: Charge) -> str:
    """Why a member above or below has to be made: by which fields it follows, and what of its own changed."""
    own = listing(tuple(f"`{name}`" for name in charge.changed if name not in charge.by))
    if not charge.by:
        return f"{own} changed" if own else printable(charge.member.reason)
    fields = listing(tuple(f"`{field}`" for field in charge.by))
    besides = f"; its own {own} changed too" if own else ""
    return f"{'goes stale' if charge.was_made else 'not made yet, made from it'} by {fields}{besides}"


def _price(charge: Charge) -> str:
    return f"{'' if charge.exact else 'about '}{charge.cost}" if charge.cost else "shared, paid for once"


def _total(plan: Plan, charges: Sequence[Charge]) -> str:
    members = [charge.member.address for charge in charges]
    return price_words(plan, Cost.total(charge.cost for charge in charges), members)


def price_words(plan: Plan, cost: Cost, members: Sequence[str]) -> str:
    """A sum with its certainty, the day of its prices and, where it is so, that nobody is charged."""
    prices = [price for name in members if (price := plan.members[name].price) is not None]
    dates = sorted({price.as_of for price in prices if price.as_of})
    known = f", prices of {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""
    certainty = "exact" if all(price.exact for price in prices) else "about"
    pretended = "; simulated, so nobody is charged" if plan.realm is Realm.SIMULATED else ""
    return f"{cost}, {certainty}{known}{pretended}"


def _is_exact(plan: Plan, members: Mapping[str, Cost]) -> bool:
    prices = [plan.members[name].price for name in members]
    return all(price.exact for price in prices if price is not None)


def _counts(whys: Sequence[Why]) -> str:
    counts = Counter(str(why.member.standing) for why in whys)
    words = ", ".join(f"{count} {standing}" for standing, count in counts.items())
    step = whys[0].member.step.id
    name = step if all(why.member.step.id == step for why in whys) else plural(len(whys), "member")
    return f"{name}: {plural(len(whys), 'member')}, {words}\n"


def _paragraphs(whys: Sequence[Why], look: Look) -> list[str]:
    """One for those that stand alike and in which the same was edited; the first of them shows it."""
    groups: dict[tuple[object, ...], list[Why]] = {}
    for why in whys:
        edits = tuple((part.name, part.change, edit_of(part)) for part in why.changed)
        reason = _pins.sub("", _reason(why))  # members of one step wait for members of one step
        groups.setdefault((str(why.member.standing), reason, edits), []).append(why)
    return [
        _paragraph(group, str(key[0]), str(key[1]), _change_rows(group[0].changed, group[0], look, "    "))
        for key, group in groups.items()
    ]


def _paragraph(group: Sequence[Why], standing: str, reason: str, changes: str) -> str:
    names = listing(tuple(printable(why.member.address) for why in group), _names_shown)
    text = f"  {names}\n    {standing}, {reason}\n{changes}"
    charges = [why.own for why in group if why.own]
    if charges:
        below = sum(len(why.below) for why in group)
        stale = f"; {plural(below, 'step')} below would go stale" if below else ""
        text += f"    {Cost.total(charge.cost for charge in charges)}{stale}\n"
    return text


def _cost_of_all(plan: Plan, costs: Mapping[str, Cost]) -> str:
    if not costs:
        return ""
    return pairs(
        [("together", f"{price_words(plan, Cost.total(costs.values()), list(costs))}, with what they need above")]
    )


def _headless(rows: Sequence[tuple[str, ...]], indent: str) -> str:
    return table(("",) * len(rows[0]), rows, indent=indent).partition("\n")[2] if rows else ""


def _why_to_json(why: Why) -> dict[str, object]:
    member, making = why.member, why.making
    return {
        "address": member.address,
        "standing": str(member.standing),
        "reason": member.reason,
        "is_bought": member.standing in bought_standings,
        "takes": member.step.takes,
        "made_takes": sorted(member.artifacts),
        "pick": member.step.pick,
        "accepted": member.accepted or None,
        "changed": [part.name for part in why.changed],
        "made": None
        if making is None
        else {
            "as": making.member, "recipe": making.recipe, "at": making.ended, "task_id": making.task_id,
            "external_id": making.external_id, "takes": list(making.takes), "cost": making.cost.to_json(),
        },
        "recipe": member.recipe,
        "parts": [part_to_json(part) for part in why.parts],
        "above": [_charge_to_json(charge) for charge in why.above],
        "own": _charge_to_json(why.own) if why.own else None,
        "below": [_charge_to_json(charge) for charge in why.below],
        "users": list(why.users),
        "cost": Cost.total(charge.cost for charge in why.charges).to_json(),
        "exact": all(charge.exact for charge in why.charges),
    }  # fmt: skip


def part_to_json(part: Part) -> dict[str, object]:
    return {
        "name": part.name,
        "group": str(part.group),
        "change": str(part.change),
        "value": _value_to_json(part.value),
        "before": _value_to_json(part.before),
        "path": part.span.path if part.span else None,
        "line": part.span.line if part.span else None,
        "column": part.span.column if part.span else None,
    }


def _value_to_json(value: object) -> object:
    if not isinstance(value, Bytes):
        return list(value) if isinstance(value, tuple) else value
    return {
        "sha256": value.digest or None, "select": value.select, "member": value.member, "take": value.take,
        "image": value.image, "input": value.name, "place": value.place,
    }  # fmt: skip


def _charge_to_json(charge: Charge) -> dict[str, object]:
    return {
        "address": charge.member.address, "standing": str(charge.member.standing), "cost": charge.cost.to_json(),
        "exact": charge.exact, "by": list(charge.by), "changed": list(charge.changed), "was_made": charge.was_made,
    }  # fmt: skip
