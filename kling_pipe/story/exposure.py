"""Finds credentials that stand in a project file, and keeps them out of what is said about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kling_pipe.errors import Problem
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.places import Path

variable_name = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_sources: Mapping[str | int, frozenset[str]] = {  # what may name a credential, by the key it stands under
    "credentials": frozenset({"api_key", "access_key", "secret_key", "user", "webhook_secret"}),
    "uploads": frozenset({"access_key", "secret_key", "session_token"}),
}
# Names that others gave: buckets like `key-visuals-of-spring`, endpoints with an account's number in them; so are
# all under `models`.
_given_names = frozenset({("uploads", "to"), ("uploads", "endpoint")})
# What keys look like: a known beginning, or a long run of letters and digits that no name or path has.
_known_beginning = re.compile(r"\beyJ[A-Za-z0-9_-]{10,}|\bA[KS]IA[A-Z0-9]{12,}")
_key_like = re.compile(r"\b(?:sk|pk|api|key)[-_][A-Za-z0-9_-]{12,}|" + _known_beginning.pattern)
_long_run = re.compile(r"[A-Za-z0-9+=]{20,}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_secret_word = re.compile(r"key|secret|token|passw|credential|authorization|bearer", re.IGNORECASE)
_about_keys = frozenset({"unknown-key", "missing-key", "needs-key", "secret-in-file"})  # these never speak of values


def exposed(node: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all texts that are, or may be, credentials."""
    entries = node.items() if isinstance(node, Mapping) else enumerate(node)
    for key, value in entries:
        inner: Path = (*path, key)
        if isinstance(value, Map | Seq):
            if not _is_source(path, key, value):
                yield from exposed(value, inner)
            elif not _is_good_source(value):
                yield inner
        elif _is_credential(path, key, value):
            yield inner


def within(root: Map, path: Path) -> Iterator[Path]:
    """A path and the paths of everything under it."""
    node: Any = root
    for part in path:
        node = node[part]
    yield path
    if isinstance(node, Map | Seq):
        for key in node if isinstance(node, Map) else range(len(node)):
            yield from within(root, (*path, key))


def guarded(problem: Problem, text: str) -> Problem:
    """The problem, without its line and without the user's words when the line may hold a credential."""
    if problem.span is None:
        return problem
    lines = re.split(r"\r\n|\n|\r", text)
    line = lines[problem.span.line - 1] if problem.span.line <= len(lines) else ""
    if not (_secret_word.search(line) or is_key_like(line)):
        return problem
    said = problem.message + problem.hint
    words = re.findall(r"[^\s`'\"{}\[\],:]{5,}", line.partition(":")[2])
    if is_key_like(said) or (problem.code not in _about_keys and any(word in said for word in words)):
        return replace(problem, message="a value in this line is wrong", hint="", quiet=True)
    return replace(problem, quiet=True)


def is_key_like(text: str) -> bool:
    """Whether a text looks as keys do."""
    if _key_like.search(text):
        return True
    runs = _long_run.findall(text)
    return any(re.search(r"\d", run) and re.search(r"[A-Za-z]", run) and len(set(run)) > 8 for run in runs)


def _is_source(path: Path, key: str | int, value: Map | Seq) -> bool:
    return bool(path) and key in _sources.get(path[-1], ()) and isinstance(value, Map)


def _is_good_source(value: Map | Seq) -> bool:
    assert isinstance(value, Map)
    texts = [text for text in value.values() if text is not None]
    if "env" in value and not (isinstance(value["env"], str) and variable_name.match(value["env"])):
        return False
    return all(isinstance(text, str) and not is_key_like(text) for text in texts)


def _is_credential(path: Path, key: str | int, value: object) -> bool:
    if value is None or isinstance(value, bool):
        return False
    if "credentials" in path:
        return True  # anything but a named source
    text = str(value)
    if isinstance(value, str) and "://" in value and re.search(r"://[^/\s]*@", value):
        return True
    if isinstance(key, str) and _secret_word.search(key) and not isinstance(value, int | float):
        return True
    if path[-1:] == ("models",) or (path[-1:] and (path[-1], key)) in _given_names:
        return bool(_known_beginning.search(text))
    return is_key_like(text)
