"""Catalogues of profiles: whose prices count, and what of one's own means nothing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from kling_pipe.api.catalogues import ProfileCatalogues
from kling_pipe.api.profiles import builtin_profiles
from kling_pipe.plan.catalogue import Catalogue
from kling_pipe.plan.wrong_own import wrong_prices
from kling_pipe.story.project import with_builtin_profiles
from tests.projects import read_project
from tests.providers.kling_jobs import step_of

first = next(iter(builtin_profiles))


def catalogues(text: str) -> ProfileCatalogues:
    project, problems = read_project("shop/kling-pipe.yaml", text)
    assert problems == ()
    return ProfileCatalogues(with_builtin_profiles(project, builtin_profiles))


def price(catalogue: Catalogue, model: str = "kling-v3") -> str:
    settled = catalogue.settle(step_of("text-to-image", model, {"prompt": "x"}))
    assert settled is not None
    found = catalogue.price(settled, {})
    return f"{found.cost.usd.normalize():f} {found.as_of} {found.source}"


contract = f"""\
profiles:
  studio:
    type: {first}
    prices: {{as_of: 2026-10-05, units_usd: {{video: 0.1}}, kling-v3: 0.01 USD a take}}
  plain: {{type: {first}}}
prices:
  as_of: 2026-11-01
  units_usd: {{image: 0.01, video: 0.2}}
  kling-v3: {{text-to-image: 0.02 USD}}
  kling-v2-1: {{text-to-image: 2 units}}
"""


def test_a_profile_s_prices_go_before_those_of_the_project_and_these_before_the_list() -> None:
    found = catalogues(contract)
    project = found.project
    studio, plain = (found.of(project.profiles[name]) for name in ("studio", "plain"))
    assert price(studio) == "0.01 2026-10-05 kling-pipe.yaml:4"
    assert price(plain) == "0.02 2026-11-01 kling-pipe.yaml:9"
    assert price(studio, "kling-v2-1") == "0.02 2026-11-01 kling-pipe.yaml:10; a unit by kling-pipe.yaml:8"
    assert (studio.units_usd["video"], studio.units_usd["image"]) == (Decimal("0.1"), Decimal("0.01"))
    assert plain.units_usd["video"] == Decimal("0.2")


def test_profiles_without_prices_of_their_own_share_a_catalogue() -> None:
    found = catalogues(contract)
    assert found.of(found.project.profiles["plain"]) is found.of(found.project.profiles[first])
    bare = catalogues("")
    assert bare.of(bare.project.profiles[first]) is catalogues("").of(bare.project.profiles[first])


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("models: {kling-v3: ours, text-to-image/kling-v3: ours-too}", []),
        ("models: {kling-v33: ours}", ["unknown-model: `kling-v33` is not the name of a model"]),
        ("models: {kling-v33: ours}, allow_unknown_models: true", []),
        ("models: {sora-2: ours, kling-v3-pro-audio: ours}", []),
        ("models: {lip-sync/kling-v3: ours}", ["model-kind: `kling-v3` does not serve `lip-sync`"]),
        ("models: {kling-2.6: ours}", ["unknown-model: `kling-2.6` is `kling-v2-6` here, and own ids go by that name"]),
        ("prices: {kling-v33: 1 unit}", ["unknown-model: `kling-v33` is not the name of a model"]),
        ("prices: {units_usd: {vidoe: 1}}", ["unknown-pack: `vidoe` is no pack of units"]),
    ],
)
def test_what_means_nothing_of_a_profile(profile: str, told: list[str]) -> None:
    found = catalogues(f"profiles:\n  studio: {{type: {first}, {profile}}}\n").wrong_own()
    assert [f"{problem.code}: {problem.message}" for problem in found] == told
    assert all(problem.span and problem.span.line == 2 and problem.hint for problem in found)


def road(provider: str, modes: Iterable[str], packs: dict[str, str]) -> Catalogue:
    """A catalogue of one model, `m`, that makes clips in some modes."""
    rates = [{"by": "mode", "units": dict.fromkeys(modes, "1")}]
    return Catalogue.of(
        provider,
        {
            "as_of": "2026-11-01", "units_usd": packs,
            "takes": {"t": {"mode": {"type": "choice", "values": list(modes)}}},
            "kinds": {"text-to-video": {"product": "video", "makes": "video", "default_model": [{"model": "m"}]}},
            "models": [{"model": "m", "product": "video", "state": "current"}],
            "prices": {"p": {"pack": "video", "rates": rates}}, "timings": {"t": {"base": 1}},
            "offers": {"text-to-video": {"m": {"takes": ["t"], "timing": "t", "price": "p"}}},
        },
    )  # fmt: skip


roads = (road("a", ("std", "pro"), {"video": "0.1"}), road("b", ("hd",), {}))


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ("m: {text-to-video: {pro: 1 unit}}", []),
        ("m: {text-to-video: {hd: 1 USD}}", []),  # of the second road
        ("m: {text-to-video: {hd: 1 unit}}", ["bad-price: `hd` is no value that `m` is priced by"]),
        ("m: {text-to-video: {uhd: 1 USD}}", ["bad-price: `uhd` is no value that `m` is priced by"]),
        ("units_usd: {video: 1}", []),
        ("units_usd: {video: 1, vdeo: 1}", ["unknown-pack: `vdeo` is no pack of units"]),
    ],
)
def test_what_one_road_takes_is_right(prices: str, told: list[str]) -> None:
    project, problems = read_project("kling-pipe.yaml", f"prices:\n  {prices}\n")
    assert problems == ()
    found = [f"{problem.code}: {problem.message}" for problem in wrong_prices(lambda: roads, project.prices)]
    assert found == told
