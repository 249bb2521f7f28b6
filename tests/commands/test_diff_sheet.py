"""`diff --sheet`: the page holds before and after of what changed, refers to nothing outside, and has its bounds."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_pipe.api.diff import DiffReport, diff
from kling_pipe.api.exhibits import Bounds, Exhibits, exhibits, no_bounds
from kling_pipe.api.options import Options
from kling_pipe.cli import main
from kling_pipe.plan.plan import Planned
from kling_pipe.report.diff_sheet import what_is_left_out
from kling_pipe.values.exhibit import Shown
from kling_pipe.values.media import MediaType
from tests.bought_on_paper import buy
from tests.edge.plain_picture import png
from tests.git_history import GitHistory
from tests.page_parts import PageParts
from tests.scenarios.stage import checkout

pytestmark = pytest.mark.slow
clip = (checkout / "pipelines/media/dance-reference.mp4").read_bytes()
evil = 'A boat "><script>alert(1)</script><img src=http://elsewhere.example/x.png> & co'
board = """\
storyboard: 1
name: boats
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A small boat on the sea}
  sails: {kind: image-to-video, model: kling-v2-5-turbo, image: steps.boat, prompt: It sails away}
  lamp: {kind: text-to-image, prompt: A lighthouse at dusk}
  cloud: {kind: text-to-image, prompt: A cloud}
"""


def made(member: Planned, key: str) -> bytes:
    """Real media, other bytes for each key."""
    if member.makes is MediaType.IMAGE:
        return png(64, 36, 1 + int(key[:3], 16))
    padding = key.encode()
    return clip + struct.pack(">I", 8 + len(padding)) + b"free" + padding


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storyboard whose first commit was made, and whose working tree was made but for a new step."""
    repository = GitHistory(tmp_path_factory.mktemp("page"))
    path = repository.folder / "boats.yaml"
    repository.commit({"boats.yaml": board, ".gitignore": ".kling-pipe/\n*.html\n*.lock.yaml\n"})
    buy(path, make=made)
    text = board.replace("A small boat", "A tall ship").replace("A cloud", json.dumps(evil))
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("  lamp"))
    path.write_text(text)
    buy(path, make=made)
    path.write_text(text + "  torch: {kind: text-to-image, prompt: Something that is not alike at all, takes: 2}\n")
    return path


@pytest.fixture
def page(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def page(*words: str) -> str:
        monkeypatch.chdir(project.parent)
        assert main(["diff", "boats.yaml", "--simulate", "--sheet", "page.html", *words], environment={}) == 0
        captured = capsys.readouterr()
        assert captured.err.startswith("wrote `page.html`, ")
        return (project.parent / "page.html").read_text("utf-8")

    return page


def test_the_page_refers_to_nothing_outside_and_runs_nothing(page: Callable[..., str]) -> None:
    parts = PageParts(page())
    assert (parts.elsewhere, parts.handlers) == ([], [])
    assert not {"script", "iframe", "object", "embed", "base", "form"} & set(parts.tags)
    assert parts.metas["Content-Security-Policy"].startswith(
        "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
    )
    targets = [one[1:] for one in parts.addresses if one.startswith("#")]
    assert sorted(set(targets)) == sorted(parts.ids)


def test_before_and_after_stand_side_by_side(page: Callable[..., str]) -> None:
    parts = PageParts(page())
    media = [one.partition(";")[0] for one in parts.addresses if one.startswith("data:") and one != "data:,"]
    # boat, sails with a poster each, and cloud on both sides; the removed lamp before only
    assert sorted(media) == ["data:image/jpeg"] * 2 + ["data:image/png"] * 5 + ["data:video/mp4"] * 2
    assert parts.tags.count("figure") == 10
    assert "boat changed made already" in parts.text
    assert "A small boat tall ship on the sea" in parts.text
    assert "lamp removed" in parts.text
    assert evil in " ".join(parts.words)


def test_the_page_is_the_same_twice(page: Callable[..., str]) -> None:
    assert page() == page()


def test_what_is_too_large_is_shown_smaller_and_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.parent)
    report = diff("boats.yaml", "HEAD", Options(simulate=True))
    small = exhibits(report.difference, report.store, Bounds(picture=10, clip=10, side=32))
    shown = {file.shown for sides in small.values() for side in sides for file in side}
    assert shown == {Shown.SCALED, Shown.FRAME}
    assert what_is_left_out(small) == ("2 clips as first frames only", "5 pictures smaller than they are")
    assert what_is_left_out(exhibits(report.difference, report.store, no_bounds)) == ()
    assert len(exhibits(report.difference, report.store, Bounds(members=2))) == 2
    full = exhibits(report.difference, report.store, Bounds(whole=len(clip) * 2))
    assert "1 clip as first frames only" in what_is_left_out(full)


def test_a_stored_file_that_is_damaged_is_told_of(project: Path) -> None:
    report = diff(str(project), "HEAD", Options(simulate=True))
    cloud = next(one for one in report.difference.comparisons if one.address == "cloud")
    assert cloud.new is not None
    path = Path(report.store.path(cloud.new.artifacts[1].digest))
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:20] + bytes(len(data) - 20))  # as long as before
    try:
        ((file,),) = (sides[1] for address, sides in shown_small(report).items() if address == "cloud")
    finally:
        path.write_bytes(data)
    assert (file.shown, file.data) == (Shown.NOTHING, b"")
    assert file.trouble.startswith("the png file cannot be read: ")
    assert path.exists()


def shown_small(report: DiffReport) -> Exhibits:
    return exhibits(report.difference, report.store, Bounds(picture=10))


def test_the_envelope_tells_of_the_page(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.parent)
    words = ["diff", "boats.yaml", "--simulate", "--sheet", "out/page.html", "--full", "--json"]
    assert main(words, environment={}) == 0
    sheet = json.loads(capsys.readouterr().out)["data"]["sheet"]
    size = (project.parent / "out/page.html").stat().st_size
    assert sheet == {"path": "out/page.html", "bytes": size, "left_out": []}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--sheet", "boats.yaml"], "`boats.yaml` does not end in `.html`"),
        (["--full"], "`--full` is about a page, and no page is asked for"),
    ],
)
def test_nothing_but_a_page_is_written_over(
    words: list[str], sentence: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.parent)
    before = project.read_bytes()
    assert main(["diff", "boats.yaml", "--simulate", *words], environment={}) == 2
    assert sentence in capsys.readouterr().err
    assert project.read_bytes() == before
