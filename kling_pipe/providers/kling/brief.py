"""All that a request's body is written from: a job, how its media travel, and what its errands told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json


@dataclass(frozen=True, slots=True)
class Brief:
    """A job with its media at hand. What is not set is None or empty, so that a body leaves it out (D25)."""

    job: Job
    media: Mapping[str, Handed]
    told: Sequence[Mapping[str, object]] = ()

    def parameter(self, name: str) -> object:
        return self.job.parameters.get(name)

    def taken(self, *names: str) -> Json:
        """Parameters that the service calls by the same name."""
        return {name: self.parameter(name) for name in names if self.parameter(name) is not None}

    def switch(self, name: str, on: str, off: str) -> str | None:
        """A boolean that the service writes as one of two words."""
        value = self.parameter(name)
        return None if value is None else on if value else off

    def words(self, name: str) -> str:
        """A text, or nothing."""
        value = self.parameter(name)
        return value if isinstance(value, str) else ""

    def one(self, name: str) -> str | None:
        """What was handed over for a single field."""
        return self.media[name].text if name in self.media else None

    def many(self, name: str) -> list[str]:
        """What was handed over for `name[0]`, `name[1]`, …, in order."""
        found = self._members(name)
        return [found[index].text for index in sorted(found)]

    def ids(self, name: str) -> list[str]:
        """A list of the service's own ids as texts; a wired place holds nothing and is filled from what was handed."""
        value = self.parameter(name)
        written = [str(item) for item in value] if isinstance(value, list | tuple) else []
        wired = self._members(name)
        count = max(len(written), max(wired, default=-1) + 1)
        places = [wired[place].text if place in wired else _at(written, place) for place in range(count)]
        return [item for item in places if item]

    def id(self, name: str) -> str | None:
        """A single id of the service's own: wired, or written."""
        return self.one(name) or self.words(name) or None

    def note(self, name: str) -> object:
        """What an errand told under this name; the latest counts."""
        return next((notes[name] for notes in reversed(self.told) if name in notes), None)

    @property
    def shots(self) -> list[Mapping[str, object]]:
        """The written shots; none when there are none or the model cuts by itself."""
        value = self.parameter("shots")
        return [shot for shot in value if isinstance(shot, Mapping)] if isinstance(value, list | tuple) else []

    @property
    def seconds(self) -> str | None:
        """`duration` as the body-model standard writes it: a text (D22)."""
        value = self.parameter("duration")
        return None if value is None else str(value)

    def clip(self) -> Json:
        """The wired clip where the service takes its own clips by id too: exactly one of the two fields."""
        handed = self.media["video"]
        return {"video_id": handed.id} if handed.id else {"video_url": handed.url}

    def _members(self, name: str) -> dict[int, Handed]:
        found: dict[int, Handed] = {}
        for field, handed in self.media.items():
            head, bracket, rest = field.partition("[")
            if head == name and bracket:
                found[int(rest.partition("]")[0])] = handed
        return found


def _at(items: Sequence[str], place: int) -> str:
    return items[place] if place < len(items) else ""
