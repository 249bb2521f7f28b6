"""Fragments: steps of another file in the place of a step that says `use:`, with its parameters filled in.

1. It happens before anything is read: what is left are steps as if they had been written out, each value with the
   place where it was written.
2. The fragment's output has the id of the step that uses it, its other steps `USE_ID`, its inputs `USE_NAME`.
3. A text that is one `${{ with.x }}`, and a wire `with.x`, becomes the value itself. Within a longer text it becomes a
   variable of its own, so that it is evaluated where the using file's names are known.
4. A step whose fragment cannot be put in stays as it is; whoever reads it knows that the reason was told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kling_pipe.errors import Problem, Severity
from kling_pipe.story.document import Document
from kling_pipe.story.draft import broken
from kling_pipe.story.expressions import Lookup, argument, lookups, opening
from kling_pipe.story.kinds import kinds
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.parameter_types import types
from kling_pipe.story.places import Places
from kling_pipe.story.schema import check
from kling_pipe.story.schema_errors import type_problem
from kling_pipe.story.sources import Sources
from kling_pipe.story.spelling import name_hint, nearest, one_of, shown
from kling_pipe.values.span import Span

# Keys beside `use` and `with`: they go to the fragment's output.
output_keys = (
    "takes", "pick", "provider", "model", "description", "after", "retries", "timeout", "each", "vary", "gather",
    "exclude",
)  # fmt: skip
most_steps = 10_000  # that fragments may bring; those that use each other twice would grow without end
_name = r"[A-Za-z_][A-Za-z0-9_-]*"
_wire = re.compile(rf"(?P<root>steps|inputs|with)\.(?P<name>{_name})(?P<rest>.*)\Z", re.DOTALL)
_nothing = object()  # a value that leaves its key or item out


class _Reads(Enum):
    """What a text of a fragment is read as."""

    TEXT = "text"
    WIRE = "wire"
    ARGUMENT = "argument"  # of a fragment within: a wire or a text


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with its place."""

    value: Any
    place: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A step with the places of its id and its value."""

    name: str
    node: Any
    key_place: int
    place: int


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A file of `fragment: 1`, found to be well-formed."""

    path: str  # as it is written where it is used
    document: Document
    parameters: Map
    inputs: Map
    steps: Map
    output: str


def expanded(sources: Sources, root: Map) -> Map | None:
    """The root with the steps of fragments in place of the steps that use them; without any it is the same. None when
    they are too many."""
    steps = root.get("steps")
    if not isinstance(steps, Map) or not any(type(node) is Map and "use" in node for node in steps.values()):
        return root
    return _Expansion(sources, root, steps).root()


