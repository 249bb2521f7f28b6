"""`plan`: what a run would do, with everything read from ledger and store and nothing sent to a provider."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median

from kling_pipe.api.adapters import adapter_of, route_of
from kling_pipe.api.inputs import hash_inputs
from kling_pipe.api.loading import Loaded, examined, load
from kling_pipe.api.locking import Formers, holds_all, unrecorded
from kling_pipe.api.moving import Move, moves_of
from kling_pipe.api.options import Options
from kling_pipe.api.reach import LeadsNowhere, need_reach
from kling_pipe.api.targets import blocked_targets
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.credentials import find_credential, need_credential
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.presence import is_alive
from kling_pipe.edge.store import Store
from kling_pipe.edge.transport import HttpFiles
from kling_pipe.edge.uploads import uploader_of
from kling_pipe.errors import CredentialFailure, Failure, Problem, Severity, TextFailure
from kling_pipe.plan.graph import Graph
from kling_pipe.plan.knowledge import Knowledge, KnownInput, Seat
from kling_pipe.plan.plan import Plan, Standing
from kling_pipe.plan.planning import Planning, make_plan, wired_inputs
from kling_pipe.plan.roads import no_choices
from kling_pipe.providers.provider import CredentialKind, Provider
from kling_pipe.story.addresses import members_named
from kling_pipe.story.storyboard import InputFile, Reference, Step, Storyboard
from kling_pipe.values.answer import Refusal
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Artifact, Realm, Route
from kling_pipe.values.profile import Profile
from kling_pipe.values.transfer import FetchTrouble

ledger_name = "ledger.db"


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan, its warnings, and the texts that problems point into; `lacking` says which credentials a run of it
    would miss, or which address."""

    plan: Plan
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    lacking: Failure | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what made it, for a run to go on with."""

    loaded: Loaded
    plan: Plan
    graph: Graph
    inputs: Mapping[Reference, KnownInput]
    problems: tuple[Problem, ...]
    adapters: Mapping[str, Provider]
    shortest: Mapping[tuple[str, str, str], float]


def plan(path: str, options: Options) -> PlanResult:
    """Plans a storyboard; raises TextFailure with every problem when it cannot run."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        prepared = prepare(loaded, options, ledger, store, 1.0 / options.speed if options.simulate else 1.0)
        return result_of(prepared, options)


def result_of(prepared: Prepared, options: Options) -> PlanResult:
    """What is told of a plan that was made."""
    loaded = prepared.loaded
    lacking = None if options.simulate else _lacking(prepared.plan, loaded)
    return PlanResult(prepared.plan, prepared.problems, loaded.workspace.texts, lacking)


def _lacking(plan: Plan, loaded: Loaded) -> Failure | None:
    workspace = loaded.workspace
    names = {member.profile for member in plan.members.values() if member.standing is not Standing.CURRENT}
    for name in sorted(names):
        profile = workspace.project.profile(name)
        try:
            if profile is not None:
                need_reach(profile, workspace.environment)
                need_credential(profile, workspace.environment, workspace.project.root)
                uploader_of(profile.uploads, workspace.environment, workspace.project.root)
        except (CredentialFailure, LeadsNowhere) as failure:
            return failure
    return None


@contextmanager
def opened(path: str, options: Options, *, only_reads: bool = False) -> Iterator[tuple[Loaded, Ledger, Store]]:
    """The examined storyboard with its open ledger and store; raises TextFailure when it has errors."""
    loaded = load(path, options)
    if loaded.has_errors:
        raise TextFailure(loaded.problems, loaded.workspace.texts)
    with opened_state(loaded.workspace.home, only_reads=only_reads) as (ledger, store):
        yield loaded, ledger, store


@contextmanager
def opened_state(home: str, *, only_reads: bool = False) -> Iterator[tuple[Ledger, Store]]:
    """The ledger and the store of a state folder."""
    presence = os.path.join(home, "runs")
    ledger = Ledger(os.path.join(home, ledger_name), lambda run: is_alive(presence, run), only_reads=only_reads)
    try:
        yield ledger, Store(home)
    finally:
        ledger.close()


