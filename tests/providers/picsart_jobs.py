"""Jobs for Picsart's adapter, made from a kind, a model, parameters and wired fields through the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.errors import Severity
from kling_pipe.plan.catalogue import Catalogue, Settled, load_catalogue
from kling_pipe.providers.picsart.adapter import PicsartProvider
from kling_pipe.providers.provider import AdapterSettings
from kling_pipe.providers.table import table
from kling_pipe.story.storyboard import InputFile, Step, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Material, Realm
from kling_pipe.values.span import Span
from kling_pipe.values.transfer import Handed
from tests.providers.kling_paper_jobs import facts_of, media

catalogue: Catalogue = load_catalogue("picsart", table["picsart"].read)
http, executable = PicsartProvider(), PicsartProvider(AdapterSettings(transport="executable"))
here = Span("story.yaml", 1, 1)


def step_of(kind: str, model: str, parameters: Mapping[str, object], wired: Sequence[str] = ()) -> Step:
    """A step with wired fields."""
    wires = tuple(Wire(field, facts_of(field).type, InputFile(field, f"/{field}"), here) for field in wired)
    return Step("step", kind, model, here, parameters, wires)


def settled_of(step: Step) -> Settled:
    """The step in canonical form; one that the catalogue refuses is a mistake of the test."""
    settled = catalogue.settle(step)
    problems = [problem for problem in catalogue.check(step, settled) if problem.severity is Severity.ERROR]
    assert settled is not None, problems
    assert not problems
    return settled


def job_of(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    wired: Sequence[str] = (),
    *,
    provider: PicsartProvider = http,
    takes: tuple[int, ...] = (1,),
    extra: Mapping[str, object] | None = None,
) -> Job:
    """A settled, routed job."""
    settled = settled_of(step_of(kind, model, parameters, wired))
    route = provider.route(kind, settled.model, settled.parameters, (), CredentialKind.API_KEY, wired)
    assert not isinstance(route, Refusal), route
    materials = tuple(Material(field, "d" * 64, facts_of(field)) for field in wired)
    return Job(
        member="step", storyboard="story", kind=kind, model=settled.model, realm=Realm.REAL, provider="picsart",
        profile="picsart", product=settled.product, makes=settled.makes, parameters=settled.parameters,
        materials=materials, extra=extra or {}, recipe="recipe", takes=takes, keys=tuple(map(str, takes)),
        estimate=catalogue.price(settled, {m.field: m.facts for m in materials}).cost,
        expected_seconds=catalogue.expected_seconds(settled), route=route,
    )  # fmt: skip


def handed(job: Job) -> dict[str, Handed]:
    """Every material as a URL."""
    return {material.field: Handed(url=media + material.field) for material in job.materials}
