"""The shipped schemas: whole, true to the tables and classes they describe, and strict once expressions are gone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from kling_pipe import __version__
from kling_pipe.errors import Problem, Severity
from kling_pipe.events import Event, event_format, event_types
from kling_pipe.report.problems import problems_to_json
from kling_pipe.story.foreign import foreign_hint, foreign_keys
from kling_pipe.story.kinds import kinds, later_kinds
from kling_pipe.story.schema import check, parameters, passes, schema_names, schema_text, switches
from kling_pipe.story.step_reading import common_keys
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.span import Span

base = "https://kling-pipe.test/schemas/"
# What is left out of these is not there: no media, no name, no limit. All others say what stands in their place.
nothing_in_their_place = frozenset(
    (
     "access_key", "after", "allowed_folders", "api_key", "as_of", "aspect_ratio", "audio", "base_url", "bgm_prompt",
     "budget", "camera_control", "config", "confirm_above", "credentials", "default", "defaults", "deliver",
     "description", "duration", "dynamic_masks", "each", "elements", "endpoint", "exclude", "executable", "extra",
     "gather", "hosts", "image", "image_reference", "image_tail", "images", "include", "inputs", "keep_original_sound",
     "limits", "media_hosts", "model", "models", "name", "negative_prompt", "output", "parameters", "path",
     "price", "prices", "profiles", "prompt", "provider", "references", "region", "resolution", "run", "scene_image",
     "secret_key", "selections", "session_token", "shots", "sound_effect_prompt", "sound_end_time",
     "static_mask", "step", "style_image", "tags", "take", "text", "timeout", "type", "units_usd", "uploads",
     "url", "user", "variants", "vars", "vary", "video", "voice", "voices", "webhook_secret", "when", "with",
    )
)  # fmt: skip


def schema(name: str) -> Any:
    return json.loads(schema_text(name))


def properties(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every described key of a schema, with its path."""
    if isinstance(node, dict):
        for name, inner in node.get("properties", {}).items():
            yield f"{path}/{name}", inner
        for key, value in node.items():
            yield from properties(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from properties(value, f"{path}/{index}")


def optional(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The keys that may be left out, with their paths."""
    if isinstance(node, dict):
        for name, inner in node.get("properties", {}).items():
            if name not in node.get("required", ()):
                yield f"{path}/{name}", inner
        for key, value in node.items():
            yield from optional(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from optional(value, f"{path}/{index}")


@cache
def all_schemas() -> Registry[Any]:
    """Every shipped schema under the address that the others name it by."""
    return Registry().with_resources(
        (f"{base}{name}.schema.json", Resource.from_contents(schema(name))) for name in schema_names()
    )


def test_there_is_a_schema_for_every_kind_and_every_format() -> None:
    assert sorted(schema_names()) == sorted(
        [
            "storyboard",
            "included",
            "fragment",
            "project",
            "lock",
            "plan",
            "event",
            "envelope",
            *(f"steps/{kind}" for kind in kinds),
        ]
    )


@pytest.mark.parametrize("name", schema_names())
def test_schema_is_2020_12_and_describes_every_key_with_an_example(name: str) -> None:
    whole = schema(name)
    Draft202012Validator.check_schema(whole)
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert whole["title"]
    assert whole["description"]
    told = [(path, key) for path, key in properties(whole) if "/if/" not in path]
    assert [path for path, key in told if not key.get("description")] == []
    assert [path for path, key in told if not key.get("examples")] == []


@pytest.mark.parametrize("name", schema_names())
def test_examples_and_defaults_fit_their_own_key(name: str) -> None:
    whole = schema(name)
    for path, key in properties(whole):
        if "/if/" in path:
            continue
        inner = {"$id": f"{base}{name}.schema.json", "$defs": whole.get("$defs", {}), **key}
        validator = Draft202012Validator(inner, registry=all_schemas())
        for example in [*key.get("examples", ()), *([key["default"]] if "default" in key else [])]:
            assert [error.message for error in validator.iter_errors(example)] == [], path


@pytest.mark.parametrize("name", ["storyboard", "fragment", "project", *(f"steps/{kind}" for kind in kinds)])
def test_what_may_be_left_out_has_a_default_unless_nothing_takes_its_place(name: str) -> None:
    bare = {
        path.rsplit("/", 1)[1]
        for path, key in optional(schema(name))
        if "default" not in key and "const" not in key and "/if/" not in path
    }
    assert sorted(bare - nothing_in_their_place) == []


def test_what_has_no_default_anywhere_is_listed_and_nothing_else() -> None:
    names = ["storyboard", "fragment", "project", *(f"steps/{kind}" for kind in kinds)]
    bare = {
        path.rsplit("/", 1)[1]
        for name in names
        for path, key in optional(schema(name))
        if "default" not in key and "const" not in key and "/if/" not in path
    }
    assert sorted(nothing_in_their_place - bare) == []


def test_the_kinds_of_the_storyboard_schema_are_the_table() -> None:
    step = schema("storyboard")["$defs"]["step"]
    assert step["properties"]["kind"]["enum"] == list(kinds)
    assert step["allOf"] == [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"steps/{kind}.schema.json"},
        }
        for kind in kinds
    ]


@pytest.mark.parametrize("kind", kinds.values(), ids=str)
def test_a_kind_and_its_schema_agree(kind: Any) -> None:
    whole = schema(f"steps/{kind.name}")
    required = {"kind", *kind.required, *(field.name for field in kind.wires if field.required)}
    assert set(whole["required"]) == required
    assert {field.name.partition(".")[0] for field in kind.wires} | set(kind.texts) <= set(parameters(kind.name))
    assert common_keys <= set(parameters(kind.name))


def test_common_keys_are_the_same_in_every_kind() -> None:
    shared = {name: schema(f"steps/{name}")["properties"] for name in kinds}
    for key in common_keys - {"kind", "model"}:
        forms = [properties[key] for name, properties in shared.items() if key not in kinds[name].own]
        assert forms == [forms[0]] * len(forms)


def test_no_foreign_or_later_name_is_also_a_real_one() -> None:
    assert later_kinds & kinds.keys() == set()
    everywhere = set.intersection(*(set(parameters(kind)) for kind in kinds))
    assert everywhere & foreign_keys.keys() == set()


@pytest.mark.parametrize("name", foreign_keys)
def test_a_foreign_name_leads_to_a_key_somewhere_and_never_from_one(name: str) -> None:
    keys = [parameters(kind) for kind in kinds]
    hints = [foreign_hint(name, known) for known in keys if name not in known]
    assert {hint for _, hint in foreign_keys[name]} <= set(hints)


def test_switches_are_found_in_the_schema() -> None:
    assert switches("motion-control") == {"keep_original_sound", "sound", "watermark"}
    assert switches("image-to-video") == {"sound", "watermark"}


def test_editors_let_expressions_through_and_the_reader_does_not() -> None:
    step = {"kind": "text-to-video", "prompt": "x", "duration": "${{ vars.seconds }}", "sound": "on"}
    assert list(Draft202012Validator(schema("steps/text-to-video")).iter_errors(step)) == []
    assert not passes("steps/text-to-video", step)
    assert not passes("steps/text-to-video", {**step, "duration": 5})
    assert passes("steps/text-to-video", {**step, "duration": 5, "sound": True})


def test_all_errors_are_listed_with_their_place() -> None:
    step = {"kind": "text-to-video", "shots": [{"prompt": "x"}, 5], "duration": True, "takes": 0}
    found = check("steps/text-to-video", step, lambda path, aspect: Span(str(path), 1, 1))
    assert sorted((problem.code, str(problem.span and problem.span.path)) for problem in found) == [
        ("missing-key", "('shots', 0)"),
        ("out-of-range", "('takes',)"),
        ("wrong-type", "('duration',)"),
        ("wrong-type", "('shots', 1)"),
    ]


facts = MediaFacts(MediaType.VIDEO, "mp4", 10, 1280, 720, 5.0, 24.0, has_sound=True)


@pytest.mark.parametrize("name", event_types)
def test_every_event_fits_its_schema(name: str) -> None:
    validator = Draft202012Validator(schema("event"))
    kind = event_types[name]
    plain: Event = kind(at=1795252500.5, member="hero")
    rich = kind(**_filled(kind))
    for event in (plain, rich):
        assert list(validator.iter_errors(json.loads(json.dumps(event.to_json())))) == []
    assert list(validator.iter_errors({**plain.to_json(), "stranger": 1})) != []
    assert list(validator.iter_errors({**plain.to_json(), "format": event_format + 1})) != []


def _filled(kind: type[Event]) -> dict[str, Any]:
    samples: dict[str, Any] = {
        "str": "x", "int": 3, "float": 1.5, "bool": True, "tuple[int, ...]": (1, 2),
        "Cost": Cost.from_json({"usd": "0.5", "units": {"video": "3"}}),
        "MediaFacts | None": facts,
    }  # fmt: skip
    return {field.name: samples[str(field.type)] for field in dataclasses.fields(kind)}


def test_the_event_schema_names_every_event() -> None:
    assert [item["$ref"] for item in schema("event")["oneOf"]] == [f"#/$defs/{name}" for name in event_types]


def test_an_envelope_fits_its_schema() -> None:
    problems = [
        Problem("cycle", "steps wait for each other", Span("a.yaml", 3, 5, 2), "unwire one"),
        Problem("no-place", "somewhere", severity=Severity.WARNING),
    ]
    envelope = {
        "kling_pipe": __version__, "format": 1, "command": "validate", "ok": False, "exit_code": 2, "data": {},
        "problems": problems_to_json(problems),
    }  # fmt: skip
    assert list(Draft202012Validator(schema("envelope")).iter_errors(envelope)) == []
