"""The places a scene can be in: how each is painted and where things stand in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kling_pipe.simulator.media_canvas import Canvas, Layer
from kling_pipe.simulator.media_indoors import stage, studio
from kling_pipe.simulator.media_nature import forest, hills, sea, space
from kling_pipe.simulator.media_palette import Palette
from kling_pipe.simulator.media_town import city, road

Painter = Callable[[Canvas, Palette, random.Random], tuple[Layer, ...]]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """How a place is painted; things stand at `ground`, are mirrored by `mirror`, float where there is `water`."""

    paint: Painter
    ground: float = 0.80
    mirror: float = 0.0
    water: bool = False


backdrops: dict[str, Backdrop] = {
    "hills": Backdrop(hills, ground=0.83),
    "sea": Backdrop(sea, ground=0.70, mirror=0.28, water=True),
    "forest": Backdrop(forest, ground=0.83),
    "city": Backdrop(city, ground=0.84, mirror=0.35),
    "road": Backdrop(road, ground=0.79, mirror=0.42),
    "studio": Backdrop(studio, ground=0.79, mirror=0.30),
    "stage": Backdrop(stage, ground=0.83, mirror=0.18),
    "space": Backdrop(space, ground=0.72),
}
