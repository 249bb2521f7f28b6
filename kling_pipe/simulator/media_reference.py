"""The small media shipped with the examples: a figure, and a dancer for it to follow."""

from __future__ import annotations

from PIL import Image

from kling_pipe.simulator.media_canvas import glow, gradient
from kling_pipe.simulator.media_figure import Outfit, cut_out, dance
from kling_pipe.simulator.media_film import Care, Film, Planes
from kling_pipe.simulator.media_load import note_of
from kling_pipe.simulator.media_order import PictureOrder
from kling_pipe.simulator.media_overlay import Overlay
from kling_pipe.simulator.media_picture import make
from kling_pipe.simulator.media_sound import ambience
from kling_pipe.simulator.media_text import write

_size, _fps, _seconds = (360, 640), 24, 5
_dancer = Outfit((196, 138, 100), (52, 36, 40), (232, 92, 70), (44, 62, 102), (250, 246, 238))
_label = "reference"


def make_reference_clip(path: str) -> None:
    """A dancer before a plain wall: eight bars of sway, step and reach, with quiet music."""
    wall = gradient(_size, ((250, 226, 190), (252, 236, 210), (244, 208, 170)))
    glow(wall, (_size[0] / 2, _size[1] * 0.42), _size[0] * 0.8, (255, 252, 240), 0.9)
    floor = gradient((_size[0], 120), ((214, 160, 128), (190, 132, 108)))
    wall.paste(floor, (0, _size[1] - 120))
    still = Planes.of(wall)
    writing = write(_size, "", "SIMULATED · dance reference")
    over = Overlay.of(writing)
    with Film(path, _size, _fps, note_of(_label, _size, writing.boxes), sound=True, care=Care("slow", 27)) as film:
        for number in range(_fps * _seconds):
            figure, left, top = cut_out(_size, (180.0, 568.0), 410.0, dance(number // 2 * 2 / _fps), _dancer)
            frame = still.copy()
            frame.paste(Planes.of(_shadow(number // 2 * 2 / _fps)), 80, 556)
            frame.paste(Planes.of(figure), left, top)
            film.add(over.on(frame))
        film.add_sound(ambience(film.seconds, "dance"))


def make_dancer(path: str) -> None:
    """A dancer standing, upright format, ready to follow the clip."""
    make(
        PictureOrder("a dancer in a teal jacket on a stage, warm light, full body", 768, 1360, 4, "text-to-image"), path
    )


def _shadow(seconds: float) -> Image.Image:
    sheet = Image.new("RGB", (200, 32), (60, 30, 30))
    mask = Image.new("L", (200, 32), 0)
    reach = round(70 + 500 * dance(seconds).bounce)
    soft = Image.radial_gradient("L").point([max(0, 150 - value * 150 // 180) for value in range(256)])
    mask.paste(soft.resize((reach * 2, 32)), (100 - reach, 0))
    sheet.putalpha(mask)
    return sheet
