"""How a gateway of this family tells of a job: every shape of gateway.md sections 4 and 5.

`job` is the seed's, `openai` new-api's own object with `metadata.url`, `wrapped` new-api's task around it, `native` the
upstream's answer inside that, `content` a finished job that names no file, `proxy` one that names the gateway's own
path. A word of the setting `answers` chooses for all jobs, the `user` of a request for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kling_pipe.providers.gateway.fake_words import Json, task_error
from kling_pipe.simulator.tasks import Fate, Task
from kling_pipe.simulator.world import World
from kling_pipe.values.job import Phase

_words = {
    Phase.QUEUED: "queued", Phase.RUNNING: "in_progress", Phase.SUCCEEDED: "completed", Phase.FAILED: "failed",
}  # fmt: skip
_loud = {Phase.QUEUED: "QUEUED", Phase.RUNNING: "IN_PROGRESS", Phase.SUCCEEDED: "SUCCESS", Phase.FAILED: "FAILURE"}
_native = {
    Phase.QUEUED: "submitted", Phase.RUNNING: "processing", Phase.SUCCEEDED: "succeed", Phase.FAILED: "failed",
}  # fmt: skip
_errors = {
    Fate.MODERATED: ("content_policy_violation", "the result violates the content security policy"),
    Fate.FAILS: ("generation_failed", "the upstream could not make this clip"),
}


def found(world: World, account: str, name: str) -> Task:
    """The account's job of that id; a missing one is answered with status 400 (section 6)."""
    tasks = world.about(account, name)
    if not tasks:
        raise task_error(400, "task_not_exist", "task_not_exist")
    return tasks[0]


def told(task: Task, world: World, base_url: str, mount: str) -> Json:
    """A job in the shape that is chosen for it."""
    words = (task.order.details.get("user", ""), *answers_of(world))
    return shapes[next((word for word in words if word in shapes), "job")](task, world, base_url, mount)


def answers_of(world: World) -> tuple[str, ...]:
    """The words of the setting."""
    return tuple(dict(world.settings.answers).get("gateway", "").split("+"))


def created(task: Task, world: World) -> Json:
    """The short answer of a create."""
    return {
        "id": task.order.topic, "task_id": task.order.topic, "object": "video.generation.job",
        "model": task.order.model, "status": "queued", "progress": 0, "created_at": _seconds(world, task.created),
    }  # fmt: skip


def openai(task: Task, world: World, base_url: str, mount: str, *, url: str = "") -> Json:
    """new-api's flat object, which is OpenAI's; `url` in place of the file's own address."""
    now = world.clock.now()
    phase = task.phase(now)
    job: Json = {
        "id": task.order.topic, "task_id": task.order.topic, "object": "video", "model": task.order.model,
        "status": _words[phase], "progress": _progress(task, now), "created_at": _seconds(world, task.created),
        "seconds": task.order.details["requested"], "size": task.order.details["size"],
    }  # fmt: skip
    if phase is Phase.SUCCEEDED:
        job["completed_at"] = _seconds(world, task.ends)
        job["metadata"] = {"url": url or world.urls(task, base_url)[0]}
    if phase is Phase.FAILED:
        job["error"] = _error(task)
    return job


def wrapped(task: Task, world: World, base_url: str, mount: str, *, names_file: bool = True) -> Json:
    """new-api's task, with the native answer inside."""
    now = world.clock.now()
    phase = task.phase(now)
    inner: Json = {
        "task_id": f"upstream-{task.id}", "task_status": _native[phase],
        "created_at": _seconds(world, task.created) * 1000,
    }  # fmt: skip
    data: Json = {
        "id": task.number, "task_id": task.order.topic, "status": _loud[phase], "fail_reason": "",
        "progress": f"{_progress(task, now)}%", "submit_time": _seconds(world, task.created), "data": inner,
    }  # fmt: skip
    if phase is Phase.SUCCEEDED:
        data["finish_time"] = _seconds(world, task.ends)
        (url,) = world.urls(task, base_url)
        inner["task_result"] = {"videos": [{"id": task.id, "url": url}]}
        if names_file:
            data["result_url"] = url
    if phase is Phase.FAILED:
        data["fail_reason"] = inner["task_status_msg"] = _error(task)["message"]
    return {"code": "success", "message": "", "data": data}


def _job(task: Task, world: World, base_url: str, mount: str) -> Json:
    phase = world.phase(task)
    job = {**created(task, world), "status": _words[phase], "progress": _progress(task, world.clock.now())}
    if phase is Phase.SUCCEEDED:
        job["video_url"] = world.urls(task, base_url)[0]
    if phase is Phase.FAILED:
        job["error"] = _error(task)
    return job


def _content(task: Task, world: World, base_url: str, mount: str) -> Json:
    return {name: value for name, value in openai(task, world, base_url, mount).items() if name != "metadata"}


def _proxy(task: Task, world: World, base_url: str, mount: str) -> Json:
    return openai(task, world, base_url, mount, url=f"{base_url}{mount}/v1/videos/{task.order.topic}/content")


def _upstream(task: Task, world: World, base_url: str, mount: str) -> Json:
    return wrapped(task, world, base_url, mount, names_file=False)


shapes: Mapping[str, Callable[[Task, World, str, str], Json]] = {
    "job": _job, "openai": openai, "wrapped": wrapped, "native": _upstream, "content": _content, "proxy": _proxy,
}  # fmt: skip


def _error(task: Task) -> Json:
    code, message = _errors[task.fate]
    return {"code": code, "message": message}


def _progress(task: Task, now: float) -> int:
    """Coarse steps; 100 does not come before the end (section 5)."""
    if task.phase(now) is Phase.SUCCEEDED:
        return 100
    if now < task.starts or task.ends == float("inf"):
        return 0
    return min(90, int((now - task.starts) / (task.ends - task.starts) * 10) * 10)


def _seconds(world: World, moment: float) -> int:
    return int(world.stamp(moment))
