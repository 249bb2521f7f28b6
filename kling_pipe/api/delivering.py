"""Deliverables: what is copied out, where to, and in which form."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from kling_pipe.edge.aside import sweep
from kling_pipe.edge.files import place
from kling_pipe.edge.media import convert_picture, cut_endings, cut_out
from kling_pipe.edge.store import Store
from kling_pipe.errors import StateFailure
from kling_pipe.events import Delivered, Event, Notice
from kling_pipe.plan.plan import Plan
from kling_pipe.plan.planning import KnownInput
from kling_pipe.story.storyboard import Delivery, InputFile, InputUrl, Reference, StepOutput
from kling_pipe.values.job import Artifact
from kling_pipe.values.media import MediaType

_picture_endings = {".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg", ".webp": ".webp"}
_mendable = frozenset({"object-damaged", "object-missing"})  # their tasks are fetched again, without paying
_clip_endings = {".mp4": ".mp4", ".m4v": ".mp4", ".mov": ".mov"}


class Delivering:
    """Writes a plan's deliverables out of the store."""

    def __init__(
        self, store: Store, home: str, inputs: Mapping[Reference, KnownInput], now: Callable[[], float]
    ) -> None:
        self._store = store
        self._home = home
        self._inputs = inputs
        self._now = now
        self.damage: StateFailure | None = None  # the first stored file that was found gone or damaged
        self.lacks = False  # a step is made, and not the file of it that a deliverable means

    def deliver(self, plan: Plan, made: Mapping[str, Mapping[int, Artifact]]) -> list[Event]:
        """Writes every deliverable whose artifact is made and whole; what dead runs left half written is swept."""
        folder = os.path.dirname(plan.storyboard.path)
        for place_of in {os.path.dirname(os.path.join(folder, delivery.path)) for delivery, _ in plan.deliveries}:
            sweep(place_of)
        events: list[Event] = []
        for delivery, address in plan.deliveries:
            pick = plan.members[address].step.pick if address in plan.members else 1
            try:
                events += self._written(delivery, address, folder, made.get(address, {}), pick)
            except StateFailure as failure:
                if failure.code not in _mendable:
                    raise
                self.damage = self.damage or failure
        return events

    def _written(
        self, delivery: Delivery, address: str, folder: str, made: Mapping[int, Artifact], pick: int
    ) -> list[Event]:
        artifact = _taken(delivery, made, pick)
        if artifact is not None and chosen_file(delivery, artifact) is None:
            self.lacks = True
            text = f"`{delivery.path}` is not there, because `{address}` made no such file: {len(artifact.files)} came"
            return [Notice(self._now(), address, text)]
        found = self._contents(delivery, made, pick)
        if found is None:
            return []
        digest, ending = found
        changed = place(self._store, digest, os.path.join(folder, delivery.path))
        delivered = Delivered(self._now(), address, delivery.path, digest, changed)
        if _is_alike(delivery.path, ending):
            return [delivered]
        text = f"`{delivery.path}` holds {ending[1:]} data, as the provider made it"
        return [Notice(self._now(), address, text), delivered]

    def _contents(self, delivery: Delivery, made: Mapping[int, Artifact], pick: int) -> tuple[str, str] | None:
        """Digest and ending of what belongs into a deliverable, or None while it is not made."""
        reference = delivery.reference
        if not isinstance(reference, StepOutput):
            return self._input(reference), os.path.splitext(delivery.path)[1]
        artifact = _taken(delivery, made, pick)
        file = chosen_file(delivery, artifact) if artifact is not None else None
        if file is None:
            return None
        if reference.part in cut_endings and file.facts.type is MediaType.VIDEO:
            ending = cut_endings[reference.part]
            return self._in_form(self._cut_out(file.digest, reference.part, ending), ending, delivery.path)
        return self._in_form(file.digest, file.facts.extension, delivery.path)

    def _in_form(self, digest: str, ending: str, path: str) -> tuple[str, str]:
        """A picture in the form its deliverable's name asks for; what was paid for stays as it came."""
        wanted = _picture_endings.get(os.path.splitext(path)[1].lower(), "")
        if ending not in _picture_endings or not wanted or wanted == ending:
            return digest, ending
        converted = self._place(f"{digest[:32]}{wanted}")
        if not os.path.exists(converted):
            convert_picture(self._store.path(digest), converted)
        return self._store.add_file(converted), wanted

    def _place(self, name: str) -> str:
        folder = os.path.join(self._home, "frames")
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, name)

    def _cut_out(self, digest: str, part: str, ending: str) -> str:
        piece = self._place(f"{digest[:32]}-{part}{ending}")
        if not os.path.exists(piece):
            cut_out(self._store.path(digest), part, piece)
        return self._store.add_file(piece)

    def _input(self, reference: InputFile | InputUrl) -> str:
        known = self._inputs[reference]
        if self._store.holds(known.digest, known.facts.bytes):
            return known.digest
        try:
            if self._store.add_file(known.path) == known.digest:
                return known.digest
        except FileNotFoundError:
            pass
        raise StateFailure(
            "input-changed",
            f"the input `{known.path}` changed while the run went on, so it was not delivered",
            hint="run again; what was made is kept",
        )


def _taken(delivery: Delivery, made: Mapping[int, Artifact], pick: int) -> Artifact | None:
    """The take that a deliverable is of; None for an input, and while it is not made."""
    reference = delivery.reference
    return made.get(reference.take or pick) if isinstance(reference, StepOutput) else None


def chosen_file(delivery: Delivery, artifact: Artifact) -> Artifact | None:
    """The file of a take that a deliverable means: the picture or part it selects, and of several renditions of a
    sound the one its name asks for; None where the provider made no such one."""
    reference = delivery.reference
    if not isinstance(reference, StepOutput):
        return artifact
    if reference.image:
        return artifact.at(reference.image)
    if reference.part == "video":
        return artifact.of_type(MediaType.VIDEO)
    if artifact.facts.type is not MediaType.AUDIO:
        return artifact
    ending = os.path.splitext(delivery.path)[1].lower()
    return next((file for file in artifact.files if file.facts.extension == ending), artifact)


def is_converted(delivery: Delivery, artifact: Artifact) -> bool:
    """Whether a deliverable holds other bytes than its artifact: a cut frame, or a picture in another form."""
    reference = delivery.reference
    if isinstance(reference, StepOutput) and reference.part in cut_endings:
        return artifact.facts.type is MediaType.VIDEO
    wanted = _picture_endings.get(os.path.splitext(delivery.path)[1].lower(), "")
    return artifact.facts.extension in _picture_endings and wanted not in ("", artifact.facts.extension)


def _is_alike(path: str, ending: str) -> bool:
    endings = {**_picture_endings, **_clip_endings}
    wanted = os.path.splitext(path)[1].lower()
    return endings.get(wanted, wanted) == endings.get(ending, ending)
