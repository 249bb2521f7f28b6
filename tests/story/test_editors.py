"""What an editor marks by the schemas: nothing in the files that ship, and the mistakes that people make."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from kling_pipe.story.document import Document
from kling_pipe.story.schema import schema_names, schema_text
from kling_pipe.values.files import data_folder

pipelines = Path(data_folder("pipelines"))
files = sorted(path.relative_to(pipelines).as_posix() for path in pipelines.rglob("*.yaml"))
base = "file:///schemas/"


@cache
def validator(name: str) -> Draft202012Validator:
    """A schema whose references lead to its neighbours, as editors follow them."""
    contents = [(f"{base}{known}.schema.json", json.loads(schema_text(known))) for known in schema_names()]
    registry: Registry[Any] = Registry().with_resources([(uri, Resource.from_contents(text)) for uri, text in contents])
    return Draft202012Validator({"$ref": f"{base}{name}.schema.json"}, registry=registry)


def marked(name: str, text: str) -> list[str]:
    """Where a schema finds something wrong: the deepest places."""
    errors = validator(name).iter_errors(Document.parse(text, "a.yaml").root)
    return sorted(".".join(map(str, error.absolute_path)) for error in errors)


@pytest.mark.parametrize("name", files)
def test_an_editor_marks_nothing_in_what_ships(name: str) -> None:
    text = (pipelines / name).read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(?:\.\./)+schemas/(.*)\.schema\.json\n", text)
    assert named is not None
    assert marked(named[1], text) == []


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("storyboard", "storyboard: 1\ninclude: [a.yaml, 3]\nsteps: {a: {use: b.yaml}}", ["include"]),
        ("storyboard", "storyboard: 1\nsteps: {a: {use: b.yaml, prompt: x, with: {p: y}, takes: 2}}", ["steps.a"]),
        ("storyboard", "storyboard: 1\nsteps: {a: {use: b.yaml, with: [y]}}", ["steps.a.with"]),
        ("storyboard", "storyboard: 1\nsteps: {a: {kind: text-to-image, promt: x}}", ["steps.a", "steps.a"]),
        ("fragment", "fragment: 1\nparameters: {a: {type: picture}}\nsteps: {a: {use: b.yaml}}", ["parameters.a.type"]),
        ("fragment", "fragment: 2\nvars: {}\nsteps: {a: {kind: text-to-imag}}", ["", "fragment", "steps.a.kind"]),
        ("included", "vars: {a: b}\nbudget: 3\nsteps: {a: {kind: text-to-image}}", ["", "steps.a"]),
    ],
    ids=str,
)
def test_an_editor_marks_mistakes(name: str, text: str, places: list[str]) -> None:
    assert marked(name, text) == places
