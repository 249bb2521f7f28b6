"""Addresses as people type them: `spot` is every member of a step, `spot[locale=de]` those at that value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kling_pipe.errors import UsageFailure
from kling_pipe.story.axes import Member, address_form
from kling_pipe.story.spelling import nearest, one_of, shown
from kling_pipe.story.storyboard import Storyboard


def members_named(storyboard: Storyboard, words: Sequence[str]) -> tuple[str, ...]:
    """The addresses of all members that the words name, each once, in the storyboard's order; raises UsageFailure."""
    if not words:
        return ()
    found = {address for word in words for address in _named(storyboard, word)}
    return tuple(address for address in storyboard.members if address in found)


def _named(storyboard: Storyboard, word: str) -> list[str]:
    if word in storyboard.members:
        return [word]
    try:
        wanted = Member.parse(word)
    except ValueError:
        message = f"{shown(word)} is no address"
        raise UsageFailure("unknown-step", message, hint=address_form) from None
    members = [Member.parse(address) for address, step in storyboard.members.items() if step.id == wanted.step]
    if not members:
        raise _unknown_step(storyboard, wanted.step)
    pins = set(wanted.coordinates)
    found = [member.address for member in members if pins <= set(member.coordinates)]
    return found or _raise_no_member(wanted, members)


def _unknown_step(storyboard: Storyboard, name: str) -> UsageFailure:
    close = nearest(name, dict.fromkeys(step.id for step in storyboard.members.values()))
    hint = f"did you mean `{close}`?" if close else "`kling-pipe plan` lists the steps"
    return UsageFailure("unknown-step", f"there is no step `{name}`", hint=hint)


def _raise_no_member(wanted: Member, members: Sequence[Member]) -> list[str]:
    """Says which axis or value is wrong, or that they do not come together."""
    step, axes = wanted.step, members[0].axes
    for axis, value in wanted.coordinates:
        if axis not in axes:
            hint = _nearest(axis, axes) if axes else f"`{step}` is made once: write `{step}`"
            raise UsageFailure("unknown-axis", f"`{step}` has no axis `{axis}`", hint=hint)
        values = dict.fromkeys(dict(member.coordinates)[axis] for member in members)
        if value not in values:
            message = f"`{step}` has no member at `{axis}={value}`"
            raise UsageFailure("unknown-axis", message, hint=_nearest(value, values))
    hint = f"write `{step}` for all {len(members)}"
    raise UsageFailure("unknown-axis", f"`{step}` has no member `{wanted.address}`", hint=hint)


def _nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = nearest(name, known)
    return f"did you mean `{close}`?" if close else one_of(known)
