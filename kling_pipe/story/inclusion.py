"""Inclusion: a storyboard's document with what the files of its `include` hold, merged before anything is read of it.

1. A file is merged once, whoever includes it; included files come before what includes them.
2. A name belongs to one file: the same name in two of them is a problem that tells both places.
3. `defaults` of one kind merge key by key. A file's own win over those it includes; two files side by side agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kling_pipe.errors import Problem
from kling_pipe.story.document import Document
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.schema import keys
from kling_pipe.story.schema_errors import type_problem
from kling_pipe.story.sources import Sources
from kling_pipe.story.spelling import name_hint, shown
from kling_pipe.values.span import Span

sections = ("vars", "inputs", "variants", "defaults", "steps", "deliver")
_free_keys = frozenset({"storyboard", "description", "include", *sections})


@dataclass(slots=True, eq=False)
class _File:
    """One file with those it includes, in their order."""

    document: Document
    root: Map
    included: list[_File] = field(default_factory=list)


def included(sources: Sources, root: Map) -> Map | None:
    """The root with everything merged into it; without `include` it is the same. None when a file cannot be merged:
    without it the rest makes no sense."""
    if "include" not in root:
        return root
    return _Inclusion(sources).root(root)


class _Inclusion:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._document = sources.document
        self._files: dict[str, _File] = {}  # by path, each after those it includes
        self._whole = True

    def root(self, root: Map) -> Map | None:
        top = self._gathered(self._document, root)
        if not self._whole:
            return None
        merged = Map(root.place)
        for key, value, key_place, place in root.entries():
            if key not in sections or not isinstance(value, Map):
                merged.put(key, value, key_place, place)
        for section in sections:
            if section not in merged:
                self._merge(section, top, merged)
        return merged

    def _gathered(self, document: Document, root: Map) -> _File:
        """The file with all below it; each is entered in `_files` after those it includes."""
        file = _File(document, root)
        with self._sources.within(document):
            for text, span in self._paths(file):
                below = self._included(text, document, span)
                if below is None:
                    self._whole = False
                elif below not in file.included:
                    file.included.append(below)
        self._files[document.path] = file
        return file

    def _included(self, text: str, by: Document, span: Span) -> _File | None:
        document = self._sources.open(text, by, span)
        if document is None or document.path in self._files:
            return self._files[document.path] if document else None
        root = document.root
        if not isinstance(root, Map):
            code, message, _ = type_problem("a storyboard", root, "a mapping")
            hint = "begin with `vars:`, `steps:` or another key that can be included"
            self._sources.error(code, message.replace("`", "", 2), document.root_span, hint)
            return None
        if "fragment" in root:
            message = f"{shown(text)} is a fragment and cannot be included"
            self._sources.error("wrong-file", message, span, f"use it in a step: `intro: {{use: {text}}}`")
            return None
        self._sources.add(*_strange_keys(document, root))
        return self._gathered(document, root)

    def _paths(self, file: _File) -> Iterator[tuple[str, Span]]:
        """The paths under `include`, with their places."""
        document, written = file.document, file.root.get("include")
        holder, key = (written, 0) if isinstance(written, Seq) else (file.root, "include")
        for index, text in enumerate(written if isinstance(written, Seq) else [written] * ("include" in file.root)):
            place = document.value_span(holder, index if isinstance(holder, Seq) else key)
            if not isinstance(text, str) or not text:
                if file.document is not self._document:  # the storyboard's own schema tells it there
                    code, message, _ = type_problem("include", text, "a path or a list of paths")
                    self._sources.error(code, message, place, "write `include: [brand/cast.yaml]`")
            elif "${{" in text:
                message = "an expression cannot stand in `include`"
                self._sources.error("bad-expression", message, place, "write the path out")
                self._whole = False
            else:
                yield text, place

    def _merge(self, section: str, top: _File, merged: Map) -> None:
        """Adds what all files hold under a key, the included ones' first."""
        parts = [
            (file.root[section], file.root.key_place(section), file.root.value_place(section))
            for file in self._files.values()
            if isinstance(file.root.get(section), Map)
        ]
        if not parts:
            return
        own = next((part for part in parts if part[0] is top.root.get(section)), parts[0])
        if section == "defaults":
            united = self._defaults(top, {})
        else:
            united = Map(own[0].place)
            for part, _, _ in parts:
                self._unite(section, united, part)
        merged.put(section, united, own[1], own[2])

    def _unite(self, section: str, united: Map, part: Map) -> None:
        for name, value, key_place, place in part.entries():
            if name in united:
                what = f"the deliverable {shown(name)}" if section == "deliver" else f"`{section}.{name}`"
                self._clash(what, united.key_place(name), key_place)
            else:
                united.put(name, value, key_place, place)

    def _defaults(self, file: _File, done: dict[str, Map]) -> Map:
        """A file's defaults over those of the files it includes."""
        if file.document.path in done:
            return done[file.document.path]
        united = Map()
        for below in file.included:
            for kind, values, key_place, place in self._defaults(below, done).entries():
                self._put_defaults(united, kind, values, (key_place, place), wins=False)
        written = file.root.get("defaults")
        for kind, values, key_place, place in written.entries() if isinstance(written, Map) else ():
            self._put_defaults(united, kind, values, (key_place, place), wins=True)
        done[file.document.path] = united
        return united

    def _put_defaults(self, united: Map, kind: str, values: object, places: tuple[int, int], *, wins: bool) -> None:
        if not isinstance(values, Map) or not isinstance(united.get(kind, Map()), Map):
            united.put(kind, values, *places)  # what is no mapping is told where it is read
            return
        below = united.get(kind, Map())
        taken_away = {key for key, value in values.items() if wins and value is None and key in below}
        merged = Map(values.place)
        for source in (below, values):
            for key, value, key_place, place in source.entries():
                if key in taken_away:
                    continue
                if key in merged and not wins and merged[key] != value:
                    self._clash(f"`defaults.{kind}.{key}`", merged.key_place(key), key_place)
                else:
                    merged.put(key, value, key_place, place)
        united.put(kind, merged, *places)

    def _clash(self, what: str, first: int, second: int) -> None:
        span = self._document.span(first)
        message = f"{what} is written in two files"
        hint = f"keep one of them; the other is in line {span.line} of `{span.path}`"
        self._sources.error("name-clash", message, self._document.span(second), hint)


def _strange_keys(document: Document, root: Map) -> Iterator[Problem]:
    """Keys that an included file cannot have, and sections that are no mappings."""
    known = keys("storyboard")
    for key, value, _, _ in root.entries():
        span = document.key_span(root, key)
        if key in sections and value is not None and not isinstance(value, Map):
            code, message, hint = type_problem(key, value, "a mapping")
            yield Problem(code, message, document.value_span(root, key), hint)
        elif key == "storyboard" and value != 1:
            message = f"`storyboard` must be `1`, found {shown(value)}"
            yield Problem(
                "unknown-value", message, document.value_span(root, key), "write `storyboard: 1`, or leave it out"
            )
        elif key in _free_keys or key.startswith("x-"):
            continue
        elif key in known:
            message = f"`{key}` cannot stand in an included file"
            yield Problem("own-key", message, span, "write it in the storyboard")
        else:
            yield Problem("unknown-key", f"{shown(key)} is not a key here", span, name_hint(key, sorted(_free_keys)))
