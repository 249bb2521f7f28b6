"""All that a task is written from: a job and how its media travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.values.job import Job
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json


@dataclass(frozen=True, slots=True)
class Brief:
    """A job with its media at hand. What is not set is None or empty, so that a task leaves it out."""

    job: Job
    media: Mapping[str, Handed]

    @property
    def mode(self) -> str:
        """Empty where the model has none."""
        return self.words("mode")

    def parameter(self, name: str) -> object:
        return self.job.parameters.get(name)

    def words(self, name: str) -> str:
        """A text, or nothing."""
        value = self.parameter(name)
        return value if isinstance(value, str) else ""

    def taken(self, **names: str) -> Json:
        """Parameters by the service's own names: `taken(CFGScale="cfg_scale")`."""
        return {ours: self.parameter(name) for ours, name in names.items() if self.parameter(name) is not None}

    def one(self, name: str) -> str:
        """What was handed over for a single field, or nothing."""
        return self.media[name].text if name in self.media else ""

    def many(self, name: str) -> list[str]:
        """What was handed over for `name[0]`, `name[1]`, …, in order."""
        found = self._members(name)
        return [found[index].text for index in sorted(found)]

    def ids(self, name: str) -> list[str]:
        """A list of the service's own ids; a wired place holds nothing and is filled from what was handed."""
        value = self.parameter(name)
        written = [str(item or "") for item in value] if isinstance(value, list | tuple) else []
        wired = self._members(name)
        count = max(len(written), max(wired, default=-1) + 1)
        places = [wired[place].text if place in wired else _at(written, place) for place in range(count)]
        return [item for item in places if item]

    @property
    def shots(self) -> list[Mapping[str, object]]:
        """The written shots."""
        value = self.parameter("shots")
        return [shot for shot in value if isinstance(shot, Mapping)] if isinstance(value, list | tuple) else []

    def picture(self) -> MediaFacts | None:
        """The picture that decides the shape: the first frame, or the first reference."""
        facts = {material.field: material.facts for material in self.job.materials}
        names = ("image", "references[0]", "image_tail")
        return next((facts[name] for name in names if name in facts and facts[name].height), None)

    def _members(self, name: str) -> dict[int, Handed]:
        found: dict[int, Handed] = {}
        for field, handed in self.media.items():
            head, bracket, rest = field.partition("[")
            if head == name and bracket:
                found[int(rest.partition("]")[0])] = handed
        return found


def _at(items: list[str], place: int) -> str:
    return items[place] if place < len(items) else ""