class _Expansion:
    """All uses of one storyboard."""

    def __init__(self, sources: Sources, root: Map, steps: Map) -> None:
        self.sources = sources
        self._root = root
        self._written = steps
        self._steps = Map(steps.place)
        self.added = {"vars": Map(root.place), "inputs": Map(root.place)}
        self._fragments: dict[str, _Fragment | None] = {}

    def root(self) -> Map | None:
        brought = 0
        for name, node, key_place, place in self._written.entries():
            if not isinstance(node, Map) or "use" not in node:
                self._put(_Entry(name, node, key_place, place), key_place)
                continue
            for entry in self.entries(name, node, key_place, place):
                brought += 1
                if brought > most_steps:
                    message = f"fragments bring more than {most_steps:,} steps"
                    self.error("too-large", message, key_place, "use fewer of them")
                    return None
                self._put(entry, key_place)
        merged = Map(self._root.place)
        for key, value, key_place, place in self._root.entries():
            merged.put(key, self._steps if key == "steps" else value, key_place, place)
        for key, added in self.added.items():
            self._add(merged, key, added)
        return merged

    def entries(self, name: str, node: Map, key_place: int, place: int) -> Iterator[_Entry]:
        """The steps that stand for one that uses a fragment; that one itself when it cannot be."""
        by = self.sources.document.document_of(node.key_place("use"))
        fragment = self._fragment(node, by)
        is_good = fragment is not None and self._is_good(node, fragment)
        arguments = self._arguments(node, fragment) if fragment is not None else None
        if fragment is None or arguments is None or not is_good:
            yield _Entry(name, node, key_place, place)
            return
        use, told = _Use(self, fragment, name, arguments), len(self.sources.problems)
        with self.sources.within(fragment.document):
            for entry in use.entries(node):
                if isinstance(entry.node, Map) and "use" in entry.node:
                    yield from self.entries(entry.name, entry.node, entry.key_place, entry.place)
                else:
                    yield entry
        is_clean = len(self.sources.problems) == told  # else what is wrong may be where it is used
        for unused in sorted(fragment.parameters.keys() - use.used) if is_clean else ():
            message = f"the parameter `{unused}` is not used in its fragment"
            span = fragment.document.key_span(fragment.parameters, unused)
            hint = f"write `${{{{ with.{unused} }}}}` or `with.{unused}` in one of the steps, or remove it"
            self.sources.add(Problem("unused-parameter", message, span, hint, Severity.WARNING))

    def span(self, place: int) -> Span:
        return self.sources.document.span(place)

    def error(self, code: str, message: str, place: int | Span, hint: str = "") -> None:
        self.sources.error(code, message, place if isinstance(place, Span) else self.span(place), hint)

    def _put(self, entry: _Entry, used_at: int) -> None:
        """Adds a step; two of one id are told with both places."""
        known = self._steps if entry.name in self._steps else self._written
        brought = used_at != entry.key_place and (entry.name in self._steps or entry.name in self._written)
        if brought and not (known is self._written and known.key_place(entry.name) == used_at):
            span = self.span(known.key_place(entry.name))
            message = f"a fragment brings a step `{entry.name}`, which is there already"
            hint = f"rename one of them; the other is in line {span.line} of `{span.path}`"
            self.error("name-clash", message, used_at, hint)
        elif entry.name not in self._steps:
            self._steps.put(entry.name, entry.node, entry.key_place, entry.place)

    def _add(self, merged: Map, key: str, added: Map) -> None:
        if not added:
            return
        written = merged.get(key)
        if not (written is None or isinstance(written, Map)):
            code, message, hint = type_problem(key, written, "a mapping")
            self.error(code, message, self.sources.document.value_span(merged, key), hint)
            written = None
        united = Map(self._root.place)
        for part in (written or Map(), added):
            for name, value, key_place, place in part.entries():
                united.put(name, value, key_place, place)
        first = added.places[0]
        places = (merged.key_place(key), merged.value_place(key)) if key in merged else (first, first)
        merged.put(key, united, *places)

    # a fragment's file

    def _fragment(self, node: Map, by: Document) -> _Fragment | None:
        path, span = node["use"], self.sources.document.value_span(node, "use")
        if not isinstance(path, str) or not path:
            code, message, _ = type_problem("use", path, "the path of a fragment")
            self.error(code, message, span, "write it like `use: brand/intro.yaml`")
            return None
        if opening in path:
            self.error("bad-expression", "an expression cannot stand in `use`", span, "write the path out")
            return None
        document = self.sources.open(path, by, span)
        if document is None:
            return None
        if document.path not in self._fragments:
            self._fragments[document.path] = self._read(path, document, span)
        return self._fragments[document.path]

    def _read(self, path: str, document: Document, used_at: Span) -> _Fragment | None:
        root = document.root
        if not isinstance(root, Map) or "fragment" not in root:
            self.error("wrong-file", f"{shown(path)} is no fragment", used_at, "begin it with `fragment: 1`")
            return None
        problems = check("fragment", root, Places(self.sources.document, document.root_place, root).at)
        self.sources.add(*problems)
        if problems:
            return None
        steps, output = root["steps"], str(root.get("output", "")).removeprefix("steps.")
        if not output and len(steps) > 1:
            hint = f"add `output: steps.{list(steps)[-1]}`: it goes by the id of the step that uses the fragment"
            self.error("missing-key", "`output` is missing, as there are several steps", document.root_span, hint)
            return None
        output = output or next(iter(steps))
        if output not in steps:
            guess = nearest(output, steps)
            hint = f"did you mean `steps.{guess}`?" if guess else one_of(steps)
            self.error("unknown-step", f"there is no step `{output}`", document.value_span(root, "output"), hint)
            return None
        fragment = _Fragment(path, document, _map(root, "parameters"), _map(root, "inputs"), steps, output)
        return fragment if self._has_good_defaults(fragment) else None

    def _has_good_defaults(self, fragment: _Fragment) -> bool:
        good = True
        for name, parameter in fragment.parameters.items():
            if parameter.get("default") is not None:
                value = _Value(parameter["default"], parameter.value_place("default"))
                span = fragment.document.value_span(parameter, "default")
                good &= self._is_typed(f"parameters.{name}.default", value, parameter["type"], span)
        return good

    # what the using step says

    def _is_good(self, node: Map, fragment: _Fragment) -> bool:
        """Whether all its keys may stand beside `use`."""
        good = True
        for key in node:
            if key in ("use", "with", *output_keys) or key.startswith("x-"):
                continue
            good = False
            span = self.sources.document.key_span(node, key)
            if key in fragment.parameters:
                hint = f"`{key}` is a parameter of the fragment: write it under `with`"
            else:
                hint = name_hint(key, ("use", "with", *output_keys), "give the fragment a parameter for it")
            self.error("unknown-key", f"{shown(key)} is not a key beside `use`", span, hint)
        return good

    def _arguments(self, node: Map, fragment: _Fragment) -> dict[str, _Value] | None:
        """The value of every parameter; None when something is wrong with one."""
        written = node.get("with")
        if written is not None and not isinstance(written, Map):
            code, message, _ = type_problem("with", written, "a mapping")
            self.error(code, message, self.sources.document.value_span(node, "with"), "write `with: {name: value}`")
            return None
        given = written if isinstance(written, Map) else Map()
        known = [self._is_known(name, given, fragment) for name in given]
        good = all(known)
        found: dict[str, _Value] = {}
        for name, parameter in fragment.parameters.items():
            if name in given and (given[name] is not None or "default" not in parameter):
                found[name] = _Value(given[name], given.value_place(name))
                span = self.sources.document.value_span(given, name)
                good &= self._is_typed(f"with.{name}", found[name], parameter["type"], span)
            elif "default" in parameter:
                found[name] = _Value(parameter["default"], parameter.value_place("default"))
            else:
                span = self.sources.document.key_span(node, "with" if "with" in node else "use")
                hint = f"`{fragment.path}` needs it: {types[parameter['type']].words}"
                self.error("missing-key", f"`with.{name}` is missing", span, hint)
                good = False
        return found if good else None

    def _is_known(self, name: str, given: Map, fragment: _Fragment) -> bool:
        if name in fragment.parameters:
            return True
        hint = name_hint(name, fragment.parameters, one_of(fragment.parameters)) or "it has none: remove `with`"
        message = f"{shown(name)} is not a parameter of `{fragment.path}`"
        self.error("unknown-key", message, self.sources.document.key_span(given, name), hint)
        return False

    def _is_typed(self, what: str, value: _Value, name: str, span: Span) -> bool:
        """Whether a value can be of a type; a single expression can be of any."""
        wanted = types[name]
        text = value.value
        if isinstance(text, str) and opening in text and _is_single(text):
            return True
        if wanted.holds(text):
            return True
        code, message, _ = type_problem(what, text, wanted.words)
        hint = 'put it into quotes: "' + str(text) + '"' if name == "text" and isinstance(text, int | float) else ""
        self.error(code, message, span, hint)
        return False


