"""The driver with a world of paper: order of records and requests, stopping, stale tokens, dead URLs, failures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from kling_pipe.errors import StateFailure, StepFailure
from kling_pipe.events import ArtifactStored, Event, JobSubmitted
from kling_pipe.run.driver import Driver, StopSwitch
from kling_pipe.run.exchange import Line
from kling_pipe.run.flight import AccountLimits, Limits
from kling_pipe.run.machine import Machine
from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import AnswerMissing, FetchTrouble, Handed, NotUploaded
from kling_pipe.values.wire import Request, Response
from tests.run.paper_plan import plan_of, tails_of
from tests.run.paper_provider import Answer, PaperBook, PaperFiles, PaperProvider, PaperWire, answer

pytestmark = pytest.mark.anyio


class Clock:
    """Begins at 1000 s."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()

    def now(self) -> float:
        return 1000.0 + asyncio.get_running_loop().time() - self._began


class Studio:
    """A driver and everything around it."""

    def __init__(
        self, answers: Callable[[Request], Answer], *plan: str, patience: float = 5.0, has_external_id: bool = True
    ) -> None:
        values = plan_of(*(plan or ("clip: video",)), has_external_id=has_external_id)
        limits = Limits({"kling": AccountLimits(poll_seconds=0.001)}, pace=0.001)
        self.log: list[str] = []
        self.heard: list[Event] = []
        self.machine = Machine(values, tails_of(values), limits, lambda: 0.0)
        self.provider, self.book, self.files = PaperProvider(), PaperBook(self.log), PaperFiles()
        self.wire = PaperWire(answers, self.log)
        credential = Credential(CredentialKind.API_KEY, Secret("key"))
        self.line = Line(self.provider, credential, self.wire)
        self.switch = StopSwitch()
        self.driver = Driver(
            self.machine, {"kling": self.line}, self.book, self.files, Clock(), self.heard.append, patience
        )

    async def run(self) -> list[str]:
        await asyncio.wait_for(self.driver.run(self.switch), 5)
        return self.log

    def states(self) -> list[State]:
        return [member.state for member in self.machine.members.values()]


def well(request: Request) -> Response:
    """Everything works at once."""
    external = (request.body or {}).get("external", "")
    return answer(id="T1", external=external, phase="succeeded")


async def never(request: Request) -> Response:
    """No answer at all."""
    await asyncio.Event().wait()
    raise AssertionError


async def test_an_event_is_recorded_before_the_request_that_follows_from_it_leaves() -> None:
    assert await Studio(well).run() == [
        "clip ready", "clip intended", "POST /create", "clip submitted", "clip fetching", "clip stored", "clip done",
    ]  # fmt: skip


async def test_listeners_hear_what_was_recorded() -> None:
    studio = Studio(well)
    log = await studio.run()
    assert [f"{event.member} {event.name}" for event in studio.heard] == [line for line in log if "/" not in line]


async def test_a_stop_does_not_wait_for_an_answer_that_does_not_come() -> None:
    studio = Studio(never, patience=0.01)

    def stop(event: Event) -> None:
        if event.name == "intended":
            asyncio.get_running_loop().call_soon(studio.switch.stop)

    studio.driver = Driver(
        studio.machine, {"kling": studio.line}, studio.book, studio.files, Clock(), stop, patience=0.01
    )
    assert await studio.run() == ["clip ready", "clip intended", "POST /create"]
    assert studio.states() == [State.INTENDED]


async def test_an_answer_that_comes_soon_after_the_stop_is_recorded() -> None:
    async def slowly(request: Request) -> Response:
        studio.switch.stop()
        await asyncio.sleep(0)
        return answer(id="T1", phase="running")

    studio = Studio(slowly)
    assert await studio.run() == ["clip ready", "clip intended", "POST /create", "clip submitted"]


