"""What a recipe is made of, part by part, and what of it changed since its member was made.

The old recipe is read from the explanation the ledger kept. A wired input whose file is not made yet is *awaited*: its
bytes are not known, so nobody can say whether they will be the old ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kling_pipe.plan.plan import Planned, Source
from kling_pipe.plan.recipe import recipe_format
from kling_pipe.story.storyboard import InputFile, InputUrl
from kling_pipe.values.digest import canonical
from kling_pipe.values.span import Span


class Group(StrEnum):
    """Which place in a recipe a part has."""

    HEAD = "recipe"  # format, kind, realm, provider, model
    PARAMETER = "parameter"
    INPUT = "input"
    EXTRA = "extra"


class Change(StrEnum):
    """How a part stands against the old recipe."""

    SAME = "same"  # equal, or there is no old recipe
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    AWAITED = "awaited"  # an input that is not made yet


@dataclass(frozen=True, slots=True)
class Bytes:
    """What fills a wired field: the sha256 of its bytes, empty while it is not made, and where it comes from."""

    digest: str
    select: str = ""  # a frame or the sound is cut out of it
    member: str = ""
    take: int = 0
    image: int = 0
    name: str = ""  # of an input, or its path as written
    place: str = ""  # its path or address


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a recipe: `prompt`, `shots[1].duration`, `image`, `model`; None where a recipe has no such part."""

    name: str
    group: Group
    value: object = None
    before: object = None
    change: Change = Change.SAME
    span: Span | None = None  # where the value was written; None for a default of the model

    @property
    def is_changed(self) -> bool:
        return self.change in (Change.CHANGED, Change.ADDED, Change.REMOVED)


def parts_of(member: Planned) -> tuple[Part, ...]:
    """The parts of a planned member's recipe, with the places of their values."""
    return tuple(placed(part, member) for part in bare_parts(member))


def placed(part: Part, member: Planned) -> Part:
    """A part with the place where its value was written, or the nearest thing around it."""
    if part.group is Group.INPUT:
        spans = {source.wire.field: source.wire.span for source in member.sources}
        return replace(part, span=spans.get(part.name))
    return replace(part, span=_place(member, part.name))


def bare_parts(member: Planned) -> tuple[Part, ...]:
    """The parts of a planned member's recipe without places, which take most of the time."""
    head = {
        "format": recipe_format, "kind": member.kind, "realm": str(member.realm), "provider": member.provider,
        "model": member.model,
    }  # fmt: skip
    return (
        *(Part(name, Group.HEAD, value) for name, value in head.items()),
        *(Part(name, Group.PARAMETER, value) for name, value in _leaves(member.parameters)),
        *(Part(source.wire.field, Group.INPUT, _bytes_of(source)) for source in member.sources),
        *(Part(f"extra.{name}", Group.EXTRA, value) for name, value in _leaves(member.step.extra)),
    )


