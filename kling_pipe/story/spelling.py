"""The nearest known name to one that is not known, as a hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import lru_cache

_most_listed = 8
_longest_shown = 60
_most_compared = 64


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or an empty text."""
    return _nearest(name, tuple(known))


@lru_cache(1024)  # a mistake of a step is made by each of its members
def _nearest(name: str, known: tuple[str, ...]) -> str:
    by_folded = {_folded(candidate): candidate for candidate in _likely(name, known)}
    if _folded(name) in by_folded:
        return by_folded[_folded(name)]
    longer = [candidate for candidate in by_folded if len(candidate) > 2 and _folded(name).startswith(candidate)]
    if longer:
        return by_folded[max(longer, key=len)]
    # difflib is quadratic in the length; no name worth guessing is that long.
    close = difflib.get_close_matches(_folded(name)[:80], by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def _likely(name: str, known: Sequence[str]) -> Sequence[str]:
    """All names, or of many the ones that begin alike: a thousand unknown names among a thousand known ones would
    else take a million comparisons."""
    if len(known) <= _most_compared:
        return known
    start, least, most = name[:2], len(name) - 2, len(name) + 2
    return [other for other in known if other[:2] == start and least <= len(other) <= most][:_most_compared]


def name_hint(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean …?`, or the list of what there is when nothing is near."""
    candidates = list(known)
    guess = nearest(name, candidates)
    if guess:
        return f"did you mean `{guess}`?"
    return otherwise or one_of(candidates)


def one_of(names: Iterable[str]) -> str:
    """`known: a, b, c`, cut when the list is long."""
    candidates = list(names)
    if not candidates:
        return ""
    listed = ", ".join(f"`{name}`" for name in candidates[:_most_listed])
    return f"known: {listed}" + (" …" if len(candidates) > _most_listed else "")


def shown(value: object) -> str:
    """A value of the user's within a sentence: short, on one line, in backticks."""
    text = " ".join(str(value).split()).replace("`", "'")
    if not text:
        return "an empty text"
    return f"`{text if len(text) <= _longest_shown else text[: _longest_shown - 1] + '…'}`"


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")
