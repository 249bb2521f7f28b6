"""`account`: the packs of a profile's account, what is left in them and until when; free questions only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kling_pipe.api.adapters import adapter_of
from kling_pipe.api.lines import Way
from kling_pipe.api.options import Options
from kling_pipe.api.running import World
from kling_pipe.api.workspace import full_environment, open_project
from kling_pipe.edge.clock import RealClock
from kling_pipe.errors import CredentialFailure, Severity, TextFailure, UsageFailure
from kling_pipe.providers.provider import AccountPart, Charge, Pack, Provider
from kling_pipe.providers.table import table
from kling_pipe.run.exchange import ask_pages
from kling_pipe.run.retry import remedy_of
from kling_pipe.story.project import Project
from kling_pipe.story.spelling import nearest
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.profile import Profile

soon = 7 * 86_400.0  # a pack that expires within this is told of


@dataclass(frozen=True, slots=True)
class PackState:
    """A pack and what is to be said of it: `expired`, `used up`, `expires soon`, `not begun`, or nothing."""

    pack: Pack
    remark: str


@dataclass(frozen=True, slots=True)
class Refusing:
    """A question that the service refused, and what can be done about it."""

    refusal: Refusal
    remedy: str


@dataclass(frozen=True, slots=True)
class Account:
    """What a profile's service told of the account: `left` is what can be drawn on now, by product; charges are newest
    first. `is_told` is false where the service speaks of none of it."""

    profile: str
    address: str
    packs: tuple[PackState, ...]
    left: Mapping[str, Decimal]
    charges: tuple[Charge, ...]
    refused: tuple[Refusing, ...]
    now: float
    is_told: bool = True


async def account(folder: str, options: Options, world: World | None = None) -> Account:
    """Asks for the account of `options.provider`, or of the project's only profile with credentials. Raises
    CredentialFailure when there are none or they are refused."""
    way, profile, adapter = way_to_profile(folder, options, world)
    clock = RealClock()
    now = clock.now()
    parts: list[AccountPart] = []
    refused: list[Refusing] = []
    async with way.line(profile, adapter) as line:
        questions = adapter.account(now)
        async for part in ask_pages(line, questions, adapter.read_account, clock, way.pause):
            if isinstance(part, Refusal):
                raise_if_credentials(part, profile)
                refused.append(Refusing(part, remedy_of(part)))
            else:
                parts.append(part)
    packs = [pack for part in parts for pack in part.packs]
    states = tuple(PackState(pack, remark_on(pack, now)) for pack in sorted(packs, key=_by_product_and_expiry))
    charges = [charge for part in parts for charge in part.charges]
    return Account(
        profile=profile.name,
        address=way.address(profile),
        packs=states,
        left=_left(states),
        charges=tuple(sorted(charges, key=lambda charge: -charge.at)),
        refused=tuple({(one.refusal.code, one.refusal.message): one for one in refused}.values()),
        now=now,
        is_told=bool(questions),
    )


def way_to_profile(folder: str, options: Options, world: World | None) -> tuple[Way, Profile, Provider]:
    """The profile that is asked, the way to its service and its language; raises UsageFailure and TextFailure."""
    project, text, problems = open_project(folder)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise TextFailure(problems, {project.path: text})
    way = Way(full_environment(project, options.environment), project.root, world)
    profile = _profile(project, options.provider, way)
    return way, profile, adapter_of(profile, project, simulated=world is not None)


def remark_on(pack: Pack, now: float) -> str:
    """What its owner should know."""
    if 0 < pack.expires <= now:
        return "expired"
    if pack.remaining <= 0:
        return "used up"
    if now < pack.effective:
        return "not begun"
    return "expires soon" if 0 < pack.expires <= now + soon else ""


def _left(states: Sequence[PackState]) -> dict[str, Decimal]:
    found = {state.pack.product: Decimal(0) for state in states if state.pack.product}
    for state in states:
        if state.pack.product and state.remark in _usable:
            found[state.pack.product] += state.pack.remaining
    return found


_usable = frozenset({"", "expires soon"})


def _by_product_and_expiry(pack: Pack) -> tuple[str, float, str]:
    return (pack.product, pack.expires, pack.name)


def _profile(project: Project, name: str, way: Way) -> Profile:
    known = {name: profile for name, profile in project.profiles.items() if profile.type in table}
    if name:
        if name in known:
            return known[name]
        close = nearest(name, list(known))
        hint = f"did you mean `{close}`?" if close else f"there are {', '.join(f'`{one}`' for one in known)}"
        raise UsageFailure("unknown-profile", f"there is no profile `{name}`", hint=hint)
    able = [profile for profile in known.values() if way.leads_to(profile)]
    if len(able) > 1 and way.world is None:
        message = f"there are several profiles: {', '.join(f'`{profile.name}`' for profile in able)}"
        raise UsageFailure("several-profiles", message, hint="name one with `--provider`")
    return next(iter(able or known.values()))


def raise_if_credentials(refusal: Refusal, profile: Profile) -> None:
    if refusal.answer in (AnswerClass.AUTH, AnswerClass.AUTH_STALE):
        raise CredentialFailure(
            "credentials-refused",
            f"the provider refused the credentials of profile `{profile.name}`: {refusal}",
            hint=remedy_of(refusal),
        )
