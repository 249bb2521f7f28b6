"""One step of a text as a Step: defaults under its values, expressions, its kind's schema, then its wires."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from kling_pipe.errors import Problem
from kling_pipe.story.axes import Coordinates, Member, axis_keys
from kling_pipe.story.draft import Draft, broken
from kling_pipe.story.expressions import Scope, opening
from kling_pipe.story.fitting import Socket, check_fit
from kling_pipe.story.kinds import Kind, WireField, kind_hint, kinds
from kling_pipe.story.nodes import Map
from kling_pipe.story.offers import Offers, StepWire, WireError
from kling_pipe.story.places import Aspect, Places, path_of
from kling_pipe.story.schema import check, check_part, parameters, switches
from kling_pipe.story.spelling import name_hint
from kling_pipe.story.spread import Spread, StepNode
from kling_pipe.story.storyboard import Reference, Step, Wire
from kling_pipe.story.wiring import read_wire

# Keys of a step that are no parameters of its kind.
common_keys = frozenset({
    "kind", "model", "provider", "takes", "pick", "retries", "after", "timeout", "extra", "description",
    *axis_keys,
})  # fmt: skip
# Of these, the ones that mean one step and cannot be defaults.
_single_keys = frozenset({"kind", "pick", "after", "description", *axis_keys})
OffersAt = Callable[[Coordinates], Offers]
_switch_words = {"on": True, "yes": True, "off": False, "no": False}
_units = {"s": 1.0, "m": 60.0, "h": 3600.0}


class StepReader:
    """Reads the members of the steps of one storyboard; `offers` says what they may be wired to, `spread` which of a
    step's members that means."""

    def __init__(self, draft: Draft, defaults: Mapping[str, Map], offers: OffersAt, spread: Spread) -> None:
        self.draft = draft
        self.defaults = defaults
        self._offers_at = offers
        self.offers = offers(())
        self.spread = spread

    def read(self, member: Member, node: Map, place: int, kind: Kind) -> Step | None:
        """The step at some axis values, or None when it has errors, which are then in the draft."""
        name, at = member.step, member.coordinates
        self.offers = self._offers_at(at)
        draft = self.draft
        defaults = self.defaults.get(kind.name)
        layers = (node,) if defaults is None else (node, defaults)
        origin = (lambda text: self.spread.origin(text, at)) if at else None
        places = Places(draft.document, place, *layers, origin=origin)
        before = len(draft.problems)
        values, whole = self._values(name, node, defaults, kind, at)
        _set_switches(values, kind)
        problems = check(f"steps/{kind.name}", values, places.at)
        if problems:
            draft.add(*(problem for problem in problems if whole or problem.code != "missing-key"))
            self._remove_wrong_wires(values, kind)
        wires = tuple(self._wires(member, values, kind, places))
        read = [wire for wire in wires if wire is not None]
        # A wire to something that is wrong itself is told there; the step cannot be read without it all the same.
        if not whole or problems or len(read) < len(wires) or len(draft.problems) > before:
            return None
        return _step(member.address, values, kind, tuple(read), places, self._after(values, at))

    def _after(self, values: Mapping[str, Any], at: Coordinates) -> tuple[str, ...]:
        """The members that are waited for; a name that no step has stays, and a rule tells of it."""
        after = values.get("after", ())
        names = (after,) if isinstance(after, str) else after
        return tuple(address for name in names for address in self.spread.after(name, at))

    def check_defaults(self, written: Map) -> None:
        """Looks at defaults on their own, since no step may use them; what a step needs may be missing there."""
        for name, defaults in self.defaults.items():
            places = Places(self.draft.document, written.key_place(name), defaults)
            single = _single_keys.difference(kinds[name].own)
            for key in single & defaults.keys():
                message = f"`{key}` cannot be a default"
                self.draft.error("own-key", message, places.at((key,), Aspect.KEY), "write it in the steps")
            values, whole = self._values("", defaults, None, kinds[name], self.spread.anywhere(defaults))
            if not whole:
                continue
            values = {key: value for key, value in values.items() if key not in single}
            _set_switches(values, kinds[name])
            self.draft.add(*check_part(f"steps/{name}", {"kind": name, **values}, places.at))

    def check_axes(self, step: StepNode) -> None:
        """Looks at the keys that give a step axes, which its members have no part in."""
        if step.kind is None:
            return
        places = Places(self.draft.document, step.place, step.node)
        written = {key: self.draft.evaluated(step.node, key, self.draft.scope) for key in axis_keys & step.node.keys()}
        values = {key: value for key, value in written.items() if value is not broken}
        self.draft.add(*check_part(f"steps/{step.kind.name}", {"kind": step.kind.name, **values}, places.at))

    def _values(
        self, name: str, node: Map, defaults: Map | None, kind: Kind, at: Coordinates
    ) -> tuple[dict[str, Any], bool]:
        """The step's values over the defaults, evaluated, and whether none of them is broken."""
        values: dict[str, Any] = dict(defaults) if defaults else {}
        values.update(node)
        for key in defaults or ():
            if values[key] is None or (key in _single_keys and key not in node and key not in kind.own):
                del values[key]  # `key: null` takes a default away
        for key in axis_keys & values.keys():
            del values[key]  # they are read once for all members
        if not self.draft.has_expressions:
            return self._gathered(name, values, kind, at), True
        scope: Scope = {**self.spread.scope(at), "step": {"id": name}}
        whole = True
        for key, value in list(values.items()):
            if type(value) is str and opening not in value:
                continue
            if isinstance(value, str | Map | list):
                holder = node if key in node else defaults
                assert holder is not None
                values[key] = self.draft.replaced(value, holder, key, scope)
                if values[key] is broken:
                    del values[key]
                    whole = False
        return self._gathered(name, values, kind, at), whole

    def _gathered(self, name: str, values: dict[str, Any], kind: Kind, at: Coordinates) -> dict[str, Any]:
        """The values with a wire for every member that the step gathers."""
        if name and self.spread.gathers(name):
            for field in kind.wires:
                head = field.name.partition(".")[0]
                if head in values and field.many:
                    values[head] = self.spread.gathered(name, values[head], at)
        return values

    def _wires(self, member: Member, values: Mapping[str, Any], kind: Kind, places: Places) -> Iterator[Wire | None]:
        for field in kind.wires:
            head = field.name.partition(".")[0]
            if head not in values:
                continue
            for path, item in _items(field, values[head]):
                if not (field.ids and self._is_id(item)):
                    yield self._wire(member, path, item, field, kind, places)

    def _is_id(self, value: object) -> bool:
        """Whether an item is the service's own; a step or input named without `steps.` or `inputs.` is none."""
        return is_id(value) and value not in self.offers.steps and value not in self.offers.inputs

    def _wire(self, member: Member, path: str, text: str, field: WireField, kind: Kind, places: Places) -> Wire | None:
        offers = self.offers.beside(places.at(path_of(path)).path) if text.startswith(".") else self.offers
        try:
            reference = read_wire(text, offers)
            if reference is None:
                return None
            check_fit(Socket(path, field, kind, member.step), text, reference, offers)
            if isinstance(reference, StepWire):
                taken: Reference = reference.output(self.spread.member(reference, member.coordinates))
            else:
                taken = reference
        except WireError as error:
            self.draft.add(error.problem(places.at(path_of(path))))
            return None
        return Wire(path, field.takes, taken, places.at(path_of(path)))

    def _remove_wrong_wires(self, values: dict[str, Any], kind: Kind) -> None:
        """Leaves the wires that can still be looked at, so that their problems are told in the same go."""
        for field in kind.wires:
            head, dot, _ = field.name.partition(".")
            if dot or not _is_wirable(values.get(head), field):
                values.pop(head, None)


