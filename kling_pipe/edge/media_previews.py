"""Small pictures that stand for large files on a page: a picture scaled down, the first frame of a clip."""

from __future__ import annotations

import io
import os
import tempfile

from kling_pipe.edge.media import cut_frame
from kling_pipe.edge.media import opened_picture as opened

_quality = 82


def picture_preview(path: str, most_side: int) -> bytes:
    """A picture as JPEG, no side longer than `most_side`; raises Unreadable."""
    from PIL import ImageOps

    with opened(path) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((most_side, most_side))
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=_quality, optimize=True)
    return written.getvalue()


def clip_preview(path: str, most_side: int) -> bytes:
    """The first frame of a clip as JPEG, no side longer than `most_side`; raises Unreadable."""
    with tempfile.TemporaryDirectory(prefix="kling-pipe-frame-") as folder:
        frame = os.path.join(folder, "frame.png")
        cut_frame(path, "first_frame", frame)
        return picture_preview(frame, most_side)
