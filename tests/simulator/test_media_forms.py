"""What files are written as: each form holds the same picture and says the same of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from kling_pipe.simulator import media
from kling_pipe.simulator.media import ClipOrder, PictureOrder
from kling_pipe.simulator.studio import file_name, make


@pytest.mark.parametrize(("written_as", "found"), [("png", "png"), ("jpg", "jpeg"), ("webp", "webp")])
def test_a_picture_is_written_as_ordered(tmp_path: Path, written_as: str, found: str) -> None:
    order = PictureOrder("a boat", 64, 48, 1, "text-to-image · m", stands_for="640x480", written_as=written_as)
    path = str(tmp_path / file_name(order))
    make(media, order, path)
    assert (path.rpartition(".")[2], str(media.look(path))) == (written_as, f"{found} 640×480")


@pytest.mark.parametrize("written_as", ["mp4", "mov", "webm"])
def test_a_clip_is_written_as_ordered(tmp_path: Path, written_as: str) -> None:
    order = ClipOrder("a boat", 64, 48, 1, 12, sound=True, stands_for="640x480 at 24", written_as=written_as)
    path = str(tmp_path / file_name(order))
    make(media, order, path)
    facts = media.look(path)
    assert (str(facts), facts.fps, facts.has_sound) == (f"{written_as} 640×480 1.0 s", 24.0, True)
