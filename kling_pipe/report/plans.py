"""A plan for people and for programs: what will run and why, what it costs, how long it takes, which way it travels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kling_pipe.plan.former import stale_words, whole_reason
from kling_pipe.plan.plan import Former, Plan, Planned, Price, Standing, bought_of, bought_standings, source_of
from kling_pipe.plan.totals import Sum, Totals
from kling_pipe.report.amounts import duration, listing, plural
from kling_pipe.report.plan_members import about, render_members
from kling_pipe.report.tables import pairs, table
from kling_pipe.values.job import Realm
from kling_pipe.values.money import Cap, Cost

_path_words = 8
_steps_shown = 3  # of those whose price is an estimate for the same reason
_deliveries_shown = 12  # more are told together, step by step


def render_plan(plan: Plan, run_command: str, *, full: bool = False) -> str:
    """The plan as text; `run_command` is what to type next, `full` tells every member and deliverable on its own."""
    totals = Totals.of(plan)
    parts = [
        _headline(plan) + _sentence(plan, totals.whole),
        render_members(tuple(plan.members.values()), full=full),
        _deliveries(plan, totals, full=full),
        _by_name("by step", _sums_of_several(plan, totals)) if full else "",
        _by_name("by model", totals.models if 1 < len(totals.models) < len(totals.steps) else {}),
        _figures(plan),
    ]
    if plan.standing(Standing.UNCERTAIN):
        parts.append("next: look the uncertain ones up at the provider; they are never sent again by themselves\n")
    elif any(member.standing is not Standing.CURRENT for member in plan.members.values()):
        parts.append(f"next: `{run_command}`{_or_accept(plan)}\n")
    return "\n".join(part for part in parts if part)


def render_stale(plan: Plan) -> str:
    """What a run makes anew though it was made before, a line each; empty where there is none."""
    return "".join(f"{words}\n" for words in stale_words(plan.members.values()))


def plan_to_json(plan: Plan) -> dict[str, object]:
    """The plan for the envelope's `data`."""
    totals = Totals.of(plan)
    return {
        "storyboard": plan.storyboard.name,
        "path": plan.storyboard.path,
        "realm": str(plan.realm),
        "members": [_member_to_json(member) for member in plan.members.values()],
        "deliveries": [
            {"path": delivery.path, "member": member, "alone": _sum_to_json(one)}
            for (delivery, member), one in zip(plan.deliveries, totals.deliveries, strict=True)
        ],
        "critical_path": list(plan.critical_path),
        "seconds": plan.seconds,
        "estimate": plan.estimate.to_json(),
        "exact": plan.exact,
        "tasks": totals.whole.tasks,
        "takes": totals.whole.takes,
        "steps": [{"step": name, **_sum_to_json(one)} for name, one in totals.steps.items()],
        "models": [{"model": name, **_sum_to_json(one)} for name, one in totals.models.items()],
    }


def spending_of(plan: Plan) -> str:
    """`about 2.30 USD on 6 paid tasks, 8 takes (5 missing, 1 stale)`."""
    whole = Totals.of(plan).whole
    missing = whole.members - whole.stale
    standing = [f"{count} {word}" for count, word in ((missing, "missing"), (whole.stale, "stale")) if count]
    return f"{about(plan.estimate, exact=plan.exact)} on {_counted(whole)} ({', '.join(standing)})"


def switches_of(plan: Plan) -> str:
    """``3 made on `NAME` are bought again on `OTHER` for 1.20 USD``, and the same of what is under way or in doubt;
    empty where nothing is bought again for its road alone."""
    several: dict[tuple[str, str], list[Planned]] = {}
    for member in plan.members.values():
        if member.standing in bought_standings and (member.begun_on or member.made_on):
            several.setdefault((_there(member), member.provider), []).append(member)
    return ", ".join(_switch(old, new, members) for (old, new), members in several.items())


def _there(member: Planned) -> str:
    """How a member stands on its other road."""
    if member.begun_on:
        return f"{'in doubt' if member.in_doubt else 'under way'} on `{member.begun_on}`"
    return f"made on `{member.made_on}`"


def _switch(old: str, new: str, members: Sequence[Planned]) -> str:
    prices = [member.price for member in members if member.price is not None]
    cost = about(Cost.total(price.cost for price in prices), exact=all(price.exact for price in prices))
    return f"{len(members)} {old} {'is' if len(members) == 1 else 'are'} bought again on `{new}` for {cost}"


