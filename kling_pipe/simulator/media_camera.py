"""Camera moves: read from a prompt's words or a camera-control setting, played over a shot."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

from PIL import Image, ImageOps

from kling_pipe.simulator.media_film import Planes


@dataclass(frozen=True, slots=True)
class Move:
    """Where the camera ends: `zoom` above 0 is nearer, `x` and `y` in frame sides, `roll` in degrees."""

    zoom: float = 0.0
    x: float = 0.0
    y: float = 0.0
    roll: float = 0.0

    def __add__(self, other: Move) -> Move:
        return Move(self.zoom + other.zoom, self.x + other.x, self.y + other.y, self.roll + other.roll)

    def __mul__(self, factor: float) -> Move:
        return Move(self.zoom * factor, self.x * factor, self.y * factor, self.roll * factor)


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees at one instant: magnification, the middle's offset in frame sides, degrees."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    roll: float = 0.0


_phrases: tuple[tuple[str, Move], ...] = (
    (r"push(es|ing)?[ -]in|dolly in|zoom(s|ing)? in|moves? closer|close[ -]?up|推进", Move(zoom=0.30)),
    (r"pull(s|ing)?[ -](out|back|away)|dolly out|zoom(s|ing)? out|reveal|拉远", Move(zoom=-0.22)),
    (r"(pan|truck|track|slide|drift|move)(s|ning|ing)?( slowly)?( to the)? left", Move(x=-0.10)),
    (r"(pan|truck|track|slide|drift|move)(s|ning|ing)?( slowly)?( to the)? right", Move(x=0.10)),
    (r"tilt(s|ing)? up|crane up|rises?\b|ascend|looks? up", Move(y=-0.09)),
    (r"tilt(s|ing)? down|crane down|descend|lowers?\b|looks? down", Move(y=0.09)),
    (r"\brolls?\b|dutch|spin|rotat|twist", Move(roll=7.0, zoom=0.05)),
    (r"orbit|arc\b|circl|around", Move(x=0.08, roll=-2.0, zoom=0.12)),
    (r"fly|drone|aerial|forward", Move(zoom=0.26, y=-0.03)),
)
_still = r"static|locked[ -]off|tripod|fixed camera|no camera movement"
_paces: tuple[tuple[str, float], ...] = ((r"slow|gentle|subtle|soft", 0.75), (r"fast|quick|whip|rapid|crash", 1.5))

# native page, section 8, camera_control: six numbers from -10 to 10 and four named moves
_controls: dict[str, Move] = {
    "horizontal": Move(x=0.013), "vertical": Move(y=-0.012), "pan": Move(y=-0.012), "tilt": Move(x=0.012),
    "roll": Move(roll=1.1), "zoom": Move(zoom=0.034),
    "down_back": Move(zoom=-0.2, y=0.06), "forward_up": Move(zoom=0.28, y=-0.06),
    "right_turn_forward": Move(zoom=0.24, x=0.09), "left_turn_forward": Move(zoom=0.24, x=-0.09),
}  # fmt: skip
_quiet = (Move(zoom=0.14), Move(zoom=0.12, x=0.03), Move(zoom=0.12, x=-0.03), Move(zoom=0.10, y=-0.03))


def move_of(prompt: str, control: tuple[tuple[str, float], ...], dice: random.Random) -> Move:
    """The control where there is one, else what the words say, else a quiet drift."""
    told = [_controls[name] * amount for name, amount in control if name in _controls and amount]
    if told:
        return sum(told[1:], told[0])
    text = prompt.lower()
    if re.search(_still, text):
        return Move(zoom=0.02)
    moves = [move for pattern, move in _phrases if re.search(pattern, text)]
    pace = next((factor for pattern, factor in _paces if re.search(pattern, text)), 1.0)
    return (sum(moves[1:], moves[0]) if moves else dice.choice(_quiet)) * pace


def ease(part: float) -> float:
    """Slow at both ends: 0 to 1."""
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


def _glide(part: float) -> float:
    """Nearly even, softly begun and ended: a camera on rails."""
    return 0.55 * part + 0.45 * ease(part)


def from_start(move: Move, part: float, aspect: float) -> View:
    """Begins exactly on the picture and goes in as far as the move needs to stay inside of it."""
    e = _glide(part)
    x, y, roll = move.x * e, move.y * e, move.roll * e
    return View(max(1 + move.zoom * e, _cover(x, y, roll, aspect) if move.zoom >= 0 else 0.5), x, y, roll)


def to_end(move: Move, part: float) -> View:
    """Arrives exactly on the picture."""
    rest = 1 - ease(part)
    return View(1 + abs(move.zoom) * 0.5 * rest)


def in_scene(move: Move, part: float, aspect: float) -> View:
    """Within a painted scene, which has room around it: a pull-out begins nearer."""
    e = _glide(part)
    near = 1 + (move.zoom * e if move.zoom >= 0 else -move.zoom * (1 - e))
    roll = move.roll * (e - 0.5)
    return View(max(near, _cover(0, 0, move.roll / 2, aspect)), move.x * (e - 0.5), move.y * (e - 0.5), roll)


def _cover(x: float, y: float, roll: float, aspect: float) -> float:
    """The least magnification at which no edge shows."""
    turn = math.radians(abs(roll))
    turned = math.cos(turn) + math.sin(turn) * max(aspect, 1 / aspect)
    return turned / max(0.3, 1 - 2 * max(abs(x), abs(y)))


@dataclass(frozen=True, slots=True)
class Still:
    """A picture the camera moves over, with its own mirrored surroundings for moves that leave it."""

    planes: Planes
    size: tuple[int, int]
    edge: tuple[int, int]

    @staticmethod
    def of(picture: Image.Image, size: tuple[int, int], room: float = 0.0) -> Still:
        """The picture covering the frame; `room` is the part of a side that is mirrored around it."""
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS, centering=_look_up)
        edge = round(size[0] * room / 2) * 2, round(size[1] * room / 2) * 2
        return Still(Planes.of(surrounded(fitted, edge) if room else fitted), size, edge)

    def seen(self, view: View) -> Planes:
        """What the camera sees."""
        width, height = self.size
        x, y = self.edge[0] + width * (0.5 + view.x), self.edge[1] + height * (0.5 + view.y)
        if abs(view.roll) > 0.02:
            return self.planes.turned((x, y), view.zoom, view.roll, self.size)
        wide, tall = width / view.zoom, height / view.zoom
        return self.planes.view((x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2), self.size)


_look_up = (0.5, 0.36)  # what is cut off to fit is cut from the feet rather than from the head


def surrounded(picture: Image.Image, edge: tuple[int, int]) -> Image.Image:
    """The picture with its mirror images around it."""
    (width, height), (wide, tall) = picture.size, edge
    row = Image.new("RGB", (width + 2 * wide, height))
    mirror = ImageOps.mirror(picture)
    row.paste(mirror, (wide - width, 0))
    row.paste(mirror, (wide + width, 0))
    row.paste(picture, (wide, 0))
    whole = Image.new("RGB", (width + 2 * wide, height + 2 * tall))
    flipped = ImageOps.flip(row)
    whole.paste(flipped, (0, tall - height))
    whole.paste(flipped, (0, tall + height))
    whole.paste(row, (0, tall))
    return whole
