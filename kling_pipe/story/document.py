"""Document: a YAML text as plain values with the place of every key and value; the only door to the `yaml` package."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kling_pipe.errors import Problem, Severity, TextFailure
from kling_pipe.story.nodes import Map, Seq, number, number_of, numbered, pack, to_line_end, unpack
from kling_pipe.story.scalars import resolve
from kling_pipe.story.syntax import syntax_sentence
from kling_pipe.values.span import Span

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out
except ImportError:  # a PyYAML built without libyaml: the same events, ten times slower
    from yaml import SafeLoader as CParser  # type: ignore[assignment]  # both have get_event

largest_text = 16 * 1024 * 1024  # bytes
deepest_nesting = 64
merge_undone = "a merge was left undone here"
most_alias_nodes = 1_000_000  # nodes that aliases may add, which is what a bomb multiplies

# YAML 1.1 counted NEL, LS and PS as line ends and 1.2 does not; libyaml still does, so lines would be miscounted.
_unprintable = re.compile("[^\\t\\n\\r\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_expression = "${{"  # what begins one within a text
_merge_mark = re.compile(r"(?:<{7}|>{7}|={7}|\|{7})(?: |$)")  # what git leaves in a file that it could not merge
_hashed_word = re.compile(r" +((#[^\s#!/][^\s]*)[^\r\n]*)")  # where a plain text ends, and what follows in its line
_severities = {"cut-by-comment": Severity.WARNING}
_line_end = re.compile(r"\r\n|\n|\r")


class Document:
    """One parsed text. `problems` are those that did not stop the parsing, such as duplicate keys.

    `joined` are the documents whose values have been merged into this one; a place tells by its number which one it
    lies in."""

    __slots__ = ("_lines", "joined", "path", "problems", "root", "root_place", "text")

    def __init__(self, path: str, text: str, root: Any, place: int, problems: tuple[Problem, ...]) -> None:
        self.path = path
        self.text = text
        self.root = root
        self.root_place = place
        self.problems = problems
        self.joined: list[Document] = []
        self._lines: list[str] = []

    @staticmethod
    def parse(text: str, path: str, largest: int = largest_text) -> Document:
        """Reads one YAML document; raises TextFailure when the text cannot be read at all, and nothing else."""
        text = text.removeprefix("\ufeff")
        _check_text(text, path, largest)
        with collector_off():
            builder = _Builder(text, path)
            root, place = builder.build()
        document = Document(path, text, root, place, ())
        document.problems = tuple(
            Problem(code, message, document.span(at), hint, _severities.get(code, Severity.ERROR))
            for code, message, at, hint in builder.found
        )
        return document

    def join(self, other: Document) -> None:
        """Makes the places of another document places of this one, so that its values can be merged into this one."""
        self.joined.append(other)
        if isinstance(other.root, Map | Seq):
            number(other.root, len(self.joined))
        other.root_place = numbered(other.root_place, len(self.joined))

    @property
    def documents(self) -> Sequence[Document]:
        """This document and the joined ones, by their numbers."""
        return (self, *self.joined)

    @property
    def texts(self) -> Mapping[str, str]:
        """Every text by its path."""
        return {document.path: document.text for document in self.documents}

    def document_of(self, place: int) -> Document:
        """The document that a place lies in."""
        return self.joined[number_of(place) - 1] if self.joined and number_of(place) else self

    def lines_of(self, path: str) -> list[str]:
        """The lines of the text with this path."""
        return next((document.lines for document in self.joined if document.path == path), self.lines)

    @property
    def lines(self) -> list[str]:
        """The text's lines without their ends."""
        if not self._lines:
            self._lines = _line_end.split(self.text)
        return self._lines

    def span(self, place: int) -> Span:
        """A packed place as a span; a value over several lines is marked on its first."""
        line, column, length = unpack(place)
        document = self.document_of(place)
        if length == to_line_end:
            lines = document.lines
            shown = lines[line] if line < len(lines) else ""
            length = len(shown.rstrip()) - column
        return Span(document.path, line + 1, column + 1, max(1, length))

    def key_span(self, node: Map, key: str) -> Span:
        return self.span(node.key_place(key))

    def value_span(self, node: Map | Seq, key: str | int) -> Span:
        """Where a value stands; of a mapping, a list or nothing, where its key does."""
        if isinstance(node, Seq):
            return self.span(node.places[int(key)])
        shown = not isinstance(node[str(key)], dict | list) and unpack(node.value_place(str(key)))[2]
        return self.span(node.value_place(str(key)) if shown else node.key_place(str(key)))

    def span_within(self, text: str, place: int, offset: int, length: int) -> Span:
        """The span of a part of a text, found again in the raw lines, where quotes, escapes and folds shift it: by the
        expression that it lies in."""
        start = text.rfind(_expression, 0, offset + len(_expression))
        number = text.count(_expression, 0, max(start, 0))
        line, column, _ = unpack(place)
        document = self.document_of(place)
        lines = document.lines
        first_column = column
        while line < len(lines) and start >= 0:
            for match in re.finditer(re.escape(_expression), lines[line][first_column:]):
                if number == 0:
                    at = first_column + match.start() + offset - start
                    part = text[offset : offset + length]
                    if lines[line][at : at + len(part)] != part:
                        at, part = first_column + match.start(), _expression
                    return Span(document.path, line + 1, at + 1, max(1, len(part)))
                number -= 1
            line, first_column = line + 1, 0
            if lines[line - 1][column : column + 1] == "*":
                break  # an alias: the text stands elsewhere
        return self.span(place)

    @property
    def root_span(self) -> Span:
        return self.span(self.root_place)


