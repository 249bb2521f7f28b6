"""A plan on paper: everything it was made from, by digest or by value, so that a run can tell what has changed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from kling_pipe.plan.jobs import flown_together
from kling_pipe.plan.plan import Plan, Planned, Source, bought_standings
from kling_pipe.plan.sharing import Shares
from kling_pipe.values.digest import canonical, digest_of
from kling_pipe.values.lock import Lock, LockedMember, LockedTake
from kling_pipe.values.money import Cost

bound_format = 1


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the lock says of a member: `made` are digests of what it holds of each take."""

    pick: int = 0
    takes: int = 0
    accepted: str = ""
    made: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundMember:
    """One member: its fields as canonical texts, how it stood, its recipe where that was known, the takes that were to
    be bought, and what one of them was to cost by which price row."""

    fields: Mapping[str, str]
    standing: str
    recipe: str = ""
    buys: tuple[int, ...] = ()
    take: Cost = Cost()
    as_of: str = ""
    source: str = ""
    reason: str = ""  # why that is an estimate
    pinned: Pinned = Pinned()


@dataclass(frozen=True, slots=True)
class BoundJob:
    """What one task was to make: `keys` are empty while a step above is not made."""

    member: str
    takes: tuple[int, ...]
    keys: tuple[str, ...]
    cost: Cost
    exact: bool


@dataclass(frozen=True, slots=True)
class BoundPlan:
    """The whole. Paths of `texts`, of `inputs` and of the lock are relative to the storyboard's folder; `storyboard`
    is relative to the folder of the plan's own file."""

    version: str
    realm: str
    storyboard: str
    only: tuple[str, ...]
    provider: str
    texts: Mapping[str, str]  # sha256 by path
    inputs: Mapping[str, str]  # sha256 by path or address
    lock: tuple[str, str]  # path, and sha256 of its bytes: empty where there is none
    members: Mapping[str, BoundMember]
    jobs: tuple[BoundJob, ...]
    estimate: Cost
    exact: bool


@dataclass(frozen=True, slots=True)
class PaperPlan:
    """A plan that was read from a file; `storyboard` is the path to it as it is reached from here."""

    path: str
    storyboard: str
    bound: BoundPlan

    @property
    def again(self) -> str:
        """What is typed to have it planned again."""
        words = ["kling-pipe", "plan", self.storyboard, *(["--simulate"] if self.bound.realm == "simulated" else [])]
        words += [part for word in self.bound.only for part in ("--only", word)]
        words += ["--provider", self.bound.provider] if self.bound.provider else []
        return shlex.join([*words, "-o", self.path])


def members_of(plan: Plan, lock: Lock) -> dict[str, BoundMember]:
    """Every member with all that decides it."""
    return {address: _member(planned, lock.member(address)) for address, planned in plan.members.items()}


def jobs_of(plan: Plan) -> Iterator[BoundJob]:
    """What a run of the plan would ask for, as it stands now."""
    for address, own in Shares(plan.members).takes(plan.members).items():
        planned = plan.members[address]
        for together in flown_together(planned.missing_takes, planned.takes_at_once):
            takes = tuple(take for take in together if take in own)
            if takes:
                keys = tuple(planned.keys[take - 1] for take in takes) if planned.keys else ()
                exact = planned.price is None or planned.price.exact
                yield BoundJob(address, takes, keys, planned.take_cost * len(takes), exact)


def _member(planned: Planned, pinned: LockedMember) -> BoundMember:
    price = planned.price
    return BoundMember(
        fields=_fields(planned),
        standing=str(planned.standing),
        recipe=planned.recipe,
        buys=planned.bought_takes if planned.standing in bought_standings else (),
        take=planned.take_cost,
        as_of=price.as_of if price else "",
        source=price.source if price else "",
        reason=price.reason if price else "",
        pinned=Pinned(
            pinned.pick,
            pinned.takes,
            f"{pinned.accepted.date} {pinned.accepted.recipe}" if pinned.accepted else "",
            {str(take): _digest_of_take(made) for take, made in pinned.made.items()},
        ),
    )


def _fields(planned: Planned) -> dict[str, str]:
    step = planned.step
    found: dict[str, object] = {
        "kind": planned.kind, "model": planned.model, "provider": planned.provider, "profile": planned.profile,
        "takes": step.takes, "pick": step.pick, **planned.parameters,
    }  # fmt: skip
    found |= {f"extra.{name}": value for name, value in step.extra.items()}
    found |= {source.wire.field: _named(source) for source in planned.sources}
    return {name: canonical(value) for name, value in found.items()}


def _named(source: Source) -> str:
    """A wired file by the step it comes from, or by its bytes."""
    if not source.member:
        return f"sha256:{source.digest}"
    picture = f".images[{source.image}]" if source.image else ""
    part = f".{source.select or source.part}" if source.select or source.part else ""
    return f"{source.member}.takes[{source.take}]{picture}{part}"


