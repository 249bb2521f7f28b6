"""Good drafts: a step is begun with what its kind needs, then one key after the other is added and kept where neither
the rules of storyboards nor the catalogue say anything against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.story.kinds import kinds
from kling_pipe.values.media import MediaFacts, MediaType
from tests.agreement.drafts import Draft, File, Made, step_of
from tests.agreement.files import file_within, mask_like
from tests.agreement.house import House
from tests.agreement.parameters import value_for
from tests.agreement.reach import Point

# What a step may begin with, where its kind leaves a choice; everything that is always needed comes by itself.
_openings: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "image-to-image": (
        ("prompt", "image"), ("prompt", "references"), ("references",), ("prompt", "image", "image_reference"),
    ),
    "text-to-video": (("prompt",), ("shots",)),
    "image-to-video": (
        ("prompt", "image"), ("image", "shots"), ("prompt", "image", "image_tail"), ("prompt", "image_tail"),
    ),
    "omni-video": (
        ("prompt",), ("shots",), ("prompt", "references"), ("prompt", "video"), ("prompt", "image"),
        ("prompt", "image", "image_tail"), ("prompt", "elements"),
    ),
    "motion-control": (("image",), ("image", "prompt"), ("image", "prompt", "mode"), ("prompt", "mode")),
    "lip-sync": (("video", "audio"), ("video", "text", "voice")),
    "element": (("name", "description", "images"), ("name", "description", "video")),
    "voice": (("name", "audio"), ("name", "video")),
    "expand-image": (("image", "left_expansion_ratio"), ("image", "up_expansion_ratio")),
    "edit-elements": (
        ("video", "prompt", "edit_mode"), ("video", "prompt", "edit_mode", "references"),
        ("video", "prompt", "edit_mode", "references", "selections"), ("video", "prompt", "edit_mode", "selections"),
    ),
}  # fmt: skip
_rightly: Mapping[frozenset[str], tuple[str, ...]] = {  # the modes of an edit by what else is there
    frozenset(): ("addition",),
    frozenset({"references"}): ("addition",),
    frozenset({"references", "selections"}): ("swap", "addition"),
    frozenset({"selections"}): ("removal",),
}
_tries = 80


class Stuck(Exception):
    """No good draft of an offer was found."""


def grown(random: Random, house: House, offer: Offer, wanted: Point | None = None) -> Draft:
    """A good draft of what a model offers for a kind, with one parameter or value in any case; raises Stuck."""
    for _ in range(_tries):
        draft = _begun(random, house, offer, wanted.key if wanted else "")
        if wanted is not None:
            draft = _mended(random, house, offer, _with(draft, offer, wanted), wanted.key)
        if not house.objections(draft):
            return _named(random, house, _richer(random, house, offer, draft))
    raise Stuck(str(wanted or f"{offer.kind} {offer.model}"))


def added(random: Random, house: House, offer: Offer, draft: Draft, key: str) -> Draft:
    """The draft with one more key, or another value of one it has; it may be a bad one then."""
    limit = offer.fields[key]
    if key in ("static_mask", "dynamic_masks"):
        return draft.put(key, _masks(random, offer, draft, key))
    if limit["type"] == "media":
        return draft.put(key, _media(random, house, offer, draft, key))
    if key == "edit_mode":
        there = frozenset({"references", "selections"} & draft.values.keys())
        return draft.put(key, random.choice(_rightly[there]))
    if limit["type"] == "closed":
        return draft.put(key, random.choice(random.choice(list(offer.known[key].values()))))
    value = value_for(random, draft, key, {**limit, "known": house.ids.get(key, ())})
    if key == "prompt":
        value = _mentioning(random, draft, value, int(str(limit["max"])))
    return draft.put(key, value)


def keys_of(offer: Offer) -> list[str]:
    """Everything that can be written in a step of this offer; masks come with their trajectories."""
    return [key for key in offer.fields if "." not in key]


def _with(draft: Draft, offer: Offer, wanted: Point) -> Draft:
    if not wanted.has_value:
        return draft
    is_list = offer.fields[wanted.key]["type"] == "options"
    return draft.put(wanted.key, [wanted.value] if is_list else wanted.value)


def _mended(random: Random, house: House, offer: Offer, draft: Draft, kept: str) -> Draft:
    """The draft with other keys that leave fewer objections to it, or others."""
    left = [problem.code for problem in house.objections(draft)]
    for key in 2 * random.sample(keys_of(offer), len(keys_of(offer))):
        if not left:
            break
        if key == kept:
            continue
        more = added(random, house, offer, draft, key)
        found = [problem.code for problem in house.objections(more)]
        if len(found) < len(left) or (len(found) == len(left) and found != left):
            draft, left = more, found
    return draft


def _begun(random: Random, house: House, offer: Offer, wanted: str) -> Draft:
    kind = kinds[offer.kind]
    needed = [key for key, limit in offer.fields.items() if "needed" in limit]
    needed += [key for key in kind.required if key not in needed]
    needed += [field.name for field in kind.wires if field.required and field.name not in needed]
    opening = [key for key in random.choice(_openings.get(offer.kind, ((),))) if key in offer.fields]
    draft = Draft(offer.kind, offer.model)
    for key in sorted({*needed, *opening, *filter(None, [wanted])}, key=_late):
        draft = added(random, house, offer, draft, key)
    return draft


def _late(key: str) -> tuple[int, str]:
    """Texts that may name media come after those, and what goes by another key after that."""
    return {"duration": 0, "character_orientation": 0, "edit_mode": 2, "prompt": 3}.get(key, 1), key


def _richer(random: Random, house: House, offer: Offer, draft: Draft) -> Draft:
    keys = [key for key in keys_of(offer) if key not in draft.values]
    random.shuffle(keys)
    share = random.choice((0.1, 0.4, 0.9))
    for key in keys:
        if random.random() > share:
            continue
        for _ in range(2):
            more = added(random, house, offer, draft, key)
            if not house.objections(more):
                draft = more
                break
    if offer.takes_at_once > 1 and random.randint(0, 2) == 0:
        draft = Draft(draft.kind, draft.model, draft.values, random.choice((2, offer.takes_at_once, 12)))
    return draft


def _named(random: Random, house: House, draft: Draft) -> Draft:
    """Sometimes by another of the model's names, or by none where the kind's own model is meant."""
    settled = house.catalogue.settle(step_of(draft))
    assert settled is not None
    naming = settled.shape.offer.naming
    others = ["", *naming.native, *naming.aliases, *naming.tiers]
    if random.randint(0, 5):
        return draft
    named = Draft(draft.kind, random.choice(others), draft.values, draft.takes)
    again = house.catalogue.settle(step_of(named))
    same = again is not None and again.model == settled.model and not house.objections(named)
    return named if same else draft


def _media(random: Random, house: House, offer: Offer, draft: Draft, key: str) -> Any:
    limits, most = offer.media[key], int(str(offer.fields[key].get("max", 1)))
    field = kinds[offer.kind].wire(key)

    def one() -> File | Made:
        made = house.road.made.get(limits.type, ())
        if made and random.randint(0, 7) == 0:
            return random.choice(made)
        return file_within(random, limits, draft, house.road.here)

    if field is None or not field.many:
        return one()
    least = 2 if offer.kind == "element" else 1
    return [one() for _ in range(max(least, random.choice((1, 1, 2, most - 1, most))))]


def _masks(random: Random, offer: Offer, draft: Draft, key: str) -> Any:
    image = draft.values.get("image")
    facts = image.facts if isinstance(image, File) else MediaFacts(MediaType.IMAGE, "png", 1000, 1360, 768)
    if key == "static_mask":
        return File(mask_like(random, facts))
    items = value_for(random, draft, key, offer.fields[key])
    return [{"mask": File(mask_like(random, facts)), **item} for item in items]


def _mentioning(random: Random, draft: Draft, text: str, most: int) -> str:
    """Sometimes the text names what is wired; an edit's text always does."""
    names = [f"<<<{what}_{place}>>>" for what, count in _mentionable(draft) for place in range(1, count + 1)]
    if draft.kind != "edit-elements":
        names = random.sample(names, min(len(names), random.choice((0, 0, 1, 2))))
    front = " ".join(names)
    return f"{front} {text}"[:most].strip() if front else text


def _mentionable(draft: Draft) -> Sequence[tuple[str, int]]:
    counts = []
    for what, fields in kinds[draft.kind].mentions.items():
        held = [draft.values[field] for field in fields if field in draft.values]
        counts.append((what, sum(len(value) if isinstance(value, list) else 1 for value in held)))
    return counts
