"""Reads the pictures handed to the simulator, whatever their mode, size or turn, and says what a file is."""

from __future__ import annotations

import os
import re
import struct
from dataclasses import replace

from PIL import Image, ImageOps

from kling_pipe.simulator.media_film import comment_of, opened, picture_seconds
from kling_pipe.simulator.media_text import Box
from kling_pipe.values.magic import head_bytes, media_types, sniff
from kling_pipe.values.media import MediaFacts, MediaType

_most_pixels = 200_000_000
_mark = "simulated by kling-pipe"
_errors = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    IndexError,
    TypeError,
)  # what Pillow's readers raise


def note_of(label: str, size: tuple[int, int], boxes: tuple[Box, ...], stands_for: str = "") -> str:
    """What a simulated file says of itself, for whoever reads its comment, for `load` and for `look`."""
    places = " ".join(",".join(map(str, box)) for box in boxes)
    larger = f" (stands for {stands_for})" if stands_for else ""
    return f"{_mark}: {label}{larger}; written over {places} of {size[0]}x{size[1]}"


def as_larger(facts: MediaFacts, comment: str) -> MediaFacts:
    """The facts of the file that a smaller one stands for, by what it says of itself; else its own."""
    told = re.match(rf"{_mark}: [^;]*\(stands for (\d+)x(\d+)(?: at (\d+))?\);", comment)
    if not told:
        return facts
    fps = float(told[3]) if told[3] and facts.type is MediaType.VIDEO else facts.fps
    return replace(facts, width=int(told[1]), height=int(told[2]), fps=fps)


def load(path: str) -> Image.Image:
    """The picture upright, as RGB or RGBA; what the simulator itself wrote over it is painted out."""
    try:
        with Image.open(path) as file:
            if file.width * file.height > _most_pixels:
                raise ValueError(f"too many pixels: {file.width}×{file.height}")
            comment = _comment_of(file)
            if file.format == "JPEG":
                file.draft("RGB", (4096, 4096))
            file.load()
            picture = _eight_bit(ImageOps.exif_transpose(file))
    except _errors as error:
        raise ValueError(f"`{os.path.basename(path)}` cannot be read as a picture: {error}") from None
    return _without_writing(picture, comment)


def opaque(picture: Image.Image) -> Image.Image:
    """A see-through picture stands before a light wall."""
    if "A" not in picture.getbands():
        return picture
    wall = Image.new("RGB", picture.size, (226, 228, 232))
    wall.paste(picture, (0, 0), picture.getchannel("A"))
    return wall


def look(path: str) -> MediaFacts:
    """What a file is; raises ValueError when it is no media or cannot be read."""
    with open(path, "rb") as file:
        form = sniff(file.read(head_bytes))
    if form not in media_types:
        raise ValueError(f"`{os.path.basename(path)}` is no picture, clip or sound")
    if media_types[form] is not MediaType.IMAGE:
        return _look_at_film(path, form)
    try:
        with Image.open(path) as picture:
            width, height = picture.size
            if picture.getexif().get(0x0112, 1) >= 5:
                width, height = height, width
            if width * height > _most_pixels:
                raise ValueError(f"too many pixels: {width}×{height}")
            picture.load()
            comment = _comment_of(picture)
    except _errors as error:
        raise ValueError(f"`{os.path.basename(path)}` cannot be read as a picture: {error}") from None
    return as_larger(MediaFacts(MediaType.IMAGE, form, os.path.getsize(path), width, height), comment)


def _comment_of(picture: Image.Image) -> str:
    comment = picture.info.get("Comment") or picture.info.get("comment") or picture.getexif().get(0x010E) or ""
    return comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)


def _look_at_film(path: str, form: str) -> MediaFacts:
    with opened(path, pictures=False) as container:
        size, has_sound = os.path.getsize(path), bool(container.streams.audio)
        if not container.streams.video:
            seconds = round((container.duration or 0) / 1_000_000, 3)
            return MediaFacts(MediaType.AUDIO, {"mp4": "m4a"}.get(form, form), size, seconds=seconds, has_sound=True)
        video = container.streams.video[0]
        seconds, fps = round(picture_seconds(container), 3), round(float(video.average_rate or 0), 3)
        first = next(container.decode(video), None)
        if first is None:
            raise ValueError(f"`{os.path.basename(path)}` holds no pictures")
        lying = first.rotation % 180 != 0  # phones store upright clips lying, with a note to turn them
        width, height = (first.height, first.width) if lying else (first.width, first.height)
        facts = MediaFacts(MediaType.VIDEO, form, size, width, height, seconds, fps, has_sound)
        return as_larger(facts, comment_of(container))


def _eight_bit(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):
        wide = picture.convert("I")
        picture = wide.point(lambda value: value * (1 / 256)).convert("L")
    see_through = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    return picture.convert("RGBA" if see_through else "RGB")


def written_over(comment: str, size: tuple[int, int]) -> tuple[Box, ...]:
    """The boxes that the simulator wrote over, by what a file of it says of itself, in a picture of this size."""
    told = re.match(rf"{_mark}: .*; written over ([\d, ]*) of (\d+)x(\d+)$", comment, re.DOTALL)
    if not told:
        return ()
    scale_x, scale_y = size[0] / int(told[2]), size[1] / int(told[3])
    found = []
    for place in told[1].split():
        left, top, right, bottom = (int(part) for part in place.split(","))
        box = (int(left * scale_x), int(top * scale_y), int(right * scale_x + 0.99), int(bottom * scale_y + 0.99))
        found.append((max(0, box[0]), max(0, box[1]), min(size[0], box[2]), min(size[1], box[3])))
    return tuple(found)


def _without_writing(picture: Image.Image, comment: str) -> Image.Image:
    """A caption that a camera carries off would stand beside the clip's own, so its place is filled from beside it."""
    for box in written_over(comment, picture.size):
        fill_from_beside(picture, box)
    return picture


def fill_from_beside(picture: Image.Image, box: Box) -> None:
    """Stretches a thin strip from just above the box over it, or from just below when there is no room above."""
    left, top, right, bottom = box
    tall = bottom - top
    strip = max(1, min(tall // 6, picture.height - tall))
    if right <= left or tall <= 0 or tall * 2 > picture.height:
        return
    source = (left, top - strip, right, top) if top >= tall else (left, bottom, right, bottom + strip)
    picture.paste(picture.crop(source).resize((right - left, tall), Image.Resampling.BICUBIC), (left, top))