async def test_a_stop_before_the_start_sends_nothing() -> None:
    studio = Studio(well)
    studio.switch.stop()
    assert await studio.run() == ["clip ready"]


async def test_an_answer_that_comes_after_everything_ended_is_recorded() -> None:
    gate = asyncio.Event()

    async def one_refused(request: Request) -> Response:
        if len(studio.wire.requests) == 1:
            await gate.wait()
            return answer(id="T1", phase="running")
        asyncio.get_running_loop().call_later(0.005, gate.set)
        return answer(refusal="auth")

    studio = Studio(one_refused, "a: video", "b: video")
    log = await studio.run()
    assert log[-3:] == ["b failed", "a still-running", "a submitted"]


async def test_a_stale_token_is_signed_anew_once_by_the_services_own_clock() -> None:
    def stale_first(request: Request) -> Response:
        if len(studio.wire.requests) == 1:
            return answer(401, date="Thu, 01 Jan 1970 00:30:00 GMT", refusal="auth-stale")
        return well(request)

    studio = Studio(stale_first)
    await studio.run()
    assert [dict(request.headers)["authorization"] for request in studio.wire.requests] == [
        "key at 1000", "key at 1800",
    ]  # fmt: skip
    assert (studio.provider.forgotten, studio.states()) == (1, [State.DONE])


async def test_a_token_that_stays_stale_stops_the_run() -> None:
    studio = Studio(lambda _request: answer(401, refusal="auth-stale"))
    assert await studio.run() == ["clip ready", "clip intended", "POST /create", "POST /create", "clip failed"]


async def test_a_url_the_service_refuses_is_replaced_by_bytes_of_our_own() -> None:
    def urls_are_dead(request: Request) -> Response:
        is_clip = len(studio.wire.requests) > 1
        return (
            answer(refusal="invalid") if is_clip and (request.body or {})["image"].startswith("http") else well(request)
        )

    studio = Studio(urls_are_dead, "hero: image", "clip: video < hero")
    studio.files.url = "https://media/1"  # where the hero's picture lies
    await studio.run()
    assert [(request.body or {})["image"] for request in studio.wire.requests][1:] == ["https://media/1", "bytes"]
    assert studio.states() == [State.DONE, State.DONE]


async def test_an_address_that_is_signed_anew_each_time_is_not_tried_twice() -> None:
    studio = Studio(lambda _request: answer(refusal="invalid"))
    studio.files.url = "https://bucket/1?signature=1"  # an uploader's, so no dead URL of the service's
    assert await studio.run() == ["clip ready", "clip intended", "POST /create", "clip failed"]


async def test_an_errand_that_was_answered_is_not_sent_again_whatever_it_told() -> None:
    def answers(request: Request) -> Response:
        if request.path.startswith("/find"):
            return answer(refusal="not-found")
        return answer(judgement="no face") if request.path == "/faces" else well(request)

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.provider.errands = ("faces",)
    studio.provider.is_errand_for = "image-to-video"
    studio.files.only_urls = True
    await studio.run()
    assert [request.path for request in studio.wire.requests if request.path == "/faces"] == ["/faces"]
    assert studio.states() == [State.DONE, State.FAILED]


async def test_an_errand_that_a_dead_url_kept_back_is_on_record_again_before_it_goes_again() -> None:
    def answers(request: Request) -> Response:
        if request.path == "/tasks/T1":
            return answer(id="T1", phase="succeeded", url="https://media/1?fresh")
        if request.path.startswith("/find"):
            return answer(refusal="not-found")
        if request.path == "/faces" and (request.body or {}).get("image") == "https://media/1":
            return answer(refusal="invalid")
        return answer(told="it") if request.path == "/faces" else well(request)

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.provider.errands = ("faces",)
    studio.provider.is_errand_for = "image-to-video"
    studio.files.only_urls = True
    log = await studio.run()
    begun = [line for line in log if "errand" in line or "/faces" in line]
    assert begun == ["clip errand-begun", "POST /faces", "clip errand-begun", "POST /faces", "clip errand-done"]
    assert studio.states() == [State.DONE, State.DONE]


