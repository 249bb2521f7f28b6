"""Create requests and what comes of them: a task, a refusal, or doubt that a question by external id ends."""

from __future__ import annotations

import json

from kling_pipe.events import AnswerLost, ErrandBegun, ErrandDone, JobDeferred, JobSubmitted, JobUncertain, StillRunning
from kling_pipe.run.commands import Ask, Asked, ErrandAnswered, ErrandDue, HandOver, HandOverDue, NotHanded, Send, Sent
from kling_pipe.run.flight import Flight, looks_after_refusal, most_looks_for_lost
from kling_pipe.run.looking import Looking
from kling_pipe.run.polling import first_look
from kling_pipe.run.retry import Consequence, made_nothing, on_create, on_read
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, TaskState
from kling_pipe.values.money import Cost


class Sending(Looking):
    """Create requests and what comes of them: a task, a refusal, or doubt that a question by external id ends."""

    def _send(self, flight: Flight, errand: str = "") -> None:
        if self._stopping:
            if not flight.job.route.has_external_id:  # no query could tell the next run that it never left
                self._emit(flight, JobDeferred, reason="the run was stopped before it left")
            return
        flight.sent_at = self._now
        self._outstanding += 1
        self._commands.append(Send(flight.number, flight.job, flight.origins, flight.told, errand, flight.handed))

    def _hand_over_due(self, result: HandOverDue) -> None:
        """Where no query could tell the next run that nothing left, the ledger does while files are put somewhere."""
        flight = self._flights.get(result.flight)
        if flight is None:
            self._answered_late(result.flight, _kept_back)
            return
        self._emit(flight, JobDeferred, reason="its media are put where the service finds them")
        if not self._stopping:
            self._outstanding += 1
            self._commands.append(HandOver(flight.number, flight.job, flight.origins))

    def _errand_due(self, result: ErrandDue) -> None:
        """The create needs an answer first. That this errand leaves is on disk before it does. Before the first one is
        paid for, the task is asked for: another machine may have made it, or this one before it lost its ledger."""
        flight = self._flights.get(result.flight)
        if flight is None or self._stopping:
            return
        if flight.job.route.has_external_id and not flight.told and not flight.looked_for:
            flight.looked_for = True
            self._ask(flight)
            return
        flight.errand = result.errand
        self._emit(flight, ErrandBegun, errand=result.errand)
        self._send(flight, result.errand)

    def _errand_answered(self, result: ErrandAnswered) -> None:
        notes = result.notes
        told = json.dumps(dict(notes.told), ensure_ascii=False, sort_keys=True)
        flight = self._flights.get(result.flight)
        if flight is None:
            ended = self._ended.pop(result.flight, None)
            if ended is not None:  # what was paid for is kept for the next run
                self.spent = self.spent + notes.cost
                done = ErrandDone(self._now, ended.job.member, ended.job.external_id, result.errand, told, notes.cost)
                self._events.append(done)
            return
        self._end_trouble(flight)
        flight.told, flight.errand = (*flight.told, notes.told), ""
        self._count_errand(flight, notes.cost)
        self._emit(flight, ErrandDone, errand=result.errand, told=told, cost=notes.cost)
        self._send(flight)

    def _count_errand(self, flight: Flight, cost: Cost) -> None:
        """Spent here and now, whatever becomes of the job."""
        flight.errands_cost = flight.errands_cost + cost
        flight.counted = flight.counted + cost
        self.spent = self.spent + cost

    def _ask(self, flight: Flight) -> None:
        if self._stopping:
            return
        self._outstanding += 1
        self._commands.append(Ask(flight.number, flight.job.profile, flight.job.external_id, flight.job.route))

    def _sent(self, result: Sent) -> None:
        answer = result.answer
        flight = self._flights.get(result.flight)
        if flight is None:
            self._answered_late(result.flight, answer, result.errand)
            return
        if isinstance(answer, TaskState):
            self._end_trouble(flight)
            self._submitted(flight, answer, adopted=False)
            return
        if result.errand:
            self._count_errand(flight, answer.cost)
        if answer.unsent and (result.errand or not flight.job.route.has_external_id):
            self._not_sent(flight, answer)
            return
        if result.errand and on_create.get(answer.answer, Consequence.ASK) is Consequence.ASK:
            reason = f"the answer to `{result.errand}` was not heard ({answer})"
            self._end(flight, JobUncertain, reason=reason)
            return
        match on_create.get(answer.answer, Consequence.ASK):
            case Consequence.COOL:
                self._cool(self._account(flight), answer)
                self._defer(flight, answer)
            case Consequence.SHRINK:
                self._shrink(flight, answer)
            case Consequence.ASK:
                flight.said_exists = answer.answer is AnswerClass.EXISTS
                self._doubt(flight, answer)
            case Consequence.STOP_ALL:
                self._stop_all(flight, answer)
            case Consequence.STOP_SENDING:
                self._stop_sending(flight, answer)
            case Consequence.STOP_PRODUCT:
                self._stop_product(flight, answer)
            case Consequence.STOP_OFFER:
                self._stop_offer(flight, answer)
            case _ if flight.in_doubt:
                flight.refused, flight.unmentioned = answer, 0
                self._end_errand(flight, str(answer))
                self._ask(flight)
            case _:
                self._fail_by(flight, answer)

    def _answered_late(self, number: int, answer: TaskState | Refusal, errand: str = "") -> None:
        """The flight ended while its request was under way. A task that came of it is recorded all the same, and that
        none came where no query could tell."""
        flight = self._ended.pop(number, None)
        if flight is None:
            return
        job = flight.job
        if isinstance(answer, TaskState):
            outputs = () if job.route.has_external_id else answer.outputs
            files = json.dumps([output.to_json() for output in outputs]) if outputs else ""
            self._events.append(JobSubmitted(self._now, job.member, job.external_id, answer.task_id, outputs=files))
        elif (errand or not job.route.has_external_id) and made_nothing(answer):
            self._events.append(JobDeferred(self._now, job.member, job.external_id, reason=str(answer)))

    def _not_sent(self, flight: Flight, answer: Refusal) -> None:
        """A request that no query could tell of surely never left: it goes again, and failed if it never does."""
        self._leave_place(flight)
        self._emit(flight, JobDeferred, reason=str(answer))
        flight.tries += 1
        if flight.tries == 1:
            flight.trouble_since = self._now
        if self._now - flight.trouble_since >= self._account(flight).patience:
            reason = f"the provider could not be reached: {answer}"
            if flight.told:
                self._leave_for_later(flight, reason)
            else:
                self._fail(flight, "unreachable", reason, "run again", flight.errands_cost)
        else:
            self._later(flight, self._account(flight).pause(flight.tries), "queue")

    def _doubt(self, flight: Flight, answer: Refusal) -> None:
        """No usable answer came to a create: ask by external id, or call it uncertain where that cannot be."""
        self._emit(flight, AnswerLost, reason=str(answer))
        flight.in_doubt = True
        if not flight.job.route.has_external_id and answer.code == "timeout" and self._account(flight).limits.recalls:
            self._end(flight, StillRunning, task_id="", reason=answer.message)
        elif not flight.job.route.has_external_id:
            self._end(flight, JobUncertain, reason=str(answer))
        elif flight.said_exists:
            self._ask(flight)
        elif not self._gave_up(flight, answer):
            self._later(flight, self._account(flight).pause(flight.tries), "ask")

    def _asked(self, result: Asked) -> None:
        answer = result.answer
        flight = self._flights.get(result.flight)
        if flight is None:
            self._answered_late(result.flight, answer or _silence)
        elif isinstance(answer, TaskState):
            self._end_trouble(flight)
            self._submitted(flight, answer, adopted=True)
        elif answer is None:
            self._absent(flight)
        else:
            match on_read.get(answer.answer, Consequence.AGAIN):
                case Consequence.COOL:
                    self._cool(self._account(flight), answer)
                    if not self._gave_up(flight, answer):
                        self._later(flight, self._account(flight).cool_until - self._now, "ask")
                case Consequence.STOP_ALL:
                    self._stop_all(flight, answer)
                case Consequence.GONE:
                    self._absent(flight)
                case _:
                    if not self._gave_up(flight, answer):
                        self._later(flight, self._account(flight).pause(flight.tries), "ask")

    def _absent(self, flight: Flight) -> None:
        """The provider does not know the id: the same id goes again. If it said the id exists, it is asked again; and a
        few times before a job is called failed whose first answer was lost, as the next attempt would be paid for."""
        if flight.refused is not None:
            flight.unmentioned += 1
            if flight.unmentioned < looks_after_refusal:
                self._later(flight, self._account(flight).pause(flight.unmentioned), "ask")
                return
            flight.in_doubt = False
            self._fail_by(flight, flight.refused)
            return
        if not flight.said_exists:
            self._leave_place(flight)
            self._queue(flight)
            return
        flight.unmentioned += 1
        if flight.unmentioned > most_looks_for_lost:
            self._end(flight, JobUncertain, reason="the provider says the id exists and does not show the task")
        else:
            self._later(flight, self._account(flight).pause(flight.unmentioned), "ask")

    def _submitted(self, flight: Flight, task: TaskState, *, adopted: bool) -> None:
        flight.task_id = task.task_id
        flight.unmentioned = 0
        self._pool(flight).refused_alone = 0
        flight.submitted_at = self._now if not adopted or not task.created else min(task.created, self._now)
        flight.created = task.created
        flight.outputs = () if flight.job.route.has_external_id else task.outputs
        files = json.dumps([output.to_json() for output in flight.outputs]) if flight.outputs else ""
        self._emit(flight, JobSubmitted, task_id=task.task_id, adopted=adopted, outputs=files)
        if task.phase in (Phase.SUCCEEDED, Phase.FAILED):
            self._learned(flight, task)
            return
        shortest = self._shortest.get((flight.job.provider, flight.job.kind, flight.job.model))
        earliest = self._now if adopted else first_look(self._now, self._account(flight).polling.interval, shortest)
        self._watch(flight, earliest)
        self._later(flight, self._patience_for(flight), "timeout")

    def _not_handed(self, result: NotHanded) -> None:
        """The media could not be handed over, so nothing was sent. The intention is closed, unless there is doubt about
        an earlier request or money in it."""
        flight = self._flights.get(result.flight)
        if flight is None:
            self._answered_late(result.flight, _kept_back)
            return
        if flight.in_doubt or flight.told:
            self._leave_for_later(flight, f"{result.code}: {result.message}")
        else:
            self._fail(flight, result.code, result.message, result.hint, flight.errands_cost)


_kept_back = Refusal(AnswerClass.TRANSIENT, "unsendable", "its media were not handed over yet", unsent=True)
_silence = Refusal(AnswerClass.TRANSIENT, "no-answer", "no answer")
