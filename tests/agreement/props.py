"""What drafts may be wired to besides files: steps that were made before, by kling-pipe and the service themselves."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Artifact, Job, Material, TaskRef
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.transfer import Form, Handed
from tests.agreement.drafts import Draft, File, Made, sources
from tests.agreement.house import House, provider
from tests.agreement.service import Service
from tests.paper_studio import paper

_far = 4_000_000_000.0  # the addresses of what was made live as long as a test does
_at = "https://media.example.org"
earlier: Mapping[str, Mapping[str, Any]] = {
    "hero": {"kind": "text-to-image", "prompt": "a keeper"},
    "spot": {"kind": "text-to-video", "model": "kling-v2-6", "prompt": "p", "mode": "pro", "sound": True},
    "mute": {"kind": "text-to-video", "model": "kling-v3", "prompt": "p", "mode": "pro", "duration": 4},
    "ten": {"kind": "text-to-video", "model": "kling-v3", "prompt": "p", "sound": True, "duration": 10},
    "oldest": {"kind": "text-to-video", "model": "kling-v1", "prompt": "p"},
    "older": {"kind": "text-to-video", "model": "kling-v1-6", "prompt": "p", "duration": 10},
    "master": {"kind": "text-to-video", "model": "kling-v2-master", "prompt": "p"},
    "line": {"kind": "speech", "text": "good evening, and welcome to the show", "voice": "uk_man2", "language": "en"},
    "anna": {"kind": "element", "name": "Anna", "description": "a", "images": [f"{_at}/wide.png", f"{_at}/wide.png"]},
    "actor": {"kind": "element", "name": "Actor", "description": "a", "video": f"{_at}/hd.mp4"},
    "narrator": {"kind": "voice", "name": "narrator", "audio": f"{_at}/talk.mp3"},
}


async def with_props(service: Service) -> House:
    """Makes all of them, so that drafts of this house may be wired to them."""
    house = House({}, {})
    made = {name: await _make(service, house, name, lines) for name, lines in earlier.items()}
    return House(earlier, made)


def handed_over(service: Service, house: House, draft: Draft, job: Job) -> dict[str, Handed]:
    """How each material of a draft's job travels."""
    wired = sources(draft)
    return {material.field: _handed(service, house, wired[material.field], material, job) for material in job.materials}


def _handed(service: Service, house: House, source: File | Made, material: Material, job: Job) -> Handed:
    forms = provider.forms(job.kind, material.field, job.route)
    if isinstance(source, Made):
        artifact = house.made[source.step]
        if Form.URL not in forms:
            return Handed(id=artifact.output_id)
        if not source.part:
            return Handed(url=artifact.url)
    data = paper(material.facts)
    if Form.BASE64 in forms and not (isinstance(source, File) and source.by_url):
        return Handed(base64=base64.b64encode(data).decode())
    return Handed(url=service.place(material.digest, data))


async def _make(service: Service, house: House, name: str, lines: Mapping[str, Any]) -> Artifact:
    text = json.dumps({"storyboard": 1, "name": "case", "steps": {name: lines}})
    opinion = house.opinion_of_text(text, {}, name)
    assert opinion.job is not None, (name, opinion.errors)
    job = opinion.job
    media = {one.field: Handed(url=service.place(one.digest, paper(one.facts))) for one in job.materials}
    verdict = await service.verdict(job, media)
    assert verdict.state is not None, (name, verdict)
    state = verdict.state
    if not state.outputs:
        service.clock.advance(4000)
        task = TaskRef(state.external_id, state.task_id, job.route)
        (query,) = provider.queries([task], CredentialKind.API_KEY)
        (state,) = provider.read_query(query, await service.send(query.request)).states
    output = state.outputs[0]
    facts = await _facts_of(service, output.url) if output.url else MediaFacts(output.type, "json", 100)
    return Artifact(
        job.keys[0], job.recipe.ljust(64, "0")[:64], facts, url=output.url, url_expires=_far, output_id=output.id
    )


async def _facts_of(service: Service, url: str) -> MediaFacts:
    file = await service.world.inputs.from_url(url, service.world.hosts)
    assert file.facts.type is not MediaType.ELEMENT
    return file.facts
