"""The profiles that work without a project file: one for every provider type, under the type's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
