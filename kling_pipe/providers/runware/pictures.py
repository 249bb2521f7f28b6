"""Tasks that make pictures; runware.md sections 9 and 10."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.runware import sizes
from kling_pipe.providers.runware.brief import Brief
from kling_pipe.values.wire import Json

# The one model that is told a resolution alone, and then takes the ratio of its first picture.
_follows_picture = frozenset({"kling-image-o1"})


def _text_to_image(brief: Brief) -> Json:
    return {**brief.taken(positivePrompt="prompt"), **_sides(brief)}


def _image_to_image(brief: Brief) -> Json:
    """The picture to begin with stands before the references, in the order in which a prompt counts them."""
    references = [*filter(None, [brief.one("image")]), *brief.many("references")]
    return {**brief.taken(positivePrompt="prompt"), **_sides(brief), "inputs": {"referenceImages": references}}


def _sides(brief: Brief) -> Json:
    table = sizes.pictures.get(brief.words("resolution"), sizes.pictures["1k"])
    size = table.get(brief.words("aspect_ratio"))
    if size is None and brief.job.model in _follows_picture:
        return brief.taken(resolution="resolution")
    return sizes.sides(size or sizes.nearest(table, brief.picture()) or table["16:9"])


bodies: Mapping[str, Callable[[Brief], Json]] = {"text-to-image": _text_to_image, "image-to-image": _image_to_image}
