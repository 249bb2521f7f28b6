"""The models as a list for people and programs: what each can do, its limits and its prices with their date."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace

from kling_pipe.plan.catalogue_rows import KindRow, ModelRow, capability_words
from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import pairs

current_state = "current"
words_of_capabilities = capability_words


def chosen(rows: Sequence[ModelRow], kind: str, can: Sequence[str], *, retired: bool) -> tuple[ModelRow, ...]:
    """The models that fit, each with the kinds that fit; every word of `can` must hold for one and the same kind."""
    fitting = []
    for row in rows:
        if row.state != current_state and not retired:
            continue
        kinds = tuple(one for one in row.kinds if kind in ("", one.kind) and all(word in one.can for word in can))
        if kinds:
            fitting.append(replace(row, kinds=kinds))
    return tuple(fitting)


def render_models(rows: Sequence[ModelRow]) -> str:
    """The models as text, one block a model and one a kind."""
    if not rows:
        return "no model fits\n"
    return "\n".join(_block(row) for row in rows) + f"\n{plural(len(rows), 'model')}\n"


def models_to_json(rows: Sequence[ModelRow]) -> dict[str, object]:
    """The models for the envelope's `data`."""
    return {"models": [dataclasses.asdict(row) for row in rows]}


def _block(row: ModelRow) -> str:
    names = f" ({', '.join(row.names)})" if row.names else ""
    head = f"{row.model}{names}: {row.product}, {_state(row)}\n"
    return head + "".join(
        f"  {one.kind}{', the default' if one.default else ''}\n{_kind(one, row)}" for one in row.kinds
    )


def _state(row: ModelRow) -> str:
    if row.state == current_state:
        return row.state
    since = f" since {row.retired_on}" if row.retired_on else ""
    return f"{row.state}{since}" + (f", use {row.successor}" if row.successor else "")


def _kind(kind: KindRow, row: ModelRow) -> str:
    facts = (
        ("can", ", ".join(kind.can)),
        ("takes", ", ".join(kind.inputs)),
        ("seconds", _range(kind.durations)),
        ("modes", ", ".join(kind.modes)),
        ("sizes", ", ".join(kind.resolutions)),
        ("ratios", ", ".join(kind.aspect_ratios)),
        ("prompt", f"at most {kind.prompt_max} characters" if kind.prompt_max else ""),
        ("price", "\n".join(kind.prices) + (f"\nas of {row.as_of}, {kind.price_source}" if kind.prices else "")),
        ("usually", f"{kind.typical_seconds:.0f} s" if kind.typical_seconds else ""),
    )
    return pairs([(name, text) for name, text in facts if text], indent="    ")


def _range(seconds: tuple[int, ...]) -> str:
    whole = tuple(range(seconds[0], seconds[-1] + 1)) if seconds else ()
    return f"{seconds[0]} to {seconds[-1]}" if len(seconds) > 2 and seconds == whole else ", ".join(map(str, seconds))
