"""Rules of single steps that hold whatever the model; to add one, write it and add it to `every_kind` or `of_kind`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache

from kling_pipe.errors import Problem
from kling_pipe.story import kind_rules
from kling_pipe.story.kinds import kinds
from kling_pipe.story.mentions import mentions_lead_somewhere
from kling_pipe.story.storyboard import Step
from kling_pipe.values.media import MediaType

StepRule = Callable[[Step, Set[str]], Iterator[Problem]]  # a step, and the keys of it that say something


def check_step(step: Step) -> Iterator[Problem]:
    """All problems of one step."""
    present = _present(step)
    for rule in _rules_of(step.kind):
        yield from rule(step, present)


def _present(step: Step) -> set[str]:
    """The keys that say something: wired, or neither off nor empty."""
    present = {key for key, value in step.parameters.items() if value}
    present.update(wire.name.partition(".")[0] for wire in step.wires)
    return present


def _words_are_said(step: Step, _present: Set[str]) -> Iterator[Problem]:
    """A blank prompt would be paid for like any other."""
    kind = kinds[step.kind]
    for key in kind.texts:
        text = step.parameters.get(key)
        if isinstance(text, str) and key != "negative_prompt" and not text.strip():
            heard = kind.makes is MediaType.AUDIO and key != "text"
            hint = "say what is to be heard" if heard else _said.get(key, "say something")
            yield Problem("blank-prompt", f"`{key}` is blank", step.span_of(key), hint)


_said = {"prompt": "say what is to be seen", "text": "say what is to be spoken"}


def _prompt_or_shots(step: Step, _present: Set[str]) -> Iterator[Problem]:
    # native page, section 12, text2video and omni-video: sure.
    if "prompt" not in step.parameters and not isinstance(step.parameters.get("shots"), tuple):
        hint = "add `prompt`, or `shots` with a list"
        yield Problem("missing-key", "`prompt` is missing", step.span, hint)


def _prompt_or_references(step: Step, present: Set[str]) -> Iterator[Problem]:
    # native page, section 12: generations needs one with a picture, multi-image2image does not: likely.
    if "prompt" not in step.parameters and "references" not in present:
        yield Problem("missing-key", "`prompt` is missing", step.span, "say what becomes of the picture")


def _one_of(first: str, second: str, hint: str) -> StepRule:
    """Either of two keys must be there."""

    def rule(step: Step, present: Set[str]) -> Iterator[Problem]:
        if first not in present and second not in present:
            yield Problem("missing-key", f"`{first}` or `{second}` is missing", step.span, hint)

    return rule


def _needs(step: Step, present: Set[str]) -> Iterator[Problem]:
    for key, needed, hint in _needed_keys[step.kind]:
        # A switch that is turned off speaks of a thing as much as one that is turned on.
        if (key in present or step.parameters.get(key) is False) and needed not in present:
            yield Problem("needs-key", f"`{key}` needs `{needed}`", step.span_of(key), hint)


_of_text = ("text", "it belongs to spoken text: add `text`, or remove it")
_voices = ("voices", "sound", "add `sound: true`")  # native page, section 12, image2video: likely
_needed_keys: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    # native page, section 12, generations: sure
    "image-to-image": (("image_reference", "image", "add the picture it is taken from"),),
    "text-to-video": (_voices,),
    "image-to-video": (
        _voices,
        ("static_mask", "image", "a mask belongs to a picture: add `image`"),
        ("dynamic_masks", "image", "a mask belongs to a picture: add `image`"),
    ),
    # native page, section 12, omni-video, video_list: sure
    "omni-video": (
        ("refer_type", "video", "add the clip that it speaks of"),
        ("keep_original_sound", "video", "add the clip that has the sound"),
    ),
    # native page, section 12, tts, by which text becomes sound: sure
    "lip-sync": (
        ("text", "voice", "add the id of a speech voice, such as `voice: oversea_male1`"),
        ("voice", *_of_text),
        ("language", *_of_text),
        ("speed", *_of_text),
    ),
}


def _exclusions(step: Step, present: Set[str]) -> Iterator[Problem]:
    for first, second in _exclusive_keys[step.kind]:
        if first in present and second in present:
            message = f"`{first}` and `{second}` exclude each other"
            yield Problem("exclusive-keys", message, step.span_of(second), "remove one of them")


_exclusive_keys: Mapping[str, tuple[tuple[str, str], ...]] = {
    "image-to-video": (
        # native page, section 12, image2video: sure
        ("image_tail", "static_mask"), ("image_tail", "dynamic_masks"), ("image_tail", "camera_control"),
        ("static_mask", "camera_control"), ("dynamic_masks", "camera_control"),
        # the same section, disputed in part; the service refuses rather than ignores
        ("elements", "voices"),
    ),
    "lip-sync": (("audio", "text"),),  # native page, section 12, advanced-lip-sync, audio_id or sound_file: sure
    "element": (("images", "video"),),  # native page, section 12, advanced-custom-elements, reference_type: sure
    "voice": (("audio", "video"),),  # native page, section 12, custom-voices: sure
}  # fmt: skip


def _shots_sum_up(step: Step, _present: Set[str]) -> Iterator[Problem]:
    # native page, section 12, multi_prompt: durations must add up to duration, sure; 3 to 15 seconds on every model.
    shots, wanted = step.parameters.get("shots"), step.parameters.get("duration")
    if not isinstance(shots, tuple) or not isinstance(wanted, int):
        return
    total = sum(shot["duration"] for shot in shots)
    if "duration" not in step.spans and not 3 <= total <= 15:
        message = f"the shots last {total} s together, a clip lasts 3 to 15 s"
        yield Problem("out-of-range", message, step.span_of("shots"), "change the shots' durations")
    elif total != wanted:
        message = f"the shots last {total} s together, `duration` is {wanted}"
        hint = f"write `duration: {total}`, or change a shot"
        yield Problem("shots-sum", message, step.span_of("duration"), hint)


def _camera_config(step: Step, _present: Set[str]) -> Iterator[Problem]:
    # native page, section 12, camera_control.config: required for simple, absent else, exactly one not zero: sure.
    control = step.parameters.get("camera_control")
    if not isinstance(control, Mapping):
        return
    config = control.get("config")
    moves = [name for name, amount in (config or {}).items() if amount]
    if control["type"] != "simple":
        if config is not None:
            message = f"`camera_control` of type `{control['type']}` takes no `config`"
            hint = "remove `config`, or write `type: simple`"
            yield Problem("exclusive-keys", message, step.span_of("camera_control.config"), hint)
    elif len(moves) != 1:
        found = "none" if not moves else " and ".join(f"`{name}`" for name in moves)
        message = f"a simple camera move has one amount that is not zero, found {found}"
        span = step.span_of("camera_control.config" if config is not None else "camera_control")
        yield Problem("camera-config", message, span, "write `config: {zoom: 4}`, for example")


every_kind: tuple[StepRule, ...] = (_words_are_said, mentions_lead_somewhere)

of_kind: Mapping[str, tuple[StepRule, ...]] = {
    # native page, section 12, generations and multi-image2image: sure
    "image-to-image": (
        _one_of("image", "references", "add `image: steps.ID`, or `inputs.ID`"),
        _prompt_or_references,
        _needs,
    ),
    "expand-image": (kind_rules.margins_fit,),
    "text-to-video": (_prompt_or_shots, _needs, _shots_sum_up, _camera_config, kind_rules.shots_have_their_key),
    "image-to-video": (
        # native page, section 12, image2video: sure
        # Whether a picture needs words beside it is the model's affair: not every road wants them.
        _one_of("image", "image_tail", "add `image: steps.ID`, or `inputs.ID`"),
        _needs,
        _exclusions,
        _shots_sum_up,
        _camera_config,
        kind_rules.shots_have_their_key,
    ),
    "omni-video": (_prompt_or_shots, _needs, _shots_sum_up, kind_rules.shots_have_their_key),
    "extend-video": (kind_rules.shots_have_their_key,),
    "edit-elements": (
        kind_rules.pictures_suit_the_edit,
        kind_rules.edit_knows_its_thing,
        kind_rules.frames_are_marked_once,
        kind_rules.edit_names_its_media,
    ),
    "lip-sync": (
        _one_of("audio", "text", "add `audio: steps.ID`, or `text` with a `voice`"),
        _needs,
        _exclusions,
        kind_rules.sound_is_long_enough,
        kind_rules.one_decimal("speed"),
    ),
    "text-to-audio": (kind_rules.one_decimal("duration"),),
    "speech": (kind_rules.one_decimal("speed"),),
    "element": (
        _one_of("images", "video", "add `images` with two to four pictures, or `video: steps.ID`"),
        _exclusions,
    ),
    "voice": (_one_of("audio", "video", "add `audio: inputs.ID`, or `video: steps.ID`"), _exclusions),
}


@cache
def _rules_of(kind: str) -> tuple[StepRule, ...]:
    return (*every_kind, *of_kind.get(kind, ()))
