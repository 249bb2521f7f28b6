"""The parameters of `videoInference` as each model has them; what a model does not have is unknown to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kling_pipe.providers.runware.fake_errors import Rebuff, invalid
from kling_pipe.providers.runware.fake_fields import Parameter, read
from kling_pipe.providers.runware.fake_models import ClipModel, Sort, most_prompt
from kling_pipe.providers.runware.fake_order import common

_frame = Parameter("frame", required=True, values=("first", "last"))
_legacy_frames = Parameter(
    "frameImages", "list", low=1, high=2, children=(Parameter("inputImage", required=True), _frame)
)
_frames = Parameter("frameImages", "list", low=1, high=2, children=(Parameter("image", required=True), _frame))
_feature = (  # `type` is how an older client writes the second field (section 9)
    Parameter("video", required=True),
    Parameter("referType", values=("feature",)),
    Parameter("type", values=("feature",)),
)
_settings: Mapping[str, Parameter] = {
    one.name: one
    for one in (
        Parameter("sound", "switch"),
        Parameter(
            "multiPrompt",
            "list",
            low=1,
            high=6,
            children=(
                Parameter("prompt", required=True, low=2, high=most_prompt),
                Parameter("duration", "any", required=True),  # text in the examples, a number in a client (section 9)
            ),
        ),
        Parameter("shotType", values=("customize",)),
        Parameter("keepOriginalSound", "switch"),
        Parameter("characterOrientation", values=("image", "video")),
        Parameter("fast", "switch"),
        Parameter("soundVolume", "number", low=0, high=2),  # numbers without told bounds: the native service's
        Parameter("originalAudioVolume", "number", low=0, high=2),
    )
}


def parameters_of(task: Mapping[str, Any], model: ClipModel) -> dict[str, Any]:
    """A task's parameters; those of the provider stand flat under `settings`."""
    values = read(task, _table(model))
    values["inputs"] = values.get("inputs", {})
    values["settings"] = _provider_settings(values.pop("providerSettings", {}), model)
    return values


def _table(model: ClipModel) -> Iterator[Parameter]:
    yield from common
    yield Parameter("deliveryMethod", values=("async",))
    yield Parameter("outputType", values=("URL",))
    yield Parameter("outputFormat", values=("MP4", "WEBM", "MOV"))
    if model.prompt:
        yield Parameter("positivePrompt", low=model.prompt, high=most_prompt)
    if model.negative:
        yield Parameter("negativePrompt", low=2, high=most_prompt)
    if model.cfg:
        yield Parameter("CFGScale", "number", low=0, high=1)
    if model.sizes:
        yield Parameter("width", "whole")
        yield Parameter("height", "whole")
    if model.resolutions:
        yield Parameter("resolution", values=model.resolutions, folds=True)
    if model.seconds:
        yield Parameter("duration", "whole")
    if model.legacy_frames:
        yield _legacy_frames
    yield Parameter("inputs", "object", children=tuple(_inputs(model)))
    if model.settings:
        yield Parameter("providerSettings", "any")


def _inputs(model: ClipModel) -> Iterator[Parameter]:
    if model.sort is Sort.LIPS:
        yield Parameter("video", required=True)
    if model.sort is Sort.AVATAR:
        yield Parameter("image", required=True)
    if model.sort in (Sort.LIPS, Sort.AVATAR):
        yield Parameter("audio", required=True)
        return
    if model.frames_in_inputs:
        yield _frames
    if model.references:
        yield Parameter("referenceImages", "list", low=1, high=model.references, item="text")
    if model.motion:
        yield Parameter("referenceVideos", "list", low=1, high=1, item="text")
    if model.voices:
        yield Parameter("referenceVoices", "list", low=1, item="text")
    if model.sort in (Sort.OMNI, Sort.UNIFIED):
        yield Parameter("referenceVideos", "list", low=1, high=1, item="any")
        yield Parameter("video")


def _provider_settings(given: Any, model: ClipModel) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("providerSettings", "expected an object")
    for name in given:
        if name != "klingai":
            text = f"'providerSettings.{name}' does not belong to the provider of this model"
            raise Rebuff(400, "mismatchProviderSettingsProvider", text, "providerSettings")
    table = tuple(_settings[name] for name in model.settings)
    own = Parameter("klingai", "object", children=table)
    found: dict[str, Any] = read(given, (own,), "providerSettings.").get("klingai", {})
    return found


def feature_clip(given: Any, name: str) -> str:
    """The clip of `referenceVideos` where it is an object; a bare one is taken where the page shows no form."""
    if isinstance(given, str):
        return given
    if not isinstance(given, dict):
        raise invalid(name, "expected an object")
    values = read(given, _feature, f"{name}.")
    if "referType" not in values and "type" not in values:
        raise invalid(f"{name}.referType", "expected one of feature")
    text: str = values["video"]
    return text
