"""Steps written as in a storyboard, and what the shipped catalogue says of them: the reader of `cases/*.txt`.

A case is a title, a step in YAML's flow form, and the lines that are said of it:

    # an end frame needs mode pro
    {kind: image-to-video, model: kling-v2-6, prompt: x, image: <picture>, image_tail: <picture>}
    > error end-frame-mode at image_tail: …

`<picture>`, `<clip>`, `<sound>`, `<element>`, `<voice>` are wired files; words behind them tell them apart from a
plain one (`<picture 299x400 webp>`, `<clip 12s 25fps>`, `<sound 6MB made>`: `made` comes from a step; `<clip made
text-to-video/kling-v1>` from one of this kind and model, `<element made of-a-clip>` from one with a clip). `LONG 2501`
is a text of so many characters. What is taken ends in a line with `=`: the model, what is sent, what one take costs,
and what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kling_pipe.plan.catalogue import Settled
from kling_pipe.plan.catalogue_bounds import judge
from kling_pipe.plan.catalogue_media import field_name
from kling_pipe.plan.catalogue_rules import Finding
from kling_pipe.plan.catalogue_sources import with_sources
from kling_pipe.story.document import Document
from kling_pipe.story.storyboard import InputFile, Reference, Step, StepOutput, Wire
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.span import Span
from tests.providers.kling_jobs import catalogue

folder = Path(__file__).parent / "cases"
_said = "> "
_plain = {
    "picture": MediaFacts(MediaType.IMAGE, "png", 1000, 1280, 720),
    "clip": MediaFacts(MediaType.VIDEO, "mp4", 1000, 1280, 720, 5.041, 24.0, has_sound=True),
    "sound": MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=6.0, has_sound=True),
    "element": MediaFacts(MediaType.ELEMENT, "json", 100),
    "voice": MediaFacts(MediaType.VOICE, "json", 100),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One step with its title."""

    title: str
    text: str

    @property
    def whole(self) -> str:
        return f"# {self.title}\n{self.text}{said(self)}"


def read_cases(name: str) -> tuple[Case, ...]:
    """The cases of a file."""
    blocks = re.split(r"(?m)^# ", (folder / f"{name}.txt").read_text(encoding="utf-8"))[1:]
    return tuple(_case(block) for block in blocks)


def said(case: Case) -> str:
    """What the catalogue says of a case, one line each."""
    step, materials = step_of(case)
    settled = catalogue.settle(step)
    problems = list(catalogue.check(step, settled))
    if settled is not None:
        problems += catalogue.check_sources(step, settled, _makers(step))
        for field, facts in materials.items():
            others = {name: one for name, one in materials.items() if name != field}
            problems += catalogue.check_material(step, settled, field, facts, others)
    lines = [
        f"{p.severity} {p.code} at {p.span.path if p.span else ''}: {p.message}{f' ({p.hint})' if p.hint else ''}"
        for p in problems
    ]
    if settled is not None and not any(line.startswith("error") for line in lines):
        lines.append(_taken(settled, materials))
    return "".join(f"{_said}{line}\n" for line in lines)


def findings_of(case: Case) -> tuple[Finding, ...]:
    """The same with the lines of the catalogue they come from."""
    step, materials = step_of(case)
    settled = catalogue.settle(step)
    if settled is None:
        return ()
    shape = settled.shape
    found = list(shape.findings)
    view = with_sources(shape.view, _makers(step))
    found += [one for rule in shape.offer.rules for one in rule.find(view, shape.offer.kind, shape.offer.model)]
    for field, facts in materials.items():
        limits = shape.offer.media.get(field_name(field))
        others = {name: one for name, one in materials.items() if name != field}
        found += judge(limits, field, facts, shape.view, others) if limits else ()
    return tuple(found)


