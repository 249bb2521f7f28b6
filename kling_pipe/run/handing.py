"""How the media of jobs are handed over, and handed over otherwise where what was handed before may have been dead."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kling_pipe.errors import StepFailure
from kling_pipe.providers.provider import Handed
from kling_pipe.run.commands import Send
from kling_pipe.run.exchange import Line
from kling_pipe.run.ports import Clock, Files
from kling_pipe.run.questions import Questions
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Job, Phase, TaskState
from kling_pipe.values.transfer import NotUploaded, Origin

_not_found_there = frozenset({AnswerClass.INVALID, AnswerClass.NOT_FOUND})


class Handing:
    """Of one run; it remembers which jobs were handed what an earlier run had put into their service's storage."""

    def __init__(self, files: Files, questions: Questions, clock: Clock) -> None:
        self._files = files
        self._questions = questions
        self._clock = clock
        self._on_trust: dict[str, tuple[Job, tuple[Origin, ...]]] = {}  # by external id

    def puts(self, command: Send) -> bool:
        """Whether handing over puts files somewhere, which takes its time."""
        return self._files.puts(command.job, command.origins, self._clock.now())

    async def hand(self, job: Job, origins: Iterable[Origin]) -> dict[str, Handed]:
        """How each material travels; raises StepFailure when one cannot, and NotUploaded."""
        return await self._files.hand_over(job, tuple(origins), self._clock.now())

    def trust(self, command: Send, media: Mapping[str, Handed]) -> None:
        """Notes what of a job's media may be gone from the service's storage."""
        stored = _stored(command, media)
        if stored:
            self._on_trust[command.job.external_id] = (command.job, stored)

    async def doubt_what_failed(self, states: Iterable[TaskState]) -> None:
        """A service that does not know a file any more may say so only when its task has failed."""
        for state in states:
            if state.phase is Phase.FAILED and state.external_id in self._on_trust:
                with contextlib.suppress(StepFailure, OSError):  # a file that is gone is not handed over again either
                    await self._files.doubt(*self._on_trust.pop(state.external_id))

    async def hand_anew(
        self, line: Line, command: Send, media: Mapping[str, Handed], answer: object
    ) -> dict[str, Handed] | None:
        """Other ways for what a dead URL, or a file that is gone from the service's storage, may have kept back: bytes
        of our own, else a URL that the service is asked for; None where there is none of either, or everything would be
        as it was."""
        own = tuple(one for one in command.origins if one.url and media[one.material.field].url == one.url)
        stored = _stored(command, media)
        if not (isinstance(answer, Refusal) and answer.answer in _not_found_there) or not own + stored:
            return None
        job, now = command.job, self._clock.now()
        try:
            found = {**media, **await self._files.hand_over(job, own + stored, now, own_bytes=True)}
            stuck = [origin for origin in own if found[origin.material.field] == media[origin.material.field]]
            if stuck:
                renewed = [await self._renewed(line, job.profile, origin) for origin in stuck]
                found.update(await self._files.hand_over(job, renewed, now, own_bytes=True))
        except (StepFailure, NotUploaded):  # what cannot be had otherwise stays refused
            return None
        return None if found == media and not stored else found

    async def _renewed(self, line: Line, profile: str, origin: Origin) -> Origin:
        """The origin at the URL that the service tells for it by now."""
        if origin.task is None or not origin.url or origin.profile != profile:
            return origin
        told = await self._questions.query(line, line.provider.single(origin.task, line.credential.kind))
        outputs = [output for state in told.states for output in state.outputs if output.address]
        same = [output for output in outputs if path_of(output.url) == path_of(origin.url)]
        found = same or (outputs if len(outputs) == 1 else [])  # which of several it is, its path alone tells for sure
        return replace(origin, url=found[0].url) if found else origin


def path_of(url: str) -> str:
    """A URL without its query, which signs it anew each time."""
    return url.partition("?")[0]


def _stored(command: Send, media: Mapping[str, Handed]) -> tuple[Origin, ...]:
    return tuple(origin for origin in command.origins if media[origin.material.field].remembered)