def _counted(whole: Sum) -> str:
    """`6 paid tasks, 8 takes`."""
    return f"{plural(whole.tasks, 'paid task')}, {plural(whole.takes, 'take')}"


def _or_accept(plan: Plan) -> str:
    return "; `kling-pipe accept` keeps a stale one as it is" if plan.standing(Standing.STALE) else ""


def _headline(plan: Plan) -> str:
    counts = {standing: len(plan.standing(standing)) for standing in Standing}
    to_make = sum(counts[standing] for standing in bought_standings)
    stale = f" ({counts[Standing.STALE]} stale)" if counts[Standing.STALE] else ""
    words = [f"{to_make} to make{stale}"] if to_make else []
    words += [
        f"{counts[standing]} {word}"
        for standing, word in ((Standing.RUNNING, "running"), (Standing.UNCERTAIN, "uncertain"))
        if counts[standing]
    ]
    words.append(f"{counts[Standing.CURRENT]} current")
    world = "simulated" if plan.realm is Realm.SIMULATED else "real money"
    steps = len({member.step.id for member in plan.members.values()})
    members = [plural(len(plan.members), "member")] if len(plan.members) > steps else []
    return f"{plan.storyboard.name} ({world}): {', '.join([plural(steps, 'step'), *members, *words])}\n"


def _sentence(plan: Plan, whole: Sum) -> str:
    """`4 deliverables from 6 paid tasks, 8 takes`; nothing where there is nothing to pay."""
    if not whole.tasks:
        return ""
    made = f"{plural(len(plan.deliveries), 'deliverable')} from " if plan.deliveries else ""
    return f"{made}{_counted(whole)}\n"


def _deliveries(plan: Plan, totals: Totals, *, full: bool) -> str:
    """What is delivered, and what each costs if it alone is made now."""
    if not plan.deliveries:
        return ""
    several: dict[str, list[tuple[str, str, Sum]]] = {}
    for (delivery, member), one in zip(plan.deliveries, totals.deliveries, strict=True):
        group = delivery.path if full or len(plan.deliveries) <= _deliveries_shown else member.partition("[")[0]
        several.setdefault(group, []).append((delivery.path, source_of(delivery, member), one))
    rows = [_delivery(group) for group in several.values()]
    head = "deliver, at what each costs by itself\n" if totals.whole.cost else "deliver\n"
    return head + table(("", "", ""), rows, indent="  ").partition("\n")[2]


def _delivery(group: Sequence[tuple[str, str, Sum]]) -> tuple[str, str, str]:
    path, source, one = group[0]
    if len(group) == 1:
        return (path, f"from {source}", about(one.cost, exact=one.exact) if one.cost else "")
    costs = sorted((one.cost for _, _, one in group), key=lambda cost: (cost.usd, cost.total_units))
    exact = all(one.exact for _, _, one in group)
    low, high = about(costs[0], exact=exact), str(costs[-1])
    price = f"{low} each" if costs[0] == costs[-1] else f"{low.partition(' (')[0]} to {high} each"
    name = source.partition("[")[0]
    return (f"{path} and {len(group) - 1} more", f"from {name}", price if costs[-1] else "")


def _sums_of_several(plan: Plan, totals: Totals) -> Mapping[str, Sum]:
    """The sums of steps that have several members."""
    members = Counter(member.step.id for member in plan.members.values())
    return {step: one for step, one in totals.steps.items() if members[step] > 1}


def _by_name(head: str, sums: Mapping[str, Sum]) -> str:
    rows = [
        (name, f"{plural(one.tasks, 'task')}, {plural(one.takes, 'take')}", about(one.cost, exact=one.exact))
        for name, one in sums.items()
    ]
    return f"{head}\n" + table(("", "", ""), rows, indent="  ").partition("\n")[2] if rows else ""


def _figures(plan: Plan) -> str:
    rows = [("estimate", _estimate(plan))]
    if switches := switches_of(plan):
        rows.append(("roads", switches))
    if plan.seconds:
        rows.append(("time", f"about {duration(plan.seconds)}"))
    if len(plan.critical_path) > 1:
        rows.append(("longest way", _way(plan.critical_path)))
    if budgets := list(_budgets(plan)):
        rows.append(("budget", "\n".join(budgets)))
    return pairs(rows)


