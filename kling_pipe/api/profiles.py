"""The profiles that work without a project file, one for every provider type, under the type's name; and what is wrong
with plug-ins that were to bring one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
