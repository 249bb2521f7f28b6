"""What media containers say of their own length: read from their boxes and marks, without decoding anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator


def declared_bytes(path: str, form: str) -> int:
    """How long the file must at least be by its own bookkeeping; 0 where the format does not say."""
    reader = _declared.get(form)
    return reader(path) if reader else 0


def has_index(path: str, form: str) -> bool:
    """Whether a film has its table of contents (`moov`): without it, it was cut off before it or never finished."""
    return form not in ("mp4", "mov", "m4a") or any(name == b"moov" for name, _ in _boxes(path))


def has_end_mark(path: str, form: str) -> bool:
    """Whether a picture's last mark stands near its end; cameras append their own data after it."""
    mark = _end_marks.get(form)
    if mark is None:
        return True
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - _tail))
        return mark in file.read()


_tail = 1 << 20
_end_marks = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9", "gif": b"\x3b"}
_box_names = frozenset(
    (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"meta", b"moof", b"mfra",
     b"sidx", b"pdin", b"udta", b"emsg", b"prft", b"ssix", b"PICT", b"jumb")
)  # fmt: skip


def _boxes(path: str) -> Iterator[tuple[bytes, int]]:
    """Top-level ISO boxes: name and declared end."""
    total = os.path.getsize(path)
    with open(path, "rb") as file:
        at = 0
        while at + 8 <= total:
            file.seek(at)
            head = file.read(16)
            size = int.from_bytes(head[:4], "big")
            if size == 1:
                size = int.from_bytes(head[8:16], "big")
            end = total if size == 0 else at + size
            if head[4:8] not in _box_names or end < at + 8:
                return  # padding, or a camera's own words behind the film
            yield head[4:8], end
            at = end


def _iso_bytes(path: str) -> int:
    return max((end for _, end in _boxes(path)), default=0)


def _riff_bytes(path: str) -> int:
    with open(path, "rb") as file:
        declared = int.from_bytes(file.read(8)[4:8], "little")
    return 0 if declared in (0, 0xFFFFFFFF) else declared + 8  # both mean: written to a pipe, length unknown


_declared: dict[str, Callable[[str], int]] = {
    "mp4": _iso_bytes,
    "mov": _iso_bytes,
    "m4a": _iso_bytes,
    "wav": _riff_bytes,
    "webp": _riff_bytes,
}
