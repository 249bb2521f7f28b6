"""Why one side may refuse alone: the safest readings of the contract pages, what the format of storyboards says by
itself, and what nobody can know before asking. Whatever is in no table here is a disagreement."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kling_pipe.errors import Problem
from tests.agreement import reasons_kling, reasons_roads
from tests.agreement.drafts import Draft
from tests.agreement.house import House
from tests.agreement.road import Road, road_of
from tests.agreement.service import Verdict
from tests.agreement.suspects import Later, Reason, Suspect, is_blank, is_near

not_sent = "what is not sent"  # the rest of a draft is taken by both: cases.py finds out
no_road = "no road"  # not `validate` refuses but `plan`, which knows how files can travel


def too_strict(draft: Draft, problem: Problem, house: House) -> str:
    """The name of the reason why kling-pipe may refuse what the service takes; empty when it may not."""
    suspect = Suspect.of(draft, house)
    table = stricter_on(house.road)
    found = (name for name, one in table.items() if problem.code in one.codes and one.counts(suspect))
    return next(found, "")


def too_late(draft: Draft, verdict: Verdict, house: House) -> str:
    """The name of the reason why kling-pipe may pass what is refused later; empty when it may not."""
    table = later_on(house.road)
    return next((name for name, (_, counts) in table.items() if counts(draft, verdict, house)), "")


def stricter_on(road: Road) -> Mapping[str, Reason]:
    """What kling-pipe alone may refuse on a road."""
    own = reasons_kling.stricter if road.name == "kling" else reasons_roads.stricter[road.name]
    return {**own, **_everywhere}


def later_on(road: Road) -> Mapping[str, tuple[str, Later]]:
    """What the service alone may refuse there."""
    return reasons_kling.later if road.name == "kling" else reasons_roads.later[road.name]


@cache
def _choices(name: str) -> frozenset[str]:
    offers = road_of(name).catalogue.offers()
    return frozenset(key for offer in offers for key, limit in offer.fields.items() if limit["type"] == "choice")


_everywhere: Mapping[str, Reason] = {
    "blank words": Reason(
        ("blank-prompt", "prompt-missing"), "a blank text would be paid for like any other", is_blank
    ),
    "shots in words": Reason(
        ("shots-in-words",), "some roads read them and others do not; a list of `shots` is read by all of them"
    ),
    "a mention of nothing": Reason(("unknown-mention",), "it would reach the model as mere signs, and be paid for"),
    "another type": Reason(
        ("wrong-type",), "a client should send the documented type (section 12, after the account endpoints)"
    ),
    "no word": Reason(
        ("unknown-value",),
        "what is no word is none of the words, whatever it might count as",
        lambda suspect: any(
            not isinstance(suspect.draft.values.get(key), str | None) for key in _choices(suspect.road.name)
        ),
    ),
    "a word for an id": Reason(
        ("bad-wire",), "the format reads a word there as a wire, whatever service might know such an id",
        lambda suspect: not suspect.lacks("elements", "voices", "voice"),
    ),
    "a key of another kind": Reason(("unknown-key",), "each kind has its own keys, whatever its endpoint may share"),
    "a MB": Reason(
        ("media-bytes",), "a MB is read as 1,000,000 bytes; 1,048,576 may be meant (section 10)",
        lambda suspect: all(
            facts.bytes <= (limits.bytes or facts.bytes) * 1.048576 for facts, limits in suspect.files
        ),
    ),
    "a tenth of a second": Reason(
        ("media-seconds", "media-too-short"),
        "clips of the service's own are 0.041 s over (section 3), so a little more passes, but nothing shorter",
        lambda suspect: all(is_near(facts.seconds, limits) for facts, limits in suspect.files),
    ),
}  # fmt: skip