def decode(data: bytes, path: str) -> str:
    """The text of a file's bytes; raises TextFailure when they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        found = f"byte `0x{data[error.start]:02x}` is not UTF-8"
        hint = "save the file as UTF-8"
        raise TextFailure([Problem("not-utf-8", found, Span(path, line, column), hint)]) from None


def _check_text(text: str, path: str, largest: int) -> None:
    if len(text) > largest or (not text.isascii() and len(text.encode("utf-8", "replace")) > largest):
        hint = "split it, or generate fewer steps"
        raise TextFailure([Problem("too-large", f"the file is larger than {largest >> 20} MB", Span(path, 1, 1), hint)])
    stranger = _unprintable.search(text)
    if stranger:
        name = f"U+{ord(stranger.group()):04X}"
        message = f"character `{name}` cannot stand in a storyboard as it is"
        hint = f'write it as `"\\u{ord(stranger.group()):04x}"` in double quotes, or remove it'
        raise TextFailure([Problem("control-character", message, _span_at(text, path, stranger.start()), hint)])


def _span_at(text: str, path: str, offset: int) -> Span:
    before = _line_end.split(text[:offset])
    return Span(path, len(before), len(before[-1]) + 1)


@contextmanager
def collector_off() -> Iterator[None]:
    """Stops the garbage collector: loading makes many containers and no garbage, and it would walk them all again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Builder:
    """Builds values from libyaml's events, which carry places and cannot overflow the stack as its nodes do."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.found: list[tuple[str, str, int, str]] = []
        # name -> (value, nodes within it, levels within it)
        self.anchors: dict[str, tuple[Any, int, int]] = {}
        self.alias_nodes = 0

    def build(self) -> tuple[Any, int]:
        """The root value and its place."""
        try:
            # The stubs say bytes; text is what libyaml gets anyway, with marks that count characters.
            parser = CParser(self.text)  # type: ignore[arg-type,unused-ignore]
            parser.get_event()
            if type(parser.get_event()) is StreamEndEvent:
                hint = "begin with `storyboard: 1`"
                raise self._fatal("empty-file", "the file is empty", 0, hint)
            root, place = self._value(parser.get_event)
            parser.get_event()
            extra = parser.get_event()
            if isinstance(extra, DocumentStartEvent):
                hint = "remove the `---` line, or put the second part into a file of its own"
                raise self._fatal("several-documents", "a file holds one YAML document", _place(extra), hint)
        except MarkedYAMLError as error:
            if "nesting" in str(error.problem) and error.problem_mark:
                # A scanner that counts levels itself stops before it tells of them; the text up to there holds enough.
                return _Builder(self.text[: error.problem_mark.index], self.path).build()
            raise self._syntax_failure(error) from None
        except (YAMLError, ValueError) as error:
            message = f"the text cannot be read: {error}"
            raise self._fatal("yaml-syntax", " ".join(message.split()), 0, "") from None
        return root, place

    def _value(self, next_event: Any) -> tuple[Any, int]:
        """The next whole value. Iterative: a stack of open containers, so that nothing nests in Python."""
        found = self.found
        names: dict[str, str] = {}  # one object per distinct key
        stack: list[tuple[Any, str | None, int, str | None, int, int]] = []
        node: Map | Seq | None = None
        key: str | None = None
        key_at = key_end = 0
        anchor: str | None = None
        nodes = levels = 0
        merges: list[tuple[int, Any, int]] = []  # depth, value, place
        while True:
            event = next_event()
            kind = type(event)
            start = event.start_mark
            if kind is ScalarEvent:
                end = event.end_mark
                line, column = start.line, start.column
                length = end.column - column if end.line == line else to_line_end
                at = (line << 48) | (column << 24) | (length if length < to_line_end else to_line_end)
                if event.tag is not None:
                    self._refuse_tag(event.tag, at)
                value: Any = event.value
                nodes += 1
                if key is None and type(node) is Map:
                    key, key_at, key_end = names.setdefault(value, value), at, end.index
                    if value == "<<" and event.implicit[0]:
                        key = _merge
                    continue
                if event.implicit[0]:
                    if value == "" and key is not None and ":" not in self.text[key_end : start.index]:
                        self._refuse_lone_key(node, key, key_at)
                        key = None
                        continue
                    value = resolve(value)
                    if type(value) is str and self.text[end.index : end.index + 1] == " ":
                        self._warn_of_cut(value, end.index, at)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (value, 1, 0)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                at = (start.line << 48) | (start.column << 24) | 1
                if event.tag is not None:
                    self._refuse_tag(event.tag, at)
                if len(stack) >= deepest_nesting:
                    raise self._too_deep(at)
                if key is None and type(node) is Map:
                    found.append(("key-not-text", "a key must be text, found a list or mapping", at, "quote the key"))
                    key, key_at = f"\0{len(found)}", at
                stack.append((node, key, key_at, anchor, nodes, levels))
                node = Map(at) if kind is MappingStartEvent else Seq(at)
                key, anchor, nodes, levels = None, event.anchor, 1, 0
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                assert node is not None
                depth = len(stack)
                if merges and merges[-1][0] == depth:
                    _merge_into(node, merges, depth)
                value, at = node, node.place
                if anchor is not None:
                    self.anchors[anchor] = (value, nodes, levels)
                inner_nodes, inner_levels = nodes, levels + 1
                node, key, key_at, anchor, nodes, levels = stack.pop()
                nodes += inner_nodes
                levels = max(levels, inner_levels)
                if key is not None and key[:1] == "\0" and key is not _merge and key not in names:
                    names[key] = key  # the refused key itself was just read; its value comes next
                    continue
            elif kind is AliasEvent:
                at = _place(event)
                value, more, height = self._alias(event.anchor, at, len(stack))
                nodes += more
                levels = max(levels, height)
                if key is None and type(node) is Map:
                    found.append(("key-not-text", "a key must be text, found an alias", at, "write the key out"))
                    key, key_at = f"\0{len(found)}", at
                    names[key] = key
                    continue
            else:
                raise self._fatal("yaml-syntax", "the text ends too early", _place(event), "")
            if node is None:
                return value, at
            if type(node) is Map:
                if key is _merge:
                    if self._mergeable(value, at):
                        merges.append((len(stack), value, at))
                elif key in node:
                    assert key is not None
                    line = unpack(node.key_place(key))[0] + 1
                    hint = f"remove one of them; the first is in line {line}"
                    found.append(("duplicate-key", f"`{key}` is written twice", key_at, hint))
                elif key is not None and key[:1] != "\0":
                    node[key] = value
                    node.places += (key_at, at)
                key = None
            elif type(node) is Seq:
                node.append(value)
                node.places.append(at)

    def _refuse_tag(self, tag: str, at: int) -> None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        hint = "remove it; types follow from how a value is written, and quotes make text"
        self.found.append(("yaml-tag", f"the tag `{shown}` is not allowed", at, hint))

    def _warn_of_cut(self, value: str, end: int, at: int) -> None:
        """A word such as `#shorts` begins a comment, and it and all behind it would be lost without a word."""
        cut = _hashed_word.match(self.text, end)
        if cut is not None:
            hint = f'quote the text: `"{value} {cut[1]}"`; or put a space behind the `#` of a comment'
            self.found.append(("cut-by-comment", f"the text ends before `{cut[2]}`, which begins a comment", at, hint))

    def _refuse_lone_key(self, node: Any, key: str, at: int) -> None:
        """A comma ends a text within `{…}`, and what follows would be lost without a word."""
        before = next(reversed(node.values()), None) if isinstance(node, Map) else None
        whole = f'"{before}, {key}"' if isinstance(before, str) else '"…"'
        hint = f"quote a text that has a comma within `{{…}}`: `{whole}`; or give the key a value, such as `{key}: …`"
        self.found.append(("key-without-value", f"`{key}` is a key without a value", at, hint))

    def _alias(self, name: str, at: int, depth: int) -> tuple[Any, int, int]:
        if name not in self.anchors:
            hint = f"an anchor `&{name}` must end above its alias"
            raise self._fatal("unknown-alias", f"`*{name}` names no anchor", at, hint)
        value, nodes, levels = self.anchors[name]
        height = levels + 1 if isinstance(value, Map | Seq) else 0
        if depth + height > deepest_nesting:
            raise self._too_deep(at)
        self.alias_nodes += nodes
        if self.alias_nodes > most_alias_nodes:
            message = f"aliases repeat more than {most_alias_nodes:,} values"
            raise self._fatal("alias-bomb", message, at, "write the values out, or repeat less")
        return value, nodes, height

    def _mergeable(self, value: Any, at: int) -> bool:
        items = value if isinstance(value, Seq) else [value]
        if all(isinstance(item, Map) for item in items):
            return True
        hint = "write `<<: *name`, or a list of such aliases"
        self.found.append(("merge-not-mapping", "`<<` merges mappings only", at, hint))
        return False

    def _too_deep(self, at: int) -> TextFailure:
        message = f"values nest deeper than {deepest_nesting} levels"
        return self._fatal("too-deep", message, at, "flatten the value")

    def _fatal(self, code: str, message: str, at: int, hint: str) -> TextFailure:
        document = Document(self.path, self.text, None, 0, ())
        earlier = [
            Problem(c, m, document.span(place), h, _severities.get(c, Severity.ERROR)) for c, m, place, h in self.found
        ]
        return TextFailure([*earlier, Problem(code, message, document.span(at), hint)])

    def _syntax_failure(self, error: MarkedYAMLError) -> TextFailure:
        mark = error.problem_mark or error.context_mark
        lines = _line_end.split(self.text)
        marked = next((number for number, text in enumerate(lines) if _merge_mark.match(text)), None)
        if marked is not None:
            hint = "keep what is right of both sides, and remove the marks"
            raise self._fatal("yaml-syntax", merge_undone, pack(marked, 0, to_line_end), hint)
        line = min(mark.line, len(lines) - 1) if mark else 0
        column = mark.column if mark and mark.line == line else len(lines[line])
        while line > 0 and column >= len(lines[line]) and not lines[line].strip():
            line -= 1  # the end of the text: show the last line that holds something
            column = len(lines[line])
        words = str(error.problem or error.context or "something unexpected")
        code, message, hint = syntax_sentence(words, lines[line][column : column + 1])
        return self._fatal(code, message, pack(line, column, 1), hint)


_merge = "\0<<"  # stands for the merge key, which is no key of the mapping


def _place(event: Any) -> int:
    start, end = event.start_mark, event.end_mark
    return pack(start.line, start.column, end.column - start.column if end.line == start.line else to_line_end)


def _merge_into(node: Any, merges: list[tuple[int, Any, int]], depth: int) -> None:
    """Adds merged entries below the mapping's own; they keep the places where they were written."""
    values: list[Any] = []
    while merges and merges[-1][0] == depth:
        values.insert(0, merges.pop()[1])
    for value in values:
        for source in value if isinstance(value, Seq) else (value,):
            for key, item, key_at, at in source.entries():
                if key not in node:
                    node[key] = item
                    node.places += (key_at, at)
