"""Violations: one change to a good draft, drawn from a table of ways to go wrong. A change may turn out to be harmless;
then both sides must take it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from kling_pipe.plan.catalogue import Catalogue
from kling_pipe.plan.catalogue_data import Data, number, sequence
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.story.kinds import kinds
from kling_pipe.values.media import MediaFacts, MediaType
from tests.agreement.drafts import Draft, File, Made
from tests.agreement.files import facts_beyond, facts_within
from tests.agreement.growing import added, keys_of
from tests.agreement.house import House
from tests.agreement.parameters import an_id, points_of, selections_of, shots_of, text_of

_turns = ("mode", "sound", "duration", "refer_type", "edit_mode", "character_orientation", "shots", "aspect_ratio",
          "resolution", "image_tail", "voices", "elements", "video")  # fmt: skip
_nonsense = (float("nan"), float("inf"), -1, 10**30, "", "   ", True, [], {}, "twelve", 0.5)


def violated(random: Random, house: House, offer: Offer, draft: Draft) -> tuple[str, Draft]:
    """A changed draft, and what was done to it."""
    for _ in range(50):
        name = random.choice(_names)
        found = _ways[name](random, house, offer, draft)
        if found is not None:
            what, changed = found
            return f"{name} {what}".strip(), changed
    return "nothing", draft


Change = tuple[str, Draft] | None


def _beyond(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """A value just outside its limit."""
    keys = [key for key in keys_of(offer) if str(offer.fields[key]["type"]) in _outside]
    if not keys:
        return None
    key = random.choice(keys)
    limit = {**offer.fields[key], "elsewhere": _elsewhere(house, key)}
    return key, draft.put(key, _outside[str(limit["type"])](random, draft, key, limit))


def _elsewhere(house: House, key: str) -> list[object]:
    """What other models let one choose under the same name."""
    offers = [offer for catalogue in _catalogues(house) for offer in catalogue.offers()]
    limits = [offer.fields[key] for offer in offers if key in offer.fields]
    return [value for limit in limits if limit["type"] == "choice" for value in sequence(limit, "values")]


def _catalogues(house: House) -> list[Catalogue]:
    """The road's own and another's, whose models and words may be asked for here too."""
    return [house.catalogue, *([house.road.elsewhere] if house.road.elsewhere else [])]


def _strange_value(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """A value of another sort."""
    keys = [key for key in keys_of(offer) if offer.fields[key]["type"] not in ("media", "ids", "id")]
    key = random.choice(keys or [None])
    return None if key is None else (key, draft.put(key, random.choice(_nonsense)))


def _lacking(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    key = random.choice(list(draft.values))
    return key, draft.without(key)


def _foreign(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """A parameter that other models have, here or on another road."""
    everything = random.choice(_catalogues(house)).offers()
    of_kind = [other for other in everything if other.kind == offer.kind]
    other = random.choice([*of_kind, random.choice(everything)])
    keys = [key for key in keys_of(other) if key not in offer.fields and key not in draft.values]
    if not keys:
        return None
    key = random.choice(keys)
    if kinds[offer.kind].wire(key) is None and other.fields[key]["type"] == "media":
        return None  # the field is no wire there, and a file cannot stand in it
    value = added(random, house, other, Draft(other.kind, other.model, draft.values), key).values[key]
    is_wire = any(wire.name.partition(".")[0] == key for wire in kinds[offer.kind].wires)
    return key, draft.put(key, _without_files(value, keep=is_wire))


def _model(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """The same step by another model."""
    peers = [other.model for other in house.catalogue.offers() if other.kind == offer.kind]
    everywhere = [other.model for other in random.choice(_catalogues(house)).offers()]
    name = random.choice((random.choice(peers), random.choice(peers), random.choice(everywhere), "kling-v9"))
    return name, replace(draft, model=name)


def _turned(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """Other values, each inside its own limit, of what depends on each other."""
    keys = [key for key in keys_of(offer) if key in _turns or random.randint(0, 4) == 0]
    if not keys:
        return None
    chosen = random.sample(keys, min(len(keys), random.choice((1, 1, 2))))
    for key in chosen:
        draft = added(random, house, offer, draft, key)
    return " ".join(chosen), draft


def _file(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """A file with one fact out of its limits."""
    field = random.choice(list(offer.media) or [None])
    if field is None:
        return None
    head, _, inner = field.partition(".")
    if head not in draft.values:
        draft = added(random, house, offer, draft, head)
    wrong = facts_beyond(random, offer.media[field], draft)
    if head in ("static_mask", "dynamic_masks"):
        wrong["another-size"] = facts_within(random, offer.media[field], draft)
    what = random.choice(list(wrong))
    return f"{field} {what}", draft.put(head, _with_file(random, draft.values[head], inner, File(wrong[what])))


def _amount(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """Too many or too few of what a list may hold."""
    lists = [
        field.name
        for field in kinds[offer.kind].wires
        if field.many and field.name in offer.fields and "." not in field.name
    ]
    if not lists:
        return None
    key = random.choice(lists)
    limit = offer.fields[key]
    most = int(number(limit, "max") or 1)
    if limit["type"] == "ids":
        return key, draft.put(key, [an_id(random) for _ in range(most + random.choice((1, 4)))])
    count = random.choice((0, 1, 2, 3, most, most + 1, most + 3))
    return key, draft.put(key, [File(facts_within(random, offer.media[key], draft)) for _ in range(count)])


def _made(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """An earlier step's output, whatever it is."""
    fields = [field for field in offer.media if "." not in field and not field.startswith("static")]
    if not fields:
        return None
    field = random.choice(fields)
    of_type = house.road.made.get(offer.media[field].type)
    if not of_type:
        return None
    made = random.choice(of_type)
    value = draft.values.get(field)
    return f"{field} {made.step}", draft.put(field, [made, *value[1:]] if isinstance(value, list) else made)


