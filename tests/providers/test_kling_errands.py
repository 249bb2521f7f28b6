"""Calls before a create: in which order, what they ask, what they tell it, and what ends a job before its create."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Job
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Json, Request, Response
from tests.providers.kling_paper_jobs import clip, handed, media, paper_job, sound

provider = KlingProvider()
face = {"face_id": "0", "face_image": "https://m.example.org/f.png", "start_time": 0, "end_time": 5041}
faces = {"session_id": "S2", "face_data": [face], "final_unit_deduction": "0.05"}
tts = {
    "task_id": "9", "task_status": "succeed", "final_unit_deduction": "0.05",
    "task_result": {"audios": [{"id": "930", "url": "https://m.example.org/a.mp3", "duration": "3.2"}]},
}  # fmt: skip
spoken = {"audio_id": "930", "audio_milliseconds": 3200}
heard = "of the sound would be heard,"
needs = "of a clip of 5.041 s; the service needs 2 s"
apart = "the face is seen from 2.5 s to 5.041 s and the sound goes from 0 s to 3 s"
together = f"{apart}; the service needs 2 s of both together"


def lip_sync(parameters: Json | None = None, *, text: bool = False, sound_seconds: float = 4.2) -> Job:
    words = {"text": "Good evening", "voice": "uk_man2", "language": "en"} if text else {}
    wired = ["video"] if text else ["video", "audio"]
    facts = {"audio": replace(sound, seconds=sound_seconds)}
    return paper_job("lip-sync", "kling-lip-sync", {**words, **(parameters or {})}, wired, facts=facts)


def good(data: object) -> Response:
    return Response(200, {}, json.dumps({"code": 0, "message": "", "request_id": "r-1", "data": data}).encode())


def asked(job: Job, *told: Mapping[str, object]) -> Request | None:
    errand = provider.errand(job, handed(job), told)
    return None if errand is None else errand.request


def read(job: Job, data: object, *told: Mapping[str, object]) -> ErrandNotes | Refusal:
    errand = provider.errand(job, handed(job), told)
    assert errand is not None
    return provider.read_errand(job, errand, good(data))


def refusal(job: Job, data: object, *told: Mapping[str, object]) -> str:
    found = read(job, data, *told)
    assert isinstance(found, Refusal)
    assert (found.answer, found.request_id) == (AnswerClass.INVALID, "r-1")
    return f"{found.code}: {found.message}"


def call(path: str, body: Json) -> Request:
    return Request("POST", path, body=body, creates=True)


def test_most_kinds_have_no_errands() -> None:
    assert asked(paper_job("avatar", "kling-avatar", {}, ["image", "audio"])) is None
    assert asked(paper_job("text-to-video", "kling-v3", {"prompt": "a"})) is None


def test_a_lip_sync_finds_the_face_and_then_places_the_sound_under_it() -> None:
    job = lip_sync({"sound_volume": 1.5, "original_audio_volume": 0, "watermark": True})
    assert asked(job) == call("/v1/videos/identify-face", {"video_url": media + "video"})
    notes = read(job, faces)
    assert notes == ErrandNotes(
        {"session_id": "S2", "face_id": "0", "sound_start_time": 0, "sound_end_time": 4200, "sound_insert_time": 0},
        Cost(Decimal("0.007"), (("video", Decimal("0.05")),)),
    )
    assert isinstance(notes, ErrandNotes)
    assert asked(job, notes.told) is None
    assert provider.submit(job, handed(job), [notes.told], "https://hooks.example.org") == call(
        "/v1/videos/advanced-lip-sync",
        {
            "session_id": "S2",
            "face_choose": [
                {
                    "face_id": "0", "sound_file": media + "audio", "sound_start_time": 0, "sound_end_time": 4200,
                    "sound_insert_time": 0, "sound_volume": 1.5, "original_audio_volume": 0,
                }
            ],
            "watermark_info": {"enabled": True}, "callback_url": "https://hooks.example.org",
            "external_task_id": job.external_id,
        },
    )  # fmt: skip


def test_a_text_is_spoken_before_the_face_is_looked_for() -> None:
    job = lip_sync(text=True)
    assert asked(job) == call(
        "/v1/audio/tts",
        {"text": "Good evening", "voice_id": "uk_man2", "voice_language": "en", "voice_speed": 1.0},
    )
    assert read(job, tts) == ErrandNotes(spoken, Cost(Decimal("0.007"), (("video", Decimal("0.05")),)))
    assert asked(job, spoken) == call("/v1/videos/identify-face", {"video_url": media + "video"})
    notes = read(job, faces, spoken)
    assert isinstance(notes, ErrandNotes)
    assert notes.told["sound_end_time"] == 3200
    assert asked(job, spoken, notes.told) is None
    body = provider.submit(job, handed(job), [spoken, notes.told]).body
    assert body is not None
    assert body["face_choose"] == [
        {"face_id": "0", "audio_id": "930", "sound_start_time": 0, "sound_end_time": 3200, "sound_insert_time": 0}
    ]


def test_a_clip_and_a_sound_of_the_services_own_go_by_their_ids() -> None:
    job = lip_sync()
    by_id = {"video": Handed(id="877"), "audio": Handed(id="930")}
    errand = provider.errand(job, by_id, ())
    assert errand is not None
    assert errand.request.body == {"video_id": "877"}
    notes = provider.read_errand(job, errand, good(faces))
    assert isinstance(notes, ErrandNotes)
    body = provider.submit(job, by_id, [notes.told]).body
    assert body is not None
    assert body["face_choose"][0]["audio_id"] == "930"


@pytest.mark.parametrize(
    ("parameters", "seen", "sound_seconds", "placed"),
    [
        ({}, (1000, 5000), 4.2, (0, 4041, 1000)),  # from the face's first moment, as long as the clip goes on
        ({}, (0, 5041), 2.5, (0, 2500, 0)),
        ({"sound_start_time": 1.5}, (0, 5041), 10.0, (1500, 6541, 0)),
        ({"sound_start_time": 1, "sound_end_time": 3.25}, (500, 5041), 10.0, (1000, 3250, 500)),
        ({"sound_insert_time": 2}, (0, 5041), 4.2, (0, 3041, 2000)),
        ({"sound_insert_time": 0, "sound_end_time": 4}, (2000, 5041), 4.2, (0, 4000, 0)),
    ],
)
def test_what_is_not_asked_for_is_chosen_so_that_it_fits(
    parameters: Json, seen: tuple[int, int], sound_seconds: float, placed: tuple[int, int, int]
) -> None:
    found = {**face, "start_time": seen[0], "end_time": seen[1]}
    notes = read(lip_sync(parameters, sound_seconds=sound_seconds), {**faces, "face_data": [found]})
    assert isinstance(notes, ErrandNotes)
    names = ("sound_start_time", "sound_end_time", "sound_insert_time")
    assert tuple(notes.told[name] for name in names) == placed


@pytest.mark.parametrize(
    ("parameters", "seen", "sound_seconds", "message"),
    [
        ({}, (0, 5041), 1.9, "the sound is 1.9 s long, and the service takes 2 s to 60 s"),
        ({}, (0, 5041), 61.0, "the sound is 61 s long, and the service takes 2 s to 60 s"),
        ({"sound_end_time": 5}, (0, 5041), 4.2, "`sound_end_time` is 5 s, past the end of the sound at 4.2 s"),
        ({"sound_start_time": 3}, (0, 5041), 4.2, f"only 1.2 s {heard} from 3 s to 4.2 s, put at 0 s {needs}"),
        ({"sound_insert_time": 4}, (0, 5041), 4.2, f"only 1.041 s {heard} from 0 s to 1.041 s, put at 4 s {needs}"),
        ({"sound_insert_time": 6}, (0, 5041), 4.2, f"only 0 s {heard} from 0 s to 0 s, put at 6 s {needs}"),
        ({"sound_insert_time": 2, "sound_end_time": 4}, (0, 5041), 4.2,
         "the sound would go on until 6 s, past the end of the clip at 5.041 s"),
        ({"sound_insert_time": 0, "sound_end_time": 3}, (2500, 5041), 4.2, together),
    ],
)  # fmt: skip
def test_a_sound_that_cannot_be_placed_ends_the_job_before_its_create(
    parameters: Json, seen: tuple[int, int], sound_seconds: float, message: str
) -> None:
    found = {**face, "start_time": seen[0], "end_time": seen[1]}
    job = lip_sync(parameters, sound_seconds=sound_seconds)
    assert refusal(job, {**faces, "face_data": [found]}) == f"sound-does-not-fit: {message}"


def test_a_spoken_text_that_cannot_be_placed_is_refused_as_well() -> None:
    late = {**face, "start_time": 4000}
    assert refusal(lip_sync(text=True), {**faces, "face_data": [late]}, spoken) == (
        f"sound-does-not-fit: only 1.041 s {heard} from 0 s to 1.041 s, put at 4 s {needs}"
    )
    short = {**tts, "task_result": {"audios": [{"id": "930", "url": "https://m.example.org/a.mp3", "duration": "1.1"}]}}
    assert refusal(lip_sync(text=True), short) == (
        "sound-does-not-fit: the text takes 1.1 s to speak, and a lip-sync takes 2 s to 60 s of sound"
    )
    failed = {"task_id": "9", "task_status": "failed", "task_status_msg": "no such language"}
    assert refusal(lip_sync(text=True), failed) == "not-spoken: the text was not spoken: no such language"


def test_a_clip_without_the_face_asked_for_is_refused() -> None:
    assert refusal(lip_sync(), {"session_id": "S2", "face_data": []}) == "no-face: no face was found in the clip"
    assert refusal(lip_sync({"face": 2}), faces) == ("no-such-face: `face` is 2, and 1 face was found in the clip")
    many = {**faces, "face_data": [face, {**face, "face_id": "1"}]}
    assert refusal(lip_sync({"face": 3}), many) == "no-such-face: `face` is 3, and 2 faces were found in the clip"
    notes = read(lip_sync({"face": 2}), many)
    assert isinstance(notes, ErrandNotes)
    assert notes.told["face_id"] == "1"


def editing(mode: str = "swap", *, wired: tuple[str, ...] = ("video", "references[0]")) -> Job:
    selections = [
        {"frame_index": 0, "points": [{"x": 0.5, "y": 0.4}]},
        {"frame_index": 30, "points": [{"x": 0.1, "y": 0.2}, {"x": 1, "y": 0}]},
    ]
    parameters = {
        "edit_mode": mode, "prompt": "swap the lamp in <<<video_1>>> for <<<image_1>>>", "negative_prompt": "blur",
        "mode": "pro", "duration": 5, "watermark": True, "selections": [] if mode == "addition" else selections,
    }  # fmt: skip
    return paper_job("edit-elements", "kling-multi-elements", parameters, wired)


def test_an_edit_opens_a_session_and_points_at_every_selection() -> None:
    job, session = editing(), {"session_id": "S1"}
    selected = {"status": 0, "session_id": "S1", "res": {"frame_index": 0, "rle_mask_list": [{"object_id": 0}]}}
    assert asked(job) == call("/v1/videos/multi-elements/init-selection", {"video_url": media + "video"})
    assert read(job, {"status": 0, "session_id": "S1", "fps": 30.0}) == ErrandNotes(session)
    assert asked(job, session) == call(
        "/v1/videos/multi-elements/add-selection",
        {"session_id": "S1", "frame_index": 0, "points": [{"x": 0.5, "y": 0.4}]},
    )
    assert read(job, selected, session) == ErrandNotes({"frame_index": 0})
    assert asked(job, session, {"frame_index": 0}) == call(
        "/v1/videos/multi-elements/add-selection",
        {"session_id": "S1", "frame_index": 30, "points": [{"x": 0.1, "y": 0.2}, {"x": 1, "y": 0}]},
    )
    told = [session, {"frame_index": 0}, {"frame_index": 30}]
    assert asked(job, *told) is None
    assert provider.submit(job, handed(job), told) == call("/v1/videos/multi-elements", {
        "session_id": "S1", "edit_mode": "swap", "image_list": [{"image": media + "references[0]"}],
        "prompt": "swap the lamp in <<<video_1>>> for <<<image_1>>>", "negative_prompt": "blur", "mode": "pro",
        "duration": "5", "watermark_info": {"enabled": True}, "external_task_id": job.external_id,
    })  # fmt: skip


def test_an_addition_needs_nothing_pointed_at() -> None:
    job = editing("addition")
    assert asked(job, {"session_id": "S1"}) is None


def test_a_clip_or_a_point_that_the_service_rejects_is_refused() -> None:
    job, session = editing(), {"session_id": "S1"}
    for status in (3, -1, "3"):
        expected = f"clip-rejected: the service cannot open the clip for editing (status {status})"
        assert refusal(job, {"status": status, "session_id": "S1"}) == expected
    assert refusal(job, {"status": 7}, session) == (
        "nothing-selected: the service finds nothing at the points of frame 0 (status 7)"
    )
    assert refusal(job, {"status": 0, "res": {"rle_mask_list": []}}, session, {"frame_index": 0}) == (
        "nothing-selected: the service finds nothing at the points of frame 30"
    )


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (429, {"code": 1102, "message": "Account balance not enough"}, "product 1102 video"),
        (403, {"code": 1103, "message": "no permission"}, "forbidden 1103 "),
        (400, {"code": 1201, "message": "Task not found by id"}, "invalid 1201 "),
        (500, {"code": 5000, "message": "oops"}, "transient 5000 "),
        (502, "<html>", "transient http-502 "),
        (200, {"code": 0}, "transient unreadable "),
        (200, {"code": 0, "data": {"face_data": []}}, "transient unreadable "),
    ],
)
def test_an_errand_that_is_refused_or_not_understood(status: int, body: object, meaning: str) -> None:
    job = lip_sync()
    errand = provider.errand(job, handed(job), ())
    assert errand is not None
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    found = provider.read_errand(job, errand, Response(status, {}, raw))
    assert isinstance(found, Refusal)
    assert f"{found.answer} {found.code} {found.pack}" == meaning


def test_a_clip_that_is_longer_than_its_container_says_still_holds_its_face() -> None:
    job = lip_sync({"sound_insert_time": 0.5})
    job = replace(job, materials=tuple(
        replace(material, facts=replace(clip, seconds=0.0)) if material.field == "video" else material
        for material in job.materials
    ))  # fmt: skip
    notes = read(job, faces)
    assert isinstance(notes, ErrandNotes)
    assert notes.told["sound_end_time"] == 4200
