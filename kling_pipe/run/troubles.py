"""What follows from refusals: pauses, smaller pools, and stops of a product, an account or all."""

from __future__ import annotations

from kling_pipe.events import Cooling, JobDeferred, Notice, PoolChanged, StillRunning
from kling_pipe.run.account import Account
from kling_pipe.run.desk import Desk
from kling_pipe.run.flight import Flight
from kling_pipe.run.states import ends
from kling_pipe.values.answer import Refusal


class Troubles(Desk):
    """What follows from refusals: pauses, smaller pools, and stops of a product, an account or all."""

    def _gave_up(self, flight: Flight, refusal: Refusal) -> bool:
        """Counts a trouble; after a long time of nothing else the job is left to the next run."""
        flight.tries += 1
        if flight.tries == 1:
            flight.trouble_since = self._now
        account = self._account(flight)
        if self._now - flight.trouble_since < account.patience:
            if flight.tries > 1 and account.is_to_tell(self._now):
                left = flight.trouble_since + account.patience - self._now
                text = f"profile `{account.profile}` gives no usable answer ({refusal}); asking for {left:.0f} s more"
                self._events.append(Notice(self._now, "", text))
            return False
        reason = f"the provider could not be reached: {refusal}"
        self._end(flight, StillRunning, task_id=flight.task_id, reason=reason)
        return True

    def _end_trouble(self, flight: Flight) -> None:
        flight.tries = 0
        self._account(flight).answered()

    def _cool(self, account: Account, refusal: Refusal) -> None:
        account.has_answered = True  # it is busy, so it is there
        pause = account.cool(refusal, self._now)
        if pause:
            self._events.append(Cooling(self._now, "", account.profile, pause, str(refusal)))

    def _defer(self, flight: Flight, refusal: Refusal) -> None:
        """Nothing was created: the intention stays and the same id goes again after the pause."""
        self._leave_place(flight)
        until = self._account(flight).cool_until
        self._emit(flight, JobDeferred, reason=str(refusal), until=until)
        if not self._gave_up(flight, refusal):
            self._later(flight, until - self._now, "queue")

    def _shrink(self, flight: Flight, refusal: Refusal) -> None:
        self._leave_place(flight)
        if self._pool(flight).shrink(flight.sent_at, self._now):
            self._pool_changed(flight, str(refusal))
        self._emit(flight, JobDeferred, reason=str(refusal))
        pool = self._pool(flight)
        pool.refused_alone = 0 if pool.in_use else pool.refused_alone + 1
        self._later(flight, self._account(flight).throttle_pause(max(1, pool.refused_alone), refusal), "queue")

    def _pool_changed(self, flight: Flight, reason: str) -> None:
        pool = self._pool(flight)
        self._events.append(PoolChanged(self._now, "", pool.name, pool.places, reason))

    def _stop_product(self, flight: Flight, refusal: Refusal) -> None:
        """One product's pack is used up or not permitted; the others go on."""
        account = self._account(flight)
        account.stopped_products[flight.job.product] = refusal
        self._fail_by(flight, refusal)
        self._fail_queued(account, flight.job.product, refusal)

    def _stop_offer(self, flight: Flight, refusal: Refusal) -> None:
        """One endpoint or model is not permitted; whatever else goes on."""
        account, job = self._account(flight), flight.job
        account.forbidden[job.route.endpoint, job.model] = refusal
        self._fail_by(flight, refusal)
        for queue in account.queues.values():
            for _, number in tuple(queue):
                queued = self._flights.get(number)
                if queued is not None and queued.state not in ends and account.stopped(queued.job) is not None:
                    self._fail_by(queued, refusal)

    def _stop_sending(self, flight: Flight, refusal: Refusal) -> None:
        """The account takes nothing new; what it is making already is waited for and fetched."""
        account = self._account(flight)
        account.stopped_by = refusal
        self.stopped_by = self.stopped_by or refusal
        self._fail_by(flight, refusal)
        for product in tuple(account.queues):
            self._fail_queued(account, product, refusal)

    def _fail_queued(self, account: Account, product: str, refusal: Refusal) -> None:
        for _, number in account.queues.pop(product, []):
            queued = self._flights.get(number)
            if queued is not None and queued.state not in ends:
                self._fail_by(queued, refusal)

    def _stop_all(self, flight: Flight, refusal: Refusal) -> None:
        self._fail_by(flight, refusal)
        self._stop_account(self._account(flight), refusal)

    def _stop_account(self, account: Account, refusal: Refusal) -> None:
        """No further request can work. What the provider is making stays recorded for the next run."""
        account.stopped_by = account.stopped_by or refusal
        self.stopped_by = self.stopped_by or refusal
        for flight in tuple(self._flights.values()):
            if flight.state in ends or flight.job.profile != account.profile:
                continue
            if not flight.claimed:
                self._fail_by(flight, refusal)
            else:
                self._end(flight, StillRunning, task_id=flight.task_id, reason=str(refusal))
