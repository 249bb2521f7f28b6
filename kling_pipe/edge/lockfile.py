"""The lock file on disk: where it lies, how it is written, and how two processes take turns.

It is YAML with one fact a line, sorted, so that a git diff reads well. `story/lock_reading.py` reads it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from kling_pipe.edge.aside import beside, open_aside
from kling_pipe.edge.store import translated_disk_errors
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.lock import Lock, LockedMember, LockedTake, lock_format
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import plain

_has_locks = importlib.util.find_spec("fcntl") is not None  # on Windows two processes do not take turns
if _has_locks:
    import fcntl

_head = """\
# What kling-pipe made of the storyboard beside this file, and which takes are picked. Keep it in version control:
# with it and the store, `kling-pipe run --frozen` writes the very same deliverables and spends nothing.
# kling-pipe writes it. Deleting it loses picks, asked takes and what was accepted; nothing that was paid for.
"""
_simulated_head = """\
# What the simulator made of the storyboard beside this file, and which takes are picked. Nobody paid for any of it.
# kling-pipe writes it. Deleting it loses picks, asked takes and what was accepted.
"""
_plain = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./+-]|:(?=[A-Za-z0-9_./+-])| (?=[A-Za-z0-9+]))*\Z")
_number_like = re.compile(r"[0-9.]+(?:[eE][-+]?[0-9]+)?\Z|0[xo]")
_words = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))  # or in other YAML
_endings = {Realm.REAL: ".lock.yaml", Realm.SIMULATED: ".simulated.lock.yaml"}


def lock_path(storyboard: str, realm: Realm) -> str:
    """Where the lock of a storyboard's file lies: beside it, under its stem."""
    return os.path.splitext(storyboard)[0] + _endings[realm]


def write_lock(path: str, text: str) -> bool:
    """Puts the text in place, atomically; False when it stands there already."""
    with translated_disk_errors(path):
        try:
            with open(path, encoding="utf-8", newline="") as file:
                if file.read() == text:
                    return False
        except (FileNotFoundError, UnicodeDecodeError):
            pass
        aside = beside(path)
        try:
            with open_aside(aside) as writer:
                writer.write(text.encode())
                writer.flush()
                os.fsync(writer.fileno())
            os.replace(aside, path)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(aside)
    return True


@contextlib.contextmanager
def turn(home: str, path: str) -> Iterator[None]:
    """Waits until no other process changes the lock, and keeps others waiting."""
    if not _has_locks:
        yield
        return
    folder = os.path.join(home, "turns")
    with translated_disk_errors(folder):
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(os.path.join(folder, bytes_digest(path.encode())[:32]), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        with contextlib.suppress(OSError):  # a disk that has no such locks, as some that lie elsewhere
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def lock_text(lock: Lock) -> str:
    """The lock as it is written."""
    lines = [_simulated_head if lock.realm is Realm.SIMULATED else _head]
    lines += [f"lock: {lock_format}\n", f"realm: {lock.realm}\n"]
    if lock.inputs:
        lines.append("inputs:\n")
        for address, known in sorted(lock.inputs.items()):
            lines += [_entry(2, address), *_facts(4, {"sha256": known.digest, **_media(known.facts)})]
    if lock.deliverables:
        lines.append("deliverables:\n")
        for path, made in sorted(lock.deliverables.items()):
            source = {"from": made.source} if made.source != made.digest else {}
            lines += [_entry(2, path), *_facts(4, {"sha256": made.digest, "bytes": made.bytes, **source})]
    lines.append("members:\n" if lock.members else "members: {}\n")
    for address, member in sorted(lock.members.items()):
        lines += [_entry(2, address), *_member(member)]
    return "".join(lines)


def _member(member: LockedMember) -> Iterator[str]:
    accepted = member.accepted
    yield from _facts(4, {
        "takes": member.takes, "pick": member.pick,
        "accepted": accepted.date if accepted else "", "accepted_for": accepted.recipe if accepted else "",
    })  # fmt: skip
    yield "    made:\n" if member.made else "    made: {}\n"
    for take, made in sorted(member.made.items()):
        yield f"      {take}:\n"
        yield from _take(made)


def _take(made: LockedTake) -> Iterator[str]:
    artifact, cost = made.artifact, made.cost
    yield from _facts(8, {
        "key": artifact.key,
        **_file(artifact),
        "provider": made.provider,
        "model": made.model,
        "task": artifact.task_id,
        "external_id": artifact.external_id,
        "units": " + ".join(f"{plain(amount)} {pack}" for pack, amount in cost.units) if cost else "",
        "cost": f"{plain(cost.usd)} USD" if cost is not None else "",
        "date": _moment(artifact.created),
    })  # fmt: skip
    if artifact.others:
        yield "        others:\n"
    for other in artifact.others:
        first, *rest = _facts(12, _file(other))
        yield f"          - {first.lstrip()}"
        yield from rest


def _file(artifact: Artifact) -> dict[str, object]:
    living = {"output": artifact.output_id, "expires": _moment(artifact.url_expires)} if artifact.output_id else {}
    return {"sha256": artifact.digest, "place": artifact.index, **_media(artifact.facts), **living}


def _media(facts: MediaFacts) -> dict[str, object]:
    return {
        "type": f"{facts.type}/{facts.format}", "bytes": facts.bytes, "width": facts.width, "height": facts.height,
        "seconds": facts.seconds, "fps": facts.fps, "sound": facts.has_sound,
    }  # fmt: skip


def _entry(indent: int, key: str) -> str:
    return f"{' ' * indent}{_text(key)}:\n"


def _facts(indent: int, facts: Mapping[str, object]) -> Iterator[str]:
    """A line for each fact that says something."""
    for name, value in facts.items():
        if value or (name == "bytes" and value == 0):
            yield f"{' ' * indent}{name}: {_value(value)}\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value) if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    """The text as a scalar of YAML: quoted where any reader might take it for something else."""
    if _plain.match(text) and not _number_like.match(text) and text.lower() not in _words:
        return text
    return f'"{"".join(_escaped(character) for character in text)}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"


def _moment(seconds: float) -> str:
    """Seconds of Unix as a moment in UTC; empty for none."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
