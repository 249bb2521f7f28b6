"""`show` as it is typed: one golden text a case in `show/`; `KLING_PIPE_GOLDEN=write` rewrites them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from kling_pipe.api.loading import load
from kling_pipe.api.options import Options
from kling_pipe.cli import main
from kling_pipe.plan.catalogue import Settled
from kling_pipe.story.document import Document
from tests.edge.plain_picture import png

goldens = Path(__file__).parent / "show"
pipelines = Path(__file__).parents[2] / "pipelines"
files = {
    "storyboard.yaml": """\
storyboard: 1
include: brand/cast.yaml
variants:
  locale: [en, de, fr, it, es]
vars: {words: {en: Go, de: Los, fr: Allez, it: Dai, es: Vamos}}
inputs: {lake: "https://media.example.org/lake.png"}
defaults:
  image-to-video: {model: kling-v3}
steps:
  intro:
    use: brand/intro.yaml
    with: {title: "${{ vars.words[variant.locale] }}", backdrop: "steps.boat.takes[2]"}
    takes: 2
    after: boat
  sails:
    kind: text-to-video
    shots: [{prompt: "It sails: away", duration: 3}, {prompt: "true", duration: 3}]
    extra: {seed: 7, notes: {"for": [a, 1.5], none: null, empty: [], bare: {}}}
    description: "ends # here\\u2028\\U0001F6A4\\x07"
    provider: kling
  paint:
    kind: image-to-video
    model: kling-v1-5
    mode: pro
    image: inputs.lake
    prompt: "a \\"quoted\\" line\\nand a second"
    dynamic_masks:
      - {mask: ./brand/logo.png, trajectories: [{x: 1, y: 2}, {x: 3, y: 4}]}
deliver:
  out/intro-${{ variant.locale }}.mp4: steps.intro
  out/sails.mp4: steps.sails
""",
    "brand/cast.yaml": """\
vars: {boat: a small boat}
inputs: {logo: logo.png}
defaults:
  text-to-image: {aspect_ratio: 16:9}
steps:
  boat:
    kind: text-to-image
    prompt: ${{ vars.boat | title }} at sea
    takes: 2
    pick: 2
""",
    "brand/intro.yaml": """\
fragment: 1
parameters:
  title: {type: text}
  backdrop: {type: image}
steps:
  card: {kind: image-to-image, image: with.backdrop, references: [inputs.logo], prompt: "A card: ${{ with.title }}"}
  alive: {kind: image-to-video, image: steps.card, prompt: "${{ with.title }}"}
inputs: {logo: logo.png}
output: steps.alive
""",
    "broken.yaml": "storyboard: 1\ninclude: brand/cast.yaml\nsteps: {boat: {kind: text-to-image, prompt: b}}\n",
    "unfit.yaml": "storyboard: 1\nsteps: {a: {kind: text-to-video, model: kling-v1, duration: 7, prompt: b}}\n",
}
cases: Mapping[str, list[str]] = {
    "help": ["--help"],
    "outline": ["storyboard.yaml"],
    "outline-json": ["storyboard.yaml", "--json"],
    "resolved": ["storyboard.yaml", "--resolved"],
    "only": ["storyboard.yaml", "--resolved", "--only", "intro[locale=de]", "--only", "sails"],
    "only-json": ["storyboard.yaml", "--resolved", "--only", "sails", "--json"],
    "unknown-member": ["storyboard.yaml", "--resolved", "--only", "intro[locale=dk]"],
    "only-without-resolved": ["storyboard.yaml", "--only", "sails"],
    "broken": ["broken.yaml"],
    "broken-json": ["broken.yaml", "--resolved", "--json"],
    "unfit": ["unfit.yaml", "--resolved"],
    "unfit-outline": ["unfit.yaml"],
    "missing": ["nowhere.yaml"],
}


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brand").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "brand" / "logo.png").write_bytes(png(320, 320))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", cases)
def test_what_is_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["show", *cases[name]], environment={})
    said = capsys.readouterr()
    text = f"{said.out}--- stderr\n{said.err}--- exit code {code}\n"
    path = goldens / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_what_is_shown_with_axes_is_yaml_that_holds_the_very_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "storyboard.yaml", "--resolved"], environment={}) == 0
    document = Document.parse(capsys.readouterr().out, "shown.yaml")
    loaded = load("storyboard.yaml", Options())
    assert loaded.storyboard is not None
    assert document.problems == ()
    assert list(document.root["steps"]) == list(loaded.storyboard.members)
    sails = document.root["steps"]["sails"]
    assert (sails["shots"][1], sails["extra"], sails["description"]) == (
        {"prompt": "true", "duration": 3},
        {"seed": 7, "notes": {"for": ["a", 1.5], "none": None, "empty": [], "bare": {}}},
        "ends # here\u2028\U0001f6a4\x07",
    )
    assert document.root["steps"]["paint"]["prompt"] == 'a "quoted" line\nand a second'


@pytest.mark.slow
@pytest.mark.parametrize("name", ["grand-tour.yaml", "kinds/image-to-video.yaml", "kinds/lip-sync.yaml"])
def test_what_is_shown_of_a_storyboard_without_axes_is_that_storyboard(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shutil.copytree(pipelines, tmp_path / "pipelines", ignore=shutil.ignore_patterns("out", ".kling-pipe"))
    written = tmp_path / "pipelines" / name
    assert main(["show", str(written), "--resolved"], environment={}) == 0
    again = written.with_name("again.yaml")
    again.write_text(capsys.readouterr().out, encoding="utf-8")
    assert made_of(again) == made_of(written)


def made_of(path: Path) -> tuple[object, ...]:
    """Whatever decides what is made and delivered."""
    loaded = load(str(path), Options(simulate=True))
    assert loaded.problems == ()
    assert loaded.storyboard is not None
    assert loaded.examination is not None
    board, settled = loaded.storyboard, loaded.examination.settled
    steps = [
        (
            step.address, step.kind, asked_of(settled[address]), step.provider, step.takes, step.pick, step.after,
            step.extra, [(wire.field, wire.reference) for wire in sorted(step.wires, key=lambda wire: wire.field)],
        )
        for address, step in board.members.items()
    ]  # fmt: skip
    deliveries = [(delivery.path, delivery.reference) for delivery in board.deliveries]
    inputs = {name: entry.reference for name, entry in board.inputs.items()}
    return board.name, board.provider, steps, deliveries, inputs


def asked_of(settled: Settled) -> str:
    return settled.model + json.dumps(settled.parameters, sort_keys=True)
