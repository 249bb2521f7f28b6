"""A deliverable has the form its name asks for; what was paid for stays as it came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_pipe.api.delivering import Delivering
from kling_pipe.api.options import Options
from kling_pipe.api.running import StopSwitch, run
from kling_pipe.api.status import status
from kling_pipe.edge.media import probe
from kling_pipe.edge.store import Store
from kling_pipe.events import Delivered, Event, Notice, Undelivered
from kling_pipe.plan.plan import Plan
from kling_pipe.simulator.media import ClipOrder, PictureOrder, make_clip, make_picture
from kling_pipe.story.storyboard import Delivery, StepOutput, Storyboard
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.money import Cost
from kling_pipe.values.span import Span
from tests.faults.matrix import build_world, settings_of
from tests.shared_media import shared_world

board = """storyboard: 1
steps:
  hero: {kind: text-to-image, prompt: a boat, aspect_ratio: "1:1"}
  ride: {kind: image-to-video, image: steps.hero, model: kling-v2-5-turbo, prompt: pan}
deliver:
  out/hero.png: steps.hero
  out/hero.jpg: steps.hero
  out/hero.webp: steps.hero
  out/last.jpeg: steps.ride.last_frame
  out/ride.mov: steps.ride
"""


@pytest.mark.slow
def test_pictures_are_written_in_the_form_their_name_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_text(board)
    options = Options(simulate=True)
    _, world = build_world(shared_world(), settings_of([]))
    events: list[Event] = []

    ended = asyncio.run(run(str(path), options, events.append, StopSwitch(), world))

    assert ended.exit_code == 0
    facts = {file.name: probe(str(file)) for file in sorted((tmp_path / "out").iterdir())}
    assert {name: found.format for name, found in facts.items()} == {
        "hero.jpg": "jpeg", "hero.png": "png", "hero.webp": "webp", "last.jpeg": "jpeg", "ride.mov": "mp4",
    }  # fmt: skip
    assert len({(found.width, found.height) for name, found in facts.items() if name.startswith("hero")}) == 1
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "`out/ride.mov` holds mp4 data, as the provider made it"
    ]
    assert {state for _, state in status(str(path), options).deliveries} == {"current"}


@pytest.mark.slow
def test_a_deliverable_that_a_step_made_no_file_for_is_named_and_the_run_has_not_done_everything(
    tmp_path: Path,
) -> None:
    path = tmp_path / "board.yaml"
    path.write_text("""storyboard: 1
steps:
  hero: {kind: text-to-image, prompt: a boat, aspect_ratio: "16:9"}
  masks: {kind: segment, image: steps.hero}
deliver:
  out/head.png: steps.masks.images[2]
  out/clothes.png: steps.masks.images[4]
""")
    _, world = build_world(shared_world(), settings_of([]))
    events: list[Event] = []

    ended = asyncio.run(run(str(path), Options(simulate=True), events.append, StopSwitch(), world))

    assert (ended.exit_code, ended.done, [file.name for file in (tmp_path / "out").iterdir()]) == (1, 2, ["head.png"])
    assert [(event.path, event.message) for event in events if isinstance(event, Undelivered)] == [
        ("out/clothes.png", "`masks` made no such file: 3 came")
    ]


sounding = """storyboard: 1
steps:
  sea: {kind: text-to-video, model: kling-v2-6, mode: pro, sound: true, prompt: sea}
  line: {kind: speech, text: hello, voice: oversea_male1}
deliver:
  out/sea.m4a: steps.sea.audio
  out/sea.mp3: steps.sea.audio
  out/sea.wav: steps.sea.audio
  out/sea.jpg: steps.sea.last_frame
  out/line.mp3: steps.line
  out/line.wav: steps.line
  out/line.m4a: steps.line
