"""The media shipped with the examples is whole, within the service's limits, and says that it is simulated."""

from __future__ import annotations

import os

from kling_pipe.simulator.media import look
from kling_pipe.values.files import data_folder
from kling_pipe.values.media import MediaFacts, MediaType

media = os.path.join(data_folder("pipelines"), "media")


def test_the_dancer_and_the_dance_can_be_used_for_motion_control() -> None:
    picture, clip = os.path.join(media, "dancer.png"), os.path.join(media, "dance-reference.mp4")
    assert [look(picture), look(clip)] == [
        MediaFacts(MediaType.IMAGE, "png", os.path.getsize(picture), 768, 1360),
        MediaFacts(MediaType.VIDEO, "mp4", os.path.getsize(clip), 360, 640, 5.0, 24.0, True),
    ]
    assert (os.path.getsize(picture) < 300_000, os.path.getsize(clip) < 250_000) == (True, True)


def test_both_carry_the_simulators_own_words() -> None:
    for name in ("dancer.png", "dance-reference.mp4"):
        with open(os.path.join(media, name), "rb") as file:
            assert b"simulated by kling-pipe" in file.read()
