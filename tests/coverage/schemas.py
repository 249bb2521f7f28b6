"""Where a key stands in the JSON Schemas of kinds and of the project file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.coverage.reading import root

# Keys of every kind; what they do is not for the provider to know. (`description` is an element's own, too.)
common = frozenset(
    (
        "kind",
        "model",
        "provider",
        "takes",
        "pick",
        "retries",
        "after",
        "vary",
        "each",
        "gather",
        "exclude",
        "timeout",
        "extra",
        "description",
    )
)


@cache
def kinds() -> tuple[str, ...]:
    """Every kind that has a schema."""
    return tuple(sorted(path.name.partition(".")[0] for path in (root / "schemas" / "steps").glob("*.schema.json")))


@cache
def schema(name: str) -> Mapping[str, Any]:
    """`steps/speech`, `project`."""
    found: Mapping[str, Any] = json.loads((root / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    return found


def has(name: str, path: str) -> bool:
    """Whether a schema knows a key, such as `camera_control.config.zoom` or `shots[].prompt`."""
    places = [schema(name)]
    for part in path.replace("[]", ".[]").split("."):
        places = [found for place in places for found in _below(place, part)]
    return bool(places)


def _below(place: Mapping[str, Any], part: str) -> Iterator[Mapping[str, Any]]:
    for form in _forms(place):
        if part == "[]":
            if isinstance(form.get("items"), Mapping):
                yield form["items"]
        elif part in form.get("properties", {}):
            yield form["properties"][part]
        elif isinstance(form.get("additionalProperties"), Mapping):  # names of the user's own, as those of profiles
            yield from _below(form["additionalProperties"], part)


def _forms(place: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield place
    for word in ("anyOf", "oneOf", "allOf"):
        for form in place.get(word, ()):
            yield from _forms(form)
