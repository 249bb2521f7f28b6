"""What looks at tasks tell: progress, success, failure, silence."""

from __future__ import annotations

from dataclasses import replace

from kling_pipe.events import JobFailed, JobUncertain, StillRunning, TaskProgress
from kling_pipe.run.account import Account
from kling_pipe.run.commands import CalledBack, Look, Looked, LookedOne, LookOne
from kling_pipe.run.fetching import Fetching
from kling_pipe.run.flight import Flight, most_looks_for_lost
from kling_pipe.run.retry import Consequence, on_read, remedies
from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, TaskState
from kling_pipe.values.money import Cost


class Looking(Fetching):
    """What looks at tasks tell: progress, success, failure, silence."""

    def _look(self) -> None:
        for account in self._accounts.values():
            due = account.next_look()
            if due is None or self._stopping or self._now < due:
                continue
            tasks = account.polling.begin_look(self._now)
            if tasks:
                self._commands.append(Look(account.profile, tasks))
            else:
                account.polling.end_look()

    def _looked(self, result: Looked) -> None:
        account = self._account_of(result.profile)
        account.polling.end_look(result.requests if result.refusal is None else 0)
        if result.refusal is not None:
            self._look_trouble(account, result.refusal)
        else:
            account.look_worked()
        for task in result.states:
            flight = self._flight_of(task.external_id)
            if flight is not None and self._is_awaited(flight):
                flight.unmentioned = 0
                self._learned(flight, task)
        for external_id in result.unmentioned:
            flight = self._flight_of(external_id)
            if flight is not None and self._is_awaited(flight):
                account.polling.forget(external_id)
                self._look_one(flight)

    def _called_back(self, result: CalledBack) -> None:
        """The provider told of a task by itself. What is not signed may come from anybody, so it is a hint to look."""
        flight = self._flight_of(result.state.external_id) or self._flight_of_task(result.state.task_id)
        if flight is None or not self._is_awaited(flight) or flight.job.profile != result.profile:
            return
        if result.trusted:
            flight.unmentioned = 0
            self._learned(flight, replace(result.state, external_id=flight.job.external_id))
        elif result.state.phase in (Phase.SUCCEEDED, Phase.FAILED) and not flight.hinted:
            flight.hinted = True
            self._look_one(flight)

    def _flight_of_task(self, task_id: str) -> Flight | None:
        return next((flight for flight in self._flights.values() if task_id and flight.task_id == task_id), None)

    def _is_awaited(self, flight: Flight) -> bool:
        """Whether a look may tell something: also of a task that succeeded once and says now that it runs."""
        watched = self._account(flight).polling.watched
        return flight.state is State.SUBMITTED or flight.job.external_id in watched

    def _look_trouble(self, account: Account, refusal: Refusal) -> None:
        match on_read.get(refusal.answer, Consequence.AGAIN):
            case Consequence.COOL:
                self._cool(account, refusal)
            case Consequence.STOP_ALL:
                self._stop_account(account, refusal)
            case _:
                account.look_failed(self._now)

    def _looked_one(self, result: LookedOne) -> None:
        flight = self._flights.get(result.flight)
        if flight is None or flight.state not in (State.SUBMITTED, State.FETCHING):
            return
        flight.hinted = False
        if result.state is not None:
            flight.unmentioned = 0
            self._end_trouble(flight)
            self._learned(flight, result.state)
            return
        refusal = result.refusal
        consequence = Consequence.GONE if refusal is None else on_read.get(refusal.answer, Consequence.AGAIN)
        if consequence is Consequence.STOP_ALL and refusal is not None:
            self._stop_account(self._account(flight), refusal)
        elif consequence is Consequence.GONE:
            self._unknown_task(flight)
        else:
            if consequence is Consequence.COOL and refusal is not None:
                self._cool(self._account(flight), refusal)
            if refusal is None or not self._gave_up(flight, refusal):
                self._later(flight, self._account(flight).pause(max(1, flight.tries)), "look-one")

    def _unknown_task(self, flight: Flight) -> None:
        """The provider does not show a task it accepted: asked again for a while; then expired, or uncertain. A call
        that was answered with its files may be shown nowhere: they are fetched from where the answer said."""
        if flight.outputs and flight.state is State.FETCHING and flight.last is not None:
            self._fetch(flight, flight.last)
            return
        flight.unmentioned += 1
        if flight.unmentioned <= most_looks_for_lost:
            self._later(flight, self._account(flight).pause(flight.unmentioned), "look-one")
        elif flight.was_made or self._has_expired(flight):
            self._end(flight, JobFailed, code="expired", message="its files have expired at the provider",
                      hint="run again to make it anew")  # fmt: skip
        else:
            self._end(flight, JobUncertain, reason="the provider no longer shows the task it accepted")

    def _learned(self, flight: Flight, task: TaskState) -> None:
        """What a look told about one task."""
        flight.last = task
        flight.created = task.created or flight.created
        if task.status and task.status != flight.status and flight.state is State.SUBMITTED:
            flight.status = task.status
            self._emit(flight, TaskProgress, status=task.status)
        match task.phase:
            case Phase.SUCCEEDED:
                self._account(flight).polling.forget(flight.job.external_id)
                self._succeeded(flight, task)
            case Phase.FAILED:
                self._account(flight).polling.forget(flight.job.external_id)
                self._leave_place(flight)
                code = task.failure or "failed-at-provider"
                hint = remedies.get(AnswerClass.MODERATED, "") if code == "moderated" else ""
                cost = flight.errands_cost + (task.cost or Cost())
                self._fail(flight, code, task.message or "the provider gave no reason", hint, cost)
            case _:
                if flight.job.external_id not in self._account(flight).polling.watched:
                    self._watch(flight, self._now)

    def _watch(self, flight: Flight, not_before: float) -> None:
        polling = self._account(flight).polling
        polling.watch(flight.ref, not_before, flight.job.expected_seconds, flight.submitted_at)

    def _time_out(self, flight: Flight) -> None:
        if self._is_awaited(flight):
            self._end(flight, StillRunning, task_id=flight.task_id, reason="this run waited long enough")
        elif flight.state is State.FETCHING:
            self._later(flight, self._patience_for(flight), "timeout")  # its task may say once more that it runs

    def _look_one(self, flight: Flight) -> None:
        self._commands.append(LookOne(flight.number, flight.job.profile, flight.ref))
