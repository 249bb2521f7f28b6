"""Rules that hold for every storyboard whatever the model; what one model cannot do is the catalogue's.

Each rule is a function of the storyboard that yields problems; to add one, write it and add it to `rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kling_pipe.errors import Problem, Severity
from kling_pipe.story.spelling import nearest, one_of
from kling_pipe.story.storyboard import InputFile, InputUrl, Step, StepOutput, Storyboard


def check_rules(storyboard: Storyboard, unread: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
    """All problems of all rules. `unread` names steps that have errors of their own and are not in the storyboard."""
    return tuple(problem for rule in rules for problem in rule(storyboard, unread))


def _pick_is_a_take(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    for step in storyboard.steps.values():
        if step.pick > step.takes:
            takes = "there is one take" if step.takes == 1 else f"there are {step.takes} takes"
            hint = f"raise `takes` to {step.pick}, or pick another"
            yield Problem("no-such-take", f"`pick` is {step.pick} and {takes}", step.span_of("pick"), hint)


def _after_names_steps(storyboard: Storyboard, unread: frozenset[str]) -> Iterator[Problem]:
    known = {*storyboard.steps, *unread}
    for step in storyboard.steps.values():
        for index, name in enumerate(step.after):
            if name not in known:
                bare = name.removeprefix("steps.")
                guess = bare if bare in known else nearest(bare, known)
                hint = f"write `{guess}`" if guess == bare else f"did you mean `{guess}`?" if guess else one_of(known)
                yield Problem("unknown-step", f"there is no step `{name}`", step.span_of(f"after[{index}]"), hint)


def _words_are_said(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    """A blank prompt would be paid for like any other."""
    for step in storyboard.steps.values():
        prompt = step.parameters.get("prompt")
        if isinstance(prompt, str) and not prompt.strip():
            yield Problem("blank-prompt", "`prompt` is blank", step.span_of("prompt"), "say what is to be seen")


def _no_cycles(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    """Depth first without recursion; every circle is told once, where it closes."""
    steps = storyboard.steps
    done: set[str] = set()
    for start in steps:
        trail: list[str] = []
        on_trail: set[str] = set()
        waiting = [(start, False)] if start not in done else []
        while waiting:
            name, leaving = waiting.pop()
            if leaving:
                trail.pop()
                on_trail.discard(name)
                done.add(name)
                continue
            if name in done:
                continue
            if name in on_trail:
                continue
            trail.append(name)
            on_trail.add(name)
            waiting.append((name, True))
            for above, key in _above(steps[name]):
                if above in on_trail:
                    circle = _circle([*trail[trail.index(above) :], above])
                    span = steps[name].span_of(key)
                    yield Problem("cycle", f"steps wait for each other: {circle}", span, "unwire one of them")
                elif above in steps and above not in done:
                    waiting.append((above, False))


def _circle(links: list[str]) -> str:
    """The steps of a circle, all of them or the first and last few."""
    shown = [f"`{link}`" for link in links]
    if len(shown) > 12:
        shown[6:-5] = [f"{len(shown) - 11} more"]
    return " → ".join(shown)


def _above(step: Step) -> Iterator[tuple[str, str]]:
    """The steps that a step waits for, with the key that says so."""
    for wire in step.wires:
        if isinstance(wire.reference, StepOutput):
            yield wire.reference.step, wire.field
    for index, name in enumerate(step.after):
        yield name, f"after[{index}]"


def _prompt_or_shots(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    # kling.md section 12, text2video and image2video: sure.
    for step in _of_kinds(storyboard, "text-to-video", "image-to-video"):
        if "prompt" not in step.parameters and not isinstance(step.parameters.get("shots"), tuple):
            hint = "add `prompt`, or `shots` with a list"
            yield Problem("missing-key", "`prompt` is missing", step.span, hint)
    # kling.md section 12: generations needs one with a picture, multi-image2image does not: likely.
    for step in _of_kinds(storyboard, "image-to-image"):
        if "prompt" not in step.parameters and not _wired(step, "references"):
            yield Problem("missing-key", "`prompt` is missing", step.span, "say what becomes of the picture")


def _a_picture_to_begin_with(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    for kind, fields in _pictures_of_kinds.items():
        for step in _of_kinds(storyboard, kind):
            if not any(_wired(step, field) for field in fields):
                names = " or ".join(f"`{field}`" for field in fields)
                hint = f"add `{fields[0]}: steps.ID`, or `inputs.ID`"
                yield Problem("missing-key", f"{names} is missing", step.span, hint)


_pictures_of_kinds: Mapping[str, tuple[str, ...]] = {
    "image-to-image": ("image", "references"),  # kling.md section 12, generations and multi-image2image: sure
    "image-to-video": ("image", "image_tail"),  # kling.md section 12, image2video: sure
}


def _needs(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    for step in storyboard.steps.values():
        present = _present(step)
        for key, needed, hint in _needed_keys:
            if key in present and needed not in present:
                yield Problem("needs-key", f"`{key}` needs `{needed}`", step.span_of(key), hint)


_needed_keys = (
    ("image_reference", "image", "add the picture it is taken from"),  # kling.md section 12, generations: sure
    ("voices", "sound", "add `sound: true`"),  # kling.md section 12, image2video: likely
    ("static_mask", "image", "a mask belongs to a picture: add `image`"),
    ("dynamic_masks", "image", "a mask belongs to a picture: add `image`"),
)


def _exclusions(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    for step in storyboard.steps.values():
        present = _present(step)
        for first, second in _exclusive_keys:
            if first in present and second in present:
                message = f"`{first}` and `{second}` exclude each other"
                yield Problem("exclusive-keys", message, step.span_of(second), "remove one of them")


_exclusive_keys = (
    # kling.md section 12, image2video: sure
    ("image_tail", "static_mask"), ("image_tail", "dynamic_masks"), ("image_tail", "camera_control"),
    ("static_mask", "camera_control"), ("dynamic_masks", "camera_control"),
    # the same section, disputed in part; the service refuses rather than ignores
    ("elements", "voices"),
)  # fmt: skip


def _shots_sum_up(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    # kling.md section 12, multi_prompt: durations must add up to duration, sure; 3 to 15 seconds on every model.
    for step in storyboard.steps.values():
        shots, wanted = step.parameters.get("shots"), step.parameters.get("duration")
        if not isinstance(shots, tuple) or not isinstance(wanted, int):
            continue
        total = sum(shot["duration"] for shot in shots)
        if "duration" not in step.spans and not 3 <= total <= 15:
            message = f"the shots last {total} s together, a clip lasts 3 to 15 s"
            yield Problem("out-of-range", message, step.span_of("shots"), "change the shots' durations")
        elif total != wanted:
            message = f"the shots last {total} s together, `duration` is {wanted}"
            yield Problem(
                "shots-sum", message, step.span_of("duration"), f"write `duration: {total}`, or change a shot"
            )


def _camera_config(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    # kling.md section 12, camera_control.config: required for simple, absent else, exactly one not zero: sure.
    for step in storyboard.steps.values():
        control = step.parameters.get("camera_control")
        if not isinstance(control, Mapping):
            continue
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


def _inputs_are_used(storyboard: Storyboard, unread: frozenset[str]) -> Iterator[Problem]:
    if unread:
        return  # a step with errors may use them
    used = {wire.reference for step in storyboard.steps.values() for wire in step.wires}
    used |= {delivery.reference for delivery in storyboard.deliveries}
    names = {reference.name for reference in used if isinstance(reference, InputFile | InputUrl)}
    for name, entry in storyboard.inputs.items():
        if name not in names:
            message = f"the input `{name}` is not used"
            yield Problem("unused-input", message, entry.span, "remove it, or wire it", Severity.WARNING)


def _of_kinds(storyboard: Storyboard, *names: str) -> Iterator[Step]:
    return (step for step in storyboard.steps.values() if step.kind in names)


def _wired(step: Step, field: str) -> bool:
    return any(wire.name.partition(".")[0] == field for wire in step.wires)


def _present(step: Step) -> set[str]:
    """The keys that say something: wired, or neither off nor empty."""
    present = {key for key, value in step.parameters.items() if value}
    present.update(wire.name.partition(".")[0] for wire in step.wires)
    return present


Rule = Callable[[Storyboard, frozenset[str]], Iterator[Problem]]

rules: tuple[Rule, ...] = (
    _words_are_said,
    _pick_is_a_take,
    _after_names_steps,
    _no_cycles,
    _a_picture_to_begin_with,
    _prompt_or_shots,
    _needs,
    _exclusions,
    _shots_sum_up,
    _camera_config,
    _inputs_are_used,
)
