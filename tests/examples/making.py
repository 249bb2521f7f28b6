"""The examples' steps on the way that every step goes: read, examined, routed and written by the adapter.

A file of ours is handed over under its name in angle brackets, in whatever form the service takes it; the tests of the
simulated services put the real thing in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.plan.examination import Examination, examine
from kling_pipe.providers.provider import AdapterSettings, Provider
from kling_pipe.providers.table import table
from kling_pipe.story.reading import read_storyboard
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference, Storyboard
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Material, Realm, TaskRef
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Request
from tests.coverage.reading import root
from tests.examples.reading import Example, documents, here, text_of
from tests.projects import project_of

task_id = "task-1"
_clip = MediaFacts(MediaType.VIDEO, "mp4", 1_000_000, 1280, 720, 5.0, 24.0, has_sound=True)
_sound = MediaFacts(MediaType.AUDIO, "mp3", 100_000, seconds=6.0, has_sound=True)
_picture = MediaFacts(MediaType.IMAGE, "png", 100_000, 1600, 900)
_facts: Mapping[str, MediaFacts] = {
    "clip": _clip,
    "dance": _clip,
    "longer": MediaFacts(MediaType.VIDEO, "mp4", 1_000_000, 1280, 720, 8.0, 24.0, has_sound=True),
    "sound": _sound,
    "voice": _sound,
    "other-voice": _sound,
}


def facts_of(name: str) -> MediaFacts:
    """What the input of a name is."""
    return _facts.get(name, _picture)


@cache
def storyboard(document: str) -> Storyboard:
    """A document's examples as any storyboard; a problem in it is a mistake here."""
    name = f"{document}.yaml"
    reading = read_storyboard(str(here / name), text_of(name), project_of(str(root)))
    assert reading.problems == (), reading.problems
    return reading.value()


@cache
def examined(document: str) -> Examination:
    """What the catalogue of its road says."""
    return examine(storyboard(document), lambda _: catalogue(document), look)


def errors(document: str) -> list[Problem]:
    return [problem for problem in examined(document).problems if problem.severity is Severity.ERROR]


@cache
def catalogue(document: str) -> Catalogue:
    provider = documents()[document]["provider"]
    return load_catalogue(provider, table[provider].read)


def adapter_of(example: Example) -> Provider:
    transport = "executable" if example.form == "run" else ""
    return table[documents()[example.document]["provider"]].adapter(AdapterSettings(transport=transport))


def request_of(example: Example) -> Request:
    """The request that the adapter writes for the example's step."""
    provider = adapter_of(example)
    job, media = job_of(example)
    if example.form in ("create", "run"):
        return provider.submit(job, media)
    if example.form == "query":
        return provider.single(TaskRef(job.external_id, task_id, job.route), CredentialKind.API_KEY).request
    price = provider.price_query(job, media)
    assert price is not None
    return price


def sent_by(request: Request) -> Mapping[str, object]:
    """What a request says: a body's fields, those of a list's one task, or the flags of an executable's run."""
    if request.method == "RUN":
        return _flags(request.arguments)
    (body,) = request.body if isinstance(request.body, list) else (request.body or {},)
    params = body.get("params")
    return params if set(body) == {"params"} and isinstance(params, Mapping) else body


def _flags(arguments: Sequence[str]) -> Mapping[str, object]:
    command, *rest = arguments
    flags: dict[str, object] = {"command": command}
    last = ""
    for argument in rest:
        name, is_valued, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--"):
            flags[last] = argument
            continue
        flags[name] = value if is_valued else True
        last = name
    return flags


def job_of(example: Example) -> tuple[Job, dict[str, Handed]]:
    """The example's step as a job, and how its files are handed over."""
    provider = adapter_of(example)
    step = storyboard(example.document).members[example.step]
    settled = examined(example.document).settled[example.step]
    fields = tuple(wire.field for wire in step.wires)
    local = tuple(wire.field for wire in step.wires if isinstance(wire.reference, InputFile))
    key = CredentialKind.API_KEY
    route = provider.route(step.kind, settled.model, settled.parameters, local, key, fields)
    assert not isinstance(route, Refusal), route
    materials = tuple(Material(wire.field, "d" * 64, facts_of(_name(wire.reference))) for wire in step.wires)
    media = {wire.field: _handed(wire.reference, provider.forms(step.kind, wire.field, route)) for wire in step.wires}
    facts = {material.field: material.facts for material in materials}
    takes = tuple(range(1, step.takes + 1))
    job = Job(
        member=step.address, storyboard="examples", kind=step.kind, model=settled.model, realm=Realm.SIMULATED,
        provider=provider.type, profile=provider.type, product=settled.product, makes=settled.makes,
        parameters=settled.parameters, materials=materials, extra=step.extra, recipe=str(example), takes=takes,
        keys=tuple(map(str, takes)), estimate=catalogue(example.document).price(settled, facts).cost,
        expected_seconds=0.0, route=route,
    )  # fmt: skip
    return job, media


def _handed(reference: Reference, form: Form) -> Handed:
    """An address as it is, a file in the form that comes first with the service."""
    if isinstance(reference, InputUrl):
        assert Form.URL in form
        return Handed(url=reference.url)
    name = f"<{_name(reference)}>"
    return Handed(base64=name) if Form.BASE64 in form else Handed(id=name)


def _name(reference: Reference) -> str:
    assert isinstance(reference, InputFile | InputUrl)
    return reference.name


def look(reference: Reference) -> MediaFacts | Problem | None:
    """What an input is."""
    return facts_of(_name(reference))
