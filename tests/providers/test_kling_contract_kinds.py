"""The adapter meets the service's fake in every other kind of step: errands are answered, creates accepted, results
read with both credentials, and what was billed is what section 7 of kling.md says, or the stand-in where it is silent.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.providers.provider import AccountPart, Listing
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, TaskRef
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Handed
from tests.paper_studio import base64_text
from tests.providers.kling_caller import Caller, furnish, key, made_of, pair, sound
from tests.providers.kling_fake_stage import at, kling_at
from tests.providers.kling_jobs import job_of
from tests.providers.kling_paper_jobs import paper_job

pytestmark = pytest.mark.anyio
Case = tuple[str, str, dict[str, Any], list[str], str, str, list[tuple[str, int]]]

selections = [
    {"frame_index": 0, "points": [{"x": 0.5, "y": 0.4}]},
    {"frame_index": 9, "points": [{"x": 0.2, "y": 0.1}]},
]
one = [("video", 0)]
mp3_and_wav = [("audio", 0), ("audio", 1)]
pictures = [(MediaType.IMAGE.value, place) for place in range(9)]
words = {"text": "Good evening, and welcome to the show.", "voice": "uk_man2", "language": "en"}

cases: list[Case] = [
    ("image-series", "kling-v3-omni", {"prompt": "a week", "series_amount": 4, "aspect_ratio": "1:1"}, [],
     "image", "32", pictures[:4]),
    ("image-series", "kling-v3-omni", {"prompt": "<<<image_1>>>", "series_amount": 2, "resolution": "4k"},
     ["references[0]"], "image", "32", pictures[:2]),
    ("expand-image", "kling-image-expand", {"up_expansion_ratio": 0.5, "left_expansion_ratio": 0.5}, ["image"],
     "image", "8", pictures[:1]),
    ("virtual-try-on", "kolors-virtual-try-on-v1-5", {"watermark": True}, ["human_image", "cloth_image"],
     "image", "16", pictures[:1]),
    ("multi-angle", "kling-multi-angle", {}, ["image"], "image", "20", pictures),
    ("multi-image-to-video", "kling-v3-omni", {"prompt": "they meet", "duration": 5, "mode": "pro", "sound": True},
     ["references[0]", "references[1]"], "video", "5", one),
    ("omni-video", "kling-v3-omni", {"prompt": "<<<image_1>>> leaves", "mode": "4k", "duration": 3},
     ["references[0]", "image", "image_tail"], "video", "9", one),
    ("omni-video", "kling-video-o1", {"prompt": "make it snow", "mode": "std", "keep_original_sound": True}, ["video"],
     "video", "4.5", one),
    ("omni-video", "kling-v3-omni", {"prompt": "as <<<video_1>>>", "refer_type": "feature", "duration": 7,
     "mode": "std", "aspect_ratio": "9:16"}, ["video", "references[0]"], "video", "6.3", one),
    ("extend-video", "kling-v3-omni", {"mode": "std", "duration": 5}, ["video"], "video", "4.5", one),
    ("edit-elements", "kling-multi-elements", {"edit_mode": "removal", "prompt": "drop the lamp in <<<video_1>>>",
     "selections": selections, "mode": "std", "duration": 5}, ["video"], "video", "4.5", one),
    ("edit-elements", "kling-multi-elements", {"edit_mode": "addition", "mode": "pro", "duration": 5,
     "prompt": "put <<<image_1>>> into <<<video_1>>>"}, ["video", "references[0]"], "video", "6", one),
    ("lip-sync", "kling-lip-sync", {"face": 2, "sound_volume": 1.5}, ["video", "audio"], "video", "1", one),
    ("lip-sync", "kling-lip-sync", words, ["video"], "video", "1", one),
    ("avatar", "kling-avatar", {"prompt": "small nods", "mode": "pro"}, ["image", "audio"], "video", "3.2", one),
    ("effects", "kling-video-effects", {"effect": "zombie_transform"}, ["images[0]"], "video", "6", one),
    ("text-to-audio", "kling-t2a", {"prompt": "rain", "duration": 4}, [], "audio", "0.25", mp3_and_wav),
    ("video-to-audio", "kling-v2a", {"bgm_prompt": "piano"}, ["video"], "audio", "0.25", [*mp3_and_wav, ("video", 2)]),
    ("speech", "kling-tts", words, [], "video", "0.05", [("audio", 0)]),
    ("element", "kling-element", {"name": "Mira", "description": "a botanist", "tags": ["character"]},
     ["images[0]", "images[1]"], "video", "0", [("element", 0)]),
    ("voice", "kling-voice", {"name": "narrator"}, ["audio"], "video", "0.05", [("voice", 0)]),
]  # fmt: skip


def named(case: Case) -> str:
    return f"{case[0]} {case[1]} {','.join(case[3])}"


@pytest.mark.parametrize("credential", [key, pair], ids=["key", "pair"])
@pytest.mark.parametrize("case", cases, ids=named)
async def test_every_kind_is_accepted_made_told_and_billed(tmp_path: Path, case: Case, credential: Any) -> None:
    kind, model, parameters, wired, pack, units, made = case
    job = paper_job(kind, model, parameters, wired, credential=credential.kind)
    async with kling_at(tmp_path, key="") as stage:
        await furnish(stage)
        caller = Caller(stage, credential)
        state = await caller.submit(job, made_of(job))
        if job.route.has_external_id:
            stage.clock.advance(4000)
            task = TaskRef(job.external_id, state.task_id, job.route)
            (state,) = await caller.ask(task)
            (alone,) = await caller.ask_alone(task)
            assert shape(alone.outputs) == shape(state.outputs)
            assert alone.cost == state.cost
    assert (state.phase, state.external_id) == (Phase.SUCCEEDED, job.external_id if job.route.has_external_id else "")
    assert shape(state.outputs) == made
    assert state.cost is not None
    assert state.cost.units == (((pack, Decimal(units)),) if Decimal(units) else ())


@pytest.mark.parametrize("case", cases, ids=named)
async def test_what_the_catalogue_reckons_is_what_is_billed(tmp_path: Path, case: Case) -> None:
    """Errands too. Kinds whose price nobody publishes are billed by the same stand-in, written down twice."""
    job = job_of(*case[:4])
    async with kling_at(tmp_path) as stage:
        await furnish(stage)
        caller = Caller(stage, key)
        state = await caller.submit(job, made_of(job))
        stage.clock.advance(4000)
        if job.route.has_external_id:
            (state,) = await caller.ask(TaskRef(job.external_id, state.task_id, job.route))
    assert state.cost is not None
    assert Cost.total(note.cost for note in caller.notes) + state.cost == job.estimate


def shape(outputs: Any) -> list[tuple[str, int]]:
    return [(output.type.value, output.index) for output in outputs]


async def test_a_segmented_picture_has_its_parts_at_their_places(tmp_path: Path) -> None:
    job = paper_job("segment", "kling-image-recognize", {}, ["image"])
    async with kling_at(tmp_path) as stage:
        state = await Caller(stage, key).submit(job, {"image": Handed(url=at("wide.png"))})
    assert state.phase is Phase.SUCCEEDED
    assert {output.index for output in state.outputs} <= {0, 1, 2, 3}
    assert state.cost is not None
    assert state.cost.units == (("video", Decimal("0.1")),)


async def test_what_errands_cost_is_told_beside_the_create(tmp_path: Path) -> None:
    job = paper_job("lip-sync", "kling-lip-sync", words, ["video"])
    async with kling_at(tmp_path) as stage:
        await furnish(stage)
        caller = Caller(stage, key)
        await caller.submit(job, made_of(job))
        bills = [Decimal(str(bill["units"])) for bill in stage.world.bills()]
    assert [note.cost.units for note in caller.notes] == [(("video", Decimal("0.05")),)] * 2
    assert sum(bills) == Decimal("1.1")


async def test_what_was_made_here_is_handed_on_by_its_id(tmp_path: Path) -> None:
    """A clip of the service's own is dubbed, and lets speech of the service's own be spoken."""
    async with kling_at(tmp_path) as stage:
        caller = Caller(stage, key)
        filmed = paper_job("text-to-video", "kling-v3", {"prompt": "a", "mode": "std", "duration": 5})
        film = TaskRef(filmed.external_id, (await caller.submit(filmed, {})).task_id, filmed.route)
        said = await caller.submit(paper_job("speech", "kling-tts", words), {})
        stage.clock.advance(4000)
        (clip_made,) = (await caller.ask(film))[0].outputs
        by_id = {"video": Handed(id=clip_made.id), "audio": Handed(id=said.outputs[0].id)}
        for kind, model, wired in (
            ("lip-sync", "kling-lip-sync", ["video", "audio"]), ("video-to-audio", "kling-v2a", ["video"]),
        ):  # fmt: skip
            facts = {"audio": MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=said.outputs[0].seconds)}
            job = paper_job(kind, model, {}, wired, facts=facts)
            assert (await caller.submit(job, by_id)).phase is Phase.QUEUED


async def test_elements_and_voices_made_here_are_named_by_their_ids(tmp_path: Path) -> None:
    async with kling_at(tmp_path) as stage:
        await furnish(stage)
        caller = Caller(stage, key)
        voiced = paper_job("voice", "kling-voice", {"name": "narrator"}, ["audio"], recipe="v")
        voice = TaskRef(voiced.external_id, (await caller.submit(voiced, made_of(voiced))).task_id, voiced.route)
        stage.clock.advance(400)
        (voice_made,) = (await caller.ask(voice))[0].outputs
        described = {"name": "Mira", "description": "a botanist"}
        drawn = paper_job("element", "kling-element", described, ["images[0]", "images[1]", "voice"], recipe="e")
        with_voice = {**made_of(drawn), "voice": Handed(id=voice_made.id)}
        element = TaskRef(drawn.external_id, (await caller.submit(drawn, with_voice)).task_id, drawn.route)
        stage.clock.advance(400)
        (element_made,) = (await caller.ask(element))[0].outputs
        shown = paper_job("image-to-video", "kling-v3", {"prompt": "<<<element_1>>>", "elements": [""]},
                          ["image", "elements[0]"])  # fmt: skip
        media = {"image": Handed(url=at("wide.png")), "elements[0]": Handed(id=element_made.id)}
        state = await caller.submit(shown, media)
    assert (voice_made.url, voice_made.name, element_made.url, element_made.name) == ("", "narrator", "", "Mira")
    assert state.phase is Phase.QUEUED


async def test_sounds_travel_as_base64(tmp_path: Path) -> None:
    job = paper_job("avatar", "kling-avatar", {"mode": "std"}, ["image", "audio"])
    async with kling_at(tmp_path) as stage:
        media = {"image": Handed(url=at("wide.png")), "audio": Handed(base64=base64_text(sound))}
        assert (await Caller(stage, key).submit(job, media)).phase is Phase.QUEUED


async def test_a_long_prompt_of_every_omni_kind_is_accepted_on_its_path(tmp_path: Path) -> None:
    long = {"prompt": "x" * 3000, "mode": "std"}
    async with kling_at(tmp_path) as stage:
        await furnish(stage)
        for number, (kind, more, wired) in enumerate((
            ("omni-video", {"duration": 5}, ["references[0]", "image", "image_tail"]),
            ("omni-video", {"keep_original_sound": True}, ["video"]),
            ("omni-video", {"refer_type": "feature", "duration": 5}, ["video"]),
            ("multi-image-to-video", {"duration": 5, "sound": True}, ["references[0]", "references[1]"]),
            ("extend-video", {"duration": 5}, ["video"]),
        )):  # fmt: skip
            job = paper_job(kind, "kling-v3-omni", {**long, **more}, wired, recipe=f"{number}")
            assert job.route.endpoint == "/omni-video/kling-3.0-omni"
            assert (await Caller(stage, key).submit(job, made_of(job))).phase is Phase.QUEUED


@pytest.mark.parametrize("credential", [key, pair], ids=["key", "pair"])
async def test_a_lip_sync_whose_answer_was_lost_is_found_again(tmp_path: Path, credential: Any) -> None:
    job = paper_job("lip-sync", "kling-lip-sync", {}, ["video", "audio"])
    async with kling_at(tmp_path, key="") as stage:
        await furnish(stage)
        caller = Caller(stage, credential)
        before = await caller.find(job)
        state = await caller.submit(job, made_of(job))
        request = caller.provider.submit(job, made_of(job), [note.told for note in caller.notes])
        again = caller.provider.read_submit(await caller.send(request), job.route)
        found = await caller.find(job)
    assert before == []
    assert isinstance(again, Refusal)
    assert again.answer is AnswerClass.EXISTS
    assert {one.task_id for one in found} == {state.task_id}


@pytest.mark.parametrize("credential", [key, pair], ids=["key", "pair"])
async def test_every_task_of_the_account_is_listed(tmp_path: Path, credential: Any) -> None:
    jobs = [
        paper_job("text-to-image", "kling-v3", {"prompt": "a"}),
        paper_job("text-to-video", "kling-v3", {"prompt": "a", "duration": 5}),
        paper_job("multi-angle", "kling-multi-angle", {}, ["image"]),
        paper_job("effects", "kling-video-effects", {"effect": "zombie_transform"}, ["images[0]"]),
        paper_job("voice", "kling-voice", {"name": "narrator"}, ["audio"]),
    ]
    async with kling_at(tmp_path, key="") as stage:
        await furnish(stage)
        caller = Caller(stage, credential)
        made = {job.kind: (await caller.submit(job, made_of(job))).task_id for job in jobs}
        now = stage.clock.stamp(stage.clock.now())
        requests = list(caller.provider.listings(now - 86400, now + 60, credential.kind))
        listed: dict[str, str] = {}
        while requests:
            page = caller.provider.read_listing(requests[0], await caller.send(requests[0]))
            assert isinstance(page, Listing), (requests[0], page)
            listed |= {task.state.task_id: task.state.external_id for task in page.tasks}
            requests = [*requests[1:], *([page.more] if page.more else [])]
    assert set(made.values()) <= set(listed)
    assert {listed[task] for task in made.values()} == {job.external_id for job in jobs}


@pytest.mark.parametrize("credential", [key, pair], ids=["key", "pair"])
async def test_packs_and_charges_are_told(tmp_path: Path, credential: Any) -> None:
    async with kling_at(tmp_path, key="") as stage:
        caller = Caller(stage, credential)
        await caller.submit(paper_job("text-to-image", "kling-v3", {"prompt": "a"}), {})
        stage.clock.advance(4000)
        parts = []
        for request in caller.provider.account(stage.clock.stamp(stage.clock.now())):
            part = caller.provider.read_account(request, await caller.send(request))
            assert isinstance(part, AccountPart), part
            parts.append(part)
    costs, package, balance = parts
    assert {pack.product for pack in costs.packs} == {"image", "video", "audio"}
    assert [charge.cost.units for charge in package.charges] == [(("image", Decimal(8)),)]
    assert balance.charges == ()


async def test_a_callback_of_the_fake_is_read_and_believed(tmp_path: Path) -> None:
    job = paper_job("text-to-image", "kling-v3", {"prompt": "a"})
    async with kling_at(tmp_path) as stage:
        caller = Caller(stage, key)
        request = caller.provider.submit(job, {}, (), "https://hooks.example.org/kling")
        state = caller.provider.read_submit(await caller.send(request), job.route)
        assert not isinstance(state, Refusal)
        stage.clock.advance(4000)
        answer = await caller.send(caller.provider.single(TaskRef("", state.task_id, job.route), key.kind).request)
    told = caller.provider.read_callback(json.dumps(json.loads(answer.body)["data"]).encode())
    assert told is not None
    assert (told.external_id, told.phase, len(told.outputs)) == (job.external_id, Phase.SUCCEEDED, 1)