async def test_a_stop_during_the_answer_sends_no_second_create() -> None:
    def answers(request: Request) -> Response:
        if len(studio.wire.requests) == 1:
            return well(request)
        studio.switch.stop()
        return answer(refusal="invalid")

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.files.url = "https://media/1"
    await studio.run()
    assert [request.path for request in studio.wire.requests] == ["/create", "/create"]


async def test_a_refused_url_without_bytes_of_our_own_stays_refused() -> None:
    studio = Studio(lambda _request: answer(refusal="invalid"))
    studio.files.url, studio.files.own_bytes = "https://media/old", StepFailure("object-missing", "the file is gone")
    assert await studio.run() == ["clip ready", "clip intended", "POST /create", "clip failed"]


async def test_media_that_cannot_be_handed_over_send_nothing() -> None:
    studio = Studio(well)
    studio.files.own_bytes = StepFailure("needs-url", "has no URL")
    assert await studio.run() == ["clip ready", "clip intended", "clip failed"]


async def test_a_lost_answer_is_asked_about_before_anything_else() -> None:
    def lost(request: Request) -> Response:
        if request.creates:
            raise AnswerMissing("reset", "the connection broke")
        return well(request)

    assert await Studio(lost).run() == [
        "clip ready", "clip intended", "POST /create", "clip answer-lost", "GET /find/", "clip submitted",
        "clip fetching", "clip stored", "clip done",
    ]  # fmt: skip


async def test_a_task_without_our_id_in_its_status_is_known_by_its_own() -> None:
    def nameless(request: Request) -> Response:
        return answer(id="T1", phase="running" if request.creates else "succeeded")

    studio = Studio(nameless)
    await studio.run()
    assert studio.states() == [State.DONE]


async def test_a_broken_download_is_fetched_again_after_a_fresh_look() -> None:
    studio = Studio(well)
    studio.files.troubles = [FetchTrouble("cut off")]
    assert (await studio.run())[5:] == ["GET /tasks/T1", "clip stored", "clip done"]


async def test_of_a_task_with_several_files_only_those_that_broke_off_are_fetched_again() -> None:
    """Also where the fresh look renewed their addresses."""

    def two_files(request: Request) -> Response:
        asked = 1 if request.creates else 2
        files = [f"https://media/{name}?signed={asked}" for name in "ab"]
        return answer(id="T1", external=(request.body or {}).get("external", ""), phase="succeeded", files=files)

    studio = Studio(two_files)
    studio.files.breaks = ["https://media/b?signed=1"]
    await studio.run()
    assert studio.files.fetched == ["https://media/a?signed=1", "https://media/b?signed=1", "https://media/b?signed=2"]
    (stored,) = [event for event in studio.heard if isinstance(event, ArtifactStored) and event.index == 0]
    assert stored.url == "https://media/a?signed=2"


async def test_a_disk_that_refuses_ends_the_run_with_its_own_words() -> None:
    studio = Studio(well)
    studio.book.fails = StateFailure("disk-full", "no room left")
    with pytest.raises(StateFailure, match="disk-full: no room left"):
        await studio.run()
    assert studio.wire.requests == []


async def test_traffic_is_counted() -> None:
    studio = Studio(well)
    await studio.run()
    traffic = studio.driver.traffic
    assert (traffic.creates, traffic.finds, traffic.status_requests, traffic.downloads) == (1, 0, 0, 1)


async def test_a_task_that_a_look_does_not_find_is_looked_for_alone_and_then_uncertain() -> None:
    """Not found is an answer; taken for trouble it would be asked for until the run's patience ends, in every run."""

    def forgotten(request: Request) -> Response:
        return answer(id="T1", phase="running") if request.creates else answer(refusal="not-found")

    studio = Studio(forgotten)
    assert (await studio.run())[-2:] == ["GET /tasks/T1", "clip uncertain"]


