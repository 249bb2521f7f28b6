"""What a frozen run wrote, and what a verification found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kling_pipe.report.amounts import plural, size
from kling_pipe.report.tables import pairs, printable, table
from kling_pipe.values.money import Cost

_shown = 50  # files that are not as they should be; more are counted only


class WrittenFile(Protocol):
    """A deliverable of a frozen run; `api/freezing.py` brings it."""

    @property
    def path(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def changed(self) -> bool: ...


class FileLook(Protocol):
    """One file that was hashed; `api/verifying.py` brings it."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def take(self) -> int: ...
    @property
    def cost(self) -> Cost | None: ...


def render_frozen(members: int, files: Sequence[WrittenFile]) -> str:
    """The end of a frozen run."""
    rows = [(printable(file.path), size(file.bytes) + ("" if file.changed else ", as before")) for file in files]
    deliverables = "deliverables\n" + pairs(rows, indent="  ") + "\n" if rows else ""
    return f"{deliverables}{plural(members, 'member')} as the lock says, nothing was sent, 0 USD spent\n"


def frozen_to_json(members: int, files: Sequence[WrittenFile]) -> dict[str, object]:
    """The end of a frozen run for the envelope's `data`."""
    return {
        "frozen": True,
        "members": members,
        "deliverables": [
            {"path": file.path, "sha256": file.digest, "bytes": file.bytes, "changed": file.changed} for file in files
        ],
    }


def render_verified(files: Sequence[FileLook], lock: str, shown: Callable[[str], str]) -> str:
    """What is wrong and what becomes of it, and how many files are whole; `shown` shortens a path."""
    wrong = [file for file in files if file.state != "whole"]
    rows = [(file.state, printable(_name(file)), printable(shown(file.path))) for file in wrong[:_shown]]
    lines = table(("", "", ""), rows, indent="  ").splitlines()[1:] if rows else []
    found = "".join(f"{line}\n           {_remedy(file)}\n" for line, file in zip(lines, wrong, strict=False))
    more = f"  and {len(wrong) - _shown} more\n" if len(wrong) > _shown else ""
    counts = [_count(files, kind) for kind in _nouns]
    whole = ", ".join(count for count in counts if count) or "nothing"
    return (f"not as {lock} says\n{found}{more}\n" if wrong else "") + pairs([("whole", whole)])


_nouns = {
    "take": ("stored file", "stored files"),
    "input": ("input", "inputs"),
    "deliverable": ("deliverable", "deliverables"),
    "piece": ("stored piece", "stored pieces"),
    "other": ("stored file that it does not name", "stored files that it does not name"),
}


def _count(files: Sequence[FileLook], kind: str) -> str:
    """How many files of a kind are whole; one that several takes have counts once."""
    count = len({file.path for file in files if (file.kind, file.state) == (kind, "whole")})
    one, many = _nouns[kind]
    return f"{count} {one if count == 1 else many}" if count else ""


def _name(file: FileLook) -> str:
    return f"{file.name} take {file.take}" if file.take else file.name


def _remedy(file: FileLook) -> str:
    if file.kind == "take":
        cost = f", then made anew (it cost {file.cost})" if file.cost is not None else ", then made anew"
        return f"fetched again for nothing while the provider has it{cost}"
    return _remedies[file.kind]


_remedies = {
    "input": "fetched again from its address, for nothing",
    "deliverable": "written again, for nothing",
    "piece": "cut out or converted again, for nothing",
    "other": "made for another storyboard or by an earlier recipe",
}


def verified_to_json(files: Sequence[FileLook], lock: str) -> dict[str, object]:
    """The verification for the envelope's `data`."""
    return {
        "lock": lock,
        "files": [
            {
                "kind": file.kind,
                "name": file.name,
                "take": file.take,
                "state": file.state,
                "path": file.path,
                "sha256": file.digest,
                "cost": file.cost.to_json() if file.cost is not None else None,
            }
            for file in files
        ],
        "wrong": sum(file.state != "whole" for file in files),
    }
