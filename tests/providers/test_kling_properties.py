"""What must hold of any answer: readers never raise, and never make a task or an amount out of noise."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import Query
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Route, TaskRef, TaskState
from kling_pipe.values.wire import Request, Response

provider = KlingProvider()
words = ["code", "message", "msg", "data", "request_id", "task_id", "task_status", "task_status_msg", "task_info",
         "external_task_id", "task_result", "videos", "images", "series_images", "url", "watermark_url", "duration",
         "index", "id", "status", "external_id", "outputs", "type", "billing", "amount", "charge_type", "package_type",
         "currency", "final_unit_deduction", "final_balance_deduction", "quota", "created_at", "update_time",
         "result"]  # fmt: skip
values = ["0", "1201", "succeed", "succeeded", "failed", "video", "image", "unit", "cash", "5.041", "NaN", "1e999999",
          "-3", "kp-1", "1"]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([0, 1, 1201, 10**40, -1]), st.floats(),
    st.text(max_size=5), st.sampled_from(values),
)  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(words), inner, max_size=7),
    max_leaves=25,
)
task = TaskRef("kp-1", "1", Route("body-model", "/v1/videos/text2video"))
envelopes = st.builds(
    lambda code, data, extra: {**extra, "code": code, "data": data},
    st.sampled_from([0, 0, 0, "0", 1201, None]),
    trees,
    st.dictionaries(st.sampled_from(["message", "request_id", "msg"]), trees, max_size=2),
)
bodies = st.one_of(
    st.binary(max_size=40),
    trees.map(lambda tree: json.dumps(tree).encode()),
    envelopes.map(lambda tree: json.dumps(tree).encode()),
)
statuses = st.sampled_from([200, 204, 302, 400, 401, 404, 429, 500, 502])


@given(statuses, st.sampled_from([{}, {"retry-after": "soon"}, {"retry-after": "5"}]), bodies)
def test_readers_never_raise(status: int, headers: dict[str, str], body: bytes) -> None:
    response = Response(status, headers, body)
    submitted = provider.read_submit(response)
    assert isinstance(submitted, Refusal) or plausible(submitted)
    found = provider.read_find(Request("GET", "/v1/videos/text2video/kp-1"), response)
    batch = provider.read_find(Request("GET", "/tasks", (("external_task_ids", "kp-1,kp-2"),)), response)
    asked = provider.read_query(Query(Request("GET", "/tasks"), (task,)), response)
    assert all(plausible(state) for told in (found, batch, asked) for state in told.states)
    assert {state.external_id for told in (found, asked) for state in told.states} <= {"kp-1"}
    provider.read_refusal(response)


def plausible(state: TaskState) -> bool:
    cost = state.cost
    sane = cost is None or (cost.usd.is_finite() and cost.usd >= 0)
    return bool(state.task_id and state.status) and sane and all(output.url for output in state.outputs)
