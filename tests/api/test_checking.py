"""What `validate` says of files that a run could not hand over."""

from __future__ import annotations

from pathlib import Path

from kling_pipe.api.checking import check
from kling_pipe.api.options import Options

board = """\
storyboard: 1
steps:
  talk: {kind: text-to-video, prompt: a baker says hello, sound: true, duration: 6}
  next: {kind: image-to-video, image: steps.talk.last_frame, prompt: she waves}
  fast: {kind: image-to-video, model: kling-v3-turbo, image: steps.talk.last_frame, prompt: she waves}
  after: {kind: extend-video, video: steps.talk, prompt: she leaves}
"""
uploads = "profiles: {kling: {uploads: {directory: ./served, base_url: 'https://media.example.org'}}}\n"


def said(folder: Path, project: str = "", *, simulate: bool = False) -> list[tuple[str, str, int, str]]:
    (folder / "story.yaml").write_text(board, encoding="utf-8")
    if project:
        (folder / "kling-pipe.yaml").write_text(project, encoding="utf-8")
    found = check(str(folder / "story.yaml"), Options(simulate=simulate)).problems
    return [(one.code, one.severity.value, one.span.line if one.span else 0, one.message) for one in found]


def test_what_cannot_be_handed_over_is_a_warning(tmp_path: Path) -> None:
    message = (
        "`kling-v3-turbo` exists on the path-model standard only, which takes media by URL only, and `image` has none:"
        " name an uploader in the profile or give a URL"
    )
    assert said(tmp_path) == [("needs-uploader", "warning", 5, message)]


def test_with_an_uploader_it_can(tmp_path: Path) -> None:
    assert said(tmp_path, uploads) == []


def test_the_simulator_has_an_uploader_of_its_own(tmp_path: Path) -> None:
    assert said(tmp_path, simulate=True) == []
