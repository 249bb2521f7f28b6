"""Plans from real storyboard text and the real catalogue: how members stand and why, what is bought, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.plan.examination import Examination, examine, part_facts
from kling_pipe.plan.graph import Graph
from kling_pipe.plan.knowledge import Knowledge, KnownInput, Seat
from kling_pipe.plan.plan import Plan
from kling_pipe.plan.planning import Planning, make_plan, wired_inputs
from kling_pipe.providers.table import table
from kling_pipe.story.reading import read_storyboard
from kling_pipe.story.storyboard import InputFile, Reference, Storyboard
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Artifact, Realm, Route
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Form
from tests.projects import project_of

picture = MediaFacts(MediaType.IMAGE, "png", 400_000, 1360, 768)
clip = MediaFacts(MediaType.VIDEO, "mp4", 4_000_000, 1280, 720, 5.0, 24.0)
head = "storyboard: 1\nname: boats\nprovider: kling\n"
steps = """\
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}
  night: {kind: image-to-image, model: kling-v3, image: steps.boat, prompt: At night}
  sails: {kind: image-to-video, model: kling-v2-5-turbo, image: steps.night, prompt: It sails}
deliver: {out/a.mp4: steps.sails, out/b.png: steps.boat}
"""


def catalogue() -> Catalogue:
    return load_catalogue("kling", table["kling"].read)


kling = catalogue()


@dataclass
class Past:
    """What ledger and store know: artifacts by key, keys whose files are gone, jobs by recipe."""

    made: dict[str, Artifact] = field(default_factory=dict)
    lost: dict[str, Artifact] = field(default_factory=dict)
    jobs: dict[str, list[JobRow]] = field(default_factory=dict)
    typical: dict[tuple[str, str, str], float] = field(default_factory=dict)
    refusal: Refusal | None = None
    refused: str = ""  # the kind that the refusal holds for; all where none is named
    refuses_local: Refusal | None = None  # holds where a file can only travel as bytes
    has_external_id: bool = True
    local: list[tuple[str, ...]] = field(default_factory=list)
    uploads: bool = False
    facts: MediaFacts | Problem = picture
    form: Form = Form.URL | Form.BASE64

    def plan(self, text: str, only: Sequence[str] = ()) -> Planning:
        reading = read_storyboard("/project/story.yaml", head + text, project_of("/project"))
        assert reading.storyboard is not None, reading.problems
        board = reading.storyboard
        found = examine(board, lambda _step: kling, lambda _reference: self.facts)
        return make_plan(board, Graph.of(board), found, self._knowledge(board), only)

    def _knowledge(self, board: Storyboard) -> Knowledge:
        seat = Seat("kling", "kling", kling, self._route, lambda *_: self.form, self.uploads)
        inputs: dict[Reference, KnownInput] = {
            reference: KnownInput("i" * 64, self.facts, path=f"/project/{reference.name}")
            for reference in wired_inputs(board)
            if isinstance(reference, InputFile) and isinstance(self.facts, MediaFacts)
        }
        return Knowledge(
            realm=Realm.REAL, seat_of=lambda _step: seat, inputs=inputs,
            artifacts=lambda keys: {key: self.made[key] for key in keys if key in self.made},
            lost=lambda keys: {key: self.lost[key] for key in keys if key in self.lost},
            jobs=lambda recipes: {recipe: self.jobs[recipe] for recipe in recipes if recipe in self.jobs},
            typical=self.typical, now=100.0,
        )  # fmt: skip

    def _route(
        self, kind: str, model: str, _parameters: Mapping[str, object], local: Sequence[str], _wired: Sequence[str]
    ) -> Route | Refusal:
        self.local.append(tuple(local))
        refusal = self.refusal if self.refused in ("", kind) else None
        local_refusal = self.refuses_local if local else None
        route = Route("path-model", f"/{kind}/{model}", has_external_id=self.has_external_id)
        return refusal or local_refusal or route

    def make(self, text: str, *members: str, takes: Sequence[int] = (1,)) -> None:
        """As if these members had been made, one after the other."""
        for name in members:
            member = self.plan(text).plan.members[name]
            facts = clip if member.makes is MediaType.VIDEO else picture
            for take in takes:
                key = member.keys[take - 1]
                self.made[key] = Artifact(key, f"{name}{take}".ljust(64, "0"), facts, take)

    def job(
        self, text: str, name: str, state: JobState, *, attempt: int = 1, takes: tuple[int, ...] = (1,),
        deferred: bool = False,
    ) -> None:  # fmt: skip
        member = self.plan(text).plan.members[name]
        row = JobRow(
            f"id-{attempt}", member.recipe, takes, attempt, state, "T1", "run", name, "boats", member.kind,
            member.model, "", "", "", Cost(), None, False, 1.0, 2.0, 3.0, "moderated", "no", deferred=deferred,
        )  # fmt: skip
        self.jobs.setdefault(member.recipe, []).append(row)


def told(plan: Plan) -> list[str]:
    """Members as short lines: address, standing, price, reason."""
    return [
        f"{member.address}: {member.standing}, {member.price.cost if member.price else '?'}, {member.reason}"
        for member in plan.members.values()
    ]


def standings(plan: Plan) -> list[str]:
    return [f"{member.address} {member.standing}" for member in plan.members.values()]


def test_at_first_everything_is_bought_and_what_is_below_waits() -> None:
    plan = Past().plan(steps).plan
    assert told(plan) == [
        "boat: missing, 0.028 USD (8 image units), not made yet",
        "night: pending, 0.028 USD (8 image units), waits for `boat`",
        f"sails: pending, {plan.members['sails'].take_cost}, waits for `night`",
    ]
    assert plan.estimate == Cost.total(member.take_cost for member in plan.members.values())
    assert plan.critical_path == ("boat", "night", "sails")
    assert plan.seconds == sum(member.expected_seconds for member in plan.members.values())


def test_what_is_made_is_current_and_costs_nothing() -> None:
    past = Past()
    past.make(steps, "boat", "night", "sails")
    plan = past.plan(steps).plan
    assert standings(plan) == ["boat current", "night current", "sails current"]
    assert (plan.estimate, plan.seconds, plan.critical_path, plan.exact) == (Cost(), 0.0, (), True)


def test_a_key_is_known_as_soon_as_the_picture_above_is_there() -> None:
    past = Past()
    past.make(steps, "boat")
    plan = past.plan(steps).plan
    assert standings(plan) == ["boat current", "night missing", "sails pending"]
    assert [bool(member.recipe) for member in plan.members.values()] == [True, True, False]


def test_more_takes_price_the_missing_ones_and_leave_what_is_below_as_it_is() -> None:
    past = Past()
    past.make(steps, "boat", "night", "sails")
    plan = past.plan(steps.replace("prompt: A boat", "takes: 3, prompt: A boat")).plan
    assert standings(plan) == ["boat missing", "night current", "sails current"]
    assert plan.members["boat"].reason == "2 of 3 takes are not made yet"
    assert plan.estimate == plan.members["boat"].take_cost * 2


def test_another_pick_makes_what_is_below_anew() -> None:
    past, takes = Past(), steps.replace("prompt: A boat", "takes: 2, prompt: A boat")
    past.make(takes, "boat", takes=(1, 2))
    past.make(takes, "night", "sails")
    again = past.plan(takes.replace("takes: 2", "takes: 2, pick: 2")).plan
    assert standings(again) == ["boat current", "night missing", "sails pending"]


def test_an_open_job_is_picked_up_and_not_bought() -> None:
    for state in (JobState.SUBMITTED, JobState.FETCHING):
        past = Past()
        past.job(steps, "boat", state)
        plan = past.plan(steps).plan
        assert standings(plan) == ["boat running", "night pending", "sails pending"]
        assert plan.estimate == plan.members["night"].take_cost + plan.members["sails"].take_cost


def test_an_intention_that_may_never_have_left_is_priced_as_what_may_be_bought() -> None:
    """Else a run that was agreed to for nothing would buy it."""
    past = Past()
    past.job(steps, "boat", JobState.FAILED)
    past.job(steps, "boat", JobState.INTENDED, attempt=2)
    plan = past.plan(steps).plan
    assert told(plan)[0] == (
        "boat: missing, 0.028 USD (8 image units), an earlier run meant to send it;"
        " it is asked for first, and sent if it is not there"
    )
    assert plan.estimate == Cost.total(member.take_cost for member in plan.members.values())


def test_a_call_that_nobody_can_ask_about_is_sent_again_only_if_it_surely_never_left() -> None:
    for deferred, said in ((True, "missing, an earlier run meant to send it"),
                           (False, "running, a task of an earlier run is picked up")):  # fmt: skip
        past = Past(has_external_id=False)
        past.job(steps, "boat", JobState.INTENDED, deferred=deferred)
        boat = past.plan(steps).plan.members["boat"]
        assert f"{boat.standing}, {boat.reason}" == said


def test_takes_that_were_meant_to_be_sent_are_priced_beside_new_ones() -> None:
    past = Past()
    past.job(steps, "boat", JobState.INTENDED)
    boat = past.plan(steps.replace("prompt: A boat", "takes: 3, prompt: A boat")).plan.members["boat"]
    assert (str(boat.standing), boat.reason, boat.meant, boat.bought_takes) == (
        "missing", "not made yet", (1,), (1, 2, 3),
    )  # fmt: skip
    assert boat.price is not None
    assert boat.price.cost == boat.take_cost * 3


def test_more_takes_beside_a_task_under_way_are_priced() -> None:
    """A plan that calls them picked up would buy them without a word."""
    past = Past()
    past.job(steps, "boat", JobState.SUBMITTED)
    boat = past.plan(steps.replace("prompt: A boat", "takes: 3, prompt: A boat")).plan.members["boat"]
    assert (str(boat.standing), boat.reason, boat.bought_takes) == (
        "missing", "2 of 3 takes are not made yet", (2, 3)
    )  # fmt: skip
    assert boat.price is not None
    assert boat.price.cost == boat.take_cost * 2


def test_more_takes_beside_a_lost_file_are_priced() -> None:
    past = Past()
    past.make(steps, "boat")
    past.lost, past.made = past.made, {}
    boat = past.plan(steps.replace("prompt: A boat", "takes: 2, prompt: A boat")).plan.members["boat"]
    assert (str(boat.standing), boat.bought_takes) == ("missing", (2,))
    assert boat.price is not None
    assert boat.price.cost == boat.take_cost


def test_an_uncertain_job_is_to_be_settled() -> None:
    past = Past()
    past.job(steps, "boat", JobState.UNCERTAIN)
    assert past.plan(steps).plan.members["boat"].reason == "an earlier job is uncertain; settle it first"


def test_a_failed_attempt_is_tried_again_by_running() -> None:
    past = Past()
    past.job(steps, "boat", JobState.FAILED)
    past.job(steps, "boat", JobState.FAILED, attempt=2)
    boat = past.plan(steps).plan.members["boat"]
    assert (str(boat.standing), boat.attempt, boat.reason) == ("retry", 3, "attempt 2 failed: moderated")


def test_a_failure_of_other_takes_says_nothing() -> None:
    past, takes = Past(), steps.replace("prompt: A boat", "takes: 2, prompt: A boat")
    past.make(takes, "boat", takes=(1,))
    past.job(takes, "boat", JobState.FAILED, takes=(1,))
    assert str(past.plan(takes).plan.members["boat"].standing) == "missing"


def test_lost_files_are_fetched_again_and_nothing_below_them_is_bought() -> None:
    past = Past()
    past.make(steps, "boat", "night", "sails")
    past.lost, past.made = past.made, {}
    plan = past.plan(steps).plan
    assert standings(plan) == ["boat running", "night running", "sails running"]
    assert (plan.estimate, plan.members["boat"].price is not None) == (Cost(), True)


def test_a_member_below_a_lost_file_that_was_never_made_waits_for_it() -> None:
    past = Past()
    past.make(steps, "boat")
    past.lost, past.made = past.made, {}
    plan = past.plan(steps).plan
    assert standings(plan) == ["boat running", "night pending", "sails pending"]
    assert plan.members["night"].reason == "waits for `boat`"


def test_a_member_with_one_lost_source_and_one_that_was_never_made_is_priced() -> None:
    text = """\
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}
  sea: {kind: text-to-image, model: kling-v3, prompt: The sea}
  both: {kind: multi-image-to-video, references: [steps.boat, steps.sea], prompt: The boat at sea}
