"""The steps of `variants.yaml` as jobs, and the requests that Kling's adapter writes for each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Catalogue, Settled, load_catalogue
from kling_pipe.plan.examination import Examination, examine
from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import Errand, ErrandNotes
from kling_pipe.providers.table import table
from kling_pipe.story.document import Document
from kling_pipe.story.reading import read_storyboard
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference, Step, Storyboard
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Material, Realm
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response
from tests.coverage.reading import here, root
from tests.projects import project_of

callback_url = "https://listener.example.org/kling"
provider = KlingProvider()
_long = "word " * 520  # more than the body-model standard takes
_facts: Mapping[MediaType, MediaFacts] = {
    MediaType.IMAGE: MediaFacts(MediaType.IMAGE, "png", 100_000, 1280, 720),
    MediaType.VIDEO: MediaFacts(MediaType.VIDEO, "mp4", 1_000_000, 1920, 1080, 5.0, 30.0, has_sound=True),
    MediaType.AUDIO: MediaFacts(MediaType.AUDIO, "mp3", 100_000, seconds=6.0, has_sound=True),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """A job of a step, and the wired fields whose media travel by ids of the service's own."""

    name: str
    job: Job
    by_id: frozenset[str]

    def requests(self) -> tuple[Request, ...]:
        """Its errands and its create, in the order they are sent."""
        media = {material.field: self._handed(material) for material in self.job.materials}
        told: list[Mapping[str, object]] = []
        sent: list[Request] = []
        while (errand := provider.errand(self.job, media, told)) is not None:
            sent.append(errand.request)
            notes = provider.read_errand(self.job, errand, _answer(errand))
            assert isinstance(notes, ErrandNotes), notes
            told.append(notes.told)
        return (*sent, provider.submit(self.job, media, told, callback_url))

    def _handed(self, material: Material) -> Handed:
        is_card = material.facts.type in (MediaType.ELEMENT, MediaType.VOICE)
        if is_card or material.field in self.by_id:
            return Handed(id=f"{sum(material.field.encode()):018d}")
        return Handed(url=f"https://media.example.org/{material.field}")

    def without(self, key: str) -> Variant:
        """The same step without one of its keys: without `takes` it is bought once, without `model` by another."""
        job = self.job
        if key == "takes":
            return replace(self, job=replace(job, takes=job.takes[:1], keys=job.keys[:1]))
        if key == "model":
            return replace(self, job=replace(job, model="another"))
        if key == "extra":
            return replace(self, job=replace(job, extra={}))
        left = {name: value for name, value in job.parameters.items() if name != key}
        materials = tuple(one for one in job.materials if one.field.partition("[")[0] != key)
        return replace(self, job=replace(job, parameters=left, materials=materials))


@cache
def variants() -> tuple[Variant, ...]:
    """Every step of the storyboard as the plan would make it."""
    story, catalogue = storyboard("variants.yaml"), shipped()
    found = examined("variants.yaml")
    assert [problem for problem in found.problems if problem.severity is Severity.ERROR] == []
    by_id = {name: frozenset(about.get("x-by-id", ())) for name, about in written("variants.yaml").items()}
    return tuple(
        Variant(step.address, _job(step, found.settled[step.address], found, catalogue), by_id[step.address])
        for step in story.members.values()
    )


@cache
def shipped() -> Catalogue:
    return load_catalogue("kling", table["kling"].read)


@cache
def written(name: str) -> Mapping[str, Mapping[str, Any]]:
    """The steps of a storyboard of this folder as they are written."""
    steps: Mapping[str, Mapping[str, Any]] = Document.parse(_text(name), name).root["steps"]
    return steps


@cache
def storyboard(name: str) -> Storyboard:
    """A storyboard of this folder, read as any other; a problem in it is a mistake here."""
    reading = read_storyboard(str(here / name), _text(name), project_of(str(root)))
    assert reading.problems == (), reading.problems
    return reading.value()


@cache
def examined(name: str) -> Examination:
    """What the catalogue says of it."""
    return examine(storyboard(name), lambda _: shipped(), _look, allow_unknown=lambda step: step.model == "kling-v9")


def _text(name: str) -> str:
    return (here / name).read_text("utf-8").replace("LONG", _long)


def _look(reference: Reference) -> MediaFacts | Problem | None:
    """An input is what its name says."""
    assert isinstance(reference, InputFile | InputUrl)
    return _facts[{"clip": MediaType.VIDEO, "sound": MediaType.AUDIO}.get(reference.name, MediaType.IMAGE)]


def _job(step: Step, settled: Settled, found: Examination, catalogue: Catalogue) -> Job:
    fields = tuple(wire.field for wire in step.wires)
    route = provider.route(step.kind, settled.model, settled.parameters, (), CredentialKind.API_KEY, fields)
    assert not isinstance(route, Refusal), route
    materials = tuple(_materials(step, found))
    facts = {material.field: material.facts for material in materials}
    takes = tuple(range(1, step.takes + 1))
    return Job(
        member=step.address, storyboard="variants", kind=step.kind, model=settled.model, realm=Realm.SIMULATED,
        provider="kling", profile="kling", product=settled.product, makes=settled.makes,
        parameters=settled.parameters, materials=materials, extra=step.extra, recipe=step.address, takes=takes,
        keys=tuple(map(str, takes)), estimate=catalogue.price(settled, facts).cost,
        expected_seconds=catalogue.expected_seconds(settled), route=route, timeout=step.timeout,
    )  # fmt: skip


def _materials(step: Step, found: Examination) -> Iterator[Material]:
    for wire in step.wires:
        facts = _facts.get(wire.takes) or MediaFacts(wire.takes, "json", 100)
        yield Material(wire.field, "d" * 64, facts)


def _answer(errand: Errand) -> Response:
    """What the service answers to an errand; kling.md section 12."""
    data: Any = {
        "tts": {
            "task_id": "1", "task_status": "succeed",
            "task_result": {"audios": [{"id": "777", "url": "https://media.example.org/said.mp3", "duration": "4.0"}]},
        },
        "identify-face": {
            "session_id": "888",
            "face_data": [
                {"face_id": "0", "face_image": "", "start_time": 0, "end_time": 5000},
                {"face_id": "1", "face_image": "", "start_time": 0, "end_time": 5000},
            ],
        },
        "init-selection": {"status": 0, "session_id": "999"},
        "add-selection": {"status": 0, "session_id": "999", "res": {"frame_index": 3, "rle_mask_list": [{}]}},
    }[errand.name]  # fmt: skip
    return Response(200, {}, json.dumps({"code": 0, "message": "SUCCEED", "data": data}).encode())
