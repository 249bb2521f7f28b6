"""The three picture workflows: omni-image, generations and multi-image-to-image (picsart.md sections 3, 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.picsart import fake_charges
from kling_pipe.providers.picsart import fake_sizes as sizes
from kling_pipe.providers.picsart.fake_fields import Asked, Field, missing, read
from kling_pipe.providers.picsart.fake_making import Making, Params, model_of, options
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.media_order import PictureOrder

_omni_models = {"kling-v3-omni": "kling-3.0-image", "kling-image-o1": "kling-o1-image"}
_plain_models = {
    "kling-v2-new": "kling-v2-new-image",
    "kling-v2": "kling-v2-image",
    "kling-v2-1": "kling-v2-1-image",
    "kling-v1-5": "kling-v1-5-image",
}
_multi_models = {"kling-v2": "kling-multi-image", "kling-v2-1": "kling-multi-image-v2-1"}
_shared = (
    Field("model_name", required=True),
    Field("n", "whole", low=1, high=9),
    Field("aspect_ratio", values=sizes.picture_ratios),
    options,
)
_prompt = Field("prompt", required=True, most=2500)
_image_list = Field("image_list", "list", least=1, most=10, children=(Field("image_url", required=True),))
_omni: Mapping[str, tuple[Field, ...]] = {
    "kling-3.0-image": (*_shared, _prompt, Field("resolution", values=("1k", "2k", "4k")), _image_list),
    "kling-o1-image": (*_shared, _prompt, Field("resolution", values=("1k", "2k")), _image_list),
}
_styled = (
    *_shared,
    _prompt,
    Field("negative_prompt"),
    # Section 3: the weight of 0 to 100 in steps of 5, divided by a hundred.
    Field("image_fidelity", "number", low=0, high=1, step=0.05),
    Field("human_fidelity", "number", low=0, high=1, step=0.05),
)
_image_needed = (Field("image", required=True), Field("image_reference", values=("subject", "face")))
_plain: Mapping[str, tuple[Field, ...]] = {
    "kling-v2-new-image": (*_styled, *_image_needed),
    "kling-v1-5-image": (*_styled, *_image_needed),
    "kling-v2-image": (*_styled, Field("image")),
    "kling-v2-1-image": (*_styled, Field("image")),
}
_multi = (
    *_shared,
    Field("prompt", most=2500),
    Field(
        "subject_image_list", "list", required=True, least=1, most=4, children=(Field("subject_image", required=True),)
    ),
    Field("scene_image"),
    Field("style_image"),
)


def price_omni(params: Params) -> Decimal:
    """What pictures of the omni models cost."""
    model = model_of(params, _omni_models)
    return _price(model, read(params, _omni[model], Asked.PRICE))


async def omni(params: Params, desk: Desk) -> Making:
    """Pictures from words, and from up to ten pictures."""
    model = model_of(params, _omni_models)
    values = read(params, _omni[model], Asked.MAKING)
    given = [(f"image_list[{i}].image_url", item["image_url"]) for i, item in enumerate(values.get("image_list", []))]
    return await _made(model, values, given, desk)


def price_plain(params: Params) -> Decimal:
    """What pictures of the older models cost."""
    model = model_of(params, _plain_models)
    return _price(model, read(params, _plain[model], Asked.PRICE))


async def plain(params: Params, desk: Desk) -> Making:
    """Pictures from words, and from one picture."""
    model = model_of(params, _plain_models)
    values = read(params, _plain[model], Asked.MAKING)
    return await _made(model, values, [("image", values["image"])] if "image" in values else [], desk)


def price_multi(params: Params) -> Decimal:
    """What pictures composed of others cost."""
    return _price(model_of(params, _multi_models), read(params, _multi, Asked.PRICE))


async def multi(params: Params, desk: Desk) -> Making:
    """Pictures composed of up to four subjects, a scene and a style."""
    model = model_of(params, _multi_models)
    values = read(params, _multi, Asked.MAKING)
    given = [
        (f"subject_image_list[{i}].subject_image", item["subject_image"])
        for i, item in enumerate(values["subject_image_list"])
    ]
    given += [(name, values[name]) for name in ("scene_image", "style_image") if name in values]
    if not given:
        raise missing("subject_image_list")
    return await _made(model, values, given, desk)


def _price(model: str, values: Mapping[str, Any]) -> Decimal:
    return fake_charges.pictures(model, values.get("resolution", "1k"), values.get("n", 1))


async def _made(model: str, values: Mapping[str, Any], given: list[tuple[str, str]], desk: Desk) -> Making:
    references = tuple([(await desk.picture(name, text)).path for name, text in given])
    resolution, count = values.get("resolution", "1k"), values.get("n", 1)
    width, height = sizes.picture_size(resolution, values.get("aspect_ratio", "16:9"))
    kind = "image-to-image" if references else "text-to-image"
    pictures = tuple(
        PictureOrder(values.get("prompt", ""), width, height, 0, f"{kind} · {model}", references, number)
        for number in range(1, count + 1)
    )
    wait = fake_charges.picture_wait(resolution, count)
    return Making(model, "image", _price(model, values), wait, pictures, {"resolution": resolution})
