"""Free questions about tasks, asked over each profile's line: what is found by an id of ours, and how tasks stand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kling_pipe.providers.provider import Query, Told
from kling_pipe.run.commands import Ask, Asked, Look, Looked, LookedOne, LookOne
from kling_pipe.run.exchange import Line, exchange
from kling_pipe.run.ports import Clock, Files
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import TaskState

queries_at_once = 4  # on lines that send each request alone


@dataclass(slots=True)
class Traffic:
    """What a run asked of the provider."""

    creates: int = 0
    status_requests: int = 0
    finds: int = 0
    downloads: int = 0
    callbacks: int = 0


class Questions:
    """Those of one run; what it asks is counted in `traffic`."""

    def __init__(self, lines: Mapping[str, Line], files: Files, clock: Clock, traffic: Traffic) -> None:
        self._lines = lines
        self._files = files
        self._clock = clock
        self._traffic = traffic
        self._room = asyncio.Semaphore(queries_at_once)

    async def find(self, command: Ask) -> Asked:
        """The task of a job, by the id that the job was sent with."""
        line = self._lines[command.profile]
        answer: TaskState | Refusal | None = None
        for request in line.provider.find([command.external_id], command.route, line.credential.kind):
            self._traffic.finds += 1
            response = await exchange(line, request, self._clock)
            if isinstance(response, Refusal):
                answer = response
                break
            told = line.provider.read_find(request, response)
            if told.states:
                answer = await self.kept(told.states[0])
                break
            if told.refusal is not None and told.refusal.answer is not AnswerClass.NOT_FOUND:
                answer = told.refusal
                break
        return Asked(command.flight, answer)

    async def look(self, command: Look) -> Looked:
        """How many tasks stand, by as few requests as the service allows."""
        line = self._lines[command.profile]
        queries = line.provider.queries(command.tasks, line.credential.kind)
        told = await asyncio.gather(*(self.query(line, query) for query in queries))
        mentioned = {state.external_id: state for answer in told for state in answer.states}
        by_task = {task.task_id: task.external_id for task in command.tasks}
        states = tuple(_named(state, by_task) for answer in told for state in answer.states)
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
        return Looked(command.profile, states, unmentioned, refusal, requests)

    async def look_one(self, command: LookOne) -> LookedOne:
        """How one task stands, by the request that is about it alone."""
        line = self._lines[command.profile]
        told = await self.query(line, line.provider.single(command.task, line.credential.kind))
        by_task = {command.task.task_id: command.task.external_id}
        states = (_named(state, by_task) for state in told.states)
        state = next((state for state in states if state.external_id == command.task.external_id), None)
        return LookedOne(command.flight, state, told.refusal)

    async def query(self, line: Line, query: Query) -> Told:
        """What a status request was answered."""
        self._traffic.status_requests += 1
        async with self._room if line.together is None else contextlib.nullcontext():
            response = await exchange(line, query.request, self._clock)
        if isinstance(response, Refusal):
            return Told(refusal=response)
        told = line.provider.read_query(query, response)
        return replace(told, states=tuple([await self.kept(state) for state in told.states]))

    async def kept(self, state: TaskState) -> TaskState:
        """The task with its files in the store, as far as they came within the answer: before anything is recorded, as
        no record holds them and nobody can be asked for them again."""
        if not any(output.is_inline for output in state.outputs):
            return state
        outputs = [await self._files.keep(output) if output.is_inline else output for output in state.outputs]
        return replace(state, outputs=tuple(outputs))


def _is_told(answer: Told) -> bool:
    """Whether a query was answered; that a task is not found is an answer too."""
    return answer.refusal is None or answer.refusal.answer is AnswerClass.NOT_FOUND


def _named(state: TaskState, by_task: Mapping[str, str]) -> TaskState:
    """The state under our external id, also where the service left that out."""
    if state.external_id or state.task_id not in by_task:
        return state
    return replace(state, external_id=by_task[state.task_id])
