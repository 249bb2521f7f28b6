"""What drafts may be wired to besides files: steps that were made before, by kling-pipe and the service themselves."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from kling_pipe.providers.provider import Uploaded
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Artifact, Job, Material
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.transfer import Form, Handed, NotUploaded
from tests.agreement.drafts import Draft, File, Made, sources
from tests.agreement.house import House
from tests.agreement.service import Service
from tests.paper_studio import paper

_far = 4_000_000_000.0  # the addresses of what was made live as long as a test does
_mimes = {MediaType.IMAGE: "image/png", MediaType.VIDEO: "video/mp4", MediaType.AUDIO: "audio/mpeg"}
_native_ids: Mapping[str, Sequence[object]] = {
    "elements": (Made("anna"), Made("actor")), "voices": (Made("narrator"),), "voice": (Made("narrator"),),
}  # fmt: skip


async def with_props(service: Service) -> House:
    """Makes all of them, so that drafts of this house may be wired to them."""
    road = service.road
    house = House(road, {}, {})
    made = {name: await _make(service, house, name, lines) for name, lines in road.earlier.items()}
    return House(road, road.earlier, made, await _ids(service))


async def handed_over(service: Service, house: House, draft: Draft, job: Job) -> dict[str, Handed]:
    """How each material of a draft's job travels; raises NotUploaded."""
    wired = sources(draft)
    return {one.field: await _handed(service, house, wired[one.field], one, job) for one in job.materials}


async def _handed(service: Service, house: House, source: File | Made, material: Material, job: Job) -> Handed:
    forms = house.provider.forms(job.kind, material.field, job.route)
    if isinstance(source, Made):
        artifact = house.made[source.step]
        if Form.URL not in forms:
            return Handed(id=artifact.output_id or artifact.key)
        if not source.part:
            return Handed(url=artifact.url)
    data = paper(material.facts)
    if not (isinstance(source, File) and source.by_url):
        if Form.BASE64 in forms:
            return Handed(base64=base64.b64encode(data).decode())
        if Form.UPLOAD in forms:
            return await _uploaded(service, material.facts, data)
    return Handed(url=service.place(material.digest, data))


async def _uploaded(service: Service, facts: MediaFacts, data: bytes) -> Handed:
    if (known := service.uploads.get(data)) is not None:
        return known
    provider = service.road.provider
    request = provider.upload(f"file.{facts.format}", _mimes[facts.type], data)
    found = provider.read_upload(await service.send(request))
    if isinstance(found, Uploaded):
        service.uploads[data] = found.handed
        return found.handed
    assert isinstance(found, Refusal)
    raise NotUploaded(found)


async def _ids(service: Service) -> Mapping[str, Sequence[object]]:
    """What can be named by its id: elements and voices of Kling's own, sounds in Runware's storage."""
    if service.road.name != "runware":
        return _native_ids if service.road.name == "kling" else {}
    sounds = [MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=seconds, has_sound=True) for seconds in (5.0, 30.0)]
    return {"voices": [(await _uploaded(service, facts, paper(facts))).id for facts in sounds]}


async def _make(service: Service, house: House, name: str, lines: Mapping[str, Any]) -> Artifact:
    text = json.dumps({"storyboard": 1, "name": "case", "steps": {name: lines}})
    opinion = house.opinion_of_text(text, {}, name)
    assert opinion.job is not None, (name, opinion.errors)
    job = opinion.job
    media = {one.field: Handed(url=service.place(one.digest, paper(one.facts))) for one in job.materials}
    verdict = await service.verdict(job, media)
    assert verdict.state is not None, (name, verdict)
    state = await service.ended(job, verdict.state)
    output = state.outputs[0]
    facts = await service.facts_of(output.url) if output.url else MediaFacts(output.type, "json", 100)
    return Artifact(
        job.keys[0], job.recipe.ljust(64, "0")[:64], facts, url=output.url, url_expires=_far, output_id=output.id
    )
