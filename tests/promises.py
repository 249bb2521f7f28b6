"""What a storyboard promises is what comes out: each deliverable has the type, ratio, length and sound of its step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest

from kling_pipe.api.checking import check
from kling_pipe.api.options import Options
from kling_pipe.story.storyboard import StepOutput
from kling_pipe.values.media import MediaFacts, MediaType


def check_promises(
    path: str, planned: Mapping[str, Any], made: Mapping[str, Any], facts: Mapping[str, MediaFacts]
) -> None:
    """`planned` and `made` are what `plan` and `run` told of a storyboard; `facts` are those of its deliverables."""
    expected = {member["address"]: member for member in planned["members"]}
    checked = check(path, Options())
    assert checked.storyboard is not None
    wired = {delivery.path: delivery.reference for delivery in checked.storyboard.deliveries}
    assert wired
    assert set(facts) == set(wired)
    for name, reference in wired.items():
        assert isinstance(reference, StepOutput)
        step = checked.storyboard.members[reference.member]
        _check_promise(facts[name], os.path.splitext(name)[1], step.parameters, expected[step.address])
    assert made["spent"] == planned["estimate"]


def _check_promise(facts: MediaFacts, extension: str, written: Mapping[str, Any], planned: Mapping[str, Any]) -> None:
    assert facts.extension == extension
    assert (facts.type is MediaType.VIDEO) == (extension == ".mp4")
    if "aspect_ratio" in written:
        wide, high = map(int, str(written["aspect_ratio"]).split(":"))
        assert facts.width / facts.height == pytest.approx(wide / high, rel=0.02)
    if "duration" in written:
        assert facts.seconds == pytest.approx(float(written["duration"]), abs=0.2)
    if "sound" in written:
        assert facts.has_sound == written["sound"]
