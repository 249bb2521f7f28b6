"""Elements and voices in the store are small cards with their ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from kling_pipe.edge.cards import read_card, write_card
from kling_pipe.edge.store import Store
from kling_pipe.errors import StepFailure
from kling_pipe.values.job import Output
from kling_pipe.values.media import MediaType
from kling_pipe.values.transfer import FetchTrouble

element = Output("", MediaType.ELEMENT, id="321922438904313", name="Mira")


def test_a_card_holds_the_id_and_is_the_same_for_the_same_id(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    first, again = write_card(store, element), write_card(store, element)
    assert first.digest == again.digest
    assert (str(first.facts.type), first.facts.format) == ("element", "json")
    assert read_card(store.path(first.digest), "elements[0]") == "321922438904313"


def test_another_id_is_another_card(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    voice = Output("", MediaType.VOICE, id="930801338081615883", name="Mira")
    assert write_card(store, element).digest != write_card(store, voice).digest


def test_a_task_that_names_no_id_has_made_nothing_yet(tmp_path: Path) -> None:
    with pytest.raises(FetchTrouble, match="names no element"):
        write_card(Store(str(tmp_path)), Output("", MediaType.ELEMENT))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2, "id": "1"}', '{"format": 1, "id": ""}'])
def test_what_is_no_card_fails_the_step(text: str, tmp_path: Path) -> None:
    (tmp_path / "card").write_text(text)
    with pytest.raises(StepFailure, match="card-damaged"):
        read_card(str(tmp_path / "card"), "elements[0]")


def test_a_card_that_is_gone_fails_the_step(tmp_path: Path) -> None:
    with pytest.raises(StepFailure, match="object-missing"):
        read_card(str(tmp_path / "card"), "voice")
