"""Profiles of a project file, over the built-in ones of their types."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from kling_pipe.report.problems import render_problems
from kling_pipe.story.project_reading import read_project
from kling_pipe.values.prices import OwnAmount, OwnPrice, OwnPrices, OwnRate
from kling_pipe.values.profile import CredentialSource, Host, Profile
from kling_pipe.values.span import Span

path = "studio/kling-pipe.yaml"
root = os.path.abspath("studio")
builtin = {
    "road": Profile(
        name="road",
        type="road",
        base_url="https://api.road.example",
        api_key=CredentialSource(variable="ROAD_TOKEN"),
        user=CredentialSource(variable="ROAD_USER"),
        hosts={"upload": Host("https://upload.road.example", "ROAD_UPLOAD_URL")},
        executable="road-cli",
        poll_seconds=3.0,
        models={"kling-v3": "road-3"},
    ),
    "lane": Profile(name="lane", type="lane", base_url_variable="LANE", api_key=CredentialSource(variable="LANE_KEY")),
}


def read(text: str) -> Profile:
    project, problems = read_project(path, f"profiles:\n  {text}\n", builtin)
    assert problems == ()
    return next(iter(project.profiles.values()))


def said(text: str) -> list[str]:
    return [f"{problem.code}: {problem.message}" for problem in read_project(path, text, builtin)[1]]


def test_a_profile_says_everything() -> None:
    text = """\
profiles:
  studio:
    type: road
    hosts: {upload: http://127.0.0.1:8700/up/}
    credentials: {api_key: {env: STUDIO_TOKEN}, user: {file: keys/user}}
    transport: executable
    executable: tools/road
    models: {kling-v3: ours-3, text-to-image/kling-v3: 17}
    prices: {as_of: 2026-11-01, units_usd: {video: 0.1}, kling-v3: 0.07 USD a second}
"""
    project, problems = read_project(path, text, builtin)
    assert problems == ()
    assert project.profiles["studio"] == Profile(
        name="studio",
        type="road",
        base_url="https://api.road.example",
        api_key=CredentialSource(variable="STUDIO_TOKEN"),
        user=CredentialSource(file=os.path.join(root, "keys/user")),
        hosts={"upload": Host("http://127.0.0.1:8700/up")},
        transport="executable",
        executable=os.path.join(root, "tools/road"),
        poll_seconds=3.0,
        models={"kling-v3": "ours-3", "text-to-image/kling-v3": "17"},
        models_at={"kling-v3": Span(path, 8, 14, 8), "text-to-image/kling-v3": Span(path, 8, 32, 22)},
        prices=OwnPrices(
            as_of="2026-11-01",
            models=(
                OwnPrice(
                    "kling-v3",
                    "",
                    (OwnRate({}, {"": OwnAmount(Decimal("0.07"), "USD", "second")}, Span(path, 9, 68, 17)),),
                    Span(path, 9, 58, 8),
                ),
            ),
            units_at={"video": Span(path, 9, 52, 3)},
        ),
        units_usd={"video": "0.1"},
        span=Span(path, 2, 3, 6),
    )
    assert (project.prices, project.units_usd) == (OwnPrices(), {})


def test_what_is_not_said_is_the_type_s_own() -> None:
    assert read("road: {poll_seconds: 5}").executable == "road-cli"
    assert read("road: {transport: http}").transport == ""
    assert read("road: {models: {kling-v2-6: ours}}").models == {"kling-v3": "road-3", "kling-v2-6": "ours"}


def test_an_executable_is_a_name_or_a_path() -> None:
    named = [read(f"road: {{transport: executable, executable: {one}}}").executable for one in ("rd", "./rd", "/o/rd")]
    assert named == ["rd", os.path.join(root, "rd"), "/o/rd"]


def test_credentials_of_another_account_are_not_mixed_with_the_built_in_ones() -> None:
    profile = read("road: {credentials: {api_key: {env: OTHER}}}")
    assert (profile.api_key, profile.user) == (CredentialSource(variable="OTHER"), None)


def test_an_own_model_id_may_look_as_keys_do() -> None:
    assert read("road: {models: {kling-v3: ep20261101x0123456789abcdef}}").models["kling-v3"].startswith("ep2026")
    assert said("profiles: {road: {models: {kling-v3: AKIA0123456789ABCDEF}}}\n") == [
        "secret-in-file: a credential stands in this file"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{type: raod}", "unknown-provider: there is no provider of type `raod`"),
        ("{type: lane, hosts: {upload: https://a.example}}", "unknown-key: `lane` has no further address `upload`"),
        ("{type: road, hosts: {uplaod: https://a.example}}", "unknown-key: `road` has no further address `uplaod`"),
        ("{type: road, hosts: {upload: http://a.example}}", "insecure-url: `http://a.example` is not encrypted"),
        ("{type: lane, transport: executable}", "bad-transport: `lane` has no executable of its own"),
        ("{type: road, executable: rd}", "needs-key: `executable` needs `transport`"),
        ("{type: road, transport: pipe}", "unknown-value: `pipe` is not a value of `profiles.studio.transport`"),
        ("{type: road, credentials: {user: {env: A}}}", "needs-key: `user` needs `api_key`"),
        ("{type: lane, credentials: {user: {env: A}, api_key: {env: B}}}",
         "unknown-key: `lane` has no credential `user`"),
        ("{type: lane, credentials: {webhook_secret: {env: A}}}",
         "unknown-key: `lane` has no credential `webhook_secret`"),
        ("{type: road, models: {text-to-vidoe/kling-v3: a}}", "unknown-kind: `text-to-vidoe` is not a step kind"),
        ("{type: road, prices: {kling-v3: free}}",
         "bad-price: a price is an amount such as `0.5 units a second` or `0.08 USD`: free"),
    ],
)  # fmt: skip
def test_a_wrong_profile(text: str, found: str) -> None:
    assert said(f"profiles: {{studio: {text}}}\n") == [found]


def test_the_type_that_is_missing_is_guessed_from_the_name() -> None:
    hints = [read_project(path, f"profiles: {{{name}: {{}}}}\n", builtin)[1][0].hint for name in ("raod", "studio")]
    assert hints == ["add `type: road`", "add `type`: `road`, `lane`"]


def test_the_nearest_type_is_offered_where_the_wrong_one_stands() -> None:
    text = "profiles:\n  studio: {type: raod}\n"
    assert (
        render_problems(read_project(path, text, builtin)[1], {path: text})
        == """\
studio/kling-pipe.yaml:2:18: unknown-provider
  studio: {type: raod}
                 ^^^^
  there is no provider of type `raod`

hint: did you mean `road`?
"""
    )
