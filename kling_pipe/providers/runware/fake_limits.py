"""What the files of a request must be, measured on the files themselves (runware.md section 10, "input limits")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.providers.runware.fake_errors import Rebuff, invalid
from kling_pipe.values.media import MediaFacts, MediaType

_megabyte = 1024 * 1024
_slack = 0.1  # seconds: a clip of "10 s" often lasts a frame longer


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds of one kind of file; 0 and empty mean that none is told."""

    type: MediaType
    megabytes: int = 0
    shortest_side: int = 0
    longest_side: int = 0
    ratio: tuple[float, float] = (0.0, 0.0)
    seconds: tuple[float, float] = (0.0, 0.0)
    formats: tuple[str, ...] = ()


pictures: Mapping[str, Limit] = {
    "small": Limit(MediaType.IMAGE, 20, 300, 2048),
    "ratio": Limit(MediaType.IMAGE, 10, 300, ratio=(0.4, 2.5)),
    "bytes": Limit(MediaType.IMAGE, 32),
    "any": Limit(MediaType.IMAGE),
}
motion = Limit(MediaType.VIDEO, 100, 340, 3850, seconds=(3, 30))
omni_clip = Limit(MediaType.VIDEO, 0, 720, 2160, seconds=(3, 10))
unified_reference = Limit(MediaType.VIDEO, 32)
unified_edit = Limit(MediaType.VIDEO, 32, seconds=(3, 10))
unified_fast_edit = Limit(MediaType.VIDEO, 32, seconds=(6, 20))
lips_clip = Limit(MediaType.VIDEO, 20, 512, 2160, seconds=(2, 60))
lips_sound = Limit(MediaType.AUDIO, seconds=(2, 60))
avatar_sound = Limit(MediaType.AUDIO, 5, seconds=(2, 300))
voice = Limit(MediaType.AUDIO, seconds=(5, 30), formats=("mp3", "wav", "mp4", "mov"))
_picture_formats = ("jpeg", "png", "webp", "bmp", "gif")


def check(name: str, facts: MediaFacts, limit: Limit) -> None:
    """Raises Rebuff when a file is not what the parameter takes."""
    if not _is_of_kind(facts, limit):
        raise invalid(name, f"expected {_told_kind(limit)}, got {facts.format or 'unknown data'}")
    if limit.megabytes and facts.bytes > limit.megabytes * _megabyte:
        raise Rebuff(400, "maxFileSizeExceeded", f"'{name}' exceeds {limit.megabytes}MB", name)
    if limit.shortest_side and min(facts.width, facts.height) < limit.shortest_side:
        raise invalid(name, f"{_sides(facts)} pixels, each side must be at least {limit.shortest_side}")
    if limit.longest_side and max(facts.width, facts.height) > limit.longest_side:
        raise invalid(name, f"{_sides(facts)} pixels, each side must be at most {limit.longest_side}")
    low, high = limit.ratio
    if high and not low <= facts.width / facts.height <= high:
        raise invalid(name, f"{_sides(facts)} pixels, the aspect ratio must lie between 1:2.5 and 2.5:1")
    least, most = limit.seconds
    if most and not least - _slack <= facts.seconds <= most + _slack:
        raise invalid(name, f"{facts.seconds:.1f} seconds, expected {least:g} to {most:g}")


def _is_of_kind(facts: MediaFacts, limit: Limit) -> bool:
    if limit.formats:
        return facts.format in limit.formats and (facts.type is not MediaType.VIDEO or facts.has_sound)
    return facts.type is limit.type and (facts.type is not MediaType.IMAGE or facts.format in _picture_formats)


def _told_kind(limit: Limit) -> str:
    return " or ".join(limit.formats) if limit.formats else f"a file of type {limit.type}"


def _sides(facts: MediaFacts) -> str:
    return f"{facts.width}x{facts.height}"
