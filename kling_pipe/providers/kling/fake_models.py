"""Which model names an endpoint takes, and the ways in which the service refuses others (kling.md section 8, D3)."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.kling import fake_tables as tables
from kling_pipe.providers.kling.fake_fields import Rebuff, wrong
from kling_pipe.simulator.settings import Retired


def picture_model(name: str, models: Mapping[str, tables.PictureModel], retired: Retired) -> tables.PictureModel:
    """A picture model of one endpoint; raises Rebuff."""
    model = models.get(name)
    if model is None:
        elsewhere = name in tables.picture_models or name in tables.omni_picture_models
        raise _elsewhere(name) if elsewhere else _unknown(name)
    _check_life(name, is_retired=model.retired, retired=retired)
    return model


def video_model(name: str, endpoint: str, retired: Retired) -> tables.VideoModel:
    """A model of text2video or image2video; raises Rebuff."""
    model = tables.video_models.get(name)
    if model is None:
        raise _elsewhere(name) if name in tables.omni_video_models else _unknown(name)
    _check_life(name, is_retired=model.retired, retired=retired)
    if endpoint not in model.endpoints:
        raise _elsewhere(name)
    return model


def omni_model(name: str, retired: Retired) -> tables.OmniModel:
    """A model of omni-video; raises Rebuff."""
    model = tables.omni_video_models.get(name)
    if model is None:
        known = tables.video_models.get(name)
        if known is None:
            raise _unknown(name)
        _check_life(name, is_retired=known.retired, retired=retired)
        raise _elsewhere(name)
    return model


def the_older_model(name: str, retired: Retired) -> None:
    """kling-v1-6, the only one of multi-image2video and multi-elements (D5, D6); raises Rebuff."""
    if name != "kling-v1-6":
        video_model(name, "", retired)
    _check_life(name, is_retired=True, retired=retired)


def path_model(name: str, endpoint: str) -> tables.PathModel:
    """A model of the path standard; raises Rebuff."""
    model = tables.path_models.get(name)
    if model is None or endpoint not in model.endpoints:
        raise _unknown(name)
    return model


def _unknown(name: str) -> Rebuff:
    return Rebuff(404, 1203, f"model {name} is not supported for this API")


def _elsewhere(name: str) -> Rebuff:
    return wrong(f"model is not supported: {name}")


def _check_life(name: str, *, is_retired: bool, retired: Retired) -> None:
    if is_retired and retired is Retired.REFUSED:
        raise wrong(f"model {name} has been discontinued")
