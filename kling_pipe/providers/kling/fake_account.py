"""The account endpoints: packs and what was drawn from them (kling.md section 12, "Account")."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kling_pipe.providers.kling.fake_fields import Field, Others, missing, read, wrong
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World
from kling_pipe.values.job import Phase

_year = 365 * 86_400_000


def costs(world: World, query: Mapping[str, str]) -> dict[str, Any]:
    """`GET /account/costs`: the packs, with a code and a text of their own inside."""
    fields = (
        Field("start_time", "whole", required=True),
        Field("end_time", "whole", required=True),
        Field("resource_pack_name"),
    )
    values = read(query, fields, others=Others.IGNORED)
    began = int(world.stamp(world.began) * 1000)
    wanted = values.get("resource_pack_name")
    packs = [
        {
            "resource_pack_name": f"simulated {pack.product} pack",
            "resource_pack_id": f"simulated-{pack.product}",
            "resource_pack_type": "decreasing_total",
            "total_quantity": float(pack.total),
            "remaining_quantity": float(pack.remaining),
            "purchase_time": began,
            "effective_time": began,
            "invalid_time": began + _year,
            "status": "online" if pack.remaining else "runOut",
        }
        for pack in world.packs("kling")
    ]
    named = [pack for pack in packs if wanted in (None, pack["resource_pack_name"])]
    return {"code": 0, "msg": "success", "resource_pack_subscribe_infos": named}


def balance(world: World, account: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /account/billing/balance`: the simulated account pays in units only, so there are no rows."""
    read(body, _fields(("api_key_name",)), others=Others.IGNORED)
    _check_window(body)
    return {"result": {"detail": [], "count": 0}, "next_cursor": "", "has_more": False}


def package(world: World, account: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /account/billing/package`: one row for each task that was charged, oldest first."""
    keys = ("api_key_name", "product_type", "package_name", "package_id")
    values = read(body, _fields(keys), others=Others.IGNORED)
    _check_window(body)
    filters = {item["key"]: item["values"] for item in values.get("filters", [])}
    if "package_name" in filters and "package_id" in filters:
        raise wrong("package_name and package_id cannot be used together")
    start, end, first = _window(values)
    rows = [row for row in _rows(world, account) if start <= row["deduction_time"] <= end and _passes(row, filters)]
    limit = values.get("limit", 500)
    shown = rows[first : first + limit]
    more = first + limit < len(rows)
    return {
        "result": {"detail": shown, "count": len(shown)},
        "next_cursor": f"{start}.{end}.{first + limit}" if more else "",
        "has_more": more,
    }


def _fields(keys: tuple[str, ...]) -> tuple[Field, ...]:
    children = (
        Field("key", required=True, values=keys),
        Field("values", "list", required=True, least=1, most=100, item="text"),
    )
    return (
        Field("start_time", "whole"),
        Field("end_time", "whole"),
        Field("limit", "whole", low=1, high=500),
        Field("cursor"),
        Field("filters", "list", most=10, children=children),
    )


def _check_window(body: Mapping[str, Any]) -> None:
    if not body.get("cursor"):
        for name in ("start_time", "end_time"):
            if body.get(name) in (None, ""):
                raise missing(name)


def _window(values: Mapping[str, Any]) -> tuple[int, int, int]:
    cursor = values.get("cursor")
    if not cursor:
        return values["start_time"], values["end_time"], 0
    parts = cursor.split(".")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise wrong(f"cursor value '{cursor}' is invalid")
    return int(parts[0]), int(parts[1]), int(parts[2])


def _passes(row: Mapping[str, Any], filters: Mapping[str, list[str]]) -> bool:
    named = {**row, "package_name": f"simulated {row['product_type']} pack"}
    return all(str(named[key]) in values for key, values in filters.items())


def _rows(world: World, account: str) -> list[dict[str, Any]]:
    left = {pack.product: pack.total for pack in world.packs("kling")}
    rows = []
    for task in world.tasks(account):
        if world.phase(task) is Phase.FAILED or not task.order.units:
            continue
        before = left.get(task.order.product, Decimal(0))
        left[task.order.product] = before - task.order.units
        rows.append(_row(task, world, before))
    return rows


def _row(task: Task, world: World, before: Decimal) -> dict[str, Any]:
    details = task.order.details
    return {
        "task_id": task.id,
        "api_key_name": task.order.account,
        "product_function": details.get("function", ""),
        "model_name": task.order.model,
        "resolution": details.get("resolution", ""),
        "duration": details.get("requested", ""),
        "refer_video_input": details.get("clip", "false"),
        "video_sound": details.get("sound", "false"),
        "voice_control": details.get("voice", "false"),
        "deduction_time": int(world.stamp(task.created) * 1000),
        "before_deduction": f"{before:f}",
        "deduction_amount": f"{task.order.units:f}",
        "after_deduction": f"{before - task.order.units:f}",
        "package_id": f"simulated-{task.order.product}",
        "product_type": task.order.product,
    }
