"""Values that a parameter may have by the catalogue's limits: a table of parameter types, each drawing inside its
bounds and often right at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from kling_pipe.plan.catalogue_data import Data, number, sequence, texts
from tests.agreement.drafts import Draft

words = (
    "a paper crane unfolds", "Abend am Hafen", "夜の市場、雨", "дождь на крыше", "she turns\nand smiles",
    'a "quoted" sign', "it's 5:30 & counting #1", "🚀 over the bay 🌊", "tab\there", "{braces} and %s", "a, b, c",
    "null", "@element_1 waves",
    "shot 1, 3, a kettle boils; shot 2, 2, steam", "Shot 2, 5, too early", "shot 1, a kettle",
)  # fmt: skip
speech_voices = ("oversea_male1", "uk_man2", "genshin_vindi2", "chat1_female_new-3", "a_new_voice")
axes = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")


def value_for(random: Random, draft: Draft, key: str, limit: Data) -> Any:
    """A value inside the limit; media are drawn elsewhere, and names of closed lists. The limit's `known` are ids of
    the service's own: texts that nothing else stands beside, or steps."""
    return _types[str(limit["type"])](random, draft, key, limit)


def text_of(random: Random, length: int) -> str:
    """Words of exactly so many characters, never blank."""
    text = random.choice(words)
    while len(text) < length:
        text += " " + random.choice(words)
    cut = text[:length]
    return cut if cut.strip() == cut and cut else (cut.strip() or "x").ljust(length, ".")


def an_id(random: Random) -> str:
    """An id of the service's own, as long as those that were seen or shorter."""
    return str(random.randint(1, 9)) + "".join(random.choice("0123456789") for _ in range(random.choice((5, 14, 17))))


def number_between(random: Random, low: float, high: float, decimals: int | None) -> float:
    """A number, often one of the bounds."""
    choice = random.randint(0, 5)
    found = low if choice == 0 else high if choice == 1 else low + (high - low) * random.randint(0, 1000) / 1000
    digits = decimals if decimals is not None else random.choice((0, 1, 3))
    found = min(high, max(low, round(found, digits)))
    return int(found) if random.randint(0, 1) and found == int(found) else found


def shots_of(random: Random, count: int, total: int, longest: int) -> list[dict[str, Any]]:
    """So many shots that last so long together."""
    seconds = [1] * count
    for _ in range(total - count):
        seconds[random.randrange(count)] += 1
    lengths = [random.choice((1, 20, 60, longest)) for _ in seconds]
    return [{"prompt": text_of(random, length), "duration": one} for length, one in zip(lengths, seconds, strict=True)]


def selections_of(random: Random, frames: Sequence[int], most: int) -> list[dict[str, Any]]:
    """These frames, each with its points."""
    return [{"frame_index": frame, "points": points_of(random, random.randint(1, most))} for frame in frames]


def points_of(random: Random, count: int) -> list[dict[str, float]]:
    return [{axis: number_between(random, 0, 1, None) for axis in "xy"} for _ in range(count)]


def _text(random: Random, draft: Draft, key: str, limit: Data) -> str:
    most = int(number(limit, "max") or 1)
    least = int(number(limit, "min") or 1)
    usual = (1, least, 7, 40, 150, 2499, 2500, 2501, most - 1, most)
    lengths = [length for length in usual if least <= length <= most]
    weights = [1 if length > 1000 else 4 for length in lengths]
    return text_of(random, random.choices(lengths, weights)[0])


def _choice(random: Random, draft: Draft, key: str, limit: Data) -> object:
    return random.choice(sequence(limit, "values"))


def _open(random: Random, draft: Draft, key: str, limit: Data) -> str:
    """Scenes of the page's examples, and one that nobody here knows."""
    return random.choice(("pet_diving", "a_list_look", "hug_pro", "kiss_pro", "cheers_2026", "a_newer_scene"))


def _options(random: Random, draft: Draft, key: str, limit: Data) -> list[object]:
    values = sequence(limit, "values")
    return random.sample(values, random.randint(1, min(len(values), int(number(limit, "max") or 1))))


def _switch(random: Random, draft: Draft, key: str, limit: Data) -> object:
    value = random.choice(sequence(limit, "values") or (True, False))
    return random.choice((value, {True: "on", False: "off"}[value])) if isinstance(value, bool) else value


