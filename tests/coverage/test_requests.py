"""The adapter writes the fields that the data calls reached, each because of the keys that are named, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from kling_pipe.story.kinds import kinds
from tests.coverage import schemas
from tests.coverage.reading import Call, calls
from tests.coverage.sent import Values, call_of, values_of
from tests.coverage.variants import Variant, callback_url, variants

made = tuple(call for call in calls().values() if call.use in ("create", "errand"))


@cache
def sent() -> tuple[tuple[Variant, str, Values], ...]:
    """Every request of every variant: which call it is and what fills its fields."""
    return tuple(
        (variant, call_of(request).id, values_of(request)) for variant in variants() for request in variant.requests()
    )


@pytest.mark.parametrize("call", made, ids=lambda call: call.id)
def test_a_call_is_sent_with_exactly_the_fields_said_to_be_reached(call: Call) -> None:
    filled = {name for _, called, values in sent() if called == call.id for name in values}
    assert filled == {field.name for field in call.fields_reached()}


def test_no_other_call_is_sent_to_make_something() -> None:
    assert {called for _, called, _ in sent()} == {call.id for call in made}


def test_a_call_is_sent_for_exactly_the_kinds_that_are_named() -> None:
    found: dict[str, set[str]] = {}
    for variant, called, _ in sent():
        found.setdefault(called, set()).add(variant.job.kind)
    assert found == {call.id: set(call.kinds) for call in made}


@pytest.mark.parametrize("call", made, ids=lambda call: call.id)
def test_a_field_changes_when_a_key_that_reaches_it_is_taken_away(call: Call) -> None:
    said = {(field.name, key) for field in call.fields_reached() for key in field.reach.keys}
    assert {(name, key) for name, key in said if not _reaches(key, call.id, name)} == set()


# Keys that the native service has no field for.
of_other_roads = {
    "image-to-image.negative_prompt", "text-to-video.resolution", "image-to-video.resolution",
    "image-to-video.aspect_ratio", "motion-control.duration", "motion-control.sound", "omni-video.fast",
}  # fmt: skip


def test_every_key_of_every_kind_reaches_something() -> None:
    named = {key for call in made for field in call.fields for key in field.reach.keys}
    keys = {f"{kind}.{key}" for kind in kinds for key in schemas.schema(f"steps/{kind}")["properties"]}
    assert {key for key in keys - named if key.partition(".")[2] not in schemas.common} == of_other_roads


def test_the_own_id_and_the_address_for_callbacks_are_the_jobs_and_the_runs() -> None:
    by = {(call.id, field.name): field.reach.by for call in made for field in call.fields}
    for variant, called, values in sent():
        for name, filled in values.items():
            if by[called, name] == "external-id":
                assert filled == (f'"{variant.job.external_id}"',)
            if by[called, name] == "callback":
                assert filled == (f'"{callback_url}"',)


def test_what_comes_from_the_answer_before_is_what_was_answered() -> None:
    answered = {'"888"', '"999"'}
    by = {(call.id, field.name): field.reach.by for call in made for field in call.fields}
    found = {filled for _, called, values in sent() for name, filled in values.items() if by[called, name] == "session"}
    assert found == {(text,) for text in answered}


def _reaches(key: str, call: str, field: str) -> bool:
    """Whether some variant of the key's kind fills the field otherwise, or cannot be written, without the key."""
    kind, _, name = key.partition(".")
    if name == "kind":
        return len({values.get(field) for variant, called, values in sent() if called == call}) > 1
    return any(
        values.get(field) != _without(variant, name).get(call, {}).get(field)
        for variant, called, values in sent()
        if called == call and variant.job.kind == kind and field in values
    )


def _without(variant: Variant, key: str) -> Mapping[str, Values]:
    """What a variant sends without one of its keys, by call; nothing when it cannot be written."""
    found = _shorter.get((variant.name, key))
    if found is None:
        try:
            found = {call_of(request).id: values_of(request) for request in variant.without(key).requests()}
        except (KeyError, IndexError, TypeError, AssertionError):
            found = {}
        _shorter[variant.name, key] = found
    return found


_shorter: dict[tuple[str, str], Mapping[str, Values]] = {}
