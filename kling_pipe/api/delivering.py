"""Deliverables: what is copied out, where to, and in which form."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from kling_pipe.api.forms import asked_form, convert, is_alike
from kling_pipe.edge.aside import sweep
from kling_pipe.edge.files import place
from kling_pipe.edge.media import Unreadable, cut_endings, cut_out, probe
from kling_pipe.edge.store import Store, translated_disk_errors
from kling_pipe.errors import StateFailure
from kling_pipe.events import Delivered, Event, Notice, Undelivered
from kling_pipe.plan.knowledge import KnownInput
from kling_pipe.plan.plan import Plan, Planned, selected
from kling_pipe.story.storyboard import Delivery, InputFile, InputUrl, Reference, StepOutput
from kling_pipe.values.job import Artifact
from kling_pipe.values.lock import LockedDelivery
from kling_pipe.values.media import MediaFacts, MediaType

_mendable = frozenset({"object-damaged", "object-missing"})  # their tasks are fetched again, without paying


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
        self.lacks = False  # a deliverable could not be written though its step is made

    def deliver(self, plan: Plan, made: Mapping[str, Mapping[int, Artifact]]) -> list[Event]:
        """Writes every deliverable whose file is made and whole, also where another file of its take is gone; what dead
        runs left half written is swept."""
        folder = os.path.dirname(plan.storyboard.path)
        for place_of in {os.path.dirname(os.path.join(folder, delivery.path)) for delivery, _ in plan.deliveries}:
            sweep(place_of)
        events: list[Event] = []
        for delivery, address in plan.deliveries:
            member = plan.members.get(address)
            takes = {**self._left(delivery, member), **made.get(address, {})}
            try:
                events += self._written(delivery, address, folder, takes, member.step.pick if member else 1)
            except StateFailure as failure:
                if failure.code in _mendable:
                    self.damage = self.damage or failure
                else:
                    self.lacks = True
                    events.append(_undelivered(self._now(), address, delivery.path, failure))
        return events

    def digest_of(self, delivery: Delivery, made: Mapping[int, Artifact], pick: int) -> str:
        """The digest of what belongs into a deliverable, made here where it is cut out or converted; empty while it is
        not made. Nothing is written out."""
        found = self._contents(delivery, made, pick)
        return found[0] if found is not None else ""

    def _left(self, delivery: Delivery, member: Planned | None) -> dict[int, Artifact]:
        """Takes that lost a file and have the one that is delivered."""
        found = {} if member is None else {take: chosen_file(delivery, made) for take, made in member.remains.items()}
        return {take: file for take, file in found.items() if file is not None and self._store.is_whole(file.digest)}

    def _written(
        self, delivery: Delivery, address: str, folder: str, made: Mapping[int, Artifact], pick: int
    ) -> list[Event]:
        artifact = _taken(delivery, made, pick)
        if artifact is not None and chosen_file(delivery, artifact) is None:
            message = f"`{address}` made no such file: {len(artifact.files)} came"
            raise StateFailure("not-made", message, hint="deliver another one, or remove the line")
        found = self._contents(delivery, made, pick)
        if found is None:
            return []
        digest, facts = found
        changed = place(self._store, digest, os.path.join(folder, delivery.path))
        delivered = Delivered(self._now(), address, delivery.path, digest, changed, facts)
        if is_alike(delivery.path, facts.extension):
            return [delivered]
        maker = "as the provider made it" if address else "as the input does"
        text = f"`{delivery.path}` holds {facts.extension[1:]} data, {maker}"
        return [Notice(self._now(), address, text), delivered]

    def _contents(self, delivery: Delivery, made: Mapping[int, Artifact], pick: int) -> tuple[str, MediaFacts] | None:
        """Digest and facts of what belongs into a deliverable, or None while it is not made."""
        reference = delivery.reference
        if not isinstance(reference, StepOutput):
            return self._in_form(self._input(reference), self._inputs[reference].facts, delivery.path)
        artifact = _taken(delivery, made, pick)
        file = chosen_file(delivery, artifact) if artifact is not None else None
        if file is None:
            return None
        if reference.part in cut_endings and file.facts.type is MediaType.VIDEO:
            return self._cut_out(file.digest, reference.part, delivery.path)
        return self._in_form(file.digest, file.facts, delivery.path)

    def _in_form(self, digest: str, facts: MediaFacts, path: str) -> tuple[str, MediaFacts]:
        """A picture or sound in the form its deliverable's name asks for; what was paid for stays as it came."""
        wanted = asked_form(path, facts.extension)
        return self._from(digest, wanted, convert) if wanted else (digest, facts)

    def _cut_out(self, digest: str, part: str, path: str) -> tuple[str, MediaFacts]:
        ending = cut_endings[part]
        wanted = asked_form(path, ending)
        if part == "audio":  # at once in the form that is asked for
            return self._from(digest, f"-{part}{wanted or ending}", lambda clip, to: cut_out(clip, part, to))
        piece, facts = self._from(digest, f"-{part}{ending}", lambda clip, to: cut_out(clip, part, to))
        return self._in_form(piece, facts, path)

    def _from(self, digest: str, name: str, write: Callable[[str, str], object]) -> tuple[str, MediaFacts]:
        """What is made of a stored file here, kept under a name; made only once."""
        folder = os.path.join(self._home, "frames")
        target = os.path.join(folder, f"{digest[:32]}{name}")
        try:
            with translated_disk_errors(target):
                os.makedirs(folder, exist_ok=True)
                if not os.path.exists(target):
                    write(self._store.path(digest), target)
                return self._store.add_file(target), probe(target)
        except (Unreadable, FileNotFoundError) as error:
            self._store.read(digest)  # raises where the stored file itself is gone or damaged
            if isinstance(error, FileNotFoundError):
                raise
            raise StateFailure(error.code, error.message, hint=error.hint) from error

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
    file = selected(reference, artifact)
    if reference.image or reference.part == "video" or artifact.facts.type is not MediaType.AUDIO:
        return file
    ending = os.path.splitext(delivery.path)[1].lower()
    return next((file for file in artifact.files if file.facts.extension == ending), artifact)


