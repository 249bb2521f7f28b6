"""The project file, and that no credential in it is ever shown."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.api.profiles import builtin_profiles
from kling_pipe.report.problems import problems_to_json, render_problems
from kling_pipe.story.project import BucketUploads, CredentialSource, FolderUploads, Profile, Project
from kling_pipe.values.money import Cap
from kling_pipe.values.prices import OwnPrices
from kling_pipe.values.span import Span
from tests.projects import read_project

path = "studio/kling-pipe.yaml"
root = os.path.abspath("studio")


def in_bucket(text: str) -> str:
    return f"profiles: {{kling: {{uploads: {{{text}}}}}}}\n"


def codes(text: str) -> list[str]:
    return [f"{problem.span and problem.span.line} {problem.code}" for problem in read_project(path, text)[1]]


def test_a_whole_project() -> None:
    text = """\
project: 1
profiles:
  kling: {limits: {video: 3}, poll_seconds: 5}
  studio:
    type: kling
    base_url: http://127.0.0.1:8700/
    credentials: {access_key: {env: STUDIO_ACCESS}, secret_key: {file: keys/secret}}
    uploads: {directory: public, base_url: https://media.example.org/u/}
    allow_unknown_models: true
    media_hosts: ["127.0.0.1:8700"]
prices: {units_usd: {video: "0.14", image: 0.0035}}
allowed_folders: [../shared, /srv/media]
budget: 50 USD
confirm_above: 40 units
"""
    kling = replace(builtin_profiles["kling"], limits={"video": 3}, poll_seconds=5.0, span=Span(path, 3, 3, 5))
    studio = Profile(
        name="studio",
        type="kling",
        base_url="http://127.0.0.1:8700",
        access_key=CredentialSource(variable="STUDIO_ACCESS"),
        secret_key=CredentialSource(file=os.path.join(root, "keys/secret")),
        webhook_secret=CredentialSource(variable="KLINGAI_WEBHOOK_SECRET"),
        uploads=FolderUploads(os.path.join(root, "public"), "https://media.example.org/u"),
        allow_unknown_models=True,
        media_hosts=("127.0.0.1:8700",),
        span=Span(path, 4, 3, 6),
    )
    assert read_project(path, text) == (
        Project(
            root=root,
            path=path,
            profiles={"kling": kling, "studio": studio},
            allowed_folders=(os.path.abspath("shared"), "/srv/media"),
            budget=Cap(Decimal(50), "USD", Span(path, 13, 9, 6)),
            confirm_above=Cap(Decimal(40), "units", Span(path, 14, 16, 8)),
            units_usd={"video": "0.14", "image": "0.0035"},
            prices=OwnPrices(units_at={"video": Span(path, 11, 29, 6), "image": Span(path, 11, 44, 6)}),
        ),
        (),
    )


def uploads_of(text: str) -> object:
    project, problems = read_project(path, f"profiles:\n  kling:\n    uploads: {text}\n")
    assert problems == ()
    return project.profiles["kling"].uploads


def place(length: int) -> Span:
    return Span(path, 3, 19, length)


def test_a_bucket_takes_uploads() -> None:
    assert uploads_of("{to: s3://clips}") == BucketUploads("s3", "clips", span=place(10))
    assert uploads_of("{to: gs://clips/for/kling/, expires: 1.5 h}") == BucketUploads(
        "gs", "clips", "for/kling", expires=5400.0, span=place(21)
    )
    keys = "access_key: {env: STUDIO_ACCESS}, secret_key: {file: keys/s3}, session_token: {env: STUDIO_SESSION}"
    assert uploads_of(
        f"{{to: s3://clips, expires: 600, endpoint: 'http://127.0.0.1:9000/', region: eu-central-1, {keys}}}"
    ) == BucketUploads(
        "s3",
        "clips",
        expires=600.0,
        endpoint="http://127.0.0.1:9000",
        region="eu-central-1",
        access_key=CredentialSource(variable="STUDIO_ACCESS"),
        secret_key=CredentialSource(file=os.path.join(root, "keys/s3")),
        session_token=CredentialSource(variable="STUDIO_SESSION"),
        span=place(10),
    )


@pytest.mark.parametrize("text", ["60", "60s", "1m", "168h", "7d"])
def test_a_signed_address_lives_from_a_minute_to_seven_days(text: str) -> None:
    found = uploads_of(f"{{to: s3://clips, expires: {text}}}")
    assert isinstance(found, BucketUploads)
    assert 60 <= found.expires <= 7 * 86400


def test_the_secret_of_callbacks_is_named_like_other_credentials() -> None:
    project, problems = read_project(path, "profiles: {kling: {credentials: {webhook_secret: {env: STUDIO_HOOK}}}}\n")
    assert (project.profiles["kling"].webhook_secret, problems) == (CredentialSource(variable="STUDIO_HOOK"), ())


@pytest.mark.parametrize("text", ["", "# nothing\n", "x-mine: 1\n"])
def test_an_empty_project_is_a_project(text: str) -> None:
    project, problems = read_project(path, text)
    assert (project.root, project.profiles) == (root, {})
    assert [problem.code for problem in problems] in ([], ["empty-file"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", ["1 wrong-type"]),
        ("profils: {}\n", ["1 unknown-key"]),
        ("profiles: {studio: {limits: {video: 3}}}\n", ["1 missing-key"]),
        ("profiles: {studio: {type: klin}}\n", ["1 unknown-provider"]),
        ("profiles: {kling: {base_url: http://example.org}}\n", ["1 insecure-url"]),
        ("profiles: {kling: {base_url: example.org}}\n", ["1 bad-url"]),
        ("profiles: {kling: {limits: {video: 0, clips: 3}}}\n", ["1 out-of-range", "1 unknown-key"]),
        ("profiles: {kling: {credentials: {access_key: {env: A}}}}\n", ["1 needs-key"]),
        ("profiles: {kling: {uploads: {directory: a, base_url: http://example.org}}}\n", ["1 insecure-url"]),
        (in_bucket("to: ftp://clips"), ["1 wrong-form"]),
        (in_bucket("to: s3://"), ["1 wrong-form"]),
        (in_bucket("to: s3://clips/a//b"), ["1 wrong-form"]),
        (in_bucket("to: s3://clips/../b"), ["1 wrong-form"]),
        (in_bucket("to: s3://clips/."), ["1 wrong-form"]),
        (in_bucket("to: 's3://clips/a?b=c'"), ["1 wrong-form"]),
        (in_bucket("to: s3://clips, directory: public"), ["1 missing-key", "1 unknown-key"]),
        (in_bucket("endpoint: https://s3.example.org"), ["1 missing-key"]),
        (in_bucket("to: s3://clips, expires: 8d"), ["1 out-of-range"]),
        (in_bucket("to: s3://clips, expires: 10s"), ["1 out-of-range"]),
        (in_bucket("to: s3://clips, expires: soon"), ["1 wrong-form"]),
        (in_bucket("to: s3://clips, expires: 0"), ["1 out-of-range"]),
        (in_bucket("to: s3://clips, endpoint: http://s3.example.org"), ["1 insecure-url"]),
        (in_bucket("to: s3://clips, endpoint: s3.example.org"), ["1 bad-url"]),
        (in_bucket("to: s3://clips, access_key: {env: A}"), ["1 needs-key"]),
        (in_bucket("to: s3://clips, session_token: {env: A}"), ["1 needs-key"]),
        (in_bucket("to: s3://clips, secret_key: {variable: A}"), ["1 wrong-type", "1 needs-key"]),
        (in_bucket("to: gs://clips, region: eu"), ["1 exclusive-keys"]),
        (in_bucket("to: az://clips, access_key: {env: A}, secret_key: {env: B}"), ["1 exclusive-keys"] * 2),
        ("budget: 5 EUR\n", ["1 bad-budget"]),
        ("confirm_above: much\n", ["1 bad-amount"]),
        ("confirm_above: true\n", ["1 wrong-type"]),
        ("prices: {units_usd: {video: cheap}}\n", ["1 wrong-form"]),
        ("prices: {as_of: 2026-13-01}\n", ["1 bad-date"]),
        ("prices: {as_of: soon}\n", ["1 bad-date"]),
        (
            "prices:\n  kling-v3: 5 EUR\n  kling-v2-6: {image-to-video: {std: 1, pro: a lot}}\n",
            ["2 bad-price", "3 bad-price", "3 bad-price"],
        ),
        ("prices: {kling-v3: 0.5 units an hour}\n", ["1 bad-price"]),
        ("prices: {kling-v3: {}}\n", ["1 too-few"]),
        ("prices: {kling-v3: {image-to-video: [{when: sound, price: 5 units}]}}\n", ["1 wrong-type"]),
        ("a: 1\na: 2\n", ["1 unknown-key", "2 duplicate-key"]),
    ],
)
def test_a_wrong_project_file(text: str, said: list[str]) -> None:
    assert codes(text) == said


def test_prices_of_ones_own_in_every_form() -> None:
    text = """\
prices:
  as_of: 2026-11-01
  kling-v2a: 3 units
  kling-v3:
    text-to-image: $0.02 a picture
    image-to-video:
      - {when: {sound: true}, pro: 1 unit per second}
      - {std: 0.08 USD a second, pro: 0.10 USD a second}
      - price: 9 units a take
"""
    project, problems = read_project(path, text)
    said = [
        (price.model, price.kind, price.span.line, [
            (dict(rate.when), {name: f"{one.amount} {one.currency} {one.per}".strip()
                               for name, one in rate.amounts.items()}, rate.span.line)
            for rate in price.rates
        ])
        for price in project.prices.models
    ]  # fmt: skip
    assert (problems, project.prices.as_of, said) == ((), "2026-11-01", [
        ("kling-v2a", "", 3, [({}, {"": "3 units"}, 3)]),
        ("kling-v3", "text-to-image", 5, [({}, {"": "0.02 USD picture"}, 5)]),
        ("kling-v3", "image-to-video", 6, [
            ({"sound": True}, {"pro": "1 units second"}, 7),
            ({}, {"std": "0.08 USD second", "pro": "0.10 USD second"}, 8),
            ({}, {"": "9 units take"}, 9),
        ]),
    ])  # fmt: skip


secret = "MARKED0a9f8b7c6d5e4f3a2b1c"


@pytest.mark.parametrize(
    "text",
    [
        f"profiles: {{kling: {{credentials: {{api_key: {secret}}}}}}}\n",
        f"profiles: {{kling: {{credentials: {{api_key: {{env: {secret}}}}}}}}}\n",
        f"profiles: {{kling: {{credentials: {{api_key: {{env: sk-{secret}}}}}}}}}\n",
        f"profiles: {{kling: {{credentials: {{api_key: {{value: {secret}}}}}}}}}\n",
        f"profiles: {{kling: {{credentials: {{api_kye: {secret}}}}}}}\n",
        f"profiles: {{kling: {{credentials: {secret}}}}}\n",
        f"profiles: {{kling: {{credentials: [{secret}]}}}}\n",
        f"profiles: {{kling: {{api_key: {secret}}}}}\n",
        f"profiles: {{kling: {{base_url: https://me:{secret}@example.org}}}}\n",
        f"profiles: {{kling: {{type: {secret}}}}}\n",
        in_bucket(f"to: s3://clips, access_key: {secret}, secret_key: {{env: A}}"),
        in_bucket(f"to: s3://clips, access_key: {{env: A}}, secret_key: {{env: {secret}}}"),
        in_bucket(f"to: s3://clips, access_key: {{env: A}}, secret_key: {{value: {secret}}}"),
        in_bucket(f"to: s3://clips, session_tokn: {secret}"),
        in_bucket(f"to: s3://clips, endpoint: 'https://me:{secret}@s3.example.org'"),
        in_bucket(f"to: s3://me:{secret}@clips"),
        in_bucket(f"to: s3://clips/AKIA{secret.upper()}"),
        f"token: {secret}\n",
        f"x-notes: [the key is {secret}]\n",
        f"allowed_folders: [sk-{secret}]\n",
        f"budget: {secret}\n",
    ],
)
def test_a_credential_is_refused_and_never_shown(text: str) -> None:
    problems = read_project(path, text)[1]
    assert "secret-in-file" in [problem.code for problem in problems]
    assert "MARKED" not in render_problems(problems, {path: text}) + str(problems_to_json(problems)) + repr(problems)


@pytest.mark.parametrize(
    "text",
    [
        f'api_key: "{secret}\n',
        f"profiles:\n  kling:\n    credentials: {{api_key: {secret}\n",
        f"secret: a: {secret}\n",
        f"api_key: {secret}\napi_key: {secret}\n",
        f"api_key: *{secret}\n",
        f"api_key: !{secret} x\n",
        f"{secret}: 1\n{secret}: 2\n",
    ],
)
def test_a_text_that_cannot_be_read_does_not_show_a_credential_either(text: str) -> None:
    problems = read_project(path, text)[1]
    assert problems
    assert "MARKED" not in render_problems(problems, {path: text}) + str(problems_to_json(problems)) + repr(problems)


def test_ordinary_names_are_no_credentials() -> None:
    text = (
        "profiles:\n  kling:\n    base_url: https://api-singapore.klingai.com\n"
        "    credentials: {api_key: {env: KLINGAI_API_KEY_OF_THE_STUDIO_2026}}\n"
        "    uploads: {directory: /srv/media/uploads-for-kling-2026/public, base_url: https://media.example.org/kling}\n"
        "allowed_folders: [../../a-rather-long-folder-name-2026/shared_media_for_everybody]\n"
    )
    assert codes(text) == []
    text = (
        "profiles:\n  kling:\n    uploads:\n      to: s3://key-visuals-of-spring123456789012/clipsOfTheStudio2026\n"
        "      endpoint: https://0a1b2c3d4e5f60718293a4b5c6d7e8f9.r2.cloudflarestorage.com\n"
    )
    assert codes(text) == []


@given(st.text(max_size=120))
def test_any_text_gives_a_project_or_sentences(text: str) -> None:
    project, problems = read_project(path, text)
    assert project.root == root
    assert all(problem.message for problem in problems)
