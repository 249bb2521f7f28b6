"""The embedded world: accounts, tasks, pools, packs, files and faults; it knows nothing of any provider.

1. A task is made whole or not at all, and gets one bill row; between check and making there is no waiting.
2. Where a task stands follows from the clock alone; nobody has to tick.
3. Everything that looks like chance is a hash of the seed and a counter.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import threading
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from kling_pipe.simulator.callbacks import Callbacks, Post
from kling_pipe.simulator.clock import Clock
from kling_pipe.simulator.faults import Fault, FaultBook, Scope, draw
from kling_pipe.simulator.inputs import Fetch, Inputs
from kling_pipe.simulator.journal import Journal
from kling_pipe.simulator.outputs import Outputs, UrlState
from kling_pipe.simulator.quotas import Pack, Quotas
from kling_pipe.simulator.settings import Settings
from kling_pipe.simulator.studio import MediaOrder, Studio, sized
from kling_pipe.simulator.tasks import Fate, Task, TaskOrder
from kling_pipe.values.job import Phase


class Denial(StrEnum):
    """Why the world made no task."""

    TAKEN = "taken"  # the account has a task with that external id
    USED_UP = "used-up"  # the product's pack does not hold the units
    OVER_QUOTA = "over-quota"  # the product's pool does not hold the slots


_account = "simulated"
_memory = 30 * 86_400.0  # simulated seconds
_endings = ((Fault.STUCK, Fate.STUCK), (Fault.MODERATED_LATE, Fate.MODERATED), (Fault.FAILED_LATE, Fate.FAILS))


class World:
    """One simulated world. All methods belong to one event loop; only files are made in threads."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        studio: Studio,
        folder: str,
        fetch: Fetch | None = None,
        journal: str = "",
        post: Post | None = None,
    ) -> None:
        """`fetch` reads URLs of other hosts; `journal` is a file in which the tasks outlive the process; `post` carries
        callbacks."""
        self.clock = clock
        self.folder = folder
        self.outputs = Outputs(os.path.join(folder, "media"), studio)
        self.inputs = Inputs(os.path.join(folder, "inputs"), studio, self._own_file, fetch)
        self._journal_path = journal
        self._post = post
        self.callbacks = Callbacks(clock, settings, post)
        self.reset(settings)

    def reset(self, settings: Settings) -> None:
        """Begins anew with other settings: no tasks but the journal's, full packs; the files made so far stay."""
        self.settings = settings
        self.clock = self.clock.at(settings.speed)
        self.uploads = settings.uploads or os.path.join(self.folder, "uploads")
        self.began = self.clock.now()
        self.callbacks.close()
        self.callbacks = Callbacks(self.clock, settings, self._post)
        self.faults = FaultBook(settings.faults, settings.seed)
        self._fates = FaultBook(settings.faults, settings.seed)  # counts tasks, where `faults` counts requests
        self.hosts: frozenset[str] = frozenset()
        self._quotas = Quotas(settings)
        self._tasks: dict[str, Task] = {}
        self._external: dict[tuple[str, str], Task] = {}
        self._about: dict[tuple[str, str], list[Task]] = {}
        self._same: Counter[str] = Counter()
        self._due: dict[str, float] = {}
        self._tokens: dict[str, tuple[float, float]] = {}
        self._requests = 0
        # Ids hold the moment the world began, so a client that remembers an earlier world never meets a stranger
        # under an id it knows; 18 digits as seen of the native service (native page, section 3).
        self._first_id = int(self.stamp(self.began) * 1000) * 100_000
        self._journal = Journal(self._journal_path, self.clock) if self._journal_path else None
        self._learn()

    def stamp(self, moment: float) -> float:
        """A simulated moment as the world tells it: real Unix seconds by a clock that may go wrong by `skew`."""
        return self.clock.stamp(moment) + self.settings.skew

    def account_of_key(self, key: str, service: str = "") -> str | None:
        """The account an API key opens. Every key works everywhere, but the account is one of that service: another
        than the first names itself, so that ids, topics and rates of services never meet."""
        account = f"{_account}.{service}" if service else _account
        return account if key in self.settings.keys else None

    def secret_of(self, access: str) -> tuple[str, str] | None:
        """The account and the secret of a key pair."""
        secret = dict(self.settings.pairs).get(access)
        return None if secret is None else (_account, secret)

    def admits(self, account: str) -> bool:
        """Counts a request against the account's rate and says whether it may pass."""
        rate = self.settings.rate
        if not rate:
            return True
        now, most = self.clock.now(), max(1.0, rate)
        tokens, last = self._tokens.get(account, (most, now))
        tokens = min(most, tokens + (now - last) * rate)
        self._tokens[account] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    def request_id(self) -> str:
        """An id for the next answer, shaped as a UUID."""
        self._requests += 1
        text = hashlib.sha256(f"{self.settings.seed}/{self._first_id}/{self._requests}".encode()).hexdigest()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))

    def create(self, order: TaskOrder) -> Task | Denial:
        """Makes a task and its bill, or says why not."""
        if self._journal is None:
            return self._create(order)
        with self._journal.held():
            self._learn()
            task = self._create(order)
            if isinstance(task, Task):
                self._journal.add(task)
            return task

    def task(self, account: str, id_or_external: str) -> Task | None:
        """The account's task of that id or external id."""
        self._learn()
        task = self._tasks.get(id_or_external) or self._external.get((account, id_or_external))
        return task if task and task.order.account == account else None

    def tasks(self, account: str | None = None) -> tuple[Task, ...]:
        """All tasks, or one account's, in the order of creation."""
        self._learn()
        return tuple(task for task in self._tasks.values() if account in (None, task.order.account))

    def about(self, account: str, topic: str) -> tuple[Task, ...]:
        """The account's tasks on one topic, in the order of creation."""
        self._learn()
        return tuple(self._about.get((account, topic), ()))

    def phase(self, task: Task) -> Phase:
        """Where a task stands."""
        return task.phase(self.clock.now())

    def slots(self, product: str, service: str = "") -> int:
        """How many slots of the product's pool are taken, at one service or at all."""
        return self._settled().slots(service, product)

    def most_slots(self, product: str, service: str = "") -> int:
        """The most slots that were ever taken, at one service or at all together."""
        return self._quotas.most_slots(service, product)

    def remaining(self, service: str, purse: str) -> Decimal:
        """The units left in the service's pack of a product, or in its `balance`."""
        return self._settled().remaining(service, purse)

    def packs(self, service: str) -> tuple[Pack, ...]:
        """The service's packs of all products."""
        return self._settled().packs(service)

    async def made(self, order: MediaOrder) -> str:
        """The path of a file without a task, made now."""
        path = await self.outputs.file(self.outputs.order(sized(order, self.settings.media)))
        assert path is not None
        return path

    def urls(self, task: Task, base_url: str) -> tuple[str, ...]:
        """The addresses of a finished task's files."""
        base = self.settings.media_base or base_url
        key = self._signing_key
        return tuple(self.outputs.url(base, name, self._due[name], key) for name in task.files)

    def shown(self, order: MediaOrder, base_url: str) -> str:
        """The address of a file without a task, such as a sample; it is made when somebody asks for it."""
        name = self.outputs.know(sized(order, self.settings.media))
        expires = self.stamp(self.clock.now() + self.settings.url_lifetime)
        return self.outputs.url(self.settings.media_base or base_url, name, expires, self._signing_key)

    def check_url(self, name: str, query: dict[str, str]) -> UrlState:
        """Whether the address of a file is still good."""
        expires = query.get("expires", "")
        if not expires.isdecimal():
            return UrlState.FORGED
        now = self.stamp(self.clock.now())
        signature, due = query.get("sig", ""), self._due.get(name)
        return self.outputs.check(name, expires, signature, now, self._signing_key, due)

    def seen_at(self, base_url: str) -> None:
        """Learns an address under which the world is reached, so that its own URLs are read from disk."""
        host = base_url.partition("://")[2].rstrip("/")
        if host not in self.hosts:
            media_host = self.settings.media_base.partition("://")[2].rstrip("/")
            self.hosts |= {name for name in (host, media_host) if name}

    def upload_path(self, name: str) -> str | None:
        """Where an uploaded file lies or will lie; None for a name that leads out of the folder."""
        path = os.path.realpath(os.path.join(self.uploads, name))
        inside = path.startswith(os.path.realpath(self.uploads) + os.sep)
        return path if inside else None

    def uploaded(self, name: str) -> str | None:
        """The path of an uploaded file that is there."""
        path = self.upload_path(name)
        return path if path and os.path.isfile(path) else None

    async def take_upload(self, name: str, data: bytes) -> str:
        """Keeps a file that was handed in, to be served under `/uploads`; the path it lies at. Raises ValueError for a
        name that leads out of the folder."""
        path = self.upload_path(name)
        if path is None:
            raise ValueError(f"`{name}` leads out of the folder")
        await asyncio.to_thread(_keep, path, data)
        return path

    def bills(self) -> tuple[dict[str, object], ...]:
        """The simulator's own ledger: one row for every task there is, but for those that only keep something."""
        self._learn()
        now = self.clock.now()
        tasks = [task for task in self._tasks.values() if not task.order.unbilled]
        return tuple(task.bill(now, self.stamp(task.created)) for task in tasks)

    def close(self) -> None:
        """Stops making files and telling of tasks."""
        self.outputs.close()
        self.callbacks.close()

    @property
    def _signing_key(self) -> str:
        return f"kling-pipe.simulator/{self.settings.seed}"

    def _create(self, order: TaskOrder) -> Task | Denial:
        quotas = self._settled()
        if order.external_id and (order.account, order.external_id) in self._external:
            return Denial.TAKEN
        if not quotas.affords(order):
            return Denial.USED_UP
        if not order.at_once and not quotas.has_room(order.service, order.product, order.slots):
            return Denial.OVER_QUOTA
        task = self._made(order)
        self._keep(task, paid=True)
        return task

    def _keep(self, task: Task, *, paid: bool) -> None:
        order = task.order
        self._tasks[task.id] = task
        if order.external_id:
            self._external[order.account, order.external_id] = task
        if order.topic:
            self._about.setdefault((order.account, order.topic), []).append(task)
        self._quotas.take(task, paid=paid)
        lifetime = order.lifetime or self.settings.url_lifetime
        self._due.update(dict.fromkeys(task.files, self.stamp(task.ends + lifetime)))

    def _learn(self) -> None:
        """Takes in what the journal says of other processes' tasks; their units are not this world's.

        The service forgets ids 30 days after generation (native page, section 0), and so does a journal's reader.
        """
        for task in self._journal.news() if self._journal else ():
            if task.ends + _memory < self.clock.now():
                continue
            for output in task.order.outputs if task.files else ():
                self.outputs.know(output)
            self._keep(task, paid=False)

    def _made(self, order: TaskOrder) -> Task:
        number = len(self._tasks) + 1
        order = replace(order, outputs=self._seeded(order), slots=0 if order.at_once else order.slots)
        now = self.clock.now()
        chance = order.external_id or str(number)
        seconds, wait, fate = 0.0, 0.0, Fate.SUCCEEDS
        if not order.at_once:
            seconds = order.seconds * self.settings.durations * (0.85 + 0.3 * self._draw("length", chance))
            wait = min(seconds / 4, 1.0 + 2.0 * self._draw("queue", chance))
            fate = self._fate(order.service)
        starts, ends = now + wait, math.inf if fate is Fate.STUCK else now + seconds
        files = tuple(self.outputs.order(item) for item in order.outputs) if fate is Fate.SUCCEEDS else ()
        return Task(str(self._first_id + number), number, order, now, starts, ends, fate, files)

    def _fate(self, service: str) -> Fate:
        met = self._fates.meet(Scope.CREATE, service)
        for fault, fate in _endings:
            if fault in met:
                self.faults.struck(fault)
                return fate
        return Fate.SUCCEEDS

    def _draw(self, name: str, chance: str) -> float:
        return draw(self.settings.seed, f"{name}/{chance}", 0)

    def _seeded(self, order: TaskOrder) -> tuple[MediaOrder, ...]:
        """The media orders with their seeds: from the external id, or from how often the same was ordered before."""
        chance = order.external_id
        if not chance:
            same = repr(order.outputs)
            self._same[same] += 1
            chance = f"#{self._same[same]}"
        seed = int(self._draw("media", chance) * 2**31)
        return tuple(sized(replace(item, seed=seed), self.settings.media) for item in order.outputs)

    def _settled(self) -> Quotas:
        self._quotas.release(self.clock.now())
        return self._quotas

    async def _own_file(self, path: str, query: dict[str, str]) -> str | None:
        _, _, rest = path.partition("/")
        place, _, name = rest.partition("/")
        if place == "uploads":
            return self.uploaded(name)
        if place == "media" and self.check_url(name, query) is UrlState.GOOD:
            return await self.outputs.file(name)
        return None


def _keep(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    aside = f"{path}.part-{os.getpid()}-{threading.get_ident()}"
    with open(aside, "wb") as file:
        file.write(data)
    os.replace(aside, path)
