"""A task that has ended before its create is answered: the short answer names no files, so it is asked for again."""

from __future__ import annotations

import json

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.job import Phase, TaskState
from kling_pipe.values.wire import Response


@pytest.mark.parametrize("status", ["submitted", "processing", "succeed", "failed"])
def test_a_create_never_tells_an_end(status: str) -> None:
    body = {"code": 0, "message": "", "request_id": "r", "data": {"task_id": "7", "task_status": status}}
    told = KlingProvider().read_submit(Response(200, {}, json.dumps(body).encode()))
    assert isinstance(told, TaskState)
    assert (told.task_id, told.status, told.outputs) == ("7", status, ())
    assert told.phase in (Phase.QUEUED, Phase.RUNNING)
