"""Schema errors as sentences with a place, a stable code and a hint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kling_pipe.errors import Problem
from kling_pipe.story.filters import kind_of
from kling_pipe.story.foreign import foreign_hint
from kling_pipe.story.places import Aspect, Path, path_text
from kling_pipe.story.spelling import name_hint, nearest, one_of, shown
from kling_pipe.values.span import Span


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One failed keyword. `found` is the value, `wanted` the keyword's own; `of_name` says that a key is meant."""

    keyword: str
    path: Path
    found: Any
    wanted: Any
    schema: Mapping[str, Any]
    of_name: bool = False
    branches: tuple[tuple[int, SchemaError], ...] = ()  # of `anyOf`: branch number and error

    @property
    def name(self) -> str:
        return path_text(self.path) or "the file"

    @property
    def example(self) -> Any:
        examples = self.schema.get("examples") or ()
        return examples[0] if examples else None


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said of one error; the path is that of the error where it is None."""

    code: str
    message: str
    hint: str = ""
    path: Path | None = None
    aspect: Aspect = Aspect.VALUE


def sentences_of(errors: Iterable[SchemaError]) -> tuple[Sentence, ...]:
    """The errors in words, each with its path."""
    errors = list(errors)
    mistyped = {error.path for error in errors if error.keyword == "type"}
    return tuple(
        replace(said, path=error.path) if said.path is None else said
        for error in errors
        if error.keyword == "type" or error.path not in mistyped  # a wrong type makes its range pointless
        for said in _sentences(error)
    )


def problems_of(sentences: Iterable[Sentence], locate: Callable[[Path, Aspect], Span | None]) -> list[Problem]:
    """The sentences as problems, in the order of the text."""
    problems = [Problem(said.code, said.message, locate(said.path or (), said.aspect), said.hint) for said in sentences]
    problems = list(dict.fromkeys(problems))  # jsonschema tells of each missing key with the whole list of them
    return sorted(problems, key=lambda problem: (problem.span.line, problem.span.column) if problem.span else (0, 0))


def type_problem(name: str, found: object, wanted: str, hint: str = "") -> tuple[str, str, str]:
    """Code, message and hint for a value of a wrong type."""
    value = f" {shown(_literal(found))}" if isinstance(found, str | int | float) else ""
    return "wrong-type", f"`{name}` must be {wanted}, found {kind_of(found)}{value}", hint


def _sentences(error: SchemaError) -> list[Sentence]:
    if error.of_name:
        return [_bad_name(error)]
    return _readers.get(error.keyword, _other)(error)


def _unknown_keys(error: SchemaError) -> list[Sentence]:
    known = tuple(error.schema.get("properties", ()))
    unknown = [key for key in error.found if key not in known and not str(key).startswith("x-")]
    return [_unknown_key(error, str(key), known) for key in unknown]


def _unknown_key(error: SchemaError, key: str, known: Sequence[str]) -> Sentence:
    path = (*error.path, key)
    foreign = foreign_hint(key, known) if "kind" in known else ""
    hint = foreign or name_hint(key, known, one_of(known))
    return Sentence("unknown-key", f"{shown(key)} is not a key here", hint, path, Aspect.KEY)


def _missing(error: SchemaError) -> list[Sentence]:
    missing = [key for key in error.wanted if key not in error.found]
    properties = error.schema.get("properties", {})
    said = []
    for key in missing:
        schema = properties.get(key, {})
        examples = schema.get("examples") or [schema.get("const", "…")]
        within = f" in `{path_text(error.path)}`" if error.path else ""
        wrong = [name for name in error.found if name not in properties and nearest(str(name), [key])]
        hint = f"rename `{wrong[0]}`" if wrong else f"add `{key}: {_literal(examples[0])}`"
        said.append(Sentence("missing-key", f"`{key}` is missing{within}", hint, error.path, Aspect.KEY))
    return said


def _wrong_type(error: SchemaError) -> list[Sentence]:
    wanted = error.wanted if isinstance(error.wanted, list) else [error.wanted]
    words = " or ".join(_type_words[name] for name in wanted)
    return [Sentence(*type_problem(error.name, error.found, words, _type_hint(wanted, error)))]


def _type_hint(wanted: Sequence[str], error: SchemaError) -> str:
    found = error.found
    if isinstance(found, str) and {"number", "integer"} & set(wanted):
        text = found.strip().removesuffix("s").strip()
        if text.replace(".", "", 1).isdecimal():
            return f"write {text}"
    if "boolean" in wanted:
        return "write `true` or `false`"
    if "string" in wanted and isinstance(found, bool | int | float):
        return f'put it into quotes: "{_literal(found)}"'
    if "array" in wanted and not isinstance(found, Mapping):
        return f"write a list: [{_literal(found)}]" if isinstance(found, str | int) else "write a list"
    if found is None:
        return f"write a value, such as `{_literal(error.example)}`" if error.example is not None else "write a value"
    return f"write it like `{_literal(error.example)}`" if error.example is not None else ""


def _not_listed(error: SchemaError) -> list[Sentence]:
    values = [_literal(value) for value in error.wanted]
    message = f"{shown(_literal(error.found))} is not a value of `{error.name}`"
    return [Sentence("unknown-value", message, name_hint(_literal(error.found), values))]


def _not_the_constant(error: SchemaError) -> list[Sentence]:
    wanted = _literal(error.wanted)
    message = f"`{error.name}` must be `{wanted}`, found {shown(_literal(error.found))}"
    guess = isinstance(error.found, str) and isinstance(error.wanted, str) and nearest(error.found, [wanted])
    return [Sentence("unknown-value", message, f"did you mean `{wanted}`?" if guess else f"write `{wanted}`")]


def _bound(words: str) -> Callable[[SchemaError], list[Sentence]]:
    def read(error: SchemaError) -> list[Sentence]:
        message = f"`{error.name}` is {_literal(error.found)}, it must be {words} {_literal(error.wanted)}"
        return [Sentence("out-of-range", message, _range_hint(error.schema))]

    return read


def _range_hint(schema: Mapping[str, Any]) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f"from {_literal(schema['minimum'])} to {_literal(schema['maximum'])}"
    return ""


def _too_long(error: SchemaError) -> list[Sentence]:
    message = f"`{error.name}` has {len(error.found):,} characters, at most {error.wanted:,} are possible"
    return [Sentence("too-long", message, f"remove {len(error.found) - error.wanted:,} characters")]


def _empty(error: SchemaError) -> list[Sentence]:
    example = f", such as `{_literal(error.example)}`" if isinstance(error.example, str) else ""
    return [Sentence("empty-text", f"`{error.name}` is empty", f"write a text{example}, or remove the key")]


def _count(words: str, code: str) -> Callable[[SchemaError], list[Sentence]]:
    def read(error: SchemaError) -> list[Sentence]:
        entries = f"{len(error.found)} {'entry' if len(error.found) == 1 else 'entries'}"
        message = f"`{error.name}` has {entries}, it must have {words} {error.wanted}"

        return [Sentence(code, message, "", None, Aspect.KEY)]

    return read


def _no_match(error: SchemaError) -> list[Sentence]:
    hint = f"write it like `{_literal(error.example)}`" if error.example is not None else ""
    return [Sentence("wrong-form", f"{shown(error.found)} is not a form of `{error.name}`", hint)]


def _bad_name(error: SchemaError) -> Sentence:
    hint = "begin with a letter or `_`, go on with letters, digits, `_` and `-`"
    name = str(error.found)
    return Sentence("bad-name", f"{shown(name)} cannot be a name", hint, (*error.path, name), Aspect.KEY)


def _no_branch(error: SchemaError) -> list[Sentence]:
    """The errors of the branch that the value's type points at; one sentence about types when there is none."""
    branches: list[Mapping[str, Any]] = list(error.wanted)
    for number, branch in enumerate(branches):
        if _is_meant(branch, error.found):
            if "const" in branch:
                return [_not_the_word(error, branch["const"])]
            inner = [found for index, found in error.branches if index == number]
            return [said for found in inner for said in _sentences_within(found, error)]
    hint = f"write it like `{_literal(error.example)}`" if error.example is not None else ""
    return [Sentence(*type_problem(error.name, error.found, _words_of(branches), hint))]


