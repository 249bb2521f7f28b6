"""Answers in the shapes of gateway.md sections 4 to 9, one folder a case, ids invented; what is read stands beside."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import pytest

from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.provider import Told
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Output, Route, TaskRef, TaskState
from kling_pipe.values.wire import Json, Response

folder = Path(__file__).parent / "samples" / "gateway"
cases = sorted(path.name for path in folder.iterdir())
provider = GatewayProvider()


@pytest.mark.parametrize("case", cases)
def test_an_answer_is_read_as_its_case_says(case: str) -> None:
    answer = json.loads((folder / case / "answer.json").read_text("utf-8"))
    found, beside = shown(read(answer)), folder / case / "read.json"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        beside.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(beside.read_text("utf-8"))


def read(answer: Json) -> TaskState | Refusal | Told:
    body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
    response = Response(answer["status"], answer["headers"], body.encode())
    standard, _, endpoint = answer["route"].partition(" ")
    route = Route(standard, endpoint, has_external_id=False)
    if answer["reads"] == "submit":
        return provider.read_submit(response, route)
    external, _, task = answer["asks"][0].partition("=")
    query = provider.single(TaskRef(external, task, route), CredentialKind.API_KEY)
    assert query.request.path == f"/v1/videos/{task}"
    return provider.read_query(query, response)


def shown(value: TaskState | Refusal | Told) -> object:
    """What was read as plain JSON, without what is empty."""
    if isinstance(value, Told):
        told: Json = {"states": [shown(state) for state in value.states]}
        return {**told, "refusal": shown(value.refusal)} if value.refusal else told
    found: Json = {item.name: getattr(value, item.name) for item in fields(value) if item.name != "remedy"}
    if isinstance(value, Refusal):
        found["cost"] = None
    if isinstance(value, TaskState):
        found["outputs"] = [plain(item) for item in value.outputs]
    return {name: item for name, item in found.items() if item not in ("", None, [], ()) and item is not False}


def plain(output: Output) -> Json:
    """An output as plain JSON, without what a gateway never tells."""
    return {name: item for name, item in output.to_json().items() if item not in ("", 0.0) or name == "index"}
