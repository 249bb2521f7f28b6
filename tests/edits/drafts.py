"""Random storyboards as plain values, random edits of what they mean, and random ways to write them down.

A draft says what is made; a layout says how that is written. Two layouts of one draft must cost nothing, whatever they
rename, reorder, move or reformat.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

Axes = dict[str, tuple[str, ...]]
words = ("boat", "lake", "door", "kite", "fox", "lamp", "pier", "tent", "rose", "snow")
ratios = ("16:9", "9:16", "1:1")


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One step. `mentions` are axes that its prompt names; `above` is the step or input it is wired to."""

    number: int
    prompt: str
    kind: str = "text-to-image"
    ratio: str = "16:9"
    mentions: tuple[str, ...] = ()
    takes: int = 1
    pick: int = 1
    above: int = -1  # number of a step; -1 for none, -2 for the input
    extra: str = ""
    negative: str = ""
    exclude: tuple[str, str] = ("", "")  # an axis and a value that is left out


@dataclass(frozen=True, slots=True)
class Draft:
    """What a storyboard makes."""

    axes: Axes
    steps: tuple[DraftStep, ...]
    pixel: int = 0  # colour of the input's one pixel
    lines: dict[str, str] = field(default_factory=dict)  # a text by axis value, which prompts look up

    def at(self, number: int) -> DraftStep:
        return next(step for step in self.steps if step.number == number)

    def with_step(self, step: DraftStep) -> Draft:
        return replace(self, steps=tuple(step if one.number == step.number else one for one in self.steps))


def random_draft(chance: random.Random) -> Draft:
    """Three to six steps over no, one or two axes."""
    names = chance.sample(("locale", "season", "shape"), chance.randint(0, 2))
    axes = {name: tuple(f"{name[:2]}{value}" for value in range(chance.randint(1, 3))) for name in names}
    lines = {value: f"line {value}" for values in axes.values() for value in values}
    draft = Draft(axes, (), chance.randint(0, 255), lines)
    for _ in range(chance.randint(3, 6)):
        draft = _added(draft, chance)
    return draft


def _added(draft: Draft, chance: random.Random) -> Draft:
    number = max((step.number for step in draft.steps), default=0) + 1
    if draft.steps and chance.random() < 0.25:  # a twin, whose requests are those of another step
        return replace(draft, steps=(*draft.steps, replace(chance.choice(draft.steps), number=number)))
    takes = chance.choice((1, 1, 2, 3))
    step = DraftStep(
        number,
        f"{chance.choice(words)} {chance.choice(words)} {number}",
        ratio=chance.choice(ratios),
        mentions=tuple(axis for axis in draft.axes if chance.random() < 0.4),
        takes=takes,
        pick=chance.randint(1, takes),
        negative=chance.choice(("", "", "fog")),
    )
    if draft.steps and chance.random() < 0.6:
        above = chance.choice([-2, *(one.number for one in draft.steps if one.kind != "speech")])
        step = replace(step, kind="image-to-image", above=above)
    elif chance.random() < 0.15:
        step = replace(step, kind="speech", negative="")
    return replace(draft, steps=(*draft.steps, step))


# edits of the meaning


def _reworded(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    return draft.with_step(replace(step, prompt=f"{chance.choice(words)} {chance.randint(10, 99)} {step.number}"))


def _reshaped(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    return draft.with_step(replace(step, ratio=chance.choice(ratios)))


def _more_takes(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    return draft.with_step(replace(step, takes=min(step.takes + 1, 4)))


def _fewer_takes(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    takes = max(1, step.takes - 1)
    return draft.with_step(replace(step, takes=takes, pick=min(step.pick, takes)))


def _other_pick(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    return draft.with_step(replace(step, pick=chance.randint(1, step.takes)))


def _rewired(draft: Draft, chance: random.Random) -> Draft:
    wired = [step for step in draft.steps if step.above != -1]
    if not wired:
        return draft
    step = chance.choice(wired)
    earlier = [one.number for one in draft.steps if one.number < step.number and one.kind != "speech"]
    return draft.with_step(replace(step, above=chance.choice([-2, *earlier])))


def _other_input(draft: Draft, chance: random.Random) -> Draft:
    return replace(draft, pixel=chance.randint(0, 255))


def _other_line(draft: Draft, chance: random.Random) -> Draft:
    if not draft.lines:
        return draft
    value = chance.choice(sorted(draft.lines))
    return replace(draft, lines={**draft.lines, value: f"line {value} {chance.randint(10, 99)}"})


def _more_values(draft: Draft, chance: random.Random) -> Draft:
    if not draft.axes:
        return draft
    axis = chance.choice(sorted(draft.axes))
    value = f"{axis[:2]}{len(draft.axes[axis])}"
    return replace(
        draft,
        axes={**draft.axes, axis: (*draft.axes[axis], value)},
        lines={**draft.lines, value: f"line {value}"},
    )


def _left_out(draft: Draft, chance: random.Random) -> Draft:
    able = [step for step in draft.steps if any(len(draft.axes[axis]) > 1 for axis in step.mentions)]
    if not able:
        return draft
    step = chance.choice(able)
    axis = chance.choice([axis for axis in step.mentions if len(draft.axes[axis]) > 1])
    return draft.with_step(replace(step, exclude=(axis, chance.choice(draft.axes[axis]))))


def _twinned_wires(draft: Draft, chance: random.Random) -> Draft:
    """A step is wired to the twin of what it was wired to."""
    wired = [step for step in draft.steps if step.above > 0]
    if not wired:
        return draft
    step = chance.choice(wired)
    of = replace(draft.at(step.above), number=0)
    twins = [one.number for one in draft.steps if replace(one, number=0) == of and one.number != step.number]
    above = chance.choice(twins)
    return draft.with_step(replace(step, above=above)) if above < step.number else draft


def _removed(draft: Draft, chance: random.Random) -> Draft:
    needed = {step.above for step in draft.steps}
    free = [step for step in draft.steps if step.number not in needed]
    gone = chance.choice(free)
    kept = tuple(step for step in draft.steps if step is not gone)
    return replace(draft, steps=kept) if kept else draft


def _extra(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    return draft.with_step(replace(step, extra=chance.choice(("", "true", "false"))))


def _negative(draft: Draft, chance: random.Random) -> Draft:
    step = chance.choice(draft.steps)
    return draft.with_step(replace(step, negative=chance.choice(("", "fog", "rain"))))


Edit = Callable[[Draft, random.Random], Draft]
edits: tuple[Edit, ...] = (
    _reworded, _reshaped, _more_takes, _fewer_takes, _other_pick, _rewired, _other_input, _other_line, _more_values,
    _left_out, _twinned_wires, _removed, _extra, _negative, _added,
)  # fmt: skip


def edited(draft: Draft, chance: random.Random) -> Draft:
    """The draft after one to three edits."""
    for _ in range(chance.randint(1, 3)):
        draft = chance.choice(edits)(draft, chance)
    return draft