"""


@pytest.mark.slow
def test_sounds_are_written_in_the_form_their_name_asks_for_and_told_with_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_text(sounding)
    options = Options(simulate=True)
    _, world = build_world(shared_world(), settings_of([]))
    events: list[Event] = []

    ended = asyncio.run(run(str(path), options, events.append, StopSwitch(), world))

    assert ended.exit_code == 0
    facts = {f"out/{file.name}": probe(str(file)) for file in sorted((tmp_path / "out").iterdir())}
    assert {name: found.format for name, found in facts.items()} == {
        "out/line.m4a": "m4a", "out/line.mp3": "mp3", "out/line.wav": "wav",
        "out/sea.jpg": "jpeg", "out/sea.m4a": "m4a", "out/sea.mp3": "mp3", "out/sea.wav": "wav",
    }  # fmt: skip
    told = [event for event in events if isinstance(event, Delivered)]
    assert {event.path: event.facts for event in told} == facts
    assert [event for event in events if isinstance(event, Notice)] == []
    assert {state for _, state in status(str(path), options).deliveries} == {"current"}


class Shelf:
    """A store with files, and deliverables of one made step each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(str(folder / "home"))
        self.delivering = Delivering(self.store, str(folder / "home"), {}, lambda: 0.0)
        self.picture = self._kept("picture.png", lambda to: make_picture(PictureOrder("sea", 64, 64, 1, "x"), to))
        self.silent = self._kept("silent.mp4", lambda to: make_clip(ClipOrder("sea", 64, 64, 1.0, fps=8), to))

    def _kept(self, name: str, make: Callable[[str], object]) -> Artifact:
        make(str(self.folder / name))
        digest = self.store.add_file(str(self.folder / name))
        return Artifact(name, digest, probe(str(self.folder / name)), 1, 0, name, name, 0.0)

    def deliver(self, **of: tuple[str, Artifact, str]) -> list[tuple[str, ...]]:
        """Delivers paths, each of (path, artifact, part); what was told, in short."""
        deliveries = tuple(
            (Delivery(path, StepOutput(step, part=part), Span("b.yaml", 1, 1, 1)), step)
            for step, (path, _, part) in of.items()
        )
        board = Storyboard(str(self.folder / "b.yaml"), "b", "kling", {}, ())
        plan = Plan(board, Realm.REAL, {}, deliveries, (), 0.0, Cost(), exact=True)
        events = self.delivering.deliver(plan, {step: {1: made} for step, (_, made, _) in of.items()})
        return [
            ("wrote", event.path) if isinstance(event, Delivered) else ("not", event.path, event.code)
            for event in events
            if isinstance(event, Delivered | Undelivered)
        ]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.mark.slow
def test_a_deliverable_that_cannot_be_written_hinders_no_other(shelf: Shelf) -> None:
    (shelf.folder / "out/a.png").mkdir(parents=True)
    (shelf.folder / "file").touch()
    told = shelf.deliver(
        a=("out/a.png", shelf.picture, ""),
        b=("file/b.png", shelf.picture, ""),
        c=("out/c.m4a", shelf.silent, "audio"),
        d=("out/d.png", shelf.picture, ""),
    )
    assert told == [
        ("not", "out/a.png", "disk-error"), ("not", "file/b.png", "in-the-way"), ("not", "out/c.m4a", "no-sound"),
        ("wrote", "out/d.png"),
    ]  # fmt: skip
    assert (shelf.delivering.lacks, shelf.delivering.damage) == (True, None)


@pytest.mark.slow
def test_a_stored_clip_that_went_bad_is_damage_and_not_what_its_provider_made(shelf: Shelf) -> None:
    clip = Path(shelf.store.path(shelf.silent.digest))
    clip.chmod(0o644)
    clip.write_bytes(clip.read_bytes()[:900])
    assert shelf.deliver(a=("a.wav", shelf.silent, "audio"), b=("b.png", shelf.picture, "")) == [("wrote", "b.png")]
    assert shelf.delivering.damage is not None
    assert shelf.delivering.damage.code == "object-damaged"
