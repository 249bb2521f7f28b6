"""Answers as gateways of this family, their proxies and their troubles might give them; what the properties draw from.

`python -m tests.providers.gateway_answers` looks at ten thousand of them, where the suite looks at some hundred.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from typing import Any

from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.provider import Told
from kling_pipe.run.retry import Consequence, on_create, on_read
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Phase, Route, TaskRef, TaskState
from kling_pipe.values.wire import Response

clips = Route("openai", "/v1/video/generations", has_external_id=False)
pictures = Route("openai", "/v1/images/generations", has_external_id=False)
_words = (
    "id", "task_id", "object", "model", "status", "progress", "video_url", "metadata", "url", "output_url",
    "result_url", "task_result", "videos", "images", "data", "error", "code", "message", "type", "fail_reason",
    "created_at", "completed_at", "created", "b64_json", "task_status", "finish_time", "request_id",
)  # fmt: skip
_values: tuple[Any, ...] = (
    None, True, 0, 1, -1, 10**40, 1.5, float("nan"), float("inf"), "", "task_1", "completed", "SUCCESS", "failed",
    "FAILURE", "queued", "in_progress", "moonlit", "error", "cancelled", "100%", "50%", "success", "task_not_exist",
    "https://files.example.org/a.mp4", "/v1/videos/task_1/content", "//evil.example.org/a", "http://[", "data:,x",
    "iVBORw0KGgo=", "not base64!", "insufficient balance", "content policy", "upstream timed out", "\ud83d", 1795000000,
    1795000000123,
)  # fmt: skip
_statuses = (200, 200, 200, 201, 202, 204, 301, 302, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 422, 425, 429,
             451, 499, 500, 502, 503, 504, 520, 599)  # fmt: skip


def answers(seed: int, count: int) -> Iterator[Response]:
    """So many answers, the same for one seed."""
    chance = random.Random(seed)
    for _ in range(count):
        headers = chance.choice([{}, {"content-type": "video/mp4"}, {"retry-after": "soon"}, {"x-request-id": "r"}])
        yield Response(chance.choice(_statuses), headers, _body(chance))


def check(response: Response) -> list[str]:
    """What is wrong with how an answer is read; raises where a reader does."""
    provider, wrong = GatewayProvider(), []
    for route in (clips, pictures):
        wrong += _of_create(response, provider.read_submit(response, route))
        query = provider.single(TaskRef("kp-1", "task_1", route), CredentialKind.API_KEY)
        wrong += _of_query(response, route, provider.read_query(query, response))
    provider.read_refusal(response)
    return wrong


def _of_create(response: Response, found: TaskState | Refusal) -> list[str]:
    """A definite refusal needs a 4xx and words for it; a task needs an id; what ended so soon has files to show."""
    if isinstance(found, TaskState):
        good = bool(found.task_id) and 200 <= response.status < 300
        good = good and found.phase is not Phase.FAILED and (found.phase is not Phase.SUCCEEDED or bool(found.outputs))
        return [] if good else [f"a task out of {response}"]
    definite = on_create.get(found.answer, Consequence.ASK) is not Consequence.ASK
    said = response.json() or {}
    has_words = any(said.get(name) for name in ("error", "code", "message"))
    names_job = isinstance(said.get("task_id"), str) and bool(said["task_id"].strip())
    if definite and not (400 <= response.status < 500 and has_words and not names_job):
        return [f"{found.answer} for sure out of {response}"]
    return []


def _of_query(response: Response, route: Route, told: Told) -> list[str]:
    """A question never loses a job: it is gone only where a 4xx says so, and it ended only where it is spoken of."""
    if told.refusal is not None:
        gone = on_read.get(told.refusal.answer) is Consequence.GONE
        sure = route is pictures or told.refusal.answer is AnswerClass.NOT_FOUND
        return [] if not gone or (sure and 400 <= response.status < 500) else [f"gone by {response}"]
    (state,) = told.states
    good = (state.task_id, state.external_id) == ("task_1", "kp-1") and 200 <= response.status < 300
    good = good and all(_may_be_fetched(output.url) for output in state.outputs)
    return [] if good and (state.phase is not Phase.SUCCEEDED or state.outputs) else [f"{state} out of {response}"]


def _may_be_fetched(url: str) -> bool:
    return url.startswith(("https://", "http://")) or (url.startswith("/") and not url.startswith("//"))


def _body(chance: random.Random) -> bytes:
    if chance.random() < 0.1:
        return chance.choice([b"", b"<html>502</html>", b"[]", b"null", b"{", b"\xff\xfe", b'"task_1"', b"[[[[" * 400])
    return json.dumps(_object(chance, 0)).encode()


def _object(chance: random.Random, depth: int) -> dict[str, Any]:
    return {chance.choice(_words): _value(chance, depth + 1) for _ in range(chance.randint(0, 6))}


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if depth < 5 and kind < 0.25:
        return _object(chance, depth)
    if depth < 5 and kind < 0.35:
        return [_value(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    return chance.choice(_values)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    wrong = [line for response in answers(1, count) for line in check(response)]
    print(f"{count} answers, {len(wrong)} read wrongly", *wrong[:20], sep="\n")
    sys.exit(bool(wrong))