def step_of(case: Case) -> tuple[Step, Mapping[str, MediaFacts]]:
    """The step, and the files that are wired to it. Every key's place is a file of its own name."""
    root = Document.parse(case.text, "case").root
    assert isinstance(root, Mapping), case.text
    parameters: dict[str, object] = {}
    wires: dict[str, tuple[MediaFacts, Reference]] = {}
    for key, value in root.items():
        if key not in ("kind", "model"):
            read = _value(key, value, wires)
            if read is not None:
                parameters[key] = read
    spans = {key: Span(key, 1, 1) for key in root}
    step = Step(
        "step", str(root["kind"]), str(root.get("model", "")), Span("kind", 1, 1), parameters,
        tuple(Wire(field, facts.type, reference, Span(field, 1, 1)) for field, (facts, reference) in wires.items()),
        spans=spans,
    )  # fmt: skip
    return step, {field: facts for field, (facts, _) in wires.items()}


def _makers(step: Step) -> dict[str, Settled]:
    """The steps that were said to make what is wired."""
    found = {}
    for wire in step.wires:
        if (
            isinstance(wire.reference, StepOutput)
            and wire.reference.member in ("element", "clip")
            and wire.reference.part
        ):
            kind, _, model = wire.reference.part.partition("/")
            film = (Wire("video", MediaType.VIDEO, InputFile("f", "/f"), wire.span),) if kind == "element" else ()
            settled = catalogue.settle(Step("maker", kind, model, wire.span, {}, film))
            assert settled is not None, wire.reference
            found[wire.field] = settled
    return found


def _case(block: str) -> Case:
    title, _, rest = block.partition("\n")
    lines = [line for line in rest.splitlines(keepends=True) if line.strip() and not line.startswith(_said)]
    return Case(title, "".join(lines))


def _value(field: str, value: object, wires: dict[str, tuple[MediaFacts, Reference]]) -> object:
    """A parameter's value; what is wired goes into `wires` and leaves nothing, or an empty place in a list of ids."""
    if isinstance(value, str) and re.fullmatch("<[^<>]+>", value):
        words = value.strip("<>").split()
        by = next((word for word in words if "/" in word), "element/" if "of-a-clip" in words else "")
        reference = StepOutput(words[0], part=by) if "made" in words else InputFile(field, f"/{field}")
        wires[field] = (_facts(words), reference)
        return None
    if isinstance(value, str) and value.startswith("LONG "):
        return "x" * int(value.removeprefix("LONG "))
    if isinstance(value, list):
        items = [_value(f"{field}[{place}]", item, wires) for place, item in enumerate(value)]
        written = [item for item in items if item is not None]
        return ["" if item is None else item for item in items] if written else None
    if isinstance(value, Mapping):
        inner = {key: _value(f"{field}.{key}", item, wires) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item is not None}
    return value


def _facts(words: list[str]) -> MediaFacts:
    facts = _plain[words[0]]
    for word in words[1:]:
        if match := re.fullmatch(r"(\d+)x(\d+)", word):
            facts = replace(facts, width=int(match[1]), height=int(match[2]))
        elif match := re.fullmatch(r"([\d.]+)(s|fps|MB)", word):
            figure = float(match[1])
            facts = {
                "s": replace(facts, seconds=figure), "fps": replace(facts, fps=figure),
                "MB": replace(facts, bytes=int(figure * 1e6)),
            }[match[2]]  # fmt: skip
        elif word == "silent":
            facts = replace(facts, has_sound=False)
        elif word not in ("made", "of-a-clip") and "/" not in word:
            facts = replace(facts, format=word)
    return facts


def _taken(settled: Settled, materials: Mapping[str, MediaFacts]) -> str:
    sent = ", ".join(f"{key}: {_shown(value)}" for key, value in sorted(settled.parameters.items()))
    price = catalogue.price(settled, materials)
    units = " + ".join(f"{amount.normalize():f} {pack}" for pack, amount in price.cost.units) or "nothing"
    facts = catalogue.expected_facts(settled, materials)
    out = f"{facts.type} {facts}{' with sound' if facts.has_sound and facts.type is MediaType.VIDEO else ''}"
    return f"= {settled.model} | {sent} | {'' if price.exact else 'about '}{units} | {out}"


def _shown(value: object) -> str:
    text = "true" if value is True else "false" if value is False else str(value)
    return text if len(text) <= 40 else f"{text[:20]}… ({len(text)})"
