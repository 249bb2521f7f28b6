"""The shipped JSON Schemas: their texts, and all problems of a value as sentences; the only door to both validators.

A value is checked by the schema of its own kind, never by `oneOf`, whose errors say nothing. fastjsonschema is the
gate that nearly everything passes; jsonschema is imported only for what does not, to list every error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from kling_pipe.errors import Problem
from kling_pipe.story.places import Aspect, Path
from kling_pipe.story.schema_errors import SchemaError, Sentence, problems_of, sentences_of
from kling_pipe.values.files import data_folder
from kling_pipe.values.span import Span

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Locate = Callable[[Path, Aspect], Span | None]
Gate = tuple[Callable[[object], object], type[Exception]]  # what lets a value through, and how it refuses
_suffix = ".schema.json"


def schema_names() -> tuple[str, ...]:
    """`storyboard`, `included`, `fragment`, `project`, `event`, `envelope`, and `steps/KIND` for every kind."""
    root = data_folder("schemas")
    folders = ((root, ""), (os.path.join(root, "steps"), "steps/"))
    return tuple(
        prefix + file.removesuffix(_suffix)
        for folder, prefix in folders
        for file in sorted(os.listdir(folder))
        if file.endswith(_suffix)
    )


def schema_text(name: str) -> str:
    """A schema as shipped, for editors."""
    with open(os.path.join(data_folder("schemas"), *(name + _suffix).split("/")), encoding="utf-8") as file:
        return file.read()


def check(name: str, value: object, locate: Locate) -> list[Problem]:
    """All problems of a value by a schema's strict form; an empty list nearly always, and then at little cost."""
    return [] if passes(name, value) else problems_of(_sentences(name, value), locate)


def check_part(name: str, value: object, locate: Locate) -> list[Problem]:
    """All problems of a value that may lack keys, such as the defaults of a kind."""
    if isinstance(value, Mapping) and _passes(_gate_for_parts(name, frozenset(value)), value):
        return []
    return [problem for problem in check(name, value, locate) if problem.code != "missing-key"]


def passes(name: str, value: object) -> bool:
    """Whether a value is right by a schema's strict form."""
    return _passes(_gate(name), value)


def _passes(door: Gate, value: object) -> bool:
    gate, refusal = door
    try:
        gate(value)
    except refusal:
        return False
    return True


@cache
def switches(kind: str) -> frozenset[str]:
    """The parameters of a kind that are booleans, where `on`, `off`, `yes` and `no` are accepted too."""
    properties = _strict(f"steps/{kind}")["properties"]
    return frozenset(name for name, schema in properties.items() if schema.get("type") == "boolean")


@cache
def parameters(kind: str) -> tuple[str, ...]:
    """The keys that a step of a kind may have."""
    return tuple(_strict(f"steps/{kind}")["properties"])


@cache
def keys(name: str) -> tuple[str, ...]:
    """The keys that a file of a format may have, such as `storyboard`."""
    return tuple(_strict(name)["properties"])


@cache
def _strict(name: str) -> Any:
    return _without_expressions(json.loads(schema_text(name)), name)


def _without_expressions(schema: Any, name: str) -> Any:
    """The schema for values after evaluation: the first branch of every `anyOf` that ends in an expression.

    Editors see the text before evaluation, so the shipped form lets expressions through. Steps are checked one by one
    by their kinds' schemas, so the storyboard's own strict form does not look into them."""
    if isinstance(schema, list):
        return [_without_expressions(item, name) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("else", {}).get("$ref", "").endswith("#/$defs/step"):
        return {"type": "object"}
    branches = schema.get("anyOf", ())
    if branches and branches[-1] == {"$ref": "#/$defs/expression"}:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        kept = [branch for branch in branches[:-1] if branch != {"enum": ["on", "off", "yes", "no"]}]
        schema = {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
    return {key: _without_expressions(value, name) for key, value in schema.items() if key not in ("$defs", "$schema")}


@cache
def _gate(name: str) -> Gate:
    return _compiled(_strict(name))


@cache
def _gate_for_parts(name: str, keys: frozenset[str]) -> Gate:
    """Knows only the keys that are there: the rest would cost more to compile than all it lets through."""
    schema = {key: value for key, value in _strict(name).items() if key != "required"}
    properties = {key: value for key, value in schema["properties"].items() if key in keys}
    return _compiled({**schema, "properties": properties})


def _compiled(schema: Any) -> Gate:
    import fastjsonschema

    compiled = fastjsonschema.compile(_bare(schema), use_default=False)
    return compiled, fastjsonschema.JsonSchemaException


def _bare(schema: Any) -> Any:
    """The schema without words for people, which the compiler would write into every one of its errors."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _bare(inner) for name, inner in value.items()} if key in _by_name else _bare(value)
        for key, value in schema.items()
        if key not in _words
    }


_words = frozenset({"title", "description", "examples", "default"})
_by_name = frozenset({"properties", "patternProperties"})


def _sentences(name: str, value: object) -> tuple[Sentence, ...]:
    """What is wrong with a value. A mistake of a step is made by each of its members, so it is put into words once for
    the same keys and the same wrong values."""
    schema = _strict(name)
    if not isinstance(value, Mapping) or not schema.keys() <= _of_keys_alone:
        return sentences_of(_errors(name, value))
    wrong = [
        (key, repr(item))
        for key, item in value.items()
        if key in schema["properties"] and not _passes(_gate_of_property(name, key), item)
    ]
    signature = (name, frozenset(value), tuple(wrong))
    if signature not in _said:
        if len(_said) >= _most_remembered:
            _said.clear()
        _said[signature] = sentences_of(_errors(name, value))
    return _said[signature]


# Keywords by which a mapping is right or wrong through its keys, and through each value by itself.
_of_keys_alone = frozenset({
    "title", "description", "type", "required", "additionalProperties", "patternProperties", "properties",
})  # fmt: skip
_most_remembered = 4096
_said: dict[tuple[str, frozenset[str], tuple[tuple[str, str], ...]], tuple[Sentence, ...]] = {}


@cache
def _gate_of_property(name: str, key: str) -> Gate:
    return _compiled(_strict(name)["properties"][key])


def _errors(name: str, value: object) -> list[SchemaError]:
    return [_plain(error) for error in _validator(name).iter_errors(value)]


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_strict(name))


def _plain(error: ValidationError) -> SchemaError:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    return SchemaError(
        keyword=str(error.validator),
        path=tuple(error.absolute_path),
        found=error.instance,
        wanted=error.validator_value,
        schema=schema,
        of_name="propertyNames" in error.relative_schema_path,
        branches=tuple((int(inner.relative_schema_path[0]), _plain(inner)) for inner in error.context or ()),
    )
