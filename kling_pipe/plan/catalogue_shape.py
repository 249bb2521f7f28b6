"""What steps of one shape share: the settled parameters and the verdict, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kling_pipe.plan.catalogue_limits import missing
from kling_pipe.plan.catalogue_models import Models
from kling_pipe.plan.catalogue_offer import Offer
from kling_pipe.plan.catalogue_outcome import Outcome
from kling_pipe.plan.catalogue_rules import Finding, View, same
from kling_pipe.plan.plan import Price
from kling_pipe.story.storyboard import Step

not_sent = "not-sent"  # the code of findings whose key is taken out of what is sent, and so out of the key


@dataclass(slots=True)
class Shape:
    """Offer, settled parameters and findings; prices are kept once they were asked for."""

    offer: Offer
    # Parameters with defaults, and wired fields as tuples of paths; texts are those of some step of this shape.
    view: View
    parameters: Mapping[str, object]  # settled, without texts
    texts: tuple[str, ...]  # text parameters that are kept
    findings: tuple[Finding, ...]
    outcome: Outcome
    prices: dict[tuple[float, ...], Price] = field(default_factory=dict)


def shape_of(models: Models, step: Step, ids: frozenset[str], *, allow_unknown: bool) -> Shape | None:
    """The shape of a step; `ids` are the parameters that hold ids, which are texts of digits from here on."""
    written = {key: _plain(value) for key, value in step.parameters.items() if not is_empty(value)}
    for key in ids & written.keys():
        written[key] = _id_texts(written[key])
    wires = _wired(step, written)
    named = models.named(step.kind, step.model, {**written, **wires}, allow_unknown=allow_unknown)
    if named is None:
        return None
    offer = named.offer
    asked = _asked(offer, {**named.means, **written}, wires)
    kept = {
        key: value for key, value in asked.items() if not (key in offer.implied and same(value, offer.implied[key]))
    }
    if isinstance(kept.get("shots"), list):
        kept.pop("prompt", None)  # the service ignores it beside a list of shots, so it must not decide a key
    view = {**asked, **wires}
    findings = _find(models, offer, view)
    if meant := named.means.keys() - written.keys():  # such a value stands in the model's name and nowhere else
        findings = tuple(replace(one, key="model") if one.key in meant else one for one in findings)
    for finding in findings:
        if finding.code == not_sent:
            kept.pop(finding.key, None)
    texts = tuple(key for key in kept if key in offer.texts and isinstance(kept[key], str))
    parameters = {key: value for key, value in kept.items() if key not in texts}
    return Shape(offer, view, parameters, texts, (*named.notes, *findings), offer.outcome(view))


def is_empty(value: object) -> bool:
    """Whether a value says nothing: null, a blank text, an empty list or mapping."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {}, ())


def _asked(offer: Offer, written: Mapping[str, object], wires: Mapping[str, object]) -> dict[str, object]:
    """What is written, with the model's defaults."""
    asked = {**offer.defaults, **written}
    if "shots" in offer.limits and "duration" not in written and (seconds := _shots_seconds(written)):
        asked["duration"] = seconds
    for default in offer.conditional:
        if default.key not in asked and default.when({**asked, **wires}):
            asked[default.key] = default.value
    return asked


def _find(models: Models, offer: Offer, view: View) -> tuple[Finding, ...]:
    """What the model cannot do. A parameter it does not take is said once, not again by every rule that names it."""
    if not offer.closed:
        return ()
    strange = [key for key in view if key not in offer.limits]
    known = {key: value for key, value in view.items() if key in offer.limits}
    found = [_not_taken(models, offer, key) for key in strange if "." not in key or _head(key) not in strange]
    for key, limit in offer.fields.items():
        if "needed" in limit and key not in view:
            found.append(missing(offer.kind, key, limit, f"takes.{offer.origins[key]}.{key}.needed"))
    for key in known:
        found += [_with_able(models, offer, key, view, finding) for finding in offer.limits[key](offer.model, known)]
    counted = {finding.key for finding in found if finding.code == "too-many"}  # need not be counted with others too
    for rule in offer.rules:
        if rule.about.isdisjoint(strange):
            found += [
                finding
                for finding in rule.find(view, offer.kind, offer.model)
                if finding.key not in strange and not (finding.code == "too-many-pictures" and finding.key in counted)
            ]
    return tuple(found)


def _not_taken(models: Models, offer: Offer, key: str) -> Finding:
    message = f"`{offer.model}` takes no `{_head(key)}` in `{offer.kind}`"
    return Finding("not-supported", message, key, models.instead(offer, key) or "leave it out")


def _with_able(models: Models, offer: Offer, key: str, view: View, finding: Finding) -> Finding:
    if finding.hint:
        return finding
    hint = models.who_takes(offer, key, view)
    return Finding(finding.code, finding.message, finding.key, hint, finding.severity, finding.origin)


def _head(key: str) -> str:
    return key.partition(".")[0]


def _wired(step: Step, written: Mapping[str, object]) -> dict[str, object]:
    """Wired fields by name, with the ids beside them: those stand in a list that is empty at the wired places."""
    wires: dict[str, list[object]] = {}
    for wire in step.wires:
        wires.setdefault(wire.name, []).append(wire.field)
    for name, fields in wires.items():
        there = written.get(name)
        if isinstance(there, list) and "." not in name:
            paths = iter(tuple(fields))
            fields[:] = [next(paths, item) if is_empty(item) else item for item in there]
            fields += paths
    return {name: tuple(fields) for name, fields in wires.items()}


def _plain(value: object) -> object:
    """Whole floats as integers, sequences as lists, mappings as dicts, all the way down."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _id_texts(value: object) -> object:
    """Ids as texts: 18 digits pass 2^53, so nothing on the way may take them for a number."""
    if isinstance(value, list):
        return [_id_texts(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _shots_seconds(written: Mapping[str, object]) -> int:
    shots = written.get("shots")
    if not isinstance(shots, list):
        return 0
    seconds = [shot.get("duration") for shot in shots if isinstance(shot, dict)]
    return sum(value for value in seconds if isinstance(value, int) and not isinstance(value, bool))
