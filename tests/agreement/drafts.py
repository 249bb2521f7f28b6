"""Drafts of steps: what a case is about, before anybody reads it; as the text of a storyboard, and as a `Step` past the
reader, so that a request can be built of what the reader refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kling_pipe.story.kinds import Kind, kinds
from kling_pipe.story.storyboard import InputFile, Reference, Step, StepOutput, Wire
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.span import Span

here = Span("story.yaml", 1, 1)
member = "case"


@dataclass(frozen=True, slots=True)
class File:
    """A file on paper in a wired field; `by_url` says that it has an address, otherwise its bytes are here only."""

    facts: MediaFacts
    by_url: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """What an earlier step made (props.py), in a wired field; `part` is a selector such as `last_frame`."""

    step: str
    part: str = ""

    @property
    def wire(self) -> str:
        return f"steps.{self.step}{f'.{self.part}' if self.part else ''}"


@dataclass(frozen=True, slots=True)
class Draft:
    """One step: its kind, its model (empty for the kind's own), and its keys with files where wires stand."""

    kind: str
    model: str
    values: Mapping[str, Any] = field(default_factory=dict)
    takes: int = 1

    def put(self, key: str, value: object) -> Draft:
        return replace(self, values={**self.values, key: value})

    def without(self, key: str) -> Draft:
        return replace(self, values={name: value for name, value in self.values.items() if name != key})

    def __str__(self) -> str:
        takes = f" takes={self.takes}" if self.takes != 1 else ""
        keys = ", ".join(f"{key}: {_shown(value)}" for key, value in self.values.items())
        return f"{self.kind} {self.model or '(default)'}{takes} {{{keys}}}"


def sources(draft: Draft) -> dict[str, File | Made]:
    """What is wired, by the path of its field, in the order of the kind's table."""
    return dict(_wired(draft))


def storyboard(draft: Draft, earlier: Mapping[str, Mapping[str, Any]]) -> str:
    """The text with the step and those of `earlier` that it is wired to; JSON is YAML."""
    wired = sources(draft)
    names = {path: f"f{place}" for place, path in enumerate(wired)}
    inputs = {names[path]: f"./{names[path]}" for path, source in wired.items() if isinstance(source, File)}
    needed = {source.step: earlier[source.step] for source in wired.values() if isinstance(source, Made)}
    model = {"model": draft.model} if draft.model else {}
    takes = {"takes": draft.takes} if draft.takes != 1 else {}
    keys = _replaced(draft, lambda path, source: source.wire if isinstance(source, Made) else f"inputs.{names[path]}")
    steps = {**needed, member: {"kind": draft.kind, **model, **takes, **keys}}
    return json.dumps({"storyboard": 1, "name": "case", "inputs": inputs, "steps": steps}, ensure_ascii=False)


def step_of(draft: Draft) -> Step:
    """The step as the reader would make it if it let everything through."""
    kind = kinds[draft.kind]
    wires = tuple(Wire(path, _takes(kind, path), _reference(path, source), here) for path, source in _wired(draft))
    return Step(member, draft.kind, draft.model, here, _parameters(draft, kind), wires, takes=draft.takes)


def _reference(path: str, source: File | Made) -> Reference:
    return StepOutput(source.step, part=source.part) if isinstance(source, Made) else InputFile(path, f"/{path}")


def _takes(kind: Kind, path: str) -> Any:
    head, bracket, rest = path.partition("[")
    found = kind.wire(head + rest.partition("]")[2] if bracket else head)
    assert found is not None
    return found.takes


def _wired(draft: Draft) -> Iterator[tuple[str, File | Made]]:
    for wire in kinds[draft.kind].wires:
        head, dot, inner = wire.name.partition(".")
        value = draft.values.get(head)
        items = value if isinstance(value, list) else [value]
        for place, item in enumerate(items):
            held = item.get(inner) if dot and isinstance(item, dict) else item
            if isinstance(held, File | Made):
                yield (f"{head}[{place}]{dot}{inner}" if isinstance(value, list) else head), held


def _replaced(draft: Draft, of: Callable[[str, File | Made], object]) -> dict[str, Any]:
    """The keys with something else where files stand."""

    def walk(path: str, value: Any) -> Any:
        if isinstance(value, File | Made):
            return of(path, value)
        if isinstance(value, list):
            return [walk(f"{path}[{place}]", item) for place, item in enumerate(value)]
        return {key: walk(f"{path}.{key}", item) for key, item in value.items()} if isinstance(value, dict) else value

    return {key: walk(key, value) for key, value in draft.values.items()}


def _parameters(draft: Draft, kind: Kind) -> dict[str, object]:
    """Keys without wires; ids stay, as texts, beside an empty text where one is wired."""
    plain = _replaced(draft, lambda path, source: "")
    for wire in kind.wires:
        head, dot, inner = wire.name.partition(".")
        if head not in plain:
            continue
        if dot and isinstance(plain[head], list):
            plain[head] = [_less(item, inner) for item in plain[head]]
        elif not wire.ids or plain[head] == "":
            del plain[head]
        elif isinstance(plain[head], list):
            plain[head] = [str(item) for item in plain[head]]
    shots = plain.get("shots")
    if isinstance(shots, list) and "duration" not in plain:
        plain["duration"] = sum(shot["duration"] for shot in shots if isinstance(shot.get("duration"), int))
    return {key: _frozen(value) for key, value in plain.items()}


def _less(item: Any, key: str) -> Any:
    return {name: value for name, value in item.items() if name != key} if isinstance(item, dict) else item


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, str) and len(value) > 40:
        return f"{value[:20]!r}… ({len(value)})"
    if isinstance(value, list):
        return f"[{', '.join(_shown(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, File):
        facts = value.facts
        fps = f" {facts.fps:g} fps" if facts.fps else ""
        mute = "" if facts.has_sound or facts.type != "video" else " silent"
        return f"<{facts} {facts.bytes} bytes{fps}{mute}{'' if value.by_url else ' here only'}>"
    return value.wire if isinstance(value, Made) else repr(value)
