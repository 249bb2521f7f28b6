"""The key: what changes it, what does not, and two that never may change by accident."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.plan.recipe import Recipe
from kling_pipe.values.job import Material, Realm
from kling_pipe.values.media import MediaFacts, MediaType

picture = MediaFacts(MediaType.IMAGE, "png", 1000, 1360, 768)
other_picture = MediaFacts(MediaType.IMAGE, "jpeg", 9, 1, 1)
words = st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
parameters = st.dictionaries(words, values, max_size=4)


def recipe(**changes: Any) -> Recipe:
    parts: dict[str, Any] = {
        "kind": "image-to-video", "realm": Realm.REAL, "provider": "kling", "model": "kling-v3",
        "parameters": {"prompt": "A boat", "duration": 5, "cfg_scale": 0.5},
        "materials": [Material("image", "a" * 64, picture)], "extra": {},
    }  # fmt: skip
    return Recipe.of(**{**parts, **changes})


def shuffled(value: object) -> object:
    """The same, with every mapping the other way round."""
    if isinstance(value, Mapping):
        return {key: shuffled(value[key]) for key in reversed(list(value))}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def as_floats(value: object) -> object:
    """The same, with whole numbers written as floats."""
    if isinstance(value, Mapping):
        return {key: as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def in_form(form: Any, value: object) -> object:
    """The same, with every text in a Unicode form."""
    if isinstance(value, Mapping):
        return {unicodedata.normalize(form, key): in_form(form, item) for key, item in value.items()}
    if isinstance(value, list):
        return [in_form(form, item) for item in value]
    return unicodedata.normalize(form, value) if isinstance(value, str) else value


@given(parameters)
def test_the_order_of_keys_does_not_matter(found: dict[str, object]) -> None:
    assert recipe(parameters=found).digest == recipe(parameters=shuffled(found)).digest


@given(parameters)
def test_five_and_five_point_nought_are_one(found: dict[str, object]) -> None:
    assert recipe(parameters=found).digest == recipe(parameters=as_floats(found)).digest


@given(parameters)
def test_composed_and_decomposed_letters_are_one(found: dict[str, object]) -> None:
    assert recipe(parameters=in_form("NFC", found)).digest == recipe(parameters=in_form("NFD", found)).digest


@given(parameters)
def test_a_recipe_survives_its_own_explanation(found: dict[str, object]) -> None:
    made = recipe(parameters=found)
    assert recipe(parameters=json.loads(made.explanation())["parameters"]).digest == made.digest


def test_only_the_digest_of_a_material_counts_and_the_order_of_fields_does_not() -> None:
    first, second = Material("image", "a" * 64, picture), Material("image_tail", "b" * 64, picture)
    again = [second, Material("image", "a" * 64, other_picture)]
    assert recipe(materials=[first, second]).digest == recipe(materials=again).digest


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "text-to-video"}, {"realm": Realm.SIMULATED}, {"provider": "runware"}, {"model": "kling-v2-6"},
        {"parameters": {"prompt": "A boat", "duration": 10, "cfg_scale": 0.5}},
        {"parameters": {"prompt": "A boat ", "duration": 5, "cfg_scale": 0.5}},
        {"parameters": {"prompt": "A boat", "duration": "5", "cfg_scale": 0.5}},
        {"parameters": {"prompt": "A boat", "duration": 5}},
        {"materials": []}, {"materials": [Material("image", "b" * 64, picture)]},
        {"materials": [Material("image_tail", "a" * 64, picture)]},
        {"materials": [Material("image", "a" * 64, picture, "last_frame")]},
        {"extra": {"watermark": True}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_each_part_changes_the_key(change: dict[str, object]) -> None:
    assert recipe(**change).digest != recipe().digest


def test_one_and_true_are_not_one() -> None:
    assert recipe(parameters={"sound": 1}).digest != recipe(parameters={"sound": True}).digest


def test_each_take_has_a_key_of_its_own() -> None:
    assert len({recipe().key(take) for take in range(1, 10)}) == 9


def test_two_recipes_keep_their_digests_for_ever() -> None:
    """Whoever changes these makes every paid artifact stale: raise `recipe_format` and say so in the changelog."""
    plain = recipe(kind="text-to-image", materials=[], parameters={"prompt": "Été à la mer", "n": 1, "fidelity": 0.25})
    assert [plain.digest, plain.key(1), recipe().digest, recipe().key(2)] == [
        "188b1d315916cf52110f8306ed7666ce78883278b8c7a747c5833ad4e7a766e6",
        "0768b49881eb4b3747582079dda13d99816d4101920eb00006fbc3c4f58d1fef",
        "31fc05ca5f04887b3760ccaa4d84f6d274c4d041135e61d61fa73a2ba3333529",
        "f47da43534fdbd3f4a8279869b0de7eafdc54d96b7f49d791e977b9c462ea3b1",
    ]


def test_the_explanation_is_the_text_that_was_hashed() -> None:
    assert recipe(parameters={"b": 2.0, "a": "é"}).explanation() == (
        '{"extra":{},"format":1,"inputs":{"image":{"sha256":"' + "a" * 64 + '"}},"kind":"image-to-video",'
        '"model":"kling-v3","parameters":{"a":"é","b":2},"provider":"kling","realm":"real"}'
    )
