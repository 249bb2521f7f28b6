"""`models`: what every model can do, as the catalogues say; and all about one, with the ways its steps travel."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import replace

from kling_pipe.api.catalogues import ProfileCatalogues
from kling_pipe.api.options import Options
from kling_pipe.api.workspace import open_project
from kling_pipe.errors import Severity, TextFailure, UsageFailure
from kling_pipe.plan.catalogue import Catalogue
from kling_pipe.plan.catalogue_pages import Explanation, KindPage, WayPage
from kling_pipe.plan.catalogue_rows import ModelRow
from kling_pipe.providers.provider import Provider
from kling_pipe.providers.table import table
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.job import Route

_usual_prompt = 2500  # characters; a longer one may go another way


def models(options: Options, kind: str = "", provider: str = "") -> tuple[ModelRow, ...]:
    """The rows of a provider type, the first one's where none is named; with `kind` only those that serve it."""
    (catalogue,) = _asked(provider or next(iter(table))).values()
    return tuple(row for row in catalogue.rows() if not kind or any(served.kind == kind for served in row.kinds))


def explain(options: Options, name: str, provider: str = "") -> Explanation:
    """Everything about the model of a name or alias, at the first provider type that has it or at the one named; raises
    UsageFailure when nobody goes by it."""
    catalogues = _asked(provider)
    for provider_type, catalogue in catalogues.items():
        found = catalogue.explain(name)
        if found is not None:
            return _with_ways(found, table[provider_type].adapter(None))
    having = [f"`{other}`" for other, catalogue in _asked("").items() if provider and catalogue.explain(name)]
    if having:
        told = (
            f"{', '.join(having)} {'has' if len(having) == 1 else 'have'} it; `kling-pipe models --provider {provider}`"
        )
        raise UsageFailure("unknown-model", f"`{provider}` has no model `{name}`", hint=f"{told} lists what there is")
    near = dict.fromkeys(model for catalogue in catalogues.values() for model in catalogue.nearest_models(name))
    hint = f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else "`kling-pipe models` lists them"
    raise UsageFailure("unknown-model", f"`{name}` is not the name of a model", hint=hint)


def _asked(provider: str) -> dict[str, Catalogue]:
    """All catalogues, or that of one provider type."""
    found = _catalogues()
    if provider and provider not in found:
        near = difflib.get_close_matches(provider, list(found), 1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(f'`{one}`' for one in found)}"
        raise UsageFailure("unknown-word", f"`{provider}` is not a provider type", hint=hint)
    return {provider: found[provider]} if provider else found


def _catalogues() -> dict[str, Catalogue]:
    project, text, problems = open_project(os.getcwd())
    catalogues = ProfileCatalogues(project)
    wrong = [*problems, *catalogues.wrong_own()]
    if any(problem.severity is Severity.ERROR for problem in wrong):
        raise TextFailure(wrong, {problem.span.path: text for problem in wrong if problem.span})
    return {profile.type: catalogue for profile, catalogue in catalogues.of_types()}


def _with_ways(found: Explanation, provider: Provider) -> Explanation:
    pages = [
        replace(page, kinds=tuple(replace(kind, ways=_ways(provider, page.row.model, kind)) for kind in page.kinds))
        for page in found.pages
    ]
    return replace(found, pages=tuple(pages))


def _ways(provider: Provider, model: str, kind: KindPage) -> tuple[WayPage, ...]:
    """Every route that a step of the kind can take, as the adapter itself chooses them."""
    ways: dict[tuple[str, str], WayPage] = {}
    for when, parameters, wired in _steps(kind):
        route = provider.route(kind.kind, model, parameters, (), CredentialKind.API_KEY, wired)
        if isinstance(route, Route):
            with_pair = provider.route(kind.kind, model, parameters, (), CredentialKind.KEY_PAIR, wired)
            way = WayPage(route.standard, route.endpoint, when, needs_api_key=isinstance(with_pair, Refusal))
            ways.setdefault((route.standard, route.endpoint), way)
    return tuple(ways.values())


def _steps(kind: KindPage) -> Iterable[tuple[str, dict[str, object], tuple[str, ...]]]:
    """Steps that may travel differently: a plain one, one in each other mode, one a wired field, and one with a long
    prompt."""
    needed = tuple(field.name for field in kind.inputs if field.needed)
    mode = next((field for field in kind.parameters if field.name == "mode"), None)
    modes = mode.takes.split(", ") if mode else []
    yield "", {"mode": mode.default} if mode and mode.default in modes else {}, needed
    for value in modes:
        yield f"with `mode: {value}`", {"mode": value}, needed
    for field in kind.inputs:
        yield f"with `{field.name}`", {}, (*needed, f"{field.name}[0]", field.name)
    prompt = next((field for field in kind.parameters if field.name == "prompt"), None)
    if prompt and not prompt.takes.endswith(f" {_usual_prompt} characters"):
        long: dict[str, object] = {"prompt": "x" * (_usual_prompt + 1)}
        yield f"with a prompt of more than {_usual_prompt} characters", long, needed
