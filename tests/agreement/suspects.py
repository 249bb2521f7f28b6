"""A draft that one side alone refuses, and reasons why that may be: what all tables of them are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kling_pipe.plan.catalogue_media import MediaLimits, field_name
from kling_pipe.values.media import MediaFacts
from tests.agreement.drafts import Draft, File, Made, sources, step_of
from tests.agreement.house import House
from tests.agreement.road import Road
from tests.agreement.service import Verdict


@dataclass(frozen=True, slots=True)
class Suspect:
    """A draft that one side refuses: its files with their facts and limits, and the endpoint it would go to."""

    draft: Draft
    files: tuple[tuple[MediaFacts, MediaLimits], ...]
    endpoint: str
    road: Road

    @staticmethod
    def of(draft: Draft, house: House) -> Suspect:
        settled, job = house.catalogue.settle(step_of(draft)), house.around(draft)
        limits = settled.shape.offer.media if settled else {}
        wired = {path: house.facts(source) for path, source in sources(draft).items()}
        files = [(facts, limits[name]) for path, facts in wired.items() if (name := field_name(path)) in limits]
        return Suspect(draft, tuple(files), job.route.endpoint if job else "", house.road)

    def lacks(self, *keys: str) -> bool:
        return not any(self.draft.values.get(key) for key in keys)


@dataclass(frozen=True, slots=True)
class Reason:
    """The codes of the problems it explains, why, and when it counts."""

    codes: tuple[str, ...]
    why: str
    counts: Callable[[Suspect], bool] = field(default=lambda suspect: True)


Later = Callable[[Draft, Verdict, House], bool]


def is_blank(suspect: Suspect) -> bool:
    """Whether there is a blank text, in the step or in one of its shots."""
    shots = suspect.draft.values.get("shots")
    said = [shot.get("prompt") for shot in shots if isinstance(shot, dict)] if isinstance(shots, list) else []
    said += suspect.draft.values.values()
    return any(isinstance(text, str) and not text.strip() for text in said)


def is_refused_as_file(draft: Draft, key: str, house: House) -> bool:
    """Whether kling-pipe would refuse the step if what another one makes for it were a file."""
    source = draft.values.get(key)
    return isinstance(source, Made) and bool(house.opinion(draft.put(key, File(house.facts(source)))).errors)


def is_near(seconds: float, limits: MediaLimits) -> bool:
    """Whether a length lies within a tenth of a second of what some window allows; 0 is not known."""
    windows = (*limits.seconds, *(window for spans in limits.seconds_by.values() for window in spans))
    return not windows or not seconds or any(low - 0.1001 <= seconds <= high + 0.1001 for low, high in windows)
