"""Which call a request is, and which fields of it are filled with what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache

from kling_pipe.values.wire import Request
from tests.coverage.reading import Call, calls

Values = Mapping[str, tuple[str, ...]]  # by the path of a field: what it is filled with, in order


def call_of(request: Request) -> Call:
    """The call of Kling's API that a request is."""
    exact = _by_path().get((request.method, request.path))
    if exact is not None:
        return exact
    below = _by_path().get((request.method, f"{request.path.rpartition('/')[0]}/{{id}}"))
    assert below is not None, f"{request.method} {request.path} is no call of the API"
    return below


def values_of(request: Request) -> Values:
    """Every field of a request that is filled: of its body, its query and its path."""
    found: dict[str, list[str]] = {}
    if call_of(request).path.endswith("/{id}"):
        found["id"] = [request.path.rpartition("/")[2]]
    for name, value in (*request.query, *_filled(request.body or {}, "")):
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _filled(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            yield below, _text(inner)
            yield from _filled(inner, below)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _filled(item, f"{path}[]")


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


@cache
def _by_path() -> Mapping[tuple[str, str], Call]:
    return {(call.method, call.path): call for call in calls().values()}