def _number(random: Random, draft: Draft, key: str, limit: Data) -> float:
    low, high, decimals = number(limit, "min"), number(limit, "max"), number(limit, "decimals")
    step = number(limit, "step")
    if step and high is not None:
        found = round((low or 0) + step * random.randint(0, round((high - (low or 0)) / step)), 6)
        return int(found) if random.randint(0, 1) and found == int(found) else found
    return number_between(random, low or 0, 4 if high is None else high, None if decimals is None else int(decimals))


def _whole(random: Random, draft: Draft, key: str, limit: Data) -> object:
    if values := (*sequence(limit, "values"), *texts(limit, "or")):
        if not sequence(limit, "values") and random.randint(0, 3):
            return random.randint(int(number(limit, "min") or 0), int(number(limit, "max") or 2))
        return random.choice(values)
    return int(number_between(random, number(limit, "min") or 0, number(limit, "max") or 2, 0))


def _ids(random: Random, draft: Draft, key: str, limit: Data) -> list[object]:
    most = int(number(limit, "max") or 1)
    known = sequence(limit, "known")
    return [_one_id(random, known) for _ in range(random.choice((1, 1, 2, most - 1, most)) or 1)][:most]


def _id(random: Random, draft: Draft, key: str, limit: Data) -> object:
    return (
        random.choice(speech_voices)
        if draft.kind in ("speech", "lip-sync")
        else _one_id(random, sequence(limit, "known"))
    )


def _one_id(random: Random, known: Sequence[object]) -> object:
    if any(isinstance(one, str) for one in known):
        return random.choice(known)
    found = an_id(random)
    return random.choice([found, found, int(found), *known])


def _list(random: Random, draft: Draft, key: str, limit: Data) -> list[dict[str, Any]]:
    """Trajectories; the masks beside them are files and are added with them."""
    least, most = int(number(limit, "min_each") or 0), int(number(limit, "max_each") or 1)
    sizes = [
        random.choice((least, least + 1, most)) for _ in range(random.choice((1, 2, int(number(limit, "max") or 1))))
    ]
    return [{str(limit["each"]): [_pixel(random) for _ in range(size)]} for size in sizes]


def _pixel(random: Random) -> dict[str, float]:
    return {axis: random.choice((0, random.randint(0, 1000), 12.5)) for axis in "xy"}


def _shots(random: Random, draft: Draft, key: str, limit: Data) -> object:
    if limit.get("auto") is not False and random.randint(0, 2) == 0:
        return "auto"
    asked = draft.values.get("duration")
    total = asked if isinstance(asked, int) else random.randint(3, 15)
    count = random.randint(1, min(int(number(limit, "max") or 1), total))
    longest = int(number(limit, "words") or 1) if random.randint(0, 2) == 0 else 60
    shots = shots_of(random, count, total, longest)
    bare = str(limit.get("without") or "")
    least = int(number(limit, "least") or 1)
    lines = [shot["prompt"].replace(bare, ",") if bare else shot["prompt"] for shot in shots]
    return [{**shot, "prompt": said.ljust(least, ".")} for shot, said in zip(shots, lines, strict=True)]


def _camera(random: Random, draft: Draft, key: str, limit: Data) -> dict[str, Any]:
    kind = random.choice(sequence(limit, "values"))
    if kind != "simple":
        return {"type": kind}
    still = {axis: 0 for axis in axes if random.randint(0, 3) == 0}
    return {"type": kind, "config": {**still, random.choice(axes): random.choice((-10, 10, 4, -0.5))}}


def _selections(random: Random, draft: Draft, key: str, limit: Data) -> list[dict[str, Any]]:
    most, points = int(number(limit, "max") or 1), int(number(limit, "points") or 1)
    return selections_of(random, random.sample(range(47), random.choice((1, 2, most))), random.choice((1, points)))


_types: Mapping[str, Callable[[Random, Draft, str, Data], Any]] = {
    "text": _text, "choice": _choice, "open": _open, "options": _options, "switch": _switch, "number": _number,
    "whole": _whole, "ids": _ids, "id": _id, "list": _list, "shots": _shots, "camera": _camera,
    "selections": _selections,
}  # fmt: skip
