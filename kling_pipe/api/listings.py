"""What providers show of the tasks that were made on their accounts: listings, and answers about single tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from kling_pipe.api.lines import Way
from kling_pipe.errors import CredentialFailure, StepFailure
from kling_pipe.providers.provider import Listed, Provider, Told
from kling_pipe.run.exchange import Line, ask, ask_pages
from kling_pipe.run.ports import Clock
from kling_pipe.run.retry import remedies
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Route, TaskRef, TaskState
from kling_pipe.values.profile import Profile
from kling_pipe.values.wire import Response

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Shown:
    """A task that a profile's service shows."""

    profile: str
    listed: Listed

    @property
    def state(self) -> TaskState:
        return self.listed.state


@dataclass(slots=True)
class Listings:
    """All that the services of some profiles show, each task once: pages may shift while they are read."""

    profiles: frozenset[str]
    tasks: dict[tuple[str, str], Shown] = field(default_factory=dict)  # by profile and task id
    by_external: dict[str, Shown] = field(default_factory=dict)

    def add(self, profile: str, listed: Listed) -> None:
        shown = self.tasks.setdefault((profile, listed.state.task_id), Shown(profile, listed))
        if listed.state.external_id:
            self.by_external.setdefault(listed.state.external_id, shown)

    def of(self, row: JobRow) -> Shown | None:
        """The task of a job on record, by its own id or ours."""
        return self.tasks.get((row.profile, row.task_id)) or self.by_external.get(row.external_id)


async def listings(
    profiles: Sequence[Profile],
    adapters: Mapping[str, Provider],
    way: Way,
    clock: Clock,
    window: tuple[float, float],
    recorded: Sequence[JobRow],
) -> Listings:
    """Reads every profile's listings, and asks for jobs on record that these leave out: a listing need not tell of
    everything. Raises CredentialFailure or StepFailure when a service does not answer."""
    found = Listings(frozenset(profile.name for profile in profiles))
    async with AsyncExitStack() as stack:
        for profile in profiles:
            line = await stack.enter_async_context(way.line(profile, adapters[profile.name]))
            requests = line.provider.listings(*window, line.credential.kind)
            async for page in ask_pages(line, requests, line.provider.read_listing, clock, way.pause):
                for listed in _heard(page, profile.name).tasks:
                    found.add(profile.name, listed)
            left_out = [row for row in recorded if row.profile == profile.name and found.of(row) is None]
            async for told in _asked_for(line, left_out, way, clock):
                for state in _heard(told, profile.name).states:
                    found.add(profile.name, Listed(state))
    return found


async def _asked_for(line: Line, rows: Sequence[JobRow], way: Way, clock: Clock) -> AsyncIterator[Told | Refusal]:
    """What the service says of single jobs: by their tasks, several at once, and by our ids where there is no task."""
    refs = [TaskRef(row.external_id, row.task_id, _route(row)) for row in rows]
    for query in line.provider.queries([ref for ref in refs if ref.task_id], line.credential.kind):
        yield await ask(line, query.request, _but(partial(line.provider.read_query, query)), clock, way.pause)
    for ref in refs:
        if not ref.task_id:
            for request in line.provider.find([ref.external_id], ref.route, line.credential.kind):
                yield await ask(line, request, _but(partial(line.provider.read_find, request)), clock, way.pause)


def _but(read: Callable[[Response], Told]) -> Callable[[Response], Told | Refusal]:
    """A reading that gives the refusal itself, but for one: that there is no such task is an answer."""

    def reading(response: Response) -> Told | Refusal:
        told = read(response)
        if told.refusal is None or told.refusal.answer in _no_such_task:
            return Told(told.states)
        return told.refusal

    return reading


_no_such_task = frozenset({AnswerClass.NOT_FOUND, AnswerClass.INVALID})
_auth = frozenset({AnswerClass.AUTH, AnswerClass.AUTH_STALE})


def _route(row: JobRow) -> Route:
    return Route(row.standard, row.endpoint)


def _heard(answer: Answer | Refusal, profile: str) -> Answer:
    if not isinstance(answer, Refusal):
        return answer
    hint = remedies.get(answer.answer, "check the network and the base URL with `kling-pipe doctor`")
    if answer.answer in _auth:
        message = f"the provider refused the credentials of profile `{profile}`: {answer}"
        raise CredentialFailure("credentials-refused", message, hint=hint)
    raise StepFailure("not-told", f"profile `{profile}` does not tell which tasks there are: {answer}", hint=hint)
