"""Two requests field by field, each field by its path: `inputs.frameImages[0].image`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.examples.reading import Addition, Difference, left_out

Fields = Mapping[str, Any]


def fields_of(body: object) -> Fields:
    """Every value of a body. What is empty counts as a value, so that nesting is compared too."""
    return dict(_fields(body, ""))


def apart(example: Fields, sent: Fields, added: Mapping[str, Addition], differs: Mapping[str, Difference]) -> list[str]:
    """The paths at which the two are not the same, type and all, but for what is added or told otherwise on purpose;
    and what is told otherwise and is the same."""
    places = sorted({*example, *sent})
    told = {path: where for path in places if (where := _within(path, differs))}
    found = {
        path
        for path in places
        if not _same(example.get(path, left_out), sent.get(path, left_out))
        and not (path not in example and path in added and _may_be(sent[path], added[path]))
    }
    wrong = [
        path for path in places if path in found and not (path in told and _as_told(path, sent, differs[told[path]]))
    ]
    return [*wrong, *(f"{where} is the same" for where in differs if where not in {told.get(path) for path in found})]


def _within(path: str, differs: Mapping[str, Difference]) -> str:
    """The place of a difference that a path is, or is in."""
    return next((where for where in differs if path == where or path.startswith((f"{where}.", f"{where}["))), "")


def _as_told(path: str, sent: Fields, difference: Difference) -> bool:
    return _same(sent.get(path, left_out), difference.sent)


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _may_be(value: object, addition: Addition) -> bool:
    return not addition.values or any(_same(value, allowed) for allowed in addition.values)


def _fields(value: object, path: str) -> Iterator[tuple[str, Any]]:
    inner: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        inner = [(f"{path}.{name}" if path else str(name), item) for name, item in value.items()]
    elif isinstance(value, list | tuple):
        inner = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    if not inner:
        yield path, [] if isinstance(value, tuple) else value
    for below, item in inner:
        yield from _fields(item, below)
