"""What the parameters of a clip may be together: words, shots, sizes and lengths (runware.md sections 9 and 10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.runware import fake_sizes
from kling_pipe.providers.runware.fake_errors import incompatible, invalid, missing, unsupported
from kling_pipe.providers.runware.fake_models import ClipModel, Sides, Sort

Shots = tuple[tuple[str, float], ...]

_segments = "providerSettings.klingai.multiPrompt"
_written_shot = re.compile(r"\s*shot (\d+), ?(\d+), ?([^;]+);?", re.IGNORECASE)


def sides_of(values: Mapping[str, Any], model: ClipModel) -> Sides | None:
    """The size that is asked for, out of the model's list."""
    for name, other in (("width", "height"), ("height", "width")):
        if name in values and other not in values:
            raise missing(other)
    if "width" not in values:
        return None
    sides = values["width"], values["height"]
    if sides not in model.sizes:
        listed = ", ".join(f"{width}x{height}" for width, height in model.sizes)
        raise invalid("width", f"{sides[0]}x{sides[1]} is not a supported size, expected one of {listed}")
    return sides


def check_words(values: Mapping[str, Any], *, optional: bool) -> None:
    """A prompt, unless the shots bring their own: then there is none, and no duration either (section 9)."""
    if "multiPrompt" in values["settings"]:
        for name in ("positivePrompt", "duration"):
            if name in values:
                raise incompatible(name, f"'{name}' cannot be used with '{_segments}'")
    elif not optional and "positivePrompt" not in values:
        raise missing("positivePrompt")


def seconds_of(values: Mapping[str, Any], allowed: tuple[int, ...], usual: int) -> int:
    """The length that is asked for."""
    shots = shots_of(values)
    if shots:
        total = round(sum(seconds for _, seconds in shots))
        if total not in allowed:
            raise invalid(_segments, f"the segments last {total} seconds, expected {allowed[0]} to {allowed[-1]}")
        return total
    if "duration" not in values and not usual:
        raise missing("duration")
    seconds: int = values.get("duration", usual)
    if seconds not in allowed:
        raise invalid("duration", f"expected one of {', '.join(map(str, allowed))}")
    return seconds


def shots_of(values: Mapping[str, Any]) -> Shots:
    """The segments of a clip, each with its seconds."""
    given = values["settings"].get("multiPrompt", [])
    return tuple((one["prompt"], _segment_seconds(one["duration"], index)) for index, one in enumerate(given))


def check_shot_type(values: Mapping[str, Any], model: ClipModel) -> None:
    """3.0 lists `shotType` beside `multiPrompt`, so each needs the other there; O3 has no such setting."""
    settings = values["settings"]
    if "shotType" not in model.settings:
        return
    if "multiPrompt" in settings and "shotType" not in settings:
        raise missing("providerSettings.klingai.shotType")
    if "shotType" in settings and "multiPrompt" not in settings:
        raise missing(_segments)


def written_shots(values: Mapping[str, Any], seconds: int) -> Shots:
    """Shots in the prompt's own text, which only a model without settings reads (section 11)."""
    text: str = values.get("positivePrompt", "")
    if not _written_shot.match(text):
        return ()
    found = list(_written_shot.finditer(text))
    if "".join(one[0] for one in found) != text.rstrip() and _written_shot.sub("", text).strip():
        raise invalid("positivePrompt", "every shot is written as `shot N, seconds, text;`")
    if [int(one[1]) for one in found] != list(range(1, len(found) + 1)):
        raise invalid("positivePrompt", "the shots are numbered from 1")
    shots = tuple((one[3].strip(), float(min(int(one[2]), 1000))) for one in found)
    if sum(length for _, length in shots) != seconds:
        raise invalid("positivePrompt", f"the seconds of the shots must sum to {seconds}")
    return shots


def check_orientation(values: Mapping[str, Any], model: ClipModel) -> None:
    """Settings of motion control need the clip whose motion is followed."""
    for name in ("characterOrientation", "keepOriginalSound"):
        if model.sort is Sort.MODERN and name in values["settings"]:
            raise incompatible(
                f"providerSettings.klingai.{name}", f"'{name}' is only supported with 'inputs.referenceVideos'"
            )


def check_frame_size(sides: Sides | None, values: Mapping[str, Any], *, frames: bool) -> None:
    """Exactly one of frames and size; where the model has `resolution`, it can stand for the size."""
    if frames and sides is not None:
        raise incompatible("width", "'width' and 'height' cannot be used with 'inputs.frameImages'")
    if not frames and sides is None and "resolution" not in values:
        raise missing("width")


def clip_tier(values: Mapping[str, Any], model: ClipModel, sides: Sides | None) -> str:
    """The resolution class of a clip."""
    tier: str = values.get("resolution", fake_sizes.tier_of(sides) if sides else model.tier)
    if sides is not None and fake_sizes.tier_of(sides) != tier:
        raise unsupported("resolution", "'resolution' and the size do not belong together")
    return tier


def _segment_seconds(value: Any, index: int) -> float:
    name = f"{_segments}[{index}].duration"
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 4:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 15:
        raise invalid(name, "expected whole seconds from 1 to 15")
    return float(value)