"""
    past = Past()
    past.make(text, "boat")
    past.lost, past.made = past.made, {}
    plan = past.plan(text).plan
    assert standings(plan) == ["boat running", "sea missing", "both pending"]
    assert plan.estimate == plan.members["sea"].take_cost + plan.members["both"].take_cost


def lose_with_job(past: Past, text: str, name: str, state: JobState) -> None:
    """As if a member's file were gone, and its task had come to this."""
    past.job(text, name, state)
    ((key, made),) = past.made.items()
    past.lost, past.made = {key: replace(made, external_id="id-1")}, {}


def test_a_lost_file_whose_task_has_expired_is_bought_again_and_said_so() -> None:
    past = Past()
    past.make(steps, "boat")
    lose_with_job(past, steps, "boat", JobState.FAILED)
    (rows,) = past.jobs.values()
    rows[0] = replace(rows[0], code="expired")
    plan = past.plan(steps).plan
    boat = plan.members["boat"]
    assert told(plan)[0] == (
        "boat: retry, 0.028 USD (8 image units),"
        " its files have expired at the provider, so it is made anew and paid for again"
    )
    assert standings(plan) == ["boat retry", "night pending", "sails pending"]
    assert plan.estimate == Cost.total(member.take_cost for member in plan.members.values())
    assert (boat.artifacts, list(boat.remains)) == ({}, [1])


