"""What rules may know of the steps a step is wired to, as further keys of its view.

    FIELD.kind, FIELD.model         of the step whose clip is wired there
    FIELD.of_clips                  the wired elements that are made of a clip
    FIELD.of_pictures               all other elements, ids among them: an element nobody here knows counts as such

A rule that names one of these counts only where a step is wired; so it is asked beside the others, once the steps are
settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kling_pipe.plan.catalogue_data import mapping, texts
from kling_pipe.plan.catalogue_media import field_name
from kling_pipe.plan.catalogue_rules import Rule, View, count
from kling_pipe.values.media import MediaType

_words = ("kind", "model", "of_clips", "of_pictures")


class Maker(Protocol):
    """A settled step that something is wired from; `view` has its parameters and wired fields."""

    @property
    def kind(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def makes(self) -> MediaType: ...

    @property
    def view(self) -> View: ...


def reads_sources(rule: Rule) -> bool:
    """Whether a rule names one of these keys."""
    limit, keys = mapping(rule.data, "limit"), [*texts(rule.data, "forbid")]
    for form in ("when", "when_any", "require", "require_any"):
        keys += mapping(rule.data, form)
    keys += texts(limit, "items") if "items" in limit else ()
    return any(key.rpartition(".")[2] in _words and "." in key for key in keys)


def with_sources(view: View, makers: Mapping[str, Maker]) -> View:
    """A view with what is known of the steps in its wired fields, by the fields' paths."""
    found: dict[str, object] = dict(view)
    filmed: dict[str, list[str]] = {}
    for field, maker in makers.items():
        name = field_name(field)
        if maker.makes is MediaType.VIDEO:
            found |= {f"{name}.kind": maker.kind, f"{name}.model": maker.model}
        elif maker.makes is MediaType.ELEMENT and "video" in maker.view:
            filmed.setdefault(name, []).append(field)
    for name, fields in filmed.items():
        found[f"{name}.of_clips"] = tuple(fields)
        found[f"{name}.of_pictures"] = ("",) * (count(view, name) - len(fields))
    return found
