"""A plan for people and for programs: what will run and why, what it costs, how long it takes, which way it travels."""

from __future__ import annotations

from collections.abc import Sequence

from kling_pipe.plan.former import stale_words, whole_reason
from kling_pipe.plan.plan import Former, Plan, Planned, Price, Standing, bought_standings, source_of
from kling_pipe.report.amounts import duration, listing, plural
from kling_pipe.report.tables import pairs, printable, shortened, table
from kling_pipe.values.job import Realm

_verbs = {
    Standing.CURRENT: "keep",
    Standing.MISSING: "make",
    Standing.PENDING: "make",
    Standing.RUNNING: "wait",
    Standing.STALE: "stale",
    Standing.RETRY: "again",
    Standing.UNCERTAIN: "settle",
}
_path_words = 8
_steps_shown = 3  # of those whose price is an estimate for the same reason
_current_shown = 20  # steps with nothing to do; more are counted only


def render_plan(plan: Plan, run_command: str) -> str:
    """The plan as text; `run_command` is what to type next."""
    parts = [_headline(plan), _members(plan), _deliveries(plan), _figures(plan)]
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
    return {
        "storyboard": plan.storyboard.name,
        "path": plan.storyboard.path,
        "realm": str(plan.realm),
        "members": [_member_to_json(member) for member in plan.members.values()],
        "deliveries": [{"path": delivery.path, "member": member} for delivery, member in plan.deliveries],
        "critical_path": list(plan.critical_path),
        "seconds": plan.seconds,
        "estimate": plan.estimate.to_json(),
        "exact": plan.exact,
    }


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
    return f"{plan.storyboard.name} ({world}): {plural(len(plan.members), 'step')}, {', '.join(words)}\n"


def _members(plan: Plan) -> str:
    shown = [member for member in plan.members.values() if member.standing is not Standing.CURRENT]
    current = [member for member in plan.members.values() if member.standing is Standing.CURRENT]
    few = current if len(current) <= _current_shown else []
    lines = table(("", "", "", "", ""), [_row(member) for member in (*shown, *few)], indent="  ").splitlines()[1:]
    text = ""
    for member, line in zip((*shown, *few), lines, strict=True):
        text += line + "\n"
        if member.accepted:
            text += f"        {member.reason}\n"
        if member.standing is not Standing.CURRENT:
            text += f"        {shortened(printable(whole_reason(member)), 100)}; by {member.route}\n"
    return text + (f"  keep  {len(current)} steps that are current\n" if len(few) < len(current) else "")


def _row(member: Planned) -> tuple[str, ...]:
    if member.standing is Standing.CURRENT:
        return (_verbs[member.standing], member.address, _making(member), "", "")
    cost = _cost(member.price) if member.price and member.standing in bought_standings else ""
    return (_verbs[member.standing], member.address, _making(member), cost, f"~{duration(member.expected_seconds)}")


def _cost(price: Price) -> str:
    return f"{'' if price.exact else 'about '}{price.cost}"


def _making(member: Planned) -> str:
    takes = member.bought_takes if member.standing in bought_standings else ()
    count = len(takes) or member.step.takes
    noun = {"image": "picture", "video": "clip", "audio": "sound"}.get(str(member.makes), str(member.makes))
    if member.pictures != 1:
        count *= member.pictures
    return f"{plural(count, noun) if count else 'pictures'} by {member.model}"


def _deliveries(plan: Plan) -> str:
    rows = [(delivery.path, f"from {source_of(delivery, member)}") for delivery, member in plan.deliveries]
    return "deliver\n" + pairs(rows, indent="  ") if rows else ""


def _figures(plan: Plan) -> str:
    rows = [("estimate", _estimate(plan))]
    if plan.seconds:
        rows.append(("time", f"about {duration(plan.seconds)}"))
    if len(plan.critical_path) > 1:
        rows.append(("longest way", _way(plan.critical_path)))
    budget = plan.storyboard.budget.run
    if budget is not None:
        verdict = "enough" if budget.allows(plan.estimate) else "not enough, so the run will be refused"
        rows.append(("budget", f"{budget}, {verdict}"))
    return pairs(rows)


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
