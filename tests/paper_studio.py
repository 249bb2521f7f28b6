"""A studio for tests that are not about media: its files hold their facts as JSON instead of pictures."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from pathlib import Path

from kling_pipe.simulator.media import ClipOrder, PictureOrder, SoundOrder
from kling_pipe.simulator.media_load import as_larger, note_of
from kling_pipe.values.media import MediaFacts, MediaType


class PaperStudio:
    """Writes and reads facts; counts what it made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def make_picture(self, order: PictureOrder, path: str) -> None:
        facts = MediaFacts(MediaType.IMAGE, _form(order.written_as), 0, order.width, order.height)
        facts = as_larger(facts, note_of("", (0, 0), (), order.stands_for))
        self._write(path, facts, asdict(order))

    def make_clip(self, order: ClipOrder, path: str) -> float:
        sides = (order.width, order.height)
        sounds = order.sound or bool(order.sound_file) or order.keep_sound or order.manner == "dub"
        facts = MediaFacts(MediaType.VIDEO, order.written_as, 0, *sides, order.seconds, order.fps, sounds)
        facts = as_larger(facts, note_of("", (0, 0), (), order.stands_for))
        self._write(path, facts, asdict(order))
        return order.seconds

    def make_sound(self, order: SoundOrder, path: str) -> float:
        facts = MediaFacts(MediaType.AUDIO, order.form, 0, seconds=order.seconds, has_sound=True)
        self._write(path, facts, asdict(order))
        return order.seconds

    def look(self, path: str) -> MediaFacts:
        data = json.loads(Path(path).read_bytes())
        return MediaFacts.from_json({**data["facts"], "bytes": data["facts"]["bytes"] or Path(path).stat().st_size})

    def _write(self, path: str, facts: MediaFacts, order: dict[str, object]) -> None:
        self.made.append(Path(path).name.partition(".")[0])
        Path(path).write_bytes(paper(facts, order))


def _form(written_as: str) -> str:
    return {"jpg": "jpeg"}.get(written_as, written_as)


def paper(facts: MediaFacts, order: dict[str, object] | None = None) -> bytes:
    """A file of these facts."""
    return json.dumps({"facts": facts.to_json(), "order": order or {}}).encode()


def picture(width: int = 1360, height: int = 768, *, kind: str = "png", size: int = 0) -> bytes:
    """A picture."""
    return paper(MediaFacts(MediaType.IMAGE, kind, size, width, height))


def clip(seconds: float = 5.0, width: int = 720, height: int = 1280, *, kind: str = "mp4", size: int = 0) -> bytes:
    """A clip with sound."""
    return paper(MediaFacts(MediaType.VIDEO, kind, size, width, height, seconds, 24.0, has_sound=True))


def base64_text(data: bytes) -> str:
    """Bare Base64."""
    return base64.b64encode(data).decode()
