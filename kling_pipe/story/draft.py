"""Draft: what is known of a storyboard while it is being read, and every problem found on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kling_pipe.errors import Problem
from kling_pipe.story.document import Document
from kling_pipe.story.expressions import ExpressionError, Scope, argument, evaluate, opening
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.values.span import Span

broken = object()  # stands for a value whose expression is wrong and reported


class Draft:
    """A document with its problems so far. `variables` are the values for `${{ vars.… }}`."""

    __slots__ = ("_seen", "document", "has_expressions", "problems", "scope", "variables")

    def __init__(self, document: Document, root: Map) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self._seen: set[Problem] = set()
        written = root.get("vars")
        added = isinstance(written, Map) and any(name.startswith(argument) for name in written)
        self.has_expressions = added or any(opening in text for text in document.texts.values())
        self.variables = Variables(self, written if isinstance(written, Map) else Map())
        self.scope: Scope = {"vars": self.variables}

    def add(self, *problems: Problem) -> None:
        """Adds problems, each once: a wrong default would else be told by every step."""
        for problem in problems:
            if problem not in self._seen:
                self._seen.add(problem)
                self.problems.append(problem)

    def error(self, code: str, message: str, span: Span | None, hint: str = "") -> None:
        self.add(Problem(code, message, span, hint))

    def evaluated(self, holder: Map | Seq, key: Any, scope: Scope) -> Any:
        """The value under a key with its expressions replaced; `broken` when one of them is wrong."""
        return self.replaced(holder[key], holder, key, scope)

    def replaced(self, value: Any, holder: Map | Seq, key: Any, scope: Scope) -> Any:
        """A value that stands under a key of a mapping or list, with its expressions replaced."""
        if isinstance(value, str):
            return self._text(value, holder, key, scope) if opening in value else value
        if isinstance(value, Map):
            entries = {name: self.evaluated(value, name, scope) for name in value}
            return broken if any(item is broken for item in entries.values()) else entries
        if isinstance(value, Seq):
            items = [self.evaluated(value, index, scope) for index in range(len(value))]
            return broken if any(item is broken for item in items) else items
        return value

    def key(self, holder: Map, key: str, scope: Scope) -> Any:
        """A key with its expressions replaced, as `deliver` has them."""
        try:
            return evaluate(key, scope)
        except ExpressionError as error:
            self._tell(error, key, holder.key_place(key))
            return broken

    def _text(self, text: str, holder: Map | Seq, key: Any, scope: Scope) -> Any:
        try:
            return evaluate(text, scope)
        except ExpressionError as error:
            place = holder.places[key] if isinstance(holder, Seq) else holder.value_place(key)
            self._tell(error, text, place)
            return broken

    def _tell(self, error: ExpressionError, text: str, place: int) -> None:
        if error.code:  # a broken variable was told where it stands
            span = self.document.span_within(text, place, error.offset, error.length)
            self.error(error.code, error.message, span, error.hint)


class Variables(Mapping[str, Any]):
    """The values of `vars`, each evaluated when first asked for, so that they may use each other in any order."""

    def __init__(self, draft: Draft, written: Map, roots: Scope | None = None) -> None:
        self._draft = draft
        self._written = written
        self._scope: Scope = {"vars": self, **(roots or {})}
        self._values: dict[str, Any] = {}
        self._open: list[str] = []

    def __contains__(self, name: object) -> bool:
        return name in self._written

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            self._values[name] = broken if self._is_endless(name) else self._evaluated(name)
        if self._values[name] is broken:
            raise ExpressionError("", "", 0)
        return self._values[name]

    @property
    def node(self) -> Map:
        """The variables as they are written."""
        return self._written

    def within(self, roots: Scope) -> Variables:
        """The same variables where expressions see more: the values of axes."""
        return Variables(self._draft, self._written, roots)

    def _evaluated(self, name: str) -> Any:
        self._open.append(name)
        try:
            value = self._draft.evaluated(self._written, name, self._scope)
        finally:
            self._open.pop()
        if value is not self._written[name] and _weight(value, most_values) > most_values:
            message = f"`vars.{name}` grows to more than {most_values:,} values"
            self._draft.error("too-large", message, self._span(name), "repeat less")
            return broken
        return value

    def _is_endless(self, name: str) -> bool:
        if name in self._open:
            circle = [*self._open[self._open.index(name) :], name]
            path = " → ".join(f"`vars.{link}`" for link in circle)
            self._draft.error(
                "variable-cycle", f"variables use each other: {path}", self._span(name), "break the circle"
            )
            return True
        if len(self._open) >= deepest_use:
            message = f"variables use each other more than {deepest_use} deep"
            self._draft.error("too-deep", message, self._span(name), "use fewer steps in between")
            return True
        return False

    def _span(self, name: str) -> Span:
        return self._draft.document.key_span(self._written, name)


most_values = 100_000  # within one variable; lists that double each other would grow without end
deepest_use = 30


def _weight(value: Any, limit: int) -> int:
    """How many values there are within a value, counted up to a limit."""
    count, waiting = 0, [value]
    while waiting and count <= limit:
        item = waiting.pop()
        count += 1
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return count
