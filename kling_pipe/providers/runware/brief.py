"""All that a task is written from: a job and how its media travel."""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.providers.brief import PlainBrief
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.wire import Json


@dataclass(frozen=True, slots=True)
class Brief(PlainBrief):
    """What is not set is left out of a task."""

    @property
    def mode(self) -> str:
        """Empty where the model has none."""
        return self.words("mode")

    def taken(self, **names: str) -> Json:
        """Parameters by the service's own names: `taken(CFGScale="cfg_scale")`."""
        return {ours: self.parameter(name) for ours, name in names.items() if self.parameter(name) is not None}

    def one(self, name: str) -> str:
        """What was handed over for a single field, or nothing."""
        return self.media[name].text if name in self.media else ""

    def picture(self) -> MediaFacts | None:
        """The picture that decides the shape: the first frame, or the first reference."""
        facts = {material.field: material.facts for material in self.job.materials}
        names = ("image", "references[0]", "image_tail")
        return next((facts[name] for name in names if name in facts and facts[name].height), None)
