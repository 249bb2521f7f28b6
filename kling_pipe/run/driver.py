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
from kling_pipe.providers.provider import Errand, ErrandNotes, Handed
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
    LookOne,
    NotHanded,
    Result,
    Send,
    Sent,
    Turn,
)
from kling_pipe.run.exchange import Line, exchange, handed_out, no_answer
from kling_pipe.run.handing import Handing, path_of
from kling_pipe.run.machine import Machine
from kling_pipe.run.ports import Book, Clock, Files, Keeper
from kling_pipe.run.questions import Questions, Traffic
from kling_pipe.run.retry import made_nothing
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Output, Route, TaskState
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing, Fetched, FetchTrouble, NotUploaded
from kling_pipe.values.wire import Response

fetches_at_once = 6
stopping_patience = 5.0  # real seconds given to answers under way after the first Ctrl-C


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
        self._prepared = 0  # how many creates are on their way to the line
        self.traffic = Traffic()
        self._questions = Questions(lines, files, clock, self.traffic)
        self._handing = Handing(files, self._questions, clock)

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
                for task in self._writers | self._bundles:
                    task.cancel()  # intentions are on disk: the next run asks what came of them
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
        self._results.put_nowait(CalledBack(profile, await self._questions.kept(state), trusted))

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
        keeper = self._lines[command.job.profile].keeper if command.intend else None
        if keeper is not None:
            await keeper.expect(command.job.external_id)
        with self._preparing() if command.intend else contextlib.nullcontext():
            claim = await self._book.claim(
                command.job, intend=command.intend, caps=command.caps, explanation=command.explanation
            )
            if keeper is not None and claim.attempt != command.job.attempt:
                await keeper.expect(replace(command.job, attempt=claim.attempt).external_id)
        self._results.put_nowait(Claimed(command.flight, claim))

    async def _send(self, command: Send) -> None:
        is_kept_track_of = command.job.route.has_external_id or command.handed
        if not is_kept_track_of and self._handing.puts(command):
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
        self._handing.trust(command, media)
        answer = await self._create(line, command, media)
        anew = await self._handing.hand_anew(line, command, media, answer)
        if anew is not None and not self._switch.stopped:
            answer = await self._create(line, command, anew)
        self._results.put_nowait(Sent(command.flight, answer))

    async def _handed(self, command: Send | HandOver) -> dict[str, Handed] | None:
        """How the media travel; None where they cannot, which the machine is told."""
        try:
            return await self._handing.hand(command.job, command.origins)
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
            anew = await self._handing.hand_anew(line, command, media, read)
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
            return await self._questions.kept(answer)
        if line.keeper is not None and isinstance(response, Response) and made_nothing(answer):
            await line.keeper.forget(name)
        return answer

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
        self._results.put_nowait(await self._questions.find(command))

    async def _look(self, command: Look) -> None:
        looked = await self._questions.look(command)
        await self._handing.doubt_what_failed(looked.states)
        self._results.put_nowait(looked)

    async def _look_one(self, command: LookOne) -> None:
        looked = await self._questions.look_one(command)
        await self._handing.doubt_what_failed(filter(None, [looked.state]))
        self._results.put_nowait(looked)

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


def _place(output: Output) -> tuple[int, str]:
    """Which file of its task an output is; a renewed address differs in its query only."""
    return output.index, path_of(output.url)


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
