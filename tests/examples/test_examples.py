"""Every example request of five documents has a step that becomes it, field by field."""

from __future__ import annotations

import json

import pytest

from kling_pipe.plan.examination import examine
from kling_pipe.story.reading import read_storyboard
from tests.coverage.reading import root
from tests.examples.comparing import apart, fields_of
from tests.examples.making import catalogue, errors, look, request_of, sent_by
from tests.examples.reading import Example, additions, documents, examples, forms, here, listed, written
from tests.projects import project_of

refused = [
    (document, step) for document in documents() for step, said in written(document).items() if "x-refused" in said
]


@pytest.mark.parametrize("document", documents())
def test_no_example_of_a_document_is_missing(document: str) -> None:
    asked = {one.line for one in listed(document) if not one.instead}
    assert {example.line for example in examples() if example.document == document} == asked
    assert all(any(f"x-{form}" in about for form in forms) for about in written(document).values())


@pytest.mark.parametrize("document", documents())
def test_every_example_is_a_step_that_can_be_made(document: str) -> None:
    assert errors(document) == []


@pytest.mark.parametrize("example", examples(), ids=str)
def test_the_step_becomes_the_example(example: Example) -> None:
    request = request_of(example)
    assert f"{request.method} {request.path}" == example.call
    sent = fields_of(sent_by(request))
    assert apart(fields_of(example.body), sent, additions(example.document), example.differs) == []


def test_whatever_is_added_is_added_somewhere() -> None:
    added = {(documents()[one]["provider"], path) for one in documents() for path in additions(one)}
    made = {
        (documents()[example.document]["provider"], path)
        for example in examples()
        for path in fields_of(sent_by(request_of(example)))
        if path not in fields_of(example.body)
    }
    assert added - made == set()


@pytest.mark.parametrize(("document", "step"), refused)
def test_what_is_said_otherwise_is_refused_to_the_letter(document: str, step: str) -> None:
    assert written(document)[step]["x-refused"]["code"] in codes_of(document, step)


def codes_of(document: str, step: str) -> list[str]:
    """What is said of a step with the keys of the example that it leaves out."""
    about = written(document)[step]
    changed = {key: value for key, value in about.items() if not key.startswith("x-")} | about["x-refused"]["with"]
    board = {
        "storyboard": 1,
        "name": "refused",
        "provider": documents()[document]["provider"],
        "steps": {step: changed},
    }
    reading = read_storyboard(str(here / "refused.yaml"), json.dumps(board), project_of(str(root)))
    problems = [*reading.problems]
    if not problems:
        problems += examine(reading.value(), lambda _: catalogue(document), look).problems
    return [problem.code for problem in problems]
