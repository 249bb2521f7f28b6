"""Answers in the shapes of runware.md sections 2 to 7, one folder a case, ids invented; what is read stands beside."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import pytest

from kling_pipe.providers.provider import Told
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Output, Route, TaskRef, TaskState
from kling_pipe.values.transfer import Uploaded
from kling_pipe.values.wire import Json, Response
from tests.providers.runware_jobs import provider

folder = Path(__file__).parent / "samples" / "runware"
cases = sorted(path.name for path in folder.iterdir())
key = CredentialKind.API_KEY


@pytest.mark.parametrize("case", cases)
def test_an_answer_is_read_as_its_case_says(case: str) -> None:
    answer = json.loads((folder / case / "answer.json").read_text("utf-8"))
    found, path = shown(read(answer)), folder / case / "read.json"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(path.read_text("utf-8"))


def read(answer: Json) -> TaskState | Refusal | Told | Uploaded:
    body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
    response = Response(answer["status"], answer["headers"], body.encode())
    route = Route(*answer["route"].split(" "))
    tasks = [task_of(text, route) for text in answer.get("asks", ())]
    match answer["reads"]:
        case "submit":
            return provider.read_submit(response, route)
        case "find":
            asked = provider.find([task.external_id for task in tasks], route, key)[0]
            return provider.read_find(asked, response)
        case "details":
            return provider.read_query(provider.single(tasks[0], key), response)
        case "upload":
            return provider.read_upload(response)
        case _:
            return provider.read_query(provider.queries(tasks, key)[0], response)


def task_of(text: str, route: Route) -> TaskRef:
    """`kp-1`, or `kp-1*3` for a task of three results."""
    external, _, results = text.partition("*")
    return TaskRef(external, "", route, int(results or 1))


def shown(value: TaskState | Refusal | Told | Uploaded) -> object:
    """What was read as plain JSON, without what is empty."""
    if isinstance(value, Told):
        told: Json = {"states": [shown(state) for state in value.states]}
        return {**told, "refusal": shown(value.refusal)} if value.refusal else told
    if isinstance(value, Uploaded):
        return {"id": value.handed.id, "lifetime": value.lifetime}
    found: Json = {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, Refusal):
        found["cost"] = value.cost.to_json() if value.cost else None
    if isinstance(value, TaskState):
        found["cost"] = None if value.cost is None else value.cost.to_json()
        found["outputs"] = [plain(item) for item in value.outputs]
    return {name: item for name, item in found.items() if item not in ("", None, [], (), 0.0) and item is not False}


def plain(output: Output) -> Json:
    return {name: item for name, item in output.to_json().items() if item not in ("", 0.0) or name == "index"}
