"""From a task that succeeded to its files in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kling_pipe.events import ArtifactStored, FetchStarted, JobDone, JobFailed, JobUncertain, Notice, StillRunning
from kling_pipe.run.commands import Fetch, FetchedAll, FetchTroubled
from kling_pipe.run.flight import Flight, clock_slack, most_fetches
from kling_pipe.run.states import State
from kling_pipe.run.troubles import Troubles
from kling_pipe.values.job import Artifact, Job, Output, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Fetched


class Fetching(Troubles):
    """From a task that succeeded to its files in the store."""

    def _succeeded(self, flight: Flight, task: TaskState) -> None:
        """The task's place is free at once; its files are fetched, once at a time however often it is told of."""
        if flight.has_place:
            self._leave_place(flight)
            if self._pool(flight).grow():
                self._pool_changed(flight, "tasks end well")
        if flight.state is State.SUBMITTED:
            flight.cost = flight.errands_cost + task.cost if task.cost is not None else flight.job.estimate
            flight.exact = task.cost is not None
            spent = self._count(flight)
            self._emit(flight, FetchStarted, cost=flight.cost, exact=flight.exact, spent=spent)
        self._fetch(flight, task)

    def _count(self, flight: Flight) -> Cost:
        """What this run spends now: a task that was made and paid for before it costs it nothing."""
        is_older = bool(flight.created) and flight.created < self._began - clock_slack
        if flight.was_made or is_older:
            return Cost()
        spent = flight.cost - (flight.errands_cost if flight.exact else flight.counted)
        self.spent = self.spent + spent
        self.all_exact = self.all_exact and flight.exact
        return spent

    def _fetch(self, flight: Flight, task: TaskState) -> None:
        if self._stopping or flight.is_fetching:
            return
        flight.is_fetching = True
        flight.fetches += 1
        expects = self._members[flight.job.member].planned.expects
        self._commands.append(Fetch(flight.number, flight.job.profile, task.outputs, flight.job.makes, expects))

    def _fetched(self, result: FetchedAll) -> None:
        flight = self._flights.get(result.flight)
        if flight is None or flight.state is not State.FETCHING:
            return
        flight.is_fetching = False
        if not result.files and flight.fetches < most_fetches:
            self._later(flight, self._account(flight).pause(flight.fetches), "look-one")
            return
        if not result.files:
            self._end(flight, JobUncertain, reason="the task succeeded and names no file")
            return
        self._keep(flight, result.files, result.url_lifetime)

    def _keep(self, flight: Flight, files: Sequence[Fetched], url_lifetime: float) -> None:
        """Records what came. Takes whose file did not are bought anew only at somebody's word."""
        member = self._members[flight.job.member]
        task = flight.last
        assert task is not None
        job = flight.job
        expires = (task.updated or self._now) + url_lifetime
        for place, found in _by_take(job, task.outputs, files).items():
            take, key = job.takes[place], job.keys[place]
            made = [self._artifact(flight, take, key, index, fetched, expires) for index, fetched in found]
            member.artifacts.setdefault(take, replace(made[0], others=tuple(made[1:])))
            self._events += [
                ArtifactStored(
                    self._now, job.member, job.external_id, key, file.digest, take, file.index, file.facts,
                    file.url, expires, file.output_id,
                )
                for file in made
            ]  # fmt: skip
        seconds = self._duration(flight, task)
        short = [take for take in job.takes if take not in member.artifacts]
        if short:
            member.failed = State.FAILED
        self._end(flight, JobDone, seconds=seconds, cost=flight.cost, exact=flight.exact)
        if short:
            message = f"{len(job.takes) - len(short)} of {len(job.takes)} pictures came"
            self._events.append(JobFailed(self._now, flight.job.member, "", "short-delivery", message,
                                "run again to buy the missing takes"))  # fmt: skip

    def _artifact(self, flight: Flight, take: int, key: str, index: int, fetched: Fetched, expires: float) -> Artifact:
        output = fetched.output
        return Artifact(key, fetched.digest, fetched.facts, take, index, flight.job.external_id, flight.task_id,
                        self._now, output.address, expires, output.id)  # fmt: skip

    def _duration(self, flight: Flight, task: TaskState) -> float:
        began = flight.sent_at if flight.outputs and flight.sent_at else flight.submitted_at  # a call made it at once
        seconds = task.updated - task.created if task.updated > task.created > 0 else self._now - began
        if seconds > 0:
            kind = (flight.job.provider, flight.job.kind, flight.job.model)
            self._shortest[kind] = min(seconds, self._shortest.get(kind, seconds))
        return max(0.0, seconds)

    def _fetch_troubled(self, result: FetchTroubled) -> None:
        flight = self._flights.get(result.flight)
        if flight is None or flight.state is not State.FETCHING:
            return
        flight.is_fetching = False
        if flight.fetches < most_fetches:
            self._later(flight, self._account(flight).pause(flight.fetches), "look-one")
        elif result.gone and flight.outputs and not self._has_expired(flight):
            reason = f"a file of it is gone, and no query tells where it is: {result.message}"
            self._end(flight, JobUncertain, reason=reason)
        elif result.gone and result.files:
            text = f"{result.message}; the other files of its task are kept"
            self._events.append(Notice(self._now, flight.job.member, text))
            self._keep(flight, result.files, result.url_lifetime)
        elif result.gone and self._has_expired(flight):
            self._end(flight, JobFailed, code="expired", message="its files have expired at the provider",
                      hint="run again to make it anew", cost=flight.cost)  # fmt: skip
        else:
            reason = f"its files could not be fetched: {result.message}"
            self._end(flight, StillRunning, task_id=flight.task_id, reason=reason)


def _by_take(job: Job, outputs: Sequence[Output], files: Sequence[Fetched]) -> dict[int, list[tuple[int, Fetched]]]:
    """The files of each take with their places, by the take's place in the job: all of them belong to a single take;
    of several takes each has one, in the provider's order, also where some are missing."""
    if len(job.takes) == 1:
        return {0: [(fetched.output.index, fetched) for fetched in files]}
    places = {index: place for place, index in enumerate(sorted(output.index for output in outputs))}
    found = {places.get(fetched.output.index, -1): fetched for fetched in files}
    return {place: [(0, found[place])] for place in sorted(found) if 0 <= place < len(job.takes)}
