"""Jobs for the gateway's adapter, made from a kind, a model, parameters and wired fields through its catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.table import table
from kling_pipe.story.storyboard import InputFile, Step, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Material, Realm
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.span import Span
from kling_pipe.values.transfer import Handed

catalogue: Catalogue = load_catalogue("gateway", table["gateway"].read)
here = Span("story.yaml", 1, 1)
picture = MediaFacts(MediaType.IMAGE, "png", 1000, 1600, 900)
element = MediaFacts(MediaType.ELEMENT, "json", 100)
key = CredentialKind.API_KEY


def facts_of(field: str) -> MediaFacts:
    """What a wired field usually holds."""
    return element if field.startswith("elements") else picture


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
    provider: GatewayProvider | None = None,
) -> Job:
    """A settled, routed job; a step that the catalogue or the route refuses is a mistake of the test."""
    settled = catalogue.settle(step_of(kind, model, parameters, wired), allow_unknown=True)
    assert settled is not None
    route = (provider or GatewayProvider()).route(kind, settled.model, settled.parameters, (), key, wired)
    assert not isinstance(route, Refusal), route
    materials = tuple(Material(field, "d" * 64, facts_of(field)) for field in wired)
    return Job(
        member="step", storyboard="story", kind=kind, model=settled.model, realm=Realm.SIMULATED, provider="gateway",
        profile="gateway", product=settled.product, makes=settled.makes, parameters=settled.parameters,
        materials=materials, extra=extra or {}, recipe="recipe", takes=takes, keys=tuple(map(str, takes)),
        estimate=catalogue.price(settled, {m.field: m.facts for m in materials}).cost,
        expected_seconds=catalogue.expected_seconds(settled), route=route,
    )  # fmt: skip


def handed(job: Job, base: str = "https://media.example.org") -> dict[str, Handed]:
    """Every picture by an address, and what goes by id as an id."""
    return {
        material.field: Handed(id="321922438904313") if material.facts is element else Handed(url=f"{base}/wide.png")
        for material in job.materials
    }
