"""Makes a disagreement small: whatever can be left out or made plain without settling it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kling_pipe.values.media import MediaFacts, MediaType
from tests.agreement.cases import Court, Finding
from tests.agreement.drafts import Draft, File

_plain = {
    MediaType.IMAGE: MediaFacts(MediaType.IMAGE, "png", 1000, 1280, 720),
    MediaType.VIDEO: MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 5.0, 24.0, has_sound=True),
    MediaType.AUDIO: MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=6.0, has_sound=True),
}
_most = 400  # drafts tried


async def shrunk(court: Court, draft: Draft, finding: Finding) -> tuple[Draft, Finding]:
    """A smaller draft with a disagreement about the same thing."""
    tried = 0
    while True:
        for smaller in _smaller(draft):
            tried += 1
            found = await court.finding(smaller)
            if (found.outcome, found.about) == (finding.outcome, finding.about):
                draft, finding = smaller, found
                break
        else:
            return draft, finding
        if tried > _most:
            return draft, finding


def _smaller(draft: Draft) -> Iterator[Draft]:
    for key in draft.values:
        yield draft.without(key)
    if draft.takes != 1:
        yield replace(draft, takes=1)
    for key, value in draft.values.items():
        for plainer in _plainer(value):
            yield draft.put(key, plainer)


def _plainer(value: Any) -> Iterator[Any]:
    if isinstance(value, str) and len(value) > 12:
        yield value[: len(value) // 2]
        yield "x" * len(value) if set(value) != {"x"} else value[:-1]
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield [*value[:place], *value[place + 1 :]]
            for plainer in _plainer(item):
                yield [*value[:place], plainer, *value[place + 1 :]]
    elif isinstance(value, dict):
        for key, item in value.items():
            for plainer in _plainer(item):
                yield {**value, key: plainer}
    elif isinstance(value, File) and value.facts.type in _plain:
        plain = _plain[value.facts.type]
        for name in ("format", "bytes", "seconds", "fps", "has_sound"):
            if getattr(value.facts, name) != getattr(plain, name):
                yield replace(value, facts=replace(value.facts, **{name: getattr(plain, name)}))
        if (value.facts.width, value.facts.height) != (plain.width, plain.height):
            yield replace(value, facts=replace(value.facts, width=plain.width, height=plain.height))
        if not value.by_url:
            yield replace(value, by_url=True)