def _here_only(random: Random, house: House, offer: Offer, draft: Draft) -> Change:
    """A file without an address."""
    fields = [field for field in offer.media if isinstance(draft.values.get(field), File)]
    if not fields:
        return None
    field = random.choice(fields)
    return field, draft.put(field, replace(draft.values[field], by_url=False))


_ways: Mapping[str, Callable[[Random, House, Offer, Draft], Change]] = {
    "beyond": _beyond, "strange": _strange_value, "lacking": _lacking, "foreign": _foreign, "model": _model,
    "turned": _turned, "file": _file, "amount": _amount, "made": _made, "here-only": _here_only,
}  # fmt: skip
_rarely = ("strange", "here-only", "model")
_names = [name for name in _ways for _ in range(1 if name in _rarely else 4)]


# Values outside


def _long_text(random: Random, draft: Draft, key: str, limit: Data) -> object:
    least, most = int(number(limit, "min") or 0), int(number(limit, "max") or 1)
    few = [text_of(random, least - 1)] if least > 1 else []
    return random.choice(
        (*few, text_of(random, most + 1), text_of(random, most + 700), text_of(random, most * 2), "  ")
    )


def _other_choice(random: Random, draft: Draft, key: str, limit: Data) -> object:
    elsewhere = [value for value in sequence(limit, "elsewhere") if value not in sequence(limit, "values")]
    return random.choice([*elsewhere, "none-of-them"])


def _no_name(random: Random, draft: Draft, key: str, limit: Data) -> object:
    return random.choice(("pet_diving", "korean baseball", "Emoji", "", "none-of-them"))


def _other_option(random: Random, draft: Draft, key: str, limit: Data) -> object:
    values = sequence(limit, "values")
    return random.choice((["hero"], [*values[:2], "colour"], [*values, *values]))


def _other_switch(random: Random, draft: Draft, key: str, limit: Data) -> object:
    return random.choice([value for value in (True, False) if [value] != list(sequence(limit, "values"))])


def _far_number(random: Random, draft: Draft, key: str, limit: Data) -> object:
    low, high = number(limit, "min") or 0, number(limit, "max")
    decimals = number(limit, "decimals")
    far: list[float] = [low - 0.1, low - 5, *([high + 0.1, high + 5, high * 10] if high is not None else [])]
    step = number(limit, "step")
    off = [low + step * 0.5, low + step * 1.3] if step else []
    return random.choice([*far, *off, low + 0.25 if decimals is not None else low - 1])


def _far_whole(random: Random, draft: Draft, key: str, limit: Data) -> object:
    values = [value for value in sequence(limit, "values") if isinstance(value, int)]
    low = number(limit, "min") or min(values, default=0)
    high = number(limit, "max") or max(values, default=9)
    return random.choice((int(low) - 1, int(high) + 1, int(low) + 0.5, 0, -3, int(low) + 2, 16, "auto"))


