"""Answers in the shapes of picsart.md sections 2 and 4, one folder a case, ids invented; what is read stands beside.

A case of HTTP has a status and a body; one of the executable an exit code, stdout and stderr.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import pytest

from kling_pipe.providers.provider import Told, Uploaded
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Output, Route, TaskRef, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Json, Response
from tests.providers.picsart_jobs import executable, http

folder = Path(__file__).parent / "samples" / "picsart"
cases = sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("case", cases)
def test_an_answer_is_read_as_its_case_says(case: str) -> None:
    answer = json.loads((folder / case / "answer.json").read_text("utf-8"))
    found, beside = shown(read(answer)), folder / case / "read.json"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        beside.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(beside.read_text("utf-8"))


def read(answer: Json) -> TaskState | Refusal | Told | Uploaded | Cost:
    standard, _, workflow = answer.get("route", "").partition(" ")
    route = Route(standard, workflow, has_external_id=False)
    if "exit" in answer:
        headers = {"x-stderr": answer["stderr"], "x-seconds": answer.get("seconds", "60")}
        response = Response(answer["exit"], headers, answer["stdout"].encode())
        if answer["reads"] == "price":
            return executable.read_price(response)
        return executable.read_submit(response, route)
    body = answer["body"] if isinstance(answer["body"], str) else json.dumps(answer["body"])
    response = Response(answer["status"], answer.get("headers", {}), body.encode())
    match answer["reads"]:
        case "submit":
            return http.read_submit(response, route)
        case "upload":
            return http.read_upload(response)
        case "price":
            return http.read_price(response)
    external, _, task = answer["asks"].partition("=")
    return http.read_query(http.single(TaskRef(external, task, route), CredentialKind.API_KEY), response)


def shown(value: TaskState | Refusal | Told | Uploaded | Cost) -> object:
    """What was read as plain JSON, without what is empty."""
    if isinstance(value, Cost):
        return value.to_json()
    if isinstance(value, Uploaded):
        return {"url": value.handed.url, "lifetime": value.lifetime}
    if isinstance(value, Told):
        told: Json = {"states": [shown(state) for state in value.states]}
        return {**told, "refusal": shown(value.refusal)} if value.refusal else told
    found: Json = {item.name: getattr(value, item.name) for item in fields(value)}
    found.pop("cost")
    if isinstance(value, TaskState):
        found["outputs"] = [plain(item) for item in value.outputs]
    return {name: item for name, item in found.items() if item not in ("", None, [], (), 0.0) and item is not False}


def plain(output: Output) -> Json:
    """An output as plain JSON, without what the service never tells."""
    return {name: item for name, item in output.to_json().items() if item not in ("", 0.0) or name == "index"}
