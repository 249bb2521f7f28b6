"""A real picture without any imaging library."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 8, height: int = 6, padding: int = 0, shade: int = 0) -> bytes:
    """A real picture of one grey, black unless told, with a comment to make it long."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + bytes([shade]) * 3 * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"teXt", bytes(padding))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
