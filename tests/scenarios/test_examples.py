"""What the examples promise is what comes out: each deliverable has the type, ratio, length and sound of its step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.api.checking import check
from kling_pipe.api.options import Options
from kling_pipe.edge.media import verify
from kling_pipe.story.storyboard import StepOutput
from kling_pipe.values.media import MediaFacts, MediaType
from tests.scenarios.stage import checkout, copied_pipelines, damaged_objects, typed

pytestmark = pytest.mark.slow
examples = sorted(path.name for path in (checkout / "pipelines").glob("*.yaml"))


@pytest.mark.parametrize("name", examples)
def test_the_deliverables_are_what_the_storyboard_says(name: str, tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path)
    assert typed(project, "validate", name).all.startswith(f"{name}: ")
    planned = typed(project, "plan", name, "--simulate", "--json").envelope["data"]
    said = typed(project, "run", name, "--simulate", "--speed", "500", "--json")
    assert said.code == 0, said.all
    expected = {member["address"]: member for member in planned["members"]}
    checked = check(str(project / name), Options())
    assert checked.storyboard is not None
    wired = {delivery.path: delivery.reference for delivery in checked.storyboard.deliveries}
    assert wired
    assert {item["path"] for item in said.envelope["data"]["deliverables"]} == set(wired)
    for path, reference in wired.items():
        assert isinstance(reference, StepOutput)
        step = checked.storyboard.members[reference.member]
        check_promise(verify(str(project / path)), os.path.splitext(path)[1], step.parameters, expected[step.address])
    assert said.envelope["data"]["spent"] == planned["estimate"]
    assert damaged_objects(project) == []


def check_promise(facts: MediaFacts, extension: str, written: Mapping[str, Any], planned: Mapping[str, Any]) -> None:
    assert facts.extension == extension
    assert (facts.type is MediaType.VIDEO) == (extension == ".mp4")
    if "aspect_ratio" in written:
        wide, high = map(int, str(written["aspect_ratio"]).split(":"))
        assert facts.width / facts.height == pytest.approx(wide / high, rel=0.02)
    if "duration" in written:
        assert facts.seconds == pytest.approx(float(written["duration"]), abs=0.2)
    if "sound" in written:
        assert facts.has_sound == written["sound"]
