"""Why one side may refuse alone: the safest readings of kling.md, what the format of storyboards says by itself, and
what nobody can know before asking. Whatever is not in one of these two tables is a disagreement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue_media import MediaLimits, field_name
from kling_pipe.providers.kling.endpoints import all_endpoints
from kling_pipe.values.media import MediaFacts
from tests.agreement.drafts import Draft, File, Made, sources, step_of
from tests.agreement.house import House, catalogue
from tests.agreement.service import Verdict


@dataclass(frozen=True, slots=True)
class Suspect:
    """A draft that one side refuses: its files with their facts and limits, and the endpoint it would go to."""

    draft: Draft
    files: tuple[tuple[MediaFacts, MediaLimits], ...]
    endpoint: str

    @staticmethod
    def of(draft: Draft, house: House) -> Suspect:
        settled, job = catalogue.settle(step_of(draft)), house.around(draft)
        limits = settled.shape.offer.media if settled else {}
        wired = {path: house.facts(source) for path, source in sources(draft).items()}
        files = [(facts, limits[name]) for path, facts in wired.items() if (name := field_name(path)) in limits]
        return Suspect(draft, tuple(files), job.route.endpoint if job else "")

    def lacks(self, *keys: str) -> bool:
        return not any(self.draft.values.get(key) for key in keys)


@dataclass(frozen=True, slots=True)
class Reason:
    """The codes of the problems it explains, why, and when it counts."""

    codes: tuple[str, ...]
    why: str
    counts: Callable[[Suspect], bool] = field(default=lambda suspect: True)


def too_strict(draft: Draft, problem: Problem, house: House) -> str:
    """The name of the reason why kling-pipe may refuse what the service takes; empty when it may not."""
    suspect = Suspect.of(draft, house)
    found = (name for name, one in stricter.items() if problem.code in one.codes and one.counts(suspect))
    return next(found, "")


def too_late(draft: Draft, verdict: Verdict, house: House) -> str:
    """The name of the reason why kling-pipe may pass what is refused later; empty when it may not."""
    return next((name for name, (_, counts) in later.items() if counts(draft, verdict, house)), "")


def _is_blank(suspect: Suspect) -> bool:
    """Whether there is a blank text, in the step or in one of its shots."""
    shots = suspect.draft.values.get("shots")
    said = [shot.get("prompt") for shot in shots if isinstance(shot, dict)] if isinstance(shots, list) else []
    said += suspect.draft.values.values()
    return any(isinstance(text, str) and not text.strip() for text in said)


def _is_refused_as_file(draft: Draft, key: str, house: House) -> bool:
    """Whether kling-pipe would refuse the step if what another one makes for it were a file."""
    source = draft.values.get(key)
    return isinstance(source, Made) and bool(house.opinion(draft.put(key, File(house.facts(source)))).errors)


def _is_twice(suspect: Suspect) -> bool:
    """Whether a frame or a tag is named twice."""
    marked = suspect.draft.values.get("selections") or []
    names = [one.get("frame_index") for one in marked] or suspect.draft.values.get("tags") or []
    return len(set(names)) < len(names)


def _is_near(seconds: float, limits: MediaLimits) -> bool:
    """Whether a length lies within a tenth of a second of what some window allows; 0 is not known."""
    windows = (*limits.seconds, *(window for spans in limits.seconds_by.values() for window in spans))
    return not windows or not seconds or any(low - 0.1001 <= seconds <= high + 0.1001 for low, high in windows)


_choices = frozenset(
    key for offer in catalogue.offers() for key, limit in offer.fields.items() if limit["type"] == "choice"
)
not_sent = "what is not sent"  # the rest of a draft is taken by both: cases.py finds out
no_road = "no road"  # not `validate` refuses but `plan`, which knows how files can travel

stricter: Mapping[str, Reason] = {
    "an own purpose": Reason(
        ("missing-key",),
        "the service makes another thing without it, and that is another kind of step",
        lambda suspect: suspect.lacks(*_purposes.get(suspect.draft.kind, ("kind",))),
    ),
    "blank words": Reason(
        ("blank-prompt", "prompt-missing"), "a blank text would be paid for like any other", _is_blank
    ),
    "shots in words": Reason(
        ("shots-in-words",), "some roads read them and others do not; a list of `shots` is read by all of them"
    ),
    "a mention of nothing": Reason(("unknown-mention",), "it would reach the model as mere signs, and be paid for"),
    "words about no clip": Reason(
        ("needs-key",),
        "`refer_type` and `keep_original_sound` are fields of an item of video_list (section 12, omni-video)",
        lambda suspect: suspect.draft.kind == "omni-video" and suspect.lacks("video"),
    ),
    "the other standard's page": Reason(
        ("shots-with-clip", "end-frame-with-clip"),
        "the page of the path-model standard says so, that of the body-model is silent (section 12, omni-video)",
        lambda suspect: suspect.draft.kind == "omni-video",
    ),
    "the narrower standard's bounds": Reason(
        ("media-side", "media-seconds", "media-bytes", "too-many-pictures", "bad-id"),
        "what holds on the body-model road holds everywhere, so that a shorter prompt never makes a step a bad one",
        lambda suspect: suspect.endpoint not in all_endpoints,
    ),
    "an id of a voice": Reason(
        ("bad-id",),
        "those that were seen are numbers (section 12, custom-voices); words are names of the speech catalogue",
        lambda suspect: not suspect.lacks("voices", "voice"),
    ),
    "another type": Reason(
        ("wrong-type",), "a client should send the documented type (section 12, after the account endpoints)"
    ),
    "no word": Reason(
        ("unknown-value",),
        "what is no word is none of the words, whatever it might count as",
        lambda suspect: any(not isinstance(suspect.draft.values.get(key), str | None) for key in _choices),
    ),
    "a key of another kind": Reason(("unknown-key",), "each kind has its own keys, whatever its endpoint may share"),
    "a name that is not sent": Reason(
        ("unknown-model", "model-kind"),
        "the endpoint takes no model name, and the step's would be ignored",
        lambda suspect: suspect.endpoint in all_endpoints and not all_endpoints[suspect.endpoint].has_model,
    ),
    "an own field": Reason(
        ("wrong-media",),
        "sounds, clips, elements and voices have fields of their own; to the service each is an address or an id",
        lambda suspect: suspect.draft.kind in ("voice", "element"),
    ),
    "no effect": Reason(
        ("human-fidelity-needs-subject",), "only has effect with image_reference=subject (section 12, generations)"
    ),
    "each once": Reason(
        ("frame-twice", "too-many"),
        "a frame is marked by one call (section 12, add-selection), and there are eight tags (elements.create)",
        lambda suspect: suspect.draft.kind in ("edit-elements", "element") and _is_twice(suspect),
    ),
    "rounded figures": Reason(
        ("out-of-range",),
        "the service rounds a speed into its range, and takes a decimal (section 12, tts and text-to-audio)",
        lambda suspect: suspect.draft.kind in ("speech", "lip-sync", "text-to-audio"),
    ),
    "a MB": Reason(
        ("media-bytes",), "a MB is read as 1,000,000 bytes; 1,048,576 may be meant (section 10)",
        lambda suspect: all(
            facts.bytes <= (limits.bytes or facts.bytes) * 1.048576 for facts, limits in suspect.files
        ),
    ),
    "a tenth of a second": Reason(
        ("media-seconds", "media-too-short"),
        "clips of the service's own are 0.041 s over (section 3), so a little more passes, but nothing shorter",
        lambda suspect: all(_is_near(facts.seconds, limits) for facts, limits in suspect.files),
    ),
    "exactly 1080p": Reason(
        ("media-size",), "1080p in 16:9 or 9:16 are two sizes (section 10, element video)",
        lambda suspect: all(
            not limits.sizes or min(facts.width, facts.height) == 1080 for facts, limits in suspect.files
        ),
    ),
}  # fmt: skip
_purposes: Mapping[str, tuple[str, ...]] = {
    "image-to-image": ("image", "references"), "multi-image-to-video": ("references",), "extend-video": ("video",),
    "expand-image": ("up_expansion_ratio", "down_expansion_ratio", "left_expansion_ratio", "right_expansion_ratio"),
}  # fmt: skip

later: Mapping[str, tuple[str, Callable[[Draft, Verdict, House], bool]]] = {
    "a face that is not there": (
        "only the service sees faces",
        lambda draft, verdict, _: verdict.code == "no-such-face",
    ),
    "a spoken text": (
        "how long a text takes to speak is known when it is spoken",
        lambda draft, verdict, _: verdict.code == "sound-does-not-fit" and "text" in draft.values,
    ),
    "a sound that is not made yet": (
        "how long the sound of another step lasts is a guess: wrong seconds are a warning, and an error only of a file",
        lambda draft, _, house: _is_refused_as_file(draft, "audio", house),
    ),
}
