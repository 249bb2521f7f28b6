"""What every code means, what can be done about it, and an example: the data behind `explain` and `docs/problems.md`.

The texts stand in `codes/*.toml`, one file a family; a test holds them against every code the package can say. What a
service says itself is handed in: the text of its `codes.toml` by its type.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kling_pipe.errors import ExitCode
from kling_pipe.report.tables import pairs

_folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "codes")
_widest = 100  # columns of a sentence; examples keep their lines


@dataclass(frozen=True, slots=True)
class Family:
    """Codes of one origin, and the exit code that mostly comes with them."""

    name: str
    title: str
    about: str
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class Explained:
    """One code; its example is a piece of a storyboard, a command, or a line as a run says it.

    `earlier` is the code that a storyboard is told before this one can be: both look at the same thing.
    """

    code: str
    family: Family
    exit_code: int
    means: str
    remedy: str
    example: str
    earlier: str = ""

    @property
    def whole_meaning(self) -> str:
        """What it means, and what is said of the same thing before."""
        return f"{self.means} Of a storyboard `{self.earlier}` is mostly said first." if self.earlier else self.means


families = (
    Family(
        "storyboard",
        "The storyboard",
        "What is wrong in the text itself; `validate` finds all of it at once.",
        ExitCode.USAGE,
    ),
    Family("models", "Models", "What the model of a step takes and what it does not.", ExitCode.USAGE),
    Family("media", "Media", "Files that steps go by, looked into before anything is sent.", ExitCode.USAGE),
    Family("command-line", "The command line", "What was typed, and what stands around it.", ExitCode.USAGE),
    Family("money", "Money", "Refused before anything was spent.", ExitCode.REFUSED),
    Family("credentials", "Credentials", "Keys that are missing, unreadable or refused.", ExitCode.CREDENTIALS),
    Family("state", "Ledger, store and disk", "What is kept here, and where.", ExitCode.FAILED),
    Family("run", "A run", "What becomes of steps on their way and at the service.", ExitCode.FAILED),
)
Services = tuple[tuple[str, str], ...]  # provider types with the texts of their own codes


@cache
def codebook(services: Services) -> Mapping[str, Explained]:
    """Every code, family by family; those of services last."""
    found: dict[str, Explained] = {}
    for entries in (*map(_read, families), *(_of(*one) for one in services)):
        for entry in entries:
            found.setdefault(entry.code, entry)
    return found


def families_in(services: Services) -> tuple[Family, ...]:
    """The families of codes, in their order."""
    return tuple(dict.fromkeys(entry.family for entry in codebook(services).values()))


def looked_up(code: str, services: Services) -> Explained | None:
    """The entry of a code as somebody may type it; `http-502` is found as `http-STATUS`, `exit-7` as `exit-STATUS`."""
    word = code.strip().strip("`:").lower().replace("_", "-")
    numbered = re.fullmatch(r"(http|exit)-(-?\d{1,3}|status)", word)
    return codebook(services).get(f"{numbered[1]}-STATUS" if numbered else word)


def render_entry(entry: Explained) -> str:
    """One code for a terminal."""
    return (
        f"{entry.code} ({entry.family.title}, exit code {entry.exit_code})\n\n"
        f"{_filled(entry.whole_meaning)}\nwhat to do\n{_filled(entry.remedy)}\n"
        f"example\n{textwrap.indent(entry.example, '  ')}"
    )


def render_codebook(services: Services) -> str:
    """All codes with their meanings, one line each."""
    parts = []
    entries = codebook(services).values()
    for family in families_in(services):
        rows = [(entry.code, _first_sentence(entry.means)) for entry in entries if entry.family == family]
        parts.append(f"{family.title}\n{pairs(rows, indent='  ')}")
    return "\n".join(parts)


def entry_to_json(entry: Explained) -> dict[str, object]:
    """One code for the envelope's `data`."""
    return {
        "code": entry.code,
        "family": entry.family.name,
        "exit_code": entry.exit_code,
        "means": entry.means,
        "remedy": entry.remedy,
        "example": entry.example,
        "earlier": entry.earlier,
    }


def _read(family: Family) -> list[Explained]:
    import tomllib  # only `explain` needs it

    with open(os.path.join(_folder, f"{family.name}.toml"), "rb") as file:
        return _entries(family, tomllib.load(file))


def _of(provider: str, text: str) -> list[Explained]:
    """A service's own codes; its file begins with `title` and `about`."""
    import tomllib

    data = tomllib.loads(text)
    family = Family(provider, str(data.pop("title")), str(data.pop("about")), ExitCode.FAILED)
    return _entries(family, data)


def _entries(family: Family, data: Mapping[str, Mapping[str, object]]) -> list[Explained]:
    return [
        Explained(
            code,
            family,
            int(str(found.get("exit", int(family.exit_code)))),
            str(found["means"]),
            str(found["remedy"]),
            str(found["example"]).rstrip("\n") + "\n",
            str(found.get("earlier", "")),
        )
        for code, found in sorted(data.items())
    ]


def _filled(text: str) -> str:
    return textwrap.fill(text, _widest, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False) + "\n"


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")
