"""What the ledger remembers of how something was made: by which recipe, under which address, when and for how much."""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class Making:
    """One job that came to its end; `explanation` is the text its recipe was hashed from, empty where it is lost."""

    storyboard: str
    member: str  # its address then
    recipe: str
    explanation: str
    takes: tuple[int, ...]
    ended: float  # Unix seconds
    task_id: str
    external_id: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Giver:
    """The member and take that a file came from."""

    member: str
    take: int
    image: int = 0  # of several pictures, counted from 1; 0 for the first
