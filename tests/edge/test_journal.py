"""The second record of what was made: whatever is cut off it, the lines before the cut are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.edge import journal
from kling_pipe.edge.ledger import Ledger
from kling_pipe.errors import StateFailure
from kling_pipe.events import ArtifactStored
from kling_pipe.values.media import MediaFacts, MediaType

facts = MediaFacts(MediaType.IMAGE, "png", 10, 4, 3)


def stored(number: int) -> ArtifactStored:
    digest = f"{number:064x}"
    return ArtifactStored(1.0, "hero", f"kp-{number}", f"key-{number}", digest, 1, 0, facts, "https://x.invalid/a", 9.0)


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "artifacts.jsonl")

    journal.append(path, [stored(1)])

    assert [(found.key, found.digest, found.facts, found.url) for found in journal.read(path)] == [
        ("key-1", f"{1:064x}", facts, "https://x.invalid/a")
    ]


def test_a_journal_cut_at_any_byte_tells_the_whole_lines_before_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.jsonl"
    journal.append(str(path), [stored(1), stored(2)])
    whole = path.read_bytes()
    first = whole.index(b"\n")

    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        keys = [artifact.key for artifact in journal.read(str(path))]
        assert keys == (["key-1", "key-2"] if cut >= len(whole) - 1 else ["key-1"] if cut >= first else []), cut


def test_a_line_after_a_cut_one_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.jsonl"
    journal.append(str(path), [stored(1)])
    path.write_bytes(path.read_bytes()[:-20])

    journal.append(str(path), [stored(2)])

    assert [artifact.key for artifact in journal.read(str(path))] == ["key-2"]


def test_a_line_of_another_format_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.jsonl"
    path.write_text('{"journal": 2, "key": "a"}\n[]\n"x"\n{"journal": 1}\n')

    assert journal.read(str(path)) == []


def test_a_ledger_made_anew_knows_what_the_journal_tells(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    ledger = Ledger(path, lambda _run: False)
    ledger.record("run", [stored(1), stored(2)])
    ledger.close()
    for left in tmp_path.glob("ledger.db*"):
        left.unlink()

    again = Ledger(path, lambda _run: False)

    assert {key: found.digest for key, found in again.artifacts(["key-1", "key-2", "key-3"]).items()} == {
        "key-1": f"{1:064x}",
        "key-2": f"{2:064x}",
    }
    again.close()


def test_a_line_separator_inside_an_address_cuts_no_line(tmp_path: Path) -> None:
    path = str(tmp_path / "artifacts.jsonl")
    journal.append(path, [replace(stored(1), url="https://x.invalid/\u2028a")])

    assert [artifact.key for artifact in journal.read(path)] == ["key-1"]


def test_a_journal_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """Forgetting what was made would buy it again."""
    (tmp_path / "artifacts.jsonl").mkdir()

    with pytest.raises(StateFailure, match=r"artifacts\.jsonl"):
        Ledger(str(tmp_path / "ledger.db"), lambda _run: False)
    (tmp_path / "artifacts.jsonl").rmdir()
    journal.append(str(tmp_path / "artifacts.jsonl"), [stored(1)])
    again = Ledger(str(tmp_path / "ledger.db"), lambda _run: False)

    assert list(again.artifacts(["key-1"])) == ["key-1"]
    again.close()
