"""Why the request of a step has no way on a road."""

from __future__ import annotations

from kling_pipe.plan.obstacles import is_only_here
from kling_pipe.story.reading import read_storyboard
from tests.projects import project_of

board = """\
storyboard: 1
steps:
  line: {kind: speech, voice: oversea_male1, language: en, text: Every day begins before the day}
  clip: {kind: text-to-video, prompt: rain}
  host: {kind: avatar, image: "https://example.org/a.png", audio: steps.line}
  same: {kind: avatar, image: steps.clip.last_frame, audio: steps.line.audio}
  heard: {kind: avatar, image: steps.clip.first_frame, audio: steps.clip.audio}
"""


def test_only_what_is_cut_out_of_a_clip_has_no_address() -> None:
    """The sound of a step that makes sound is its very file, however it is named."""
    found = read_storyboard("/project/story.yaml", board, project_of("/project")).value()
    here = {
        name: [wire.field for wire in step.wires if is_only_here(wire, found)] for name, step in found.members.items()
    }
    assert here == {"line": [], "clip": [], "host": [], "same": ["image"], "heard": ["image", "audio"]}