def test_a_lost_file_whose_task_nobody_knows_about_is_to_be_settled() -> None:
    past = Past()
    past.make(steps, "boat")
    lose_with_job(past, steps, "boat", JobState.UNCERTAIN)
    assert standings(past.plan(steps).plan) == ["boat uncertain", "night pending", "sails pending"]


masked = """\
steps:
  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}
  sails: {kind: segment, image: steps.boat}
  over: {kind: image-to-video, image: steps.sails, prompt: Away}
"""


def test_a_lost_file_of_a_call_without_an_id_is_fetched_again_while_the_ledger_remembers_the_call() -> None:
    past = Past(has_external_id=False)
    past.make(masked, "boat")
    boats = dict(past.made)
    past.make(masked, "sails")
    past.job(masked, "sails", JobState.DONE)
    past.lost = {key: replace(made, external_id="id-1") for key, made in past.made.items() if key not in boats}
    past.made = boats
    (rows,) = past.jobs.values()
    rows[0] = replace(rows[0], task_id="T1")
    assert standings(past.plan(masked).plan) == ["boat current", "sails running", "over pending"]
    past.jobs = {}
    plan = past.plan(masked).plan
    assert told(plan)[1].endswith(
        "its file is gone, and so is the record by which it could be fetched again, so it is made anew and paid for"
    )
    assert plan.estimate == plan.members["sails"].take_cost + plan.members["over"].take_cost
    assert [str(member.standing) for member in plan.members.values()] == ["current", "missing", "pending"]


