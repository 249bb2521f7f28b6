"""How the service tells about tasks: both shapes, and all four sorts of queries (kling.md sections 3 and 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from kling_pipe.providers.kling import fake_results
from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, read, wrong
from kling_pipe.simulator.tasks import Fate, Task
from kling_pipe.simulator.world import World
from kling_pipe.values.job import Phase

_body_words = {
    Phase.QUEUED: "submitted",
    Phase.RUNNING: "processing",
    Phase.SUCCEEDED: "succeed",
    Phase.FAILED: "failed",
}
_path_words = {**_body_words, Phase.SUCCEEDED: "succeeded"}
_reasons = {
    Fate.MODERATED: "Failure to pass the risk control system: the result violates the content security policy",
    Fate.FAILS: "Generation failed, internal model error",
}
_month = 30 * 86_400_000
# Older create answers have no `task_info`, and that of speech never has one (section 12).
_no_info = frozenset({"/v1/audio/tts"})
_no_info_created = _no_info | {"/v1/images/kolors-virtual-try-on", "/v1/videos/multi-image2video"}
Item = TypeVar("Item")


def body_task(
    task: Task, world: World, base_url: str, *, created: bool = False, at: float | None = None
) -> dict[str, Any]:
    """A task in the body-model shape, at a moment or now; `created` is the shorter form that a create answers."""
    now = world.clock.now() if at is None else at
    phase = task.phase(now)
    data: dict[str, Any] = {
        "task_id": task.id,
        "task_status": _body_words[phase],
        "task_info": {"external_task_id": task.order.external_id} if task.order.external_id else {},
        "created_at": _ms(world, task.created),
        "updated_at": _ms(world, task.updated(now)),
    }
    if task.order.endpoint in (_no_info_created if created else _no_info):
        del data["task_info"]
    if created:
        return data
    if "parent" in task.order.details:
        data["task_info"]["parent_video"] = fake_results.parent_of(task, world, base_url)
    data["task_status_msg"] = _reasons[task.fate] if phase is Phase.FAILED else ""
    data["watermark_info"] = {"enabled": task.order.watermark}
    data["task_result"] = fake_results.body_result(task, world, base_url) if phase is Phase.SUCCEEDED else {}
    if phase in (Phase.SUCCEEDED, Phase.FAILED):
        data["final_unit_deduction"] = f"{task.charged(now):f}"
    return data


def path_task(
    task: Task, world: World, base_url: str, *, created: bool = False, at: float | None = None
) -> dict[str, Any]:
    """A task in the path-model shape, at a moment or now."""
    now = world.clock.now() if at is None else at
    phase = task.phase(now)
    data: dict[str, Any] = {
        "id": task.id,
        "status": _path_words[phase],
        "create_time": _ms(world, task.created),
        "update_time": _ms(world, task.updated(now)),
    }
    if task.order.external_id:
        data["external_id"] = task.order.external_id
    if created:
        return data
    data["message"] = _reasons[task.fate] if phase is Phase.FAILED else ""
    data["outputs"] = fake_results.path_outputs(task, world, base_url) if phase is Phase.SUCCEEDED else []
    if phase in (Phase.SUCCEEDED, Phase.FAILED):
        amount = f"{task.charged(now):f}"
        data["billing"] = [{"charge_type": "unit", "amount": amount, "package_type": task.order.product}]
    return data


def single(
    world: World, account: str, endpoint: str, sought: str, base_url: str, *, by_external: bool
) -> dict[str, Any]:
    """`GET <create path>/{id}`: a task of that endpoint by its id, and by its external id where that is documented."""
    task = world.task(account, sought)
    if task is None or task.order.endpoint != endpoint or (task.id != sought and not by_external):
        raise wrong(f"Task not found by id/external id: {sought}")
    return body_task(task, world, base_url)


def page(
    world: World, account: str, endpoint: str, query: Mapping[str, str], base_url: str, most: int
) -> list[dict[str, Any]]:
    """`GET <create path>?pageNum=&pageSize=`: newest first (the order is not published, D26)."""
    tasks = [task for task in reversed(world.tasks(account)) if task.order.endpoint == endpoint]
    return [body_task(task, world, base_url) for task in paged(tasks, query, most)]


def paged(items: Sequence[Item], query: Mapping[str, str], most: int) -> Sequence[Item]:
    """The page of a list that a query asks for; `most` is the largest page of that list."""
    fields = (Field("pageNum", "whole", low=1, high=1000), Field("pageSize", "whole", low=1, high=most))
    values = read(query, fields, others=Others.IGNORED)
    size = values.get("pageSize", 30)
    first = (values.get("pageNum", 1) - 1) * size
    return items[first : first + size]


def batch(world: World, account: str, query: Mapping[str, str], base_url: str) -> list[dict[str, Any]]:
    """`GET /tasks` with exactly one of `task_ids` and `external_task_ids`, 20 ids at most."""
    given = [name for name in ("task_ids", "external_task_ids") if query.get(name)]
    if len(given) != 1:
        raise Rebuff(400, 1200, "exactly one of task_ids and external_task_ids is required")
    sought = [text.strip() for text in query[given[0]].split(",") if text.strip()]
    if len(sought) > 20:
        raise wrong("task_ids and external_task_ids cannot exceed 20 in total")
    by_id = given[0] == "task_ids"
    found = [(text, world.task(account, text)) for text in dict.fromkeys(sought)]
    return [
        path_task(task, world, base_url)
        for text, task in found
        if task and _is_told(task) and text == (task.id if by_id else task.order.external_id)
    ]


_filter = Field(
    "filters",
    "list",
    most=10,
    children=(
        Field("key", required=True, values=("status", "product_type")),
        Field("values", "list", required=True, least=1, most=20, item="text"),
    ),
)
_cursor_fields = (
    Field("start_time", "whole"),
    Field("end_time", "whole"),
    Field("cursor"),
    Field("limit", "whole", low=1, high=500),
    _filter,
)


def window(world: World, account: str, body: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """`POST /tasks`: a page of tasks between two moments, newest first, and a cursor for the next."""
    values = read(body, _cursor_fields, others=Others.IGNORED)
    limit = values.get("limit", 100)
    mark = _cursor(values.get("cursor"))
    end = values.get("end_time", _ms(world, world.clock.now()))
    start = values.get("start_time", end - _month)
    before = None
    if mark:
        start, end, before = mark
    tasks = [
        task
        for task in reversed(world.tasks(account))
        if _is_told(task) and start <= _ms(world, task.created) <= end and (before is None or task.number < before)
    ]
    tasks = [task for task in tasks if _passes(task, world, values.get("filters", []))]
    shown = tasks[:limit]
    more = len(tasks) > limit
    return {
        "result": [path_task(task, world, base_url) for task in shown],
        "count": len(shown),
        "next_cursor": f"{start}.{end}.{shown[-1].number}" if more else "",
        "has_more": more,
    }


def _is_told(task: Task) -> bool:
    """Calls without a result of a task's shape, such as marking a place in a clip, are no tasks to the service."""
    return task.order.details.get("shape") in fake_results.shapes


def _passes(task: Task, world: World, filters: Sequence[Mapping[str, Any]]) -> bool:
    told = {"status": _path_words[world.phase(task)], "product_type": task.order.product}
    return all(told[item["key"]] in item["values"] for item in filters)


def _cursor(text: str | None) -> tuple[int, int, int] | None:
    if not text:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise wrong(f"cursor value {json.dumps(text)} is invalid")
    return int(parts[0]), int(parts[1]), int(parts[2])


def moments(world: World, moment: float) -> dict[str, int]:
    """The two times of something that never changed."""
    return {"created_at": _ms(world, moment), "updated_at": _ms(world, moment)}


def _ms(world: World, moment: float) -> int:
    return int(world.stamp(moment) * 1000)
