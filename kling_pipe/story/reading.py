"""Text → Storyboard: every problem of a text at once, without touching the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.errors import Problem, Severity, TextFailure
from kling_pipe.story.axes import Member, axis_keys, step_id
from kling_pipe.story.axis_reading import read_grid
from kling_pipe.story.deliveries import read_deliveries
from kling_pipe.story.document import Document, collector_off
from kling_pipe.story.draft import Draft, broken
from kling_pipe.story.fragments import expanded
from kling_pipe.story.inclusion import included
from kling_pipe.story.inputs import Inputs, OffersAt
from kling_pipe.story.kinds import Kind, kind_hint, kinds, later_kinds
from kling_pipe.story.nodes import Map
from kling_pipe.story.offers import Folders, StepOffer
from kling_pipe.story.places import Aspect, Places
from kling_pipe.story.project import Project
from kling_pipe.story.rules import check_rules
from kling_pipe.story.schema import check
from kling_pipe.story.schema_errors import type_problem
from kling_pipe.story.sources import FileReader, Sources, no_files
from kling_pipe.story.spread import Spread, StepNode
from kling_pipe.story.step_reading import StepReader, kind_of_step, profile_names, unknown_profile
from kling_pipe.story.storyboard import Budget, Step, Storyboard
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.money import Cap

# Words that `steps.ID`, expressions and the command line already use.
reserved_names = frozenset({"steps", "inputs", "vars", "variant", "variants", "each", "step", "or", "all", "none"})
# Keys of a storyboard whose values are evaluated part by part, where what they see is known.
_read_in_parts = frozenset({"vars", "inputs", "steps", "deliver", "defaults", "variants"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a text gave: the storyboard unless there are errors, all problems, warnings among them, and the
    texts of all files by path."""

    storyboard: Storyboard | None
    problems: tuple[Problem, ...]
    document: Document | None
    texts: Mapping[str, str]

    def value(self) -> Storyboard:
        """The storyboard; raises TextFailure with all problems when there is none."""
        if self.storyboard is None:
            raise TextFailure(self.problems)
        return self.storyboard


def read_storyboard(path: str, text: str, project: Project, read_file: FileReader = no_files) -> Reading:
    """Reads a storyboard's text; `path` is only named and taken as the place that relative paths start from.
    `read_file` gives the text of a file that is named in it, by its path."""
    with collector_off():
        return _read(path, text, project, read_file)


def _read(path: str, text: str, project: Project, read_file: FileReader) -> Reading:
    try:
        document = Document.parse(text, path)
    except TextFailure as failure:
        return Reading(None, failure.problems, None, {path: text})
    root = document.root
    if not isinstance(root, Map):
        code, message, _ = type_problem("a storyboard", root, "a mapping")
        problem = Problem(code, message.replace("`", "", 2), document.root_span, "begin with `storyboard: 1`")
        return Reading(None, (*document.problems, problem), document, document.texts)
    if "fragment" in root and "storyboard" not in root:
        hint = f"a storyboard uses it in a step: `intro: {{use: {os.path.basename(path)}}}`"
        problem = Problem("wrong-file", "this is a fragment", document.key_span(root, "fragment"), hint)
        return Reading(None, (*document.problems, problem), document, document.texts)
    folders = Folders(os.path.dirname(os.path.abspath(path)), (project.root, *project.allowed_folders))
    sources = Sources(document, folders, read_file)
    merged = included(sources, root)
    merged = expanded(sources, merged) if merged is not None else None
    if merged is None:
        found = (*document.problems, *sources.problems)
        return Reading(None, _in_text_order(found, document), document, sources.texts)
    reader = _Reader(document, merged, project, folders)
    reader.draft.add(*sources.problems)
    storyboard = reader.read()
    problems = _in_text_order(reader.draft.problems, document)
    failed = any(problem.severity is Severity.ERROR for problem in problems)
    return Reading(None if failed else storyboard, problems, document, sources.texts)


def _in_text_order(problems: Iterable[Problem], document: Document) -> tuple[Problem, ...]:
    """By place; the files in the order in which they were read."""
    order = {path: number for number, path in enumerate(document.texts)}

    def place(problem: Problem) -> tuple[int, int, int]:
        span = problem.span
        return (order.get(span.path, 0), span.line, span.column) if span else (0, 0, 0)

    return tuple(sorted(problems, key=place))


