"""A quote for people and for programs: the roads beside each other, and what is lost on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kling_pipe.errors import Problem
from kling_pipe.plan.quote import Quote, RoadQuote, StepQuote
from kling_pipe.report.amounts import duration, plural
from kling_pipe.report.plan_members import about
from kling_pipe.report.tables import pairs, printable, table

_most_told = 12  # lines of one section


def render_quote(quote: Quote, next_line: str = "") -> str:
    """The roads in a table, each step on each of them, and what there is to say of each road; `next_line` is what to
    type next."""
    parts = [
        _headline(quote),
        _roads(quote),
        _steps(quote),
        _section("refused", _refused(quote)),
        _section("not as written", _notes(quote)),
        _section("by other names", _names(quote)),
        _section("prices", _prices(quote)),
        _section("lacking", _lacking(quote)),
        _alone(quote),
        next_line,
    ]
    return "\n".join(part for part in parts if part)


def quote_to_json(quote: Quote) -> dict[str, object]:
    """The quote for the envelope's `data`."""
    return {
        "storyboard": quote.storyboard.name,
        "path": quote.storyboard.path,
        "steps": len({step.id for step in quote.storyboard.members.values()}),
        "members": len(quote.storyboard.members),
        "cheapest": quote.cheapest.profile if quote.cheapest else None,
        "together": list(quote.together),
        "whole": [road.profile for road in quote.roads if road.is_whole],
        "roads": [_road_to_json(road) for road in quote.roads],
    }


def _headline(quote: Quote) -> str:
    members = quote.storyboard.members
    steps = plural(len({step.id for step in members.values()}), "step")
    counted = f"{steps}, {plural(len(members), 'member')}" if any("[" in address for address in members) else steps
    return f"{quote.storyboard.name} on {plural(len(quote.roads), 'road')}: {counted}, as if nothing were made yet\n"


def _roads(quote: Quote) -> str:
    rows = [
        (
            road.profile,
            "all steps" if road.is_whole else f"{len(road.made)} of {plural(len(road.steps), 'step')}",
            about(road.cost, exact=road.exact) if road.made else "–",
            f"~{duration(road.seconds)}" if road.seconds else "–",
            " to ".join(road.days) or "–",
            _mark(quote, road),
        )
        for road in quote.roads
    ]
    return table(("road", "makes", "price", "time", "prices of", ""), rows)


def _alone(quote: Quote) -> str:
    """What is said where no road makes everything."""
    if quote.cheapest is not None:
        return ""
    if not quote.together:
        return "no road makes every step, nor do all of them together\n"
    return f"no road makes every step alone; `provider: [{', '.join(quote.together)}]` does\n"


def _mark(quote: Quote, road: RoadQuote) -> str:
    words = ["cheapest that makes all"] if road is quote.cheapest and len(quote.roads) > 1 else []
    words += ["not set up"] if road.lacking else []
    return ", ".join(words)


def _steps(quote: Quote) -> str:
    head = ("step", *(road.profile for road in quote.roads))
    names = dict.fromkeys(step.id for step in quote.storyboard.members.values())
    rows = [(_step_name(quote, name), *(_step_price(road.steps[name]) for road in quote.roads)) for name in names]
    return table(head, rows)


def _step_name(quote: Quote, name: str) -> str:
    members = quote.roads[0].steps[name].members if quote.roads else 1
    return f"{name} ×{members}" if members > 1 else name


def _step_price(step: StepQuote) -> str:
    if not step.is_made:
        return "refused"
    return about(step.cost, exact=step.exact) if step.takes else "shared"


def _section(head: str, rows: Sequence[tuple[str, str]]) -> str:
    shown = [(printable(name), printable(text)) for name, text in rows[:_most_told]]
    more = f"  and {len(rows) - _most_told} more\n" if len(rows) > _most_told else ""
    return f"{head}\n{pairs(shown, indent='  ')}{more}" if rows else ""


def _refused(quote: Quote) -> list[tuple[str, str]]:
    return [
        (f"{road.profile}: {step.step}", _told(problem))
        for road in quote.roads
        for step in road.steps.values()
        for problem in step.refused
    ]


def _notes(quote: Quote) -> list[tuple[str, str]]:
    return [
        (f"{road.profile}: {step.step}", _told(problem))
        for road in quote.roads
        for step in road.made
        for problem in step.notes
    ]


def _told(problem: Problem) -> str:
    return f"{problem.code}: {problem.message}{f'; {problem.hint}' if problem.hint else ''}"


def _names(quote: Quote) -> list[tuple[str, str]]:
    """The service's own id of each model that goes by another there."""
    found: dict[tuple[str, str], None] = {}
    for road in quote.roads:
        for step in road.made:
            for model, name in zip(step.models, step.names, strict=False):
                if name not in ("", model):
                    found[road.profile, f"{model} is `{name}`"] = None
    return list(found)


def _prices(quote: Quote) -> list[tuple[str, str]]:
    """Where the prices of each road come from; why those are estimates that are."""
    found = []
    for road in quote.roads:
        whole = (reason for step in road.made for reason in step.reasons)
        reasons = dict.fromkeys(part for reason in whole for part in reason.split("; "))
        words = [f"by {'; '.join(road.sources)}"] if road.sources else []
        words += [f"about, as {'; '.join(reasons)}"] if reasons else []
        if words:
            found.append((road.profile, "; ".join(words)))
    return found


def _lacking(quote: Quote) -> list[tuple[str, str]]:
    return [(road.profile, _told(problem)) for road in quote.roads for problem in road.lacking]


def _road_to_json(road: RoadQuote) -> dict[str, object]:
    return {
        "profile": road.profile,
        "provider": road.provider,
        "whole": road.is_whole,
        "cost": road.cost.to_json(),
        "exact": road.exact,
        "seconds": road.seconds,
        "as_of": list(road.days),
        "sources": list(road.sources),
        "steps": [_step_to_json(step) for step in road.steps.values()],
        "lacking": list(_problems_to_json(road.lacking)),
    }


def _step_to_json(step: StepQuote) -> dict[str, object]:
    return {
        "step": step.step,
        "kind": step.kind,
        "members": step.members,
        "made": step.is_made,
        "takes": step.takes,
        "cost": step.cost.to_json() if step.is_made else None,
        "exact": step.exact,
        "reasons": list(step.reasons),
        "models": list(step.models),
        "names": list(step.names),
        "refused": list(_problems_to_json(step.refused)),
        "notes": list(_problems_to_json(step.notes)),
    }


def _problems_to_json(problems: Sequence[Problem]) -> Iterator[dict[str, object]]:
    for problem in problems:
        yield {"code": problem.code, "message": problem.message, "hint": problem.hint}
