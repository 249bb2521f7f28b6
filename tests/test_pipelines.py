"""Every storyboard in `pipelines/` is checked, planned and made on the simulator, and made again for nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kling_pipe.api.running import World
from kling_pipe.cli import main
from kling_pipe.commands.simulation import simulated_world
from kling_pipe.commands.verbs import Verbs
from kling_pipe.edge.media import verify
from kling_pipe.story.kinds import kinds
from kling_pipe.values.media import MediaType
from tests.promises import check_promises
from tests.scenarios.stage import damaged_objects
from tests.shared_media import share_media

root = Path(__file__).resolve().parent.parent
parts = root / "pipelines" / "brand"  # files that storyboards include or use
files = (path for path in (root / "pipelines").rglob("*.yaml") if path.parent != parts)
names = sorted(path.relative_to(root / "pipelines").as_posix() for path in files)
film = "storyboard-film.yaml"
made_of = {
    "hello.yaml": 2, "roads.yaml": 5, "product-launch.yaml": 7, "dance-challenge.yaml": 1, "grand-tour.yaml": 22,
    film: 96, "brand-film.yaml": 6,
    "social-cutdowns.yaml": 15, "talking-avatar.yaml": 7,
    "kinds/avatar.yaml": 3, "kinds/edit-elements.yaml": 2, "kinds/effects.yaml": 4, "kinds/element.yaml": 5,
    "kinds/expand-image.yaml": 2, "kinds/extend-video.yaml": 2, "kinds/image-series.yaml": 2,
    "kinds/image-to-image.yaml": 5, "kinds/image-to-video.yaml": 3, "kinds/lip-sync.yaml": 4,
    "kinds/motion-control.yaml": 3, "kinds/multi-angle.yaml": 2, "kinds/multi-image-to-video.yaml": 3,
    "kinds/omni-video.yaml": 3, "kinds/segment.yaml": 2, "kinds/speech.yaml": 1, "kinds/text-to-audio.yaml": 1,
    "kinds/text-to-image.yaml": 1, "kinds/text-to-video.yaml": 1, "kinds/video-to-audio.yaml": 2,
    "kinds/virtual-try-on.yaml": 3, "kinds/voice.yaml": 4,
}  # fmt: skip
types = {
    ".png": MediaType.IMAGE, ".mp4": MediaType.VIDEO, ".mp3": MediaType.AUDIO, ".wav": MediaType.AUDIO,
    ".m4a": MediaType.AUDIO,
}  # fmt: skip


class SmallMedia(Verbs):
    """The library as it is, in a world that makes small files."""

    @contextmanager
    def simulated_world(self, home: str, speed: float) -> Iterator[World]:
        share_media(home)
        with simulated_world(home, speed, media="small") as world:
            yield world


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(root / "pipelines", tmp_path / "pipelines", ignore=shutil.ignore_patterns("out", ".kling-pipe"))
    monkeypatch.chdir(tmp_path / "pipelines")


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    code = main([*words, "--json"], verbs=SmallMedia())
    envelope = json.loads(capsys.readouterr().out)
    # The one with a clip of the reader's own says at its head that the real service wants an uploader for it.
    expected = ["needs-uploader"] if words == ["validate", "dance-challenge.yaml"] else []
    assert (code, [problem["code"] for problem in envelope["problems"]]) == (0, expected)
    data = envelope["data"]
    assert isinstance(data, dict)
    return data


def test_every_storyboard_is_expected_here() -> None:
    assert set(names) == set(made_of)


def test_every_kind_of_step_has_a_storyboard_and_the_grand_tour_has_them_all() -> None:
    folder = root / "pipelines"
    assert {path.stem for path in (folder / "kinds").glob("*.yaml")} == set(kinds)
    for name in kinds:
        assert f"kind: {name}\n" in (folder / "kinds" / f"{name}.yaml").read_text(encoding="utf-8")
    tour = (folder / "grand-tour.yaml").read_text(encoding="utf-8")
    assert [name for name in kinds if tour.count(f"kind: {name}\n") != 1] == []


@pytest.mark.parametrize("name", names)
def test_it_has_no_problems(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(["validate", name], capsys)
    assert (found["members"], found["errors"]) == (made_of[name], 0)


@pytest.mark.parametrize("name", names)
def test_it_can_be_planned_without_credentials(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = told(["plan", name, "--simulate"], capsys)
    members = plan["members"]
    assert isinstance(members, list)
    assert len(members) == made_of[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in names if name != film])
def test_it_is_made_once_and_only_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    made_once_and_only_once(name, capsys)


@pytest.mark.slow
def test_an_edited_line_of_the_film_buys_only_what_carries_it(capsys: pytest.CaptureFixture[str]) -> None:
    """12 shots × 3 languages × 2 shapes are 96 tasks and not 216; a line in German is one sound, on two clips."""
    plan = told(["plan", film, "--simulate"], capsys)
    kinds_of = Counter(str(member["kind"]) for member in members_of(plan))
    assert kinds_of == {"text-to-image": 24 + 6, "image-to-video": 24, "speech": 36, "lip-sync": 6}
    assert len({member["address"] for member in members_of(plan)}) == 96
    made_once_and_only_once(film, capsys)
    tasks = {member["external_id"] for member in members_of(told(["status", film, "--simulate"], capsys))}
    assert len(tasks) == 96
    path = Path(film)
    path.write_text(path.read_text(encoding="utf-8").replace("Das Essen ist fertig.", "Das Essen steht."), "utf-8")
    carries = ["lines[locale=de,shot=cook]", "talking[locale=de,ratio=16:9]", "talking[locale=de,ratio=9:16]"]
    plan = told(["plan", film, "--simulate"], capsys)
    assert [member["address"] for member in members_of(plan) if member["standing"] != "current"] == carries
    made = told(["run", film, "--simulate", "--speed", "500"], capsys)
    assert counted(made) == (3, 93)
    status = members_of(told(["status", film, "--simulate"], capsys))
    assert [member["address"] for member in status if member["external_id"] not in tasks] == carries


def members_of(data: dict[str, object]) -> list[dict[str, object]]:
    members = data["members"]
    assert isinstance(members, list)
    return members


@pytest.mark.parametrize("name", [name for name in names if "/" not in name])
def test_it_is_named_where_it_is_said_to_be_good(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["validate", name], verbs=SmallMedia())
    said = capsys.readouterr()
    assert (said.out + said.err).startswith(f"{name}: ")


def made_once_and_only_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    planned = told(["plan", name, "--simulate"], capsys)
    first = told(["run", name, "--simulate", "--speed", "500"], capsys)
    again = told(["run", name, "--simulate", "--speed", "500"], capsys)
    assert (counted(first), counted(again)) == ((made_of[name], 0), (0, made_of[name]))
    assert again["spent"] == {"usd": "0", "units": {}}
    deliverables = first["deliverables"]
    assert isinstance(deliverables, list)
    assert deliverables != []
    facts = {item["path"]: verify(os.path.join(os.path.dirname(name), item["path"])) for item in deliverables}
    assert {path: found.type for path, found in facts.items()} == {
        path: types[os.path.splitext(path)[1]] for path in facts
    }
    clips = [found for found in facts.values() if found.type is not MediaType.IMAGE]
    assert [found for found in clips if not 1.0 < found.seconds < 16.0] == []
    if "/" not in name:
        check_promises(name, planned, first, facts)
        assert damaged_objects(Path.cwd()) == []


def counted(data: dict[str, object]) -> tuple[int, int]:
    counts = data["counts"]
    assert isinstance(counts, dict)
    assert set(counts.values()) - {counts["done"], counts["current"], 0} == set()
    return counts["done"], counts["current"]
