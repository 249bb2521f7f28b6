"""What the pictures, clips and sounds of a request must be, field by field, and how the service says no.

Figures from kling.md section 10 and the field tables of section 12, likely.
"""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.providers.kling.fake_fields import wrong
from kling_pipe.values.media import MediaFacts, MediaType

_megabyte = 1024 * 1024
# A "10 s" clip of the service itself lasts 10.041 s (section 3), so lengths are compared in tenths; and clips tell
# 29.97 where 30 is meant.
slack = 0.1
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ClipRule:
    """What a clip must be; a bound of 0 is not published."""

    spans: tuple[Span, ...]  # seconds
    sides: tuple[int, int] = (0, 0)
    megabytes: int = 0
    rates: tuple[Span, ...] = ()  # frames a second
    area: int = 0
    ratio: Span = (0.0, 0.0)
    full_hd: bool = False  # 1080p and 16:9 or 9:16


@dataclass(frozen=True, slots=True)
class SoundRule:
    """What a sound must be."""

    span: Span
    megabytes: int = 5
    formats: tuple[str, ...] = ("mp3", "wav", "m4a", "aac")


_film = ((24.0, 60.0),)
motion_by_image = ClipRule(((3, 10),), (340, 3850), 100)
motion_by_video = ClipRule(((3, 30),), (340, 3850), 100)
omni = {
    "kling-video-o1": ClipRule(((3, 10),), (720, 2160), 200, _film),
    "kling-v3-omni": ClipRule(((3, 15),), (720, 2160), 200, _film),
    "kling-o1": ClipRule(((3, 10),), (700, 2160), 200, _film),
    "kling-3.0-omni": ClipRule(((3, 15.5),), (700, 4553), 200, _film, 8_294_400, (0.4, 2.0)),
}
# "720p or 1080p" stands beside sides of 512 to 2160 px; a clip that follows a picture has neither height, so only the
# sides are compared.
faces = ClipRule(((2, 60),), (512, 2160), 100)
selection = ClipRule(((2, 5), (7, 10)), (720, 2160), rates=((24, 24), (30, 30), (60, 60)))
dubbed = ClipRule(((3, 20),), megabytes=100)
element = ClipRule(((3, 8),), megabytes=200, full_hd=True)
older_lips = ClipRule(((2, 60),), (720, 1920), 100)
voiced = ClipRule(((5, 30),))
lips_sound = SoundRule((2, 60))
avatar_sound = SoundRule((2, 300))
voice_sound = SoundRule((5, 30), 0, ("mp3", "wav"))


def check_picture(name: str, facts: MediaFacts, megabytes: int, *, any_ratio: bool = False) -> None:
    """A picture: jpeg or png, sides of 300 px or more, ratio 1:2.5 to 2.5:1 where one is published."""
    if facts.type is not MediaType.IMAGE or facts.format not in ("jpeg", "png"):
        raise wrong(f"{name} format is invalid: {facts.format}, expected jpg, jpeg or png")
    _check_bytes(name, facts, megabytes)
    if min(facts.width, facts.height) < 300:
        raise wrong(f"{name} pixel is invalid: {facts.width}x{facts.height}, each side must be at least 300px")
    if not any_ratio and not 0.4 <= facts.width / facts.height <= 2.5:
        raise wrong(f"{name} aspect ratio is invalid, expected 1:2.5 to 2.5:1")


def check_clip(name: str, facts: MediaFacts, rule: ClipRule) -> None:
    """A clip by its rule."""
    if facts.type is not MediaType.VIDEO or facts.format not in ("mp4", "mov"):
        raise wrong(f"{name} format is invalid: {facts.format}, expected mp4 or mov")
    _check_bytes(name, facts, rule.megabytes)
    _check_sides(name, facts, rule)
    _check_seconds(name, facts.seconds, rule.spans)
    if rule.rates and facts.fps and not _lies_in(facts.fps, rule.rates):
        raise wrong(f"{name} frame rate is invalid: {facts.fps:.2f}, expected {_told(rule.rates, 'fps')}")


def check_sound(name: str, facts: MediaFacts, rule: SoundRule) -> None:
    """A sound by its rule."""
    if facts.type is not MediaType.AUDIO or facts.format not in rule.formats:
        raise wrong(f"{name} format is invalid: {facts.format}, expected {', '.join(rule.formats)}")
    _check_bytes(name, facts, rule.megabytes)
    _check_seconds(name, facts.seconds, (rule.span,))


def check_length(name: str, seconds: float, rule: ClipRule | SoundRule) -> None:
    """Only how long something is, for what this service made and measured itself."""
    _check_seconds(name, seconds, rule.spans if isinstance(rule, ClipRule) else (rule.span,))


def _check_bytes(name: str, facts: MediaFacts, megabytes: int) -> None:
    if megabytes and facts.bytes > megabytes * _megabyte:
        raise wrong(f"{name} size exceeds {megabytes}MB")


def _check_sides(name: str, facts: MediaFacts, rule: ClipRule) -> None:
    width, height = facts.width, facts.height
    low, high = rule.sides
    if high and not low <= min(width, height) <= max(width, height) <= high:
        raise wrong(f"{name} resolution is invalid: {width}x{height}, sides must be {low}px to {high}px")
    if rule.area and width * height > rule.area:
        raise wrong(f"{name} resolution is invalid: {width}x{height}, the area must be at most {rule.area} pixels")
    if rule.ratio[1] and not rule.ratio[0] <= width / height <= rule.ratio[1]:
        raise wrong(f"{name} aspect ratio is invalid, expected {rule.ratio[0]:g} to {rule.ratio[1]:g}")
    if rule.full_hd and (min(width, height) != 1080 or abs(max(width, height) / 1920 - 1) > 0.01):
        raise wrong(f"{name} resolution is invalid: {width}x{height}, expected 1080p of 16:9 or 9:16")


def _check_seconds(name: str, seconds: float, spans: tuple[Span, ...]) -> None:
    if not _lies_in(seconds, spans):
        raise wrong(f"{name} duration is invalid: {seconds:.1f}s, expected {_told(spans, 's')}")


def _lies_in(value: float, spans: tuple[Span, ...]) -> bool:
    return any(low - slack <= value <= high + slack for low, high in spans)


def _told(spans: tuple[Span, ...], unit: str) -> str:
    return " or ".join(f"{low:g}{unit} to {high:g}{unit}" if low != high else f"{low:g}{unit}" for low, high in spans)
