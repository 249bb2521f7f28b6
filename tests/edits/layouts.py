"""A draft written down as a storyboard, in one of very many ways that all mean the same."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.edge.plain_picture import png
from tests.edits.drafts import Draft, DraftStep

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Written:
    """Where a storyboard was written."""

    path: Path
    texts: dict[Path, str]


class Layout:
    """One way to write; everything about it is drawn."""

    def __init__(self, chance: random.Random, *, plain: bool = False) -> None:
        self._chance = chance
        self._plain = plain
        self._mark = "" if plain else f"_{chance.randint(0, 999)}"

    def write(self, draft: Draft, project: Path) -> Written:
        """Writes a draft's files into a project's folder, in the place of what was there."""
        folder = project / self._drawn("boards", "more/boards", ".")
        folder.mkdir(parents=True, exist_ok=True)
        picture = folder / self._drawn("refs/in.png", "in.png", "deep/er/other.png")
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(png(320, 320, shade=draft.pixel))
        named = self._drawn(True, False)
        steps = [self._step(draft, step, f"./{picture.relative_to(folder)}", named=named) for step in draft.steps]
        self._shuffle(steps)
        cut = len(steps) if self._plain else self._chance.randint(1, len(steps))
        head = self._head(draft, f"{picture.relative_to(folder)}" if named and self._uses_input(draft) else "")
        texts = {folder / self._drawn("story.yaml", "other.yaml"): head + self._steps(steps[:cut])}
        if cut < len(steps):
            path = folder / "part.yaml"
            (main,) = texts
            texts[main] = texts[main].replace("storyboard: 1\n", "storyboard: 1\ninclude: part.yaml\n")
            texts[path] = self._steps(steps[cut:])
        for path, text in texts.items():
            path.write_text(text)
        return Written(next(iter(texts)), texts)

    def name(self, step: int) -> str:
        """How a step is called."""
        return f"s{step}{self._mark}"

    def _axis(self, axis: str) -> str:
        return f"{axis}{self._mark}"

    @staticmethod
    def _uses_input(draft: Draft) -> bool:
        return any(step.above == -2 for step in draft.steps)

    def _head(self, draft: Draft, picture: str) -> str:
        parts = []
        if draft.axes:
            axes = [f"  {self._axis(axis)}: {self._listed(values)}\n" for axis, values in draft.axes.items()]
            self._shuffle(axes)
            parts.append("variants:\n" + "".join(axes))
            parts.append("vars:\n  lines:\n" + "".join(f"    {key}: {text}\n" for key, text in draft.lines.items()))
        if picture:
            parts.append(f"inputs:\n  in{self._mark}: {picture}\n")
        parts.append(self._drawn("", "description: some words\n", "x-note: [1, 2]\n", "name: another-name\n"))
        self._shuffle(parts)
        return "storyboard: 1\n" + "".join(self._comment() + part for part in parts)

    def _steps(self, steps: list[tuple[str, dict[str, str]]]) -> str:
        text = "steps:\n"
        for name, values in steps:
            entries = list(values.items())
            self._shuffle(entries)
            if self._drawn(False, False, True):
                text += f"  {name}: {{{', '.join(f'{key}: {value}' for key, value in entries)}}}\n"
            else:
                text += f"  {name}:\n" + "".join(
                    f"{self._comment('    ')}    {key}: {value}\n" for key, value in entries
                )
        return text

    def _step(self, draft: Draft, step: DraftStep, picture: str, *, named: bool) -> tuple[str, dict[str, str]]:
        said = "".join(f" ${{{{ vars.lines[variant.{self._axis(axis)}] }}}}" for axis in step.mentions)
        values = {"kind": step.kind, "takes": str(step.takes), "pick": str(step.pick)}
        prompt = self._quoted(step.prompt + said)
        if step.kind == "speech":
            values |= {"text": prompt, "voice": "oversea_male1", "language": "en"}
        else:
            values |= {"prompt": prompt, "model": "kling-v2-1", "aspect_ratio": f'"{step.ratio}"'}
        if step.negative and step.kind == "text-to-image":
            values["negative_prompt"] = step.negative
        if step.extra and step.kind != "speech":
            values["extra"] = f"{{watermark_info: {{enabled: {step.extra}}}}}"
        if step.above != -1:
            wire = f"inputs.in{self._mark}" if named else picture
            values["image"] = wire if step.above == -2 else f"steps.{self.name(step.above)}"
            if step.kind == "image-to-image":
                values["image_reference"] = "subject"
        axis, value = step.exclude
        if axis in step.mentions:
            values["exclude"] = f"[{{{self._axis(axis)}: {value}}}]"
        if values["takes"] == "1" and not self._plain and self._chance.random() < 0.5:
            del values["takes"], values["pick"]
        if not self._plain and self._chance.random() < 0.3:
            values["description"] = '"words for the reader"'
        return self.name(step.number), values

    def _listed(self, values: tuple[str, ...]) -> str:
        ordered = list(values)
        self._shuffle(ordered)
        return f"[{', '.join(ordered)}]"

    def _quoted(self, text: str) -> str:
        return self._drawn(json.dumps(text), json.dumps(text), f"'{text}'")

    def _comment(self, indent: str = "") -> str:
        return self._drawn("", f"{indent}# a comment\n", "\n")

    def _drawn(self, *values: _Value) -> _Value:
        return values[0] if self._plain else self._chance.choice(values)

    def _shuffle(self, values: list[_Value]) -> None:
        if not self._plain:
            self._chance.shuffle(values)