async def test_errands_go_one_after_the_other_before_the_create_and_their_notes_with_it() -> None:
    def answers(request: Request) -> Response:
        if request.path.startswith("/find/"):
            return answer(refusal="not-found")
        return well(request) if request.path == "/create" else answer(told=f"by {request.path[1:]}")

    studio = Studio(answers)
    studio.provider.errands = ("faces", "choice")
    assert await studio.run() == [
        "clip ready", "clip intended", "GET /find/", "clip errand-begun", "POST /faces", "clip errand-done",
        "clip errand-begun", "POST /choice", "clip errand-done", "POST /create", "clip submitted", "clip fetching",
        "clip stored", "clip done",
    ]  # fmt: skip
    assert (studio.wire.requests[-1].body or {})["told"] == [{"faces": "by faces"}, {"choice": "by choice"}]


async def test_an_errand_whose_answer_never_came_leaves_the_job_uncertain() -> None:
    def answers(request: Request) -> Response:
        if request.path.startswith("/find/"):
            return answer(refusal="not-found")
        raise AnswerMissing("reset", "the connection was reset")

    studio = Studio(answers)
    studio.provider.errands = ("faces",)
    assert (await studio.run())[-2:] == ["POST /faces", "clip uncertain"]
    assert studio.states() == [State.UNCERTAIN]


async def test_a_create_names_where_to_call_back_and_a_signed_call_ends_the_wait() -> None:
    def answers(request: Request) -> Response:
        if request.path == "/create":
            told = b'{"id": "T1", "external": "%s", "phase": "succeeded"}' % str(request.body["external"]).encode()  # type: ignore[index]
            secret = Secret("quite")
            loop = asyncio.get_running_loop()
            for headers, body in (({}, told), ({"signature": "forged"}, told), ({"signature": "quite"}, b"no task")):
                loop.call_later(0.001, studio.driver.called_back, "kling", headers, body, secret)
            loop.call_later(0.01, studio.driver.called_back, "kling", {"signature": "quite"}, told, secret)
        return answer(id="T1", phase="running")

    studio = Studio(answers)
    studio.line.callback_url = "https://here.example/callback"
    assert "clip done" in await studio.run()
    assert (studio.wire.requests[0].body or {})["callback"] == "https://here.example/callback"
    assert studio.driver.traffic.callbacks == 1


async def test_a_dead_url_of_what_travels_by_url_only_is_asked_for_anew() -> None:
    def answers(request: Request) -> Response:
        if request.path == "/tasks/T1":
            return answer(id="T1", external=first.get("external", ""), phase="succeeded", url="https://media/fresh")
        if request.path == "/create" and (request.body or {}).get("image") == "https://media/1":
            return answer(refusal="invalid")
        first.setdefault("external", str((request.body or {}).get("external", "")))
        return well(request)

    first: dict[str, str] = {}
    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.files.only_urls = True
    await studio.run()
    assert studio.states() == [State.DONE, State.DONE]
    handed = [(request.body or {}).get("image") for request in studio.wire.requests if request.creates]
    assert handed == [None, "https://media/1", "https://media/fresh"]


async def test_what_a_services_storage_does_not_know_any_more_is_put_there_anew_and_sent_once_more() -> None:
    def answers(request: Request) -> Response:
        if request.path == "/create" and request.fields.get("image") == "U1":
            return answer(refusal="not-found")
        return well(request)

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.files.stored = [Handed(id="U1", remembered=True), Handed(id="U2")]
    await studio.run()
    assert studio.states() == [State.DONE, State.DONE]
    assert [request.fields.get("image") for request in studio.wire.requests][1:] == ["U1", "U2"]


