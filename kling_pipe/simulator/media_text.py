"""Writes on pictures: the caption with the prompt and the tag that says the picture is simulated."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, features

Box = tuple[int, int, int, int]

_fonts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fonts")
_latin = "DejaVuSans.ttf"  # Latin, Greek, Cyrillic, Hebrew, Arabic and many signs
_chinese = "NotoSansSC-Regular.woff2"  # Chinese and kana; Pillow's own font is ASCII only
_ink = (255, 255, 255, 255)
_band = (8, 10, 16, 168)
_pill = (8, 10, 16, 190)
_spark = (255, 196, 64, 255)


@dataclass(frozen=True, slots=True)
class Writing:
    """What is laid over a picture: an RGBA sheet of the picture's size and the boxes it covers."""

    sheet: Image.Image
    boxes: tuple[Box, ...]

    def on(self, picture: Image.Image) -> Image.Image:
        """The picture with the writing, the picture itself changed."""
        for box in self.boxes:
            part = self.sheet.crop(box)
            picture.paste(part, box[:2], part.getchannel("A"))
        return picture


def write(size: tuple[int, int], prompt: str, tag: str) -> Writing:
    """A caption band at the foot with as much of the prompt as three lines hold, and a tag at the head."""
    width, height = size
    sheet = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(sheet)
    points = max(11, round(0.033 * (width * height) ** 0.5))
    points = min(points, max(11, height // 9))
    boxes = [_write_tag(draw, size, tag, max(10, round(points * 0.72)))]
    lines = wrap(prompt, points, width - 2 * points, _most_lines(height, points))
    if lines:
        boxes.append(_write_caption(draw, size, lines, points))
    return Writing(sheet, tuple(boxes))


def wrap(text: str, points: int, width: int, most: int) -> tuple[str, ...]:
    """At most `most` lines no wider than `width`; an ellipsis stands for what did not fit."""
    words = [piece for word in _words(_clean(text[:600])) for piece in _fitting(word, points, width)]
    lines: list[str] = []
    line = ""
    for number, word in enumerate(words):
        if not line or width_of(line + word.rstrip(), points) <= width:
            line += word if line else word.lstrip()
            continue
        if len(lines) == most - 1:
            return (*lines, _shortened(line + "".join(words[number : number + 2]), points, width))
        lines.append(line.strip())
        line = word.lstrip()
    cut = len(text) > 600
    return tuple(part for part in (*lines, _shortened(line, points, width, cut)) if part)


def _most_lines(height: int, points: int) -> int:
    return 3 if height >= points * 14 else 2 if height >= points * 9 else 1


def _write_tag(draw: ImageDraw.ImageDraw, size: tuple[int, int], tag: str, points: int) -> Box:
    pad = max(4, points // 2)
    text = _shortened(_clean(tag), points, size[0] - 5 * pad - points)
    wide, tall = width_of(text, points), round(points * 1.25)
    box = _even((pad * 2, pad * 2, pad * 5 + points // 2 + wide, pad * 3 + tall), size)
    draw.rounded_rectangle((box[0], box[1], box[2] - 1, box[3] - 1), radius=(box[3] - box[1]) // 2, fill=_pill)
    middle = (box[1] + box[3]) / 2
    dot = points * 0.26
    left = box[0] + pad * 1.1
    draw.ellipse((left, middle - dot, left + dot * 2, middle + dot), fill=_spark)
    _draw(draw, (round(left + dot * 2 + pad * 0.7), round(middle - tall * 0.5)), text, points)
    return box


def _write_caption(draw: ImageDraw.ImageDraw, size: tuple[int, int], lines: tuple[str, ...], points: int) -> Box:
    step = round(points * 1.36)
    top = size[1] - step * len(lines) - round(points * 0.9)
    box = _even((0, max(0, top), size[0], size[1]), size)
    draw.rectangle((box[0], box[1], box[2], box[3]), fill=_band)
    for number, line in enumerate(lines):
        left = points if not _reads_leftwards(line) else size[0] - points - width_of(line, points)
        _draw(draw, (left, box[1] + round(points * 0.4) + number * step), line, points)
    return box


def _even(box: Box, size: tuple[int, int]) -> Box:
    """Grown to even corners, because a clip keeps one colour sample for two by two pixels."""
    left, top, right, bottom = box
    return left & ~1, top & ~1, min(size[0], (right + 1) & ~1), min(size[1], (bottom + 1) & ~1)


def _clean(text: str) -> str:
    """One line, without control and joining signs; what no shipped font can write becomes a dot."""
    composed = unicodedata.normalize("NFC", text)
    kept = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in composed).split())
    return "".join(c if c == " " or _font_name(c) else "•" for c in kept if not _is_silent(c))


def _is_silent(char: str) -> bool:
    """Signs that only change their neighbour: they have no width of their own to break lines by."""
    marks = unicodedata.category(char) in ("Mn", "Me")
    return marks or 0xFE00 <= ord(char) <= 0xFE0F or 0x1F3FB <= ord(char) <= 0x1F3FF


def _words(text: str) -> Iterator[str]:
    """Pieces a line may break between, each with the space before it; Chinese may break at every sign."""
    word = ""
    for char in text:
        if char == " " or _is_chinese(char):
            if word:
                yield word
            word = char
        elif word and _is_chinese(word[-1]):
            yield word
            word = char
        else:
            word += char
            if len(word) > 24:  # an address or one endless word
                yield word
                word = ""
    if word:
        yield word


def _shortened(text: str, points: int, width: int, cut: bool = False) -> str:  # noqa: FBT001, FBT002  private
    text = text.strip()
    if not cut and width_of(text, points) <= width:
        return text
    while text and width_of(text + "…", points) > width:
        text = text[: -max(1, len(text) // 24)].rstrip()
    return text + "…" if text else ""


def _reads_leftwards(line: str) -> bool:
    strong = next((c for c in line if unicodedata.bidirectional(c) in ("L", "R", "AL")), "a")
    return unicodedata.bidirectional(strong) != "L"


def _fitting(word: str, points: int, width: int) -> Iterator[str]:
    """The word, in pieces when it alone is wider than a line."""
    while len(word) > 1 and (wide := width_of(word, points)) > width:
        at = max(1, min(len(word) - 1, len(word) * width // wide))
        while at > 1 and width_of(word[:at], points) > width:
            at -= 1
        yield word[:at]
        word = word[at:]
    yield word


def _is_chinese(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Stretches of text that one font writes."""
    start, name = 0, ""
    for at, char in enumerate(text):
        wanted = name if char == " " and name else _font_name(char) or _latin
        if name and wanted != name:
            yield text[start:at], name
            start = at
        name = wanted
    if text:
        yield text[start:], name


def width_of(text: str, points: int) -> int:
    """How wide a line is in pixels."""
    return round(sum(_font(name, points).getlength(run) for run, name in _runs(text)))


def _draw(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, points: int) -> None:
    left, top = float(place[0]), place[1]
    for run, name in _runs(text):
        font = _font(name, points)
        baseline = top + round(points * 0.97)
        draw.text((left, baseline), run, font=font, fill=_ink, anchor="ls")
        left += font.getlength(run)


@lru_cache(maxsize=64)
def _font(name: str, points: int) -> ImageFont.FreeTypeFont:
    layout = ImageFont.Layout.RAQM if features.check("raqm") and name == _latin else ImageFont.Layout.BASIC
    return ImageFont.truetype(os.path.join(_fonts, name), points, layout_engine=layout)


@lru_cache(maxsize=4096)
def _font_name(char: str) -> str:
    """The shipped font that has the sign, empty when none has."""
    if _is_chinese(char):
        return _chinese if _has(_chinese, char) else ""
    if char.isascii() or _has(_latin, char):
        return _latin
    return _chinese if "\u2000" <= char <= "\u33ff" and _has(_chinese, char) else ""


def _has(name: str, char: str) -> bool:
    return unicodedata.combining(char) > 0 or _shape(name, char) != _shape(name, "\U0010fffe")


@lru_cache(maxsize=4096)
def _shape(name: str, char: str) -> bytes:
    path = os.path.join(_fonts, name)
    return bytes(_plain_font(path).getmask(char, mode="1"))


@lru_cache(maxsize=2)
def _plain_font(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, 12, layout_engine=ImageFont.Layout.BASIC)