def _is_wirable(value: object, field: WireField) -> bool:
    if field.many:
        return isinstance(value, list) and all(isinstance(item, str) or (field.ids and is_id(item)) for item in value)
    return (isinstance(value, str) and bool(value)) or (field.ids and is_id(value))


def kind_of_step(draft: Draft, node: Map, place: int, later: frozenset[str]) -> Kind | None:
    """The kind a step names; None, with the problem told, when it names none that is here."""
    name = node.get("kind")
    if isinstance(name, str) and name in kinds:
        return kinds[name]
    document = draft.document
    if "use" in node:
        return None  # why the fragment is not in its place was told where it was looked for
    if "kind" not in node:
        wrong = [key for key in node if key in ("type", "uses", "Kind")]
        hint = f"rename `{wrong[0]}`" if wrong else kind_hint("")
        draft.error("missing-key", "`kind` is missing", document.span(place), hint)
        return None
    span = document.value_span(node, "kind")
    if isinstance(name, str) and name in later:
        hint = kind_hint("")
        draft.error("kind-not-yet", f"steps of kind `{name}` are not supported yet in this version", span, hint)
    else:
        hint = "an expression cannot stand here" if "${{" in str(name) else kind_hint(str(name))
        draft.error("unknown-kind", f"`{name}` is not a step kind", span, hint)
    return None


