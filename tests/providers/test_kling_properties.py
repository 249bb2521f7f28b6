"""What must hold of any answer: readers never raise, and never make a task or an amount out of noise."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.outputs import segments
from kling_pipe.providers.provider import AccountPart, ErrandNotes, Listing, Query
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Job, Route, TaskRef, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.secret import Secret
from kling_pipe.values.wire import Request, Response
from tests.providers.kling_paper_jobs import handed, paper_job

provider = KlingProvider()
words = ["code", "message", "msg", "data", "request_id", "task_id", "task_status", "task_status_msg", "task_info",
         "external_task_id", "task_result", "videos", "images", "series_images", "url", "watermark_url", "duration",
         "index", "id", "status", "external_id", "outputs", "type", "billing", "amount", "charge_type", "package_type",
         "currency", "final_unit_deduction", "final_balance_deduction", "quota", "created_at", "update_time",
         "result", "audios", "elements", "voices", "url_1", "url_2", "url_mp3", "url_wav", "mp3_url", "is_contain",
         "element_id", "voice_id", "name", "session_id", "face_data", "face_id", "start_time", "end_time", "res",
         "rle_mask_list", "detail", "deduction_amount", "product_type", "next_cursor", "has_more",
         "resource_pack_subscribe_infos", "total_quantity", "invalid_time", "deduction_time"]  # fmt: skip
values = ["0", "1201", "succeed", "succeeded", "failed", "video", "image", "unit", "cash", "5.041", "NaN", "1e999999",
          "-3", "kp-1", "1", "audio", "element", "voice", "deleted", *segments]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([0, 1, 1201, 10**40, -1]), st.floats(),
    st.text(max_size=5), st.sampled_from(values),
)  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(words), inner, max_size=7),
    max_leaves=25,
)
clips, speech = Route("body-model", "/v1/videos/text2video"), Route("body-model", "/v1/audio/tts", "", False)
parts = Route("body-model", "/v1/videos/image-recognize", "", False)
task = TaskRef("kp-1", "1", clips)
spoken = paper_job("lip-sync", "kling-lip-sync", {"text": "a"}, ["video"])
sung = paper_job("lip-sync", "kling-lip-sync", {}, ["video", "audio"])
edited = paper_job("edit-elements", "kling-multi-elements", {"selections": [{"frame_index": 0}]}, ["video"])
errands = [(spoken, ()), (sung, ()), (edited, ()), (edited, ({"session_id": "S"},))]
pages = [request for kind in CredentialKind for request in provider.listings(0, 1, kind)]
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
    for route in (clips, speech, parts):
        submitted = provider.read_submit(response, route)
        assert isinstance(submitted, Refusal) or plausible(submitted)
    found = provider.read_find(Request("GET", "/v1/videos/text2video/kp-1"), response)
    batch = provider.read_find(Request("GET", "/tasks", (("external_task_ids", "kp-1,kp-2"),)), response)
    asked = provider.read_query(Query(Request("GET", "/tasks"), (task,)), response)
    assert all(plausible(state) for told in (found, batch, asked) for state in told.states)
    assert {state.external_id for told in (found, asked) for state in told.states} <= {"kp-1"}
    provider.read_refusal(response)


@given(st.sampled_from([200, 400]), st.one_of(bodies, envelopes.map(lambda tree: json.dumps(tree).encode())))
def test_readers_of_everything_else_never_raise(status: int, body: bytes) -> None:
    response = Response(status, {}, body)
    for job, told in errands:
        notes = read_errand(job, told, response)
        assert isinstance(notes, Refusal) or (sane(notes.cost) and json.loads(json.dumps(notes.told)) == notes.told)
    for request in (pages[0], pages[-1], Request("POST", "/tasks")):
        page = provider.read_listing(request, response)
        assert isinstance(page, Refusal | Listing)
        assert isinstance(page, Refusal) or all(plausible(listed.state) for listed in page.tasks)
    for request in provider.account(1.0):
        part = provider.read_account(request, response)
        assert isinstance(part, Refusal | AccountPart)
        assert isinstance(part, Refusal) or all(sane(charge.cost) for charge in part.charges)


@given(st.one_of(st.binary(max_size=40), trees.map(lambda tree: json.dumps(tree).encode())))
def test_a_callback_never_raises(body: bytes) -> None:
    state = provider.read_callback(body)
    assert state is None or plausible(state)


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()), st.text())
def test_no_noise_is_signed(headers: dict[str, str], secret: str) -> None:
    assert not provider.is_signed(headers, b"{}", Secret(secret), 0.0)


def read_errand(job: Job, told: tuple[dict[str, object], ...], response: Response) -> ErrandNotes | Refusal:
    errand = provider.errand(job, handed(job), told)
    assert errand is not None
    return provider.read_errand(job, errand, response)


def plausible(state: TaskState) -> bool:
    indexes = [(output.type, output.index) for output in state.outputs]
    made = all(output.id if output.type in named else output.url for output in state.outputs)
    return bool(state.task_id and state.status) and made and len(set(indexes)) == len(indexes) and sane(state.cost)


def sane(cost: Cost | None) -> bool:
    return cost is None or (cost.usd.is_finite() and cost.usd >= 0)


named = (MediaType.ELEMENT, MediaType.VOICE)
