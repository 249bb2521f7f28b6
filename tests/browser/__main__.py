"""Opens the page of `diff --sheet` in headless Chromium: everything on it is seen and plays, nothing is said in the
console, nothing is asked for outside. `python -m tests.browser [FOLDER]` keeps the page and pictures of it there.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from kling_pipe.api.running import World
from kling_pipe.commands.simulation import simulated_world
from kling_pipe.commands.verbs import Verbs
from tests.browser.chromium import Chromium, NoBrowser, chromium
from tests.git_history import GitHistory
from tests.scenarios.stage import checkout, typed

# Each picture has pixels, each clip and sound is known, and each clip moves on from its beginning.
_seen = """(async () => {
  const wrong = [];
  for (const one of document.images) {
    await one.decode().catch(() => {});
    if (!one.naturalWidth) wrong.push('picture');
  }
  for (const one of document.querySelectorAll('video, audio')) {
    if (one.readyState < 1) await new Promise(done => { one.onloadedmetadata = one.onerror = done; one.load(); });
    if (one.error || !one.duration) { wrong.push(`${one.tagName}: ${one.error && one.error.message}`); continue; }
    one.muted = true;
    await one.play();
    if (one.tagName === 'VIDEO') await new Promise(done => one.requestVideoFrameCallback(done));
    one.pause();
  }
  return wrong;
})()"""
_counts = "['img', 'video', 'audio', 'article'].map(tag => document.querySelectorAll(tag).length)"
_overflow = "document.documentElement.scrollWidth - window.innerWidth"
_zoomed = """(() => {
  const picture = document.querySelector('label img');
  const before = picture.getBoundingClientRect().width;
  picture.click();
  const large = getComputedStyle(picture).position;
  picture.click();
  return [large, picture.getBoundingClientRect().width === before];
})()"""
_colours = "getComputedStyle(document.body).backgroundColor"
_guilty = """<!doctype html><script>console.error('heard')</script><img src="http://127.0.0.1:9/outside.png">"""


def main(folder: Path) -> int:
    page = written_page(folder)
    with chromium() as browser:
        guilty(browser, folder)
        innocent(browser, page, folder)
    print(f"the page {page} is whole: everything is seen and plays, nothing is said, nothing is asked for outside")
    return 0


class _SmallWorld(Verbs):
    """The product's own verbs, with a simulated world that makes small files."""

    def simulated_world(self, home: str, speed: float) -> AbstractContextManager[World]:
        return simulated_world(home, speed, media="small")


_sound = """\
  waves:
    kind: text-to-audio
    duration: 5
    prompt: Small waves against a wooden hull

deliver:
"""


def written_page(folder: Path) -> Path:
    """The page of a storyboard that was made, committed, edited and made again."""
    project = GitHistory(folder / "project")
    board = (checkout / "pipelines/hello.yaml").read_text("utf-8").replace("deliver:\n", _sound)
    edited = board.replace("small sailing boat", "tall ship with two masts").replace("Small waves", "Great waves")
    project.commit({"film.yaml": board, ".gitignore": ".kling-pipe/\nout/\n*.simulated.lock.yaml\n"})
    for text in (board, edited):
        project.write({"film.yaml": text})
        _typed(project.folder, "run", "film.yaml", "--simulate", "--speed", "1000")
    _typed(project.folder, "diff", "film.yaml", "--simulate", "--sheet", str(folder / "page.html"))
    return folder / "page.html"


def _typed(folder: Path, *words: str) -> None:
    said = typed(folder, *words, verbs=_SmallWorld())
    assert said.code == 0, said.all


def guilty(browser: Chromium, folder: Path) -> None:
    """A page that says and asks for something is found out, so that silence means something."""
    (folder / "guilty.html").write_text(_guilty)
    visit = browser.open((folder / "guilty.html").as_uri())
    assert "error: heard" in visit.said, visit
    assert visit.asked == ["http://127.0.0.1:9/outside.png"], visit


def innocent(browser: Chromium, page: Path, folder: Path) -> None:
    backgrounds = set()
    for width, dark in ((1200, False), (1200, True), (390, False)):
        browser.look(width=width, dark=dark)
        visit = browser.open(page.as_uri())
        assert browser.work_out(_counts) == [2, 2, 2, 3]
        assert browser.work_out(_seen) == []
        assert browser.work_out(_overflow) <= 0, f"wider than {width} pixels"
        assert browser.work_out(_zoomed) == ["fixed", True]
        backgrounds.add(browser.work_out(_colours))
        browser.picture(folder / f"page-{width}-{'dark' if dark else 'light'}.png")
        assert (visit.said, visit.asked) == ([], []), visit
    assert len(backgrounds) == 2


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            kept = Path(sys.argv[1]).resolve()
            kept.mkdir(parents=True)
            sys.exit(main(kept))
        with tempfile.TemporaryDirectory(prefix="kling-pipe-page-") as passing:
            sys.exit(main(Path(passing)))
    except NoBrowser as missing:
        sys.exit(f"{missing}; on Debian and Ubuntu: apt-get install chromium")
