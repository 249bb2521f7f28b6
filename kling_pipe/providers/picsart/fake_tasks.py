"""How the service tells of a task: at `response` or bare, in all its status words and forms (picsart.md section 2).

Which words and forms a task is told in follows from its number and from the time, so that whoever makes a few tasks
meets them all, and meets the same ones again in every run of a world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kling_pipe.providers.picsart.fake_answers import error_in
from kling_pipe.simulator.tasks import Fate, Task
from kling_pipe.simulator.world import World
from kling_pipe.values.job import Phase

Json = dict[str, Any]

_queued = ("ACCEPTED",)
_running = ("IN_PROGRESS", "PENDING", "RUNNING", "FINALIZING")  # the last is none of the page's words: keep asking
_ended = ("COMPLETED", "SUCCESS")
_failed = ("FAILED", "ERROR", "CANCELED", "CANCELLED")
_reasons: Mapping[Fate, str] = {
    Fate.MODERATED: "The result was refused by content moderation",
    Fate.FAILS: "Generation failed",
}
_change = 5.0  # seconds that a running task keeps its word
# Section 2: `result.url`, `result.items[].url`, or nested, of which the page shows nothing: two ways to nest.
_one: tuple[Callable[[str], Json], ...] = (
    lambda url: {"url": url},
    lambda url: {"items": [{"url": url}]},
    lambda url: {"data": {"url": url}},
    lambda url: {"output": {"files": [{"url": url}]}},
)
_several: tuple[Callable[[list[Json]], Json], ...] = (
    lambda items: {"items": items},
    lambda items: {"data": {"items": items}},
)


def submitted(task: Task) -> Json:
    """The answer to a submit: the task's id."""
    return _placed(task, {"id": task.id})


def told(task: Task, world: World, base_url: str) -> Json:
    """Where a task stands, and what it made once it has ended."""
    now = world.clock.now()
    phase = task.phase(now)
    data: Json = {"id": task.id, "status": _word(task, phase, now)}
    if phase is Phase.FAILED:
        return _failure(task, data)
    if phase is Phase.SUCCEEDED:
        data["result"] = _result(task, world.urls(task, base_url))
    if _is_nested(task):
        data["progress"] = _progress(task, now)
    return _placed(task, data)


def _word(task: Task, phase: Phase, now: float) -> str:
    words, turn = {
        Phase.QUEUED: (_queued, 0),
        Phase.RUNNING: (_running, task.number + int((now - task.starts) / _change)),
        Phase.SUCCEEDED: (_ended, task.number // 2),
        Phase.FAILED: (_failed if task.fate is Fate.FAILS else _failed[:2], task.number // 2),
    }[phase]
    return words[turn % len(words)]


def _failure(task: Task, data: Json) -> Json:
    reason = "The task was cancelled" if data["status"].startswith("CANCEL") else _reasons[task.fate]
    told = error_in(task.number // 2, reason)
    if "response" in told:  # the text stands beside the status in that place
        return {"status": "success", "response": {**data, **told["response"]}}
    return {**_placed(task, data), **told}


def _result(task: Task, urls: tuple[str, ...]) -> Json:
    turn = task.number // 2
    if len(urls) == 1:
        return _one[turn % len(_one)](urls[0])
    return _several[turn % len(_several)]([{"url": url} for url in urls])


def _progress(task: Task, now: float) -> Json:
    whole = task.ends - task.created
    part = min(1.0, (now - task.created) / whole) if whole > 0 else 1.0
    left = max(0.0, task.ends - now)
    # A stuck task has no end to count down to.
    return {"percent": int(100 * part), "estimatedSecondsLeft": round(left) if left < 1e9 else None}


def _placed(task: Task, data: Json) -> Json:
    """Inside `response`, beside a word that is the answer's own and not the task's; or bare."""
    return {"status": "success", "response": data} if _is_nested(task) else data


def _is_nested(task: Task) -> bool:
    return task.number % 2 == 1
