"""The whole submit of each of Picsart's 19 models, as payload and as argument list. picsart.md sections 3, 4, 6, 7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from kling_pipe.providers.picsart.adapter import PicsartProvider
from kling_pipe.providers.provider import AdapterSettings
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.transfer import Form, Handed
from kling_pipe.values.wire import Json, scratch
from tests.providers.kling_paper_jobs import media
from tests.providers.picsart_jobs import executable, handed, http, job_of, settled_of, step_of


@dataclass(frozen=True)
class Case:
    """A step, and both ways in which it is asked for; no flags where the executable cannot be asked."""

    kind: str
    model: str
    parameters: Mapping[str, Any]
    wired: Sequence[str]
    workflow: str
    params: Json
    flags: Sequence[str] = ()
    takes: tuple[int, ...] = field(default=(1,))


def url(name: str) -> str:
    return media + name


cases = (
    Case(
        "text-to-video", "kling-v3", {"prompt": "a fox"}, (), "kling-text-to-video",
        {"prompt": "a fox", "aspect_ratio": "16:9", "duration": "5", "model_name": "kling-v3", "sound": "on",
         "mode": "std"},
        ("--model=kling-v3", "--prompt=a fox", "--aspect-ratio=16:9", "--duration=5", "--generate-audio",
         "--rendering-speed=std"),
    ),
    Case(
        "text-to-video", "kling-v3",
        {"shots": [{"prompt": "-a kettle", "duration": 3}, {"prompt": "steam", "duration": 4}], "mode": "4k",
         "sound": False},
        (), "kling-text-to-video",
        {"aspect_ratio": "16:9", "duration": "7", "model_name": "kling-v3", "mode": "4k", "multi_shot": True,
         "shot_type": "customize",
         "multi_prompt": [{"index": 0, "prompt": "-a kettle", "duration": "3"},
                          {"index": 1, "prompt": "steam", "duration": "4"}]},
        ("--model=kling-v3", "--prompt=-a kettle", "--aspect-ratio=16:9", "--duration=7",
         "--no-generate-audio", "--rendering-speed=4k",
         "--multi-shot", "--shot-type=customize", "--multi-prompt-prompt=-a kettle", "--multi-prompt-duration=3",
         "--multi-prompt-prompt=steam", "--multi-prompt-duration=4"),
    ),
    Case(
        "text-to-video", "kling-v3", {"prompt": "a day", "shots": "auto", "voices": ["v1", "v2"]}, (),
        "kling-text-to-video",
        {"prompt": "a day", "aspect_ratio": "16:9", "duration": "5", "model_name": "kling-v3", "sound": "on",
         "mode": "std", "multi_shot": True, "shot_type": "intelligence",
         "voice_list": [{"voice_id": "v1"}, {"voice_id": "v2"}]},
    ),
    Case(
        "image-to-video", "kling-v3", {"prompt": "she turns", "mode": "pro", "negative_prompt": "text"},
        ("image", "image_tail"), "kling-image-to-video",
        {"prompt": "she turns", "negative_prompt": "text", "duration": "5", "model_name": "kling-v3", "mode": "pro",
         "image": url("image"), "image_tail": url("image_tail")},
        ("--model=kling-v3", "--prompt=she turns", "--negative-prompt=text", "--duration=5",
         f"--start-frame={url('image')}", f"--end-frame={url('image_tail')}", "--no-generate-audio",
         "--rendering-speed=pro"),
    ),
    Case(
        "image-to-video", "kling-v3", {"prompt": "x", "elements": ["321922438904313987"]}, ("image", "static_mask"),
        "kling-image-to-video",
        {"prompt": "x", "duration": "5", "model_name": "kling-v3", "sound": "on", "mode": "std", "image": url("image"),
         "static_mask": url("static_mask"), "element_list": [{"element_id": "321922438904313987"}]},
        ("--model=kling-v3", "--prompt=x", "--duration=5", f"--start-frame={url('image')}",
         f"--static-mask={url('static_mask')}", "--generate-audio", "--rendering-speed=std",
         "--element-list=321922438904313987"),
    ),
    Case(
        "image-to-video", "kling-v3-turbo", {"prompt": "x", "mode": "pro", "duration": 7}, ("image", "static_mask"),
        "kling-image-to-video",
        {"prompt": "x", "duration": "7", "model_name": "kling-v3-turbo", "resolution": "1080p", "image": url("image"),
         "static_mask": url("static_mask")},
        ("--model=kling-v3-turbo", "--prompt=x", "--duration=7", f"--start-frame={url('image')}",
         f"--static-mask={url('static_mask')}", "--resolution=1080p"),
    ),
    Case(
        "image-to-video", "kling-v2-6", {"prompt": "x", "duration": 10, "cfg_scale": 0.7}, ("image",),
        "kling-image-to-video",
        {"prompt": "x", "duration": "10", "model_name": "kling-v2-6", "sound": "on", "cfg_scale": 0.7, "mode": "std",
         "image": url("image")},
        ("--model=kling-v2-6", "--prompt=x", "--duration=10", f"--start-frame={url('image')}", "--generate-audio",
         "--cfg-scale=0.7", "--rendering-speed=std"),
    ),
    Case(
        "omni-video", "kling-v3-omni", {"prompt": "<<<image_1>>> meets", "mode": "4k", "elements": [7, "8"]},
        ("references[0]", "references[1]"), "kling-omni-video",
        {"prompt": "<<<image_1>>> meets", "model_name": "kling-v3-omni", "aspect_ratio": "16:9",
         "duration": "5", "mode": "4k",
         "image_list": [{"image_url": url("references[0]")}, {"image_url": url("references[1]")}],
         "element_list": [{"element_id": "7"}, {"element_id": "8"}]},
    ),
    Case(
        "omni-video", "kling-v3-omni", {"prompt": "x", "mode": "4k", "sound": True}, ("image", "image_tail"),
        "kling-omni-video",
        {"prompt": "x", "model_name": "kling-v3-omni", "duration": "5", "mode": "4k", "sound": "on",
         "image_list": [{"image_url": url("image"), "type": "first_frame"},
                        {"image_url": url("image_tail"), "type": "end_frame"}]},
        ("--model=kling-v3-omni", "--prompt=x", "--duration=5", "--resolution=4k", "--rendering-speed=pro",
         "--generate-audio", f"--omni-image-list-image-url={url('image')}", "--omni-image-list-type=first_frame",
         f"--omni-image-list-image-url={url('image_tail')}", "--omni-image-list-type=end_frame"),
    ),
    Case(
        "omni-video", "kling-v3-omni", {"prompt": "x", "keep_original_sound": False}, ("video",), "kling-omni-video",
        {"prompt": "x", "model_name": "kling-v3-omni", "mode": "std",
         "video_list": [{"video_url": url("video"), "refer_type": "base", "keep_original_sound": "no"}]},
        ("--model=kling-v3-omni", "--prompt=x", "--resolution=720p", "--rendering-speed=std", "--no-generate-audio",
         f"--omni-video-list-video-url={url('video')}", "--omni-video-list-refer-type=base",
         "--omni-video-list-keep-original-sound=no"),
    ),
    Case(
        "omni-video", "kling-video-o1", {"prompt": "x", "mode": "pro", "duration": 10}, (), "kling-omni-video",
        {"prompt": "x", "model_name": "kling-video-o1", "aspect_ratio": "16:9", "duration": "10", "mode": "pro"},
        ("--model=kling-video-o1", "--prompt=x", "--aspect-ratio=16:9", "--duration=10", "--resolution=1080p",
         "--rendering-speed=pro", "--no-generate-audio"),
    ),
    Case(
        "motion-control", "kling-v3", {"character_orientation": "image", "mode": "pro"}, ("image", "video"),
        "kling-motion-control",
        {"image_url": url("image"), "video_url": url("video"), "character_orientation": "image", "mode": "pro",
         "keep_original_sound": "yes", "model_name": "kling-v3"},
        ("--model=kling-motion-control-v3", "--resolution=1080p", "--rendering-speed=pro",
         "--character-orientation=image", "--keep-original-sound=yes", f"--image={url('image')}",
         f"--video={url('video')}"),
    ),
    Case(
        "motion-control", "kling-motion-control", {"character_orientation": "video", "keep_original_sound": False},
        ("image", "video"), "kling-motion-control",
        {"image_url": url("image"), "video_url": url("video"), "character_orientation": "video", "mode": "std",
         "keep_original_sound": "no", "model_name": "kling-v2-6"},
        ("--model=kling-motion-control", "--resolution=720p", "--rendering-speed=std",
         "--character-orientation=video", "--keep-original-sound=no", f"--image={url('image')}",
         f"--video={url('video')}"),
    ),
    Case(
        "avatar", "kling-avatar", {"prompt": "calm"}, ("image", "audio"), "kling-avatar",
        {"image": url("image"), "sound_file": url("audio"), "prompt": "calm", "mode": "std"},
        ("--model=kling-avatar", "--prompt=calm", "--rendering-speed=std", f"--image={url('image')}",
         f"--audio={url('audio')}"),
    ),
    Case(
        "effects", "kling-video-effects", {"effect": "let's_ride"}, ("images[0]",), "kling/v1/video-effects",
        {"effect_scene": "let's_ride", "image": url("images[0]")},
        ("--model=kling-video-effects", "--template-id=let's_ride", f"--image={url('images[0]')}"),
    ),
    Case(
        "effects", "kling-video-effects", {"effect": "kiss_pro"}, ("images[0]", "images[1]"), "kling/v1/video-effects",
        {"effect_scene": "kiss_pro", "images": [url("images[0]"), url("images[1]")]},
        ("--model=kling-video-effects", "--template-id=kiss_pro", f"--image={url('images[0]')}",
         f"--image={url('images[1]')}"),
    ),
    Case(
        "text-to-image", "kling-3.0-image", {"prompt": "a koi pond", "aspect_ratio": "1:1", "resolution": "4k"}, (),
        "kling/v1/images/omni-image",
        {"prompt": "a koi pond", "model_name": "kling-v3-omni", "n": 3, "aspect_ratio": "1:1", "resolution": "4k"},
        ("--model=kling-3.0-image", "--prompt=a koi pond", "--aspect-ratio=1:1", "--resolution=4k", "--count=3"),
        takes=(1, 2, 3),
    ),
    Case(
        "image-to-image", "kling-image-o1", {"prompt": "x"}, ("image", "references[0]"), "kling/v1/images/omni-image",
        {"prompt": "x", "model_name": "kling-image-o1", "n": 1, "aspect_ratio": "16:9", "resolution": "1k",
         "image_list": [{"image_url": url("image")}, {"image_url": url("references[0]")}]},
        ("--model=kling-o1-image", "--prompt=x", "--aspect-ratio=16:9", "--resolution=1k", "--count=1",
         f"--image={url('image')}", f"--image={url('references[0]')}"),
    ),
    Case(
        "image-to-image", "kling-v2-new", {"prompt": "x", "image_fidelity": 0.55, "human_fidelity": 0.15},
        ("image",), "kling/v1/images/generations",
        {"prompt": "x", "model_name": "kling-v2-new", "n": 1, "aspect_ratio": "16:9", "image": url("image"),
         "image_reference": "subject", "image_fidelity": 0.55, "human_fidelity": 0.15},
        ("--model=kling-v2-new-image", "--prompt=x", "--aspect-ratio=16:9", "--count=1", f"--image={url('image')}",
         "--image-reference=subject", "--image-weight=55", "--human-fidelity=0.15"),
    ),
    Case(
        "text-to-image", "kling-v2", {"prompt": "x", "negative_prompt": "text"}, (), "kling/v1/images/generations",
        {"prompt": "x", "model_name": "kling-v2", "n": 1, "aspect_ratio": "16:9", "negative_prompt": "text"},
        ("--model=kling-v2-image", "--prompt=x", "--aspect-ratio=16:9", "--count=1", "--negative-prompt=text"),
    ),
    Case(
        "image-to-image", "kling-v2-1-image", {"prompt": "x", "negative_prompt": "text", "image_fidelity": 0},
        ("image",),
        "kling/v1/images/generations",
        {"prompt": "x", "model_name": "kling-v2-1", "n": 1, "aspect_ratio": "16:9", "negative_prompt": "text",
         "image": url("image"), "image_fidelity": 0, "human_fidelity": 0.45},
        ("--model=kling-v2-1-image", "--prompt=x", "--aspect-ratio=16:9", "--count=1", "--negative-prompt=text",
         f"--image={url('image')}", "--image-weight=0", "--human-fidelity=0.45"),
    ),
    Case(
        "image-to-image", "kling-v1-5", {"prompt": "x", "image_reference": "face"}, ("image",),
        "kling/v1/images/generations",
        {"prompt": "x", "model_name": "kling-v1-5", "n": 1, "aspect_ratio": "16:9", "image": url("image"),
         "image_reference": "face", "image_fidelity": 0.5, "human_fidelity": 0.45},
        ("--model=kling-v1-5-image", "--prompt=x", "--aspect-ratio=16:9", "--count=1", f"--image={url('image')}",
         "--image-reference=face", "--image-weight=50", "--human-fidelity=0.45"),
    ),
    Case(
        "image-to-image", "kling-multi-image", {}, ("references[0]", "references[1]", "scene_image", "style_image"),
        "kling/v1/images/multi-image-to-image",
        {"model_name": "kling-v2", "n": 1, "scene_image": url("scene_image"), "style_image": url("style_image"),
         "subject_image_list": [{"subject_image": url("references[0]")}, {"subject_image": url("references[1]")}],
         "aspect_ratio": "16:9"},
        ("--model=kling-multi-image", "--aspect-ratio=16:9", "--count=1", f"--image={url('references[0]')}",
         f"--image={url('references[1]')}", f"--scene-image={url('scene_image')}",
         f"--style-image={url('style_image')}"),
    ),
    Case(
        "image-to-image", "kling-v2-1", {"prompt": "x"}, ("references[0]",), "kling/v1/images/multi-image-to-image",
        {"model_name": "kling-v2-1", "n": 1, "prompt": "x", "aspect_ratio": "16:9",
         "subject_image_list": [{"subject_image": url("references[0]")}]},
        ("--model=kling-multi-image-v2-1", "--prompt=x", "--aspect-ratio=16:9", "--count=1",
         f"--image={url('references[0]')}"),
    ),
    Case(
        "text-to-audio", "kling-t2a", {"prompt": "rain", "duration": 3.5}, (), "kling-text-to-audio",
        {"prompt": "rain", "duration": 3.5}, ("--model=kling-t2a", "--prompt=rain", "--duration=3.5"),
    ),
    Case(
        "video-to-audio", "kling-v2a", {}, ("video",), "kling-video-to-audio", {"video_url": url("video")},
        ("--model=kling-v2a", f"--video={url('video')}"),
    ),
)  # fmt: skip
named = [f"{case.kind} {case.model} {place}" for place, case in enumerate(cases)]
manner = ("--no-input", "--quiet", "--json", "--no-save-to-drive", "--download", scratch)


@pytest.mark.parametrize("case", cases, ids=named)
def test_a_submit_over_http(case: Case) -> None:
    job = job_of(case.kind, case.model, case.parameters, case.wired, takes=case.takes)
    request = http.submit(job, handed(job))
    assert (request.method, request.path, request.creates) == ("POST", f"/workflows/{case.workflow}/submit", True)
    assert request.body == {"params": case.params}
    assert not job.route.has_external_id


@pytest.mark.parametrize("case", [case for case in cases if case.flags], ids=lambda case: f"{case.kind} {case.model}")
def test_a_run_of_the_executable(case: Case) -> None:
    job = job_of(case.kind, case.model, case.parameters, case.wired, takes=case.takes, provider=executable)
    request = executable.submit(job, handed(job))
    minutes = "10m" if job.product == "image" else "30m"
    assert request.arguments == ("generate", *case.flags, *manner, f"--poll-timeout={minutes}")
    assert (request.method, request.creates, request.body, request.form) == ("RUN", True, None, ())
    assert request.patience > 60 * int(minutes[:-1])


def test_all_nineteen_models_are_asked_for() -> None:
    asked = {flag.partition("=")[2] for case in cases for flag in case.flags if flag.startswith("--model=")}
    assert asked == {
        "kling-v3", "kling-v3-turbo", "kling-v3-omni", "kling-v2-6", "kling-video-o1", "kling-motion-control-v3",
        "kling-motion-control", "kling-avatar", "kling-video-effects", "kling-3.0-image", "kling-o1-image",
        "kling-v2-new-image", "kling-v2-image", "kling-v2-1-image", "kling-v1-5-image", "kling-multi-image",
        "kling-multi-image-v2-1", "kling-t2a", "kling-v2a",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "parameters", "wired", "said"),
    [
        # gen-ai-cli 2.68.1: what it cannot be told it would make otherwise, and charge for.
        ("text-to-video", {"prompt": "x", "shots": "auto"}, (), "needs-http: the executable leaves the prompt out"),
        ("omni-video", {"prompt": "x"}, ("references[0]",), "needs-http: the executable makes a first frame"),
    ],
)
def test_what_the_executable_cannot_be_told_is_refused_before_anything_is_sent(
    kind: str, parameters: Json, wired: Sequence[str], said: str
) -> None:
    settled = settled_of(step_of(kind, "", parameters, wired))
    found = executable.route(kind, settled.model, settled.parameters, (), CredentialKind.API_KEY, wired)
    assert isinstance(found, Refusal)
    assert str(found).startswith(said)


def test_ids_of_another_service_are_refused() -> None:
    found = http.route("image-to-video", "kling-v3", {}, (), None, ("image", "elements[0]"))
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == ("foreign-id", "elements[0]")


def test_extra_goes_over_everything_in_both_ways() -> None:
    extra = {"seed": 7, "mode": "4k", "watermarkInfo": {"enabled": True}, "fast_mode": False, "tags": ["a", "b"]}
    job = job_of("text-to-video", "kling-v3", {"prompt": "x"}, extra=extra)
    assert http.submit(job, {}).fields["params"] | extra == http.submit(job, {}).fields["params"]
    job = job_of("text-to-video", "kling-v3", {"prompt": "x"}, extra=extra, provider=executable)
    flags = executable.submit(job, {}).arguments
    assert flags[flags.index("--seed=7") :][:6] == (
        "--seed=7", "--mode=4k", '--watermark-info={"enabled": true}', "--no-fast-mode", "--tags=a", "--tags=b",
    )  # fmt: skip


def test_the_accounts_own_ids_go_before_the_usual_ones() -> None:
    for transport in ("", "executable"):
        models = {"kling-v3": "my-v3", "motion-control/kling-v3": "my-motion"}
        provider = PicsartProvider(AdapterSettings(models=models, transport=transport))
        told = []
        for kind, parameters, wired in (
            ("text-to-video", {"prompt": "x"}, ()),
            ("motion-control", {"character_orientation": "image"}, ("image", "video")),
        ):
            job = job_of(kind, "kling-v3", parameters, wired, provider=provider)
            request = provider.submit(job, handed(job))
            told.append(request.fields["params"]["model_name"] if not transport else request.arguments[1])
        assert told == (["--model=my-v3", "--model=my-motion"] if transport else ["my-v3", "my-motion"])


def test_one_create_makes_as_many_as_the_workflow_does() -> None:
    job = job_of("text-to-video", "kling-v3", {"prompt": "x"}, takes=(1, 2))
    with pytest.raises(ValueError, match="1 to 1 takes, not 2"):
        http.submit(job, {})


def test_media_travel_by_address_or_by_the_services_storage() -> None:
    job = job_of("omni-video", "", {"prompt": "x"}, ("image",))
    assert http.forms("omni-video", "image", job.route) == Form.URL | Form.UPLOAD
    assert http.forms("omni-video", "elements[0]", job.route) == Form.ID
    assert http.submit(job, {"image": Handed(url="https://a/b.png")}).fields["params"]["image_list"] == [
        {"image_url": "https://a/b.png", "type": "first_frame"}
    ]


@pytest.mark.parametrize(
    ("kind", "model", "parameters", "wired", "asked"),
    [
        ("text-to-video", "kling-v3", {"prompt": "x"}, (), "pricing kling-v3 --duration=5 --audio --json"),
        ("text-to-video", "kling-v3", {"prompt": "x", "mode": "pro"}, (), ""),
        ("text-to-video", "kling-v3-turbo", {"prompt": "x", "mode": "pro"}, (),
         "pricing kling-v3-turbo --duration=5 --resolution=1080p --json"),
        ("omni-video", "kling-v3-omni", {"prompt": "x", "mode": "4k"}, (),
         "pricing kling-v3-omni --duration=5 --resolution=4k --json"),
        ("text-to-image", "kling-v3-omni", {"prompt": "x"}, (), "pricing kling-3.0-image --resolution=1k --json"),
        ("video-to-audio", "kling-v2a", {}, ("video",), "pricing kling-v2a --json"),
    ],
)  # fmt: skip
def test_the_price_is_asked_for(kind: str, model: str, parameters: Json, wired: Sequence[str], asked: str) -> None:
    job = job_of(kind, model, parameters, wired)
    submit, question = http.submit(job, handed(job)), http.price_query(job, handed(job))
    assert question is not None
    assert (question.path, question.body, question.creates) == (
        submit.path.replace("/submit", "/options"), submit.body, False,
    )  # fmt: skip
    job = job_of(kind, model, parameters, wired, provider=executable)
    run = executable.price_query(job, handed(job))
    assert (" ".join(run.arguments) if run else "") == asked
