"""Small pictures and clips that bad storyboards wire, each made by name when a text mentions it."""

from __future__ import annotations

import functools
import io
import random
import re
import wave
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from kling_pipe.simulator.media import ClipOrder, make_clip

_mention = re.compile(r"media/([a-z-]+\.[a-z0-9]+)")


def furnish(folder: Path) -> None:
    """Makes the files below `media/` that the texts of a folder mention, as far as there are such materials."""
    for text in sorted(folder.glob("*.yaml")):
        for name in _mention.findall(text.read_text("utf-8", "replace")):
            if name in _makers:
                (folder / "media").mkdir(exist_ok=True)
                (folder / "media" / name).write_bytes(material(name))


@functools.cache
def material(name: str) -> bytes:
    """The bytes of a material."""
    return _makers[name]()


def _picture(width: int, height: int, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, form)
    return file.getvalue()


def _heavy() -> bytes:
    """Noise does not compress: over ten million bytes."""
    file, side = io.BytesIO(), 1900
    noise = random.Random(1).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), noise).save(file, "PNG", compress_level=0)
    return file.getvalue()


def _clip(seconds: float, width: int = 360, height: int = 640) -> bytes:
    with TemporaryDirectory() as folder:
        path = str(Path(folder, "clip.mp4"))
        make_clip(ClipOrder("a dancer", width, height, seconds, fps=6), path)
        return Path(path).read_bytes()


def _sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))
    return file.getvalue()


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 6 // 10]


_makers: dict[str, Callable[[], bytes]] = {
    "shoe.png": lambda: _picture(640, 360),
    "tiny.png": lambda: _picture(200, 200),
    "wide.png": lambda: _picture(1200, 320),
    "square.png": lambda: _picture(400, 400),
    "heavy.png": _heavy,
    "cut.png": lambda: _cut(_picture(640, 360)),
    "empty.png": bytes,
    "page.png": lambda: b"<!DOCTYPE html>\n<html><body>404, not found</body></html>\n",
    "answer.png": lambda: b'{"code": 1200, "message": "no"}\n',
    "shoe.bmp": lambda: _picture(640, 360, "BMP"),
    "shoe.webp": lambda: _picture(640, 360, "WEBP"),
    "clip.png": lambda: _clip(3.5),  # a clip under a picture's name
    "dance.mp4": lambda: _clip(3.5),
    "blink.mp4": lambda: _clip(1.0),
    "thirteen.mp4": lambda: _clip(13.0),
    "small.mp4": lambda: _clip(3.5, 160, 280),
    "cut.mp4": lambda: _cut(_clip(3.5)),
    "hum.wav": _sound,
}
