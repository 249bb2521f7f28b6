"""The example requests of the five documents are steps that can be made, with every option they set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from kling_pipe.errors import Severity
from tests.coverage.reading import Option, papers
from tests.coverage.variants import examined, storyboard, written

name = "examples.yaml"
examples = tuple((step, about) for step, about in written(name).items() if "x-of" in about)


def test_every_example_is_a_step_that_can_be_made() -> None:
    problems = [problem for problem in examined(name).problems if problem.severity is Severity.ERROR]
    assert problems == []
    assert set(examined(name).settled) == set(storyboard(name).members)


@pytest.mark.parametrize(("step", "about"), examples, ids=[step for step, _ in examples])
def test_an_example_becomes_a_step_with_what_its_options_become(step: str, about: Mapping[str, Any]) -> None:
    left = about.get("x-without", {})
    unsaid = [option for option in about["x-uses"] if option not in left and not _is_said(about, option)]
    assert unsaid == []
    assert set(left) <= set(about["x-uses"])


@pytest.mark.parametrize(("step", "about"), examples, ids=[step for step, _ in examples])
def test_an_example_is_made_by_the_model_it_names(step: str, about: Mapping[str, Any]) -> None:
    paper = next(paper for paper in papers() if paper.id == about["x-document"])
    model = next(model for model in paper.models if model.id == about["x-of"])
    assert about["kind"] in model.kinds
    assert examined(name).settled[step].model == model.model or "x-note" in about
    assert {key: about.get(key) for key in model.sets} == model.sets


def test_every_document_has_examples() -> None:
    assert {about["x-document"] for _, about in examples} == {paper.id for paper in papers()}
    with_examples = {about["x-of"] for _, about in examples if about["x-document"] == "runware"}
    assert with_examples == {model.id for paper in papers() if paper.id == "runware" for model in paper.models}


def _is_said(about: Mapping[str, Any], used: str) -> bool:
    """Whether the step has a key that the option becomes, for one of the places the document has it in."""
    return any(
        key.partition(".")[0] == about["kind"] and key.split(".")[1].removesuffix("[]") in about
        for option in _options(about["x-document"], about["x-of"], used)
        for key in option.reach.keys
    )


def _options(document: str, model: str, used: str) -> Iterator[Option]:
    for paper in papers():
        groups = {option.of for option in paper.options} - {model.id for model in paper.models}
        if paper.id == document:
            yield from (one for one in paper.options if one.name == used and one.of in {model, *groups})
