"""Picture endpoints of the body-model standard: images.generations, omni-image and multi-image2image.

Field tables and rules from kling.md section 12 ("Pictures") and the capability map of section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.kling import fake_charges
from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.providers.kling.fake_library import check_elements
from kling_pipe.providers.kling.fake_media import Desk
from kling_pipe.providers.kling.fake_models import picture_model
from kling_pipe.providers.kling.fake_slip import Slip, tail
from kling_pipe.simulator.faults import draw
from kling_pipe.simulator.media_order import PictureOrder
from kling_pipe.simulator.tasks import TaskOrder

_elements = Field("element_list", "list", most=10, children=(Field("element_id", "whole", required=True),))
_prompt = Field("prompt", required=True, most=2500)
_n = Field("n", "whole", low=1, high=9)

_generations = (
    Field("model_name"),
    _prompt,
    Field("negative_prompt", most=2500),
    Field("image"),
    Field("image_reference", values=("subject", "face")),
    Field("image_fidelity", "number", low=0, high=1),
    Field("human_fidelity", "number", low=0, high=1),
    _elements,
    Field("resolution", values=("1k", "2k")),
    _n,
    Field("aspect_ratio", values=tables.picture_ratios),
    *tail,
)
_omni = (
    Field("model_name"),
    _prompt,
    Field("image_list", "list", most=10, children=(Field("image", required=True),)),
    _elements,
    Field("resolution", values=("1k", "2k", "4k")),
    Field("result_type", values=("single", "series")),
    _n,
    Field("series_amount", values=("2", "3", "4", "5", "6", "7", "8", "9", "auto")),
    Field("aspect_ratio", values=(*tables.picture_ratios, "auto")),
    *tail,
)
_multi = (
    Field("model_name"),
    Field("prompt", most=2500),
    Field(
        "subject_image_list",
        "list",
        required=True,
        least=1,
        most=4,
        children=(Field("subject_image", required=True),),
    ),
    Field("scene_image"),
    Field("style_image"),
    _n,
    Field("aspect_ratio", values=tables.picture_ratios),
    *tail,
)


async def generations(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/images/generations`."""
    values = read(body, _generations, others=Others.REFUSED)
    name = values.get("model_name", "kling-v3")
    model = picture_model(name, tables.picture_models, desk.world.settings.retired)
    image = values.get("image")
    _check_generations(values, name, model)
    resolution = values.get("resolution", "1k")
    if resolution not in model.resolutions:
        raise wrong(f"resolution value '{resolution}' is invalid")
    check_elements(desk.world, desk.account, values.get("element_list", []))
    references = ((await desk.picture("image", image)).path,) if image else ()
    sides = tables.picture_size(resolution, values.get("aspect_ratio", "16:9"))
    each = model.units_from_picture if image else model.units
    count = values.get("n", 1)
    return _order("/v1/images/generations", name, desk.account, values, count, each, resolution, sides, references)


async def omni_image(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/images/omni-image`."""
    values = read(body, _omni, others=Others.REFUSED)
    name = values.get("model_name", "kling-image-o1")
    model = picture_model(name, tables.omni_picture_models, desk.world.settings.retired)
    pictures = values.get("image_list", [])
    if len(pictures) + len(values.get("element_list", [])) > 10:
        raise wrong("the total of image_list and element_list cannot exceed 10")
    resolution, series = values.get("resolution", "1k"), values.get("result_type") == "series"
    if resolution not in model.resolutions:
        raise wrong(f"resolution value '{resolution}' is invalid")
    if series and not model.series:
        raise wrong("result_type value 'series' is invalid")
    ratio = values.get("aspect_ratio", "auto")
    if ratio == "auto" and not pictures and name == "kling-v3-omni":
        raise wrong("aspect_ratio value 'auto' is invalid without images")
    check_elements(desk.world, desk.account, values.get("element_list", []))
    files = [await desk.picture(f"image_list[{i}].image", item["image"]) for i, item in enumerate(pictures)]
    if ratio == "auto":
        ratio = tables.nearest_ratio(files[0].facts.width, files[0].facts.height) if files else "16:9"
    count = _series_amount(values, desk.world.settings.seed) if series else values.get("n", 1)
    each = model.units_4k if resolution == "4k" else model.units
    sides = tables.picture_size(resolution, ratio)
    references = tuple(file.path for file in files)
    shape = "series" if series else "single"
    return _order(
        "/v1/images/omni-image", name, desk.account, values, count, each, resolution, sides, references, shape=shape
    )


async def multi_image(body: Mapping[str, Any], desk: Desk) -> TaskOrder:
    """`POST /v1/images/multi-image2image`."""
    values = read(body, _multi, others=Others.REFUSED)
    name = values.get("model_name", "kling-v2-1")
    picture_model(name, {"kling-v2-1": tables.picture_models["kling-v2-1"]}, desk.world.settings.retired)
    handed = [
        (f"subject_image_list[{i}].subject_image", item["subject_image"])
        for i, item in enumerate(values["subject_image_list"])
    ]
    handed += [(field, values[field]) for field in ("scene_image", "style_image") if field in values]
    references = tuple([(await desk.picture(field, text)).path for field, text in handed])
    sides = tables.picture_size("1k", values.get("aspect_ratio", "16:9"))
    each, count = fake_charges.multi_image, values.get("n", 1)
    return _order("/v1/images/multi-image2image", name, desk.account, values, count, each, "1k", sides, references)


def _check_generations(values: Mapping[str, Any], name: str, model: tables.PictureModel) -> None:
    image = values.get("image")
    if image and values.get("negative_prompt"):
        raise wrong("negative_prompt is not supported when image is set")
    if not image and (values.get("image_reference") or model.restyles):
        raise missing("image")
    if values.get("aspect_ratio") == "21:9" and not model.widest:
        raise wrong("aspect_ratio value '21:9' is invalid")
    allowed = {
        "image_reference": model.image_reference,
        "image_fidelity": model.image_fidelity,
        "human_fidelity": model.human_fidelity,
        "element_list": bool(model.elements),
    }
    for field, good in allowed.items():
        if field in values and not good:
            raise wrong(f"{field} is not supported by model {name}")
    if len(values.get("element_list", [])) + bool(image) > 10:
        raise wrong("the total of element_list and image cannot exceed 10")


def _series_amount(values: Mapping[str, Any], seed: int) -> int:
    """`auto` leaves the number, and so slots and units, to the service: here to a draw from the prompt."""
    amount = values.get("series_amount", "4")
    return 2 + int(8 * draw(seed, f"series/{values['prompt']}", 0)) if amount == "auto" else int(amount)


def _order(
    endpoint: str,
    model: str,
    account: str,
    values: Mapping[str, Any],
    count: int,
    each: int,
    resolution: str,
    sides: tuple[int, int],
    references: tuple[str, ...],
    *,
    shape: str = "images",
) -> TaskOrder:
    kind, slip = "image-to-image" if references else "text-to-image", Slip.of(values)
    pictures = tuple(
        PictureOrder(
            prompt=values.get("prompt", ""),
            width=sides[0],
            height=sides[1],
            seed=0,
            label=f"{kind} · {model}",
            references=references,
            number=number,
        )
        for number in range(1, count + 1)
    )
    return TaskOrder(
        account=account,
        service="kling",
        product="image",
        endpoint=endpoint,
        model=model,
        units=Decimal(each * count),
        seconds=fake_charges.picture_wait(resolution, count),
        outputs=pictures,
        external_id=slip.external_id,
        callback_url=slip.callback_url,
        slots=count,
        details={"shape": shape, "resolution": resolution, "function": kind},
        watermark=slip.watermark,
    )