class _Use:
    """One use of a fragment: its steps under new names, with the parameters' values in them."""

    def __init__(self, whole: _Expansion, fragment: _Fragment, name: str, arguments: Mapping[str, _Value]) -> None:
        self._whole = whole
        self._fragment = fragment
        self._id = name
        self._arguments = arguments
        self.used: set[str] = set()

    def entries(self, node: Map) -> Iterator[_Entry]:
        """The steps; the output takes over what the using step says."""
        for name, value, key_place, place in self._fragment.inputs.entries():
            self._whole.added["inputs"].put(f"{self._id}_{name}", value, key_place, place)
        for name, step, key_place, place in self._fragment.steps.entries():
            copy = self._step(step)
            if name == self._fragment.output:
                self._take_over(copy, node)
            yield _Entry(self._named(name), copy, key_place, place)

    def _named(self, step: str) -> str:
        return self._id if step == self._fragment.output else f"{self._id}_{step}"

    def _step(self, step: Map) -> Map:
        copy = Map(step.place)
        kind = kinds.get(str(step.get("kind")))
        wired = {field.name.partition(".")[0] for field in kind.wires} if kind else set()
        for key, value, key_place, place in step.entries():
            if key == "after":
                found = self._after(_Value(value, place))
            elif key in ("use", "kind") or key.startswith("x-"):
                found = _Value(value, place)
            else:
                reads = _Reads.WIRE if key in wired else _Reads.ARGUMENT if key == "with" else _Reads.TEXT
                found = self._filled(_Value(value, place), reads)
            if found.value is not _nothing:
                copy.put(key, found.value, key_place, found.place)
        return copy

    def _take_over(self, copy: Map, node: Map) -> None:
        for key, value, key_place, place in node.entries():
            if key == "after" and "after" in copy:
                both = Seq(place)
                for part, at in ((copy["after"], copy.value_place("after")), (value, place)):
                    both.extend(part if isinstance(part, Seq) else [part])
                    both.places.extend(part.places if isinstance(part, Seq) else [at])
                copy.put(key, both, key_place, place)
            elif key in output_keys:
                copy.put(key, value, key_place, place)

    def _after(self, written: _Value) -> _Value:
        if isinstance(written.value, Seq):
            renamed = Seq(written.value.place)
            for item, place in zip(written.value, written.value.places, strict=True):
                renamed.append(self._after(_Value(item, place)).value)
                renamed.places.append(place)
            return _Value(renamed, written.place)
        name = written.value
        if not isinstance(name, str) or opening in name:
            return written
        if name not in self._fragment.steps:
            self._unknown_step(name, written.place)
            return written
        return _Value(self._named(name), written.place)

    def _filled(self, written: _Value, reads: _Reads) -> _Value:
        """A value of the fragment with the parameters' values in it."""
        value = written.value
        if isinstance(value, str):
            return self._text(value, written.place, reads)
        if isinstance(value, Map):
            copy = Map(value.place)
            for key, item, key_place, place in value.entries():
                found = self._filled(_Value(item, place), reads)
                if found.value is not _nothing:
                    copy.put(key, found.value, key_place, found.place)
            return _Value(copy, written.place)
        if isinstance(value, Seq):
            copied = Seq(value.place)
            for item, place in zip(value, value.places, strict=True):
                found = self._filled(_Value(item, place), reads)
                if found.value is not _nothing:
                    copied.append(found.value)
                    copied.places.append(found.place)
            return _Value(copied, written.place)
        return written

    def _text(self, text: str, place: int, reads: _Reads) -> _Value:
        match = _wire.match(text)
        if match is not None and reads is not _Reads.TEXT:
            return self._wire(match, place)
        if reads is _Reads.WIRE and text.startswith(("steps.", "inputs.", "with.")):
            message = f"{shown(text)} names nothing within a fragment"
            self._whole.error("bad-selector", message, place, "write it like `steps.hero` or `with.hero`")
            return self._told(place)
        if match is not None and match["root"] == "with" and not match["rest"] and match["name"] in self._arguments:
            hint = f"write `${{{{ with.{match['name']} }}}}`"
            self._whole.error("bad-expression", f"{shown(text)} is mere text here", place, hint)
            return _Value(text, place)
        found = lookups(text, "with")
        if not found:
            return _Value(text, place)
        known = [self._is_parameter(text, place, lookup) for lookup in found]
        if not all(known):
            return self._told(place)
        if found[0].alone:
            return self._argument(found[0].name)
        for lookup in reversed(found):
            text = f'{text[: lookup.start]}vars["{self._variable(lookup.name)}"]{text[lookup.end :]}'
        return _Value(text, place)

    def _wire(self, match: re.Match[str], place: int) -> _Value:
        root, name, rest = match["root"], match["name"], match["rest"]
        if root == "with":
            if name not in self._arguments:
                hint = name_hint(name, self._arguments, one_of(self._arguments))
                self._whole.error("unknown-name", f"there is no parameter `{name}`", place, hint)
                return self._told(place)
            found = self._argument(name)
            return _Value(f"{found.value}{rest}", place) if rest and isinstance(found.value, str) else found
        known = self._fragment.steps if root == "steps" else self._fragment.inputs
        if name not in known:
            if root == "steps":
                self._unknown_step(name, place)
            else:
                hint = name_hint(name, known) or "give it a parameter, such as `with.picture`, or `inputs` of its own"
                self._whole.error("unknown-input", f"there is no input `{name}` in this fragment", place, hint)
            return self._told(place)
        named = self._named(name) if root == "steps" else f"{self._id}_{name}"
        return _Value(f"{root}.{named}{rest}", place)

    def _argument(self, name: str) -> _Value:
        self.used.add(name)
        found = self._arguments[name]
        return _Value(_nothing, found.place) if found.value is None else found

    def _variable(self, name: str) -> str:
        """A variable that holds a parameter's value."""
        variable = f"{argument}{self._id}.{name}"
        self.used.add(name)
        value = self._arguments[name]
        self._whole.added["vars"].put(variable, value.value, value.place, value.place)
        return variable

    def _told(self, place: int) -> _Value:
        """What stands for a text that is wrong and was told: a variable without a value."""
        nothing = f"{argument}nothing"
        self._whole.added["vars"].put(nothing, broken, place, place)
        return _Value(f'${{{{ vars["{nothing}"] }}}}', place)

    def _is_parameter(self, text: str, place: int, lookup: Lookup) -> bool:
        if lookup.name in self._arguments:
            return True
        span = self._whole.sources.document.span_within(text, place, lookup.start, lookup.end - lookup.start)
        if not lookup.name:
            self._whole.error("unknown-name", "`with` holds parameters by name", span, "write `with.NAME`")
        else:
            hint = name_hint(lookup.name, self._arguments) or "name it under `parameters`"
            self._whole.error("unknown-name", f"there is no parameter `{lookup.name}`", span, hint)
        return False

    def _unknown_step(self, name: str, place: int) -> None:
        guess = nearest(name, self._fragment.steps)
        hint = f"did you mean `steps.{guess}`?" if guess else "what is made elsewhere is a parameter: `with.hero`"
        self._whole.error("unknown-step", f"there is no step `{name}` in this fragment", place, hint)


def _is_single(text: str) -> bool:
    """Whether a text is one expression and nothing else, so that its type is the expression's."""
    stripped = text.strip()
    return stripped.startswith(opening) and stripped.endswith("}}") and stripped.count(opening) == 1


def _map(root: Map, key: str) -> Map:
    value = root.get(key)
    return value if isinstance(value, Map) else Map()
