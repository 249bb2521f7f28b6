"""Files on paper: facts inside the limits of a wired field, often right at a bound, and facts just beyond one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from random import Random

from kling_pipe.plan.catalogue_media import MediaLimits
from kling_pipe.values.media import MediaFacts, MediaType
from tests.agreement.drafts import Draft, File

# Where the catalogue names no bound, anything may come: the service must not have one either.
_any_bytes = 500_000_000
_any_side = (16, 8000)
_any_aspect = (0.05, 20.0)
_any_seconds = ((0.2, 400.0),)
_any_rate = (5.0, 12.0, 24.0, 30.0, 60.0, 120.0)
_usual: Mapping[MediaType, tuple[str, ...]] = {
    MediaType.IMAGE: ("png", "jpeg"), MediaType.VIDEO: ("mp4", "mov", "webm"), MediaType.AUDIO: ("mp3", "wav", "m4a"),
}  # fmt: skip
_foreign: Mapping[MediaType, tuple[str, ...]] = {
    MediaType.IMAGE: ("webp", "gif"), MediaType.VIDEO: ("webm",), MediaType.AUDIO: ("ogg", "flac", "m4a", "aac"),
}  # fmt: skip


class Here(StrEnum):
    """Which files may travel from here."""

    NONE = "by address only"
    SOME = "pictures and sounds, as Base64"
    ALL = "all, into the service's own storage"


def file_within(random: Random, limits: MediaLimits, draft: Draft, here: Here = Here.SOME) -> File:
    """A file that the field takes as far as its own limits go, and sometimes one that is `here` only."""
    facts = facts_within(random, limits, draft)
    carried = here is Here.ALL or (here is Here.SOME and facts.type is not MediaType.VIDEO)
    return File(facts, by_url=not (carried and random.randint(0, 3) == 0))


def facts_within(random: Random, limits: MediaLimits, draft: Draft) -> MediaFacts:
    """Facts inside the limits."""
    most = limits.bytes or _any_bytes
    weight = random.choice((1000, random.randint(1, most), most))
    facts = MediaFacts(limits.type, random.choice(limits.formats or _usual[limits.type]), weight)
    if limits.type is MediaType.AUDIO:
        return replace(facts, seconds=_seconds(random, limits, draft), has_sound=True)
    width, height = _sides(random, limits)
    facts = replace(facts, width=width, height=height)
    if limits.type is MediaType.VIDEO:
        rate = _rate(random, limits)
        facts = replace(facts, seconds=_seconds(random, limits, draft), fps=rate, has_sound=random.randint(0, 2) > 0)
    return facts


def facts_beyond(random: Random, limits: MediaLimits, draft: Draft) -> dict[str, MediaFacts]:
    """One fact wrong each, by what it is; the rest lies inside."""
    good = facts_within(random, limits, draft)
    return {name: replace(good, **change) for name, change in _beyond(random, limits, draft, good)}


def _beyond(
    random: Random, limits: MediaLimits, draft: Draft, good: MediaFacts
) -> Iterator[tuple[str, dict[str, object]]]:
    formats = [name for name in _foreign[limits.type] if name not in limits.formats]
    yield "format", {"format": random.choice(formats or ["avi"])}
    other = random.choice([kind for kind in (MediaType.IMAGE, MediaType.VIDEO, MediaType.AUDIO) if kind != limits.type])
    seconds = 0.0 if other is MediaType.IMAGE else 5.0
    yield "type", {"type": other, "format": {"image": "png", "video": "mp4", "audio": "mp3"}[other], "seconds": seconds}
    if limits.bytes:
        yield (
            "bytes",
            {"bytes": limits.bytes + random.choice((1, limits.bytes // 25, limits.bytes // 20, limits.bytes))},
        )
    yield from _beyond_sides(random, limits)
    yield from _beyond_seconds(random, limits, draft)
    low, high = limits.fps
    if limits.fps_list or low is not None:
        odd = (12.0, 25.0, 50.0, 61.0) if limits.fps_list else (12.0, (low or 1) - 0.2, (high or 60) + 0.2, 120.0)
        yield "fps", {"fps": random.choice(odd)}
    if limits.type is MediaType.VIDEO:
        yield "silent", {"has_sound": False}


def _beyond_sides(random: Random, limits: MediaLimits) -> Iterator[tuple[str, dict[str, object]]]:
    low, high = limits.side
    if low is not None:
        short = int(low) - random.choice((1, 40, 200))
        yield "side-low", _turned(random, short, short + 10)
    if high is not None:
        yield "side-high", _turned(random, int(high) + random.choice((1, 100)), int(low or 720) + 400)
    if limits.type is MediaType.IMAGE:
        base = int(low or 300) + random.choice((0, 100))
        yield "aspect", _turned(random, int(base * 2.5) + random.choice((1, 5, 100)), base)
    if limits.sizes:
        yield "size", _turned(random, *random.choice(((1280, 720), (1080, 1080), (1922, 1080), (1920, 1088))))


def _beyond_seconds(random: Random, limits: MediaLimits, draft: Draft) -> Iterator[tuple[str, dict[str, object]]]:
    windows = _windows(limits, draft)
    if not windows:
        return
    low, high = min(low for low, _ in windows), max(high for _, high in windows)
    yield "seconds-low", {"seconds": max(0.01, low - random.choice((0.01, 0.09, 0.11, 1.0)))}
    yield "seconds-high", {"seconds": high + random.choice((0.06, 0.09, 0.11, 0.5, 30.0))}
    others = [span for spans in limits.seconds_by.values() for span in spans if span not in windows]
    if others:
        yield "seconds-of-another", {"seconds": random.choice([bound for span in others for bound in span])}
    if len(windows) > 1 or others:
        yield "seconds-between", {"seconds": 6.0}


def _turned(random: Random, width: int, height: int) -> dict[str, object]:
    wide, high = max(1, width), max(1, height)
    return random.choice(({"width": wide, "height": high}, {"width": high, "height": wide}))


def _sides(random: Random, limits: MediaLimits) -> tuple[int, int]:
    if limits.sizes:
        return random.choice(limits.sizes)
    low, high = int(limits.side[0] or _any_side[0]), int(limits.side[1] or _any_side[1])
    narrow, wide = limits.aspect[0] or _any_aspect[0], limits.aspect[1] or _any_aspect[1]
    usual = ((1600, 900), (900, 1600), (1000, 1000), (1280, 720), (720, 1280), (low, low), (high, high))
    width, height = random.choice(usual)
    if random.randint(0, 2) == 0:
        short = random.randint(low, high)
        longer = random.choice((int(short * wide), random.randint(short, int(short * wide))))
        width, height = random.choice(((longer, short), (short, longer)))
    width, height = max(low, min(high, width)), max(low, min(high, height))
    return (width, height) if narrow <= width / height <= wide else (low, low)


def _seconds(random: Random, limits: MediaLimits, draft: Draft) -> float:
    low, high = random.choice(_windows(limits, draft) or _any_seconds)
    return random.choice((low, high, high + limits.slack * 0.8, 5.041, 10.041, round(random.uniform(low, high), 3)))


def _windows(limits: MediaLimits, draft: Draft) -> tuple[tuple[float, float], ...]:
    """Those that count by what the draft asks; all of them where it leaves that to a default."""
    if not limits.seconds_parameter:
        return (*limits.seconds, *(window for one in limits.narrowed for window in one.limits.seconds))
    chosen = limits.seconds_by.get(str(draft.values.get(limits.seconds_parameter, "")))
    return chosen or next(iter(limits.seconds_by.values()), ())


def _rate(random: Random, limits: MediaLimits) -> float:
    if limits.fps_list:
        return random.choice((*limits.fps_list, 23.976, 59.94))
    return random.choice(_any_rate if limits.fps[0] is None else (24.0, 30.0, 60.0, 23.976, 59.94, 25.0))


def mask_like(random: Random, image: MediaFacts) -> MediaFacts:
    """A mask of a picture's own ratio."""
    return replace(image, format=random.choice(("png", "jpeg")), bytes=1000)