def _digest_of_take(made: LockedTake) -> str:
    files = [[file.key, file.digest, file.index] for file in made.artifact.files]
    return digest_of("kling-pipe.locked-take", files)[:16]


# on paper


def bound_to_json(bound: BoundPlan) -> dict[str, object]:
    """The plan's document; `digest` covers all the rest, so that nobody agrees to what was edited by hand."""
    path, digest = bound.lock
    data: dict[str, object] = {
        "plan": bound_format,
        "kling_pipe": bound.version,
        "realm": bound.realm,
        "storyboard": bound.storyboard,
        "only": list(bound.only),
        "provider": bound.provider,
        "estimate": bound.estimate.to_json(),
        "exact": bound.exact,
        "texts": dict(bound.texts),
        "inputs": dict(bound.inputs),
        "lock": {"path": path, "sha256": digest},
        "jobs": [
            {"member": job.member, "takes": list(job.takes), "keys": list(job.keys) or "pending",
             "cost": job.cost.to_json(), "exact": job.exact}
            for job in bound.jobs
        ],
        "members": {address: _member_to_json(member) for address, member in bound.members.items()},
    }  # fmt: skip
    return {**data, "digest": digest_of_document(data)}


def digest_of_document(data: Mapping[str, object]) -> str:
    """Of everything but the digest itself."""
    return digest_of("kling-pipe.plan", {key: value for key, value in data.items() if key != "digest"})


def _member_to_json(member: BoundMember) -> dict[str, object]:
    pinned = member.pinned
    return {
        "fields": {name: json.loads(value) for name, value in member.fields.items()},
        "standing": member.standing,
        "recipe": member.recipe,
        "buys": list(member.buys),
        "price": {"take": member.take.to_json(), "as_of": member.as_of, "source": member.source,
                  "reason": member.reason},
        "lock": {"pick": pinned.pick, "takes": pinned.takes, "accepted": pinned.accepted, "made": dict(pinned.made)},
    }  # fmt: skip


def bound_from_json(data: Mapping[str, object]) -> BoundPlan:
    """The inverse; raises ValueError where the document is not one of this format."""
    lock = _mapping(data, "lock")
    return BoundPlan(
        version=_text(data, "kling_pipe"),
        realm=_text(data, "realm"),
        storyboard=_text(data, "storyboard"),
        only=tuple(str(word) for word in _sequence(data, "only")),
        provider=_text(data, "provider"),
        texts=_texts(data, "texts"),
        inputs=_texts(data, "inputs"),
        lock=(_text(lock, "path"), _text(lock, "sha256")),
        members={
            address: _member_from_json(_mapping(_mapping(data, "members"), address))
            for address in _mapping(data, "members")
        },
        jobs=tuple(_job_from_json(job) for job in _sequence(data, "jobs") if isinstance(job, Mapping)),
        estimate=Cost.from_json(_mapping(data, "estimate")),
        exact=data.get("exact") is True,
    )


def _member_from_json(data: Mapping[str, object]) -> BoundMember:
    price, lock = _mapping(data, "price"), _mapping(data, "lock")
    return BoundMember(
        fields={name: canonical(value) for name, value in _mapping(data, "fields").items()},
        standing=_text(data, "standing"),
        recipe=_text(data, "recipe"),
        buys=_numbers(data, "buys"),
        take=Cost.from_json(_mapping(price, "take")),
        as_of=_text(price, "as_of"),
        source=_text(price, "source"),
        reason=_text(price, "reason"),
        pinned=Pinned(
            _number(lock.get("pick")), _number(lock.get("takes")), _text(lock, "accepted"), _texts(lock, "made")
        ),
    )


def _job_from_json(data: Mapping[str, object]) -> BoundJob:
    keys = data.get("keys")
    return BoundJob(
        member=_text(data, "member"),
        takes=_numbers(data, "takes"),
        keys=() if keys == "pending" else tuple(str(key) for key in _sequence(data, "keys")),
        cost=Cost.from_json(_mapping(data, "cost")),
        exact=data.get("exact") is True,
    )


def _mapping(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = data.get(key)
    if not isinstance(value, Mapping):
        raise ValueError(f"`{key}` is no mapping")  # it is the document that is wrong
    return value


def _sequence(data: Mapping[str, object], key: str) -> Sequence[object]:
    value = data.get(key)
    if not isinstance(value, list):
        raise ValueError(f"`{key}` is no list")  # it is the document that is wrong
    return value


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ValueError(f"`{key}` is no text")  # it is the document that is wrong
    return value


def _texts(data: Mapping[str, object], key: str) -> dict[str, str]:
    return {name: _text(_mapping(data, key), name) for name in _mapping(data, key)}


def _numbers(data: Mapping[str, object], key: str) -> tuple[int, ...]:
    return tuple(_number(value) for value in _sequence(data, key))


def _number(value: object) -> int:
    return int(Decimal(str(value)))
