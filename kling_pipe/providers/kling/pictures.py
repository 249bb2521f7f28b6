"""Create bodies of everything that makes pictures; field tables: kling.md section 12, Pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.library import elements_of
from kling_pipe.values.wire import Json

_margins = ("up_expansion_ratio", "down_expansion_ratio", "left_expansion_ratio", "right_expansion_ratio")


def _generations(brief: Brief) -> Json:
    return {
        **brief.taken("prompt", "negative_prompt"),
        "image": brief.one("image"),
        **brief.taken("image_reference", "image_fidelity", "human_fidelity"),
        "element_list": elements_of(brief),
        **brief.taken("resolution"),
        "n": len(brief.job.takes),
        **brief.taken("aspect_ratio"),
    }


def _omni_image(brief: Brief) -> Json:
    pictures = [picture for picture in (brief.one("image"), *brief.many("references")) if picture]
    return {
        **brief.taken("prompt"),
        "image_list": [{"image": picture} for picture in pictures],
        "element_list": elements_of(brief),
        **brief.taken("resolution"),
        **(_series(brief) if brief.job.kind == "image-series" else _singles(brief)),
        **brief.taken("aspect_ratio"),
    }


def _singles(brief: Brief) -> Json:
    return {"result_type": "single", "n": len(brief.job.takes)}


def _series(brief: Brief) -> Json:
    """A number, or the word by which the model chooses; `n` is ignored here, so it is left out."""
    amount = brief.parameter("series_amount")
    whole = int(amount) if isinstance(amount, str) and amount.isdecimal() else amount
    return {"result_type": "series", "series_amount": whole}


def _multi_image(brief: Brief) -> Json:
    return {
        **brief.taken("prompt"),
        "subject_image_list": [{"subject_image": picture} for picture in brief.many("references")],
        "scene_image": brief.one("scene_image"),
        "style_image": brief.one("style_image"),
        "n": len(brief.job.takes),
        **brief.taken("aspect_ratio"),
    }


def _expand(brief: Brief) -> Json:
    """All four margins are required by the service, so those that are not asked for are 0."""
    return {
        "image": brief.one("image"),
        **{name: brief.parameter(name) or 0 for name in _margins},
        **brief.taken("prompt"),
        "n": len(brief.job.takes),
    }


def _try_on(brief: Brief) -> Json:
    return {"human_image": brief.one("human_image"), "cloth_image": brief.one("cloth_image")}


def _multi_shot(brief: Brief) -> Json:
    return {"element_frontal_image": brief.one("image")}


def _recognize(brief: Brief) -> Json:
    return {"image": brief.one("image")}


bodies: Mapping[str, Callable[[Brief], Json]] = {
    endpoints.generations: _generations,
    endpoints.omni_image: _omni_image,
    endpoints.multi_image: _multi_image,
    endpoints.expand: _expand,
    endpoints.try_on: _try_on,
    endpoints.multi_shot: _multi_shot,
    endpoints.recognize: _recognize,
}
