"""The examples as values: a storyboard a document, whose steps carry the requests that they must become.

    x-create    the request that makes it; `call` (a document may have one for all), `body`
    x-run       the executable's run that makes it: its flags by their long names, and as they are `typed`
    x-price     the request that asks what it costs
    x-query     the request that asks how it stands

`line` is where the example begins in its document; `differs` names the fields that are sent otherwise or left out, each
with all that is in it, and why. `x-refused` has keys with which the step is the example to the letter, and the code of
what is said of it before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kling_pipe.story.document import Document

here = Path(__file__).parent
forms = ("create", "run", "price", "query")


left_out = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """What is sent in place of a value of an example: another, or nothing."""

    sent: Any
    because: str


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a document: the step that says it, and the request that it is."""

    document: str
    step: str
    form: str
    line: int
    call: str
    body: Mapping[str, Any]
    differs: Mapping[str, Difference]
    typed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.document}-{self.step}-{self.form}"


@dataclass(frozen=True, slots=True)
class Addition:
    """A field that kling-pipe sends and an example has not; `values` are all that it may hold, none means any."""

    values: tuple[Any, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a document holds at a line: an example, or what has no request of the service and why."""

    line: int
    what: str
    instead: str


@cache
def documents() -> Mapping[str, Mapping[str, Any]]:
    """By id: `title`, `provider`, `added` and `examples`, as `documents.yaml` tells."""
    return _data("documents.yaml")


def listed(document: str) -> tuple[Listed, ...]:
    """All examples of a document, in its order."""
    lines = documents()[document]["examples"].items()
    return tuple(
        Listed(int(line), about, "") if isinstance(about, str) else Listed(int(line), about["what"], about["instead"])
        for line, about in lines
    )


@cache
def additions(document: str) -> Mapping[str, Addition]:
    """What is added on purpose to every request of a document."""
    return {
        path: Addition(tuple(about.get("is", ())), str(about["because"]))
        for path, about in documents()[document]["added"].items()
    }


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of the documents."""
    return tuple(example for document in documents() for example in _of(document))


@cache
def written(document: str) -> Mapping[str, Mapping[str, Any]]:
    """The steps of a document's storyboard as they are written."""
    steps: Mapping[str, Mapping[str, Any]] = _data(f"{document}.yaml")["steps"]
    return steps


def _of(document: str) -> Iterator[Example]:
    call = documents()[document].get("call", "")
    for step, about in written(document).items():
        for form in forms:
            if (told := about.get(f"x-{form}")) is not None:
                yield Example(
                    document, step, form, int(told["line"]), str(told.get("call", call)), told.get("body", {}),
                    {path: _difference(about) for path, about in told.get("differs", {}).items()},
                    tuple(told.get("typed", ())),
                )  # fmt: skip


def _difference(about: Mapping[str, Any]) -> Difference:
    return Difference(about.get("is", left_out), str(about["because"]))


def text_of(name: str) -> str:
    return (here / name).read_text("utf-8")


def _data(name: str) -> Mapping[str, Any]:
    document = Document.parse(text_of(name), str(here / name))
    assert not document.problems, document.problems
    data: Mapping[str, Any] = document.root
    return data
