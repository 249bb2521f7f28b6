"""Storyboards for disturbed runs, and what can be known of one beforehand: which calls it makes that carry no id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
# gateway.md section 7 and picsart.md section 2: nothing that is sent there carries an id of ours.
without_ids = frozenset({"gateway", "picsart"})


@dataclass(frozen=True, slots=True)
class Board:
    """A storyboard. Each of its steps is one job; no two make the same call without an id, or have the same prompt."""

    text: str
    kinds: Mapping[str, str]
    wires: Mapping[str, frozenset[str]]
    deliveries: Mapping[str, str]  # path → step
    roads: Mapping[str, str]  # step → provider type
    prompts: Mapping[str, str]
    takes: Mapping[str, int]
    by_executable: bool = False  # its road is the service's own program

    @staticmethod
    def of(text: str) -> Board:
        data = yaml.safe_load(text)
        steps: dict[str, Any] = data["steps"]
        return Board(
            text,
            {name: step["kind"] for name, step in steps.items()},
            {name: frozenset(_named_in(step)) for name, step in steps.items()},
            {path: _named_in(source)[0] for path, source in data["deliver"].items()},
            {name: step.get("provider", data.get("provider", "kling")) for name, step in steps.items()},
            {name: step.get("prompt", "") for name, step in steps.items()},
            {name: step.get("takes", 1) for name, step in steps.items()},
        )

    @property
    def steps(self) -> Sequence[str]:
        return list(self.kinds)

    @property
    def calls(self) -> Mapping[str, tuple[str, ...]]:
        """The calls without an id of ours, by step, in their order."""
        return {name: _calls[kind] for name, kind in self.kinds.items() if kind in _calls}

    @property
    def anonymous(self) -> frozenset[str]:
        """Steps whose road knows no id of ours, so that nobody can ask what became of a create."""
        return frozenset(name for name, road in self.roads.items() if road in without_ids)

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

    @property
    def several(self) -> frozenset[str]:
        """Steps of several takes each of which is a create of its own, with nothing to tell it from the others."""
        return frozenset(name for name, road in self.roads.items() if road == "gateway" and self.takes[name] > 1)

    def below(self, steps: Iterable[str]) -> frozenset[str]:
        """Every step that is made of these, near or far."""
        found: set[str] = set()
        news = set(steps)
        while news:
            news = {name for name, wires in self.wires.items() if wires & news} - found
            found |= news
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Words:
    """How the three steps of a chain are written for a road; without `dance` it has no motion control."""

    still: str
    clip: str
    dance: str = ""


_words: Mapping[str, _Words] = {
    "kling": _Words("model: kling-v3", "model: kling-v2-5-turbo", "model: kling-v2-6, mode: std"),
    "runware": _Words("model: kling-v3", "model: kling-v2-5-turbo, mode: pro", "model: kling-v2-6, mode: std"),
    "gateway": _Words("model: kling-v3", "model: kling-v3, duration: 3"),
    "picsart": _Words(
        "model: kling-v2-1", "model: kling-v2-6, mode: std, sound: false", "model: kling-v2-6, mode: std"
    ),
}


def thirty_steps(chains: int = 10, *roads: str) -> Board:
    """Chains of a picture, a clip that begins with it, and a second clip that begins with the first one's last frame;
    every third chain ends in motion control instead, where its road has that. Three steps a chain, all delivered.
    Of several roads each step takes the next one, in turns."""
    turns = roads or ("kling",)
    lines = ["storyboard: 1", "name: crash", f"provider: {turns[0]}", "defaults:"]
    lines += ["  text-to-image: {aspect_ratio: '9:16'}", "steps:"]
    deliver = ["deliver:"]
    for number in range(chains):
        takes = 2 if number % 5 == 0 else 1
        still, clip, last = (turns[(number + place) % len(turns)] for place in range(3))
        picture, before = f"image: steps.still_{number}", f"video: steps.move_{number}, character_orientation: video"
        start = f"image: steps.move_{number}.last_frame"
        lines += [
            _step(f"still_{number}", still, "text-to-image", _words[still].still, f"takes: {takes}", "Dancer"),
            _step(f"move_{number}", clip, "image-to-video", _words[clip].clip, picture, "Push in"),
            _step(f"last_{number}", last, "motion-control", _words[last].dance, f"{picture}, {before}", "Dance")
            if number % 3 == 0 and _words[last].dance
            else _step(f"last_{number}", last, "image-to-video", _words[last].clip, start, "Pull out"),
        ]
        deliver.append(f"  out/{number}.mp4: steps.last_{number}")
    return Board.of("\n".join([*lines, *deliver, ""]))


def _step(name: str, road: str, kind: str, *parts: str) -> str:
    *rest, prompt = parts
    number = name.rpartition("_")[2]
    return f"  {name}: {{provider: {road}, kind: {kind}, {', '.join(rest)}, prompt: '{prompt} {number}'}}"


def by_executable(chains: int) -> Board:
    """Such chains, each of whose steps is a run of a service's own program."""
    return replace(thirty_steps(chains, "picsart"), by_executable=True)


def grand_tour() -> Board:
    """Every kind of step once."""
    path = Path(__file__).parents[2] / "pipelines" / "grand-tour.yaml"
    return Board.of(path.read_text(encoding="utf-8"))


all_roads = ("kling", "runware", "gateway", "picsart")
boards: Mapping[str, Callable[[], Board]] = {
    "thirty-steps": thirty_steps,
    "grand-tour": grand_tour,
    **{road: partial(thirty_steps, 10, road) for road in all_roads[1:]},
    "mixed": partial(thirty_steps, 10, *all_roads),
    "executable": lambda: by_executable(3),
}


def _named_in(value: object) -> list[str]:
    return re.findall(r"\bsteps\.(\w+)", repr(value))
