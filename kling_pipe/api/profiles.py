"""The profiles that work without a project file, one for every provider type, under the type's name; and what is wrong
with plug-ins that were to bring one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from kling_pipe.errors import Problem, Severity
from kling_pipe.providers.table import table
from kling_pipe.values.profile import Profile


class _BuiltIn(Mapping[str, Profile]):
    """The table's profiles, each read when it is asked for."""

    def __getitem__(self, name: str) -> Profile:
        return table[name].profile

    def __iter__(self) -> Iterator[str]:
        return iter(table)

    def __len__(self) -> int:
        return len(table)


builtin_profiles: Mapping[str, Profile] = _BuiltIn()


def broken_providers() -> tuple[Problem, ...]:
    """The plug-ins that were looked for in this process and cannot be used, as warnings: nothing else needs them."""
    return tuple(Problem(one.code, one.message, None, one.hint, Severity.WARNING) for one in table.broken)


def files_of_plugins(types: Iterable[str]) -> list[str]:
    """The files of those types that are plug-ins: another version of one may want something else to be made, where a
    built-in provider changes with the package's own version."""
    folders = [table[name].folder for name in sorted(types) if name not in table.builtin and name in table]
    found = [
        os.path.join(folder, file)
        for top in folders
        for folder, _, files in os.walk(top)
        if os.path.basename(folder) != "__pycache__"
        for file in files
    ]
    return sorted(found)