@pytest.mark.parametrize(("remembered", "doubted"), [(True, ["image"]), (False, [])])
async def test_what_a_failed_task_was_handed_from_an_earlier_run_is_doubted(
    doubted: list[str], *, remembered: bool
) -> None:
    def answers(request: Request) -> Response:
        if request.fields.get("image") == "U1":
            return answer(id="T2", external=request.fields["external"], phase="running")
        return answer(id="T2", phase="failed") if request.path == "/tasks/T2" else well(request)

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.files.stored = [Handed(id="U1", remembered=remembered)]
    await studio.run()
    assert (studio.states(), studio.files.doubted) == ([State.DONE, State.FAILED], doubted)


async def test_what_was_put_into_a_storage_just_now_is_not_doubted() -> None:
    studio = Studio(
        lambda request: answer(refusal="invalid") if request.fields.get("image") == "U1" else well(request),
        "hero: image",
        "clip: video < hero",
    )
    studio.files.stored = [Handed(id="U1"), Handed(id="U2")]
    await studio.run()
    assert studio.states() == [State.DONE, State.FAILED]
    assert [request.fields.get("image") for request in studio.wire.requests][1:] == ["U1"]


@pytest.mark.parametrize(
    ("refused", "ends", "creates"),
    [("invalid", State.FAILED, 1), ("transient", State.DONE, 2), ("throttled", State.DONE, 2)],
)
async def test_an_upload_that_was_refused_follows_the_rules_of_any_request(
    refused: str, ends: State, creates: int
) -> None:
    def answers(request: Request) -> Response:
        return answer(refusal="not-found") if "find" in request.path else well(request)

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.files.stored = [NotUploaded(Refusal(AnswerClass(refused), "1000", "said no")), Handed(id="U1")]
    log = await studio.run()
    assert (studio.states(), log.count("POST /create")) == ([State.DONE, ends], creates)


class PaperKeeper:
    """Keeps one answer, or none."""

    def __init__(self, kept: Response | AnswerMissing) -> None:
        self.kept = kept
        self.forgotten: list[str] = []

    async def expect(self, name: str) -> None:
        """It is kept in any case."""

    async def recall(self, name: str) -> Response:
        if isinstance(self.kept, AnswerMissing):
            raise self.kept
        return self.kept

    async def forget(self, name: str) -> None:
        self.forgotten.append(name)


def kept_here(
    kept: Response | AnswerMissing, answers: Callable[[Request], Answer] = well
) -> tuple[Studio, PaperKeeper]:
    """A job that an earlier run intended, on a road whose answers are kept here."""
    studio, keeper = Studio(answers, has_external_id=False), PaperKeeper(kept)
    studio.machine = Machine(
        plan_of("clip: video", has_external_id=False),
        {"clip": 0.0},
        Limits({"kling": AccountLimits(poll_seconds=0.001, recalls=True)}, pace=0.001),
        lambda: 0.0,
    )
    studio.line.keeper = keeper
    studio.book.resumes = True
    studio.driver = Driver(studio.machine, {"kling": studio.line}, studio.book, studio.files, Clock(), print)
    return studio, keeper


async def test_an_answer_that_was_kept_is_taken_and_nothing_is_sent() -> None:
    studio, keeper = kept_here(answer(id="T1", phase="succeeded"))
    await studio.run()
    assert (studio.states(), studio.wire.requests, keeper.forgotten) == ([State.DONE], [], [])


async def test_what_was_never_begun_is_sent_under_its_name() -> None:
    studio, _ = kept_here(AnswerMissing("unsendable", "never begun", sent=False))
    await studio.run()
    assert (studio.states(), [request.name[:3] for request in studio.wire.requests]) == ([State.DONE], ["kp-"])


async def test_what_was_kept_and_says_nothing_is_uncertain_and_stays_kept() -> None:
    studio, keeper = kept_here(answer(refusal="transient"))
    await studio.run()
    assert (studio.states(), studio.wire.requests, keeper.forgotten) == ([State.UNCERTAIN], [], [])


