"""`quote`: a storyboard on several roads beside each other; no network, nothing bought, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.api.loading import Loaded, read
from kling_pipe.api.options import Options
from kling_pipe.api.planning import Adapters
from kling_pipe.api.profiles import broken_providers
from kling_pipe.api.reach import need_reach
from kling_pipe.edge.credentials import need_credential
from kling_pipe.edge.uploads import uploader_of
from kling_pipe.errors import Failure, Problem, Severity, TextFailure
from kling_pipe.plan.quote import Candidate, Quote, quote
from kling_pipe.values.profile import Profile


@dataclass(frozen=True, slots=True)
class QuoteResult:
    """A quote, what was found in the texts, and the texts."""

    quote: Quote
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


def quoted(path: str, options: Options, *, every: bool) -> QuoteResult:
    """The storyboard on the profiles of the options, and with `every` on all others that there are; raises TextFailure
    when the text itself is wrong."""
    loaded, _, candidates = candidates_of(path, options, every=every)
    return result_of(loaded, candidates)


def candidates_of(path: str, options: Options, *, every: bool) -> tuple[Loaded, Adapters, list[Candidate]]:
    """The texts, the adapters and the roads that are meant."""
    loaded = read(path, options)
    if loaded.storyboard is None or loaded.has_errors:
        raise TextFailure(loaded.problems, loaded.workspace.texts)
    others = loaded.catalogues.every_name() if every else ()
    names = dict.fromkeys((*options.profiles, *others))
    adapters = Adapters(loaded, options)
    return loaded, adapters, [_candidate(loaded, adapters, name, options) for name in names]


def result_of(loaded: Loaded, candidates: Sequence[Candidate]) -> QuoteResult:
    """The quote on these roads."""
    assert loaded.storyboard is not None
    problems = tuple(dict.fromkeys((*loaded.problems, *broken_providers())))
    return QuoteResult(quote(loaded.storyboard, candidates, loaded.look), problems, loaded.workspace.texts)


def _candidate(loaded: Loaded, adapters: Adapters, name: str, options: Options) -> Candidate:
    road = loaded.catalogues.road_of(name)
    profile = loaded.workspace.project.profile(name)
    assert profile is not None
    seat = adapters.at(profile)
    lacking = () if options.simulate else tuple(_lacking(loaded, profile))
    return Candidate(road, seat, adapters.made[name].service_model, lacking)


def _lacking(loaded: Loaded, profile: Profile) -> Iterator[Problem]:
    """What a run on the profile would miss; all of it."""
    workspace = loaded.workspace
    needs = (
        lambda: need_reach(profile, workspace.environment),
        lambda: need_credential(profile, workspace.environment, workspace.project.root),
        lambda: uploader_of(profile.uploads, workspace.environment, workspace.project.root),
    )
    for need in needs:
        try:
            need()
        except Failure as failure:
            hint = failure.hint.partition("; or try it without")[0]
            yield Problem(failure.code, failure.message, failure.span, hint, Severity.WARNING)
