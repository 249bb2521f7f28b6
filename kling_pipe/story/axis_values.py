"""The values of axes as expressions see them: at some coordinates, and safe as part of a file's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kling_pipe.story.axes import Axis, file_safe


class AxisValues(Mapping[str, Any]):
    """The values of axes at some coordinates; those of axes that are not among these are named and not there."""

    def __init__(self, axes: Mapping[str, Axis], at: Mapping[str, str]) -> None:
        self._axes = axes
        self._at = at

    def __getitem__(self, name: str) -> Any:
        return self._axes[name].values[self._at[name]]

    def __contains__(self, name: object) -> bool:
        return name in self._axes and name in self._at

    def __iter__(self) -> Iterator[str]:
        return iter(self._axes)

    def __len__(self) -> int:
        return len(self._axes)


class FileSafe(Mapping[str, Any]):
    """Values with every text in them safe as part of a file name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if isinstance(value, Mapping):
            return FileSafe(value)
        return file_safe(value) if isinstance(value, str) else value

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
