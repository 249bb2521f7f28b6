"""Rules that hold for every storyboard whatever the model; what one model cannot do is the catalogue's.

Each rule is a function of the storyboard that yields problems; to add one, write it and add it to `rules`. Rules of
single steps stand in `step_rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kling_pipe.errors import Problem, Severity
from kling_pipe.story.spelling import nearest, one_of
from kling_pipe.story.step_rules import check_step
from kling_pipe.story.storyboard import InputFile, InputUrl, Step, StepOutput, Storyboard


def check_rules(storyboard: Storyboard, unread: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
    """All problems of all rules. `unread` names steps that have errors of their own and are not in the storyboard."""
    return tuple(problem for rule in rules for problem in rule(storyboard, unread))


def _pick_is_a_take(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    for step in storyboard.members.values():
        if step.pick > step.takes:
            takes = "there is one take" if step.takes == 1 else f"there are {step.takes} takes"
            hint = f"raise `takes` to {step.pick}, or pick another"
            yield Problem("no-such-take", f"`pick` is {step.pick} and {takes}", step.span_of("pick"), hint)


def _after_names_steps(storyboard: Storyboard, unread: frozenset[str]) -> Iterator[Problem]:
    known = {*storyboard.members, *unread}
    for step in storyboard.members.values():
        for index, name in enumerate(step.after):
            if name not in known:
                bare = name.removeprefix("steps.")
                guess = bare if bare in known else nearest(bare, known)
                hint = f"write `{guess}`" if guess == bare else f"did you mean `{guess}`?" if guess else one_of(known)
                yield Problem("unknown-step", f"there is no step `{name}`", step.span_of(f"after[{index}]"), hint)


def _no_cycles(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    """Depth first without recursion; every circle is told once, where it closes."""
    steps = storyboard.members
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
            yield wire.reference.member, wire.field
    for index, name in enumerate(step.after):
        yield name, f"after[{index}]"


def _steps_hold(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    for step in storyboard.members.values():
        yield from check_step(step)


def _speech_has_its_own_voices(storyboard: Storyboard, _unread: frozenset[str]) -> Iterator[Problem]:
    # native page, section 12, tts: ids of other voices are refused with 1201, sure.
    for step in storyboard.members.values():
        voice = step.parameters.get("voice") if step.kind in ("speech", "lip-sync") else None
        named = storyboard.members.get(voice) if isinstance(voice, str) else None
        made = named is not None and named.kind == "voice"
        if isinstance(voice, str) and (made or voice.isdecimal() or voice.startswith(("steps.", "inputs."))):
            message = f"`voice` takes the id of a speech voice, `{voice}` is none"
            hint = "write an id such as `oversea_male1`; made voices speak in clips, under `voices`"
            yield Problem("wrong-media", message, step.span_of("voice"), hint)


def _inputs_are_used(storyboard: Storyboard, unread: frozenset[str]) -> Iterator[Problem]:
    if unread:
        return  # a step with errors may use them
    shared = {name for name, entry in storyboard.inputs.items() if entry.span.path != storyboard.path}
    used = {wire.reference for step in storyboard.members.values() for wire in step.wires}
    used |= {delivery.reference for delivery in storyboard.deliveries}
    names = {reference.name for reference in used if isinstance(reference, InputFile | InputUrl)}
    for name, entry in storyboard.inputs.items():
        if name not in names and name not in shared:  # an included file serves other storyboards too
            message = f"the input `{name}` is not used"
            yield Problem("unused-input", message, entry.span, "remove it, or wire it", Severity.WARNING)


Rule = Callable[[Storyboard, frozenset[str]], Iterator[Problem]]

rules: tuple[Rule, ...] = (
    _steps_hold,
    _pick_is_a_take,
    _after_names_steps,
    _no_cycles,
    _speech_has_its_own_voices,
    _inputs_are_used,
)
