"""A job with its media at hand, in the words that adapters write requests from; each of them adds its service's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed


@dataclass(frozen=True, slots=True)
class PlainBrief:
    """What is not set is None or empty, so that a request leaves it out."""

    job: Job
    media: Mapping[str, Handed]

    def parameter(self, name: str) -> object:
        return self.job.parameters.get(name)

    def words(self, name: str) -> str:
        """A text, or nothing."""
        value = self.parameter(name)
        return value if isinstance(value, str) else ""

    def switch(self, name: str, on: str, off: str) -> str | None:
        """A boolean that the service writes as one of two words."""
        value = self.parameter(name)
        return None if value is None else on if value else off

    def one(self, name: str) -> str | None:
        """What was handed over for a single field."""
        return self.media[name].text if name in self.media else None

    def many(self, name: str) -> list[str]:
        """What was handed over for `name[0]`, `name[1]`, …, in order."""
        return [handed.text for _, handed in sorted(self._members(name).items())]

    def ids(self, name: str) -> list[str]:
        """A list of the service's own ids, as texts, since longer ones pass what a number in JSON holds; a wired place
        holds nothing and is filled from what was handed."""
        value = self.parameter(name)
        written = dict(enumerate(value)) if isinstance(value, list | tuple) else {}
        places = {**written, **{place: handed.text for place, handed in self._members(name).items()}}
        return [str(places[place]) for place in sorted(places) if places[place] not in (None, "")]

    @property
    def shots(self) -> list[Mapping[str, object]]:
        """The written shots; none when there are none or the model cuts by itself."""
        value = self.parameter("shots")
        return [shot for shot in value if isinstance(shot, Mapping)] if isinstance(value, list | tuple) else []

    def _members(self, name: str) -> dict[int, Handed]:
        found: dict[int, Handed] = {}
        for field, handed in self.media.items():
            head, bracket, rest = field.partition("[")
            if head == name and bracket:
                found[int(rest.partition("]")[0])] = handed
        return found
