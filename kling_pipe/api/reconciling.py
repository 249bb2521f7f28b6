"""`ledger reconcile`: ledger, store and the provider's own lists of tasks are compared; what was paid for is adopted.

1. Nothing is bought: what is adopted is fetched by runs that only fetch (`Options.only_fetches`).
2. Steps below become known once those above are there, so it goes round until nothing new is found.
3. What a living run has in its hands is left to it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from kling_pipe.api.adapters import adapter_of
from kling_pipe.api.adopting import Adopting, Wanted
from kling_pipe.api.lines import Way
from kling_pipe.api.listings import Listings, Services, Shown
from kling_pipe.api.loading import Loaded
from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.api.running import Listener, StopSwitch, World, run
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.store import Store
from kling_pipe.errors import UsageFailure
from kling_pipe.plan.jobs import our_prefix
from kling_pipe.plan.plan import Plan
from kling_pipe.providers.provider import Charge
from kling_pipe.providers.table import table
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Artifact, Phase, Realm
from kling_pipe.values.profile import Profile
from kling_pipe.values.reconciliation import LostFile, Reconciliation, Stranger
from kling_pipe.values.spending import moment_of

_slack = 60.0  # seconds that two clocks may differ
_kept = frozenset({JobState.SUBMITTED, JobState.FETCHING, JobState.DONE})
_doubtful = frozenset({JobState.INTENDED, JobState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Board:
    """One storyboard with its open ledger and store."""

    path: str
    loaded: Loaded
    ledger: Ledger
    store: Store

    @property
    def name(self) -> str:
        assert self.loaded.storyboard is not None
        return self.loaded.storyboard.name


async def reconcile(
    paths: Sequence[str],
    options: Options,
    listen: Listener,
    stop: StopSwitch,
    world: World | None = None,
    *,
    since: float,
    only_looks: bool = False,
) -> Reconciliation:
    """Compares and adopts; `only_looks` changes nothing. Raises a Failure when texts are wrong, when the storyboards
    do not share a state folder, or when a provider does not tell its tasks."""
    with ExitStack() as stack:
        boards = [
            Board(path, *stack.enter_context(opened(path, options, only_reads=only_looks)))
            for path in dict.fromkeys(paths)
        ]
        _refuse_several_folders(boards)
        return await _Reconciling(boards, options, listen, stop, world, only_looks=only_looks).perform(since)


class _Reconciling:
    def __init__(
        self,
        boards: Sequence[Board],
        options: Options,
        listen: Listener,
        stop: StopSwitch,
        world: World | None,
        *,
        only_looks: bool,
    ) -> None:
        self._boards = boards
        self._options = options
        self._listen = listen
        self._stop = stop
        self._world = world
        self._only_looks = only_looks
        self._clock = RealClock()
        self._realm = Realm.SIMULATED if options.simulate else Realm.REAL
        self._ledger = boards[0].ledger
        self._store = boards[0].store

    async def perform(self, since: float) -> Reconciliation:
        plans = [await self._plan(board) for board in self._boards]
        before = [row for row in self._ledger.all_jobs(self._realm) if moment_of(row) >= since]
        services = self._services(plans, before)
        asked = [row for row in before if _is_asked(row)]
        shown = await services.listings(since, self._clock.now() + _slack, asked)
        lost = self._lost()
        adopting = Adopting(self._ledger, self._store, shown, secrets.token_hex(8), only_looks=self._only_looks)
        unknown: list[str] = []
        for board, plan in zip(self._boards, plans, strict=True):
            unknown += await self._go_round(board, plan, adopting)
        adopting.mend(self._ledger.all_jobs(self._realm), self._clock.now())
        strangers = await self._named(services, self._strangers(shown, adopting, since))
        return self._told(since, before, shown, lost, adopting, unknown, strangers)

    async def _go_round(self, board: Board, plan: Plan, adopting: Adopting) -> list[str]:
        """Adopts and fetches until nothing new is found; the members that stay unknown."""
        tried: set[Wanted] = set()
        while True:
            wanted = adopting.look(plan, self._clock.now()) - tried
            if not wanted or self._only_looks or self._stop.stopped:
                return [member.address for member in plan.members.values() if not member.recipe]
            tried |= wanted
            steps = tuple(sorted({one.step for one in wanted}))
            only = replace(self._options, only=steps, only_fetches=True, max_cost=None)
            await run(board.path, only, self._listen, self._stop, self._world)
            plan = await self._plan(board)

    async def _plan(self, board: Board) -> Plan:
        pace = 1.0 / self._world.speed if self._world else 1.0
        options = replace(self._options, only_fetches=True)
        prepared = await asyncio.to_thread(prepare, board.loaded, options, board.ledger, board.store, pace)
        return prepared.plan

    def _services(self, plans: Sequence[Plan], rows: Sequence[JobRow]) -> Services:
        """Those of the plans, and those that jobs on record were sent to, where there are credentials for them."""
        workspace = self._boards[0].loaded.workspace
        project = workspace.project
        way = Way(workspace.environment, project.root, self._world)
        needed = {member.profile for plan in plans for member in plan.members.values()}
        names = sorted(needed | {row.profile for row in rows if self._is_able(row.profile, way)})
        profiles = [profile for name in names if (profile := project.profile(name)) is not None]
        simulated = self._world is not None
        adapters = {profile.name: adapter_of(profile, project, simulated=simulated) for profile in profiles}
        return Services(profiles, adapters, way, self._clock)

    def _is_able(self, name: str, way: Way) -> bool:
        profile: Profile | None = self._boards[0].loaded.workspace.project.profile(name)
        return profile is not None and profile.type in table and way.leads_to(profile)

    def _lost(self) -> list[Artifact]:
        """Files on record that are not in the store."""
        artifacts = self._ledger.all_artifacts(self._realm)
        return [file for file in artifacts if not self._store.holds(file.digest, file.facts.bytes)]

    # what is told

    def _strangers(self, shown: Listings, adopting: Adopting, since: float) -> list[Stranger]:
        """What is shown and neither on record, in any realm, nor asked for by the storyboards."""
        rows = self._ledger.all_jobs()
        ours = {row.external_id for row in rows} | adopting.known.keys()
        tasks = {(row.profile, row.task_id) for row in rows}
        return [
            _stranger(task)
            for key, task in shown.tasks.items()
            if task.state.external_id not in ours and key not in tasks and _is_within(task, since)
        ]

    async def _named(self, services: Services, strangers: Sequence[Stranger]) -> list[Stranger]:
        """Those with ids such as ours get the model and the amount from the account's charges, where the listing left
        them out."""
        if all(one.model and one.cost for one in strangers if one.is_as_ours):
            return list(strangers)
        charges = await services.charges()
        return [_charged(one, charges.get((one.profile, one.task_id))) for one in strangers]

    def _told(
        self,
        since: float,
        before: Sequence[JobRow],
        shown: Listings,
        lost: Sequence[Artifact],
        adopting: Adopting,
        unknown: Sequence[str],
        strangers: Sequence[Stranger],
    ) -> Reconciliation:
        rows = self._ledger.all_jobs(self._realm)
        names = {board.name for board in self._boards}
        return Reconciliation(
            realm=self._realm,
            storyboards=tuple(sorted(names)),
            profiles=tuple(sorted(shown.profiles)),
            since=since,
            tasks=len(shown.tasks),
            jobs=len(before),
            adopted=adopting.fates(),
            unasked=tuple(one for one in strangers if one.is_as_ours),
            others=tuple(one for one in strangers if not one.is_as_ours),
            unshown=tuple(row for row in before if _is_asked(row) and row.task_id and shown.of(row) is None
                          and row.profile in shown.profiles),
            lost=tuple(self._lost_files(lost, rows, shown, adopting)),
            uncertain=tuple(row for row in rows if row.state is JobState.UNCERTAIN and row.storyboard in names
                            and not (self._only_looks and row.external_id in adopting.found)),
            unknown=tuple(unknown),
            only_looked=self._only_looks,
        )  # fmt: skip

    def _lost_files(
        self, lost: Sequence[Artifact], rows: Sequence[JobRow], shown: Listings, adopting: Adopting
    ) -> Iterable[LostFile]:
        by_external = {row.external_id: row for row in rows}
        still = {(file.key, file.index) for file in self._lost()}
        recorded = {(file.key, file.index) for file in self._ledger.all_artifacts(self._realm)}
        for file in lost:
            asked = by_external.get(file.external_id) or adopting.known.get(file.external_id)
            if asked is None:
                continue  # of the other realm, or of nothing that is known here
            task = shown.by_external.get(file.external_id)
            is_shown = task is not None and task.state.phase is Phase.SUCCEEDED
            name = (file.key, file.index)
            fetched = name in recorded and name not in still
            yield LostFile(file, asked.storyboard, asked.member, is_shown, fetched)


def _refuse_several_folders(boards: Sequence[Board]) -> None:
    homes = {board.loaded.workspace.home for board in boards}
    if len(homes) > 1:
        raise UsageFailure(
            "several-projects",
            f"the storyboards keep their state in {len(homes)} folders",
            hint="reconcile those of one project at a time",
        )


def _is_asked(row: JobRow) -> bool:
    """Whether the provider is asked for a job that its listings leave out: not where it failed, or where the call was
    answered with what it made."""
    if row.outputs:
        return False
    return row.state in _doubtful or (row.state in _kept and bool(row.task_id))


def _is_within(task: Shown, since: float) -> bool:
    return not task.state.created or task.state.created >= since


def _stranger(task: Shown) -> Stranger:
    state, listed = task.state, task.listed
    return Stranger(
        task_id=state.task_id,
        external_id=state.external_id,
        profile=task.profile,
        endpoint=listed.endpoint or listed.product,
        model=listed.model,
        status=state.status,
        created=state.created,
        cost=state.cost,
        is_as_ours=state.external_id.startswith(our_prefix),
    )


def _charged(one: Stranger, charge: Charge | None) -> Stranger:
    if charge is None:
        return one
    return replace(one, model=one.model or charge.model, cost=one.cost or charge.cost)