def _other_ids(random: Random, draft: Draft, key: str, limit: Data) -> object:
    most = int(number(limit, "max") or 1)
    return random.choice(([an_id(random) for _ in range(most + 1)], ["mira-1"], ["x" * 20], [an_id(random), "hero"]))


def _other_id(random: Random, draft: Draft, key: str, limit: Data) -> object:
    return random.choice((an_id(random), "uk_man2", Made("narrator"), Made("anna")))


def _far_trajectories(random: Random, draft: Draft, key: str, limit: Data) -> object:
    image = draft.values.get("image")
    mask = image if isinstance(image, File) else File(MediaFacts(MediaType.IMAGE, "png", 1000, 1360, 768))
    least, most = int(number(limit, "min_each") or 0), int(number(limit, "max_each") or 1)
    sizes = random.choice(((least - 1,), (most + 1,), (2,) * (int(number(limit, "max") or 1) + 1)))
    return [{"mask": mask, str(limit["each"]): [{"x": 1, "y": 2}] * size} for size in sizes]


def _far_shots(random: Random, draft: Draft, key: str, limit: Data) -> object:
    most, words = int(number(limit, "max") or 1), int(number(limit, "words") or 1)
    asked = draft.values.get("duration")
    total = asked if isinstance(asked, int) else 5
    few = shots_of(random, 2, max(2, total), 20)
    return random.choice((
        shots_of(random, most + 1, max(most + 1, total), 20),
        [*few, {"prompt": "too much", "duration": 1}],
        [{**few[0], "prompt": text_of(random, words + 1)}, few[1]],
        [{**few[0], "duration": 0}, few[1]],
        [{**few[0], "duration": 1.5}, few[1]],
        [{**few[0], "prompt": "one; two"}, few[1]],
        [{**few[0], "prompt": " "}, few[1]],
        [{"prompt": "short", "duration": 2}],
        [{"prompt": "long", "duration": 8}, {"prompt": "longer", "duration": 8}],
        shots_of(random, 6, max(6, total), words),
        "auto", "customize", [],
    ))  # fmt: skip


def _far_camera(random: Random, draft: Draft, key: str, limit: Data) -> object:
    return random.choice((
        {"type": "simple", "config": {"zoom": 1, "pan": 1}}, {"type": "simple", "config": {"zoom": 0}},
        {"type": "simple"}, {"type": "down_back", "config": {"zoom": 1}}, {"type": "simple", "config": {"zoom": 10.5}},
        {"type": "spin"}, {"type": "forward_up"}, {"config": {"zoom": 1}}, {"type": "simple", "config": {"yaw": 1}},
    ))  # fmt: skip


def _far_selections(random: Random, draft: Draft, key: str, limit: Data) -> object:
    most, points = int(number(limit, "max") or 1), int(number(limit, "points") or 1)
    mark = {"frame_index": 0, "points": points_of(random, 1)}
    return random.choice((
        selections_of(random, range(most + 1), 1),
        [{**mark, "points": points_of(random, points + 1)}],
        [{**mark, "points": []}],
        [{**mark, "points": [{"x": 1.2, "y": 0.5}]}],
        [{**mark, "points": [{"x": 0.5}]}],
        [{**mark, "frame_index": -1}],
        [{**mark, "frame_index": random.choice((47, 125, 300, 5000))}],
        [mark, mark],
    ))  # fmt: skip


_outside: Mapping[str, Callable[[Random, Draft, str, Data], object]] = {
    "text": _long_text, "choice": _other_choice, "closed": _no_name, "options": _other_option, "switch": _other_switch,
    "number": _far_number, "whole": _far_whole, "ids": _other_ids, "id": _other_id, "list": _far_trajectories,
    "shots": _far_shots, "camera": _far_camera, "selections": _far_selections,
}  # fmt: skip


def _with_file(random: Random, value: Any, inner: str, file: File) -> Any:
    if isinstance(value, list) and value:
        place = random.randrange(len(value))
        item = {**value[place], inner: file} if inner else file
        return [*value[:place], item, *value[place + 1 :]]
    return file


def _without_files(value: Any, *, keep: bool) -> Any:
    """A value of a field that is no wire here has no files in it."""
    if keep:
        return value
    if isinstance(value, list):
        return [_without_files(item, keep=False) for item in value]
    if isinstance(value, dict):
        return {name: _without_files(item, keep=False) for name, item in value.items()}
    return "7" if isinstance(value, File | Made) else value