async def test_a_kept_refusal_that_made_nothing_is_forgotten_so_that_it_is_begun_anew() -> None:
    studio, keeper = kept_here(answer(refusal="throttled"))
    await studio.run()
    assert (studio.states(), len(studio.wire.requests)) == ([State.DONE], 1)
    assert [name[:3] for name in keeper.forgotten] == ["kp-"]


async def test_a_file_within_an_answer_is_stored_before_anything_is_recorded() -> None:
    studio = Studio(lambda _request: answer(id="T1", phase="succeeded", url="data:video/mp4;base64,AAAA"),
                    has_external_id=False)  # fmt: skip
    studio.files.log = studio.log
    assert await studio.run() == [
        "clip ready", "clip intended", "POST /create", "keep data:video/mp4;base64,AAAA", "clip submitted",
        "clip fetching", "clip stored", "clip done",
    ]  # fmt: skip
    submitted = next(event for event in studio.heard if isinstance(event, JobSubmitted))
    assert [output["url"] for output in json.loads(submitted.outputs)] == ["store:AAAA"]
    assert studio.files.fetched == ["store:AAAA"]
    assert [event.url for event in studio.heard if isinstance(event, ArtifactStored)] == [""]


async def test_a_file_within_the_answer_to_a_look_is_stored_too() -> None:
    def answers(request: Request) -> Response:
        if request.path == "/create":
            return answer(id="T1", external=request.fields["external"], phase="running")
        return answer(id="T1", phase="succeeded", url="data:video/mp4;base64,AAAA")

    studio = Studio(answers)
    await studio.run()
    assert (studio.states(), studio.files.fetched) == ([State.DONE], ["store:AAAA"])


@pytest.mark.parametrize(
    ("handed", "fetched"),
    [
        (Response(200, {}, b"abc"), "store:YWJj"),
        (Response(302, {"location": "https://files.example.org/a.mp4"}, b""), "https://files.example.org/a.mp4"),
    ],
)
async def test_a_file_that_the_service_hands_out_itself_is_asked_for_with_the_credential(
    handed: Response, fetched: str
) -> None:
    def answers(request: Request) -> Response:
        if request.path == "/videos/T1/content":
            assert dict(request.headers)["authorization"].startswith("key")
            return handed
        return answer(id="T1", phase="succeeded", url="/videos/T1/content")

    studio = Studio(answers)
    await studio.run()
    assert (studio.states(), studio.files.fetched) == ([State.DONE], [fetched])
    assert [event.url for event in studio.heard if isinstance(event, ArtifactStored)] == [""]


async def test_a_file_that_the_service_does_not_hand_out_now_is_asked_for_again() -> None:
    told = iter([Response(502, {}, b""), Response(200, {}, b""), Response(200, {}, b"abc")])

    def answers(request: Request) -> Response:
        is_file = request.path == "/videos/T1/content"
        return next(told) if is_file else answer(id="T1", phase="succeeded", url="/videos/T1/content")

    studio = Studio(answers)
    await studio.run()
    assert (studio.states(), studio.files.fetched) == ([State.DONE], ["store:YWJj"])


async def test_media_of_a_job_that_no_query_tells_of_are_put_first() -> None:
    studio = Studio(well, has_external_id=False)
    studio.files.puts_first = True
    assert (await studio.run())[:6] == [
        "clip ready", "clip intended", "clip deferred", "clip intended", "POST /create", "clip submitted",
    ]  # fmt: skip


async def test_a_url_that_stays_dead_is_tried_once() -> None:
    def answers(request: Request) -> Response:
        if (request.body or {}).get("image"):
            return answer(refusal="invalid")
        return well(request)

    studio = Studio(answers, "hero: image", "clip: video < hero")
    studio.files.only_urls = True
    await studio.run()
    assert studio.states() == [State.DONE, State.FAILED]
    assert sum(1 for request in studio.wire.requests if (request.body or {}).get("image")) == 1
