"""What providers show of the tasks that were made on their accounts: listings, and answers about single tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from kling_pipe.api.lines import Way
from kling_pipe.errors import CredentialFailure, StepFailure
from kling_pipe.providers.provider import Charge, Listed, Listing, Provider, Told
from kling_pipe.run.exchange import Line, Paged, ask, ask_pages
from kling_pipe.run.ports import Clock
from kling_pipe.run.retry import remedy_of
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Route, TaskRef, TaskState
from kling_pipe.values.profile import Profile
from kling_pipe.values.wire import Request, Response

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
        """Two lists may tell of one task, and each may leave something out."""
        key = (profile, listed.state.task_id)
        before = self.tasks.get(key)
        shown = self.tasks[key] = Shown(profile, _both(before.listed, listed) if before else listed)
        if shown.state.external_id:
            self.by_external[shown.state.external_id] = shown

    def of(self, row: JobRow) -> Shown | None:
        """The task of a job on record, by its own id or ours."""
        return self.tasks.get((row.profile, row.task_id)) or self.by_external.get(row.external_id)


@dataclass(frozen=True, slots=True)
class Services:
    """The services of some profiles, and how they are asked."""

    profiles: Sequence[Profile]
    adapters: Mapping[str, Provider]
    way: Way
    clock: Clock

    async def listings(self, since: float, until: float, recorded: Sequence[JobRow]) -> Listings:
        """Reads every profile's listings, and asks for jobs on record that these leave out: a listing need not tell of
        everything. Raises CredentialFailure or StepFailure when a service does not answer."""
        found = Listings(frozenset(profile.name for profile in self.profiles))
        for profile in self.profiles:
            async with self.way.line(profile, self.adapters[profile.name]) as line:
                requests = line.provider.listings(since, until, line.credential.kind)
                async for page in self._pages(line, requests, line.provider.read_listing):
                    if not _is_forbidden(page):  # nothing was made where nothing may be made
                        for listed in _heard(page, profile.name).tasks:
                            found.add(profile.name, listed)
                left_out = [row for row in recorded if row.profile == profile.name and found.of(row) is None]
                async for told in self._asked_for(line, left_out):
                    for state in _heard(told, profile.name).states:
                        found.add(profile.name, Listed(state))
        return found

    async def charges(self) -> dict[tuple[str, str], Charge]:
        """What was drawn for tasks, by profile and task id; a service that does not tell is passed over."""
        found = {}
        for profile in self.profiles:
            async with self.way.line(profile, self.adapters[profile.name]) as line:
                requests = line.provider.account(self.clock.now())
                async for part in self._pages(line, requests, line.provider.read_account):
                    if not isinstance(part, Refusal):
                        found.update({(profile.name, charge.task_id): charge for charge in part.charges})
        return found

    def _pages(
        self, line: Line, requests: Sequence[Request], read: Callable[[Request, Response], Paged | Refusal]
    ) -> AsyncIterator[Paged | Refusal]:
        return ask_pages(line, requests, read, self.clock, self.way.pause)

    async def _asked_for(self, line: Line, rows: Sequence[JobRow]) -> AsyncIterator[Told | Refusal]:
        """What the service says of single jobs: by their tasks, several at once, and by our ids where there is none."""
        provider, kind, clock, pause = line.provider, line.credential.kind, self.clock, self.way.pause
        refs = [
            TaskRef(row.external_id, row.task_id, Route(row.standard, row.endpoint), len(row.takes)) for row in rows
        ]
        for query in provider.queries([ref for ref in refs if ref.task_id], kind):
            yield await ask(line, query.request, _but(partial(provider.read_query, query)), clock, pause)
        for ref in refs:
            for request in () if ref.task_id else provider.find([ref.external_id], ref.route, kind):
                yield await ask(line, request, _but(partial(provider.read_find, request)), clock, pause)


def _both(one: Listed, other: Listed) -> Listed:
    return Listed(
        one.state if one.state.external_id else other.state,
        one.endpoint or other.endpoint,
        one.product or other.product,
        one.model or other.model,
    )


def _is_forbidden(page: Listing | Refusal) -> bool:
    return isinstance(page, Refusal) and page.answer is AnswerClass.FORBIDDEN


def _but(read: Callable[[Response], Told]) -> Callable[[Response], Told | Refusal]:
    """A reading that gives the refusal itself, but for one: that there is no such task is an answer."""

    def reading(response: Response) -> Told | Refusal:
        told = read(response)
        if told.refusal is None or told.refusal.answer in _no_such_task:
            return Told(told.states)
        return told.refusal

    return reading


_no_such_task = frozenset({AnswerClass.NOT_FOUND, AnswerClass.INVALID, AnswerClass.FORBIDDEN})
_auth = frozenset({AnswerClass.AUTH, AnswerClass.AUTH_STALE})


def _heard(answer: Answer | Refusal, profile: str) -> Answer:
    if not isinstance(answer, Refusal):
        return answer
    hint = remedy_of(answer) or "check the network and the base URL with `kling-pipe doctor`"
    if answer.answer in _auth:
        message = f"the provider refused the credentials of profile `{profile}`: {answer}"
        raise CredentialFailure("credentials-refused", message, hint=hint)
    raise StepFailure("not-told", f"profile `{profile}` does not tell which tasks there are: {answer}", hint=hint)