class _Reader:
    def __init__(self, document: Document, root: Map, project: Project, folders: Folders) -> None:
        self.folders = folders
        self.document = document
        self.root = root
        self.project = project
        self.draft = Draft(document, root)
        self.draft.add(*document.problems)
        self.places = Places(document, document.root_place, root)

    def read(self) -> Storyboard:
        draft, root = self.draft, self.root
        values = {key: value if key in _read_in_parts else self._evaluated(key) for key, value in root.items()}
        values = {key: value for key, value in values.items() if value is not broken and value is not None}
        draft.add(*check("storyboard", {**root, **values}, self.places.at))
        nodes = self._step_nodes()
        grid = read_grid(draft, self._map("variants"), [(name, step.node) for name, step in nodes.items()])
        spread = Spread(draft, grid, nodes, self._map("inputs"))
        spread.evaluate_variables()
        inputs = Inputs(draft, self._map("inputs"), self.folders, spread)
        offers = OffersAt({name: self._offer(step) for name, step in nodes.items()}, inputs, self.folders)
        steps, unread = self._steps(nodes, offers, spread)
        provider = values.get("provider", self.project.default_profile)
        self._check_profiles(provider, steps)
        storyboard = Storyboard(
            path=self.document.path,
            name=self._name(values),
            provider=profile_names(provider) or (self.project.default_profile,),
            members=steps,
            deliveries=read_deliveries(draft, self._map("deliver"), offers, spread, steps.values()),
            budget=self._budget(values.get("budget")),
            span=self.document.root_span,
            texts={path: bytes_digest(text.encode()) for path, text in self.document.texts.items()},
            inputs=inputs.named(),
            spans=self.places,
        )
        draft.add(*check_rules(storyboard, unread))
        return storyboard

    def _map(self, key: str) -> Map:
        value = self.root.get(key)
        return value if isinstance(value, Map) else Map()

    def _evaluated(self, key: str) -> Any:
        return self.draft.evaluated(self.root, key, self.draft.scope)

    def _name(self, values: dict[str, Any]) -> str:
        name = values.get("name")
        return name if isinstance(name, str) and name else os.path.splitext(os.path.basename(self.document.path))[0]

    def _step_nodes(self) -> dict[str, StepNode]:
        """Every step that is a mapping, with its place, kind and defaults."""
        nodes = {}
        defaults = self._defaults()
        for name, node, place, _ in self._map("steps").entries():
            if name in reserved_names:
                hint = f"choose another id, such as `{name}_1`"
                self.draft.error("reserved-name", f"`{name}` cannot be a step's id", self.document.span(place), hint)
            if isinstance(node, Map) and step_id.match(name):
                kind = kind_of_step(self.draft, node, place, later_kinds)
                nodes[name] = StepNode(name, node, place, kind, defaults.get(kind.name) if kind else None)
        return nodes

    def _offer(self, step: StepNode) -> StepOffer | None:
        node, kind = step.node, step.kind
        if kind is None:
            return None
        pictures = self._count(node, kind, *kind.amount, kind.pictures) if kind.amount else kind.pictures
        return StepOffer(kind, self._count(node, kind, "takes", 1, 100), pictures)

    def _count(self, node: Map, kind: Kind, key: str, otherwise: int, most: int) -> int:
        """What a step or the defaults of its kind count; the most where an expression or a word stands, which is
        looked at where the step is read."""
        value = (node if key in node else self._defaults().get(kind.name, node)).get(key, otherwise)
        return most if isinstance(value, str) else int(value) if isinstance(value, int | float) else otherwise

    def _defaults(self) -> dict[str, Map]:
        written = self._map("defaults")
        return {name: node for name, node in written.items() if name in kinds and isinstance(node, Map)}

    def _steps(
        self, nodes: Mapping[str, StepNode], offers: OffersAt, spread: Spread
    ) -> tuple[dict[str, Step], frozenset[str]]:
        """The members of all steps by address, and the addresses of those that have errors."""
        written = self._map("defaults")
        for name in written:
            if name not in kinds:
                self._unknown_default(name, written)
        reader = StepReader(self.draft, self._defaults(), offers, spread)
        reader.check_defaults(written)
        steps: dict[str, Step] = {}
        unread = set()
        for name, step in nodes.items():
            if not axis_keys.isdisjoint(step.node):
                reader.check_axes(step)
            for coordinates in spread.members(name):
                member = Member(name, coordinates)
                found = reader.read(member, step.node, step.place, step.kind) if step.kind is not None else None
                if found is None:
                    unread.add(member.address)
                else:
                    steps[member.address] = found
        return steps, frozenset(unread)

    def _unknown_default(self, name: str, written: Map) -> None:
        later = name in later_kinds
        words = (
            f"steps of kind `{name}` are not supported yet in this version" if later else f"`{name}` is not a step kind"
        )
        hint = kind_hint("" if later else name)
        span = self.document.key_span(written, name)
        self.draft.error("kind-not-yet" if later else "unknown-kind", words, span, hint)

    def _check_profiles(self, provider: Any, steps: dict[str, Step]) -> None:
        profiles = self.project.profiles
        for at, name in enumerate(profile_names(provider)):
            if name and name not in profiles:
                self.draft.add(unknown_profile(name, profiles, self.places.at(("provider", at))))
        for step in steps.values():
            for at, name in enumerate(step.provider):
                if name not in profiles:
                    self.draft.add(unknown_profile(name, profiles, step.span_of(f"provider[{at}]")))

    def _budget(self, value: Any) -> Budget:
        if value is None:
            return Budget(run=self.project.budget)
        caps = value if isinstance(value, dict) else {"run": value}
        path: tuple[str, ...] = ("budget",) if not isinstance(value, dict) else ()
        found = {name: self._cap(cap, path or ("budget", name)) for name, cap in caps.items()}
        return Budget(found.get("run") or self.project.budget, found.get("step"), found.get("take"))

    def _cap(self, value: Any, path: tuple[str, ...]) -> Cap | None:
        span = self.places.at(path, Aspect.VALUE)
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            return None  # the schema told it
        try:
            return Cap.parse(str(value), span)
        except ValueError as error:
            self.draft.error("bad-budget", str(error), span, "write an amount such as `18 USD` or `40 units`")
            return None
