"""`deliver`: where finished files are copied to, and what may not be written over."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kling_pipe.errors import Problem
from kling_pipe.story.axes import Axis, Coordinates
from kling_pipe.story.draft import Draft, broken
from kling_pipe.story.fitting import media_of, words
from kling_pipe.story.inputs import OffersAt
from kling_pipe.story.nodes import Map
from kling_pipe.story.offers import Offers, StepWire, WireError, inside
from kling_pipe.story.spelling import shown
from kling_pipe.story.spread import Spread
from kling_pipe.story.storyboard import Delivery, InputFile, Reference, Step
from kling_pipe.story.wiring import read_wire
from kling_pipe.values.media import MediaType
from kling_pipe.values.span import Span

extensions: Mapping[MediaType, tuple[str, ...]] = {
    MediaType.IMAGE: (".png", ".jpg", ".jpeg", ".webp"),
    MediaType.VIDEO: (".mp4", ".mov"),
    MediaType.AUDIO: (".mp3", ".wav", ".m4a"),
}
state_folder = ".kling-pipe"
# What lives at the service, under an id, and the field that takes it.
_no_files: Mapping[MediaType, str] = {
    MediaType.ELEMENT: "elements",
    MediaType.VOICE: "voices",
}


def read_deliveries(
    draft: Draft, node: Map, offers_at: OffersAt, spread: Spread, steps: Iterable[Step]
) -> tuple[Delivery, ...]:
    """All deliverables that are right, one for each axis value that a path mentions; the problems of the others are in
    the draft."""
    offers = offers_at(())
    taken = {_same_file(os.path.abspath(path)): "a file of the storyboard" for path in draft.document.texts}
    taken[_same_file(os.path.abspath(draft.document.path))] = "the storyboard itself"
    wired = [wire.reference for step in steps for wire in step.wires]
    for reference in (*offers_at.all_inputs, *wired):
        if isinstance(reference, InputFile):
            taken.setdefault(_same_file(reference.path), f"the input `{reference.name}`")
    found: list[Delivery] = []
    folders: dict[str, str] = {}
    for key, text, key_place, _ in node.entries():
        span = draft.document.span(key_place)
        named, besides = spread.delivered(key, text)
        if besides - named:
            draft.add(_lacking_axes(key, text, spread.in_order(besides - named), span))
            continue
        for at in spread.delivered_members(named, text):
            path = draft.key(node, key, spread.file_scope(at))
            target = draft.replaced(text, node, key, spread.scope(at))
            if path is broken or target is broken:
                continue
            try:
                absolute = _absolute(str(path), offers)
                _check_free(str(path), absolute, taken, folders)
            except WireError as error:
                draft.add(error.problem(span))
                continue
            delivery = _delivery(draft, node, key, Target(str(path), target, at), offers_at(at), spread)
            if delivery is not None:
                found.append(delivery)
    return tuple(_without_own_sources(draft, found, offers))


def _without_own_sources(draft: Draft, found: Sequence[Delivery], offers: Offers) -> Iterator[Delivery]:
    """Those that do not overwrite a file that is delivered itself, and wired to nothing else."""
    sources = {
        _same_file(delivery.reference.path): delivery.reference.name
        for delivery in found
        if isinstance(delivery.reference, InputFile)
    }
    for delivery in found:
        name = sources.get(_same_file(os.path.join(offers.folders.home, delivery.path)))
        if name is None:
            yield delivery
        else:
            message = f"{shown(delivery.path)} would overwrite the input `{name}`"
            draft.error("delivery-clash", message, delivery.span, "choose another path")


def _lacking_axes(key: str, text: Any, axes: Sequence[Axis], span: Span) -> Problem:
    listed = " and ".join(f"`{axis.name}`" for axis in axes)
    stem, ending = os.path.splitext(key)
    named = "".join(f"-${{{{ {axis.expression} }}}}" for axis in axes)
    message = f"{shown(key)} is one file, and {shown(text)} varies over {listed}"
    return Problem("delivery-axes", message, span, f"name each in the path, such as `{stem}{named}{ending}`")


@dataclass(frozen=True, slots=True)
class Target:
    """A deliverable at some axis values: its path, and what is delivered there."""

    path: str
    wire: Any
    at: Coordinates


def _delivery(draft: Draft, node: Map, key: str, to: Target, offers: Offers, spread: Spread) -> Delivery | None:
    span = draft.document.value_span(node, key)
    path, target = to.path, to.wire
    if not isinstance(target, str):
        return None  # the schema told it
    try:
        reference = read_wire(target, offers.beside(span.path))
        if reference is None:
            return None
        media = media_of(reference, offers)
        if media is not None and media in _no_files:
            message = f"{shown(target)} is {words[media]} and no file that can be delivered"
            raise WireError("not-a-file", message, f"wire it: `{_no_files[media]}: [{target}]`")
        if isinstance(reference, StepWire):
            taken: Reference = reference.output(spread.member(reference, to.at))
        else:
            taken = reference
    except WireError as error:
        draft.add(error.problem(span))
        return None
    extension = os.path.splitext(path)[1].lower()
    if media is not None and media in extensions and extension not in extensions[media]:
        wanted = " or ".join(f"`{name}`" for name in extensions[media])
        named = f"`{extension}`" if extension else "no extension"
        message = f"{shown(path)} has {named}, {shown(target)} is {words[media]}"
        draft.error("wrong-extension", message, draft.document.key_span(node, key), f"end the path with {wanted}")
        return None
    return Delivery(os.path.normpath(path), taken, draft.document.key_span(node, key))


def _absolute(path: str, offers: Offers) -> str:
    """Where a deliverable will lie; raises WireError when that is no place for one."""
    if not path or path.endswith("/") or os.path.basename(path) in (".", ".."):
        raise WireError("bad-path", f"{shown(path)} names no file", "write it like `out/hero.png`")
    if "\\" in path or "\0" in path or any(unicodedata.category(sign) == "Cc" for sign in path):
        raise WireError("bad-path", f"{shown(path)} is not a path here", "write `/` between folders")
    if os.path.isabs(path) or path.startswith("~") or path[1:2] == ":":
        raise WireError("bad-path", f"{shown(path)} is not relative", "write it relative to the storyboard")
    home = offers.folders.home
    absolute = os.path.normpath(os.path.join(home, path))
    if not any(inside(absolute, folder) for folder in offers.folders.allowed):
        raise WireError("outside-project", f"{shown(path)} leaves the project folder", "deliver into the project")
    if state_folder in os.path.relpath(absolute, home).split(os.sep):
        message = f"{shown(path)} lies in `{state_folder}`, which kling-pipe keeps for itself"
        raise WireError("bad-path", message, "deliver into a folder such as `out/`")
    return absolute


def _check_free(path: str, absolute: str, taken: dict[str, str], folders: dict[str, str]) -> None:
    """Refuses a path that would be written over, or that is a folder of another; upper and lower case are one."""
    same = _same_file(absolute)
    if same in taken:
        raise WireError("delivery-clash", f"{shown(path)} would overwrite {taken[same]}", "choose another path")
    if same in folders:
        raise WireError("delivery-clash", f"{shown(path)} is a folder of {folders[same]}", "choose another path")
    parent = os.path.dirname(same)
    while len(parent) > 1 and parent != os.path.dirname(parent):
        if parent in taken:
            raise WireError("delivery-clash", f"{shown(path)} lies within {taken[parent]}", "choose another path")
        folders.setdefault(parent, shown(path))
        parent = os.path.dirname(parent)
    taken[same] = f"the deliverable {shown(path)}"


def _same_file(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
