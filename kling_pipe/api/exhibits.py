"""What was made before and after, for a page that holds it all: bounded in size, with nothing touched in the store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.api.outputs import write_whole
from kling_pipe.edge.media import Unreadable
from kling_pipe.edge.media_previews import clip_preview, picture_preview
from kling_pipe.edge.store import Store, translated_disk_errors
from kling_pipe.plan.difference import Difference, Fate
from kling_pipe.plan.plan import Planned
from kling_pipe.values.exhibit import Exhibit, Shown
from kling_pipe.values.job import Artifact
from kling_pipe.values.media import MediaType

_shown_fates = frozenset({Fate.CHANGED, Fate.STALE, Fate.ADDED, Fate.REMOVED, Fate.PICKED})
_played = frozenset({"mp4", "webm"})  # what every browser plays of what services make
_crowded_side = 480  # pixels, where the page is full
_poster_side = 720


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes of what a page may hold, and of how many members; 0 is no bound."""

    picture: int = 400_000
    clip: int = 6_000_000
    sound: int = 3_000_000
    whole: int = 40_000_000
    side: int = 1280  # pixels of a picture that is scaled down
    members: int = 200


no_bounds = Bounds(0, 0, 0, 0, 0, 0)
Exhibits = Mapping[str, tuple[tuple[Exhibit, ...], tuple[Exhibit, ...]]]


def exhibits(found: Difference, store: Store, bounds: Bounds) -> Exhibits:
    """What was made of the members that changed, before and after, by address, in the order of the comparison."""
    shown = [one for one in found.comparisons if one.fate in _shown_fates]
    room = _Room(store, bounds)
    return {one.address: (room.of(one.old), room.of(one.new)) for one in shown[: bounds.members or None]}


def write_page(path: str, pieces: Iterable[str]) -> int:
    """Writes a page piece by piece, whole or not at all; how many bytes it has."""
    with translated_disk_errors(path):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        return write_whole(path, (piece.encode("utf-8", "replace") for piece in pieces))


class _Room:
    """Takes files in as they are until it is full, then small pictures of them. A file is taken in once."""

    def __init__(self, store: Store, bounds: Bounds) -> None:
        self._store = store
        self._bounds = bounds
        self._used = 0
        self._known: dict[str, Exhibit] = {}

    def of(self, member: Planned | None) -> tuple[Exhibit, ...]:
        """The files of the picked take."""
        made = member.artifacts.get(member.step.pick) if member else None
        return tuple(self._exhibit(file) for file in _different(made.files)) if made else ()

    def _exhibit(self, file: Artifact) -> Exhibit:
        if file.digest not in self._known:
            try:
                exhibit = self._taken(file)
            except (Unreadable, OSError) as error:
                exhibit = Exhibit(file.facts, file.digest, Shown.NOTHING, trouble=str(error))
            self._used += len(exhibit.data) + len(exhibit.poster)
            self._known[file.digest] = exhibit
        return self._known[file.digest]

    def _taken(self, file: Artifact) -> Exhibit:
        path, facts = self._store.path(file.digest), file.facts
        match facts.type:
            case MediaType.IMAGE if not self._fits(facts.bytes, self._bounds.picture):
                side = _crowded_side if self._is_full(facts.bytes) else self._bounds.side
                return Exhibit(facts, file.digest, Shown.SCALED, "image/jpeg", picture_preview(path, side))
            case MediaType.VIDEO if facts.format not in _played or not self._fits(facts.bytes, self._bounds.clip):
                frame = clip_preview(path, self._bounds.side or facts.width)
                return Exhibit(facts, file.digest, Shown.FRAME, "image/jpeg", frame)
            case MediaType.AUDIO if not self._fits(facts.bytes, self._bounds.sound):
                return Exhibit(facts, file.digest, Shown.NOTHING)
            case MediaType.IMAGE | MediaType.VIDEO | MediaType.AUDIO:
                poster = clip_preview(path, _poster_side) if facts.type is MediaType.VIDEO else b""
                with open(path, "rb") as stored:
                    return Exhibit(facts, file.digest, Shown.WHOLE, facts.mime, stored.read(), poster)
            case _:
                return Exhibit(facts, file.digest, Shown.NOTHING)  # an element or a voice is no file

    def _fits(self, size: int, bound: int) -> bool:
        return (not bound or size <= bound) and not self._is_full(size)

    def _is_full(self, size: int) -> bool:
        return bool(self._bounds.whole) and self._used + size > self._bounds.whole


def _different(files: Sequence[Artifact]) -> list[Artifact]:
    """The files without further forms of one sound."""
    first = next((file for file in files if file.facts.type is MediaType.AUDIO), None)
    return [file for file in files if file.facts.type is not MediaType.AUDIO or file is first]
