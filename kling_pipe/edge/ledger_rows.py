"""Rows of the ledger's tables as values."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Artifact, Output
from kling_pipe.values.making import Making
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cost


def charge_of(row: sqlite3.Row) -> Cost:
    """What a job weighs on a budget: its own figure once known, its estimate until then, nothing once dropped."""
    if row["cost"]:
        return cost_of(row["cost"])
    return Cost() if row["state"] in ("failed", "dropped") else cost_of(row["estimate"])


def cost_of(text: str | None) -> Cost:
    return Cost.from_json(json.loads(text)) if text else Cost()


def artifact_of(row: sqlite3.Row) -> Artifact:
    return Artifact(
        key=row["key"],
        digest=row["digest"],
        facts=MediaFacts.from_json(json.loads(row["facts"])),
        take=row["take"],
        index=row["idx"],
        external_id=row["external_id"],
        task_id=row["task_id"],
        created=row["created"],
        url=row["url"],
        url_expires=row["url_expires"],
        output_id=row["output_id"],
    )


def making_of(row: sqlite3.Row) -> Making:
    return Making(
        storyboard=row["storyboard"],
        member=row["member"],
        recipe=row["recipe"],
        explanation=row["explanation"],
        takes=tuple(json.loads(row["takes"])),
        ended=row["ended"] or 0.0,
        task_id=row["task_id"],
        external_id=row["external_id"],
        cost=cost_of(row["cost"]),
    )


def job_of(row: sqlite3.Row) -> JobRow:
    memo: dict[str, Any] = json.loads(row["memo"]) if row["memo"] else {}
    return JobRow(
        external_id=row["external_id"],
        recipe=row["recipe"],
        takes=tuple(json.loads(row["takes"])),
        attempt=row["attempt"],
        state=JobState(row["state"]),
        task_id=row["task_id"],
        run=row["run"],
        member=row["member"],
        storyboard=row["storyboard"],
        kind=row["kind"],
        model=row["model"],
        standard=row["standard"],
        endpoint=row["endpoint"],
        status=row["status"],
        estimate=cost_of(row["estimate"]),
        cost=cost_of(row["cost"]) if row["cost"] else None,
        exact=bool(row["exact"]),
        intended=row["intended"],
        submitted=row["submitted"] or 0.0,
        ended=row["ended"] or 0.0,
        code=row["code"],
        message=row["message"],
        profile=row["profile"],
        deferred=memo.get("deferred", False),
        errand=memo.get("errand", ""),
        told=tuple(memo.get("told", ())),
        errands_cost=Cost.from_json(memo.get("cost") or {}),
        doubted=memo.get("doubted", False),
        outputs=tuple(Output.from_json(output) for output in memo.get("outputs", ())),
    )
