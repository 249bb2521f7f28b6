"""A stylised person: joints from a pose, limbs as tapered strokes. Portraits stand, dancers dance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from kling_pipe.simulator.media_palette import Colour, mix, shade

Joint = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles in degrees from hanging straight down, outwards positive; `sway` and `bounce` in body heights."""

    sway: float = 0.0
    bounce: float = 0.0
    lean: float = 0.0  # of the trunk, to the right
    tilt: float = 0.0  # of the head
    left_arm: tuple[float, float] = (14.0, 8.0)  # upper arm, then forearm
    right_arm: tuple[float, float] = (14.0, 8.0)
    left_leg: tuple[float, float] = (6.0, 2.0)
    right_leg: tuple[float, float] = (6.0, 2.0)


@dataclass(frozen=True, slots=True)
class Outfit:
    """The figure's colours."""

    skin: Colour
    hair: Colour
    top: Colour
    legs: Colour
    shoes: Colour
    skirt: bool = False


standing = Pose(sway=0.01, lean=1.5, left_arm=(22, 38), right_arm=(16, 10), left_leg=(4, 1), right_leg=(9, 3))


def dance(seconds: float, beats: float = 1.8) -> Pose:
    """A loop of eight beats: sways, steps, arms up and out."""
    turn = seconds * beats * math.pi
    beat, slow, long = math.sin(turn), math.sin(turn / 2), math.sin(turn / 4)
    lift = abs(math.sin(turn / 2))
    return Pose(
        sway=0.10 * slow,
        bounce=0.030 * abs(beat),
        lean=11 * slow,
        tilt=-9 * slow,
        left_arm=(62 + 58 * slow + 25 * long, 24 + 46 * max(0.0, beat)),
        right_arm=(62 - 58 * slow + 25 * long, 24 + 46 * max(0.0, -beat)),
        left_leg=(12 + 16 * max(0.0, slow) * lift, -18 * max(0.0, slow) * lift),
        right_leg=(12 + 16 * max(0.0, -slow) * lift, -18 * max(0.0, -slow) * lift),
    )


def joints(pose: Pose) -> Mapping[str, Joint]:
    """Where the joints are, for a body one high standing at (0, 0), y upwards negative."""
    hip = (pose.sway, -0.50 + pose.bounce)
    neck = _from(hip, 180 - pose.lean, 0.315)
    head = _from(neck, 180 - pose.lean - pose.tilt, 0.105)
    places: dict[str, Joint] = {"hip": hip, "neck": neck, "head": head}
    for side, sign, arm, leg in (
        ("left", -1, pose.left_arm, pose.left_leg),
        ("right", 1, pose.right_arm, pose.right_leg),
    ):
        shoulder = (neck[0] + sign * 0.078, neck[1] + 0.035 + sign * math.sin(math.radians(pose.lean)) * 0.05)
        elbow = _from(shoulder, sign * arm[0], 0.155)
        hand = _from(elbow, sign * (arm[0] + arm[1]), 0.150)
        socket = (hip[0] + sign * 0.043, hip[1] + 0.01)
        knee = _from(socket, sign * leg[0] - pose.sway * 55, 0.245)
        foot = _from(knee, sign * (leg[0] + leg[1]) * 0.6 - pose.sway * 70, 0.245)
        foot = (foot[0], min(foot[1], 0.0))
        places |= {
            f"{side} shoulder": shoulder, f"{side} elbow": elbow, f"{side} hand": hand,
            f"{side} socket": socket, f"{side} knee": knee, f"{side} foot": foot,
        }  # fmt: skip
    return places


def draw_figure(sheet: Image.Image, foot: Joint, height: float, pose: Pose, outfit: Outfit) -> None:
    """Paints the figure on an RGB or RGBA sheet, its feet at `foot`."""
    at = {name: (foot[0] + x * height, foot[1] + y * height) for name, (x, y) in joints(pose).items()}
    draw = ImageDraw.Draw(sheet)
    for side, light in (("left", 0.86), ("right", 1.0)):
        _leg(draw, at, side, height, outfit, light)
    _arm(draw, at, "left", height, outfit, 0.88)
    _trunk(draw, at, height, outfit)
    _head(draw, at, height, outfit)
    _arm(draw, at, "right", height, outfit, 1.06)


