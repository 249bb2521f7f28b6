"""`inputs`: the files and addresses of a storyboard, at the axis values that their paths mention."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kling_pipe.story.axes import Coordinates, Member, projected
from kling_pipe.story.draft import Draft
from kling_pipe.story.nodes import Map
from kling_pipe.story.offers import Folders, Offers, StepOffer, WireError
from kling_pipe.story.spread import Spread
from kling_pipe.story.storyboard import InputFile, InputUrl, NamedInput
from kling_pipe.story.wiring import read_url

_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Inputs:
    """The inputs of one storyboard, each read once for the axis values it mentions."""

    def __init__(self, draft: Draft, node: Map, folders: Folders, spread: Spread) -> None:
        self._draft = draft
        self._node = node
        self._folders = folders
        self._spread = spread
        self._axes = {name: spread.axes_of_input(name) for name in node}
        self._known: dict[Member, NamedInput | None] = {}
        for name, axes in self._axes.items():
            for at in spread.combinations(axes) if axes else ((),):
                self._known[Member(name, at)] = self._read(name, at)

    @property
    def vary(self) -> bool:
        """Whether any of them is another file at other axis values."""
        return any(self._axes.values())

    def at(self, coordinates: Coordinates) -> dict[str, InputFile | InputUrl | None]:
        """What each name means at some axis values; nothing where it is wrong itself or means several files here."""
        entries = {
            name: self._known.get(Member(name, projected(coordinates, axes))) for name, axes in self._axes.items()
        }
        return {name: entry.reference if entry is not None else None for name, entry in entries.items()}

    def named(self) -> Mapping[str, NamedInput]:
        """All that are right, by name, or by an address such as `logo[locale=de]`."""
        return {member.address: entry for member, entry in self._known.items() if entry is not None}

    def _read(self, name: str, at: Coordinates) -> NamedInput | None:
        draft, node = self._draft, self._node
        value = draft.evaluated(node, name, self._spread.scope(at))
        span = draft.document.value_span(node, name)
        target = value
        if isinstance(value, dict):
            both = [key for key in ("path", "url") if key in value]
            if len(both) != 1:
                message = f"`inputs.{name}` needs either `path` or `url`"
                draft.error("bad-input", message, span, "keep one of them" if both else "add `path: refs/a.png`")
                return None
            target = value[both[0]]
            span = draft.document.value_span(node[name], both[0]) if both[0] in node[name] else span
        if not isinstance(target, str) or not target:
            return None  # the schema told it
        called = Member(name, at).address
        try:
            if _scheme.match(target):
                return NamedInput(InputUrl(called, read_url(target)), span)
            return NamedInput(InputFile(called, self._folders.beside(span.path).absolute(target)), span)
        except WireError as error:
            draft.add(error.problem(span))
            return None


class OffersAt:
    """What can be wired at some axis values: always the same steps, and inputs that may be other files elsewhere."""

    def __init__(self, steps: Mapping[str, StepOffer | None], inputs: Inputs, folders: Folders) -> None:
        self._inputs = inputs
        self.all_inputs = tuple(entry.reference for entry in inputs.named().values())
        self._plain = Offers(steps, inputs.at(()), folders)
        self._known: dict[Coordinates, Offers] = {}

    def __call__(self, coordinates: Coordinates) -> Offers:
        if not self._inputs.vary:
            return self._plain
        if coordinates not in self._known:
            plain = self._plain
            self._known[coordinates] = Offers(plain.steps, self._inputs.at(coordinates), plain.folders)
        return self._known[coordinates]
