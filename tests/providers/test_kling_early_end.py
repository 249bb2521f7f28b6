"""A task that has ended before its create is answered: the short answer names no files, so it is asked for again."""

from __future__ import annotations

import json

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.job import Phase, Route, TaskState
from kling_pipe.values.wire import Response


@pytest.mark.parametrize("status", ["submitted", "processing", "succeed", "failed"])
def test_a_create_never_tells_an_end(status: str) -> None:
    body = {"code": 0, "message": "", "request_id": "r", "data": {"task_id": "7", "task_status": status}}
    route = Route("body-model", "/v1/videos/text2video")
    told = KlingProvider().read_submit(Response(200, {}, json.dumps(body).encode()), route)
    assert isinstance(told, TaskState)
    assert (told.task_id, told.status, told.outputs) == ("7", status, ())
    assert told.phase in (Phase.QUEUED, Phase.RUNNING)


@pytest.mark.parametrize(
    ("data", "phase"),
    [
        ({"task_id": "7", "task_status": "succeed"}, Phase.RUNNING),  # it names no file: asked for once more
        ({"task_id": "7", "task_status": "failed", "task_status_msg": "too long"}, Phase.FAILED),
        (
            {"task_id": "7", "task_status": "succeed", "task_result": {"audios": [{"id": "9", "url": "u"}]}},
            Phase.SUCCEEDED,
        ),
    ],
)
def test_a_call_that_makes_at_once_tells_its_end(data: dict[str, object], phase: Phase) -> None:
    body = {"code": 0, "message": "", "request_id": "r", "data": data}
    route = Route("body-model", "/v1/audio/tts", has_external_id=False)
    told = KlingProvider().read_submit(Response(200, {}, json.dumps(body).encode()), route)
    assert isinstance(told, TaskState)
    assert (told.task_id, told.phase) == ("7", phase)
