"""Plans written as short lines: `clip: video x2 < hero !3` is two clips from a picture, with three retries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from kling_pipe.plan.graph import Graph
from kling_pipe.plan.plan import Plan, Planned, Price, Source, Standing
from kling_pipe.plan.recipe import Recipe
from kling_pipe.story.storyboard import Step, StepOutput, Storyboard, Wire
from kling_pipe.values.job import Artifact, Material, Realm, Route
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.span import Span

picture = MediaFacts(MediaType.IMAGE, "png", 1000, 1360, 768)
clip = MediaFacts(MediaType.VIDEO, "mp4", 5000, 1360, 768, 5.0, 24.0)
makes = {"image": MediaType.IMAGE, "video": MediaType.VIDEO}
facts_of = {"image": picture, "video": clip}
kinds = {"image": "text-to-image", "video": "image-to-video"}
seconds_of = {"image": 20.0, "video": 60.0}
cents = {"image": Decimal("0.10"), "video": Decimal("0.50")}

_line = re.compile(
    r"(?P<name>\w+): (?P<product>image|video)(?: x(?P<takes>\d+))?(?: !(?P<retries>\d+))?(?: ~(?P<timeout>\d+))?"
    r"(?: \"(?P<prompt>[^\"]*)\")?(?: < (?P<above>.+))?"
)


def plan_of(
    *lines: str,
    made: Mapping[str, Artifact] | None = None,
    realm: Realm = Realm.SIMULATED,
    has_external_id: bool = True,
) -> Plan:
    """The plan of these lines; `made` are the artifacts a ledger holds, by key."""
    return _plan_of(lines, frozenset((made or {}).items()), realm, has_external_id)


@lru_cache(maxsize=256)
def _plan_of(
    lines: tuple[str, ...], artifacts: frozenset[tuple[str, Artifact]], realm: Realm, has_external_id: bool
) -> Plan:
    made = dict(artifacts)
    members: dict[str, Planned] = {}
    for line in lines:
        match = _line.fullmatch(line)
        assert match is not None, line
        member = _member(match.groupdict(), members, made, realm)
        member = replace(member, route=replace(member.route, has_external_id=has_external_id))
        members[member.address] = member
    steps = {address: member.step for address, member in members.items()}
    storyboard = Storyboard("story.yaml", "story", "kling", steps, ())
    estimate = Cost.total(member.price.cost for member in members.values() if member.price)
    return Plan(storyboard, realm, members, (), (), 0.0, estimate, exact=True)


def tails_of(plan: Plan) -> dict[str, float]:
    """The longest expected chain of each member, as the machine gets them."""
    edges = [(above, member.address) for member in plan.members.values() for above in member.above]
    return Graph(tuple(plan.members), edges).remaining(
        {address: member.expected_seconds for address, member in plan.members.items()}
    )


def _member(
    words: Mapping[str, str | None], members: Mapping[str, Planned], made: Mapping[str, Artifact], realm: Realm
) -> Planned:
    name, product = str(words["name"]), str(words["product"])
    above = tuple((words["above"] or "").split()) if words["above"] else ()
    sources = tuple(_source(field, members[address]) for field, address in enumerate(above))
    step = Step(
        address=name, kind=kinds[product], model="kling-v3", span=Span("story.yaml", 1, 1),
        parameters={"prompt": words["prompt"] or name}, wires=tuple(source.wire for source in sources),
        takes=int(words["takes"] or 1), retries=int(words["retries"] or 0), timeout=float(words["timeout"] or 0),
    )  # fmt: skip
    keys: tuple[str, ...] = ()
    digest = ""
    if all(source.digest for source in sources):
        materials = [Material(source.wire.field, source.digest, picture, source.select) for source in sources]
        recipe = Recipe.of(step.kind, realm, "kling", "kling-v3", step.parameters, materials, {})
        digest, keys = recipe.digest, tuple(recipe.key(take) for take in range(1, step.takes + 1))
    artifacts = {take: made[key] for take, key in enumerate(keys, start=1) if key in made}
    cost = Cost(cents[product])
    return Planned(
        address=name, step=step, kind=step.kind, model="kling-v3", product=product, makes=makes[product],
        provider="kling", profile="kling", realm=realm, parameters=step.parameters, sources=sources,
        route=Route("path-model", f"/{step.kind}/kling-v3"),
        standing=_standing(keys, artifacts), reason="", recipe=digest, keys=keys, artifacts=artifacts,
        price=Price(cost * (step.takes - len(artifacts)), as_of="2026-07-01", source="a test"),
        take_cost=cost, takes_at_once=9 if product == "image" else 1, expected_seconds=seconds_of[product], above=above,
    )  # fmt: skip


def _standing(keys: tuple[str, ...], artifacts: Mapping[int, Artifact]) -> Standing:
    if not keys:
        return Standing.PENDING
    return Standing.CURRENT if len(artifacts) == len(keys) else Standing.MISSING


def _source(number: int, above: Planned) -> Source:
    field = "image" if number == 0 else f"references[{number - 1}]"
    wire = Wire(field, above.makes, StepOutput(above.address), Span("story.yaml", 1, 1))
    artifact = above.artifacts.get(1) if above.standing is Standing.CURRENT else None
    return Source(
        wire=wire, member=above.address, digest=artifact.digest if artifact else "", facts=facts_of[above.product]
    )