def test_a_task_under_way_below_a_lost_file_is_waited_for() -> None:
    past = Past()
    past.make(steps, "boat")
    past.job(steps, "night", JobState.SUBMITTED)
    past.lost, past.made = past.made, {}
    plan = past.plan(steps).plan
    assert (standings(plan), plan.estimate) == (
        ["boat running", "night running", "sails pending"], plan.members["sails"].take_cost,
    )  # fmt: skip


def test_only_plans_a_step_and_what_it_needs() -> None:
    plan = Past().plan(steps, only=["night"]).plan
    assert (list(plan.members), [delivery.path for delivery, _ in plan.deliveries]) == (
        ["boat", "night"],
        ["out/b.png"],
    )


def test_history_says_how_long_a_step_takes() -> None:
    plan = Past(typical={("kling", "text-to-image", "kling-v3"): 7.5}).plan(steps).plan
    assert plan.members["boat"].expected_seconds == 7.5


def test_many_steps_take_as_long_as_their_pool_lets_them() -> None:
    many = "steps:\n" + "".join(
        f"  s{number}: {{kind: text-to-image, model: kling-v3, prompt: Boat {number}}}\n" for number in range(90)
    )
    plan = Past().plan(many + "deliver: {a.png: steps.s0}\n").plan
    assert plan.seconds == 10 * plan.members["s0"].expected_seconds


