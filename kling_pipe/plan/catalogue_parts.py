"""The texts of a catalogue: a head that is always read, and parts that are read when a kind of theirs is asked for.

The head names kinds and models; `kinds.KIND.in` is the part with that kind's offers, and `shared` a part whose
sections (`media`, `takes`, `sizes`, …) every other one may use. A catalogue may also be one text with everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from kling_pipe.plan.catalogue_data import Data, mapping, mappings, text, texts
from kling_pipe.story.document import Document

Read = Callable[[str], str]  # the text of a file, by its name inside the provider's folder

head_name = "models.yaml"
_sections = ("media", "takes", "sizes", "results", "prices", "timings", "lists", "offers")


class Parts:
    """The parsed data of one provider's catalogue."""

    def __init__(self, head: Data, read: Callable[[str], Data]) -> None:
        self.head = head
        self._read = read
        self._parts: dict[str, Data] = {}

    @staticmethod
    def of(head: Data) -> Parts:
        """Everything in one."""
        return Parts(head, _nothing)

    @staticmethod
    def load(read: Read) -> Parts:
        """The head of a folder, with its parts at hand."""

        @cache
        def parsed(name: str) -> Data:
            root = Document.parse(read(name), name).root
            if not isinstance(root, Mapping):
                raise ValueError(f"a catalogue is a mapping: {name}")
            return root

        return Parts(parsed(head_name), parsed)

    @property
    def kinds(self) -> Mapping[str, Data]:
        """The head's lines on each step kind."""
        return {kind: mapping(mapping(self.head, "kinds"), kind) for kind in mapping(self.head, "kinds")}

    def of_kind(self, kind: str) -> Data:
        """All sections that a kind's offers are made of."""
        return self.part(text(mapping(mapping(self.head, "kinds"), kind), "in"))

    def part(self, name: str) -> Data:
        """One part with what it shares; `` is the head itself."""
        found = self._parts.get(name)
        if found is None:
            found = self._parts[name] = self._joined(name)
        return found

    @property
    def shared(self) -> Data:
        """What every part may use."""
        name = text(self.head, "shared")
        return self._read(name) if name else {}

    def names(self) -> tuple[str, ...]:
        """Every part that holds offers."""
        return tuple(dict.fromkeys(text(lines, "in") for lines in self.kinds.values()))

    def values(self, data: Data, name: str) -> frozenset[str]:
        """The values of a named list: written there, or `{file, key}` of another text."""
        lists = mapping(data, "lists")
        if name not in lists:
            raise ValueError(f"no list is called `{name}`")
        if isinstance(lists[name], Mapping):
            source = mapping(lists, name)
            return frozenset(texts(self._read(text(source, "file")), text(source, "key")))
        return frozenset(texts(lists, name))

    def _joined(self, name: str) -> Data:
        own = self._read(name) if name else self.head
        shared = self.shared
        joined: dict[str, object] = {}
        for section in _sections:
            both = mapping(shared, section).keys() & mapping(own, section).keys()
            if both:
                raise ValueError(f"`{section}` of `{name}` has what is shared already: {', '.join(sorted(both))}")
            joined[section] = {**mapping(shared, section), **mapping(own, section)}
        joined["rules"] = [*mappings(shared, "rules"), *mappings(own, "rules")]
        return joined


def _nothing(name: str) -> Data:
    raise ValueError(f"there is no part called `{name}`")
