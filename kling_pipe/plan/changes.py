"""What changed in a recipe since its member was made, from the explanation the ledger kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from kling_pipe.plan.plan import Planned, Source
from kling_pipe.values.digest import canonical


def changed_parts(member: Planned, explanation: str) -> tuple[str, ...]:
    """Names of what differs from the recipe of an explanation (`prompt`, `model`, `image`); empty when unreadable."""
    try:
        before = json.loads(explanation)
        names = {**_flat(before["parameters"]), **_flat(before["inputs"]), "model": before["model"]}
    except (ValueError, KeyError, TypeError):
        return ()
    inputs = {source.wire.field: _named(source) for source in member.sources}
    now = {**_flat(member.parameters), **_flat(inputs), "model": canonical(member.model)}
    names["model"] = canonical(names["model"])
    return tuple(name for name in sorted({*names, *now}) if names.get(name) != now.get(name))


def _flat(values: object) -> dict[str, str]:
    return {str(name): canonical(value) for name, value in cast(Mapping[str, object], values).items()}


def _named(source: Source) -> dict[str, str]:
    return {"sha256": source.digest, "select": source.select} if source.select else {"sha256": source.digest}