def test_a_route_that_cannot_be_is_a_problem_at_its_place() -> None:
    refusal = Refusal(AnswerClass.INVALID, "needs-url", "this model takes URLs only")
    problems = Past(refusal=refusal).plan(steps).problems
    assert [(problem.code, problem.message, str(problem.span)[:20]) for problem in problems] == [
        ("needs-url", "this model takes URLs only", "/project/story.yaml:")
    ] * 3
    assert all("uploads" in problem.hint for problem in problems)


def test_a_route_that_cannot_be_hinders_only_what_is_to_be_bought() -> None:
    """The address of what a step was made from dies in a month; what was paid for is fetched all the same."""
    refusal = Refusal(AnswerClass.INVALID, "needs-url", "clips travel by URL only")
    for state in (JobState.SUBMITTED, JobState.UNCERTAIN, JobState.INTENDED):
        past = Past()
        past.make(steps, "boat")
        past.job(steps, "night", state)
        past.refusal, past.refused = refusal, "image-to-image"
        assert past.plan(steps, only=["night"]).problems == ()
    past = Past()
    past.make(steps, "boat", "night", "sails")
    past.refusal = refusal
    planning = past.plan(steps)
    assert (standings(planning.plan), planning.problems) == (["boat current", "night current", "sails current"], ())


def test_a_route_that_is_closed_by_now_is_told_as_it_was() -> None:
    """What it made is asked for there."""
    past = Past(uploads=False)
    past.make(with_file, "night")
    past.refuses_local = Refusal(AnswerClass.INVALID, "needs-url", "clips travel by URL only")
    assert str(past.plan(with_file).plan.members["night"].route) == "path-model /image-to-image/kling-v3"


with_file = """\
inputs: {sea: ./sea.png}
steps:
  night: {kind: image-to-image, model: kling-v3, image: inputs.sea, prompt: At night}
deliver: {out/b.png: steps.night}
"""


def test_a_local_file_can_only_travel_as_bytes_unless_there_is_an_uploader() -> None:
    without, with_uploads = Past(), Past(uploads=True)
    without.plan(with_file)
    with_uploads.plan(with_file)
    assert (without.local, with_uploads.local) == ([("image",)], [()])


def test_an_inputs_name_and_place_do_not_count_for_its_key() -> None:
    renamed = with_file.replace("sea:", "ocean:").replace("inputs.sea", "inputs.ocean").replace("./sea.png", "./o.png")
    keys = [Past().plan(text).plan.members["night"].keys for text in (with_file, renamed)]
    assert keys[0] == keys[1]


# examination


def examined(text: str, found: MediaFacts | Problem | None) -> Examination:
    board = read_storyboard("/project/story.yaml", head + text, project_of("/project")).storyboard
    assert board is not None
    return examine(board, lambda _step: kling, lambda _reference: found)


def test_a_good_storyboard_is_settled_with_what_it_should_make() -> None:
    found = examined(steps, None)
    names = ["boat", "night", "sails"]
    assert (found.problems, list(found.settled), list(found.expects)) == ((), names, names)
    assert [facts.type for facts in found.expects.values()] == [MediaType.IMAGE, MediaType.IMAGE, MediaType.VIDEO]


def test_a_file_of_another_type_is_named_by_what_it_holds() -> None:
    problems = examined(with_file, clip).problems
    assert [(problem.code, problem.message) for problem in problems] == [
        ("wrong-media", "`image` takes a picture, and `sea` holds a clip (mp4)")
    ]


