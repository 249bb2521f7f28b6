"""Performs what the machine asks, the one file that starts tasks; every result goes back to the machine.

1. A turn's events are recorded (synchronous=FULL) before any of its commands is performed.
2. One consumer owns the machine; performers only bring results.
3. A task lives inside the block that started it; no exception is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from kling_pipe.errors import Failure, StepFailure
from kling_pipe.events import Event
from kling_pipe.providers.provider import Errand, ErrandNotes, Handed, Query, Told
from kling_pipe.run.bundling import Bundling, gathering_pause
from kling_pipe.run.commands import (
    Ask,
    Asked,
    CalledBack,
    Claimed,
    ClaimJob,
    Command,
    ErrandAnswered,
    ErrandDue,
    Fetch,
    FetchedAll,
    FetchTroubled,
    HandedOver,
    HandOver,
    HandOverDue,
    Look,
    Looked,
    LookedOne,
    LookOne,
    NotHanded,
    Result,
    Send,
    Sent,
    Turn,
)
from kling_pipe.run.exchange import Line, exchange, handed_out, no_answer
from kling_pipe.run.machine import Machine
from kling_pipe.run.ports import Book, Clock, Files, Keeper
from kling_pipe.run.retry import made_nothing
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Job, Output, Phase, Route, TaskState
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing, Fetched, FetchTrouble, NotUploaded, Origin
from kling_pipe.values.wire import Response

fetches_at_once = 6
queries_at_once = 4
stopping_patience = 5.0  # real seconds given to answers under way after the first Ctrl-C


@dataclass(slots=True)
class Traffic:
    """What a run asked of the provider."""

    creates: int = 0
    status_requests: int = 0
    finds: int = 0
    downloads: int = 0
    callbacks: int = 0


@dataclass(slots=True)
class StopSwitch:
    """Ends a run early and in order: no new submissions, what is in flight stays recorded."""

    stopped: bool = False
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    def stop(self) -> None:
        """Called by the first Ctrl-C; harmless when repeated."""
        self.stopped = True
        for listener in self._listeners:
            listener()

    def on_stop(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)


class _Stop:
    """Put into the results when the switch was thrown."""


class Driver:
    """One run of a machine; `lines` leads to each profile's service."""

    def __init__(
        self,
        machine: Machine,
        lines: Mapping[str, Line],
        book: Book,
        files: Files,
        clock: Clock,
        listen: Callable[[Event], None],
        patience: float = stopping_patience,
        gathering: float = gathering_pause,
    ) -> None:
        self._machine = machine
        self._lines = lines
        self._book = book
        self._files = files
        self._clock = clock
        self._listen = listen
        self._patience = patience
        self._gathering = gathering
        self._stopped_at: float | None = None
        self._results: asyncio.Queue[Result | _Stop | None] = asyncio.Queue()
        self._fetching = asyncio.Semaphore(fetches_at_once)
        self._fetched: dict[int, dict[tuple[int, str], Fetched]] = {}  # by flight, while others are not here yet
        # What an errand is handed the second time, by flight, errand and how many were answered before it.
        self._handed_twice: dict[tuple[int, str, int], dict[str, Handed]] = {}
        # What a job was handed that an earlier run had put into its service's storage, by external id.
        self._on_trust: dict[str, tuple[Job, tuple[Origin, ...]]] = {}
        self._prepared = 0  # how many creates are on their way to the line
        self._querying = asyncio.Semaphore(queries_at_once)
        self.traffic = Traffic()

    async def run(self, switch: StopSwitch) -> None:
        """Runs until the machine is finished; raises the Failure that made going on impossible."""
        self._switch = switch
        switch.on_stop(lambda: self._results.put_nowait(_Stop()))
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._readers: set[asyncio.Task[None]] = set()
                self._writers: set[asyncio.Task[None]] = set()
                self._bundles: set[asyncio.Task[None]] = set()
                self._bundle_requests()
                self._carry(self._machine.start(self._clock.now()))
                if switch.stopped:
                    self._carry(self._machine.stop(self._clock.now()))
                await self._consume()
                for task in self._readers:
                    task.cancel()
                await self._hear_late_answers()
                for task in (
                    self._writers | self._bundles
                ):  # intentions are on disk: the next run asks what came of them
                    task.cancel()
        except BaseExceptionGroup as group_failure:
            raise _first_failure(group_failure) from group_failure

    def _bundle_requests(self) -> None:
        for line in self._lines.values():
            if line.provider.most_bundled > 1:
                start = partial(self._start, kept=self._bundles)
                line.together = Bundling(line, self._clock, start, self._gathering, lambda: self._prepared > 0).send

    async def _consume(self) -> None:
        loop = asyncio.get_running_loop()
        alarm: asyncio.TimerHandle | None = None
        while not self._machine.finished and not self._is_out_of_patience(loop.time()):
            wake_at = self._machine.wake_at
            if wake_at is not None and self._results.empty():
                delay = max(0.0, wake_at - self._clock.now())
                alarm = loop.call_later(delay, self._results.put_nowait, None)
            result = await self._results.get()
            if alarm is not None:
                alarm.cancel()
                alarm = None
            if isinstance(result, _Stop) and self._stopped_at is None:
                self._stopped_at = loop.time()
                loop.call_later(self._patience, self._results.put_nowait, None)
            self._take(result)

    def _take(self, result: Result | _Stop | None) -> None:
        now = self._clock.now()
        self._carry(self._machine.stop(now) if isinstance(result, _Stop) else self._machine.handle(result, now))

    def _is_out_of_patience(self, now: float) -> bool:
        return self._stopped_at is not None and now >= self._stopped_at + self._patience

    async def _hear_late_answers(self) -> None:
        """Answers that are under way when nothing else is left to do are recorded, if they come soon."""
        loop = asyncio.get_running_loop()
        ends = (loop.time() if self._stopped_at is None else self._stopped_at) + self._patience
        while True:
            while not self._results.empty():
                self._take(self._results.get_nowait())
            if not self._writers or loop.time() >= ends:
                return
            await asyncio.wait(self._writers, timeout=ends - loop.time(), return_when=asyncio.FIRST_COMPLETED)

    def called_back(self, profile: str, headers: Mapping[str, str], body: bytes, secret: Secret | None) -> None:
        """Takes in what a service told by itself; a body that is no task, or badly signed, changes nothing."""
        provider = self._lines[profile].provider
        now = self._clock.now() + self._lines[profile].skew
        trusted = secret is not None and provider.is_signed(headers, body, secret, now)
        state = None if secret is not None and not trusted else provider.read_callback(body)
        if state is not None:
            self.traffic.callbacks += 1
            self._start(self._hear(profile, state if trusted else replace(state, outputs=()), trusted), self._writers)

    async def _hear(self, profile: str, state: TaskState, trusted: bool) -> None:  # noqa: FBT001
        self._results.put_nowait(CalledBack(profile, await self._kept(state), trusted))

    # performing

    def _carry(self, turn: Turn) -> None:
        if turn.events or turn.commands:
            self._start(self._carry_out(turn), self._writers)

    async def _carry_out(self, turn: Turn) -> None:
        sends = any(isinstance(command, Send) for command in turn.commands)
        with self._preparing() if sends else contextlib.nullcontext():
            await self._record(turn.events)
        for command in turn.commands:
            kept = self._readers if isinstance(command, Look | LookOne | Fetch) else self._writers
            self._start(self._performers[type(command)](self, command), kept)

    async def _record(self, events: Sequence[Event]) -> None:
        if events:
            await self._book.record(events)
        for event in events:
            self._listen(event)

    @contextlib.contextmanager
    def _preparing(self) -> Iterator[None]:
        """Around what comes before a create leaves, so that those that wait for company know that some is coming."""
        self._prepared += 1
        try:
            yield
        finally:
            self._prepared -= 1

    def _start(self, work: Coroutine[Any, Any, None], kept: set[asyncio.Task[None]]) -> None:
        task = self._group.create_task(work)
        kept.add(task)
        task.add_done_callback(kept.discard)

    async def _claim(self, command: ClaimJob) -> None:
        with self._preparing() if command.intend else contextlib.nullcontext():
            claim = await self._book.claim(
                command.job, intend=command.intend, caps=command.caps, explanation=command.explanation
            )
        self._results.put_nowait(Claimed(command.flight, claim))

    async def _send(self, command: Send) -> None:
        is_kept_track_of = command.job.route.has_external_id or command.handed
        if not is_kept_track_of and self._files.puts(command.job, command.origins, self._clock.now()):
            self._results.put_nowait(HandOverDue(command.flight))
            return
        with self._preparing():
            media = await self._handed(command)
        if media is None:
            return
        line = self._lines[command.job.profile]
        media = self._handed_twice.get((command.flight, command.errand, len(command.told)), media)
        due = line.provider.errand(command.job, media, command.told)
        if due is not None and due.name != command.errand:
            self._results.put_nowait(ErrandDue(command.flight, due.name))
            return
        if due is not None:
            self._results.put_nowait(await self._run_errand(line, command, due, media))
            return
        stored = tuple(origin for origin in command.origins if media[origin.material.field].remembered)
        if stored:
            self._on_trust[command.job.external_id] = (command.job, stored)
        answer = await self._create(line, command, media)
        anew = await self._handed_anew(line, command, media, answer)
        if anew is not None and not self._switch.stopped:
            answer = await self._create(line, command, anew)
        self._results.put_nowait(Sent(command.flight, answer))

    async def _handed(self, command: Send | HandOver) -> dict[str, Handed] | None:
        """How the media travel; None where they cannot, which the machine is told."""
        try:
            return await self._files.hand_over(command.job, command.origins, self._clock.now())
        except StepFailure as failure:
            self._results.put_nowait(NotHanded(command.flight, failure.code, failure.message, failure.hint))
        except NotUploaded as failure:
            unsent = failure.refusal.answer is AnswerClass.TRANSIENT
            errand = command.errand if isinstance(command, Send) else ""
            self._results.put_nowait(Sent(command.flight, replace(failure.refusal, unsent=unsent), errand))
        return None

    async def _hand_over(self, command: HandOver) -> None:
        if await self._handed(command) is not None:
            self._results.put_nowait(HandedOver(command.flight))

    async def _handed_anew(
        self, line: Line, command: Send, media: Mapping[str, Handed], answer: object
    ) -> dict[str, Handed] | None:
        """Other ways for what a dead URL, or a file that is gone from the service's storage, may have kept back: bytes
        of our own, else a URL that the service is asked for; None where there is none of either, or everything would be
        as it was."""
        own = [origin for origin in command.origins if origin.url and media[origin.material.field].url == origin.url]
        stored = [origin for origin in command.origins if media[origin.material.field].remembered]
        if not (isinstance(answer, Refusal) and answer.answer in _not_found_there) or not own + stored:
            return None
        now = self._clock.now()
        try:
            found = {**media, **await self._files.hand_over(command.job, own + stored, now, own_bytes=True)}
            stuck = [origin for origin in own if found[origin.material.field] == media[origin.material.field]]
            if stuck:
                renewed = [await self._renewed(line, command.job.profile, origin) for origin in stuck]
                found.update(await self._files.hand_over(command.job, renewed, now, own_bytes=True))
        except (StepFailure, NotUploaded):  # what cannot be had otherwise stays refused
            return None
        return None if found == media and not stored else found

    async def _renewed(self, line: Line, profile: str, origin: Origin) -> Origin:
        """The origin at the URL that the service tells for it by now."""
        if origin.task is None or not origin.url or origin.profile != profile:
            return origin
        told = await self._query(line, line.provider.single(origin.task, line.credential.kind))
        outputs = [output for state in told.states for output in state.outputs if output.address]
        same = [output for output in outputs if _path(output.url) == _path(origin.url)]
        found = same or (outputs if len(outputs) == 1 else [])  # which of several it is, its path alone tells for sure
        return replace(origin, url=found[0].url) if found else origin

    async def _run_errand(self, line: Line, command: Send, errand: Errand, media: Mapping[str, Handed]) -> Result:
        """An errand goes once; where a dead URL kept it back it is due again, so that it is on record again first."""
        self.traffic.creates += 1
        response = await exchange(line, errand.request, self._clock)
        if isinstance(response, Refusal):
            return Sent(command.flight, response, errand.name)
        read = line.provider.read_errand(command.job, errand, response)
        if isinstance(read, ErrandNotes):
            return ErrandAnswered(command.flight, errand.name, read)
        once = (command.flight, errand.name, len(command.told))
        if not read.is_judgement and once not in self._handed_twice and not self._switch.stopped:
            anew = await self._handed_anew(line, command, media, read)
            if anew is not None:
                self._handed_twice[once] = anew
                return ErrandDue(command.flight, errand.name)
        return Sent(command.flight, read, errand.name)

    async def _create(self, line: Line, command: Send, media: Mapping[str, Handed]) -> TaskState | Refusal:
        self.traffic.creates += 1
        request = line.provider.submit(command.job, media, command.told, line.callback_url)
        if line.keeper is not None:
            request = replace(request, name=command.job.external_id)
        return await self._made(line, await exchange(line, request, self._clock), command.job.route, request.name)

    async def _made(self, line: Line, response: Response | Refusal, route: Route, name: str) -> TaskState | Refusal:
        """What a create came to. What surely made nothing is begun anew the next time."""
        answer = response if isinstance(response, Refusal) else line.provider.read_submit(response, route)
        if isinstance(answer, TaskState):
            return await self._kept(answer)
        if line.keeper is not None and isinstance(response, Response) and made_nothing(answer):
            await line.keeper.forget(name)
        return answer

    async def _kept(self, state: TaskState) -> TaskState:
        """The task with its files in the store, as far as they came within the answer: before anything is recorded, as
        no record holds them and nobody can be asked for them again."""
        if not any(output.is_inline for output in state.outputs):
            return state
        outputs = [await self._files.keep(output) if output.is_inline else output for output in state.outputs]
        return replace(state, outputs=tuple(outputs))

    async def _recall(self, keeper: Keeper, line: Line, command: Ask) -> Result:
        """What became of a create that no query can tell of, and that was kept here."""
        try:
            response: Response | Refusal = await keeper.recall(command.external_id)
        except AnswerMissing as missing:
            if not missing.sent:
                return Asked(command.flight, None)
            response = no_answer(missing)
        return Sent(command.flight, await self._made(line, response, command.route, command.external_id))

    async def _ask(self, command: Ask) -> None:
        line = self._lines[command.profile]
        if line.keeper is not None and not command.route.has_external_id:
            self._results.put_nowait(await self._recall(line.keeper, line, command))
            return
        answer: TaskState | Refusal | None = None
        for request in line.provider.find([command.external_id], command.route, line.credential.kind):
            self.traffic.finds += 1
            response = await exchange(line, request, self._clock)
            if isinstance(response, Refusal):
                answer = response
                break
            told = line.provider.read_find(request, response)
            if told.states:
                answer = await self._kept(told.states[0])
                break
            if told.refusal is not None and told.refusal.answer is not AnswerClass.NOT_FOUND:
                answer = told.refusal
                break
        self._results.put_nowait(Asked(command.flight, answer))

    async def _look(self, command: Look) -> None:
        line = self._lines[command.profile]
        queries = line.provider.queries(command.tasks, line.credential.kind)
        told = await asyncio.gather(*(self._query(line, query) for query in queries))
        mentioned = {state.external_id: state for answer in told for state in answer.states}
        by_task = {task.task_id: task.external_id for task in command.tasks}
        states = tuple(_named(state, by_task) for answer in told for state in answer.states)
        await self._doubt_what_failed(states)
        known = {state.external_id for state in states} | mentioned.keys()
        unmentioned = tuple(
            task.external_id
            for query, answer in zip(queries, told, strict=True)
            if _is_told(answer)
            for task in query.tasks
            if task.external_id not in known
        )
        refusal = next((answer.refusal for answer in told if not _is_told(answer)), None)
        requests = -(-len(queries) // line.provider.most_bundled)
        self._results.put_nowait(Looked(command.profile, states, unmentioned, refusal, requests))

    async def _doubt_what_failed(self, states: Sequence[TaskState]) -> None:
        """A service that does not know a file any more may say so only when its task has failed."""
        for state in states:
            if state.phase is Phase.FAILED and state.external_id in self._on_trust:
                with contextlib.suppress(StepFailure, OSError):  # a file that is gone is not handed over again either
                    await self._files.doubt(*self._on_trust.pop(state.external_id))

    async def _look_one(self, command: LookOne) -> None:
        line = self._lines[command.profile]
        told = await self._query(line, line.provider.single(command.task, line.credential.kind))
        by_task = {command.task.task_id: command.task.external_id}
        states = [_named(state, by_task) for state in told.states]
        await self._doubt_what_failed(states)
        state = next((state for state in states if state.external_id == command.task.external_id), None)
        self._results.put_nowait(LookedOne(command.flight, state, told.refusal))

    async def _query(self, line: Line, query: Query) -> Told:
        self.traffic.status_requests += 1
        async with self._querying if line.together is None else contextlib.nullcontext():
            response = await exchange(line, query.request, self._clock)
        if isinstance(response, Refusal):
            return Told(refusal=response)
        told = line.provider.read_query(query, response)
        return replace(told, states=tuple([await self._kept(state) for state in told.states]))

    async def _fetch(self, command: Fetch) -> None:
        """Brings all files of a task; of one that broke off before, only those that are not here yet."""
        lifetime = self._lines[command.profile].provider.output_lifetime()
        outputs = sorted(command.outputs, key=lambda output: output.index)
        here = self._fetched.setdefault(command.flight, {})
        first: FetchTrouble | None = None
        for output in outputs:
            if _place(output) in here:
                continue
            try:
                async with self._fetching:
                    self.traffic.downloads += 1
                    here[_place(output)] = await self._brought(self._lines[command.profile], output, command.expects)
            except FetchTrouble as trouble:
                first = first or trouble
        files = tuple(replace(here[_place(output)], output=output) for output in outputs if _place(output) in here)
        if first is None:
            self._fetched.pop(command.flight, None)
            self._results.put_nowait(FetchedAll(command.flight, files, lifetime))
        else:
            troubled = FetchTroubled(
                command.flight, first.message, gone=first.gone, damaged=first.damaged, files=files,
                url_lifetime=lifetime,
            )  # fmt: skip
            self._results.put_nowait(troubled)

    async def _brought(self, line: Line, output: Output, expects: MediaFacts | None) -> Fetched:
        if output.is_own:
            output = await handed_out(line, output, self._clock)
            output = await self._files.keep(output) if output.is_inline else output
        return await self._files.fetch(output, expects)

    _performers: dict[type[Command], Callable[[Driver, Any], Coroutine[Any, Any, None]]] = {  # noqa: RUF012  # a table
        ClaimJob: _claim,
        Send: _send,
        HandOver: _hand_over,
        Ask: _ask,
        Look: _look,
        LookOne: _look_one,
        Fetch: _fetch,
    }


_not_found_there = frozenset({AnswerClass.INVALID, AnswerClass.NOT_FOUND})


def _is_told(answer: Told) -> bool:
    """Whether a query was answered; that a task is not found is an answer too."""
    return answer.refusal is None or answer.refusal.answer is AnswerClass.NOT_FOUND


def _place(output: Output) -> tuple[int, str]:
    """Which file of its task an output is; a renewed address differs in its query only."""
    return output.index, _path(output.url)


def _path(url: str) -> str:
    return url.partition("?")[0]


def _named(state: TaskState, by_task: dict[str, str]) -> TaskState:
    """The state under our external id, also where the service left that out."""
    if state.external_id or state.task_id not in by_task:
        return state
    return replace(state, external_id=by_task[state.task_id])


def _first_failure(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The Failure that ended a run, or the first exception when none of ours is among them."""
    found: list[BaseException] = []

    def collect(failures: Sequence[BaseException]) -> None:
        for failure in failures:
            if isinstance(failure, BaseExceptionGroup):
                collect(failure.exceptions)
            else:
                found.append(failure)

    collect(group.exceptions)
    return next((failure for failure in found if isinstance(failure, Failure)), found[0])