def parts_in(explanation: str) -> tuple[Part, ...]:
    """The parts of the recipe an explanation tells of; empty when it cannot be read."""
    try:
        recipe = json.loads(explanation)
        return (
            *(Part(name, Group.HEAD, recipe[name]) for name in ("format", "kind", "realm", "provider", "model")),
            *(Part(name, Group.PARAMETER, value) for name, value in _leaves(recipe["parameters"])),
            *(
                Part(name, Group.INPUT, Bytes(value["sha256"], value.get("select", "")))
                for name, value in recipe["inputs"].items()
            ),
            *(Part(f"extra.{name}", Group.EXTRA, value) for name, value in _leaves(recipe["extra"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def compared(now: Sequence[Part], before: Sequence[Part]) -> tuple[Part, ...]:
    """The parts with their old values; what only the old recipe has comes last in its group."""
    old = {(part.group, part.name): part.value for part in before}
    found = [_against(part, old, has_old=bool(before)) for part in now]
    known = {(part.group, part.name) for part in now}
    gone = [
        Part(part.name, part.group, None, part.value, Change.REMOVED)
        for part in before
        if (part.group, part.name) not in known
    ]
    return tuple(part for group in Group for part in (*found, *gone) if part.group is group)


def changed_parts(member: Planned, explanation: str) -> tuple[str, ...]:
    """Names of what differs from the recipe of an explanation (`prompt`, `shots`, `references[1]`), as `compared` and
    `top_name` have it but without making values of ten thousand recipes; empty when it is unreadable."""
    if not explanation:
        return ()
    try:
        recipe = json.loads(explanation)
        before = {name: recipe[name] for name in ("format", "kind", "realm", "provider", "model")}
        parameters, inputs, extra = dict(recipe["parameters"]), dict(recipe["inputs"]), dict(recipe["extra"])
    except (ValueError, KeyError, TypeError):
        return ()
    now = {
        "format": recipe_format, "kind": member.kind, "realm": str(member.realm), "provider": member.provider,
        "model": member.model,
    }  # fmt: skip
    files = {source.wire.field: _named(source) for source in member.sources}
    known = {name: file for name, file in files.items() if file["sha256"] or name not in inputs}
    awaited = files.keys() - known.keys()
    changed = {*_differing(before, now), *_differing(parameters, member.parameters)}
    changed |= _differing({name: file for name, file in inputs.items() if name not in awaited}, known)
    changed |= {"extra"} if _differing(extra, member.step.extra) else set()
    return tuple(sorted(changed))


def top_name(part: Part) -> str:
    """`shots` for `shots[1].duration`, `extra` for all of it; a wired field keeps its index."""
    return part.name if part.group is Group.INPUT else re.split(r"[.\[]", part.name, maxsplit=1)[0]


def _differing(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    return {name for name in {*before, *now} if not _is_same(before.get(name), now.get(name))}


def _is_same(before: object, now: object) -> bool:
    if type(before) is str and before == now:
        return True
    return (before is None) == (now is None) and canonical(before) == canonical(now)


def _named(source: Source) -> dict[str, str]:
    return {"sha256": source.digest, "select": source.select} if source.select else {"sha256": source.digest}


def _against(part: Part, old: Mapping[tuple[Group, str], object], *, has_old: bool) -> Part:
    if not has_old:
        awaited = isinstance(part.value, Bytes) and not part.value.digest
        return replace(part, change=Change.AWAITED) if awaited else part
    key = (part.group, part.name)
    if key not in old:
        return replace(part, change=Change.ADDED)
    before = old[key]
    if isinstance(part.value, Bytes) and isinstance(before, Bytes):
        return replace(part, before=before, change=_change_of(part.value, before))
    is_same = canonical(part.value) == canonical(before)
    return replace(part, before=before, change=Change.SAME if is_same else Change.CHANGED)


def _change_of(now: Bytes, before: Bytes) -> Change:
    if now.select != before.select:
        return Change.CHANGED
    if not now.digest:
        return Change.AWAITED
    return Change.SAME if now.digest == before.digest else Change.CHANGED


def _leaves(values: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """`shots[1].duration` and its value for everything that is neither a mapping nor a list, and for empty ones."""
    if isinstance(values, Mapping) and (values or not name):
        for key, value in values.items():
            yield from _leaves(value, f"{name}.{key}" if name else str(key))
    elif isinstance(values, list | tuple) and values:
        for place, value in enumerate(values):
            yield from _leaves(value, f"{name}[{place}]")
    else:
        yield name, values


def _bytes_of(source: Source) -> Bytes:
    reference = source.wire.reference
    if isinstance(reference, InputFile | InputUrl):
        place = reference.path if isinstance(reference, InputFile) else reference.url
        return Bytes(source.digest, source.select, name=reference.name, place=place)
    return Bytes(source.digest, source.select, source.member, source.take, source.image)


def _place(member: Planned, name: str) -> Span | None:
    """Where a part was written, or the nearest thing around it."""
    spans = member.step.spans
    if name == "duration" and name not in spans and "shots" in spans:
        return spans["shots"]  # the shots say it
    while name not in spans and (cut := max(name.rfind("."), name.rfind("["))) > 0:
        name = name[:cut]
    return spans.get(name)
