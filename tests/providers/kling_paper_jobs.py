"""Jobs for Kling's adapter written by hand: no catalogue stands between a test and what the adapter is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Material, Realm
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Handed

media = "https://media.example.org/"
picture = MediaFacts(MediaType.IMAGE, "png", 1000, 1280, 720)
clip = MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 5.041)
sound = MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=4.2)
element = MediaFacts(MediaType.ELEMENT, "json", 100)
voice = MediaFacts(MediaType.VOICE, "json", 100)
_facts = {"video": clip, "audio": sound, "elements": element, "voices": voice, "voice": voice}
_image_kinds = frozenset({
    "text-to-image", "image-to-image", "image-series", "expand-image", "virtual-try-on", "multi-angle",
})  # fmt: skip
_other_kinds = {
    "segment": ("video", MediaType.IMAGE),
    "text-to-audio": ("audio", MediaType.AUDIO),
    "video-to-audio": ("audio", MediaType.AUDIO),
    "speech": ("video", MediaType.AUDIO),
    "element": ("video", MediaType.ELEMENT),
    "voice": ("video", MediaType.VOICE),
}


def facts_of(field: str) -> MediaFacts:
    """What a wired field usually holds."""
    return _facts.get(field.partition("[")[0], picture)


def paper_job(
    kind: str,
    model: str,
    parameters: Mapping[str, object],
    wired: Sequence[str] = (),
    *,
    takes: tuple[int, ...] = (1,),
    extra: Mapping[str, object] | None = None,
    recipe: str = "",
    credential: CredentialKind = CredentialKind.API_KEY,
    facts: Mapping[str, MediaFacts] | None = None,
) -> Job:
    """A settled, routed job; one that the route refuses is a mistake of the test."""
    route = KlingProvider().route(kind, model, parameters, (), credential, wired)
    assert not isinstance(route, Refusal), route
    image = ("image", MediaType.IMAGE) if kind in _image_kinds else ("video", MediaType.VIDEO)
    product, makes = _other_kinds.get(kind, image)
    known = facts or {}
    return Job(
        member="step", storyboard="story", kind=kind, model=model, realm=Realm.SIMULATED, provider="kling",
        profile="kling", product=product, makes=makes, parameters=parameters,
        materials=tuple(Material(field, "d" * 64, known.get(field, facts_of(field))) for field in wired),
        extra=extra or {}, recipe=recipe or f"{kind} {model}", takes=takes, keys=tuple(map(str, takes)),
        estimate=Cost(), expected_seconds=60.0, route=route,
    )  # fmt: skip


def handed(job: Job) -> dict[str, Handed]:
    """Every material as a URL, and what goes by id as an id."""
    return {
        material.field: Handed(id=f"id of {material.field}")
        if material.facts.format == "json"
        else Handed(url=media + material.field)
        for material in job.materials
    }
