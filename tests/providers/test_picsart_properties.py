"""What must hold of any step and any answer: payloads and argument lists stay within the page, readers never raise, and
nothing that may have made something is taken for a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.errors import Severity
from kling_pipe.providers.picsart.adapter import PicsartProvider
from kling_pipe.providers.provider import Query, Uploaded
from kling_pipe.run.retry import Consequence, on_create
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, Route, TaskRef, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Request, Response, scratch
from tests.providers.picsart_jobs import catalogue, executable, handed, http, job_of, step_of

# Section 3, by workflow and model name; `options` is the client's own.
_clips = {
    "kling-v3": "prompt negative_prompt aspect_ratio duration model_name sound mode image image_tail static_mask"
    " multi_shot shot_type multi_prompt voice_list element_list",
    "kling-v2-6": "prompt negative_prompt aspect_ratio duration model_name sound cfg_scale mode image image_tail",
    "kling-v3-turbo": "prompt negative_prompt aspect_ratio duration model_name resolution image static_mask",
}
_plain = "prompt model_name n aspect_ratio negative_prompt image image_reference image_fidelity human_fidelity"
_fields: Mapping[str, Mapping[str, str]] = {
    "kling-text-to-video": _clips,
    "kling-image-to-video": _clips,
    "kling-omni-video": {
        "kling-v3-omni": "prompt model_name aspect_ratio duration mode multi_shot shot_type multi_prompt image_list"
        " video_list element_list sound",
        "kling-video-o1": "prompt model_name aspect_ratio duration mode sound",
    },
    "kling-motion-control": dict.fromkeys(
        ("kling-v3", "kling-v2-6"),
        "prompt image_url video_url character_orientation mode keep_original_sound model_name",
    ),
    "kling-avatar": {"": "image sound_file audio_id prompt mode"},
    "kling/v1/images/omni-image": dict.fromkeys(
        ("kling-v3-omni", "kling-image-o1"), "prompt model_name n aspect_ratio resolution image_list"
    ),
    "kling/v1/images/generations": dict.fromkeys(("kling-v2-new", "kling-v2", "kling-v2-1", "kling-v1-5"), _plain),
    "kling/v1/images/multi-image-to-image": dict.fromkeys(
        ("kling-v2", "kling-v2-1"), "model_name n prompt subject_image_list scene_image style_image aspect_ratio"
    ),
    "kling/v1/video-effects": {"": "effect_scene image images"},
    "kling-text-to-audio": {"": "prompt duration"},
    "kling-video-to-audio": {"": "video_url"},
}
_switches = frozenset({
    "generate-audio", "no-generate-audio", "multi-shot", "no-input", "quiet", "json", "no-save-to-drive", "download",
})  # fmt: skip

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
texts = st.one_of(
    words, st.sampled_from(["--help", "-p", "--no-input", "=", "a\nb", " ", "--model=x", "\0", "'", scratch])
)
shots = st.lists(st.fixed_dictionaries({"prompt": texts, "duration": st.integers(1, 6)}), min_size=1, max_size=6)
values: Mapping[str, st.SearchStrategy[Any]] = {
    "prompt": texts, "negative_prompt": texts, "duration": st.one_of(st.integers(3, 15), st.sampled_from([3.5, 9.5])),
    "mode": st.sampled_from(["std", "pro", "4k"]), "sound": st.booleans(),
    "aspect_ratio": st.sampled_from(["16:9", "9:16", "1:1", "21:9", "3:2"]),
    "resolution": st.sampled_from(["1k", "2k", "4k"]), "shots": st.one_of(shots, st.just("auto")),
    "cfg_scale": st.sampled_from([0, 0.3, 1]), "image_fidelity": st.sampled_from([0, 0.05, 0.5, 0.95]),
    "human_fidelity": st.sampled_from([0, 0.45, 1]), "image_reference": st.sampled_from(["subject", "face"]),
    "voices": st.lists(words, max_size=2), "elements": st.lists(words, max_size=3),
    "refer_type": st.sampled_from(["base", "feature"]), "keep_original_sound": st.booleans(),
    "character_orientation": st.sampled_from(["image", "video"]),
    "effect": st.sampled_from(["kiss_pro", "emoji", "let's_ride"]), "watermark": st.just(False),
}  # fmt: skip
wired_fields = (
    "image", "image_tail", "static_mask", "video", "audio", "images[0]", "images[1]", "references[0]", "references[1]",
    "scene_image", "style_image",
)  # fmt: skip
offers = [(offer.kind, offer.model, tuple(offer.fields)) for offer in catalogue.offers()]


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, str, dict[str, Any], list[str]]:
    """A step with some of what its model knows, and now and then of what it does not; refused ones are left out."""
    kind, model, known = draw(st.sampled_from(offers))
    likely = [key for key in values if key in known]
    parameters = draw(st.fixed_dictionaries({}, optional={key: values[key] for key in likely}))
    media = [field for field in wired_fields if field.partition("[")[0] in known]
    wired = draw(st.lists(st.sampled_from(media), unique=True)) if media else []
    wired = [field for field in media if field in wired]
    if known and "image" in known and kind not in ("image-to-image", "omni-video"):
        wired = [field for field in media if field in wired or field in ("image", "video", "audio")]
    return kind, model, parameters, [field for field in wired if field[-2:] != "1]" or field[:-2] + "0]" in wired]


def accepted(kind: str, model: str, parameters: dict[str, Any], wired: list[str]) -> bool:
    step = step_of(kind, model, parameters, wired)
    problems = catalogue.check(step, catalogue.settle(step))
    return not any(problem.severity is Severity.ERROR for problem in problems)


def check_payload(step: tuple[str, str, dict[str, Any], list[str]]) -> bool:
    """Whether the step was accepted; then its payload has only what the page lists for its model."""
    if not accepted(*step):
        return False
    job = job_of(*step)
    params = http.submit(job, handed(job)).fields["params"]
    models = _fields[job.route.endpoint]
    assert set(params) <= set(models[params.get("model_name", "")].split())
    assert json.loads(json.dumps(params)) == params
    assert "mode" in params or not {"mode"} & set(models[params.get("model_name", "")].split())
    if "voice_list" in params:
        assert params["sound"] == "on"
        assert "element_list" not in params
    if "image_tail" in params:
        assert params["mode"] != "std"
        assert "multi_shot" not in params
    if "multi_prompt" in params:
        assert "prompt" not in params
        assert str(sum(int(shot["duration"]) for shot in params["multi_prompt"])) == params["duration"]
    if "video_list" in params:
        assert "sound" not in params
        assert params["mode"] != "4k"
    return True


def check_arguments(step: tuple[str, str, dict[str, Any], list[str]]) -> bool:
    """Whether the step was accepted; then no value of its argument list can be read as a flag."""
    kind, model, parameters, wired = step
    settled = catalogue.settle(step_of(kind, model, parameters, wired))
    if settled is None or not accepted(*step):
        return False
    if isinstance(executable.route(kind, settled.model, settled.parameters, (), None, wired), Refusal):
        return False
    job = job_of(kind, model, parameters, wired, provider=executable)
    command, *arguments = executable.submit(job, handed(job)).arguments
    assert command == "generate"
    for argument in arguments:
        assert "\0" not in argument
        name, equals, value = argument.removeprefix("--").partition("=")
        assert argument == scratch or argument.startswith("--")
        assert argument == scratch or re.fullmatch("[a-z][a-z0-9-]*", name)
        assert argument == scratch or bool(equals) != (name in _switches)
        assert not equals or value
    assert arguments[arguments.index("--download") + 1] == scratch
    return True


@given(steps())
def test_an_accepted_step_builds_a_payload_of_the_pages_fields(
    step: tuple[str, str, dict[str, Any], list[str]],
) -> None:
    check_payload(step)


@given(steps())
def test_no_value_of_an_argument_list_is_a_flag(step: tuple[str, str, dict[str, Any], list[str]]) -> None:
    check_arguments(step)


keys = ["response", "id", "status", "result", "error", "message", "reason", "url", "items", "results", "type", "images",
        "video", "audio", "url_mp3", "taskId", "model", "durationMs", "code", "hint", "credits", "creditRange", "max",
        "totalCredits", "progress", "percent", "statusCode", "params", "image_url"]  # fmt: skip
told = ["COMPLETED", "SUCCESS", "FAILED", "CANCELED", "IN_PROGRESS", "success", "error", "timeout", "cancelled",
        "https://cdn.example.org/a.mp4", "https://[", "http://x/a.png", "insufficient", "Submit failed (429): no",
        "Submit failed (500): no", "Status check failed (401)", "video", "t-1", "moderation"]  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([0, 1, 404, 10**40]), st.floats(), st.text(max_size=5),
    st.sampled_from(told),
)  # fmt: skip
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(keys), inner, max_size=7),
    max_leaves=25,
)  # fmt: skip
objects = st.dictionaries(st.sampled_from(keys), trees, max_size=7)
bodies = st.one_of(
    st.binary(max_size=40), trees.map(lambda tree: json.dumps(tree).encode()),
    st.lists(objects, max_size=3).map(lambda found: "\n".join(json.dumps(one, indent=2) for one in found).encode()),
)  # fmt: skip
statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 402, 403, 404, 408, 409, 413, 429, 499, 500, 502, 504])
exits = st.one_of(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 126, 127, 130, 137, -9]), st.integers(-64, 255))
stderrs = st.one_of(st.text(max_size=30), st.sampled_from(told))
clip = Route("workflow", "kling-text-to-video", has_external_id=False)
routes = [clip, Route("executable", "kling-video-to-audio"), Route("workflow", "kling/v1/images/generations")]
task = TaskRef("kp-1", "t-1", clip)
# The statuses that say that nothing was made: the service looked at the request and refused it.
definite = frozenset({400, 401, 402, 403, 404, 410, 413, 422, 429})


def check_answer(provider: PicsartProvider, response: Response) -> None:
    """Readers take anything, and make no task, no file and no amount out of noise."""
    for route in routes:
        found = provider.read_submit(response, route)
        assert isinstance(found, Refusal) or plausible(found)
    query = Query(Request("GET", "/x"), (task,))
    read = provider.read_query(query, response)
    assert all(plausible(state) and state.external_id == "kp-1" for state in read.states)
    price = provider.read_price(response)
    assert isinstance(price, Refusal) or all(amount.is_finite() and amount >= 0 for _, amount in price.units)
    assert isinstance(provider.read_upload(response), Refusal | Uploaded)
    assert isinstance(provider.read_refusal(response), Refusal | None)
    assert isinstance(price, Refusal | Cost)


def check_doubt(provider: PicsartProvider, response: Response) -> None:
    """What may have made something is never taken for a refusal after which it may be bought again."""
    found = provider.read_submit(response, clip)
    if isinstance(found, TaskState):
        return
    sure = found.unsent or on_create[found.answer] is not Consequence.ASK
    is_run = "x-stderr" in response.headers
    if not is_run and response.status not in definite:
        assert not sure or (response.status < 300 and found.answer is AnswerClass.PRODUCT)
    if is_run and sure:
        assert response.status in (1, 2, 3, 4, 5, 6, 7, 8, 126, 127)
        text = response.body.decode("utf-8", "replace") + response.headers["x-stderr"]
        assert response.status != 1 or "Submit failed (4" in text or "issing required" in text
        assert "Status check failed" not in found.message


def plausible(state: TaskState) -> bool:
    indexes = [output.index for output in state.outputs]
    addresses = all(output.url.startswith(("https://", "http://")) for output in state.outputs)
    ended = state.phase is Phase.SUCCEEDED or not state.outputs
    return bool(state.task_id and state.status) and addresses and indexes == list(range(len(indexes))) and ended


@given(statuses, st.sampled_from([{}, {"retry-after": "5"}]), bodies)
def test_readers_of_http_never_raise(status: int, headers: dict[str, str], body: bytes) -> None:
    check_answer(http, Response(status, headers, body))
    check_doubt(http, Response(status, headers, body))


@given(exits, stderrs, bodies)
def test_readers_of_runs_never_raise(code: int, stderr: str, body: bytes) -> None:
    check_answer(executable, Response(code, {"x-stderr": stderr}, body))
    check_doubt(executable, Response(code, {"x-stderr": stderr}, body))
