"""The same figure from another side: the picture turned in space before its own surroundings, lit from that side."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageOps

from kling_pipe.simulator.media_camera import surrounded
from kling_pipe.simulator.media_canvas import gradient
from kling_pipe.simulator.media_mask import Sight, head_in

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Angle:
    """A place to look from: degrees to the right and up, how near, and whether the picture is seen from behind."""

    name: str
    yaw: float = 0.0
    pitch: float = 0.0
    near: float = 1.0
    behind: bool = False


# three sets of three, as the service answers (native page, section 12, ai-multi-shot: index 0 to 2, each with three)
angles: tuple[Angle, ...] = (
    Angle("from the left, 35°", -35), Angle("from the right, 35°", 35), Angle("from behind", 0, 0, 0.96, behind=True),
    Angle("from above, 25°", 0, 25), Angle("from below, 25°", 0, -25), Angle("from behind, left", -28, 6, behind=True),
    Angle("close, from the left", -22, 4, 1.32), Angle("close, from the right", 22, 4, 1.32),
    Angle("from behind, right", 28, 6, behind=True),
)  # fmt: skip


def angle_of(number: int, seed: int) -> Angle:
    """The angle of a result, counted from 1; no two takes are held exactly alike."""
    angle, dice = angles[(number - 1) % len(angles)], random.Random(f"{seed}/angle/{number}")
    return replace(angle, yaw=angle.yaw + dice.uniform(-3, 3), pitch=angle.pitch + dice.uniform(-2, 2))


def seen_from(picture: Image.Image, angle: Angle, size: tuple[int, int]) -> Image.Image:
    """The picture fitted to the size and seen from there."""
    fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS, centering=(0.5, 0.36))
    if angle.behind:
        fitted = ImageOps.mirror(_turned_away(fitted))
    wide, tall = size
    room = wide // 2, tall // 2
    around = surrounded(fitted, room)
    corners = [_source(x, y, angle, size, room) for x, y in ((0, 0), (0, tall), (wide, tall), (wide, 0))]
    turned = around.transform(size, Image.Transform.PERSPECTIVE, _solved(size, corners), Image.Resampling.BICUBIC)
    return _lit(turned, angle)


def _turned_away(picture: Image.Image) -> Image.Image:
    """Somebody who is found shows hair where the face is."""
    sight = Sight.of(picture)
    if sight.hair is not None:
        picture.paste(sight.hair, (0, 0), head_in(sight))
    return picture


def dial(picture: Image.Image, angle: Angle) -> None:
    """A small compass in the corner: the figure in the middle, a dot where one looks from."""
    radius = max(12, round(min(picture.size) * 0.042))
    side = radius * 2 + 4
    sheet = Image.new("RGBA", (side * 2, side * 2), (0, 0, 0, 0))
    draw, middle = ImageDraw.Draw(sheet), side
    draw.ellipse((4, 4, side * 2 - 5, side * 2 - 5), fill=(8, 10, 16, 170), outline=(255, 255, 255, 200), width=3)
    draw.ellipse([middle - radius * 0.3, middle - radius * 0.3, middle + radius * 0.3, middle + radius * 0.3],
                 fill=(255, 255, 255, 230))  # fmt: skip
    turn = math.radians(angle.yaw + (180 if angle.behind else 0))
    x, y = middle + math.sin(turn) * radius * 1.45, middle + math.cos(turn) * radius * 1.45
    draw.ellipse((x - radius * 0.34, y - radius * 0.34, x + radius * 0.34, y + radius * 0.34), fill=(255, 196, 64, 255))
    small, gap = sheet.reduce(2), max(6, round(min(picture.size) * 0.024))
    picture.paste(small, (picture.width - side - gap, gap), small.getchannel("A"))


def _source(x: float, y: float, angle: Angle, size: tuple[int, int], room: tuple[int, int]) -> Point:
    """Where in the surroundings a corner of the frame looks: the ray through it meets the picture's own plane."""
    wide, tall = size
    far = max(size) * 1.5
    yaw, pitch = math.radians(angle.yaw), math.radians(angle.pitch)
    px, py, pz = (x - wide / 2) / angle.near, (y - tall / 2) / angle.near, far
    py, pz = py * math.cos(pitch) - pz * math.sin(pitch), py * math.sin(pitch) + pz * math.cos(pitch)
    eye_y, eye_z = far * math.sin(pitch), -far * math.cos(pitch)
    px, pz = px * math.cos(yaw) - pz * math.sin(yaw), px * math.sin(yaw) + pz * math.cos(yaw)
    eye_x, eye_z = -eye_z * math.sin(yaw), eye_z * math.cos(yaw)
    scale = -eye_z / pz
    return room[0] + wide / 2 + eye_x + px * scale, room[1] + tall / 2 + eye_y + py * scale


def _solved(size: tuple[int, int], sources: list[Point]) -> tuple[float, ...]:
    """The eight numbers of the perspective that takes the frame's corners to those places."""
    wide, tall = size
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = sources  # upper left, lower left, lower right, upper right
    dx1, dx2, dx3 = x3 - x2, x1 - x2, x0 - x3 + x2 - x1
    dy1, dy2, dy3 = y3 - y2, y1 - y2, y0 - y3 + y2 - y1
    whole = dx1 * dy2 - dx2 * dy1 or 1e-9
    g, h = (dx3 * dy2 - dx2 * dy3) / whole, (dx1 * dy3 - dx3 * dy1) / whole
    a, b = x3 - x0 + g * x3, x1 - x0 + h * x1
    d, e = y3 - y0 + g * y3, y1 - y0 + h * y1
    return a / wide, b / tall, x0, d / wide, e / tall, y0, g / wide, h / tall


def _lit(picture: Image.Image, angle: Angle) -> Image.Image:
    """Lighter on the near side, darker on the far one; from behind against the light."""
    if angle.behind:
        picture = ImageEnhance.Brightness(picture).enhance(0.74)
    strength = min(1.0, abs(angle.yaw) / 35) * 0.30 + min(1.0, abs(angle.pitch) / 25) * 0.22
    bright, dim = round(128 + 70 * strength), round(128 - 110 * strength)
    across = abs(angle.yaw) >= abs(angle.pitch)
    first = bright if (angle.yaw < 0 if across else angle.pitch > 0) else dim
    stops = tuple((value, value, value) for value in (first, bright + dim - first))
    return ImageChops.overlay(picture, gradient(picture.size, stops, across=across)) if strength else picture
