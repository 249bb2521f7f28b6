"""Every key, command and mechanism that the data names is there."""

from __future__ import annotations

import click
import pytest

from kling_pipe.commands.table import group
from kling_pipe.story.kinds import kinds
from tests.coverage import schemas
from tests.coverage.reading import calls, every_reach, mechanisms, papers, root, uses


def test_every_key_stands_in_the_schema_of_its_kind() -> None:
    named = {key: place for place, reach in every_reach() for key in reach.keys}
    assert {place: key for key, place in named.items() if not _stands(key)} == {}


def test_a_field_has_exactly_one_of_keys_mechanism_and_reason() -> None:
    wrong = [place for place, reach in every_reach() if sum(map(bool, (reach.keys, reach.by, reach.reason))) != 1]
    assert wrong == []


def test_every_mechanism_named_is_one_and_none_is_left_over() -> None:
    assert {reach.by for _, reach in every_reach() if reach.by} == set(mechanisms())


@pytest.mark.parametrize("name", mechanisms())
def test_a_mechanism_is_there(name: str) -> None:
    mechanism = mechanisms()[name]
    if mechanism.command:
        assert _is_command(*mechanism.command)
    elif mechanism.project:
        assert schemas.has("project", mechanism.project)
    else:
        assert (root / mechanism.shown).is_file()


def test_every_kind_is_named_by_a_call_or_made_here() -> None:
    named = {kind for call in calls().values() for kind in call.kinds}
    assert named == set(kinds) == set(schemas.kinds())


def test_a_call_says_how_it_is_used() -> None:
    wrong = [
        call.id
        for call in calls().values()
        if call.use not in uses
        or bool(call.reason) != (call.use in ("replaced", "left-out"))
        or (call.instead != "" and calls()[call.instead].use != "create")
        or (call.use == "replaced") != bool(call.instead)
    ]
    assert wrong == []


def test_a_field_of_a_replaced_call_is_reached_by_keys_of_the_kinds_that_the_other_call_serves() -> None:
    wrong = [
        (call.id, key)
        for call in calls().values()
        if call.use == "replaced"
        for field in call.fields
        for key in field.reach.keys
        if key.partition(".")[0] not in calls()[call.instead].kinds
    ]
    assert wrong == []


def test_the_documents_are_five() -> None:
    assert [(paper.id, len(paper.models)) for paper in papers()] == [
        ("ai-sdk", 18), ("picsart", 19), ("runware", 25), ("skill", 3), ("gateway", 4),
    ]  # fmt: skip


def _stands(key: str) -> bool:
    kind, _, path = key.partition(".")
    return kind in schemas.kinds() and schemas.has(f"steps/{kind}", path)


def _is_command(*words: str) -> bool:
    """`ledger reconcile`, `run --callback-url`."""
    command: click.Command | None = group
    for word in words:
        if word.startswith("--"):
            assert command is not None
            return any(word in parameter.opts for parameter in command.params)
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
    return command is not None