def test_a_problem_of_a_file_stands_where_it_is_wired() -> None:
    problems = examined(with_file, Problem("file-missing", "there is no file", hint="did you mean `see.png`?")).problems
    assert [(problem.code, problem.hint, problem.span is not None) for problem in problems] == [
        ("file-missing", "did you mean `see.png`?", True)
    ]


def test_a_small_file_is_told_before_anything_is_bought() -> None:
    assert examined(with_file, MediaFacts(MediaType.IMAGE, "png", 100, 20, 20)).problems != ()


def test_a_file_that_is_not_known_yet_is_no_problem() -> None:
    assert examined(with_file, None).problems == ()


def test_a_frame_is_a_picture_of_its_clips_sides() -> None:
    assert part_facts(clip, "last_frame") == MediaFacts(MediaType.IMAGE, "png", 1280 * 720, 1280, 720)
    assert part_facts(clip, "") == clip


series = """\
steps:
  days: {kind: image-series, series_amount: 3, prompt: Three days}
  second: {kind: image-to-image, image: "steps.days.images[2]", prompt: At night}
"""
score = """\
steps:
  brook: {kind: text-to-video, model: kling-v2-5-turbo, prompt: A brook}
  sound: {kind: video-to-audio, video: steps.brook, bgm_prompt: piano}
  goes_on: {kind: extend-video, video: steps.sound.video, prompt: It goes on}
  face: {kind: text-to-image, prompt: A face}
  says: {kind: avatar, image: steps.face, audio: steps.sound}
"""
sounding = """\
steps:
  talk: {kind: text-to-video, model: kling-v3, sound: true, prompt: Somebody talks}
  face: {kind: text-to-image, prompt: A face}
  says: {kind: avatar, image: steps.face, audio: steps.talk.audio}
"""
tune = MediaFacts(MediaType.AUDIO, "mp3", 80_000, seconds=5.0, has_sound=True)


def artifact(key: str, facts: MediaFacts, digest: str, index: int = 0, *others: Artifact) -> Artifact:
    return Artifact(
        key, digest * 64, facts, 1, index, "id", "T1", 1.0, f"https://media/{digest}", 9e9, f"O{digest}", others
    )


def sources(plan: Plan, name: str) -> list[str]:
    return [
        f"{source.wire.field}: {source.digest[:1] or '?'} {source.facts.type if source.facts else '?'}"
        f"{' cut ' + source.select if source.select else ''}"
        for source in plan.members[name].sources
    ]


def test_a_wire_means_one_picture_of_several() -> None:
    past = Past()
    days = past.plan(series).plan.members["days"]
    assert (days.pictures, str(days.price.cost) if days.price else "") == (3, "0.084 USD (24 image units)")
    files = [artifact(days.keys[0], picture, digest, index) for index, digest in ((1, "b"), (2, "c"))]
    past.made[days.keys[0]] = artifact(days.keys[0], picture, "a", 0, *files)
    assert sources(past.plan(series).plan, "second") == ["image: b image"]
    third = past.plan(series.replace("images[2]", "images[3]")).plan
    assert sources(third, "second") == ["image: c image"]
    assert third.members["second"].keys != past.plan(series).plan.members["second"].keys


def test_a_picture_that_was_not_made_is_told_at_plan_time() -> None:
    past = Past()
    days = past.plan(series).plan.members["days"]
    past.made[days.keys[0]] = artifact(days.keys[0], picture, "a")
    problems = past.plan(series).problems
    assert [(problem.code, problem.message, problem.hint) for problem in problems] == [
        ("no-such-image", "`days` made no `images[2]`", "it made `images[1]`")
    ]


def test_a_picture_that_was_not_made_hinders_nothing_while_its_maker_is_waited_for() -> None:
    past = Past()
    days = past.plan(series).plan.members["days"]
    past.lost[days.keys[0]] = artifact(days.keys[0], picture, "a")
    planning = past.plan(series)
    assert (standings(planning.plan), planning.problems) == (["days running", "second pending"], ())


