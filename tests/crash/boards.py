"""Storyboards for disturbed runs, and what can be known of one beforehand: which calls it makes that carry no id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

speech, segment = "/v1/audio/tts", "/v1/videos/image-recognize"
# kling.md section 5: these carry no id of ours, so that nobody can ask what became of one. The last two are made
# before a task that carries one.
_calls: Mapping[str, tuple[str, ...]] = {
    "speech": (speech,),
    "segment": (segment,),
    "lip-sync": ("/v1/videos/identify-face",),
    "edit-elements": ("/v1/videos/multi-elements/init-selection", "/v1/videos/multi-elements/add-selection"),
}
_tasks: Mapping[str, str] = {
    "lip-sync": "/v1/videos/advanced-lip-sync",
    "edit-elements": "/v1/videos/multi-elements",
}
_named_there = frozenset({"element", "voice"})  # what the service names by an id of its own


@dataclass(frozen=True, slots=True)
class Board:
    """A storyboard. Each of its steps is one job; no two make the same call without an id."""

    text: str
    kinds: Mapping[str, str]
    wires: Mapping[str, frozenset[str]]
    deliveries: Mapping[str, str]  # path → step

    @staticmethod
    def of(text: str) -> Board:
        data = yaml.safe_load(text)
        steps: dict[str, Any] = data["steps"]
        return Board(
            text,
            {name: step["kind"] for name, step in steps.items()},
            {name: frozenset(_named_in(step)) for name, step in steps.items()},
            {path: _named_in(source)[0] for path, source in data["deliver"].items()},
        )

    @property
    def steps(self) -> Sequence[str]:
        return list(self.kinds)

    @property
    def calls(self) -> Mapping[str, tuple[str, ...]]:
        """The calls without an id of ours, by step, in their order."""
        return {name: _calls[kind] for name, kind in self.kinds.items() if kind in _calls}

    def task_of(self, step: str) -> str:
        """The endpoint of the task that a step's calls come before; empty where the call is all there is."""
        return _tasks.get(self.kinds[step], "")

    @property
    def unnamed(self) -> frozenset[str]:
        """Steps made by one call that carries no id."""
        return frozenset(step for step in self.calls if not self.task_of(step))

    @property
    def cards(self) -> frozenset[str]:
        """Steps that make what the service names by an id of its own, another one in every world."""
        return frozenset(name for name, kind in self.kinds.items() if kind in _named_there)

    def below(self, steps: Iterable[str]) -> frozenset[str]:
        """Every step that is made of these, near or far."""
        found: set[str] = set()
        news = set(steps)
        while news:
            news = {name for name, wires in self.wires.items() if wires & news} - found
            found |= news
        return frozenset(found)


def thirty_steps(chains: int = 10) -> Board:
    """Chains of a picture, a clip that begins with it, and a second clip that begins with the first one's last frame;
    every third chain ends in motion control instead. Three steps a chain, all delivered."""
    lines = ["storyboard: 1", "name: crash", "defaults:"]
    lines += ["  text-to-image: {aspect_ratio: '9:16'}", "  image-to-video: {model: kling-v2-5-turbo}", "steps:"]
    deliver = ["deliver:"]
    for number in range(chains):
        takes = 2 if number % 5 == 0 else 1
        lines += [
            f"  still_{number}: {{kind: text-to-image, model: kling-v3, takes: {takes}, prompt: 'Dancer {number}'}}",
            f"  move_{number}: {{kind: image-to-video, image: steps.still_{number}, prompt: 'Push in {number}'}}",
        ]
        if number % 3 == 0:
            lines.append(
                f"  last_{number}: {{kind: motion-control, model: kling-v2-6, image: steps.still_{number},"
                f" video: steps.move_{number}, character_orientation: video, mode: std}}"
            )
        else:
            lines.append(
                f"  last_{number}: {{kind: image-to-video, image: steps.move_{number}.last_frame,"
                f" prompt: 'Pull out {number}'}}"
            )
        deliver.append(f"  out/{number}.mp4: steps.last_{number}")
    return Board.of("\n".join([*lines, *deliver, ""]))


def grand_tour() -> Board:
    """Every kind of step once."""
    path = Path(__file__).parents[2] / "pipelines" / "grand-tour.yaml"
    return Board.of(path.read_text(encoding="utf-8"))


boards = {"thirty-steps": thirty_steps, "grand-tour": grand_tour}


def _named_in(value: object) -> list[str]:
    return re.findall(r"\bsteps\.(\w+)", repr(value))
