"""`imageInference`: pictures from words and references (runware.md sections 5, 6 and 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.runware import fake_limits, fake_prices, fake_sizes
from kling_pipe.providers.runware.fake_errors import incompatible, invalid, missing, unsupported
from kling_pipe.providers.runware.fake_fields import Parameter, read
from kling_pipe.providers.runware.fake_media import Desk
from kling_pipe.providers.runware.fake_models import PictureModel, Sides, most_prompt
from kling_pipe.providers.runware.fake_order import common, order_of
from kling_pipe.simulator.media_order import PictureOrder
from kling_pipe.simulator.tasks import TaskOrder

_common = (
    *common,
    Parameter("deliveryMethod", values=("sync", "async")),  # `stream` is for text models
    Parameter("outputType", values=("URL", "base64Data", "dataURI")),
    Parameter("outputFormat", values=("JPG", "PNG", "WEBP")),
    Parameter("width", "whole"),
    Parameter("height", "whole"),
    Parameter("resolution", folds=True),  # `1k` and `1K` are both written (section 9)
    Parameter("advancedFeatures", "any"),
)


async def create(task: Mapping[str, Any], air: str, model: PictureModel, desk: Desk) -> TaskOrder:
    """The order of pictures that a task asks for; raises Rebuff."""
    references = Parameter("referenceImages", "list", low=1, high=model.references, item="text")
    values = read(
        task,
        (
            *_common,
            Parameter("positivePrompt", required=True, low=model.least_prompt, high=most_prompt),
            Parameter("inputs", "object", children=(references,)),
        ),
    )
    given = values.get("inputs", {}).get("referenceImages", [])
    resolution = _resolution(values, model, given)
    files = [
        await desk.file(f"inputs.referenceImages[{index}]", text, fake_limits.pictures["any"])
        for index, text in enumerate(given)
    ]
    sides = _sides(values)
    if sides is None:
        sides = fake_sizes.picture_like(resolution, files[0].facts.width, files[0].facts.height)
    count = values.get("numberResults", 1)
    form = {"JPG": "jpg", "PNG": "png", "WEBP": "webp"}[values.get("outputFormat", "JPG")]
    kind = "image-to-image" if files else "text-to-image"
    pictures = tuple(
        PictureOrder(
            prompt=values["positivePrompt"],
            width=sides[0],
            height=sides[1],
            seed=0,
            label=f"{kind} · {model.name}",
            references=tuple(file.path for file in files),
            number=number,
            written_as=form,
        )
        for number in range(1, count + 1)
    )
    return order_of(
        task, values, desk, air=air, product="image", outputs=pictures, each=fake_prices.picture(resolution),
        seconds=fake_prices.picture_wait(resolution, count), sync=values.get("deliveryMethod", "sync") == "sync",
    )  # fmt: skip


def _resolution(values: Mapping[str, Any], model: PictureModel, references: list[str]) -> str:
    """The resolution that is asked for, by sides or by name; what asks for neither or for both is refused.

    The page tells the rule for O1; the other two have no word on leaving out the sides, so they obey the same.
    """
    sides = _sides(values)
    if sides is not None and "resolution" in values:
        raise incompatible("resolution", "'resolution' cannot be used with 'width' and 'height'")
    if sides is not None:
        for resolution in model.resolutions:
            if sides in fake_sizes.picture_sizes(resolution):
                return resolution
        raise invalid("width", f"{sides[0]}x{sides[1]} is not a supported size")
    if not references:
        raise missing("width")
    if "resolution" not in values:
        raise missing("resolution")
    name: str = values["resolution"]
    if name not in model.resolutions:
        raise unsupported("resolution", f"'resolution' must be one of {', '.join(model.resolutions)}")
    return name


def _sides(values: Mapping[str, Any]) -> Sides | None:
    for name, other in (("width", "height"), ("height", "width")):
        if name in values and other not in values:
            raise missing(other)
    return (values["width"], values["height"]) if "width" in values else None
