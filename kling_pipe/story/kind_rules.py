"""Rules of one step kind each, by arithmetic or by what a mode asks for; `step_rules.of_kind` says which has which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set

from kling_pipe.errors import Problem
from kling_pipe.story.storyboard import Step

StepRule = Callable[[Step, Set[str]], Iterator[Problem]]


def margins_fit(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """`expand-image`: a picture grows, and to three times its area at most."""
    # native page, section 12, expand, rules: sure.
    names = [f"{side}_expansion_ratio" for side in ("up", "down", "left", "right")]
    up, down, left, right = (_number(step, name) for name in names)
    written = [name for name in names if name in step.parameters]
    if not up + down + left + right:
        message = "the picture grows on no side"
        span = step.span_of(written[0]) if written else step.span
        yield Problem("missing-key", message, span, "widen a side, as with `right_expansion_ratio: 0.5`")
    area = (1 + up + down) * (1 + left + right)
    if area > 3 + 1e-9:
        message = f"the picture would have {area:g} times its area, at most 3 times are possible"
        yield Problem("out-of-range", message, step.span_of(written[-1]), "make a margin smaller")


def sound_is_long_enough(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """`lip-sync`: the part of the sound that is used lasts two seconds or more."""
    # native page, section 12, advanced-lip-sync, rules: sure.
    start, end = _number(step, "sound_start_time"), _number(step, "sound_end_time")
    if "sound_end_time" in step.parameters and end - start < 2 - 1e-9:
        message = f"the sound is used from {start:g} s to {end:g} s, at least 2 s are needed"
        hint = f"write `sound_end_time: {start + 2:g}`, or more"
        yield Problem("out-of-range", message, step.span_of("sound_end_time"), hint)


def shots_have_their_key(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """A prompt is not in the shot syntax of the path-model standard: some roads read that, and refuse it where it does
    not add up, and others take it for words."""
    # native page, section 12, text-to-video/kling-3.0-turbo, prompt: sure.
    prompt = step.parameters.get("prompt")
    if not isinstance(prompt, str) or not _shot.match(prompt) or isinstance(step.parameters.get("shots"), tuple):
        return
    extends = step.kind == "extend-video"
    hint = "say it in other words" if extends else "write `shots: [{prompt: a kettle boils, duration: 3}]`"
    yield Problem("shots-in-words", "`prompt` is written as shots", step.span_of("prompt"), hint)


_shot = re.compile(r"\s*shot\s+\d+\s*,\s*\d+\s*,", re.IGNORECASE)


def one_decimal(key: str) -> StepRule:
    """A number that the service takes with one decimal."""

    # native page, section 12, text-to-audio and tts: likely.
    def rule(step: Step, _present: Set[str]) -> Iterator[Problem]:
        value = _number(step, key)
        if abs(value - round(value, 1)) > 1e-9:
            message = f"`{key}` is {value:g}, it can have one decimal"
            yield Problem("out-of-range", message, step.span_of(key), f"write `{key}: {round(value, 1):g}`")

    return rule


def pictures_suit_the_edit(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """`edit-elements`: each mode puts in its own number of pictures."""
    mode = step.parameters["edit_mode"]
    least, most = _pictures_of_modes[str(mode)]
    count = sum(wire.name == "references" for wire in step.wires)
    if count < least:
        hint = "add the picture of what is put in, such as `references: [inputs.ID]`"
        yield Problem("needs-key", f"`edit_mode: {mode}` needs `references`", step.span_of("edit_mode"), hint)
    elif count > most:
        takes = "one picture" if most else "no pictures"
        message = f"`edit_mode: {mode}` takes {takes}, `references` has {count}"
        hint = f"remove `references[{most}]`" if most else "remove `references`"
        yield Problem("too-many", message, step.span_of(f"references[{most}]"), hint)


# native page, section 12, multi-elements, image_list: sure.
_pictures_of_modes: Mapping[str, tuple[int, int]] = {"addition": (1, 2), "swap": (1, 1), "removal": (0, 0)}


def edit_knows_its_thing(step: Step, present: Set[str]) -> Iterator[Problem]:
    """`edit-elements`: what is swapped or removed is marked in the clip."""
    mode = step.parameters["edit_mode"]
    if mode in ("swap", "removal") and "selections" not in present:
        hint = "mark what is meant: `selections: [{frame_index: 0, points: [{x: 0.5, y: 0.4}]}]`"
        yield Problem("needs-key", f"`edit_mode: {mode}` needs `selections`", step.span_of("edit_mode"), hint)


def frames_are_marked_once(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """`edit-elements`: a frame has one entry, or its points could be more than the ten that are possible."""
    selections = step.parameters.get("selections")
    seen: set[object] = set()
    for index, selection in enumerate(selections if isinstance(selections, tuple) else ()):
        frame = selection["frame_index"]
        if frame in seen:
            span = step.span_of(f"selections[{index}].frame_index")
            yield Problem("frame-twice", f"frame {frame} is marked twice", span, "put all its points into one entry")
        seen.add(frame)


def edit_names_its_media(step: Step, present: Set[str]) -> Iterator[Problem]:
    """`edit-elements`: the prompt names the clip, and the picture where there is one."""
    # native page, section 12, multi-elements, prompt: sure.
    prompt = str(step.parameters["prompt"])
    named = {"<<<video_1>>>": "Delete the lamp post from <<<video_1>>>"}
    if "references" in present:
        named["<<<image_1>>>"] = "Put the bench of <<<image_1>>> into <<<video_1>>>"
    for mention, example in named.items():
        if mention not in prompt:
            message = f"`prompt` does not name `{mention}`"
            yield Problem("missing-mention", message, step.span_of("prompt"), f"write it like `{example}`")


def _number(step: Step, key: str) -> float:
    value = step.parameters.get(key, 0)
    return float(value) if isinstance(value, int | float) else 0.0
