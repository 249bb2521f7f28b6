"""All that a request's body is written from: a job, how its media travel, and what its errands told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.providers.brief import PlainBrief
from kling_pipe.values.wire import Json


@dataclass(frozen=True, slots=True)
class Brief(PlainBrief):
    """What is not set is left out of a body (D25)."""

    told: Sequence[Mapping[str, object]] = ()

    def taken(self, *names: str) -> Json:
        """Parameters that the service calls by the same name."""
        return {name: self.parameter(name) for name in names if self.parameter(name) is not None}

    def id(self, name: str) -> str | None:
        """A single id of the service's own: wired, or written."""
        return self.one(name) or self.words(name) or None

    def note(self, name: str) -> object:
        """What an errand told under this name; the latest counts."""
        return next((notes[name] for notes in reversed(self.told) if name in notes), None)

    @property
    def seconds(self) -> str | None:
        """`duration` as the body-model standard writes it: a text (D22)."""
        value = self.parameter("duration")
        return None if value is None else str(value)

    def clip(self) -> Json:
        """The wired clip where the service takes its own clips by id too: exactly one of the two fields."""
        handed = self.media["video"]
        return {"video_id": handed.id} if handed.id else {"video_url": handed.url}
