"""The fast way to say that nothing is to be done: no text is parsed, nothing heavier than SQLite's own files is opened.

After a run that left everything current, `remember` notes the digest of every text, and size and time of every input,
stored file and deliverable. `current_run` compares; any difference at all, and the slow way decides.

Standard library only.
"""

from __future__ import annotations

import marshal
import os

from kling_pipe import __version__

TYPE_CHECKING = False  # as type checkers know it: importing `typing` takes a third of this file's time
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

memory_format = 2
_folder = "current"
_plain_switches = frozenset({"--simulate", "--yes"})


def current_run(arguments: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """The text to print when `run` with these arguments has nothing to do, else None."""
    if not arguments or arguments[0] != "run":
        return None
    switches = [word for word in arguments[1:] if word.startswith("-")]
    paths = [word for word in arguments[1:] if not word.startswith("-")]
    if len(paths) != 1 or not _plain_switches.issuperset(switches):
        return None
    path = os.path.abspath(paths[0])
    realm = "simulated" if "--simulate" in switches else "real"
    home = _home(path, environment)
    noted = _read(home, path, realm)
    if noted is None or not os.path.exists(os.path.join(home, "ledger.db")) or not _is_so(noted):
        return None
    (steps, members), deliveries = noted[5], noted[6]
    counted = f"{steps} step" if steps == 1 else f"{steps} steps"
    counted += f", {members} members" if members > steps else ""
    lines = [f"{counted} current, nothing to do, 0 USD spent"]
    lines += [f"  {delivery}" for delivery in deliveries[:20]]
    if len(deliveries) > 20:
        lines.append(f"  … and {len(deliveries) - 20} more")
    return "\n".join(lines) + "\n"


def remember(
    home: str,
    storyboard: str,
    realm: str,
    texts: Sequence[str],
    inputs: Sequence[str],
    watched: Sequence[str],
    counts: tuple[int, int],
    deliveries: Sequence[str],
) -> None:
    """Notes what has to be so for the next run to have nothing to do; `counts` are its steps and members. Where no note
    can be kept, the slow way decides."""
    unique = list(dict.fromkeys(watched))
    note = (
        memory_format,
        __version__,
        [(os.path.abspath(path), _digest(path)) for path in texts],
        [(os.path.abspath(path), *_stat(path)) for path in dict.fromkeys(inputs)],
        [(path, *_stat(path)) for path in unique],
        counts,
        list(deliveries),
    )
    target = _path(home, os.path.abspath(storyboard), realm)
    aside = f"{target}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(aside, "wb") as file:
            marshal.dump(note, file)
        os.replace(aside, target)
    except OSError:
        _delete(aside)
        _delete(target)


def forget(home: str, storyboard: str, realm: str) -> None:
    """Lets the slow way decide next time."""
    _delete(_path(home, os.path.abspath(storyboard), realm))


def _delete(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _home(storyboard: str, environment: Mapping[str, str]) -> str:
    moved = environment.get("KLING_PIPE_HOME", "")
    if moved:
        return os.path.abspath(moved)
    first = folder = os.path.dirname(storyboard)
    while True:
        if os.path.isfile(os.path.join(folder, "kling-pipe.yaml")):
            return os.path.join(folder, ".kling-pipe")
        parent = os.path.dirname(folder)
        if parent == folder:
            return os.path.join(first, ".kling-pipe")
        folder = parent


def _path(home: str, storyboard: str, realm: str) -> str:
    import hashlib

    name = hashlib.sha256(f"{storyboard}\n{realm}".encode()).hexdigest()[:32]
    return os.path.join(home, _folder, name)


def _read(home: str, storyboard: str, realm: str) -> tuple | None:  # type: ignore[type-arg]  # a note, see remember
    try:
        with open(_path(home, storyboard, realm), "rb") as file:
            note = marshal.loads(file.read())
    except (OSError, ValueError, EOFError, TypeError):
        return None
    if not isinstance(note, tuple) or len(note) != 7 or note[:2] != (memory_format, __version__):
        return None
    return note


def _is_so(note: tuple) -> bool:  # type: ignore[type-arg]  # a note, see remember
    stat = os.stat
    try:
        for path, digest in note[2]:
            if _digest(path) != digest:
                return False
        for path, size, mtime in note[3]:
            found = stat(path)
            if found.st_size != size or found.st_mtime_ns != mtime:
                return False
        for path, size, mtime in note[4]:
            found = stat(path)
            if found.st_size != size or found.st_mtime_ns != mtime:
                return False
    except OSError:
        return False
    return True


def _digest(path: str) -> str:
    """The sha256 of a text; empty for one that is not there."""
    import hashlib

    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        return ""


def _stat(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (-1, -1)
    return (found.st_size, found.st_mtime_ns)