def locked_deliveries(
    plan: Plan,
    made: Mapping[str, Mapping[int, Artifact]],
    inputs: Mapping[Reference, KnownInput],
    written: Mapping[str, Delivered],
) -> dict[str, LockedDelivery]:
    """What was delivered, with the file that each is or was made of here."""
    found = {}
    for delivery, address in plan.deliveries:
        event = written.get(delivery.path)
        source = source_digest(plan, delivery, made.get(address, {}), inputs)
        if event is not None and event.facts is not None and source:
            found[delivery.path] = LockedDelivery(event.digest, event.facts.bytes, source)
    return found


def source_digest(
    plan: Plan, delivery: Delivery, made: Mapping[int, Artifact], inputs: Mapping[Reference, KnownInput]
) -> str:
    """The digest of the file that a deliverable is or is made of; empty while there is none."""
    reference = delivery.reference
    if not isinstance(reference, StepOutput):
        return inputs[reference].digest
    artifact = _taken(delivery, made, plan.members[reference.member].step.pick)
    file = chosen_file(delivery, artifact) if artifact is not None else None
    return file.digest if file is not None else ""


def is_converted(delivery: Delivery, artifact: Artifact) -> bool:
    """Whether a deliverable holds other bytes than its artifact: a cut piece, or a picture or sound in another form."""
    reference = delivery.reference
    if isinstance(reference, StepOutput) and reference.part in cut_endings:
        return artifact.facts.type is MediaType.VIDEO
    return bool(asked_form(delivery.path, artifact.facts.extension))


def _undelivered(now: float, address: str, path: str, failure: StateFailure) -> Undelivered:
    return Undelivered(now, address, path, failure.code, failure.message, failure.hint)