def _items(field: WireField, value: Any) -> Iterator[tuple[str, Any]]:
    """Path and value of everything in a wired field: a wire's text, or an id of the service."""
    head, _, inner = field.name.partition(".")
    if not field.many:
        yield head, value
        return
    for index, item in enumerate(value):
        yield (f"{head}[{index}].{inner}", item[inner]) if inner else (f"{head}[{index}]", item)


def is_id(value: object) -> bool:
    """Whether a value looks like an id of the service rather than a wire."""
    return isinstance(value, int) or (isinstance(value, str) and re.match(r"[A-Za-z0-9_-]+\Z", value) is not None)


def _set_switches(values: dict[str, Any], kind: Kind) -> None:
    for key in switches(kind.name):
        value = values.get(key)
        if isinstance(value, str) and value in _switch_words:
            values[key] = _switch_words[value]


def _step(
    address: str, values: dict[str, Any], kind: Kind, wires: tuple[Wire, ...], places: Places, after: tuple[str, ...]
) -> Step:
    get = values.get
    return Step(
        address=address,
        kind=kind.name,
        model=get("model", ""),
        span=places.document.span(places.owner),
        parameters=_parameters(values, kind, wires),
        wires=wires,
        provider=profile_names(get("provider", ())),
        takes=int(get("takes", 1)),
        pick=int(get("pick", 1)),
        retries=int(get("retries", 0)),
        after=after,
        timeout=_seconds(get("timeout", 0.0)),
        extra=_frozen(get("extra", {})),
        description="" if "description" in kind.own else get("description", ""),
        spans=places,
    )


def _parameters(values: Mapping[str, Any], kind: Kind, wires: tuple[Wire, ...]) -> dict[str, object]:
    """What the model is asked, without wired fields; ids of elements and voices stay, as text.

    In a list an empty text keeps the place of each wire, so that the service's order is the one that was written."""
    kept = _kept_keys(kind.name)
    result: dict[str, object] = {key: _frozen(value) for key, value in values.items() if key in kept}
    for field in kind.wires:
        if field.ids and field.name in values:
            wired = {wire.field for wire in wires}
            ids = tuple("" if path in wired else str(item) for path, item in _items(field, values[field.name]))
            if field.many:
                result[field.name] = ids
            elif ids[0]:
                result[field.name] = ids[0]
    shots = result.get("shots")
    if isinstance(shots, tuple) and "duration" not in result:
        result["duration"] = sum(shot["duration"] for shot in shots)  # the shots say it
    if "dynamic_masks" in result:
        result["dynamic_masks"] = tuple(
            {"trajectories": _frozen(mask["trajectories"])} for mask in values["dynamic_masks"]
        )
    return result


@cache
def _kept_keys(kind: str) -> frozenset[str]:
    other = {*common_keys, *(field.name for field in kinds[kind].wires)}.difference(kinds[kind].own)
    return frozenset(parameters(kind)) - other


def _frozen(value: Any) -> Any:
    """Lists as tuples, whole floats as integers: `5` and `5.0` are one value and one key."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _seconds(value: str | float) -> float:
    """`90`, `90s`, `10m`, `1h`; the schema has seen to the form."""
    if isinstance(value, str):
        return float(value[:-1].strip()) * _units[value[-1]]
    return float(value)


def profile_names(value: object) -> tuple[str, ...]:
    """One profile or a list of them, each named once."""
    if isinstance(value, str):
        return (value,)
    return tuple(dict.fromkeys(str(name) for name in value)) if isinstance(value, list | tuple) else ()


def unknown_profile(name: str, known: Mapping[str, object], span: Any) -> Problem:
    """The problem of a provider that no profile configures."""
    several = [part.strip() for part in name.split(",")]
    hint = f"write a list: `[{', '.join(several)}]`" if len(several) > 1 else name_hint(name, known)
    return Problem("unknown-profile", f"there is no profile `{name}`", span, hint)