def prepare(loaded: Loaded, options: Options, ledger: Ledger, store: Store, pace: float = 1.0) -> Prepared:
    """Makes the plan; raises TextFailure when an input is missing, or when something that is to be bought cannot be:
    that hinders nobody who only fetches what was paid for (`options.only_fetches`). What is loaded then has what the
    lock says at the addresses of now."""
    moves: tuple[Move, ...] = tuple(loaded.lock_file.moves)
    while True:
        prepared, found = _prepare(loaded, options, ledger, store, pace)
        more = moves_of(prepared.plan, loaded.lock, moves)
        if not more and found.choices == no_choices:
            return _without_errors(prepared, found.problems, options)
        moves, choices = (*moves, *more), loaded.choices.with_more(found.choices)
        path = loaded.workspace.storyboard_path
        loaded = load(path, options, moves, choices) if more else examined(loaded, choices)
        if loaded.has_errors:
            raise TextFailure(loaded.problems, loaded.workspace.texts)


def _without_errors(prepared: Prepared, found: Sequence[Problem], options: Options) -> Prepared:
    """What was prepared, with all that was found; errors hinder only who buys."""
    found = (*found, *blocked_targets(prepared.plan))
    wrong = [problem for problem in found if problem.severity is Severity.ERROR]
    problems = (*prepared.loaded.problems, *found)
    if options.only_fetches:
        problems = tuple(problem for problem in problems if problem not in wrong)
    elif wrong:
        raise TextFailure(problems, prepared.loaded.workspace.texts)
    return replace(prepared, problems=problems)


def _prepare(loaded: Loaded, options: Options, ledger: Ledger, store: Store, pace: float) -> tuple[Prepared, Planning]:
    storyboard, examination = loaded.storyboard, loaded.examination
    assert storyboard is not None
    assert examination is not None
    realm = Realm.SIMULATED if options.simulate else Realm.REAL
    inputs, wrong = known_inputs(loaded, storyboard, store, lambda url: _fetch_url(url, store))
    if wrong:
        raise TextFailure([*loaded.problems, *wrong], loaded.workspace.texts)
    graph = Graph.of(storyboard)
    history = ledger.durations(realm)
    adapters = Adapters(loaded, options)
    locked = unrecorded(ledger, store, loaded.lock)
    formers = Formers(loaded.lock, ledger, store, storyboard.name)
    knowledge = Knowledge(
        realm=realm,
        seat_of=adapters.seat_of,
        inputs=inputs,
        artifacts=lambda keys: {**_among(locked, keys), **_whole(ledger, store, keys)},
        lost=ledger.artifacts,
        jobs=lambda recipes: _jobs(ledger, recipes),
        typical={kind: median(seconds) for kind, seconds in history.items()},
        now=_now(),
        pace=pace,
        explanations=ledger.explanations(storyboard.name, realm),
        former=formers,
        accepted=frozenset(address for address, pinned in loaded.lock.members.items() if pinned.accepted),
        roads_of=adapters.seats_of,
        others_for=loaded.catalogues.others_for,
        made_on=formers.provider_of,
        locked=frozenset(loaded.lock.by_key),
        begun=ledger.begun(storyboard.name, realm),
        choices=loaded.choices,
    )
    planning = make_plan(storyboard, graph, examination, knowledge, members_named(storyboard, options.only))
    shortest = {kind: min(seconds) for kind, seconds in history.items() if len(seconds) > 1}
    return Prepared(loaded, planning.plan, graph, inputs, (), adapters.made, shortest), planning


