"""The coverage data as values: endpoints with their fields, documents with their options, and what reaches each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kling_pipe.story.document import Document

here = Path(__file__).parent
root = here.parents[1]
uses = ("create", "errand", "query", "replaced", "left-out")


@dataclass(frozen=True, slots=True)
class Reach:
    """What reaches a field or an option: keys of steps as `kind.key`, a mechanism, or nothing for a reason."""

    keys: tuple[str, ...] = ()
    by: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ApiField:
    """A field of a request, by its path: `contents[].url`, `settings.duration`, or `id` of the path itself."""

    name: str
    type: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Call:
    """One call of Kling's API."""

    id: str
    method: str
    path: str
    use: str
    kinds: tuple[str, ...]
    instead: str
    reason: str
    fields: tuple[ApiField, ...]

    def fields_reached(self) -> tuple[ApiField, ...]:
        return tuple(field for field in self.fields if not field.reach.reason)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What reaches a field without a key of a step."""

    says: str
    command: tuple[str, ...] = ()
    project: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a document; `of` is the model or group that has it."""

    name: str
    of: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model id of a document: what it stands for, and the keys its name alone sets."""

    id: str
    kinds: tuple[str, ...]
    model: str
    sets: Mapping[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One of the five documents."""

    id: str
    title: str
    models: tuple[NamedModel, ...]
    options: tuple[Option, ...]


@cache
def calls() -> Mapping[str, Call]:
    """Every call, by id."""
    return {name: _call(name, lines) for name, lines in _data("kling_api.yaml").items()}


@cache
def mechanisms() -> Mapping[str, Mechanism]:
    return {
        name: Mechanism(
            str(lines["says"]), tuple(lines.get("command", ())), lines.get("project", ""), lines.get("shown", "")
        )
        for name, lines in _data("mechanisms.yaml").items()
    }


@cache
def papers() -> tuple[Paper, ...]:
    """The five documents."""
    return tuple(_paper(name, lines) for name, lines in _data("sources.yaml").items())


def every_reach() -> Iterator[tuple[str, Reach]]:
    """Whatever is said of a field or an option, with its place."""
    for call in calls().values():
        yield from ((f"{call.id} {field.name}", field.reach) for field in call.fields if call.use != "left-out")
    for paper in papers():
        yield from ((f"{paper.id} {option.of} {option.name}", option.reach) for option in paper.options)


def _call(name: str, lines: Mapping[str, Any]) -> Call:
    method, _, path = str(lines["call"]).partition(" ")
    kinds = tuple(lines.get("kinds", ()))
    fields = [ApiField(field, str(about["type"]), _reach(about, kinds)) for field, about in lines["fields"].items()]
    return Call(
        name, method, path, str(lines["use"]), kinds, lines.get("instead", ""), lines.get("reason", ""), tuple(fields)
    )


def _paper(paper: str, lines: Mapping[str, Any]) -> Paper:
    models, options = [], []
    for name, about in lines["models"].items():
        kinds = tuple(about["kinds"])
        models.append(NamedModel(name, kinds, str(about["model"]), about.get("set", {}), about.get("note", "")))
        options += _options(name, about.get("options", {}), kinds)
    for name, about in lines["groups"].items():
        options += _options(name, about["options"], tuple(about.get("kinds", ())))
    return Paper(paper, str(lines["title"]), tuple(models), tuple(options))


def _options(of: str, lines: Mapping[str, Any], kinds: Sequence[str]) -> list[Option]:
    return [Option(name, of, _reach(about, kinds)) for name, about in lines.items()]


def _reach(about: Mapping[str, Any], kinds: Sequence[str]) -> Reach:
    written: Sequence[str] = about.get("keys", ())
    keys = [key for name in written for key in ([name] if "." in name else [f"{kind}.{name}" for kind in kinds])]
    return Reach(tuple(keys), about.get("by", ""), about.get("not", ""), about.get("note", ""))


def _data(name: str) -> Mapping[str, Any]:
    path = here / name
    document = Document.parse(path.read_text("utf-8"), str(path))
    assert not document.problems, document.problems
    data: Mapping[str, Any] = document.root
    return data
