"""What a clip's task gives to be filmed: frames, references and voices, and what may stand beside what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.providers.runware import fake_limits
from kling_pipe.providers.runware.fake_errors import incompatible, invalid, missing, unsupported
from kling_pipe.providers.runware.fake_media import Desk
from kling_pipe.providers.runware.fake_models import ClipModel
from kling_pipe.simulator.inputs import InputFile

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frames:
    """The first and the last frame, as they were given, and where each stands in the task."""

    first: str = ""
    last: str = ""
    first_name: str = ""
    last_name: str = ""

    def __bool__(self) -> bool:
        return bool(self.first_name)


def frames_of(values: Values, model: ClipModel) -> Frames:
    """The frames of either key; raises Rebuff for those that the model does not take."""
    legacy, own = values.get("frameImages", []), values["inputs"].get("frameImages", [])
    if legacy and own:
        raise incompatible("frameImages", "'frameImages' cannot be used with 'inputs.frameImages'")
    where = "frameImages" if legacy else "inputs.frameImages"
    key = "inputImage" if legacy else "image"
    found: dict[str, tuple[str, str]] = {}
    for index, one in enumerate(legacy or own):
        which = one["frame"]
        if which in found:
            raise invalid(f"{where}[{index}].frame", f"there is a {which} frame already")
        if which == "last" and not model.last:
            raise unsupported(f"{where}[{index}].frame", "this model takes a first frame only")
        found[which] = one[key], f"{where}[{index}].{key}"
    if "last" in found and "first" not in found:
        raise invalid(where, "a last frame needs a first frame")
    (first, first_name), (last, last_name) = found.get("first", ("", "")), found.get("last", ("", ""))
    return Frames(first, last, first_name, last_name)


def check_begins(frames: Frames, model: ClipModel) -> None:
    """Some models make nothing from words alone."""
    if not frames and not model.from_text:
        raise missing("frameImages")


def check_edit(values: Values, frames: Frames) -> None:
    """An edit follows its clip, so nothing else says how large it is or how it begins."""
    if frames:
        raise incompatible("inputs.frameImages", "'inputs.frameImages' cannot be used with 'inputs.video'")
    if "referenceVideos" in values["inputs"]:
        raise incompatible("inputs.referenceVideos", "'inputs.referenceVideos' cannot be used with 'inputs.video'")
    for name in ("width", "resolution"):
        if name in values:
            raise unsupported(name, f"'{name}' follows 'inputs.video'")


def check_count(inputs: Values, most: int) -> None:
    """Fewer references may stand beside a video."""
    if len(inputs.get("referenceImages", [])) > most:
        raise invalid("inputs.referenceImages", f"expected at most {most} items beside a video")


async def frame(frames: Frames, which: str, model: ClipModel, desk: Desk) -> InputFile | None:
    """The file of the first or the last frame."""
    name, text = (frames.first_name, frames.first) if which == "first" else (frames.last_name, frames.last)
    return await desk.file(name, text, fake_limits.pictures[model.picture_limit]) if name else None


async def references_of(values: Values, model: ClipModel, desk: Desk) -> tuple[InputFile, ...]:
    """The files of the reference images."""
    limit = fake_limits.pictures[model.picture_limit]
    given = values["inputs"].get("referenceImages", [])
    found = [await desk.file(f"inputs.referenceImages[{index}]", text, limit) for index, text in enumerate(given)]
    return tuple(found)


async def check_voices(values: Values, desk: Desk) -> None:
    """Looks at every voice; what is made of it is the world's own."""
    for index, text in enumerate(values["inputs"].get("referenceVoices", [])):
        await desk.file(f"inputs.referenceVoices[{index}]", text, fake_limits.voice)


def has_sound(values: Values, model: ClipModel) -> bool:
    """Whether the clip is to be heard; Kling's own page says of 3.0 Turbo that it always is (kling.md section 11)."""
    return model.always_sounds or bool(values["settings"].get("sound") or values["inputs"].get("referenceVoices"))
