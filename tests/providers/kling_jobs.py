"""Jobs for Kling's adapter, made from a kind, a model, parameters and wired fields through the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.table import table
from kling_pipe.story.storyboard import InputFile, Step, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Material, Realm
from kling_pipe.values.span import Span
from tests.providers.kling_paper_jobs import facts_of

catalogue: Catalogue = load_catalogue("kling", table["kling"].read)
here = Span("story.yaml", 1, 1)


def step_of(kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> Step:
    """A step with wired fields."""
    wires = tuple(Wire(field, facts_of(field).type, InputFile(field, f"/{field}"), here) for field in wired)
    return Step("step", kind, model, here, parameters, wires)


def job_of(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    wired: Sequence[str] = (),
    *,
    takes: tuple[int, ...] = (1,),
    extra: Mapping[str, object] | None = None,
    recipe: str = "recipe",
    credential: CredentialKind = CredentialKind.API_KEY,
) -> Job:
    """A settled, routed job; a step that the catalogue or the route refuses is a mistake of the test."""
    step = step_of(kind, model, parameters, wired)
    settled = catalogue.settle(step)
    assert settled is not None, catalogue.check(step, settled)
    route = KlingProvider().route(kind, settled.model, settled.parameters, (), credential, wired)
    assert not isinstance(route, Refusal), route
    materials = tuple(Material(field, "d" * 64, facts_of(field)) for field in wired)
    return Job(
        member="step", storyboard="story", kind=kind, model=settled.model, realm=Realm.SIMULATED, provider="kling",
        profile="kling", product=settled.product, makes=settled.makes, parameters=settled.parameters,
        materials=materials, extra=extra or {}, recipe=recipe, takes=takes, keys=tuple(map(str, takes)),
        estimate=catalogue.price(settled, {m.field: m.facts for m in materials}).cost,
        expected_seconds=catalogue.expected_seconds(settled), route=route,
    )  # fmt: skip