def test_a_step_is_never_taken_for_what_another_picture_made() -> None:
    past = Past()
    first = series.replace("images[2]", "images[1]")
    days = past.plan(first).plan.members["days"]
    past.made[days.keys[0]] = artifact(days.keys[0], picture, "a")
    past.make(first, "second")
    assert standings(past.plan(first).plan) == ["days current", "second current"]
    planning = past.plan(series)
    assert (standings(planning.plan), [problem.code for problem in planning.problems]) == (
        ["days current", "second pending"], ["no-such-image"],
    )  # fmt: skip


def test_a_deliverable_that_a_current_step_cannot_fill_is_warned_of() -> None:
    past = Past()
    text = (
        series.partition("  second:")[0]
        + 'deliver: {out/1.png: "steps.days.images[1]", out/3.png: "steps.days.images[3]"}\n'
    )
    assert past.plan(text).problems == ()
    days = past.plan(text).plan.members["days"]
    past.made[days.keys[0]] = artifact(days.keys[0], picture, "a")
    assert [(str(found.severity), found.code, found.message, found.hint) for found in past.plan(text).problems] == [
        ("warning", "no-such-image", "`out/3.png` is not written: `days.images[3]` was not made",
         "`days` made `images[1]`")
    ]  # fmt: skip


def test_a_sound_has_its_clip_beside_it() -> None:
    past = Past()
    assert sources(past.plan(score).plan, "goes_on") == ["video: ? video"]
    past.make(score, "brook")
    sound = past.plan(score).plan.members["sound"]
    past.made[sound.keys[0]] = artifact(sound.keys[0], tune, "a", 0, artifact(sound.keys[0], clip, "b", 2))
    plan = past.plan(score).plan
    assert (sources(plan, "goes_on"), sources(plan, "says")) == (
        ["video: b video"],
        ["image: ? image", "audio: a audio"],
    )


def test_the_sound_of_a_clip_is_cut_out_of_it() -> None:
    past = Past()
    assert sources(past.plan(sounding).plan, "says") == ["image: ? image", "audio: ? audio cut audio"]
    silent = past.plan(sounding.replace("sound: true, ", ""))
    assert [problem.code for problem in silent.problems] == []
    examined = examine_text(sounding.replace("sound: true, ", ""))
    assert [problem.code for problem in examined.problems if problem.code == "no-sound"] == ["no-sound"]


def examine_text(text: str) -> Examination:
    board = read_storyboard("/project/story.yaml", head + text, project_of("/project")).storyboard
    assert board is not None
    return examine(board, lambda _step: kling, lambda _reference: picture)


def test_what_only_the_services_own_id_can_name_must_have_been_made_there() -> None:
    boat = "  boat: {kind: text-to-video, model: kling-v2-5-turbo, prompt: A boat}"
    own = f"steps:\n{boat}\n  more: {{kind: extend-video, video: %s}}\n"
    past = Past(form=Form.ID)
    assert [problem.code for problem in past.plan(own % "steps.boat").problems] == []
    past.make(own % "steps.boat", "boat")  # its artifact names no id, as one that is too old
    assert [problem.code for problem in past.plan(own % "steps.boat").problems] == ["needs-own-clip"]
    past.facts = clip
    assert "needs-own-clip" in [
        problem.code for problem in Past(form=Form.ID, facts=clip).plan(own % "./boat.mp4").problems
    ]


def test_wired_elements_are_neither_local_nor_handed_over_as_files() -> None:
    text = """\
steps:
  front: {kind: text-to-image, prompt: Mira}
  side: {kind: text-to-image, prompt: Mira from the side}
  mira: {kind: element, name: Mira, description: a botanist, images: [steps.front, steps.side]}
  gate: {kind: text-to-image, elements: [steps.mira, "321922438904313"], prompt: "<<<element_1>>> and <<<element_2>>>"}
"""
    past = Past()
    plan = past.plan(text).plan
    assert plan.members["gate"].parameters["elements"] == ["", "321922438904313"]
    assert past.local[-1] == ()
    renamed = past.plan(text.replace("mira:", "star:").replace("steps.mira", "steps.star")).plan
    assert renamed.members["gate"].parameters == plan.members["gate"].parameters
