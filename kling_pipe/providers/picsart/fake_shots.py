"""Multi-shot: one clip cut from up to six prompts, or cut as the service likes (picsart.md sections 3, 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kling_pipe.providers.picsart.fake_fields import Asked, Field, missing, wrong
from kling_pipe.providers.picsart.fake_making import barred

Shots = tuple[tuple[str, float], ...]

seconds_values = tuple(str(seconds) for seconds in range(3, 16))  # section 7: every whole number, not six of them


def fields(types: tuple[str, ...]) -> tuple[Field, ...]:
    """The three fields; `types` are the model's kinds of cutting."""
    return (
        Field("multi_shot", "switch"),
        Field("shot_type", values=types),
        Field(
            "multi_prompt",
            "list",
            least=1,
            most=6,
            children=(
                Field("index", "whole", required=True),
                Field("prompt", required=True),
                Field("duration", required=True),
            ),
        ),
    )


def check(values: Mapping[str, Any], asked: Asked) -> None:
    """The prompt or the shots, and never both."""
    if not values.get("multi_shot"):
        barred(("shot_type", "multi_prompt"), values, "without multi_shot")
        if "prompt" not in values and asked is Asked.MAKING:
            raise missing("prompt")
        return
    if "multi_prompt" in values:
        barred(("prompt",), values, "with multi_prompt")
        _check_parts(values)
    if asked is Asked.PRICE:
        return
    if "shot_type" not in values:
        raise missing("shot_type")
    if values["shot_type"] == "customize" and "multi_prompt" not in values:
        raise missing("multi_prompt")
    # Section 3 leaves the prompt out with multi_shot, and says nothing of how `intelligence` is told what to cut: by a
    # prompt or by shots, but not by nothing.
    if "multi_prompt" not in values and "prompt" not in values:
        raise missing("prompt or multi_prompt")


def _check_parts(values: Mapping[str, Any]) -> None:
    parts = values["multi_prompt"]
    first = parts[0].get("index")
    # Section 7: counted from 0 by the tool, from 1 in the SDK's example; either, without gaps.
    if first not in (0, 1) or [part.get("index") for part in parts] != list(range(first, first + len(parts))):
        raise wrong("multi_prompt index values must be consecutive, beginning with 0 or 1")
    for number, part in enumerate(parts):
        text = part.get("duration", "")
        if not (text.isascii() and text.isdecimal() and len(text) < 3 and int(text) >= 1):
            raise wrong(f"multi_prompt[{number}].duration must be whole seconds")
    total = sum(int(part["duration"]) for part in parts)
    if total != int(values.get("duration", "5")):
        raise wrong("the durations of multi_prompt must add up to duration")


def of(values: Mapping[str, Any], seconds: int) -> Shots:
    """The shots with their seconds."""
    if not values.get("multi_shot"):
        return ()
    if "multi_prompt" in values:
        return tuple((part["prompt"], float(part["duration"])) for part in values["multi_prompt"])
    prompt = values["prompt"]  # cut as the service likes: here in two
    return ((prompt, float(seconds - seconds // 2)), (prompt, float(seconds // 2)))
