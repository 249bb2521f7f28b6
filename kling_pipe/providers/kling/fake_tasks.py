"""How the service tells about tasks: both shapes, and all four sorts of queries (kling.md sections 3 and 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kling_pipe.providers.kling.fake_fields import Field, Others, Rebuff, read, wrong
from kling_pipe.simulator.media import ClipOrder
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


def body_task(task: Task, world: World, base_url: str, *, created: bool = False) -> dict[str, Any]:
    """A task in the body-model shape; `created` is the shorter form that a create answers."""
    phase = world.phase(task)
    external = task.order.external_id
    data: dict[str, Any] = {
        "task_id": task.id,
        "task_status": _body_words[phase],
        "task_info": {"external_task_id": external} if external else {},
        "created_at": _ms(world, task.created),
        "updated_at": _ms(world, task.updated(world.clock.now())),
    }
    if created:
        return data
    data["task_status_msg"] = _reasons[task.fate] if phase is Phase.FAILED else ""
    data["watermark_info"] = {"enabled": task.order.watermark}
    data["task_result"] = _body_result(task, world, base_url) if phase is Phase.SUCCEEDED else {}
    if phase in (Phase.SUCCEEDED, Phase.FAILED):
        data["final_unit_deduction"] = f"{task.charged(world.clock.now()):f}"
    return data


def path_task(task: Task, world: World, base_url: str, *, created: bool = False) -> dict[str, Any]:
    """A task in the path-model shape."""
    phase = world.phase(task)
    data: dict[str, Any] = {
        "id": task.id,
        "status": _path_words[phase],
        "create_time": _ms(world, task.created),
        "update_time": _ms(world, task.updated(world.clock.now())),
    }
    if task.order.external_id:
        data["external_id"] = task.order.external_id
    if created:
        return data
    data["message"] = _reasons[task.fate] if phase is Phase.FAILED else ""
    data["outputs"] = _path_outputs(task, world, base_url) if phase is Phase.SUCCEEDED else []
    if phase in (Phase.SUCCEEDED, Phase.FAILED):
        amount = f"{task.charged(world.clock.now()):f}"
        data["billing"] = [{"charge_type": "unit", "amount": amount, "package_type": task.order.product}]
    return data


def single(world: World, account: str, endpoint: str, sought: str, base_url: str) -> dict[str, Any]:
    """`GET <create path>/{id}`: a task of that endpoint by its id or external id."""
    task = world.task(account, sought)
    if task is None or task.order.endpoint != endpoint:
        raise wrong(f"Task not found by id/external id: {sought}")
    return body_task(task, world, base_url)


def page(world: World, account: str, endpoint: str, query: Mapping[str, str], base_url: str) -> list[dict[str, Any]]:
    """`GET <create path>?pageNum=&pageSize=`: newest first (the order is not published, D26)."""
    fields = (Field("pageNum", "whole", low=1, high=1000), Field("pageSize", "whole", low=1, high=500))
    values = read(query, fields, others=Others.IGNORED)
    size = values.get("pageSize", 30)
    first = (values.get("pageNum", 1) - 1) * size
    tasks = [task for task in reversed(world.tasks(account)) if task.order.endpoint == endpoint]
    return [body_task(task, world, base_url) for task in tasks[first : first + size]]


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
        if task and text == (task.id if by_id else task.order.external_id)
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
        if start <= _ms(world, task.created) <= end and (before is None or task.number < before)
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


def _body_result(task: Task, world: World, base_url: str) -> dict[str, Any]:
    urls = world.urls(task, base_url)
    if isinstance(task.order.outputs[0], ClipOrder):
        seconds = task.order.details["duration"]
        return {
            "videos": [
                {"id": _output_id(task, index), "url": url, **_mark(url, task), "duration": seconds}
                for index, url in enumerate(urls)
            ]
        }
    pictures = [{"index": index, "url": url, **_mark(url, task)} for index, url in enumerate(urls)]
    if task.order.endpoint != "/v1/images/omni-image":
        return {"images": pictures}
    kind = task.order.details["result_type"]
    return {"result_type": kind, "series_images" if kind == "series" else "images": pictures}


def _path_outputs(task: Task, world: World, base_url: str) -> list[dict[str, Any]]:
    urls = world.urls(task, base_url)
    if isinstance(task.order.outputs[0], ClipOrder):
        seconds = task.order.details["duration"]
        return [
            {"type": "video", "id": _output_id(task, index), "url": url, **_mark(url, task), "duration": seconds}
            for index, url in enumerate(urls)
        ]
    return [{"type": "image", "url": url, **_mark(url, task), "group_id": task.id} for url in urls]


def _output_id(task: Task, index: int) -> str:
    return f"{int(task.id) + 50_000 + index}"


def _mark(url: str, task: Task) -> dict[str, str]:
    return {"watermark_url": url} if task.order.watermark else {}


def _ms(world: World, moment: float) -> int:
    return int(world.stamp(moment) * 1000)
