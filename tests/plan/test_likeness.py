"""A step that was renamed and edited is told from one that is new."""

from __future__ import annotations

import json

import pytest

from kling_pipe.plan.changes import parts_in
from kling_pipe.plan.likeness import alike, likeness


def recipe(prompt: str, image: str = "", kind: str = "image-to-video", **parameters: object) -> str:
    return json.dumps(
        {
            "format": 1, "kind": kind, "realm": "real", "provider": "kling", "model": "kling-v3",
            "parameters": {"duration": 5, "mode": "std", "prompt": prompt, **parameters},
            "inputs": {"image": {"sha256": image}} if image else {}, "extra": {},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "before", "is_alike"),
    [
        (recipe("A small boat at sea"), recipe("A small ship at sea"), True),
        (recipe("A small boat at sea", "d1"), recipe("A small boat at sea", "d2"), True),
        (recipe("A boat"), recipe("A lamp"), False),
        (recipe("A boat on the sea"), recipe("A woman in a red coat walks by"), False),
        (recipe("A boat", "d1"), recipe("A lamp on a table", "d2"), False),
        (recipe("A small boat", kind="text-to-video"), recipe("A small boat"), False),
        (recipe("A boat on the sea", duration=10), recipe("A boat on the sea"), True),
    ],
)
def test_recipes_are_alike(now: str, before: str, is_alike: bool) -> None:
    assert (likeness(parts_in(now), parts_in(before)) >= alike) is is_alike


def test_a_recipe_is_wholly_like_itself() -> None:
    parts = parts_in(recipe("A small boat", "d1"))
    assert likeness(parts, parts) == 1.0


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"parameters": 1}', '{"inputs": {"image": 3}}'])
def test_what_cannot_be_read_is_like_nothing(text: str) -> None:
    assert parts_in(text) == ()
    assert likeness(parts_in(text), parts_in(recipe("A boat"))) == 0.0
