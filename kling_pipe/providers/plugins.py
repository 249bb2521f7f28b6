"""Providers that other packages bring, as entry points of the group `kling_pipe.providers`; the only door to them.

An entry point's name is the provider's type, its object an `Entry`. Nothing is looked for until a type is asked for
that is not built in, or all are listed. Whatever is wrong with a package is put into words here, for its own type only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kling_pipe.errors import UsageFailure
from kling_pipe.providers.entry import Entry
from kling_pipe.providers.provider import Provider
from kling_pipe.values.profile import Profile

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

group = "kling_pipe.providers"
_type = re.compile(r"[a-z][a-z0-9-]*\Z")
_needed = tuple(name for name in vars(Provider) if not name.startswith("_"))


class BrokenProvider(UsageFailure):
    """A plug-in that cannot be used; nothing that goes another way is hindered by it."""


class Plugins:
    """Those that are installed, found once; `broken` tells of each that was loaded in vain, by its type."""

    def __init__(self, taken: Sequence[str] = ()) -> None:
        self.broken: dict[str, BrokenProvider] = {}
        self._taken = frozenset(taken)
        self._points: dict[str, list[EntryPoint]] | None = None
        self._loaded: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        """All that can be loaded, in the order of their types."""
        yield from (entry for name in sorted(self._found()) if (entry := self.get(name)) is not None)

    def get(self, name: str) -> Entry | None:
        """The entry of a type, or None; why one that is installed cannot be loaded is in `broken` then."""
        if name not in self._loaded and name not in self.broken and name in self._found():
            points = self._found()[name]
            try:
                self._loaded[name] = _load(points, self._taken)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # anything may happen in a package of others
                self.break_off(name, error)
        return self._loaded.get(name)

    def break_off(self, name: str, error: BaseException) -> BrokenProvider | None:
        """Takes a plug-in out, because of something that happened in it; None where it is no plug-in."""
        if name not in self._found():
            return None
        if name not in self.broken:
            self.broken[name] = _failure(name, self._found()[name], error)
        self._loaded.pop(name, None)
        return self.broken[name]

    def _found(self) -> dict[str, list[EntryPoint]]:
        if self._points is None:
            from importlib.metadata import entry_points  # 15 ms that nobody pays who goes a built-in road

            self._points = {}
            for point in entry_points(group=group):
                same = self._points.setdefault(point.name, [])
                if all(one.value != point.value for one in same):
                    same.append(point)
        return self._points


def _load(points: Sequence[EntryPoint], taken: frozenset[str]) -> Entry:
    """The entry, looked over; raises whatever is wrong with it."""
    name = points[0].name
    if name in taken:
        raise ValueError("this type is built in")
    if len(points) > 1:
        raise ValueError("several packages bring it")
    if not _type.match(name):
        raise ValueError("a type is written in lower case, with digits and dashes")
    entry = points[0].load()
    if not isinstance(entry, Entry):
        raise ValueError(f"`{points[0].value}` is no Entry")
    if not isinstance(entry.profile, Profile):
        raise ValueError("its `profile` is no Profile")
    if {entry.type, entry.profile.type, entry.profile.name} != {name}:
        raise ValueError(f"its entry and its profile have to be named `{name}` too")
    if not os.path.isfile(os.path.join(entry.folder, "models.yaml")):
        raise ValueError(f"there is no `models.yaml` in `{entry.folder}`")
    adapter = entry.adapter(None)
    lacks = [word for word in _needed if not hasattr(adapter, word)]
    if lacks:
        raise ValueError(f"its adapter lacks {', '.join(f'`{word}`' for word in lacks)}")
    if adapter.type != name:
        raise ValueError(f"its adapter calls itself `{adapter.type}`")
    return entry


def _failure(name: str, points: Sequence[EntryPoint], error: BaseException) -> BrokenProvider:
    packages = sorted({f"`{point.dist.name}` {point.dist.version}" for point in points if point.dist})
    said = str(error).strip().splitlines()
    reason = said[0] if said else ""
    words = reason if isinstance(error, ValueError) and reason else f"{type(error).__name__}: {reason}".rstrip(": ")
    return BrokenProvider(
        "broken-provider",
        f"the provider `{name}` of the package {' and '.join(packages) or '`?`'} cannot be used: {words}",
        hint="install another version of that package, or remove it; the other providers work without it",
    )