def cut_out(
    size: tuple[int, int], foot: Joint, height: float, pose: Pose, outfit: Outfit
) -> tuple[Image.Image, int, int]:
    """The figure alone on a small transparent sheet with smooth edges, and where that lies on a sheet of `size`."""
    at = [(foot[0] + x * height, foot[1] + y * height) for x, y in joints(pose).values()]
    room = height * 0.16
    left, top = (max(0, int(min(axis) - room)) & ~1 for axis in zip(*at, strict=True))
    right, bottom = (int(max(axis) + room) for axis in zip(*at, strict=True))
    wide, tall = max(2, min(size[0], right) - left) & ~1, max(2, min(size[1], bottom) - top) & ~1
    fine = Image.new("RGBA", (wide * 2, tall * 2), (*outfit.top, 0))
    draw_figure(fine, ((foot[0] - left) * 2, (foot[1] - top) * 2), height * 2, pose, outfit)
    return fine.reduce(2), left, top


def idle(seconds: float) -> Pose:
    """Standing and breathing, with a slow shift of weight and a hand that moves."""
    slow, breath = math.sin(seconds * 1.1), math.sin(seconds * 2.3)
    return Pose(
        sway=0.012 + 0.016 * slow,
        bounce=0.004 * breath,
        lean=1.5 + 2.2 * slow,
        tilt=3.0 * math.sin(seconds * 0.9 + 1),
        left_arm=(22 + 5 * slow, 38 + 16 * math.sin(seconds * 1.4)),
        right_arm=(16 - 3 * slow, 10 + 4 * breath),
        left_leg=(4, 1),
        right_leg=(9, 3),
    )


def _from(start: Joint, degrees: float, length: float) -> Joint:
    angle = math.radians(degrees)
    return start[0] + math.sin(angle) * length, start[1] + math.cos(angle) * length


def _leg(draw: ImageDraw.ImageDraw, at: Mapping[str, Joint], side: str, height: float, o: Outfit, light: float) -> None:
    colour = shade(o.skin if o.skirt else o.legs, light)
    widths = (0.058, 0.046, 0.032) if o.skirt else (0.072, 0.056, 0.042)
    _limb(draw, (at[f"{side} socket"], at[f"{side} knee"], at[f"{side} foot"]), [w * height for w in widths], colour)
    x, y = at[f"{side} foot"]
    toe = height * (0.045 if side == "right" else -0.045)
    _limb(draw, ((x - toe * 0.3, y - height * 0.008), (x + toe, y + height * 0.002)), [height * 0.036, height * 0.024],
          shade(o.shoes, light))  # fmt: skip


def _arm(draw: ImageDraw.ImageDraw, at: Mapping[str, Joint], side: str, height: float, o: Outfit, light: float) -> None:
    shoulder, elbow, hand = (at[f"{side} {joint}"] for joint in ("shoulder", "elbow", "hand"))
    _limb(draw, (elbow, hand), [height * 0.036, height * 0.026], shade(o.skin, light))
    _dot(draw, hand, height * 0.021, shade(o.skin, light))
    _limb(draw, (shoulder, elbow), [height * 0.056, height * 0.042], shade(o.top, light))