def _not_the_word(error: SchemaError, word: object) -> Sentence:
    """Another text than the only one there may be in place of a number or a list."""
    wanted, found = _literal(word), str(error.found)
    message = f"`{error.name}` must be {_words_of(error.wanted)}, found {shown(found)}"
    if nearest(found, [wanted]):
        return Sentence("unknown-value", message, f"did you mean `{wanted}`?")
    number = any(branch.get("type") == "integer" for branch in error.wanted) and found.strip().isdecimal()
    hint = f"write {found.strip()}" if number else f"write it like `{_literal(error.example)}`, or `{wanted}`"
    return Sentence("unknown-value", message, hint)


def _words_of(branches: Iterable[Mapping[str, Any]]) -> str:
    return " or ".join(dict.fromkeys(_branch_words(branch) for branch in branches))


def _sentences_within(found: SchemaError, holder: SchemaError) -> list[Sentence]:
    """The sentences for an error of a branch, at its own place; the examples stand on the branches' holder."""
    if found.path == holder.path and "examples" in holder.schema:
        found = replace(found, schema={"examples": holder.schema["examples"], **found.schema})
    return [said if said.path is not None else replace(said, path=found.path) for said in _sentences(found)]


def _is_meant(branch: Mapping[str, Any], found: object) -> bool:
    if "const" in branch:
        return kind_of(branch["const"]) == kind_of(found)
    types = branch.get("type")
    if types == "object" and isinstance(found, Mapping) and branch.get("required"):
        return bool(set(branch["properties"]) & set(found)) or not found
    names = types if isinstance(types, list) else [types]
    return any(_kinds_of_types.get(str(name)) == kind_of(found) for name in names)


def _branch_words(branch: Mapping[str, Any]) -> str:
    if "const" in branch:
        return f"`{branch['const']}`"
    bounds = _range_hint(branch)
    words = _type_words.get(str(branch.get("type")), "another value")
    return f"{words} {bounds}" if bounds else words


def _other(error: SchemaError) -> list[Sentence]:
    return [Sentence("wrong-form", f"`{error.name}` does not fit here", "see `kling-pipe schema`")]


def _literal(value: object) -> str:
    """A value as it is written in YAML."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_type_words = {
    "string": "text", "number": "a number", "integer": "a whole number", "boolean": "`true` or `false`",
    "object": "a mapping", "array": "a list", "null": "nothing",
}  # fmt: skip

_kinds_of_types = {**_type_words, "integer": "a number", "boolean": "a switch"}

_readers: Mapping[str, Callable[[SchemaError], list[Sentence]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_listed,
    "const": _not_the_constant,
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "maxLength": _too_long,
    "minLength": _empty,
    "minItems": _count("at least", "too-few"),
    "maxItems": _count("at most", "too-many"),
    "minProperties": _count("at least", "too-few"),
    "pattern": _no_match,
    "anyOf": _no_branch,
}
