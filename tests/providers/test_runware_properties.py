"""What must hold of any job and any answer: requests hold only fields of the page, readers never raise or invent.

`python -m tests.providers.test_runware_properties 10000` tries more cases.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kling_pipe.providers.provider import Told
from kling_pipe.providers.runware.airs import older_models
from kling_pipe.providers.runware.uuids import task_uuid
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Phase, Route, TaskRef
from kling_pipe.values.transfer import Uploaded
from kling_pipe.values.wire import Json, Request, Response
from tests.providers.runware_jobs import catalogue, job_of, provider, step_of, task_of, told_of

key = CredentialKind.API_KEY
offers = catalogue.offers()
texts = st.sampled_from(["a small boat", "xy", "x", "<<<voice_1>>> sings", "a" * 2500, "a" * 2501])
shots = st.lists(
    st.fixed_dictionaries({"prompt": st.sampled_from(["a quay", "gulls; waves", "a"]), "duration": st.integers(1, 9)}),
    min_size=1,
    max_size=7,
)
values: Mapping[str, st.SearchStrategy[object]] = {
    "prompt": texts, "negative_prompt": texts, "duration": st.integers(1, 16),
    "mode": st.sampled_from(["std", "pro", "4k"]), "cfg_scale": st.sampled_from([0, 0.5, 1, 2]),
    "aspect_ratio": st.sampled_from(["16:9", "9:16", "1:1", "21:9", "auto"]),
    "resolution": st.sampled_from(["1k", "2k", "4k", "720p", "1080p"]), "sound": st.booleans(), "shots": shots,
    "refer_type": st.sampled_from(["base", "feature"]), "keep_original_sound": st.booleans(), "fast": st.booleans(),
    "character_orientation": st.sampled_from(["image", "video"]),
    "voices": st.lists(st.sampled_from(["a1", "b2"]), max_size=2),
    "sound_volume": st.sampled_from([0, 0.8, 2]), "original_audio_volume": st.sampled_from([0, 0.3, 2]),
    "watermark": st.booleans(),
}  # fmt: skip
fields = ["image", "image_tail", "references[0]", "references[1]", "video", "audio"]

# runware.md sections 5, 6 and 9.
common = {
    "taskType",
    "taskUUID",
    "model",
    "deliveryMethod",
    "includeCost",
    "numberResults",
    "outputType",
    "outputFormat",
}
of_pictures = common | {"positivePrompt", "width", "height", "resolution", "inputs"}
of_clips = of_pictures | {"negativePrompt", "CFGScale", "duration", "frameImages", "providerSettings"}
of_inputs = {"frameImages", "referenceImages", "referenceVideos", "referenceVoices", "video", "audio", "image"}
of_settings = {
    "sound", "multiPrompt", "shotType", "keepOriginalSound", "characterOrientation", "fast", "soundVolume",
    "originalAudioVolume",
}  # fmt: skip


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, str, Json, list[str]]:
    """A step that some offer may take: mostly of its own fields, sometimes of others."""
    offer = draw(st.sampled_from(offers))
    own = [name for name in values if name in offer.fields]
    wired_own = [field for field in fields if field.partition("[")[0] in offer.fields]
    names = draw(st.sets(st.sampled_from(own) if own else st.nothing(), max_size=5)) | {"prompt"} & set(own)
    if draw(st.integers(0, 9)) == 0:
        names |= draw(st.sets(st.sampled_from(list(values)), max_size=1))
    needed = {field for field in wired_own if "needed" in offer.fields[field.partition("[")[0]]}
    wired = needed | draw(st.sets(st.sampled_from(wired_own), max_size=3)) if wired_own else set()
    parameters = {name: draw(values[name]) for name in sorted(names)}
    if "character_orientation" in offer.fields:
        parameters.setdefault("character_orientation", "image")
    return offer.kind, offer.model, parameters, sorted(wired)


@given(steps(), st.integers(1, 4))
def test_what_the_catalogue_accepts_is_asked_for_in_fields_of_the_page(
    step: tuple[str, str, Json, list[str]], takes: int
) -> None:
    kind, model, parameters, wired = step
    if told_of(kind, model, parameters, wired):
        return
    job = job_of(kind, model, parameters, wired, takes=tuple(range(1, takes + 1)))
    task, again = task_of(job), task_of(job)
    assert task == again == json.loads(json.dumps(task))
    assert task["numberResults"] == takes
    assert UUID(task["taskUUID"]).version == 4
    assert set(task) <= (of_pictures if task["taskType"] == "imageInference" else of_clips)
    inputs, said = task.get("inputs", {}), task.get("providerSettings", {"klingai": {}})["klingai"]
    assert set(inputs) <= of_inputs
    assert all(inputs.values())
    assert set(said) <= of_settings
    assert ("width" in task) == ("height" in task)
    assert not ("resolution" in task and "width" in task)
    assert ("frameImages" in task) == (kind == "image-to-video" and job.model in older_models)
    if "multiPrompt" in said:
        assert "positivePrompt" not in task
        assert "duration" not in task
        assert all(isinstance(segment["duration"], str) for segment in said["multiPrompt"])
    if "video" in inputs and kind == "omni-video":
        assert {"width", "duration", "frameImages"}.isdisjoint({*task, *inputs})
    assert {*wired} <= {*json.dumps(task).replace('"', " ").replace(",", " ").split()}  # nothing that is wired is lost


@given(steps())
def test_settled_steps_have_a_price_in_money(step: tuple[str, str, Json, list[str]]) -> None:
    kind, model, parameters, wired = step
    if told_of(kind, model, parameters, wired):
        return
    settled = catalogue.settle(step_of(kind, model, parameters, wired))
    assert settled is not None
    cost = catalogue.price(settled, {}).cost
    assert cost.usd > 0
    assert cost.units == ()


uuids = [task_uuid("kp-1"), task_uuid("kp-2"), task_uuid("kp-1").upper(), "", "other"]
words = ["data", "errors", "taskUUID", "taskType", "status", "code", "message", "parameter", "imageURL", "imageUUID",
         "videoURL", "videoUUID", "mediaURL", "mediaUUID", "imageBase64Data", "imageDataURI", "cost", "request",
         "response", "numberResults", "seed", "NSFWContent"]  # fmt: skip


def dumped(tree: object) -> bytes:
    return json.dumps(tree).encode()


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([10**40, 1e308, 0.42]), st.text(max_size=4),
    st.sampled_from([*uuids, "processing", "success", "error", "pending", "getTaskDetails", "NaN", "0.42",
                     "conflictTaskUUID", "taskFailedOrNotFound", "inferenceError", "rateLimitExceeded",
                     "https://im.runware.ai/a.png"]),
)  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(words), inner, max_size=6),
    max_leaves=25,
)
envelopes = st.fixed_dictionaries({}, optional={"data": trees, "errors": trees})
bodies = st.one_of(st.binary(max_size=30), trees.map(dumped), envelopes.map(dumped))
statuses = st.sampled_from([200, 202, 302, 400, 401, 402, 403, 404, 408, 413, 429, 500, 503, 504])
video, image = Route("videoInference", "klingai:6@1"), Route("imageInference", "klingai:kling-image@3")
refs = [TaskRef("kp-1", "", video, 2), TaskRef("kp-2", task_uuid("kp-2"), image, 1)]


@given(statuses, bodies)
def test_readers_never_raise_and_tell_only_of_what_was_asked(status: int, body: bytes) -> None:
    response = Response(status, {"retry-after": "soon"}, body)
    for route in (video, image):
        read = provider.read_submit(response, route)
        assert isinstance(read, Refusal) or (read.task_id and not read.outputs)
    for query in (*provider.queries(refs, key), provider.single(refs[0], key)):
        check(provider.read_query(query, response))
    for request in provider.find(["kp-1", "kp-2"], video, key):
        check(provider.read_find(request, response))
    assert isinstance(provider.read_upload(response), Refusal | Uploaded)
    provider.read_refusal(response)
    provider.read_callback(body)


def check(told: Told) -> None:
    assert {state.external_id for state in told.states} <= {"kp-1", "kp-2"}
    assert len({state.external_id for state in told.states}) == len(told.states)
    for state in told.states:
        assert state.task_id == task_uuid(state.external_id)
        assert bool(state.outputs) == (state.phase is Phase.SUCCEEDED)
        assert [output.index for output in state.outputs] == list(range(len(state.outputs)))
        assert all(output.url for output in state.outputs)
        assert state.cost is None or (state.phase is Phase.SUCCEEDED and state.cost.usd >= 0)


items = st.fixed_dictionaries(
    {"taskType": st.sampled_from(["videoInference", "imageInference"])},
    optional={
        "status": st.sampled_from(["processing", "success", "error"]),
        "videoURL": st.just("https://vm.runware.ai/a.mp4"),
        "videoUUID": st.sampled_from(["v1", "v2"]),
        "cost": st.sampled_from([0.1, "0.2"]), "code": st.just("taskFailed"),
    },
)  # fmt: skip


@given(st.sampled_from([200, 400]), st.lists(st.lists(items, max_size=3), min_size=2, max_size=6), st.randoms())
def test_what_was_bundled_is_read_as_if_it_had_gone_alone(status: int, parts: list[list[Json]], chance: object) -> None:
    """The parts of an answer are those that each request would have had by itself, in whatever order they stand."""
    names = [f"kp-{number}" for number in range(len(parts))]
    tasks = [TaskRef(name, task_uuid(name), video, 1) for name in names]
    queries = [provider.queries([task], key)[0] for task in tasks]
    requests = [query.request for query in queries]
    bundle = provider.bundle(requests)
    assert bundle is not None
    assert bundle.body == [task for request in requests for task in tasks_in(request)]
    own = [[{**item, "taskUUID": task.task_id} for item in part] for task, part in zip(tasks, parts, strict=True)]
    mixed = [item for part in own for item in part]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    found = provider.unbundle(requests, Response(status, {}, json.dumps({"data": mixed}).encode()))
    for query, part, response in zip(queries, own, found, strict=True):
        alone = Response(200, {}, json.dumps({"data": part}).encode())
        assert provider.read_query(query, response) == provider.read_query(query, alone)


def tasks_in(request: Request) -> list[Json]:
    assert isinstance(request.body, list)
    return request.body


if __name__ == "__main__":
    more = settings(max_examples=int(sys.argv[1]), deadline=None)
    for test in (
        test_what_the_catalogue_accepts_is_asked_for_in_fields_of_the_page,
        test_settled_steps_have_a_price_in_money,
        test_readers_never_raise_and_tell_only_of_what_was_asked,
        test_what_was_bundled_is_read_as_if_it_had_gone_alone,
    ):
        more(test)()
