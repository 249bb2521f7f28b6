"""A contact sheet: each file a cell, the picked one with a rim, and a word where nothing can be shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kling_pipe.edge.media import probe
from kling_pipe.edge.media_sheet import Cell, foot, gap, least_height, rim, side, write_sheet
from kling_pipe.values.media import MediaFacts, MediaType
from tests.edge.plain_picture import png
from tests.scenarios.materials import material

mark, ground = (255, 196, 64), (21, 24, 30)


def cell(folder: Path, name: str, data: bytes, *, marked: bool = False) -> Cell:
    path = folder / name
    path.write_bytes(data)
    return Cell(f"hero  take {name}", str(path), probe(str(path)), is_marked=marked)


@pytest.mark.slow
def test_pictures_and_first_frames_stand_in_rows_of_four(tmp_path: Path) -> None:
    cells = [cell(tmp_path, f"{number}.png", png(400, 300), marked=number == 1) for number in range(4)]
    cells.append(cell(tmp_path, "clip.mp4", material("blink.mp4")))
    write_sheet(cells, str(tmp_path / "new" / "sheet.png"))
    with Image.open(tmp_path / "new" / "sheet.png") as sheet:
        assert sheet.size == (gap + 4 * (side + gap), gap + 2 * (side + foot + gap))  # the clip stands upright
        left = gap + side + gap
        assert (sheet.getpixel((left - rim, gap + 200)), sheet.getpixel((gap - rim, gap + 200))) == (mark, ground)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["sheet.png"]


def test_what_shows_nothing_has_a_card(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    cells = [
        cell(tmp_path, "hum.wav", material("hum.wav")),
        Cell("hero[locale=de,ratio=9:16,shot=a-very-long-name-indeed]  take 12", str(broken), picture),
        Cell("hero  take 3", str(tmp_path / "gone.png"), picture),
    ]
    write_sheet(cells, str(tmp_path / "sheet.png"))
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (gap + 3 * (side + gap), gap + least_height + foot + gap)


picture = MediaFacts(MediaType.IMAGE, "png", 13, 400, 300)
