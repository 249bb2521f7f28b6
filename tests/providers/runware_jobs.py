"""Jobs for Runware's adapter, made from a kind, a model, parameters and wired fields through the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import kling_pipe.providers.runware
from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.providers.runware.adapter import RunwareProvider
from kling_pipe.story.storyboard import InputFile, Step, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Job, Material, Realm
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.span import Span
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json

folder = Path(kling_pipe.providers.runware.__file__).parent
catalogue: Catalogue = load_catalogue("runware", lambda name: (folder / name).read_text("utf-8"))
provider = RunwareProvider()
here = Span("story.yaml", 1, 1)
_facts: Mapping[str, MediaFacts] = {
    "video": MediaFacts(MediaType.VIDEO, "mp4", 1_000_000, 1280, 720, 8.0, 24, has_sound=True),
    "audio": MediaFacts(MediaType.AUDIO, "mp3", 1_000_000, seconds=8.0, has_sound=True),
}
_picture = MediaFacts(MediaType.IMAGE, "png", 1_000_000, 1600, 900)


def facts_of(field: str) -> MediaFacts:
    """A good file for a wired field."""
    return _facts.get(field, _picture)


def step_of(kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> Step:
    """A step with wired fields."""
    wires = tuple(Wire(field, facts_of(field).type, InputFile(field, f"/{field}"), here) for field in wired)
    return Step("step", kind, model, here, parameters, wires)


def told_of(kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> list[str]:
    """Codes of what the catalogue says of such a step, errors alone."""
    step = step_of(kind, model, parameters, wired)
    problems = catalogue.check(step, catalogue.settle(step))
    return [problem.code for problem in problems if problem.severity is Severity.ERROR]


def job_of(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    wired: Sequence[str] = (),
    *,
    takes: tuple[int, ...] = (1,),
    extra: Mapping[str, object] | None = None,
    recipe: str = "recipe",
) -> Job:
    """A settled, routed job; a step that the catalogue refuses is a mistake of the test."""
    assert told_of(kind, model, parameters, wired) == []
    settled = catalogue.settle(step_of(kind, model, parameters, wired))
    assert settled is not None
    route = provider.route(kind, settled.model, settled.parameters, (), None, wired)
    assert not isinstance(route, Refusal), route
    materials = tuple(Material(field, "d" * 64, facts_of(field)) for field in wired)
    return Job(
        member="step", storyboard="story", kind=kind, model=settled.model, realm=Realm.SIMULATED, provider="runware",
        profile="runware", product=settled.product, makes=settled.makes, parameters=settled.parameters,
        materials=materials, extra=extra or {}, recipe=recipe, takes=takes, keys=tuple(map(str, takes)),
        estimate=catalogue.price(settled, {m.field: m.facts for m in materials}).cost,
        expected_seconds=catalogue.expected_seconds(settled), route=route,
    )  # fmt: skip


def task_of(job: Job) -> Json:
    """The task that asks for a job, whose media are handed over under the names of their fields."""
    request = provider.submit(job, {material.field: Handed(id=material.field) for material in job.materials})
    assert isinstance(request.body, list)
    (task,) = request.body
    return task


def asked(kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> Json:
    """What such a step asks for, without what every task says."""
    task = task_of(job_of(kind, model, parameters, wired))
    said = {"taskType", "taskUUID", "deliveryMethod", "includeCost", "numberResults", "outputType", "outputFormat"}
    return {key: value for key, value in task.items() if key not in said}
