"""Answers in the shapes of kling.md sections 3 to 8, one folder a case, ids invented; what is read stands beside."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import Query, Told
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Output, Route, TaskRef, TaskState
from kling_pipe.values.wire import Json, Request, Response

folder = Path(__file__).parent / "samples" / "kling"
cases = sorted(path.name for path in folder.iterdir())
provider = KlingProvider()


@pytest.mark.parametrize("case", cases)
def test_an_answer_is_read_as_its_case_says(case: str) -> None:
    answer = json.loads((folder / case / "answer.json").read_text("utf-8"))
    assert shown(read(answer)) == json.loads((folder / case / "read.json").read_text("utf-8"))


def read(answer: Json) -> TaskState | Refusal | Told:
    body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
    response = Response(answer["status"], answer["headers"], body.encode())
    standard, _, endpoint = answer["route"].partition(" ")
    route = Route(standard, endpoint)
    tasks = tuple(task_of(text, route) for text in answer.get("asks", ()))
    match answer["reads"]:
        case "submit":
            return provider.read_submit(response, route)
        case "find" if standard == "path-model":
            asked = ",".join(task.external_id for task in tasks)
            return provider.read_find(Request("GET", "/tasks", (("external_task_ids", asked),)), response)
        case "find":
            return provider.read_find(Request("GET", f"{endpoint}/{tasks[0].external_id}"), response)
        case _:
            return provider.read_query(Query(Request("GET", endpoint), tasks), response)


def task_of(text: str, route: Route) -> TaskRef:
    external, _, task = text.partition("=")
    return TaskRef(external, task, route)


def shown(value: TaskState | Refusal | Told) -> object:
    """What was read as plain JSON, without what is empty."""
    if isinstance(value, Told):
        told: Json = {"states": [shown(state) for state in value.states]}
        return {**told, "refusal": shown(value.refusal)} if value.refusal else told
    found: Json = {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, Refusal):
        found["cost"] = value.cost.to_json() if value.cost else None
    if isinstance(value, TaskState):
        found["cost"] = None if value.cost is None else value.cost.to_json()
        found["outputs"] = [plain(item) for item in value.outputs]
    return {name: item for name, item in found.items() if item not in ("", None, [], ()) and item is not False}


def plain(output: Output) -> Json:
    """An output as plain JSON; what only a library's entries have is left out of files."""
    data = output.to_json()
    return {name: item for name, item in data.items() if name != "name" or item}
