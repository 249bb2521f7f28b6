"""The codes that services say themselves, in the words of their providers' folders."""

from __future__ import annotations

import tomllib

from kling_pipe.providers.table import table

_file = "codes.toml"


def service_codes() -> tuple[tuple[str, str], ...]:
    """The provider types that explain codes of their own, each with the text of its file."""
    found = []
    for name, entry in table.items():
        try:
            text = entry.read(_file)
        except FileNotFoundError:
            continue
        if name in table.builtin or _is_readable(name, text):
            found.append((name, text))
    return tuple(found)


def _is_readable(name: str, text: str) -> bool:
    """Whether a plug-in's file can be used; one that cannot takes it out of the table."""
    try:
        data = tomllib.loads(text)
        words = [*(data.pop(word) for word in ("title", "about"))]
        words += [one[word] for one in data.values() for word in ("means", "remedy", "example")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        table.failure(name, error)
        return False
    return all(isinstance(word, str) for word in words)
