"""`kling/v1/video-effects`: one picture or two in a scene thought out by the service (picsart.md sections 3, 7, 8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kling_pipe.providers.picsart import fake_charges
from kling_pipe.providers.picsart import fake_sizes as sizes
from kling_pipe.providers.picsart.fake_fields import Asked, Field, missing, read, wrong
from kling_pipe.providers.picsart.fake_making import Making, Params, barred, options
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.providers.picsart.fake_scenes import of_two, scenes
from kling_pipe.simulator.media_order import ClipOrder

_fields = (
    Field("effect_scene", required=True, values=scenes),
    Field("image"),
    Field("images", "list", least=2, most=2),
    options,
)


def price(params: Params) -> Decimal:
    """What an effect costs."""
    return fake_charges.effect(2 if "images" in _checked(params, Asked.PRICE) else 1)


async def make(params: Params, desk: Desk) -> Making:
    """A clip of five seconds."""
    values = _checked(params, Asked.MAKING)
    named = [(f"images[{i}]", text) for i, text in enumerate(values.get("images", []))] or [("image", values["image"])]
    pictures = [await desk.picture(name, text) for name, text in named]
    facts, scene = pictures[0].facts, values["effect_scene"]
    width, height = (1280, 720) if len(pictures) == 2 else sizes.clip_size_like("720p", facts.width, facts.height)
    clip = ClipOrder(
        "", width, height, 5.041, label=f"effect · {scene}", references=tuple(picture.path for picture in pictures),
        effect=scene, manner="effect",
    )  # fmt: skip
    return Making("kling-video-effects", "video", fake_charges.effect(len(pictures)), 90.0, (clip,))


def templates() -> dict[str, Any]:
    """The live catalogue that the tool takes its `--template-id` from; its form is ours."""
    return {"items": [{"id": scene, "images": 2 if scene in of_two else 1} for scene in scenes]}


def _checked(params: Params, asked: Asked) -> dict[str, Any]:
    values = read(params, _fields, asked)
    if "images" in values:
        barred(("image",), values, "with images")
    elif "image" in values and values.get("effect_scene") in of_two:
        raise wrong(f"effect_scene {values['effect_scene']} needs two images")
    elif "image" not in values and asked is Asked.MAKING:
        raise missing("image")
    return values
