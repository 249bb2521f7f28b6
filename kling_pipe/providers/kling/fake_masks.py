"""The masks that a selection answers: a square around each object, as run lengths of COCO and as a picture."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

Point = tuple[float, float]
_reach = 0.1  # of the sides, to each side of a point


def masks(points: Sequence[Point], width: int, height: int) -> list[dict[str, Any]]:
    """One object for each point of a frame."""
    return [
        {
            "object_id": number,
            "rle_mask": {"size": [height, width], "counts": _runs(_box(point, width, height), width, height)},
            "png_mask": {"size": [height, width], "base64": _png(_box(point, width, height), width, height)},
        }
        for number, point in enumerate(points)
    ]


def _box(point: Point, width: int, height: int) -> tuple[int, int, int, int]:
    x, y = point
    left, right = round(max(0.0, x - _reach) * width), round(min(1.0, x + _reach) * width)
    top, bottom = round(max(0.0, y - _reach) * height), round(min(1.0, y + _reach) * height)
    return left, top, right, bottom


def _runs(box: tuple[int, int, int, int], width: int, height: int) -> str:
    """Lengths of alternating runs, column by column, each as the difference to the one before the last and in signs of
    six bits: the text form of pycocotools."""
    left, top, right, bottom = box
    tall = bottom - top
    counts = [left * height + top]
    for column in range(left, right):
        counts += [tall, height - tall if column < right - 1 else (width - right) * height + height - bottom]
    signs = []
    for number, count in enumerate(counts):
        value, more = count - counts[number - 2] if number > 2 else count, True
        while more:
            bits, value = value & 0x1F, value >> 5
            more = value != (-1 if bits & 0x10 else 0)
            signs.append(chr((bits | 0x20 if more else bits) + 48))
    return "".join(signs)


def _png(box: tuple[int, int, int, int], width: int, height: int) -> str:
    left, top, right, bottom = box
    dark = b"\0" * (1 + width)
    light = b"\0" * (1 + left) + b"\xff" * (right - left) + b"\0" * (width - right)
    rows = dark * top + light * (bottom - top) + dark * (height - bottom)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
