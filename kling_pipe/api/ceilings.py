"""Ceilings on a run: which caps the ledger holds it to, and the refusal of what is known beforehand to pass one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kling_pipe.api.options import Options
from kling_pipe.errors import Problem, Refused
from kling_pipe.plan.plan import Plan, Planned, bought_of
from kling_pipe.values.money import Cap, Caps, Cost, blind

_named = 3  # members of a step that are named when several pass a cap


def caps_of(plan: Plan, options: Options) -> Caps:
    """Every cap of the command line, the storyboard and the project, and what somebody agreed to: retries and later
    attempts are no part of an estimate, so all of them hold all through the run."""
    budget = plan.storyboard.budget
    agreed = _as_caps(options.agreed) if options.agreed is not None else ()
    return Caps.of(run=(options.max_cost, budget.run, *agreed), step=budget.step, take=budget.take)


def refuse_over_budget(plan: Plan, options: Options) -> None:
    """Nothing begins that is known to pass a ceiling, or costs more than was agreed to; all of it is told at once."""
    meant = any(member.meant for member in plan.members.values())
    look = "; `kling-pipe ledger reconcile` looks for free whether an earlier run has paid already" if meant else ""
    if options.agreed is not None and not all(cap.allows(plan.estimate) for cap in _as_caps(options.agreed)):
        raise Refused(
            "not-agreed",
            f"the run would spend {plan.estimate} by now, and {options.agreed} was agreed to",
            hint=f"the storyboard or what is made of it changed meanwhile: run again; nothing was spent{look}",
        )
    problems = [*_of_the_run(plan, options, look), *_of_steps(plan), *_of_takes(plan)]
    if problems:
        raise Refused.of(problems)


def _as_caps(agreed: Cost) -> tuple[Cap, ...]:
    money = Cap(agreed.usd, "USD")
    return (money, Cap(agreed.total_units, "units")) if agreed.units else (money,)


def _of_the_run(plan: Plan, options: Options, look: str) -> Iterator[Problem]:
    about = "" if plan.exact else "about "
    named = ((options.max_cost, "`--max-cost`"), (plan.storyboard.budget.run, "the budget of the run"))
    agreed = _as_caps(options.agreed) if options.agreed is not None else ()
    caps = [cap for cap, _ in named if cap is not None]
    if unheld := [one for one in bought_of(plan) if one.price and blind((*caps, *agreed), one.price.cost)]:
        name = next(name for cap, name in named if cap is not None)
        yield _unheld(unheld, name, caps[0])
    for cap, name in named:
        if cap is not None and not cap.allows(plan.estimate):
            message = f"the run would cost {about}{plan.estimate}, and {name} is {cap}"
            hint = f"raise it, or make less with `--only STEP`; nothing was spent{look}"
            yield Problem("over-budget", message, cap.span, hint)


def _unheld(members: Sequence[Planned], name: str, cap: Cap) -> Problem:
    """A ceiling in units, and members that are billed in money alone: it would hold nothing of theirs."""
    names = ", ".join(f"`{member.address}`" for member in members[:_named])
    more = f" and {len(members) - _named} more" if len(members) > _named else ""
    cost = Cost.total(member.price.cost for member in members if member.price)
    verb = "is" if len(members) == 1 else "are"
    message = f"{names}{more} {verb} billed in money, {cost}, which {name} of {cap} does not hold"
    return Problem("over-budget", message, cap.span, "give it in money, such as `5 USD`; nothing was spent")


def _of_steps(plan: Plan) -> Iterator[Problem]:
    return _of_members(
        plan, plan.storyboard.budget.step, "step", lambda member: member.price.cost if member.price else Cost()
    )


def _of_takes(plan: Plan) -> Iterator[Problem]:
    return _of_members(plan, plan.storyboard.budget.take, "take", lambda member: member.take_cost)


def _of_members(plan: Plan, cap: Cap | None, scope: str, cost_of: Callable[[Planned], Cost]) -> Iterator[Problem]:
    """One problem a step: its members differ in little."""
    if cap is None:
        return
    if unheld := [one for one in bought_of(plan) if not cap.counts(cost_of(one))]:
        yield _unheld(unheld, f"the budget of a {scope}", cap)
    passing: dict[str, list[Planned]] = {}
    for member in bought_of(plan):
        if not cap.allows(cost_of(member)):
            passing.setdefault(member.step.id, []).append(member)
    for members in passing.values():
        dearest = max(members, key=lambda member: cap.measure(cost_of(member)))
        hint = f"raise it, or make the {scope} cheaper; nothing was spent"
        message = f"{_names(members)} would cost {_sum(members, cost_of(dearest), scope)}"
        yield Problem("over-budget", f"{message} and the budget of a {scope} is {cap}", cap.span, hint)


def _names(members: Sequence[Planned]) -> str:
    if len(members) == 1:
        return f"`{members[0].address}`"
    named = ", ".join(f"`{member.address}`" for member in members[:_named])
    more = f" and {len(members) - _named} more" if len(members) > _named else ""
    return f"{len(members)} members of `{members[0].step.id}` ({named}{more})"


def _sum(members: Sequence[Planned], most: Cost, scope: str) -> str:
    exact = all(member.price is None or member.price.exact for member in members)
    words = f"{'' if exact else 'about '}{most}{' a take' if scope == 'take' else ''}"
    return words if len(members) == 1 else f"up to {words}{' each' if scope == 'step' else ''}"