def _budgets(plan: Plan) -> Iterator[str]:
    """Each ceiling beside what is to be spent; that of the run says nothing of what it is for, as it is the usual."""
    budget = plan.storyboard.budget
    bought = bought_of(plan)
    if (run := budget.run) is not None:
        yield f"{run}, {'enough' if holds(run, plan) and run.allows(plan.estimate) else _too_little}"
    if (step := budget.step) is not None:
        yield f"{step} a step, {_verdict([one for one in bought if one.price and not _fits(step, one.price.cost)])}"
    if (take := budget.take) is not None:
        yield f"{take} a take, {_verdict([one for one in bought if not _fits(take, one.take_cost)])}"


def holds(cap: Cap, plan: Plan) -> bool:
    """Whether a cap counts everything that is bought: one in units says nothing of what is billed in money."""
    return all(one.price is None or cap.counts(one.price.cost) for one in bought_of(plan))


def _fits(cap: Cap, cost: Cost) -> bool:
    return cap.counts(cost) and cap.allows(cost)


def _verdict(over: Sequence[Planned]) -> str:
    """Which members pass a ceiling; those of a step are counted where they are several."""
    if not over:
        return "enough"
    members = Counter(one.step.id for one in over)
    names = (f"{members[one.step.id]} of {one.step.id}" if members[one.step.id] > 1 else one.address for one in over)
    return _too_little.replace(",", f" for {listing(tuple(dict.fromkeys(names)), _steps_shown)},")


_too_little = "not enough, so the run will be refused"


def _way(path: tuple[str, ...]) -> str:
    shown = path if len(path) <= _path_words else (*path[: _path_words - 1], f"{len(path) - _path_words + 1} more")
    return " → ".join(shown)


def _estimate(plan: Plan) -> str:
    if not plan.estimate:
        return "nothing to pay"
    bought = [member for member in plan.members.values() if member.price and member.standing in bought_standings]
    dates = sorted({member.price.as_of for member in bought if member.price and member.price.as_of})
    certainty = "exact" if plan.exact else "about"
    pretended = "; simulated, so nobody is charged" if plan.realm is Realm.SIMULATED else ""
    known = f", prices of {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""
    return "\n".join((f"{plan.estimate}, {certainty}{known}{pretended}", *_origins(bought)))


def _origins(bought: Sequence[Planned]) -> list[str]:
    """Where the prices come from, one source a line; those that are estimates first, with their steps and the why."""
    about: dict[str, list[str]] = {}
    exact: dict[str, None] = {}
    for member in bought:
        if member.price and member.price.exact and member.price.source:
            exact[member.price.source] = None
        elif member.price and not member.price.exact:
            about.setdefault(_why(member.price), []).append(member.address)
    lines = [f"about for {listing(tuple(about[why]), _steps_shown)}: {why}" for why in sorted(about)]
    return lines + [f"exact by {source}" for source in sorted(exact)]


def _why(price: Price) -> str:
    return "; ".join(word for word in (price.reason, price.source) if word)


def _member_to_json(member: Planned) -> dict[str, object]:
    return {
        "address": member.address,
        "kind": member.kind,
        "model": member.model,
        "profile": member.profile,
        "provider": member.provider,
        "made_on": member.made_on,
        "begun_on": member.begun_on,
        "in_doubt": member.in_doubt,
        "standing": str(member.standing),
        "reason": whole_reason(member),
        "former": _former_to_json(member.former),
        "accepted": member.accepted,
        "takes": member.step.takes,
        "missing_takes": list(member.missing_takes),
        "route": {
            "standard": member.route.standard,
            "endpoint": member.route.endpoint,
            "reason": member.route.reason,
        },
        "keys": list(member.keys),
        "price": _price_to_json(member.price),
        "seconds": member.expected_seconds,
        "above": list(member.above),
    }


def _former_to_json(former: Former | None) -> dict[str, object] | None:
    if former is None:
        return None
    takes = {str(take): artifact.digest for take, artifact in sorted(former.artifacts.items())}
    return {"date": former.date, "takes": takes}


def _sum_to_json(one: Sum) -> dict[str, object]:
    return {
        "members": one.members,
        "stale": one.stale,
        "tasks": one.tasks,
        "takes": one.takes,
        "cost": one.cost.to_json(),
        "exact": one.exact,
    }


def _price_to_json(price: Price | None) -> dict[str, object] | None:
    if price is None:
        return None
    return {
        "cost": price.cost.to_json(),
        "exact": price.exact,
        "reason": price.reason,
        "as_of": price.as_of,
        "source": price.source,
    }