class Adapters:
    """Adapters by profile, and where each step is made."""

    def __init__(self, loaded: Loaded, options: Options) -> None:
        self._loaded = loaded
        self._simulate = options.simulate
        self.made: dict[str, Provider] = {}
        self._seats: dict[str, Seat] = {}

    def seat_of(self, step: Step) -> Seat:
        """The seat on the road that the step takes."""
        return self.at(self._loaded.profile_of(step))

    def seats_of(self, step: Step) -> Sequence[Seat]:
        """The seats of all roads of a step that has several."""
        roads = self._loaded.catalogues.roads_of(step)
        profiles = (self._loaded.workspace.project.profile(road.profile) for road in roads if len(roads) > 1)
        return [self.at(profile) for profile in profiles if profile is not None]

    def at(self, profile: Profile) -> Seat:
        """The seat on a profile."""
        seat = self._seats.get(profile.name)
        if seat is None:
            seat = self._seats[profile.name] = self._seat(profile)
        return seat

    def _seat(self, profile: Profile) -> Seat:
        adapter = self.made[profile.name] = adapter_of(
            profile, self._loaded.workspace.project, simulated=self._simulate
        )
        credential = self._credential_kind(profile)

        def route(
            kind: str, model: str, parameters: Mapping[str, object], local: Sequence[str], wired: Sequence[str]
        ) -> Route | Refusal:
            return route_of(adapter, kind, model, parameters, local, credential, wired)

        catalogue = self._loaded.catalogues.of_profile(profile)
        uploads = profile.uploads is not None or self._simulate
        return Seat(
            profile.name, profile.type, catalogue, route, adapter.forms, uploads, profile.limits,
            profile.allow_unknown_models, profile.models,
        )  # fmt: skip

    def _credential_kind(self, profile: Profile) -> CredentialKind | None:
        if self._simulate:
            return CredentialKind.API_KEY
        workspace = self._loaded.workspace
        credential = find_credential(profile, workspace.environment, workspace.project.root)
        return credential.kind if credential else None


def known_inputs(
    loaded: Loaded, storyboard: Storyboard, store: Store, fetch: Callable[[str], str]
) -> tuple[dict[Reference, KnownInput], list[Problem]]:
    """Every input, hashed and probed, and what is wrong with the others; `fetch` brings an address into the store."""
    found = hash_inputs(wired_inputs(storyboard), loaded.look, store, fetch)
    known = {reference: value for reference, value in found.items() if isinstance(value, KnownInput)}
    spans = {
        wire.reference: wire.span
        for step in storyboard.members.values()
        for wire in step.wires
        if not isinstance(wire.reference, InputFile) or wire.reference in found
    }
    wrong = [
        replace(value, span=value.span or spans.get(reference))
        for reference, value in found.items()
        if isinstance(value, Problem)
    ]
    return known, wrong


def _fetch_url(url: str, store: Store) -> str:
    """Brings a user's URL into the store; raises OSError with the reason."""

    async def fetch() -> str:
        http = HttpFiles(own_hosts=())
        incoming = store.begin()
        try:
            async with http.open(url) as (_, pieces):
                async for piece in pieces:
                    incoming.write(piece)
            return store.keep(incoming)
        except BaseException:
            store.drop(incoming)
            raise
        finally:
            await http.close()

    try:
        return _run_anywhere(fetch())
    except FetchTrouble as trouble:
        raise OSError(trouble.message) from trouble


def _run_anywhere(work: object) -> str:
    """Runs a coroutine to its end, also where an event loop runs already (in another thread then)."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()  # type: ignore[arg-type]  # a coroutine of str


def _whole(ledger: Ledger, store: Store, keys: Sequence[str]) -> Mapping[str, Artifact]:
    found = ledger.artifacts(keys)
    return {key: artifact for key, artifact in found.items() if holds_all(store, artifact)}


def _among(known: Mapping[str, Artifact], keys: Sequence[str]) -> dict[str, Artifact]:
    return {key: known[key] for key in keys if key in known} if known else {}


def _jobs(ledger: Ledger, recipes: Sequence[str]) -> Mapping[str, Sequence[JobRow]]:
    return ledger.jobs(recipes)


def _now() -> float:
    return RealClock().now()
