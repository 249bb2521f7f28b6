"""The catalogue knows every model of the five documents by its name there, and the model takes its options."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kling_pipe.errors import Problem
from kling_pipe.story.kinds import kinds
from kling_pipe.story.storyboard import InputUrl, Step, Wire
from kling_pipe.values.span import Span
from tests.coverage import schemas
from tests.coverage.reading import NamedModel, Paper, papers
from tests.coverage.variants import shipped

here = Span("story.yaml", 1, 1)
named = tuple((paper, model) for paper in papers() for model in paper.models)
# What is beside an option so that it can be seen alone.
companions: Mapping[str, Mapping[str, object]] = {
    "refer_type": {"video": ""}, "keep_original_sound": {"video": ""}, "image_tail": {"image": ""},
    "scene_image": {"references": ""}, "style_image": {"references": ""}, "human_fidelity": {"image": ""},
    "image_reference": {"image": ""},
}  # fmt: skip


@pytest.mark.parametrize(("paper", "model"), named, ids=lambda value: value.id)
def test_a_model_is_known_by_its_name_there(paper: Paper, model: NamedModel) -> None:
    for kind in model.kinds:
        settled = shipped().settle(step(kind, model.id, {}))
        assert settled is not None, f"`{model.id}` is no model for `{kind}`"
        assert settled.model == model.model
        assert {key: settled.parameters.get(key) for key in model.sets} == model.sets


@pytest.mark.parametrize(("paper", "model"), named, ids=lambda value: value.id)
def test_a_model_takes_the_keys_that_its_options_become(paper: Paper, model: NamedModel) -> None:
    refused = {
        f"{option.name}: {problem.message}"
        for option in paper.options
        if option.of == model.id
        for key in option.reach.keys
        for problem in problems(model, *key.split(".")[:2])
        if problem.code in ("not-sent", "not-supported") and f"`{key.split('.')[1]}`" in problem.message
    }
    assert refused == set()


def problems(model: NamedModel, kind: str, key: str) -> tuple[Problem, ...]:
    """What the catalogue says of a step with one key and little besides."""
    written = step(kind, model.model, {key: "", **companions.get(key, {})})
    return shipped().check(written, shipped().settle(written))


def step(kind: str, model: str, keys: Mapping[str, object]) -> Step:
    """A step with these keys: wired fields are wired, others hold the example of their schema."""
    properties = schemas.schema(f"steps/{kind}")["properties"]
    fields = {field.name.partition(".")[0]: field for field in kinds[kind].wires}
    wires = [
        Wire(f"{key}[0]" if fields[key].many else key, fields[key].takes, InputUrl(key, f"https://e.org/{key}"), here)
        for key in keys
        if key in fields
    ]
    own = [key for key in ("prompt", *keys) if key in properties and key not in fields and key not in schemas.common]
    return Step("a", kind, model, here, {key: properties[key]["examples"][0] for key in own}, tuple(wires))
