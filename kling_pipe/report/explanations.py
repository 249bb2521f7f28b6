"""Everything about one model as text and as JSON."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Sequence

from kling_pipe.plan.catalogue_pages import Explanation, FieldPage, KindPage, ModelPage, PricePage, WayPage
from kling_pipe.report.amounts import duration
from kling_pipe.report.catalogues import state_words
from kling_pipe.report.tables import width

_least = 30  # columns that a value is given in any case


def render_explanation(found: Explanation, columns: int) -> str:
    """The pages as text, one block a model and product, one a kind."""
    head = f"`{found.asked}` means {', '.join(f'`{word}`' for word in found.means)}\n\n" if found.means else ""
    return head + "\n".join(_model(page, columns) for page in found.pages)


def explanation_to_json(found: Explanation) -> dict[str, object]:
    """The pages for the envelope's `data`."""
    pages = [
        {**dataclasses.asdict(page.row), "kinds": [_kind_to_json(kind) for kind in page.kinds]} for page in found.pages
    ]
    return {"asked": found.asked, "means": list(found.means), "models": pages}


def _kind_to_json(kind: KindPage) -> dict[str, object]:
    own, listed = (
        [{**dataclasses.asdict(price), "cost": price.cost.to_json()} for price in prices]
        for prices in (kind.own_prices, kind.prices)
    )
    return {**dataclasses.asdict(kind), "prices": listed, "own_prices": own}


def _model(page: ModelPage, columns: int) -> str:
    row = page.row
    facts = [
        ("path standard", ", ".join(row.names)),
        ("aliases", ", ".join(row.aliases)),
        *(("" if place else "elsewhere", f"{name} = {means}") for place, (name, means) in enumerate(row.tiers)),
        ("source", f"{row.source}, {row.grade}"),
    ]
    head = f"{row.model}: {row.product}, {state_words(row)}\n" + _pairs(facts, columns, "  ")
    return head + "".join("\n" + _kind(kind, row.as_of, columns) for kind in page.kinds)


def _kind(kind: KindPage, as_of: str, columns: int) -> str:
    head = f"  {kind.kind}{', the default of its kind' if kind.default else ''}\n"
    fields = [row for field in (*kind.inputs, *kind.parameters) for row in _rows(field)]
    facts = [
        *(("" if place else "rules", rule) for place, rule in enumerate(kind.rules)),
        *(("" if place else "price", line) for place, line in enumerate(_prices(kind, as_of))),
        ("usually", duration(kind.usual_seconds)),
        ("at once", f"{kind.takes_at_once} takes in one task" if kind.takes_at_once > 1 else ""),
        *(("" if place else "goes by", _way(way)) for place, way in enumerate(kind.ways)),
    ]
    return head + _pairs([*fields, *facts], columns, "    ")


def _rows(field: FieldPage) -> Iterable[tuple[str, str]]:
    yield field.name, _field(field)
    for name, values in field.known.items():
        yield "", f"{name.replace('-', ' ')}: {', '.join(values)}"


def _field(field: FieldPage) -> str:
    parts = ["needed"] if field.needed else []
    parts += [field.takes] if field.takes else []
    parts += [f"default {field.default}"] if field.default else []
    return "; ".join(parts)


def _prices(kind: KindPage, as_of: str) -> Iterable[str]:
    for price in kind.own_prices:
        yield _price(price, exact=True)
    if kind.own_prices:
        day = f"as of {kind.own_as_of}, " if kind.own_as_of else ""
        yield f"{day}your own by {kind.own_source}; the list price is"
    for price in kind.prices:
        yield _price(price, exact=kind.exact)
    yield from (f"and {addition}" for addition in kind.additions)
    yield f"as of {kind.price_as_of or as_of}, {kind.price_source}"


def _price(price: PricePage, *, exact: bool) -> str:
    case = f"{price.case}: " if price.case else ""
    about = "" if exact else "about "
    unit = "unit" if price.units == "1" and price.currency == "units" else price.currency
    example = f"; {price.example}: " if price.example else ", "
    return f"{case}{price.units} {unit} {price.per}{example}{about}{price.cost}"


def _way(way: WayPage) -> str:
    key = "an API key only" if way.needs_api_key else ""
    conditions = ", ".join(word for word in (way.when, key) if word)
    return f"{way.standard} {way.endpoint}{f' ({conditions})' if conditions else ''}"


def _pairs(rows: Sequence[tuple[str, str]], columns: int, indent: str) -> str:
    """Names to the left, values beside them, wrapped."""
    shown = [(name, value) for name, value in rows if value]
    left = max(width(name) for name, _ in shown)
    room = max(_least, columns - len(indent) - left - 2)
    lines = []
    for name, value in shown:
        first, *others = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False)
        lines.append(f"{indent}{name}{' ' * (left - width(name))}  {first}")
        lines += [f"{indent}{' ' * left}  {other}" for other in others]
    return "".join(line.rstrip() + "\n" for line in lines)
