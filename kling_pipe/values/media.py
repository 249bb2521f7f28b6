"""Facts about media, as probed, and the types that wiring is checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class MediaType(StrEnum):
    """What a step makes or a field takes."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    ELEMENT = "element"
    VOICE = "voice"


named_by_id = frozenset({MediaType.ELEMENT, MediaType.VOICE})  # they are no files, and travel as ids


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a probe found. Sides in pixels, seconds and frames a second as numbers; 0 where it does not apply."""

    type: MediaType
    format: str  # png jpeg webp gif mp4 mov webm wav mp3 m4a aac
    bytes: int
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    fps: float = 0.0
    has_sound: bool = False

    @property
    def extension(self) -> str:
        return {"jpeg": ".jpg"}.get(self.format, f".{self.format}")

    @property
    def mime(self) -> str:
        return {
            "png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
            "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
            "wav": "audio/wav", "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac",
        }.get(self.format, "application/octet-stream")  # fmt: skip

    def to_json(self) -> dict[str, object]:
        return {
            "type": str(self.type), "format": self.format, "bytes": self.bytes, "width": self.width,
            "height": self.height, "seconds": self.seconds, "fps": self.fps, "has_sound": self.has_sound,
        }  # fmt: skip

    @staticmethod
    def from_json(data: Mapping[str, object]) -> MediaFacts:
        def number(name: str) -> float:
            value = data.get(name, 0)
            return float(value) if isinstance(value, int | float) else 0.0

        return MediaFacts(
            type=MediaType(str(data["type"])),
            format=str(data["format"]),
            bytes=int(number("bytes")),
            width=int(number("width")),
            height=int(number("height")),
            seconds=number("seconds"),
            fps=number("fps"),
            has_sound=bool(data.get("has_sound")),
        )

    def __str__(self) -> str:
        parts = [self.format]
        if self.width:
            parts.append(f"{self.width}×{self.height}")
        if self.seconds:
            parts.append(f"{self.seconds:.1f} s")
        return " ".join(parts)
