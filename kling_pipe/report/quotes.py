"""A quote for people and for programs: the roads beside each other, and what is lost on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kling_pipe.errors import Problem
from kling_pipe.plan.quote import Quote, RoadQuote, StepQuote
from kling_pipe.report.amounts import listing, plural
from kling_pipe.report.quote_tables import days_of, narrow_tables, whole_tables, widest
from kling_pipe.report.tables import pairs, printable

_most_told = 12  # lines of one section
_most_steps = 3  # of those that share a line
_grades = ("sure", "likely", "disputed", "derived")


def render_quote(quote: Quote, next_line: str = "", columns: int = 0) -> str:
    """The roads in a table, each step on each of them, and what there is to say of each road; `next_line` is what to
    type next. Where the tables are wider than `columns`, there is money alone in them, and the rest under `prices`."""
    tables = whole_tables(quote)
    is_narrow = 0 < columns < widest(tables)
    parts = [
        _headline(quote),
        *(narrow_tables(quote, columns) if is_narrow else tables),
        _section("refused", _refused(quote)),
        _section("not as written", _notes(quote)),
        _section("by other defaults", _defaults(quote)),
        _section("by other names", _names(quote)),
        _section("prices", _prices(quote, with_days=is_narrow)),
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
        "roads": [_road_to_json(quote, road) for road in quote.roads],
    }


def _headline(quote: Quote) -> str:
    members = quote.storyboard.members
    steps = plural(len({step.id for step in members.values()}), "step")
    counted = f"{steps}, {plural(len(members), 'member')}" if any("[" in address for address in members) else steps
    return f"{quote.storyboard.name} on {plural(len(quote.roads), 'road')}: {counted}, as if nothing were made yet\n"


def _alone(quote: Quote) -> str:
    """What is said where no road makes everything."""
    if quote.cheapest is not None:
        return ""
    if not quote.together:
        return "no road makes every step, nor do all of them together\n"
    return f"no road makes every step alone; `provider: [{', '.join(quote.together)}]` does\n"


def _section(head: str, rows: Sequence[tuple[str, str]]) -> str:
    shown = [(printable(name), printable(text)) for name, text in rows[:_most_told]]
    more = f"  and {len(rows) - _most_told} more\n" if len(rows) > _most_told else ""
    return f"{head}\n{pairs(shown, indent='  ')}{more}" if rows else ""


def _refused(quote: Quote) -> list[tuple[str, str]]:
    told = [
        (road.profile, step.step, _told(problem))
        for road in quote.roads
        for step in road.steps.values()
        for problem in step.refused
    ]
    return _together(told)


def _notes(quote: Quote) -> list[tuple[str, str]]:
    told = [
        (road.profile, step.step, _told(problem))
        for road in quote.roads
        for step in road.made
        for problem in step.notes
    ]
    return _together(told)


def _together(told: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """What is the same for several steps of a road on one line."""
    steps: dict[tuple[str, str], list[str]] = {}
    for profile, step, words in told:
        steps.setdefault((profile, words), []).append(step)
    return [
        (f"{profile}: {listing(tuple(dict.fromkeys(names)), _most_steps)}", words)
        for (profile, words), names in steps.items()
    ]


def _defaults(quote: Quote) -> list[tuple[str, str]]:
    """What a road takes for what is not written, where the first road takes another value."""
    told = [
        (road.profile, step, ", ".join(f"`{name}: {_plain(own)}`, not {_plain(other)}" for name, (own, other) in which))
        for road in quote.roads
        for step, which in ((step, sorted(differing.items())) for step, differing in quote.otherwise(road).items())
    ]
    return _together(told)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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


def _prices(quote: Quote, *, with_days: bool) -> list[tuple[str, str]]:
    """Where the prices of each road come from; why those are estimates that are. With days and units where no table
    tells them."""
    found = []
    for road in quote.roads:
        whole = (reason for step in road.made for reason in step.reasons)
        reasons = dict.fromkeys(part for reason in whole for part in reason.split("; "))
        units = str(road.cost).partition(" (")[2].removesuffix(")")
        words = [units] if with_days and units else []
        words += [f"of {days_of(road)}"] if with_days and road.days else []
        words += [f"by {'; '.join(_sources(road.sources))}"] if road.sources else []
        words += [f"about, as {'; '.join(reasons)}"] if reasons else []
        if words:
            found.append((road.profile, "; ".join(words)))
    return found


def _sources(sources: Sequence[str]) -> list[str]:
    """`NAME, likely and sure`: a source once, with the grades of what is taken from it."""
    grades: dict[str, list[str]] = {}
    for source in sources:
        name, _, grade = source.rpartition(", ")
        known = grades.setdefault(name if grade in _grades else source, [])
        known += [grade] if grade in _grades else []
    return [f"{name}, {' and '.join(found)}" if found else name for name, found in grades.items()]


def _lacking(quote: Quote) -> list[tuple[str, str]]:
    return [(road.profile, _told(problem)) for road in quote.roads for problem in road.lacking]


def _road_to_json(quote: Quote, road: RoadQuote) -> dict[str, object]:
    return {
        "profile": road.profile,
        "provider": road.provider,
        "whole": road.is_whole,
        "cost": road.cost.to_json(),
        "exact": road.exact,
        "seconds": road.seconds,
        "as_of": list(road.days),
        "sources": list(road.sources),
        "steps": [_step_to_json(step, quote.otherwise(road).get(step.step, {})) for step in road.steps.values()],
        "lacking": list(_problems_to_json(road.lacking)),
    }


def _step_to_json(step: StepQuote, otherwise: Mapping[str, tuple[object, object]]) -> dict[str, object]:
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
        "defaults": {name: own for name, (own, _) in sorted(otherwise.items())},
        "refused": list(_problems_to_json(step.refused)),
        "notes": list(_problems_to_json(step.notes)),
    }


def _problems_to_json(problems: Sequence[Problem]) -> Iterator[dict[str, object]]:
    for problem in problems:
        yield {"code": problem.code, "message": problem.message, "hint": problem.hint}
