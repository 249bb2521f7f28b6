"""The tables of a quote: the roads beside each other, and each step on each of them, as wide as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from kling_pipe.plan.quote import Quote, RoadQuote, StepQuote
from kling_pipe.report.amounts import duration, plural
from kling_pipe.report.plan_members import about
from kling_pipe.report.tables import table, width
from kling_pipe.values.money import Cost

_gap = "  "


def whole_tables(quote: Quote) -> list[str]:
    """Everything in them, however wide they are."""
    rows = [
        (*_road(road, road.cost), f"~{duration(road.seconds)}" if road.seconds else "–", days_of(road) or "–", mark)
        for road, mark in zip(quote.roads, marks(quote), strict=True)
    ]
    roads = table(("road", "makes", "price", "time", "prices of", ""), rows)
    head = ("step", *(road.profile for road in quote.roads))
    names = dict.fromkeys(step.id for step in quote.storyboard.members.values())
    return [roads, table(head, [(_step_name(quote, name), *_prices(quote.roads, name)) for name in names])]


def narrow_tables(quote: Quote, columns: int) -> list[str]:
    """Money alone; a mark that has no room stands under its road, and roads that have none in a table of their own."""
    rows = [
        (*_road(road, Cost(road.cost.usd)), f"~{duration(road.seconds)}" if road.seconds else "–")
        for road in quote.roads
    ]
    lines = table(("road", "makes", "price", "time"), rows).splitlines()
    left = max(width(line) for line in lines)
    marked = "".join(_marked(line, mark, left, columns) for line, mark in zip(lines, ("", *marks(quote)), strict=True))
    return [marked, *_steps_in_money(quote, columns)]


def marks(quote: Quote) -> list[str]:
    """What there is to say of each road beside its figures."""
    found = []
    for road in quote.roads:
        words = ["cheapest that makes all"] if road is quote.cheapest and len(quote.roads) > 1 else []
        found.append(", ".join([*words, *(["not set up"] if road.lacking else [])]))
    return found


def days_of(road: RoadQuote) -> str:
    """`2026-09-20 to 2026-10-12`, the days of its prices."""
    return " to ".join(road.days)


def widest(texts: Sequence[str]) -> int:
    return max(width(line) for text in texts for line in text.splitlines())


def _road(road: RoadQuote, cost: Cost) -> tuple[str, str, str]:
    makes = "all steps" if road.is_whole else f"{len(road.made)} of {plural(len(road.steps), 'step')}"
    return road.profile, makes, about(cost, exact=road.exact) if road.made else "–"


def _marked(line: str, mark: str, left: int, columns: int) -> str:
    if mark and left + len(_gap) + width(mark) > columns:
        return f"{line}\n{_gap}{mark}\n"
    return f"{line}{' ' * (left - width(line))}{_gap}{mark}".rstrip() + "\n"


def _steps_in_money(quote: Quote, columns: int) -> list[str]:
    tables, roads = [], list(quote.roads)
    while roads:
        beside = next(count for count in range(len(roads), 0, -1) if count == 1 or _fits(quote, roads[:count], columns))
        tables.append(_some_steps(quote, roads[:beside]))
        roads = roads[beside:]
    return tables


def _fits(quote: Quote, roads: Sequence[RoadQuote], columns: int) -> bool:
    return widest([_some_steps(quote, roads)]) <= columns


def _some_steps(quote: Quote, roads: Sequence[RoadQuote]) -> str:
    names = dict.fromkeys(step.id for step in quote.storyboard.members.values())
    rows = [
        (_step_name(quote, name), *(price.partition(" USD")[0] for price in _prices(roads, name))) for name in names
    ]
    return table(("step, in USD", *(road.profile for road in roads)), rows)


def _prices(roads: Sequence[RoadQuote], name: str) -> list[str]:
    return [_price(road.steps[name]) for road in roads]


def _price(step: StepQuote) -> str:
    if not step.is_made:
        return "refused"
    return about(step.cost, exact=step.exact) if step.takes else "shared"


def _step_name(quote: Quote, name: str) -> str:
    members = quote.roads[0].steps[name].members if quote.roads else 1
    return f"{name} ×{members}" if members > 1 else name