def _trunk(draw: ImageDraw.ImageDraw, at: Mapping[str, Joint], height: float, o: Outfit) -> None:
    left, right, hip, neck = at["left shoulder"], at["right shoulder"], at["hip"], at["neck"]
    waist = (hip[0] * 0.62 + neck[0] * 0.38, hip[1] * 0.62 + neck[1] * 0.38)
    _limb(draw, (neck, at["head"]), [height * 0.05, height * 0.045], shade(o.skin, 0.9))
    sides = [
        (left[0], left[1] - height * 0.020), (neck[0], neck[1] + height * 0.005), (right[0], right[1] - height * 0.020),
        (waist[0] + height * 0.064, waist[1]), (hip[0] + height * 0.078, hip[1] + height * 0.035),
        (hip[0] - height * 0.078, hip[1] + height * 0.035), (waist[0] - height * 0.064, waist[1]),
    ]  # fmt: skip
    draw.polygon(sides, fill=o.top)
    _dot(draw, left, height * 0.029, o.top)
    _dot(draw, right, height * 0.029, o.top)
    if o.skirt:
        _skirt(draw, at, waist, height, o)
    draw.line([(waist[0] - height * 0.064, waist[1]), (waist[0] + height * 0.064, waist[1])],
              fill=shade(o.top, 0.7), width=max(1, round(height * 0.012)))  # fmt: skip


def _skirt(draw: ImageDraw.ImageDraw, at: Mapping[str, Joint], waist: Joint, height: float, o: Outfit) -> None:
    left, right = at["left knee"], at["right knee"]
    hem = [(left[0] - height * 0.09, left[1] - height * 0.03), (right[0] + height * 0.09, right[1] - height * 0.03)]
    middle = ((hem[0][0] + hem[1][0]) / 2, max(hem[0][1], hem[1][1]) + height * 0.022)
    draw.polygon([(waist[0] - height * 0.062, waist[1]), (waist[0] + height * 0.062, waist[1]), hem[1], middle, hem[0]],
                 fill=shade(o.top, 0.9))  # fmt: skip


def _head(draw: ImageDraw.ImageDraw, at: Mapping[str, Joint], height: float, o: Outfit) -> None:
    x, y = at["head"]
    wide, tall = height * 0.050, height * 0.064
    if o.skirt:  # long hair falls behind the shoulders
        draw.rounded_rectangle((x - wide * 1.25, y - tall * 0.6, x + wide * 1.25, y + tall * 1.9), wide, fill=o.hair)
    draw.ellipse((x - wide * 1.22, y - tall * 1.28, x + wide * 1.22, y + tall * 0.75), fill=o.hair)
    draw.ellipse((x - wide, y - tall * 0.86, x + wide, y + tall), fill=o.skin)
    draw.chord((x - wide * 1.12, y - tall * 1.24, x + wide * 1.12, y + tall * 0.46), 185, 355, fill=o.hair)
    dark = mix(o.skin, (30, 20, 30), 0.8)
    for sign in (-1, 1):
        _dot(draw, (x + sign * wide * 0.42, y + tall * 0.12), height * 0.0062, dark)
        _dot(draw, (x + sign * wide * 0.60, y + tall * 0.42), height * 0.010, mix(o.skin, (230, 90, 90), 0.28))
    smile = (x - wide * 0.36, y + tall * 0.25, x + wide * 0.36, y + tall * 0.66)
    draw.arc(smile, 20, 160, fill=mix(dark, (150, 40, 50), 0.5), width=max(1, round(height * 0.005)))


def _limb(draw: ImageDraw.ImageDraw, points: Sequence[Joint], widths: Sequence[float], colour: Colour) -> None:
    """A chain of tapered strokes with round ends."""
    for (start, end), (thick, thin) in zip(pairwise(points), pairwise(widths), strict=True):
        length = math.hypot(end[0] - start[0], end[1] - start[1]) or 1.0
        nx, ny = (end[1] - start[1]) / length / 2, -(end[0] - start[0]) / length / 2
        draw.polygon(
            [
                (start[0] + nx * thick, start[1] + ny * thick), (end[0] + nx * thin, end[1] + ny * thin),
                (end[0] - nx * thin, end[1] - ny * thin), (start[0] - nx * thick, start[1] - ny * thick),
            ],
            fill=colour,
        )  # fmt: skip
    for point, width in zip(points, widths, strict=True):
        _dot(draw, point, width / 2, colour)


def _dot(draw: ImageDraw.ImageDraw, centre: Joint, radius: float, colour: Colour) -> None:
    draw.ellipse((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill=colour)
