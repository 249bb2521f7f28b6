"""All that a payload or a list of arguments is written from: a job and how its media travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed


@dataclass(frozen=True, slots=True)
class Brief:
    """A job with its media at hand. What is not set is None or empty, so that a payload leaves it out."""

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
        """A list of the service's own ids as texts: longer ones pass what a number in JSON holds."""
        value = self.parameter(name)
        return [str(item) for item in value if str(item)] if isinstance(value, list | tuple) else []

    @property
    def pictures(self) -> list[str]:
        """The picture and the references of a picture step, in the order in which prompts count them."""
        return [picture for picture in (self.one("image"), *self.many("references")) if picture]

    @property
    def shots(self) -> list[Mapping[str, object]]:
        """The written shots; none when there are none or the model cuts by itself."""
        value = self.parameter("shots")
        return [shot for shot in value if isinstance(shot, Mapping)] if isinstance(value, list | tuple) else []

    @property
    def is_cut_freely(self) -> bool:
        """Whether the model cuts by itself."""
        return self.parameter("shots") == "auto"

    @property
    def count(self) -> int:
        return len(self.job.takes)

    def _members(self, name: str) -> dict[int, Handed]:
        found: dict[int, Handed] = {}
        for field, handed in self.media.items():
            head, bracket, rest = field.partition("[")
            if head == name and bracket:
                found[int(rest.partition("]")[0])] = handed
        return found
