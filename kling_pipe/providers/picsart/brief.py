"""All that a payload or a list of arguments is written from: a job and how its media travel."""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.providers.brief import PlainBrief


@dataclass(frozen=True, slots=True)
class Brief(PlainBrief):
    """What is not set is left out of a payload and of arguments."""

    @property
    def pictures(self) -> list[str]:
        """The picture and the references of a picture step, in the order in which prompts count them."""
        return [picture for picture in (self.one("image"), *self.many("references")) if picture]

    @property
    def is_cut_freely(self) -> bool:
        """Whether the model cuts by itself."""
        return self.parameter("shots") == "auto"

    @property
    def count(self) -> int:
        return len(self.job.takes)
