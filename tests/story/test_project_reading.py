"""The project file, and that no credential in it is ever shown."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.report.problems import problems_to_json, render_problems
from kling_pipe.story.project import CredentialSource, Profile, Project, Uploads, builtin_profiles
from kling_pipe.story.project_reading import read_project
from kling_pipe.values.money import Cap
from kling_pipe.values.span import Span

path = "studio/kling-pipe.yaml"
root = os.path.abspath("studio")


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
"""
    kling = replace(builtin_profiles["kling"], limits={"video": 3}, poll_seconds=5.0, span=Span(path, 3, 3, 5))
    studio = Profile(
        name="studio",
        type="kling",
        base_url="http://127.0.0.1:8700",
        access_key=CredentialSource(variable="STUDIO_ACCESS"),
        secret_key=CredentialSource(file=os.path.join(root, "keys/secret")),
        uploads=Uploads(os.path.join(root, "public"), "https://media.example.org/u"),
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
            units_usd={"video": "0.14", "image": "0.0035"},
        ),
        (),
    )


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
        ("profiles: {studio: {type: klin}}\n", ["1 unknown-value"]),
        ("profiles: {kling: {base_url: http://example.org}}\n", ["1 insecure-url"]),
        ("profiles: {kling: {base_url: example.org}}\n", ["1 bad-url"]),
        ("profiles: {kling: {limits: {video: 0, clips: 3}}}\n", ["1 out-of-range", "1 unknown-key"]),
        ("profiles: {kling: {credentials: {access_key: {env: A}}}}\n", ["1 needs-key"]),
        ("profiles: {kling: {uploads: {directory: a, base_url: http://example.org}}}\n", ["1 insecure-url"]),
        ("budget: 5 EUR\n", ["1 bad-budget"]),
        ("prices: {units_usd: {video: cheap}}\n", ["1 wrong-form"]),
        ("a: 1\na: 2\n", ["1 unknown-key", "2 duplicate-key"]),
    ],
)
def test_a_wrong_project_file(text: str, said: list[str]) -> None:
    assert codes(text) == said


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


@given(st.text(max_size=120))
def test_any_text_gives_a_project_or_sentences(text: str) -> None:
    project, problems = read_project(path, text)
    assert project.root == root
    assert all(problem.message for problem in problems)
