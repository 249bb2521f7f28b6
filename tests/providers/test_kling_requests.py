"""The whole create request of every kind that makes pictures, and what all creates have in common. Shapes: kling.md
section 12."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.values.job import Job
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request
from tests.providers.kling_paper_jobs import handed, media, paper_job

provider = KlingProvider()


def submitted(job: Job) -> Request:
    return provider.submit(job, handed(job))


def created(path: str, job: Job, body: dict[str, object]) -> Request:
    return Request("POST", path, body={**body, "external_task_id": job.external_id}, creates=True)


def test_text_to_image_asks_for_all_takes_at_once() -> None:
    parameters = {"prompt": "a lantern", "resolution": "1k", "aspect_ratio": "3:2"}
    job = paper_job("text-to-image", "kling-v3", parameters, takes=(2, 3, 4))
    assert submitted(job) == created("/v1/images/generations", job, {
        "model_name": "kling-v3", "prompt": "a lantern", "resolution": "1k", "n": 3, "aspect_ratio": "3:2",
    })  # fmt: skip


def test_text_to_image_on_an_omni_model() -> None:
    parameters = {"prompt": "a lantern", "resolution": "4k", "aspect_ratio": "16:9"}
    job = paper_job("text-to-image", "kling-v3-omni", parameters)
    assert submitted(job) == created("/v1/images/omni-image", job, {
        "model_name": "kling-v3-omni", "prompt": "a lantern", "resolution": "4k", "result_type": "single", "n": 1,
        "aspect_ratio": "16:9",
    })  # fmt: skip


def test_wired_elements_fill_their_places_among_the_written_ids() -> None:
    parameters = {"prompt": "<<<element_1>>> and <<<element_2>>>", "elements": ["", "321922438904313987", ""]}
    job = paper_job("text-to-image", "kling-v3", parameters, ["elements[2]", "elements[0]"])
    request = provider.submit(job, {"elements[0]": Handed(id="17"), "elements[2]": Handed(id="u_9")})
    assert request == created("/v1/images/generations", job, {
        "model_name": "kling-v3", "prompt": "<<<element_1>>> and <<<element_2>>>",
        "element_list": [{"element_id": 17}, {"element_id": 321922438904313987}, {"element_id": "u_9"}], "n": 1,
    })  # fmt: skip


def test_image_to_image_with_a_subject() -> None:
    parameters = {"prompt": "as a statue", "image_reference": "subject", "human_fidelity": 0.8, "resolution": "1k"}
    job = paper_job("image-to-image", "kling-v2-1", parameters, ["image"])
    assert submitted(job) == created("/v1/images/generations", job, {
        "model_name": "kling-v2-1", "prompt": "as a statue", "image": media + "image", "image_reference": "subject",
        "human_fidelity": 0.8, "resolution": "1k", "n": 1,
    })  # fmt: skip


def test_image_to_image_with_references_on_an_omni_model_puts_the_image_first() -> None:
    wired = ["references[1]", "references[0]", "image"]
    job = paper_job("image-to-image", "kling-v3-omni", {"prompt": "<<<image_1>>> there", "aspect_ratio": "auto"}, wired)
    assert submitted(job) == created("/v1/images/omni-image", job, {
        "model_name": "kling-v3-omni", "prompt": "<<<image_1>>> there",
        "image_list": [{"image": media + name} for name in ("image", "references[0]", "references[1]")],
        "result_type": "single", "n": 1, "aspect_ratio": "auto",
    })  # fmt: skip


def test_image_to_image_with_references_on_kling_v2_1_is_multi_image() -> None:
    wired = ["references[0]", "references[1]", "scene_image", "style_image"]
    job = paper_job("image-to-image", "kling-v2-1", {"prompt": "a picnic", "aspect_ratio": "16:9"}, wired)
    assert submitted(job) == created("/v1/images/multi-image2image", job, {
        "model_name": "kling-v2-1", "prompt": "a picnic",
        "subject_image_list": [{"subject_image": media + "references[0]"}, {"subject_image": media + "references[1]"}],
        "scene_image": media + "scene_image", "style_image": media + "style_image", "n": 1, "aspect_ratio": "16:9",
    })  # fmt: skip


def test_more_than_ten_references_keep_their_order() -> None:
    wired = [f"references[{index}]" for index in range(11)]
    job = paper_job("image-to-image", "kling-image-o1", {"prompt": "all"}, sorted(wired, reverse=True))
    body = submitted(job).body
    assert body is not None
    assert body["image_list"] == [{"image": media + field} for field in wired]


@pytest.mark.parametrize(("asked", "amount"), [(6, 6), ("6", 6), ("auto", "auto")])
def test_an_image_series_names_its_amount_and_no_number_of_pictures(asked: object, amount: object) -> None:
    parameters = {"prompt": "a week", "series_amount": asked, "resolution": "2k", "aspect_ratio": "1:1",
                  "watermark": True, "elements": ["5"]}  # fmt: skip
    job = paper_job("image-series", "kling-v3-omni", parameters, ["references[0]"])
    assert submitted(job) == created("/v1/images/omni-image", job, {
        "model_name": "kling-v3-omni", "prompt": "a week", "image_list": [{"image": media + "references[0]"}],
        "element_list": [{"element_id": 5}], "resolution": "2k", "result_type": "series", "series_amount": amount,
        "aspect_ratio": "1:1", "watermark_info": {"enabled": True},
    })  # fmt: skip


def test_expand_image_says_all_four_margins_and_no_model() -> None:
    parameters = {"left_expansion_ratio": 0.5, "prompt": "more garden"}
    job = paper_job("expand-image", "kling-image-expand", parameters, ["image"], takes=(1, 2))
    assert submitted(job) == created("/v1/images/editing/expand", job, {
        "image": media + "image", "up_expansion_ratio": 0, "down_expansion_ratio": 0, "left_expansion_ratio": 0.5,
        "right_expansion_ratio": 0, "prompt": "more garden", "n": 2,
    })  # fmt: skip


def test_virtual_try_on() -> None:
    job = paper_job("virtual-try-on", "kolors-virtual-try-on-v1-5", {"watermark": True}, ["human_image", "cloth_image"])
    assert submitted(job) == created("/v1/images/kolors-virtual-try-on", job, {
        "model_name": "kolors-virtual-try-on-v1-5", "human_image": media + "human_image",
        "cloth_image": media + "cloth_image", "watermark_info": {"enabled": True},
    })  # fmt: skip


def test_multi_angle_takes_one_frontal_picture() -> None:
    job = paper_job("multi-angle", "kling-multi-angle", {}, ["image"])
    assert submitted(job) == created("/v1/general/ai-multi-shot", job, {"element_frontal_image": media + "image"})


def test_segment_carries_no_id_of_ours_and_no_callback() -> None:
    job = paper_job("segment", "kling-image-recognize", {}, ["image"])
    request = provider.submit(job, handed(job), (), "https://hooks.example.org/kling")
    assert request == Request("POST", "/v1/videos/image-recognize", body={"image": media + "image"}, creates=True)


def test_a_callback_address_travels_where_each_standard_has_it() -> None:
    hook = "https://hooks.example.org/kling"
    on_body = paper_job("text-to-image", "kling-v3", {"prompt": "a"})
    on_path = paper_job("text-to-video", "kling-v3-turbo", {"prompt": "a"})
    body, path = provider.submit(on_body, {}, (), hook).body, provider.submit(on_path, {}, (), hook).body
    assert body is not None
    assert path is not None
    assert body["callback_url"] == hook
    assert path["options"] == {"external_task_id": on_path.external_id, "callback_url": hook}


def test_base64_travels_bare() -> None:
    job = paper_job("image-to-image", "kling-v3", {"prompt": "go"}, ["image"])
    body = provider.submit(job, {"image": Handed(base64="iVBORw0KGgo=")}).body
    assert body is not None
    assert body["image"] == "iVBORw0KGgo="


def test_extra_is_merged_last_at_the_top_level() -> None:
    job = paper_job(
        "text-to-image", "kling-v3", {"prompt": "a", "resolution": "1k"}, extra={"resolution": "8k", "s": 7}
    )
    body = submitted(job).body
    assert body is not None
    assert (body["resolution"], body["s"]) == ("8k", 7)


@pytest.mark.parametrize(
    ("kind", "model", "most"),
    [
        ("text-to-image", "kling-v3", 9),
        ("expand-image", "kling-image-expand", 9),
        ("image-series", "kling-v3-omni", 1),
        ("multi-angle", "kling-multi-angle", 1),
        ("text-to-video", "kling-v3", 1),
        ("text-to-video", "kling-v3-turbo", 1),
    ],
)
def test_a_create_makes_no_more_takes_than_the_service_does(kind: str, model: str, most: int) -> None:
    submitted(paper_job(kind, model, {"prompt": "a"}, takes=tuple(range(1, most + 1))))
    with pytest.raises(ValueError, match=f"one create makes 1 to {most} takes"):
        submitted(paper_job(kind, model, {"prompt": "a"}, takes=tuple(range(1, most + 2))))
