"""The models as a table for people and programs: by step kind, what each can do, its limits and its prices."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kling_pipe.plan.catalogue_rows import KindRow, ModelRow, capability_words
from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import table, width
from kling_pipe.values.money import units_of

current_state = "current"
words_of_capabilities = capability_words


@dataclass(frozen=True, slots=True)
class Need:
    """What a step needs of a model; every word and figure must hold for one and the same kind."""

    kind: str = ""
    can: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: int = 0
    mode: str = ""
    retired: bool = False

    def with_retired(self) -> Need:
        return replace(self, retired=True)

    def fits(self, row: KindRow) -> bool:
        return (
            self.kind in ("", row.kind)
            and all(word in row.can for word in self.can)
            and all(row.takes(name, count) for name, count in self.counts.items())
            and (not self.seconds or self.seconds in row.durations)
            and (not self.mode or self.mode in (*row.modes, *row.resolutions))
        )


def chosen(rows: Sequence[ModelRow], need: Need) -> tuple[ModelRow, ...]:
    """The models that fit, each with the kinds that fit."""
    alive = [row for row in rows if need.retired or row.state == current_state]
    fitting = [replace(row, kinds=tuple(one for one in row.kinds if need.fits(one))) for row in alive]
    return tuple(row for row in fitting if row.kinds)


def render_models(rows: Sequence[ModelRow], columns: int) -> str:
    """The models as text, one table a kind; where a table is too wide, one paragraph a model."""
    if not rows:
        return "no model fits\n"
    kinds: dict[str, list[Line]] = {}
    for row in rows:
        for one in row.kinds:
            kinds.setdefault(one.kind, []).append(Line(row, one))
    blocks = [_title(kind, lines) + _block(lines, columns) for kind, lines in kinds.items()]
    return "\n".join(blocks) + "\n" + _foot(rows, columns)


def models_to_json(rows: Sequence[ModelRow]) -> dict[str, object]:
    """The models for the envelope's `data`."""
    return {"models": [dataclasses.asdict(row) for row in rows]}


def state_words(row: ModelRow) -> str:
    """`current`, `retired since 2026-09-15, use kling-v3`."""
    if row.state == current_state:
        return row.state
    since = f" since {row.retired_on}" if row.retired_on else ""
    return f"{row.state}{since}" + (f", use {row.successor}" if row.successor else "")


def seconds_words(seconds: tuple[int, ...]) -> str:
    """`3–15`, `5, 10`."""
    whole = tuple(range(seconds[0], seconds[-1] + 1)) if seconds else ()
    return f"{seconds[0]}–{seconds[-1]}" if len(seconds) > 2 and seconds == whole else ", ".join(map(str, seconds))


@dataclass(frozen=True, slots=True)
class Line:
    """One model of one kind."""

    row: ModelRow
    kind: KindRow

    @property
    def name(self) -> str:
        return self.row.model + (" *" if self.kind.default else "")

    @property
    def seconds(self) -> str:
        return seconds_words(self.kind.durations)

    @property
    def modes(self) -> str:
        return " ".join(self.kind.modes or self.kind.resolutions)

    @property
    def sound(self) -> str:
        return "" if "sound" not in self.kind.can else "yes" if "silence" in self.kind.can else "always"

    @property
    def units(self) -> str:
        if not self.kind.units:
            return "not published"
        low, high, _ = self.kind.units
        figures = f"{'' if self.kind.exact else 'about '}{low if low == high else f'{low}–{high}'}"
        if self.kind.currency not in _currencies:
            return "own, see explain"  # some in units and some in money
        return f"{figures}{_currencies[self.kind.currency]}{' own' if self.kind.own else ''}"

    @property
    def retired(self) -> str:
        return "" if self.row.state == current_state else f"use {self.row.successor}"

    def can(self, word: str) -> str:
        return "yes" if word in self.kind.can else ""

    def count(self, name: str) -> str:
        return str(self.kind.counts.get(name, ""))


_currencies = {"units": "", "USD": " USD"}  # a kind's head names the units

# The columns of a table by their heads; those that are empty for a whole kind are left out.
_columns: Mapping[str, Callable[[Line], str]] = {
    "model": lambda line: line.name,
    "retired": lambda line: line.retired,
    "seconds": lambda line: line.seconds,
    "mode": lambda line: line.modes,
    "sound": lambda line: line.sound,
    "end": lambda line: line.can("end-frame"),
    "shots": lambda line: line.can("shots"),
    "ref.": lambda line: line.count("references"),
    "elem.": lambda line: line.count("elements"),
    "voices": lambda line: line.count("voices"),
    "clip": lambda line: line.can("clip"),
    "camera": lambda line: line.can("camera"),
    "masks": lambda line: line.can("masks"),
    "units": lambda line: line.units,
}
# The same in words, for paragraphs.
_words: Mapping[str, str] = {
    "sound": "sound", "end": "end frame", "shots": "shots", "ref.": "references", "elem.": "elements",
    "voices": "voices", "clip": "clip", "camera": "camera", "masks": "masks",
}  # fmt: skip


def _title(kind: str, lines: Sequence[Line]) -> str:
    priced = next((line.kind for line in lines if line.kind.units), None)
    if priced is None:
        return f"{kind}\n"
    per = priced.units[2]
    counted = "USD" if priced.currency == "USD" else units_of(priced.pack)
    return f"{kind}: {counted}{f' {per}' if per else ''}\n"


def _in_money(lines: Sequence[Line]) -> bool:
    return all(line.kind.currency == "USD" for line in lines if line.kind.units)


def _block(lines: Sequence[Line], columns: int) -> str:
    text = _table(lines)
    if all(width(line) <= columns for line in text.splitlines()):
        return text
    return "".join(_paragraph(line, columns) for line in lines)


def _table(lines: Sequence[Line]) -> str:
    used = [head for head, cell in _columns.items() if any(cell(line) for line in lines)]
    shown = ["price" if head == "units" and _in_money(lines) else head for head in used]
    return table(shown, [[_columns[head](line) for head in used] for line in lines], indent="  ")


def _paragraph(line: Line, columns: int) -> str:
    facts = [f"retired, {line.retired}"] if line.retired else []
    facts += [f"{line.seconds} s"] if line.seconds else []
    facts += [line.modes] if line.modes else []
    for head, noun in _words.items():
        value = _columns[head](line)
        if value:
            facts.append(noun if value == "yes" else f"{value} {noun.removesuffix('s') if value == '1' else noun}")
    facts.append(line.units + (" units" if line.kind.units and line.kind.currency == "units" else ""))
    wrapped = textwrap.wrap("; ".join(facts), max(20, columns - 4), break_long_words=False)
    return f"  {line.name}\n" + "".join(f"    {part}\n" for part in wrapped)


def _foot(rows: Sequence[ModelRow], columns: int) -> str:
    days = dict.fromkeys(row.as_of for row in rows)
    count = plural(len({(row.model, row.product) for row in rows}), "model")
    text = (
        f"{count}, prices as of {', '.join(days)}. `*` is taken when a step names no model; "
        "`kling-pipe models explain MODEL` tells everything about one."
    )
    return "".join(f"{line}\n" for line in textwrap.wrap(text, max(20, columns), break_long_words=False))
