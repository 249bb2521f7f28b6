"""A second record of what was made: one JSON line an artifact, so that a lost ledger forgets nothing.

The ledger decides; this file is only read when a ledger is made anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from kling_pipe.events import ArtifactStored
from kling_pipe.values.job import Artifact
from kling_pipe.values.media import MediaFacts

journal_format = 1
journal_name = "artifacts.jsonl"


def append(path: str, events: Sequence[ArtifactStored]) -> None:
    """Adds artifacts and makes them durable; raises OSError."""
    lines = [json.dumps({**event.to_json(), "journal": journal_format}, ensure_ascii=False) for event in events]
    with open(path, "a", encoding="utf-8") as file:
        if file.tell() and not _ends_a_line(path):
            file.write("\n")  # an earlier line was cut off by a crash
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def read(path: str) -> list[Artifact]:
    """Every artifact of the journal; a line that was cut off or is of another format is passed over. Raises OSError
    when it is there and cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
    except FileNotFoundError:
        return []
    return [artifact for line in lines if (artifact := _artifact(line)) is not None]


def _artifact(line: str) -> Artifact | None:
    try:
        data = json.loads(line)
        if data["journal"] != journal_format:
            return None
        return Artifact(
            key=str(data["key"]),
            digest=str(data["digest"]),
            facts=MediaFacts.from_json(data["facts"]),
            take=int(data["take"]),
            index=int(data["index"]),
            external_id=str(data["external_id"]),
            created=float(data["at"]),
            url=str(data["url"]),
            url_expires=float(data["url_expires"]),
            output_id=str(data.get("output_id", "")),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _ends_a_line(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
