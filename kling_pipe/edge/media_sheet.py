"""A contact sheet: pictures, and the first frames of clips, side by side with their numbers, as one PNG."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kling_pipe.edge.media import Unreadable, still
from kling_pipe.edge.store import translated_disk_errors
from kling_pipe.errors import StateFailure
from kling_pipe.values.media import MediaFacts, MediaType

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

side, gap, foot, rim = 480, 24, 64, 6  # pixels: a cell's picture, between cells, below a picture, round a marked one
most_columns, least_height = 4, 160
_ground, _ink, _pale, _mark, _blank = "#15181e", "#f2f4f8", "#9aa4b2", "#ffc440", "#242a33"


@dataclass(frozen=True, slots=True)
class Cell:
    """One file on a sheet; a marked one has a rim and says that it is picked."""

    label: str
    path: str
    facts: MediaFacts
    is_marked: bool = False


def write_sheet(cells: Sequence[Cell], target: str) -> None:
    """Writes the sheet, atomically. A file that shows nothing, or nothing readable, is a blank cell that says so."""
    from PIL import Image, ImageDraw

    columns = min(len(cells), most_columns)
    rows = math.ceil(len(cells) / columns)
    pictures = [_picture(cell) for cell in cells]
    height = max(least_height, *(picture.height for picture in pictures))
    sheet = Image.new("RGB", (gap + columns * (side + gap), gap + rows * (height + foot + gap)), _ground)
    pen = ImageDraw.Draw(sheet)
    for place, (cell, picture) in enumerate(zip(cells, pictures, strict=True)):
        row, column = divmod(place, columns)
        left, top = gap + column * (side + gap), gap + row * (height + foot + gap)
        sheet.paste(picture, (left + (side - picture.width) // 2, top + (height - picture.height) // 2))
        _write(pen, cell, left, top, height)
    _save(sheet, target)


def _picture(cell: Cell) -> Picture:
    """What a file shows, as large as a cell; a card with a word where it shows nothing."""
    try:
        if cell.facts.type not in (MediaType.IMAGE, MediaType.VIDEO):
            return _card(str(cell.facts.type))
        picture = still(cell.path)
    except (Unreadable, OSError):
        return _card("cannot be read")
    picture.thumbnail((side, side))
    return picture


def _card(word: str) -> Picture:
    from PIL import Image, ImageDraw, ImageFont

    card = Image.new("RGB", (side, least_height), _blank)
    middle = (side // 2, least_height // 2)
    ImageDraw.Draw(card).text(middle, word, _pale, ImageFont.load_default(32), anchor="mm")
    return card


def _write(pen: ImageDraw, cell: Cell, left: int, top: int, height: int) -> None:
    from PIL import ImageFont

    if cell.is_marked:
        pen.rectangle((left - rim, top - rim, left + side + rim - 1, top + height + rim - 1), outline=_mark, width=rim)
    words = f"{'picked  ' if cell.is_marked else ''}{str(cell.facts).replace('×', ' x ')}"
    large, small = ImageFont.load_default(24), ImageFont.load_default(18)
    pen.text((left, top + height + 12), _fitting(cell.label, pen, large), _ink, large)
    pen.text((left, top + height + 42), words, _mark if cell.is_marked else _pale, small)


def _save(sheet: Picture, target: str) -> None:
    with translated_disk_errors(target):
        folder = os.path.dirname(os.path.abspath(target))
        os.makedirs(folder, exist_ok=True)
        try:
            handle, aside = tempfile.mkstemp(suffix=".png", dir=folder)
        except FileNotFoundError:  # a folder that holds no files, such as `/proc`
            raise StateFailure("not-writable", f"cannot write `{target}`", hint="choose another place") from None
        try:
            with os.fdopen(handle, "wb") as file:
                sheet.save(file, "PNG")
            os.chmod(aside, 0o644)
            os.replace(aside, target)
        except BaseException:
            os.unlink(aside)
            raise


def _fitting(text: str, pen: ImageDraw, font: object) -> str:
    """The text cut to the cell, with its end, where the number stands."""
    if pen.textlength(text, font) <= side:  # type: ignore[arg-type]  # a font of ImageFont
        return text
    head, _, number = text.rpartition("  ")
    while head and pen.textlength(f"{head}...  {number}", font) > side:  # type: ignore[arg-type]  # as above
        head = head[:-1]
    return f"{head}...  {number}"
