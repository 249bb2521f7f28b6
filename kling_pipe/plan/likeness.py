"""How alike two recipes are, so that a step that was renamed and edited at once is told from a new one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from kling_pipe.plan.changes import Bytes, Group, Part
from kling_pipe.values.digest import canonical

alike = 0.7  # from here on two recipes of one kind are taken for one, edited
# A text weighs as much as so many settings, and so does an input: most settings are defaults that steps share.
_text_weight, _input_weight = 6, 3
_most_words = 2000


def likeness(now: Sequence[Part], before: Sequence[Part]) -> float:
    """From 0, nothing in common, to 1, the same recipe; 0 for different kinds."""
    one, other = _values(now), _values(before)
    kind = Group.HEAD, "kind"
    if not one or one.pop(kind, None) != other.pop(kind, None):
        return 0.0
    weight = total = 0.0
    for key in {**one, **other}:
        values = one.get(key), other.get(key)
        if Bytes("") in values:
            continue  # not made yet
        heavy = max(_weight(value) for value in values)
        weight += heavy
        total += heavy * _closeness(*values)
    return total / weight if weight else 0.0


def _values(parts: Sequence[Part]) -> dict[tuple[Group, str], object]:
    found: dict[tuple[Group, str], object] = {}
    for part in parts:
        if part.group is Group.HEAD and part.name not in ("kind", "model"):
            continue
        value = Bytes(part.value.digest, part.value.select) if isinstance(part.value, Bytes) else part.value
        found[part.group, part.name] = Bytes("") if isinstance(value, Bytes) and not value.digest else value
    return found


def _weight(value: object) -> int:
    if isinstance(value, Bytes):
        return _input_weight
    return _text_weight if isinstance(value, str) and " " in value.strip() else 1


def _closeness(now: object, before: object) -> float:
    if isinstance(now, Bytes) or isinstance(before, Bytes) or now is None or before is None:
        return float(now == before)
    if isinstance(now, str) and isinstance(before, str):
        if now == before:
            return 1.0
        one, other = (text.lower().split()[:_most_words] for text in (now, before))
        return SequenceMatcher(None, one, other, autojunk=False).ratio()
    return float(canonical(now) == canonical(before))
